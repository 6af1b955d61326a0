// A text in, what can be said of it without knowing who wrote it out: the signs and the routine rules that its literals
// allow, and, once somebody asked, what their expressions found. Remembered by the text, for fleets repeat themselves.
import type { Finding, Scope, Verdict } from '#shared/model/finding.ts';
import type { LogLevel, LogRecord, RecordSource } from '#shared/model/record.ts';
import { createTextMemo, ownCopy } from '#shared/model/text-memo.ts';
import type { Found, Pattern, Sign, TextSign } from '#shared/patterns/pattern.ts';
import { compilePrefilter } from './prefilter.ts';
import { ROUTINE_RULES, type RoutineRule } from './routine-rules.ts';
import { watch, type Common } from './watch.ts';

/** What `read` came to, and what it may have followed from besides the text. */
interface Judged extends Writer {
  readonly found: Found<string> | undefined;
}

/** What many lines of one text have in common besides it. */
type Writer = Pick<LogRecord, 'level' | 'source' | 'component' | 'bare'>;

/** A sign whose literals occur in the text. */
export interface Candidate {
  readonly pattern: Pattern;
  readonly sign: TextSign<string>;
  /** What its expression found in the text, null for nothing; undefined until it was tried. */
  tried: Found<string> | null | undefined;
  /** How its `read` judged that last; `personal` once it looked at what differs from machine to machine. */
  judged: Judged | 'personal' | undefined;
  /** The last finding that came of it: the next one is likely to be the same. */
  last: LastFinding | undefined;
}

/** A finding, and what it followed from. */
export interface LastFinding {
  readonly found: Found<string>;
  readonly project: string;
  /** True if the scope follows from what was found and from the project. */
  readonly isCommon: boolean;
  readonly scope: Scope;
  readonly finding: Finding;
}

/** A verdict that no pattern had a part in, and what it followed from besides the text. */
export interface PlainVerdict {
  readonly level: LogLevel;
  readonly source: RecordSource;
  readonly component: string;
  readonly project: string;
  readonly verdict: Verdict;
}

export interface Reading {
  readonly text: string;
  /** In catalogue order. */
  readonly candidates: readonly Candidate[];
  /** In the order in which they are tried. */
  readonly rules: readonly RoutineRule[];
  /** The last one that was given on this text. */
  plain: PlainVerdict | undefined;
}

function isText(sign: Sign): sign is TextSign<string> {
  return sign.kind === 'text';
}

/** What lines of one text and one writer share. */
const COMMON: Common = new Set(['text', 'level', 'source', 'component', 'bare']);

/** What `read` makes of what the expression found. Asked once for all lines of one text and one writer, if it can be. */
function judge(candidate: Candidate, record: LogRecord, found: Found<string>): Found<string> | undefined {
  const { sign, judged } = candidate;
  if (sign.read === undefined) return found;
  if (judged === 'personal') return sign.read(record, found);
  const { level, source, component, bare } = record;
  const isKnown =
    judged?.level === level &&
    judged.source === source &&
    judged.component === component &&
    judged.bare === bare;
  if (isKnown) return judged.found;
  const watched = watch(record, COMMON);
  const answer = sign.read(watched.record, found);
  candidate.judged = watched.isPersonal() ? 'personal' : { level, source, component, bare, found: answer };
  return answer;
}

/** What a candidate finds in its own text, written by the writer of `record`; its expression is tried once only. */
export function foundBy(candidate: Candidate, record: LogRecord, text: string): Found<string> | undefined {
  const { sign } = candidate;
  if (sign.sources !== undefined && !sign.sources.includes(record.source)) return undefined;
  if (candidate.tried === undefined) {
    const match = sign.regexp.exec(text);
    candidate.tried = match === null ? null : (match.groups ?? {});
  }
  return candidate.tried === null ? undefined : judge(candidate, record, candidate.tried);
}

/** Compiles the literals of the patterns and of the routine rules once; the answer reads one text after the other. */
export function createReader(patterns: readonly Pattern[]): (text: string) => Reading {
  const signs = patterns.flatMap((pattern) =>
    pattern.signs.filter(isText).map((sign) => ({ pattern, sign })),
  );
  const prefilter = compilePrefilter([...signs.map(({ sign }) => sign), ...ROUTINE_RULES]);
  const memo = createTextMemo<Reading>();

  const read = (text: string): Reading => {
    const candidates: Candidate[] = [];
    const rules: RoutineRule[] = [];
    for (const index of prefilter.met(text)) {
      const sign = signs[index];
      const rule = ROUTINE_RULES[index - signs.length];
      if (sign !== undefined)
        candidates.push({ ...sign, tried: undefined, judged: undefined, last: undefined });
      else if (rule !== undefined) rules.push(rule);
    }
    return { text, candidates, rules, plain: undefined };
  };

  return (text) => {
    const known = memo.get(text);
    if (known !== undefined) return known;
    if (!memo.wants(text)) return read(text);
    const own = ownCopy(text);
    const reading = read(own);
    memo.set(own, reading);
    return reading;
  };
}
