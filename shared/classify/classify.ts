// Record → verdict. Every record gets exactly one: a finding, an unrecognised error, routine noise, or ignored.
// Never throws and never asks anybody: the same record gives the same verdict everywhere.
import { incidentId } from '#shared/incident/key.ts';
import type { Finding, Severity, Verdict } from '#shared/model/finding.ts';
import type { LogLevel, LogRecord } from '#shared/model/record.ts';
import { compact, type Found, type Pattern, type Sign, type TextSign } from '#shared/patterns/pattern.ts';
import { compilePrefilter } from './prefilter.ts';
import { routineReason } from './routine.ts';
import { SHAPE_VERSION, shapeOf } from './shape.ts';

/** A sign that matched, with what it read. */
export interface Match {
  readonly pattern: Pattern;
  readonly sign: Sign;
  readonly found: Found<string>;
}

export interface Classifier {
  /** The verdict on one record. */
  readonly classify: (record: LogRecord) => Verdict;
  /** Every pattern that recognises the record, the winner first: what `explain` shows. */
  readonly matches: (record: LogRecord) => readonly Match[];
}

/** Components whose messages are written by people's scripts: nothing in them proves anything about Envoy. */
const SCRIPTED = new Set(['lua', 'wasm', 'golang', 'dynamic_modules']);

function tryText(sign: TextSign<string>, record: LogRecord): Found<string> | undefined {
  if (record.source === 'access-log' || SCRIPTED.has(record.component)) return undefined;
  if (sign.sources !== undefined && !sign.sources.includes(record.source)) return undefined;
  const match = sign.regexp.exec(record.text);
  if (match === null) return undefined;
  const found = match.groups ?? {};
  return sign.read === undefined ? found : sign.read(record, found);
}

function tryOther(sign: Sign, record: LogRecord): Found<string> | undefined {
  switch (sign.kind) {
    case 'text':
      return undefined;
    case 'attribute':
      return record.attributes[sign.attribute] === undefined ? undefined : sign.read(record, {});
    case 'access':
      if (record.access === undefined || !sign.matches(record.access)) return undefined;
      return sign.read === undefined ? {} : sign.read(record, {});
  }
}

/** The first matching sign of each pattern, those that others win over moved behind them. */
function rank(matches: readonly Match[]): readonly Match[] {
  if (matches.length < 2) return matches;
  const ids = new Set(matches.map((match) => match.pattern.id));
  const beaten = (match: Match): boolean => match.pattern.yieldsTo.some((id) => ids.has(id));
  return [...matches.filter((match) => !beaten(match)), ...matches.filter(beaten)];
}

function toFinding(match: Match, record: LogRecord): Finding {
  const { pattern, sign, found } = match;
  const scope = compact(pattern.scope(found, record));
  return {
    kind: 'finding',
    pattern: pattern.id,
    sign: sign.name,
    fields: compact(found),
    scope,
    severity: pattern.severity,
    weight: sign.weight ?? 'sure',
    incidentId: incidentId(pattern.id, scope),
  };
}

/** How bad an unrecognised error is: as its writer said, one step down, for nobody knows what it means. */
const UNRECOGNISED_SEVERITY: Readonly<Partial<Record<LogLevel, Severity>>> = {
  critical: 'error',
  error: 'warning',
  warning: 'info',
};

/** Classifies by the given patterns; compile once, use for every record. */
export function createClassifier(patterns: readonly Pattern[]): Classifier {
  const prefilter = compilePrefilter(patterns);
  const others = patterns.flatMap((pattern) =>
    pattern.signs.filter((sign) => sign.kind !== 'text').map((sign) => ({ pattern, sign })),
  );

  const matches = (record: LogRecord): readonly Match[] => {
    const all: Match[] = [];
    const seen = new Set<string>();
    const add = (pattern: Pattern, sign: Sign, found: Found<string> | undefined): void => {
      if (found === undefined || seen.has(pattern.id)) return;
      seen.add(pattern.id);
      all.push({ pattern, sign, found });
    };
    if (record.access !== undefined || Object.keys(record.attributes).length > 0)
      for (const { pattern, sign } of others) add(pattern, sign, tryOther(sign, record));
    for (const { pattern, sign } of prefilter.candidates(record.text))
      if (!seen.has(pattern.id)) add(pattern, sign, tryText(sign, record));
    return rank(all);
  };

  const classify = (record: LogRecord): Verdict => {
    const [best] = matches(record);
    if (best !== undefined) return toFinding(best, record);
    return withoutPattern(record);
  };

  return { classify, matches };
}

function withoutPattern(record: LogRecord): Verdict {
  if (record.access !== undefined) return { kind: 'routine', reason: 'access-log' };
  if (record.source === 'guest-attributes') return { kind: 'ignored', reason: 'attributes-healthy' };
  const reason = routineReason(record);
  if (reason !== undefined) return { kind: 'routine', reason };
  const severity = UNRECOGNISED_SEVERITY[record.level];
  if (severity === undefined)
    return { kind: 'ignored', reason: record.level === 'unknown' ? 'no-level' : 'below-warning' };
  const shape = shapeOf(record.text);
  if (shape === '') return { kind: 'ignored', reason: 'empty' };
  const scope = compact({ project: record.proxy.project, shape, shapeVersion: SHAPE_VERSION });
  return { kind: 'unrecognised', shape, scope, severity, incidentId: incidentId('unrecognised', scope) };
}
