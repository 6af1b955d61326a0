// Values as bytes whose order is Firestore's order, forwards or backwards: the keys of the indexes.
// In: values and names. Out: bytes, or undefined for a type that is not told apart by its key.
import { numberOf, typeOrder } from './values.ts';
import type { Value } from './proto.ts';

/** 1 = ascending, -1 = descending. */
export type Sign = 1 | -1;

const SECONDS_OFFSET = 1n << 62n;

/** The byte after every key that begins with the same parts. */
export const LAST_BYTE = 0xff;

function directed(bytes: Buffer, sign: Sign): Buffer {
  if (sign === -1) for (const [index, byte] of bytes.entries()) bytes[index] = 0xff - byte;
  return bytes;
}

/** Text that no other text begins with: a zero byte is marked, and the end is less than any byte. */
function textBytes(text: string): Buffer {
  const plain = Buffer.from(text);
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = plain.indexOf(0); at !== -1; at = plain.indexOf(0, from)) {
    parts.push(plain.subarray(from, at), Buffer.of(0, 0xff));
    from = at + 1;
  }
  return Buffer.concat([...parts, plain.subarray(from), Buffer.of(0, 1)]);
}

function numberBytes(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  // NaN comes before all numbers, and 0 is -0.
  if (Number.isNaN(number)) return bytes;
  bytes.writeDoubleBE(number === 0 ? 0 : number);
  if ((bytes[0] ?? 0) < 0x80) bytes[0] = (bytes[0] ?? 0) + 0x80;
  else for (const [index, byte] of bytes.entries()) bytes[index] = 0xff - byte;
  return bytes;
}

function contentBytes(value: Value): Buffer | undefined {
  switch (value.valueType) {
    case 'nullValue':
      return Buffer.alloc(0);
    case 'booleanValue':
      return Buffer.of(value.booleanValue ? 1 : 0);
    case 'integerValue':
    case 'doubleValue':
      return numberBytes(numberOf(value));
    case 'timestampValue': {
      const bytes = Buffer.alloc(12);
      bytes.writeBigUInt64BE(BigInt(value.timestampValue.seconds) + SECONDS_OFFSET);
      bytes.writeUInt32BE(value.timestampValue.nanos, 8);
      return bytes;
    }
    case 'stringValue':
      return textBytes(value.stringValue);
    case 'bytesValue':
    case 'referenceValue':
    case 'geoPointValue':
    case 'arrayValue':
    case 'mapValue':
      return undefined;
  }
}

/** The first byte of every value of this type. */
export function typeByte(value: Value, sign: Sign): number {
  const byte = typeOrder(value) + 1;
  return sign === 1 ? byte : 0xff - byte;
}

/** The key of a value; undefined where its type is not kept in keys, and for numbers that a double may have rounded. */
export function keyOfValue(value: Value, sign: Sign): Buffer | undefined {
  const content = contentBytes(value);
  const size = Math.abs(numberOf(value));
  const isRounded = size >= 2 ** 53 && size !== Number.POSITIVE_INFINITY;
  if (content === undefined || isRounded) return undefined;
  return Buffer.concat([Buffer.of(typeByte(value, sign)), directed(content, sign)]);
}

/** The key of a document's name, segment by segment. */
export function keyOfName(name: string, sign: Sign): Buffer {
  return directed(Buffer.concat(name.split('/').map(textBytes)), sign);
}
