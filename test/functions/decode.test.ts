// The decoder of pushes: as strict as the two alphabets and UTF-8 are, however it decides.
import { Buffer, isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode } from '../../functions/adapters/decode.ts';

/** What must come out, told character by character. */
function expected(base64: string): ReturnType<typeof decode> {
  if (!/^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/.test(base64)) return { kind: 'not-base64' };
  const bytes = Buffer.from(base64, 'base64');
  return isUtf8(bytes) ? { kind: 'text', text: bytes.toString('utf8') } : { kind: 'not-utf8' };
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((one) => Buffer.from(one)),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text, 'utf8')),
);
const encoded = bytes.chain((one) =>
  fc.constantFrom(
    one.toString('base64'),
    one.toString('base64url'),
    one.toString('base64').replace(/=+$/, ''),
  ),
);
const stray = fc.constantFrom(
  '=',
  '-',
  '_',
  '+',
  '/',
  ' ',
  '\n',
  '\0',
  'A',
  'Q',
  '9',
  'é',
  '\u0141',
  '\u{1F600}',
);
const spoiled = fc
  .tuple(encoded, fc.nat(), fc.array(stray, { maxLength: 4 }), fc.nat(2))
  .map(([text, place, strays, dropped]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + strays.join('') + text.slice(at + dropped);
  });

test('any text is decoded exactly when it is base64 of either alphabet that holds UTF-8', () => {
  fc.assert(
    fc.property(fc.oneof(encoded, spoiled, fc.string({ unit: 'binary', maxLength: 12 })), (text) => {
      expect(decode(text)).toEqual(expected(text));
    }),
    { numRuns: 20_000 },
  );
});

test.for([
  ['', 'text'],
  ['QUJD', 'text'],
  ['QUI=', 'text'],
  ['QUI', 'text'],
  ['QUJDR', 'text'],
  ['QU=D', 'not-base64'],
  ['QQ===', 'not-base64'],
  ['QUJD\n', 'not-base64'],
  ['QUJDQUJDQUI\n', 'not-base64'],
  ['+-AA', 'not-base64'],
  ['\u0141\u0141\u0141\u0141', 'not-base64'],
  ['w6k=', 'text'],
  ['wyg=', 'not-utf8'],
  ['77-9', 'text'],
] as const)('«%s» is %s', ([base64, kind]) => {
  expect(decode(base64).kind).toBe(kind);
});

test('an entry longer than the memory that is kept for decoding comes out whole', () => {
  for (const chars of [49_000, 49_151, 49_152, 49_153, 200_000]) {
    const text = 'é'.repeat(Math.floor(chars / 2)) + '!'.repeat(chars % 2);
    expect(decode(Buffer.from(text).toString('base64'))).toEqual({ kind: 'text', text });
  }
});
