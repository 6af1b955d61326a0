// The memory of texts: it gives back what it was given, forgets at its bound, and never takes one text for another.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createDoorkeeper,
  createTextMemo,
  MEMO_CHARS_MAX,
  MEMO_PLACES,
  ownCopy,
} from '#shared/model/text-memo.ts';

test('whatever is remembered, a text gets its own value or none', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    // These differ in single characters only.
    fc.nat(9_999).map((number) => `${'cds: add '.repeat(12)}${number} cluster(s)`),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
      const memo = createTextMemo<string>();
      for (const one of texts) {
        expect([undefined, `of ${one}`]).toContain(memo.get(one));
        memo.set(ownCopy(one), `of ${one}`);
        expect(memo.get(one)).toBe(`of ${one}`);
      }
    }),
  );
});

test('four texts that differ where nobody looks are remembered side by side', () => {
  const memo = createTextMemo<number>();
  const texts = Array.from({ length: 4 }, (_one, index) => `${'x'.repeat(101)}${index}${'y'.repeat(600)}`);
  for (const [index, text] of texts.entries()) memo.set(text, index);
  expect(texts.map((text) => memo.get(text))).toEqual([0, 1, 2, 3]);
});

test('no more texts are remembered than there are places', () => {
  const memo = createTextMemo<number>();
  const texts = Array.from({ length: 4 * MEMO_PLACES }, (_one, index) => `text ${index}`);
  for (const [index, text] of texts.entries()) memo.set(text, index);
  const kept = texts.filter((text) => memo.get(text) !== undefined).length;
  expect(kept).toBeLessThanOrEqual(MEMO_PLACES);
  expect(kept).toBeGreaterThan(MEMO_PLACES / 4);
});

test('a text is worth remembering when it comes the second time, unless it is too long', () => {
  const seen = createDoorkeeper();
  const longest = 'a'.repeat(MEMO_CHARS_MAX);
  expect([seen(longest), seen(longest)]).toEqual([false, true]);
  expect([seen(`${longest}a`), seen(`${longest}a`), seen(`${longest}a`)]).toEqual([false, false, false]);
  expect([seen('closed: 13, '), seen('closed: 14, '), seen('closed: 13, ')]).toEqual([false, false, true]);
});

test('an own copy is the same text', () => {
  for (const text of ['', 'a', 'ü\u{1F600}', 'x'.repeat(2 * MEMO_CHARS_MAX)])
    expect(ownCopy(text)).toBe(text);
});
