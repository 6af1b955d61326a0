// The hash that ids are made of, held against vectors of another implementation.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hash64, hashHex, hashLines, hex64 } from '#shared/model/hash.ts';

// Made once with PyPI's mmh3: `mmh3.hash64(text.encode('utf-16le'), seed=0, x64arch=False, signed=False)[0]`.
test.for<[text: string, hex: string]>([
  ['', '0000000000000000'],
  ['a', 'ccef4fe1033bb196'],
  ['ab', 'af22b6fd260fb953'],
  ['abc', '20f75fb52b5b97a3'],
  ['abcd', 'e4ec9aa295ef82c7'],
  ['abcde', '6cd4a2054b3605de'],
  ['abcdef', '86f87a04606aa1e0'],
  ['abcdefg', 'f81a9aab851fde5e'],
  ['abcdefgh', '8df898a16c357655'],
  ['abcdefghi', '37eee48617a3d732'],
  ['The quick brown fox jumps over the lazy dog', '0f94f6ca15beb686'],
  [
    'projects/demo-project/logs/service-proxy-agent\n2026-11-01T10:00:00.000000000Z\nabc123',
    'a5a582cd0ab641cc',
  ],
  ['été 中文 \u2028', 'cddc659f2095707c'],
  ['\u{1F600} pair', 'c9675bd6c8fece3a'],
  ['\uD800', 'ee4a80b795bfdb97'],
  ['\0\0\0', '60bde923777fa956'],
  ['x'.repeat(1000), '010a59b6d6f261ee'],
  ['y'.repeat(1023), '4c632121e22942f7'],
  ['y'.repeat(1024), 'eca782724df1b819'],
  ['y'.repeat(1025), 'e7b29eb1c68e1371'],
  ['abc\u4e2d'.repeat(1000), '6278403058d88a68'],
])('hashes %j as other implementations of MurmurHash3 do', ([text, hex]) => {
  expect(hashHex(text)).toBe(hex);
});

test('both halves are unsigned and read as one number, high half first', () => {
  const hash = hash64('abcdefg');
  expect(hash).toEqual({ high: 0xf81a9aab, low: 0x851fde5e });
  expect(hex64(hash)).toBe('f81a9aab851fde5e');
});

test('hashing lines is hashing their text', () => {
  const part = fc.oneof(fc.string(), fc.string({ unit: 'binary', minLength: 300, maxLength: 500 }));
  fc.assert(
    fc.property(part, part, part, (first, second, third) => {
      expect(hashLines(first, second, third)).toEqual(hash64(`${first}\n${second}\n${third}`));
    }),
  );
});
