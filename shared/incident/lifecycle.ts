// The lifecycle of an incident: what new evidence, silence and people's actions make of its state.
// Pure: the clock comes in as `nowMs`. Every change of state comes out with its timeline entry, who and why.
import type { Evidence, Incident, Spoken, TimelineEntry } from '#shared/model/incident.ts';
import type { Scope } from '#shared/model/finding.ts';
import { NO_EVIDENCE, SEVERITY_ORDER } from './fold.ts';

/** An incident that comes back within this time of its resolution is flapping. */
export const FLAP_WITHIN_MS = 24 * 3_600_000;

/** Nothing is resolved by quiet while entries still arrive, however old: a backlog comes late, but it comes. */
export const SETTLE_MS = 60_000;

/** Each flap doubles the quiet that resolves it, up to this factor. */
export const FLAP_QUIET_FACTOR_MAX = 8;

/** After news somebody looks again within this time, in case a crash came before it was told. */
const TOLD_CHECK_AFTER_MS = 60_000;

export const NOBODY_TOLD: Spoken = {
  channel: '',
  ts: '',
  episode: 0,
  thread: '',
  inDigest: false,
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
  // Entries come in any order: one that arrives late may still be the first of the first episode.
  const openedAtMs =
    incident.episode === 1 ? Math.min(incident.openedAtMs, fresh.firstMs) : incident.openedAtMs;
  const next: Incident = { ...incident, openedAtMs, evidence: fresh.evidence, updatedAtMs: nowMs };
  if (incident.episode === 0) {
    const opened = { ...next, state: 'open' as const, episode: 1, openedAtMs: fresh.firstMs };
    return tell(
      { incident: opened, timeline: [] },
      { atMs: fresh.firstMs, kind: 'opened', who: MACHINE, why: 'first entry' },
    );
  }
  const counted = onSeverity(incident, next, nowMs);
  if (incident.state !== 'resolved' || fresh.lastMs <= incident.resolvedAtMs) return counted;
  return reopen(incident, counted, fresh);
}

/** A fault that turns out worse than it was says so in its story. */
function onSeverity(before: Incident, incident: Incident, nowMs: number): Advance {
  const from = before.evidence.severity;
  const to = incident.evidence.severity;
  if (SEVERITY_ORDER.indexOf(to) <= SEVERITY_ORDER.indexOf(from)) return { incident, timeline: [] };
  return tell(
    { incident, timeline: [] },
    { atMs: nowMs, kind: 'severity', who: MACHINE, why: `${from} → ${to}` },
  );
}

function reopen(incident: Incident, counted: Advance, fresh: NewEvidence): Advance {
  const openedAtMs = fresh.firstMs > incident.resolvedAtMs ? fresh.firstMs : fresh.lastMs;
  const flapping = openedAtMs - incident.resolvedAtMs < FLAP_WITHIN_MS;
  const reopened: Incident = {
    ...counted.incident,
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
    { incident: reopened, timeline: counted.timeline },
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

/** When somebody has to look after news: soon, in case telling it fails; an earlier appointment stays. */
export function lookAfterNewsMs(incident: Incident, quietAfterMs: number, nowMs: number): number {
  const quietAt = quietAtMs(incident, quietAfterMs);
  const soon = nowMs + TOLD_CHECK_AFTER_MS;
  const wanted = quietAt > nowMs ? Math.min(quietAt, soon) : soon;
  return incident.lookAtMs > nowMs ? Math.min(incident.lookAtMs, wanted) : wanted;
}

/** A mute that ends gives the state back that it hid: somebody may have it in hand already. */
function unmuted(incident: Incident, nowMs: number): Incident {
  const state = incident.acknowledgedAtMs > 0 ? 'acknowledged' : 'open';
  return { ...incident, state, mutedUntilMs: 0, updatedAtMs: nowMs };
}

/** What the passing of time alone changes: a mute ends, silence resolves. */
export function onTime(incident: Incident, quietAfterMs: number, nowMs: number): Advance {
  let advance: Advance = { incident, timeline: [] };
  if (incident.state === 'muted' && nowMs >= incident.mutedUntilMs) {
    advance = tell(
      { incident: unmuted(incident, nowMs), timeline: [] },
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

/** What a person can do with an incident; `until` in Unix milliseconds. */
export type Action =
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'resolve' }
  | { readonly kind: 'mute'; readonly untilMs: number }
  | { readonly kind: 'unmute' };

/**
 * What a person's action makes of an incident. An action that does not fit its state (a double click, a button of an
 * old message) changes nothing and adds no line. `who` is the person's Slack id.
 */
export function onAction(
  incident: Incident,
  action: Action,
  by: { readonly who: string; readonly nowMs: number },
): Advance {
  const { who, nowMs } = by;
  const nothing: Advance = { incident, timeline: [] };
  if (incident.episode === 0 || incident.state === 'resolved') return nothing;
  const did = (kind: TimelineEntry['kind'], why: string, change: Partial<Incident>): Advance =>
    tell(
      { incident: { ...incident, ...change, updatedAtMs: nowMs }, timeline: [] },
      { atMs: nowMs, kind, who, why },
    );
  switch (action.kind) {
    case 'acknowledge':
      if (incident.state === 'acknowledged') return nothing;
      return did('acknowledged', 'taken in hand', {
        state: 'acknowledged',
        acknowledgedAtMs: nowMs,
        mutedUntilMs: 0,
      });
    case 'resolve':
      return did('resolved', 'declared over', {
        state: 'resolved',
        resolvedBy: 'person',
        // A proxy whose clock is ahead has already written entries later than now: those are no relapse.
        resolvedAtMs: Math.max(nowMs, incident.evidence.lastSeenMs),
        mutedUntilMs: 0,
      });
    case 'mute':
      if (action.untilMs <= nowMs) return nothing;
      if (incident.state === 'muted' && incident.mutedUntilMs === action.untilMs) return nothing;
      return did('muted', `until ${new Date(action.untilMs).toISOString()}`, {
        state: 'muted',
        mutedUntilMs: action.untilMs,
      });
    case 'unmute':
      if (incident.state !== 'muted') return nothing;
      return did('unmuted', 'by hand', unmuted(incident, nowMs));
  }
}

/** A check that was a fault passes now: over, by proof. `what` says what changed. Nothing to do where it already is over. */
export function onProof(incident: Incident, what: string, nowMs: number): Advance {
  if (incident.state === 'resolved' || incident.episode === 0) return { incident, timeline: [] };
  const resolved: Incident = {
    ...incident,
    state: 'resolved',
    resolvedBy: 'proof',
    // A proxy whose clock is ahead has already written entries later than now: those are no relapse.
    resolvedAtMs: Math.max(nowMs, incident.evidence.lastSeenMs),
    mutedUntilMs: 0,
    updatedAtMs: nowMs,
  };
  return tell(
    { incident: resolved, timeline: [] },
    { atMs: nowMs, kind: 'resolved', who: MACHINE, why: what },
  );
}

/** The incident hangs under `by` from now on, or stands for itself again where `by` is empty. */
export function onExplained(incident: Incident, by: string, nowMs: number): Advance {
  if (incident.explainedBy === by) return { incident, timeline: [] };
  const changed = { ...incident, explainedBy: by, updatedAtMs: nowMs };
  const entry =
    by === ''
      ? ({ kind: 'unexplained', why: `${incident.explainedBy} is no longer open` } as const)
      : ({ kind: 'explained', why: by } as const);
  return tell({ incident: changed, timeline: [] }, { atMs: nowMs, who: MACHINE, ...entry });
}
