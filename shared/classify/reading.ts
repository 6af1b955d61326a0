// A text in, what can be said of it without knowing who wrote it out: the signs and the routine rules that its literals
// allow, what their expressions found once somebody asked, and the last verdict. Remembered by the text, for fleets
// repeat themselves.
import type { Verdict } from '#shared/model/finding.ts';
import type { LogLevel, RecordSource } from '#shared/model/record.ts';
import { createDoorkeeper, ownCopy } from '#shared/model/text-memo.ts';
import type { Found, Pattern, Sign, TextSign } from '#shared/patterns/pattern.ts';
import { compilePrefilter } from './prefilter.ts';
import { ROUTINE_RULES, type RoutineRule } from './routine-rules.ts';

/** Readings of the younger and of the older generation, each. */
const READINGS_MAX = 2_048;

/** A sign whose literals occur in the text. */
export interface Candidate {
  readonly pattern: Pattern;
  readonly sign: TextSign<string>;
  /** What its expression found in the text, null for nothing; undefined until it was tried. */
  tried: Found<string> | null | undefined;
}

/** A verdict, and all that it followed from besides the text. */
export interface LastVerdict {
  readonly level: LogLevel;
  readonly source: RecordSource;
  readonly component: string;
  readonly bare: boolean;
  readonly project: string;
  readonly verdict: Verdict;
}

export interface Reading {
  readonly text: string;
  /** In catalogue order. */
  readonly candidates: readonly Candidate[];
  /** In the order in which they are tried. */
  readonly rules: readonly RoutineRule[];
  /** Whether it is remembered, so that its text may come again. */
  readonly isKept: boolean;
  /** The last verdict on this text; `personal` once one followed from more than a LastVerdict says. */
  last: LastVerdict | 'personal' | undefined;
}

function isText(sign: Sign): sign is TextSign<string> {
  return sign.kind === 'text';
}

/** What the expression of a candidate finds in its own text; tried once only. */
export function foundBy(candidate: Candidate, text: string): Found<string> | undefined {
  if (candidate.tried === undefined) {
    const match = candidate.sign.regexp.exec(text);
    candidate.tried = match === null ? null : (match.groups ?? {});
  }
  return candidate.tried ?? undefined;
}

/** Compiles the literals of the patterns and of the routine rules once; the answer reads one text after the other. */
export function createReader(patterns: readonly Pattern[]): (text: string) => Reading {
  const signs = patterns.flatMap((pattern) =>
    pattern.signs.filter(isText).map((sign) => ({ pattern, sign })),
  );
  const prefilter = compilePrefilter([...signs.map(({ sign }) => sign), ...ROUTINE_RULES]);
  // A Map knows a string that it has met by its address; intake hands on the same string for the same line.
  let readings = new Map<string, Reading>();
  let older = new Map<string, Reading>();
  const seen = createDoorkeeper();

  const read = (text: string, isKept: boolean): Reading => {
    const candidates: Candidate[] = [];
    const rules: RoutineRule[] = [];
    for (const index of prefilter.met(text)) {
      const sign = signs[index];
      const rule = ROUTINE_RULES[index - signs.length];
      if (sign !== undefined) candidates.push({ pattern: sign.pattern, sign: sign.sign, tried: undefined });
      else if (rule !== undefined) rules.push(rule);
    }
    return { text, candidates, rules, isKept, last: undefined };
  };

  const keep = (text: string, reading: Reading): Reading => {
    if (readings.size >= READINGS_MAX) {
      older = readings;
      readings = new Map();
    }
    readings.set(text, reading);
    return reading;
  };

  return (text) => {
    const known = readings.get(text);
    if (known !== undefined) return known;
    const old = older.get(text);
    if (old !== undefined) return keep(text, old);
    if (!seen(text)) return read(text, false);
    const own = ownCopy(text);
    return keep(own, read(own, true));
  };
}
