// The lifecycle of an incident: what new evidence, silence and people's actions make of its state.
// Pure: the clock comes in as `nowMs`. Every change of state comes out with its timeline entry, who and why.
import type { Evidence, Incident, Spoken, TimelineEntry } from '#shared/model/incident.ts';
import type { Scope } from '#shared/model/finding.ts';
import { NO_EVIDENCE } from './fold.ts';

/** An incident that comes back within this time of its resolution is flapping. */
export const FLAP_WITHIN_MS = 24 * 3_600_000;

/** Nothing is resolved by quiet while entries still arrive, however old: a backlog comes late, but it comes. */
export const SETTLE_MS = 60_000;

/** Each flap doubles the quiet that resolves it, up to this factor. */
export const FLAP_QUIET_FACTOR_MAX = 8;

export const NOBODY_TOLD: Spoken = {
  channel: '',
  ts: '',
  episode: 0,
  thread: '',
  said: [],
  previous: null,
  claim: null,
  shownKey: '',
  shownAtMs: 0,
  shownState: '',
  notBeforeMs: 0,
  refusal: '',
  posts: 0,
  updates: 0,
  replies: 0,
};

/** A change of an incident with the lines it adds to its story. */
export interface Advance {
  readonly incident: Incident;
  readonly timeline: readonly TimelineEntry[];
}

/** An incident before its first sighting is folded: nothing has happened yet. */
export function unborn(id: string, pattern: string, scope: Scope): Incident {
  return {
    id,
    pattern,
    scope,
    state: 'open',
    episode: 0,
    openedAtMs: 0,
    countBefore: 0,
    acknowledgedAtMs: 0,
    mutedUntilMs: 0,
    resolvedAtMs: 0,
    resolvedBy: '',
    flaps: 0,
    explainedBy: '',
    evidence: NO_EVIDENCE,
    spoken: NOBODY_TOLD,
    timelineCount: 0,
    lookAtMs: 0,
    updatedAtMs: 0,
    version: 1,
  };
}

const MACHINE = 'mesh-triage';

function tell(advance: Advance, entry: Omit<TimelineEntry, 'n'>): Advance {
  const { incident, timeline } = advance;
  return {
    incident: { ...incident, timelineCount: incident.timelineCount + 1 },
    timeline: [...timeline, { ...entry, n: incident.timelineCount + 1 }],
  };
}

/** New entries, as far as the lifecycle asks: when the earliest and the latest of them happened. */
export interface NewEvidence {
  readonly evidence: Evidence;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** The first evidence opens; evidence later than a resolution reopens, as the next episode; all other just counts. */
export function onEvidence(incident: Incident, fresh: NewEvidence, nowMs: number): Advance {
  const next: Incident = { ...incident, evidence: fresh.evidence, updatedAtMs: nowMs };
  if (incident.episode === 0) {
    const opened = { ...next, state: 'open' as const, episode: 1, openedAtMs: fresh.firstMs };
    return tell(
      { incident: opened, timeline: [] },
      { atMs: fresh.firstMs, kind: 'opened', who: MACHINE, why: 'first entry' },
    );
  }
  if (incident.state !== 'resolved' || fresh.lastMs <= incident.resolvedAtMs)
    return { incident: next, timeline: [] };
  const openedAtMs = fresh.firstMs > incident.resolvedAtMs ? fresh.firstMs : fresh.lastMs;
  const flapping = openedAtMs - incident.resolvedAtMs < FLAP_WITHIN_MS;
  const reopened: Incident = {
    ...next,
    state: 'open',
    episode: incident.episode + 1,
    openedAtMs,
    countBefore: incident.evidence.count,
    acknowledgedAtMs: 0,
    mutedUntilMs: 0,
    resolvedAtMs: 0,
    resolvedBy: '',
    flaps: flapping ? incident.flaps + 1 : 0,
  };
  return tell(
    { incident: reopened, timeline: [] },
    { atMs: openedAtMs, kind: 'reopened', who: MACHINE, why: 'entries later than its resolution' },
  );
}

/** How long it has to stay silent before it counts as over, in milliseconds. */
export function quietNeededMs(incident: Incident, quietAfterMs: number): number {
  return quietAfterMs * Math.min(2 ** incident.flaps, FLAP_QUIET_FACTOR_MAX);
}

/** The moment from which an incident counts as quiet, by the time of its entries; 0 if it already is over. */
export function quietFromMs(incident: Incident, quietAfterMs: number): number {
  if (incident.state === 'resolved' || incident.episode === 0) return 0;
  return incident.evidence.lastSeenMs + quietNeededMs(incident, quietAfterMs);
}

/** When this incident is resolved by quiet if nothing more comes; 0 if it already is over. */
export function quietAtMs(incident: Incident, quietAfterMs: number): number {
  const from = quietFromMs(incident, quietAfterMs);
  return from === 0 ? 0 : Math.max(from, incident.updatedAtMs + SETTLE_MS);
}

/** What the passing of time alone changes: a mute ends, silence resolves. */
export function onTime(incident: Incident, quietAfterMs: number, nowMs: number): Advance {
  let advance: Advance = { incident, timeline: [] };
  if (incident.state === 'muted' && nowMs >= incident.mutedUntilMs) {
    const unmuted = { ...incident, state: 'open' as const, mutedUntilMs: 0, updatedAtMs: nowMs };
    advance = tell(
      { incident: unmuted, timeline: [] },
      { atMs: nowMs, kind: 'unmuted', who: MACHINE, why: 'the mute ended' },
    );
  }
  const quietAt = quietAtMs(advance.incident, quietAfterMs);
  if (quietAt === 0 || nowMs < quietAt) return advance;
  const minutes = Math.round(quietNeededMs(incident, quietAfterMs) / 60_000);
  const resolved: Incident = {
    ...advance.incident,
    state: 'resolved',
    // By the time of its entries: one that is later than this is a relapse, even if all of them came late.
    resolvedAtMs: quietFromMs(advance.incident, quietAfterMs),
    resolvedBy: 'quiet',
    mutedUntilMs: 0,
    updatedAtMs: nowMs,
  };
  return tell(
    { incident: resolved, timeline: advance.timeline },
    { atMs: nowMs, kind: 'resolved', who: MACHINE, why: `no entry for ${minutes} minutes` },
  );
}
