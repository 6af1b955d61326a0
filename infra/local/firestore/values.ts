// Firestore's total order over values of all types, and its two notions of equality.
// Values come in as decoded messages; nothing is changed.
import type { Fields, Timestamp, Value } from './proto.ts';

const VECTOR_TYPE = '__vector__';

/** The field of a map, if the map has it; names such as `constructor` are names like any other. */
export function fieldOf(fields: Fields, name: string): Value | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The place of a value's type in the order of types; integers and doubles share one. */
export function typeOrder(value: Value): number {
  switch (value.valueType) {
    case 'nullValue':
      return 0;
    case 'booleanValue':
      return 1;
    case 'integerValue':
    case 'doubleValue':
      return 2;
    case 'timestampValue':
      return 3;
    case 'stringValue':
      return 4;
    case 'bytesValue':
      return 5;
    case 'referenceValue':
      return 6;
    case 'geoPointValue':
      return 7;
    case 'arrayValue':
      return 8;
    case 'mapValue':
      return vectorOf(value.mapValue.fields) === undefined ? 10 : 9;
  }
}

function vectorOf(fields: Fields): readonly Value[] | undefined {
  const type = fieldOf(fields, '__type__');
  if (type?.valueType !== 'stringValue' || type.stringValue !== VECTOR_TYPE) return undefined;
  const value = fieldOf(fields, 'value');
  return value?.valueType === 'arrayValue' ? value.arrayValue.values : undefined;
}

/** Compares text by its UTF-8 bytes: negative, zero or positive. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = utf8Rank(left.charCodeAt(index)) - utf8Rank(right.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** UTF-16 code units in the order of UTF-8: the halves of a surrogate pair come after all others. */
function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

const NUMERIC_ID = /^__id(-?\d+)__$/;

function compareSegment(left: string, right: string): number {
  const leftNumber = NUMERIC_ID.exec(left)?.[1];
  const rightNumber = NUMERIC_ID.exec(right)?.[1];
  if (leftNumber === undefined && rightNumber === undefined) return compareText(left, right);
  if (leftNumber === undefined) return 1;
  if (rightNumber === undefined) return -1;
  const difference = BigInt(leftNumber) - BigInt(rightNumber);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** Compares two document names segment by segment; numeric ids come before all others. */
export function compareNames(left: string, right: string): number {
  if (left === right) return 0;
  if (left.includes('/__id') || right.includes('/__id')) {
    const leftParts = left.split('/');
    const rightParts = right.split('/');
    for (const [index, part] of leftParts.entries()) {
      const other = rightParts[index];
      if (other === undefined) return 1;
      const difference = compareSegment(part, other);
      if (difference !== 0) return difference;
    }
    return -1;
  }
  const length = Math.min(left.length, right.length);
  let index = 0;
  while (index < length && left.charCodeAt(index) === right.charCodeAt(index)) index += 1;
  return segmentRank(left, index) - segmentRank(right, index);
}

/** A segment's end sorts before every character. */
function segmentRank(name: string, index: number): number {
  if (index >= name.length) return -2;
  const unit = name.charCodeAt(index);
  return unit === 0x2f ? -1 : utf8Rank(unit);
}

/** Compares two points in time. */
function compareTimestamps(left: Timestamp, right: Timestamp): number {
  return Number(left.seconds) - Number(right.seconds) || left.nanos - right.nanos;
}

function compareDoubles(left: number, right: number): number {
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : -1;
  if (Number.isNaN(right)) return 1;
  return left < right ? -1 : Number(left > right);
}

/** Compares numbers of both kinds without losing bits of big integers. */
function compareNumbers(left: Value, right: Value): number {
  const leftNumber = numberOf(left);
  const rightNumber = numberOf(right);
  const bothInexact = Math.abs(leftNumber) >= 2 ** 53 && Math.abs(rightNumber) >= 2 ** 53;
  if (!bothInexact || !Number.isFinite(leftNumber) || !Number.isFinite(rightNumber)) {
    return compareDoubles(leftNumber, rightNumber);
  }
  const difference = exactOf(left) - exactOf(right);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** The double nearest to a number value; NaN for anything that is not a number. */
export function numberOf(value: Value): number {
  if (value.valueType === 'doubleValue') return value.doubleValue;
  return value.valueType === 'integerValue' ? Number(value.integerValue) : Number.NaN;
}

function exactOf(value: Value): bigint {
  return BigInt(value.valueType === 'integerValue' ? value.integerValue : numberOf(value));
}

function compareLists(left: readonly Value[], right: readonly Value[]): number {
  for (const [index, value] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const difference = compareValues(value, other);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareMaps(left: Fields, right: Fields): number {
  const leftVector = vectorOf(left);
  const rightVector = vectorOf(right);
  if (leftVector !== undefined && rightVector !== undefined) {
    return leftVector.length - rightVector.length || compareLists(leftVector, rightVector);
  }
  const rightEntries = Object.entries(right).sort(([one], [two]) => compareText(one, two));
  const leftEntries = Object.entries(left).sort(([one], [two]) => compareText(one, two));
  for (const [index, [name, value]] of leftEntries.entries()) {
    const other = rightEntries[index];
    if (other === undefined) return 1;
    const difference = compareText(name, other[0]) || compareValues(value, other[1]);
    if (difference !== 0) return difference;
  }
  return leftEntries.length - rightEntries.length;
}

/** Firestore's order: negative, zero or positive; 3 and 3.0 are equal, NaN equals NaN. */
export function compareValues(left: Value, right: Value): number {
  const types = typeOrder(left) - typeOrder(right);
  if (types !== 0) return types;
  switch (left.valueType) {
    case 'nullValue':
      return 0;
    case 'booleanValue':
      return right.valueType === 'booleanValue' ? Number(left.booleanValue) - Number(right.booleanValue) : 0;
    case 'integerValue':
    case 'doubleValue':
      return compareNumbers(left, right);
    case 'timestampValue':
      return right.valueType === 'timestampValue'
        ? compareTimestamps(left.timestampValue, right.timestampValue)
        : 0;
    case 'stringValue':
      return right.valueType === 'stringValue' ? compareText(left.stringValue, right.stringValue) : 0;
    case 'bytesValue':
      return right.valueType === 'bytesValue' ? Buffer.compare(left.bytesValue, right.bytesValue) : 0;
    case 'referenceValue':
      return right.valueType === 'referenceValue'
        ? compareNames(left.referenceValue, right.referenceValue)
        : 0;
    case 'geoPointValue':
      return right.valueType === 'geoPointValue'
        ? compareDoubles(left.geoPointValue.latitude, right.geoPointValue.latitude) ||
            compareDoubles(left.geoPointValue.longitude, right.geoPointValue.longitude)
        : 0;
    case 'arrayValue':
      return right.valueType === 'arrayValue'
        ? compareLists(left.arrayValue.values, right.arrayValue.values)
        : 0;
    case 'mapValue':
      return right.valueType === 'mapValue' ? compareMaps(left.mapValue.fields, right.mapValue.fields) : 0;
  }
}

/** Whether two values are equal to a query: 3 equals 3.0. */
export function equalValues(left: Value, right: Value): boolean {
  if (left.valueType === 'stringValue' && right.valueType === 'stringValue') {
    return left.stringValue === right.stringValue;
  }
  return compareValues(left, right) === 0;
}

/** Whether two values are the same to the last bit: 3 is not 3.0, and 0 is not -0. */
function sameValue(left: Value, right: Value): boolean {
  if (left.valueType !== right.valueType) return false;
  if (left.valueType === 'doubleValue' && right.valueType === 'doubleValue') {
    return Object.is(left.doubleValue, right.doubleValue);
  }
  if (left.valueType === 'arrayValue' && right.valueType === 'arrayValue') {
    const others = right.arrayValue.values;
    return (
      left.arrayValue.values.length === others.length &&
      left.arrayValue.values.every((value, index) => {
        const other = others[index];
        return other !== undefined && sameValue(value, other);
      })
    );
  }
  if (left.valueType === 'mapValue' && right.valueType === 'mapValue') {
    return sameFields(left.mapValue.fields, right.mapValue.fields);
  }
  return compareValues(left, right) === 0;
}

/** Whether two documents hold the same values under the same names. */
export function sameFields(left: Fields, right: Fields): boolean {
  if (left === right) return true;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => {
      const one = fieldOf(left, name);
      const two = fieldOf(right, name);
      return one !== undefined && two !== undefined && sameValue(one, two);
    })
  );
}
