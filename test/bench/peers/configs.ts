// The catalogue in the forms of the tools that people would use instead: the same literals, each tool's own way.
// In: patterns. Out: the text of ripgrep's list, syslog-ng's pattern database and liblognorm's rule base.
import type { Pattern } from '#shared/patterns/pattern.ts';

export interface Literal {
  readonly pattern: string;
  readonly text: string;
}

/** Shorter ones say too little to name a failure by. */
const LITERAL_CHARS_MIN = 12;

/** The parts of what a sign's expression took that no field took: the words of the program that wrote the line. */
function wordsOf(taken: string, fields: Readonly<Record<string, string | undefined>>): readonly string[] {
  let rest = [taken];
  for (const value of Object.values(fields))
    if (value !== undefined && value !== '') rest = rest.flatMap((part) => part.split(value));
  return rest.flatMap((part) => part.split(/\d+|["']/)).map((part) => part.trim());
}

/**
 * From every sample that a sign takes, the longest run of words in it: the literal that somebody would choose who writes
 * rules for another tool by looking at these lines. The longest first, because the more telling one is tried first.
 */
export function literalsOf(
  patterns: readonly Pattern[],
  samples: readonly { readonly text: string; readonly label: string }[],
): readonly Literal[] {
  const seen = new Set<string>();
  return samples
    .flatMap(({ text, label }) =>
      (patterns.find(({ id }) => id === label)?.signs ?? []).flatMap((sign) => {
        const taken = sign.kind === 'text' ? sign.regexp.exec(text) : null;
        if (taken === null) return [];
        const [longest] = wordsOf(taken[0], taken.groups ?? {}).toSorted((a, b) => b.length - a.length);
        return longest === undefined || longest.length < LITERAL_CHARS_MIN
          ? []
          : [{ pattern: label, text: longest }];
      }),
    )
    .filter(({ text }) => !seen.has(text) && seen.add(text).size > 0)
    .toSorted((a, b) => b.text.length - a.text.length || (a.text < b.text ? -1 : 1));
}

/** One literal a line, for `rg --fixed-strings --file`: ripgrep makes one automaton of them. */
export const ripgrepList = (literals: readonly Literal[]): string =>
  literals.map(({ text }) => `${text}\n`).join('');

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** `@` begins a parser there and is doubled; the stop string of ESTRING ends at a colon or `@`, so those cut it short. */
const stopString = (text: string): string => text.replace(/[:@].*$/, '');

const STOP_CHARS_MIN = 6;

/** A pattern database of syslog-ng 3: one rule a literal, found anywhere in the line by ESTRING's stop string. */
export function patternDatabase(literals: readonly Literal[]): string {
  const rules = literals.flatMap(({ pattern, text }, index) => {
    const stop = stopString(text);
    if (stop.length < STOP_CHARS_MIN) return [];
    return [
      `<rule provider="mesh-triage" id="${pattern}-${index}" class="${pattern}">`,
      `<patterns><pattern>${xml(`@ESTRING:before:${stop}@@ANYSTRING:after@`)}</pattern></patterns>`,
      '</rule>',
    ];
  });
  return [
    "<patterndb version='4' pub_date='2026-11-22'>",
    `<ruleset name="envoy" id="envoy"><pattern>envoy</pattern><rules>`,
    ...rules,
    '</rules></ruleset></patterndb>\n',
  ].join('\n');
}

/** A rule base of liblognorm 2: one rule a literal, its tag the pattern. */
export function ruleBase(literals: readonly Literal[]): string {
  const rules = literals.map(({ pattern, text }) => {
    const until = JSON.stringify({ name: 'before', type: 'string-to', extradata: text });
    // A per cent sign begins a parser in the literal part of a rule.
    return `rule=${pattern}:%${until}%${text.replaceAll('%', '%%')}%after:rest%\n`;
  });
  return `version=2\n${rules.join('')}`;
}
