// Findings of one batch → sightings: one per incident, one ledger per project for what was held back.
// Counts nothing away: every item's id is in exactly one slice of exactly one sighting.
import { ledgerId } from '#shared/incident/key.ts';
import type { Fields, Scope, Severity, Verdict } from '#shared/model/finding.ts';
import { hash64, hex64 } from '#shared/model/hash.ts';
import type { LogRecord, Unreadable } from '#shared/model/record.ts';
import {
  keepProxies,
  keepSamples,
  type IdSlice,
  type NamedProxy,
  type Sample,
  type Sighting,
  type SightingKind,
} from '#shared/model/sighting.ts';

/** One classified entry, or one message that could not be read. */
export type TallyItem =
  | {
      readonly kind: 'record';
      readonly record: LogRecord;
      readonly verdict: Verdict;
      /** It comes from a backfill that nobody is to be told of. */
      readonly quiet?: true;
    }
  | { readonly kind: 'unreadable'; readonly unreadable: Unreadable };

/** A sample's line longer than this is cut: it is proof, not an archive. */
export const SAMPLE_CHARS_MAX = 2_000;

interface Draft {
  readonly kind: SightingKind;
  readonly target: string;
  readonly pattern: string;
  readonly scope: Scope;
  readonly quiet: boolean;
  severity: Severity;
  fields: Fields;
  fieldsTimeMs: number;
  readonly projects: Set<string>;
  firstSeenMs: number;
  lastSeenMs: number;
  readonly slices: Map<string, { readonly minute: number; readonly label: string; readonly ids: number[] }>;
  readonly proxies: Map<string, NamedProxy>;
  readonly samples: Sample[];
}

interface Facts {
  readonly target: string;
  readonly kind: SightingKind;
  readonly pattern: string;
  readonly scope: Scope;
  readonly severity: Severity;
  readonly fields: Fields;
  readonly label: string;
  readonly quiet?: true;
}

function factsOfVerdict(verdict: Verdict, project: string): Facts {
  const ledger = (label: string): Facts => ({
    target: ledgerId(project),
    kind: 'ledger',
    pattern: '',
    scope: project === '' ? {} : { project },
    severity: 'info',
    fields: {},
    label,
  });
  switch (verdict.kind) {
    case 'finding': {
      const { incidentId: target, pattern, scope, severity, fields, weight } = verdict;
      return { target, kind: 'incident', pattern, scope, severity, fields, label: weight };
    }
    case 'unrecognised': {
      const { incidentId: target, scope, severity, shape } = verdict;
      return {
        target,
        kind: 'incident',
        pattern: 'unrecognised',
        scope,
        severity,
        fields: { shape },
        label: 'sure',
      };
    }
    case 'routine':
      return ledger(`routine:${verdict.reason}`);
    case 'ignored':
      return ledger(`ignored:${verdict.reason}`);
  }
}

/** Packs pairs of (high, low) halves into bytes, low half first, little-endian. */
function pack(halves: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(halves.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < halves.length; i += 2) {
    view.setUint32(i * 4, halves[i + 1] ?? 0, true);
    view.setUint32(i * 4 + 4, halves[i] ?? 0, true);
  }
  return bytes;
}

function draftOf(drafts: Map<string, Draft>, facts: Facts, timeMs: number): Draft {
  // What came by itself must not be taken for a part of the backfill beside it, nor the other way round.
  const quiet = facts.kind === 'incident' && facts.quiet === true;
  const key = quiet ? `${facts.target} quiet` : facts.target;
  const known = drafts.get(key);
  if (known !== undefined) return known;
  const { kind, target, pattern, scope, severity, fields } = facts;
  const draft: Draft = {
    kind,
    target,
    pattern,
    scope,
    quiet,
    severity,
    fields,
    fieldsTimeMs: timeMs,
    projects: new Set(),
    firstSeenMs: timeMs,
    lastSeenMs: timeMs,
    slices: new Map(),
    proxies: new Map(),
    samples: [],
  };
  drafts.set(key, draft);
  return draft;
}

function addId(draft: Draft, label: string, at: { minute: number; idHigh: number; idLow: number }): void {
  const key = `${at.minute} ${label}`;
  const slice = draft.slices.get(key);
  if (slice === undefined) draft.slices.set(key, { minute: at.minute, label, ids: [at.idHigh, at.idLow] });
  else slice.ids.push(at.idHigh, at.idLow);
}

function addRecord(draft: Draft, facts: Facts, record: LogRecord): void {
  addId(draft, facts.label, record);
  if (record.timeMs < draft.firstSeenMs) draft.firstSeenMs = record.timeMs;
  if (record.timeMs > draft.lastSeenMs) draft.lastSeenMs = record.timeMs;
  if (record.proxy.project !== '') draft.projects.add(record.proxy.project);
  if (draft.kind === 'ledger') return;
  if (record.timeMs < draft.fieldsTimeMs) {
    draft.fields = facts.fields;
    draft.fieldsTimeMs = record.timeMs;
  }
  const { project, location, name, displayName, group } = record.proxy;
  const path = `${project}/${location}/${name}`;
  if (name !== '' && !draft.proxies.has(path))
    draft.proxies.set(path, { id: hex64(hash64(path)), project, location, name, displayName, group });
  draft.samples.push({
    timeMs: record.timeMs,
    entry: hex64({ high: record.idHigh, low: record.idLow }),
    proxy: displayName,
    logName: record.logName,
    message: record.message.slice(0, SAMPLE_CHARS_MAX),
  });
  if (draft.samples.length > 64) draft.samples.splice(0, draft.samples.length, ...keepSamples(draft.samples));
}

function finish(draft: Draft): Sighting {
  const proxies = [...draft.proxies.values()];
  const halves = proxies.flatMap(({ id }) => [
    Number.parseInt(id.slice(0, 8), 16),
    Number.parseInt(id.slice(8), 16),
  ]);
  const slices = [...draft.slices.values()].map(({ minute, label, ids }): IdSlice => ({
    minute,
    label,
    ids: pack(ids),
  }));
  return {
    kind: draft.kind,
    target: draft.target,
    pattern: draft.pattern,
    scope: draft.scope,
    severity: draft.severity,
    fields: draft.fields,
    projects: [...draft.projects].sort(),
    firstSeenMs: draft.firstSeenMs,
    lastSeenMs: draft.lastSeenMs,
    slices,
    proxyIds: pack(halves),
    proxies: keepProxies(proxies),
    samples: keepSamples(draft.samples),
    ...(draft.quiet ? { quiet: true as const } : {}),
  };
}

/** Groups one batch. `nowMs` stands in for the time of messages that could not be read. */
export function tally(items: readonly TallyItem[], nowMs: number): readonly Sighting[] {
  const drafts = new Map<string, Draft>();
  for (const item of items) {
    if (item.kind === 'unreadable') {
      const verdict: Verdict = { kind: 'ignored', reason: '' };
      const facts = { ...factsOfVerdict(verdict, ''), label: `parked:${item.unreadable.reason}` };
      addId(draftOf(drafts, facts, nowMs), facts.label, { minute: 0, ...item.unreadable });
      continue;
    }
    const found = factsOfVerdict(item.verdict, item.record.proxy.project);
    const facts = item.quiet === true ? { ...found, quiet: item.quiet } : found;
    addRecord(draftOf(drafts, facts, item.record.timeMs), facts, item.record);
  }
  return [...drafts.values()].map(finish);
}
