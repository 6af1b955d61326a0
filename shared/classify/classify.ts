// Record → verdict. Every record gets exactly one: a finding, an unrecognised error, routine noise, or ignored.
// Never throws and never asks anybody: the same record gives the same verdict everywhere.
import { incidentId } from '#shared/incident/key.ts';
import type { Finding, Severity, Verdict } from '#shared/model/finding.ts';
import type { LogLevel, LogRecord } from '#shared/model/record.ts';
import { compact, type Found, type Pattern, type Sign, type TextSign } from '#shared/patterns/pattern.ts';
import { compilePrefilter } from './prefilter.ts';
import { routineAccess, routineReason } from './routine.ts';
import { isInside, saysError } from './says-error.ts';
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

/** What Envoy drops without a word above debug: the text alone says that it was lost. */
const DROPPED =
  /^(?:Creating connection to cluster BlackHoleCluster|closing connection(?: from \S{1,80})?: no matching filter chain found)/;

/** The kernel and programs that have nothing to do with the mesh are no business of ours unless a pattern says so. */
function isForeign(record: LogRecord): boolean {
  return record.source === 'serial-port' && !MESH_PROGRAMS.test(record.component);
}

const MESH_PROGRAMS = /^$|envoy|script|agent|systemd|istio|proxy|google|gce|consul|iptables/i;

/** How bad a line is that no pattern knows; undefined when it is not bad. */
function severityOf(record: LogRecord): Severity | undefined {
  if (DROPPED.test(record.text)) return 'info';
  if (record.level !== 'unknown') return UNRECOGNISED_SEVERITY[record.level];
  return saysError(record.text) ? 'info' : undefined;
}

function ignoredReason(record: LogRecord): string {
  if (record.level !== 'unknown') return 'below-warning';
  return isInside(record.text) ? 'continuation' : 'no-level';
}

function unrecognised(record: LogRecord, severity: Severity): Verdict {
  const shape = shapeOf(record.text);
  if (shape === '') return { kind: 'ignored', reason: 'empty' };
  const scope = compact({ project: record.proxy.project, shape, shapeVersion: SHAPE_VERSION });
  return { kind: 'unrecognised', shape, scope, severity, incidentId: incidentId('unrecognised', scope) };
}

function withoutPattern(record: LogRecord): Verdict {
  if (record.access !== undefined) {
    const reason = routineAccess(record.access);
    return reason === undefined ? unrecognised(record, 'info') : { kind: 'routine', reason };
  }
  if (record.source === 'guest-attributes') return { kind: 'ignored', reason: 'attributes-healthy' };
  const reason = routineReason(record);
  if (reason !== undefined) return { kind: 'routine', reason };
  if (isForeign(record)) return { kind: 'ignored', reason: 'not-the-mesh' };
  const severity = severityOf(record);
  return severity === undefined
    ? { kind: 'ignored', reason: ignoredReason(record) }
    : unrecognised(record, severity);
}
