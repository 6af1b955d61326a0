// The prefilter: exactly the signs whose literals occur, whatever the text.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePrefilter } from '#shared/classify/prefilter.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';

const prefilter = compilePrefilter(CATALOGUE);
const signs = CATALOGUE.flatMap((pattern) =>
  pattern.signs.flatMap((sign) => (sign.kind === 'text' ? [{ pattern, sign }] : [])),
);
const literals = [...new Set(signs.flatMap(({ sign }) => sign.contains))];

test('the signs found are those of which a literal occurs in the text', () => {
  const part = fc.oneof(
    fc.constantFrom(...literals),
    fc.constantFrom(...literals).chain((literal) => fc.nat(literal.length).map((cut) => literal.slice(cut))),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      const wanted = signs.filter(({ sign }) => sign.contains.some((literal) => text.includes(literal)));
      expect(prefilter.candidates(text)).toEqual(wanted);
    }),
    { numRuns: 2_000 },
  );
});

test.for(['', 'a', 'ab'])('a text of fewer than three characters («%s») has no candidates', (text) => {
  expect(prefilter.candidates(text)).toEqual([]);
});
