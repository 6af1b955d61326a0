// Record → verdict. Every record gets exactly one: a finding, an unrecognised error, routine noise, or ignored.
// Never throws and never asks anybody: the same record gives the same verdict everywhere.
import { incidentId } from '#shared/incident/key.ts';
import type { Finding, Scope, Severity, Verdict } from '#shared/model/finding.ts';
import type { LogLevel, LogRecord } from '#shared/model/record.ts';
import { compact, type Found, type Pattern, type Sign } from '#shared/patterns/pattern.ts';
import { createReader, foundBy, type Candidate, type Reading } from './reading.ts';
import { isQuiet, routineAccess, routineReason } from './routine.ts';
import { isInside, saysError } from './says-error.ts';
import { SHAPE_VERSION, shapeOf } from './shape.ts';
import { watch, type Common } from './watch.ts';

/** A sign that matched, with what it read. */
export interface Match {
  readonly pattern: Pattern;
  readonly sign: Sign;
  readonly found: Found<string>;
  /** Where the sign is one of the text. */
  readonly candidate?: Candidate;
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

function isSame(some: Found<string>, others: Found<string>): boolean {
  if (some === others) return true;
  for (const name in some) if (some[name] !== others[name]) return false;
  for (const name in others) if (some[name] === undefined && others[name] !== undefined) return false;
  return true;
}

function makeFinding({ pattern, sign, found }: Match, scope: Scope): Finding {
  const kept = compact(scope);
  return {
    kind: 'finding',
    pattern: pattern.id,
    sign: sign.name,
    fields: compact(found),
    scope: kept,
    severity: pattern.severity,
    weight: sign.weight ?? 'sure',
    incidentId: incidentId(pattern.id, kept),
  };
}

/** What lines share of which the same was found in the same project. */
const COMMON: Common = new Set(['text', 'project']);

function toFinding(match: Match, record: LogRecord): Finding {
  const { pattern, found, candidate } = match;
  if (candidate === undefined) return makeFinding(match, pattern.scope(found, record));
  const { last } = candidate;
  const { project } = record.proxy;
  // The same line of another machine of the fleet: nothing of it need be told, nor its incident's id hashed, again.
  if (last?.isCommon === true && last.found === found && last.project === project) return last.finding;
  const watched = watch(record, COMMON);
  const scope = pattern.scope(found, last?.isCommon === false ? record : watched.record);
  if (last !== undefined && isSame(last.scope, scope) && isSame(last.found, found)) return last.finding;
  const finding = makeFinding(match, scope);
  const isCommon = last?.isCommon !== false && !watched.isPersonal();
  candidate.last = { found, project, isCommon, scope, finding };
  return finding;
}

/** How bad an unrecognised error is: as its writer said, one step down, for nobody knows what it means. */
const UNRECOGNISED_SEVERITY: Readonly<Partial<Record<LogLevel, Severity>>> = {
  critical: 'error',
  error: 'warning',
  warning: 'info',
};

function hasAny(attributes: LogRecord['attributes']): boolean {
  for (const name in attributes) if (name !== '') return true;
  return false;
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
      const found = isNew(pattern) ? foundBy(candidate, record, text) : undefined;
      if (found !== undefined) all.push({ pattern, sign, found, candidate });
    }
    return rank(all);
  };

  const classify = (record: LogRecord): Verdict => {
    const reading = read(record.text);
    const [best] = matchesOf(record, reading);
    return best === undefined ? withoutPattern(record, reading) : toFinding(best, record);
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

function judge(record: LogRecord, { rules }: Reading): Verdict {
  const reason = routineReason(record.text, rules, isQuiet(record.level));
  if (reason !== undefined) return { kind: 'routine', reason };
  if (isForeign(record)) return { kind: 'ignored', reason: 'not-the-mesh' };
  const severity = severityOf(record);
  return severity === undefined
    ? { kind: 'ignored', reason: ignoredReason(record) }
    : unrecognised(record, severity);
}

function withoutPattern(record: LogRecord, reading: Reading): Verdict {
  if (record.access !== undefined) {
    const reason = routineAccess(record.access);
    return reason === undefined ? unrecognised(record, 'info') : { kind: 'routine', reason };
  }
  if (record.source === 'guest-attributes') return { kind: 'ignored', reason: 'attributes-healthy' };
  const { level, source, component, proxy } = record;
  const last = reading.plain;
  const isKnown =
    last?.level === level &&
    last.source === source &&
    last.component === component &&
    last.project === proxy.project;
  if (isKnown) return last.verdict;
  const verdict = judge(record, reading);
  reading.plain = { level, source, component, project: proxy.project, verdict };
  return verdict;
}
