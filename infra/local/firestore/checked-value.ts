// Values as clients send them, turned into values as documents keep them, and their size by Firestore's rules.
// Refuses what Firestore does not store; never changes its input.
import { isReservedField, nameBytes } from './document-name.ts';
import { invalidArgument, unimplemented } from './firestore-error.ts';
import type { Fields, Value } from './proto.ts';

/** The largest document, by Firestore's own way of counting. */
const DOCUMENT_BYTES_MAX = 1_048_576;

const DOCUMENT_OVERHEAD_BYTES = 32;
const VECTOR_FIELD = '__type__';

/** A value fit for storing: times cut to microseconds, bytes copied out of the request. */
export function checkedValue(value: Value): Value {
  switch (value.valueType) {
    case 'nullValue':
    case 'booleanValue':
    case 'integerValue':
    case 'doubleValue':
    case 'stringValue':
    case 'referenceValue':
    case 'geoPointValue':
      return value;
    case 'timestampValue': {
      const { seconds, nanos } = value.timestampValue;
      return {
        valueType: 'timestampValue',
        timestampValue: { seconds, nanos: nanos - (nanos % 1000) },
      };
    }
    case 'bytesValue':
      return { valueType: 'bytesValue', bytesValue: Buffer.from(value.bytesValue) };
    case 'arrayValue':
      return {
        valueType: 'arrayValue',
        arrayValue: { values: value.arrayValue.values.map(checkedElement) },
      };
    case 'mapValue':
      return { valueType: 'mapValue', mapValue: { fields: checkedFields(value.mapValue.fields) } };
  }
  // The wire knows kinds of values that belong to pipelines, and values without any kind.
  throw unimplemented(`values of the kind ${String(Reflect.get(value, 'valueType'))}`);
}

function checkedElement(value: Value): Value {
  if (value.valueType === 'arrayValue') {
    throw invalidArgument('Cannot convert an array value in an array value.');
  }
  return checkedValue(value);
}

/** Fields fit for storing; see `checkedValue`. */
export function checkedFields(fields: Fields): Fields {
  const isVector = Object.hasOwn(fields, VECTOR_FIELD);
  const checked: Record<string, Value> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (isReservedField(name) && !isVector) throw invalidArgument(`field name ${name} is reserved`);
    checked[name] = checkedValue(value);
  }
  return checked;
}

/** Throws INVALID_ARGUMENT where a document is bigger than Firestore takes. */
export function checkDocumentSize(name: string, fields: Fields): void {
  const bytes = nameBytes(name) + fieldsBytes(fields) + DOCUMENT_OVERHEAD_BYTES;
  if (bytes <= DOCUMENT_BYTES_MAX) return;
  const [size, limit] = [bytes, DOCUMENT_BYTES_MAX].map((count) => count.toLocaleString('en-US'));
  throw invalidArgument(
    `Document '${name}' cannot be written because its size (${size} bytes) exceeds the maximum allowed size of ${limit} bytes.`,
  );
}

function fieldsBytes(fields: Fields): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(fields)) {
    bytes += Buffer.byteLength(name) + 1 + valueBytes(value);
  }
  return bytes;
}

function valueBytes(value: Value): number {
  switch (value.valueType) {
    case 'nullValue':
    case 'booleanValue':
      return 1;
    case 'integerValue':
    case 'doubleValue':
    case 'timestampValue':
      return 8;
    case 'stringValue':
      return Buffer.byteLength(value.stringValue) + 1;
    case 'bytesValue':
      return value.bytesValue.length;
    case 'referenceValue':
      return nameBytes(value.referenceValue);
    case 'geoPointValue':
      return 16;
    case 'arrayValue':
      return value.arrayValue.values.reduce((bytes, element) => bytes + valueBytes(element), 0);
    case 'mapValue':
      return fieldsBytes(value.mapValue.fields);
  }
}
