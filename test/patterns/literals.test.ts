// The law of literals: what a sign or a routine rule accepts, its `contains` lets through.
import { expect, test } from 'vitest';
import { ROUTINE_RULES } from '#shared/classify/routine-rules.ts';
import type { LogRecord } from '#shared/model/record.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import type { TextSign } from '#shared/patterns/pattern.ts';
import { seeded } from '../../infra/local/seeded.ts';
import { recordOf } from '../classify/lines.ts';
import { createMatching } from './matching.ts';

const signs = CATALOGUE.flatMap(({ id, signs: all }) =>
  all.flatMap((sign) =>
    sign.kind === 'text'
      ? [
          {
            name: `${id}/${sign.name}`,
            sign,
            contains: sign.contains,
            regexp: sign.regexp,
            ignoreCase: false,
          },
        ]
      : [],
  ),
);
const rules = ROUTINE_RULES.map((rule, index) => ({
  contains: rule.contains,
  regexp: rule.regexp,
  sign: undefined,
  name: `routine ${index} ${rule.reason}`,
  ignoreCase: rule.ignoreCase ?? false,
}));
/** Signs whose literals are part of what they recognise, not only a short cut to it. */
const GATES = new Set([
  // Its expression takes the whole text, for `read` to judge.
  'agent-failure/own-error',
  // A version number by itself is anybody's: the kind of build or the word `version` makes it Envoy's.
  'envoy-version-unsupported/build-string',
]);
const base = recordOf('nothing', 'agent');

/** Whether the sign still stands after its `read`. */
function isRead({ sources, regexp, read }: TextSign<string>, text: string): boolean {
  const record: LogRecord = {
    ...base,
    text,
    message: text,
    source: sources?.[0] ?? base.source,
    level: 'error',
  };
  return read === undefined || read(record, regexp.exec(text)?.groups ?? {}) !== undefined;
}

const TRIES = 4_000;
const ACCEPTED_MIN = 20;

test.for([...signs, ...rules].filter(({ name }) => !GATES.has(name)))(
  'no text that $name accepts is kept from it by its literals',
  ({ sign, contains, regexp, ignoreCase }) => {
    const random = seeded(11);
    const matching = createMatching(regexp);
    let accepted = 0;
    const blocked = new Set<string>();
    for (let tries = 0; tries < TRIES; tries += 1) {
      const text = matching(random);
      if (text === undefined) continue;
      accepted += 1;
      const searched = ignoreCase ? text.toLowerCase() : text;
      if (contains.length > 0 && !contains.some((literal) => searched.includes(literal)))
        if (sign === undefined || isRead(sign, text)) blocked.add(text);
    }
    expect([...blocked].slice(0, 5)).toEqual([]);
    expect(accepted).toBeGreaterThanOrEqual(ACCEPTED_MIN);
  },
);

test('the maker of texts knows what it makes', () => {
  const random = seeded(3);
  const made = (regexp: RegExp): ReadonlySet<string | undefined> => {
    const matching = createMatching(regexp);
    return new Set(Array.from({ length: 200 }, () => matching(random)));
  };
  expect(made(/^(?:ab|c{2})(?<name>[x-z])?$/)).toEqual(
    new Set(['ab', 'abx', 'aby', 'abz', 'cc', 'ccx', 'ccy', 'ccz']),
  );
  expect(made(/^(?=.{0,300}far)near/).has('nearfar')).toBe(true);
  expect(made(/^(?!a)[ab]$/)).toEqual(new Set([undefined, 'b']));
  expect(made(/^\[\d\]\.$/).has('[7].')).toBe(true);
});
