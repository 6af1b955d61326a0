// Incident → what to do about its message in Slack now, with the named reason to speak or to stay silent. Never a boolean.
// In: the incident, the key of the message it deserves, and the clock. Out: post, update or silence.
import type { Incident } from '#shared/model/incident.ts';
import type { Notification } from '#shared/model/notification.ts';

/** Weak lines speak once there are this many of them in the episode … */
export const WEAK_ENTRIES_MIN = 5;
/** … or once two or more of them lie this far apart. */
export const WEAK_LASTS_MS = 2 * 60_000;

/** An unrecognised error is spoken of from this many entries … */
export const UNRECOGNISED_ENTRIES_MIN = 20;
/** … or from this many proxies. */
export const UNRECOGNISED_PROXIES_MIN = 3;

/** What follows from another incident waits this long for the cause to be told, then looks again. */
export const CAUSE_AGAIN_MS = 30_000;

export interface DecideAt {
  /** Key of the content that the message would show now. */
  readonly contentKey: string;
  readonly nowMs: number;
  /** From when on the incident counts as quiet by the time of its entries; 0 if it is over. */
  readonly quietFromMs: number;
  /** Edits that only count on come no closer together than this; changes of state are never held back. */
  readonly editAfterMs: number;
  /** Until when a silence or a maintenance window covers it; 0 or absent = none. */
  readonly silencedUntilMs?: number;
  /** Whether the message of the incident that explains it stands in Slack. */
  readonly causeTold?: boolean;
}

const silent = (
  reason: Extract<Notification, { kind: 'silent' }>['reason'],
  lookAtMs: number = 0,
): Notification => ({ kind: 'silent', reason, lookAtMs });

/** Entries of the running episode. */
export const episodeCount = (incident: Incident): number => incident.evidence.count - incident.countBefore;

/** True if the episode's message stands where it belongs: in the channel, or in its cause's thread while it has one. */
export function isTold(incident: Incident): boolean {
  const { spoken } = incident;
  if (spoken.episode !== incident.episode || spoken.ts === '') return false;
  // A reply in the thread of a cause that is over would be overlooked.
  return (
    spoken.thread === '' || spoken.inDigest || incident.explainedBy !== '' || incident.state === 'resolved'
  );
}

/**
 * True if only a quiet backfill says that the episode is there, or that it still goes on: what came by itself belongs to
 * an earlier one, or is as long past as would have resolved it.
 */
export function isBackfilled(
  { evidence, openedAtMs }: Incident,
  at: Pick<DecideAt, 'nowMs' | 'quietFromMs'>,
): boolean {
  const { lastLiveMs, lastSeenMs } = evidence;
  if (lastLiveMs === undefined) return false;
  const liveQuietFromMs = at.quietFromMs - lastSeenMs + lastLiveMs;
  return lastLiveMs < openedAtMs || (at.quietFromMs > 0 && at.nowMs >= liveQuietFromMs);
}

function tooLittle(incident: Incident): 'below-threshold' | 'weak-evidence' | undefined {
  const { evidence } = incident;
  const count = episodeCount(incident);
  if (incident.pattern === 'unrecognised')
    return count < UNRECOGNISED_ENTRIES_MIN && evidence.proxyCount < UNRECOGNISED_PROXIES_MIN
      ? 'below-threshold'
      : undefined;
  if ((evidence.labels['sure'] ?? 0) > 0) return undefined;
  const lasted = count >= 2 && evidence.lastSeenMs - incident.openedAtMs >= WEAK_LASTS_MS;
  return count < WEAK_ENTRIES_MIN && !lasted ? 'weak-evidence' : undefined;
}

function beforePost(incident: Incident, at: DecideAt): Notification {
  if (incident.state === 'resolved') return silent('over-before-told');
  if (incident.state === 'muted') return silent('muted', incident.mutedUntilMs);
  // Entries that are all long past may be a backlog's beginning: newer ones decide, or quiet does.
  if (at.quietFromMs > 0 && at.nowMs >= at.quietFromMs) return silent('old-news');
  if (isBackfilled(incident, at)) return silent('backfilled');
  const reason = tooLittle(incident);
  if (reason !== undefined) return silent(reason);
  if (at.silencedUntilMs !== undefined && at.nowMs < at.silencedUntilMs)
    return silent('silenced', at.silencedUntilMs);
  if (incident.explainedBy !== '' && at.causeTold !== true)
    return silent('waits-for-cause', at.nowMs + CAUSE_AGAIN_MS);
  if (at.nowMs < incident.spoken.notBeforeMs)
    return silent('slack-asked-to-wait', incident.spoken.notBeforeMs);
  if (incident.spoken.episode === incident.episode && incident.spoken.ts === '')
    return { kind: 'post', reason: 'message-lost' };
  return { kind: 'post', reason: incident.episode === 1 ? 'first-sighting' : 'came-back' };
}

/** Compares what Slack shows with what the incident deserves. Deciding again changes nothing. */
export function decide(incident: Incident, at: DecideAt): Notification {
  const { spoken } = incident;
  if (incident.episode === 0) return silent('nothing-changed');
  if (!isTold(incident)) return beforePost(incident, at);
  const muted = incident.state === 'muted';
  if (spoken.shownKey === at.contentKey) return silent('nothing-changed', muted ? incident.mutedUntilMs : 0);
  if (at.nowMs < spoken.notBeforeMs) return silent('slack-asked-to-wait', spoken.notBeforeMs);
  if (spoken.shownState !== incident.state) return { kind: 'update', reason: 'state-changed' };
  if (muted) return silent('muted', incident.mutedUntilMs);
  const nextEditMs = spoken.shownAtMs + at.editAfterMs;
  if (at.nowMs < nextEditMs) return silent('too-soon', nextEditMs);
  return { kind: 'update', reason: 'grew' };
}
