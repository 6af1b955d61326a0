// Record → verdict. Every record gets exactly one: a finding, an unrecognised error, routine noise, or ignored.
// Never throws and never asks anybody: the same record gives the same verdict everywhere.
import { incidentId } from '#shared/incident/key.ts';
import type { Finding, Severity, Verdict } from '#shared/model/finding.ts';
import type { LogLevel, LogRecord } from '#shared/model/record.ts';
import { compact, type Found, type Pattern, type Sign } from '#shared/patterns/pattern.ts';
import { createReader, foundBy, type Candidate, type LastVerdict, type Reading } from './reading.ts';
import { isQuiet, routineAccess, routineReason } from './routine.ts';
import { isInside, saysError } from './says-error.ts';
import { SHAPE_VERSION, shapeOf } from './shape.ts';
import { watch } from './watch.ts';

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

function toFinding({ pattern, sign, found }: Match, record: LogRecord): Finding {
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

function tryText(candidate: Candidate, text: string, record: LogRecord): Found<string> | undefined {
  const { sign } = candidate;
  if (sign.sources !== undefined && !sign.sources.includes(record.source)) return undefined;
  const found = foundBy(candidate, text);
  return found === undefined || sign.read === undefined ? found : sign.read(record, found);
}

function hasAny(attributes: LogRecord['attributes']): boolean {
  for (const name in attributes) if (name !== '') return true;
  return false;
}

/** Whether the last verdict on the text of `record` is the verdict on `record` too. */
function isSettled(last: LastVerdict, record: LogRecord): boolean {
  return (
    last.level === record.level &&
    last.source === record.source &&
    last.component === record.component &&
    last.bare === record.bare &&
    last.project === record.proxy.project
  );
}

/** Classifies by the given patterns; compile once, use for every record. */
export function createClassifier(patterns: readonly Pattern[]): Classifier {
  const read = createReader(patterns);
  const others = patterns.flatMap((pattern) =>
    pattern.signs.filter((sign) => sign.kind !== 'text').map((sign) => ({ pattern, sign })),
  );

  const matchesOf = (record: LogRecord, { candidates, text }: Reading): readonly Match[] => {
    const all: Match[] = [];
    const isNew = (pattern: Pattern): boolean => all.every((match) => match.pattern !== pattern);
    if (record.access !== undefined || hasAny(record.attributes))
      for (const { pattern, sign } of others) {
        const found = isNew(pattern) ? tryOther(sign, record) : undefined;
        if (found !== undefined) all.push({ pattern, sign, found });
      }
    if (candidates.length === 0 || record.source === 'access-log' || SCRIPTED.has(record.component))
      return rank(all);
    for (const candidate of candidates) {
      const { pattern, sign } = candidate;
      const found = isNew(pattern) ? tryText(candidate, text, record) : undefined;
      if (found !== undefined) all.push({ pattern, sign, found });
    }
    return rank(all);
  };

  const judge = (record: LogRecord, reading: Reading): Verdict => {
    const [best] = matchesOf(record, reading);
    return best === undefined ? withoutPattern(record, reading) : toFinding(best, record);
  };

  const classify = (record: LogRecord): Verdict => {
    const reading = read(record.text);
    const { last, isKept } = reading;
    // Access logs and attributes say more than their text.
    if (!isKept || last === 'personal' || record.access !== undefined || hasAny(record.attributes))
      return judge(record, reading);
    if (last !== undefined && isSettled(last, record)) return last.verdict;
    const watched = watch(record);
    const verdict = judge(watched.record, reading);
    const { level, source, component, bare, proxy } = record;
    reading.last = watched.isPersonal()
      ? 'personal'
      : { level, source, component, bare, project: proxy.project, verdict };
    return verdict;
  };

  return { classify, matches: (record) => matchesOf(record, read(record.text)) };
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

function withoutPattern(record: LogRecord, { rules }: Reading): Verdict {
  if (record.access !== undefined) {
    const reason = routineAccess(record.access);
    return reason === undefined ? unrecognised(record, 'info') : { kind: 'routine', reason };
  }
  if (record.source === 'guest-attributes') return { kind: 'ignored', reason: 'attributes-healthy' };
  const reason = routineReason(record.text, rules, isQuiet(record.level));
  if (reason !== undefined) return { kind: 'routine', reason };
  if (isForeign(record)) return { kind: 'ignored', reason: 'not-the-mesh' };
  const severity = severityOf(record);
  return severity === undefined
    ? { kind: 'ignored', reason: ignoredReason(record) }
    : unrecognised(record, severity);
}
