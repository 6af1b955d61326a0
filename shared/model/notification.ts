// A notification: the message an incident deserves now, and the named reason to speak or to stay silent.
import type { SlackPlace } from './incident.ts';

type SpeakReason = 'first-sighting' | 'came-back' | 'state-changed' | 'grew' | 'message-lost';

type SilentReason =
  | 'nothing-changed'
  | 'too-soon' // the edit is debounced; it comes later
  | 'weak-evidence' // healthy proxies write such lines too, and they neither repeated nor lasted
  | 'below-threshold' // an unrecognised error that has not been seen often enough
  | 'muted'
  | 'silenced' // a person or a maintenance window asked for silence
  | 'waits-for-cause' // it follows from an incident that nobody was told of yet
  | 'backfilled' // but for a quiet backfill it would not be there, or be over
  | 'old-news' // every entry is older than the quiet that would resolve it
  | 'over-before-told' // resolved before anybody was told
  | 'slack-asked-to-wait';

/** What reconcile has to do with the incident's message. */
export type Notification =
  | { readonly kind: 'post'; readonly reason: SpeakReason }
  | { readonly kind: 'update'; readonly reason: SpeakReason }
  | { readonly kind: 'silent'; readonly reason: SilentReason; readonly lookAtMs: number };

/** Why the thread is told something. */
type NoteReason =
  | 'came-back'
  | 'severity-rose'
  | 'milestone'
  | 'context'
  | 'acknowledged'
  | 'muted'
  | 'unacknowledged'
  | 'resolved';

/** One line for a thread. */
export interface Note {
  readonly reason: NoteReason;
  /** What is remembered as said, so that it is said once. */
  readonly key: string;
  /** Keys that need not be said any more once this one is. */
  readonly covers: readonly string[];
  /** First message of the thread. */
  readonly place: SlackPlace;
  /** Shown in the channel too. */
  readonly broadcast: boolean;
  /** Mrkdwn. */
  readonly text: string;
}

export type ThreadDecision =
  | { readonly kind: 'say'; readonly note: Note }
  | { readonly kind: 'quiet'; readonly lookAtMs: number };

/** Which channel hears of an incident: the first rule that fits. Every list that is absent fits everything. */
export interface Route {
  readonly severity?: readonly string[] | undefined;
  readonly pattern?: readonly string[] | undefined;
  readonly project?: readonly string[] | undefined;
  /** Scope values by name; a `*` at the end fits any rest. */
  readonly scope?: Readonly<Record<string, string>> | undefined;
  readonly channel: string;
}

/** New incidents that fit stay unspoken from … until; a maintenance window is a silence that begins later. */
export interface Silence {
  readonly id: string;
  readonly kind: 'silence' | 'maintenance';
  /** `` fits every pattern. */
  readonly pattern: string;
  /** `` fits every project. */
  readonly project: string;
  readonly scope: Readonly<Record<string, string>>;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly reason: string;
  /** Slack id of who asked for it. */
  readonly by: string;
}

/** One incident in a digest. */
export interface DigestMember {
  readonly id: string;
  readonly episode: number;
  /** What its line says. */
  readonly line: string;
}

/** One message for many incidents that opened at once. */
export interface Digest {
  /** `` until it was posted. */
  readonly ts: string;
  readonly openedAtMs: number;
  readonly lastJoinedMs: number;
  /** Somebody is posting it since then; 0 = nobody. */
  readonly claimedAtMs: number;
  readonly members: readonly DigestMember[];
  /** All that joined, those too that have no line. */
  readonly count: number;
  readonly shownKey: string;
  readonly shownAtMs: number;
}

/** Calls of Slack that have limits of their own: to say something, to edit it, to look for it. */
export type SlackCall = 'post' | 'update' | 'find';

/** What one channel was told lately. */
export interface Board {
  readonly channel: string;
  readonly recent: readonly { readonly id: string; readonly episode: number; readonly atMs: number }[];
  readonly digest: Digest | null;
  /** Day of the last daily summary, such as 2026-01-31; `` before the first. */
  readonly summaryDay: string;
  /** Slack asked for no such call in this channel before these times; a kind that is absent was never limited. */
  readonly notBeforeMs: Readonly<Partial<Record<SlackCall, number>>>;
}

/** The board of a channel that was told nothing yet. */
export const emptyBoard = (channel: string): Board => ({
  channel,
  recent: [],
  digest: null,
  summaryDay: '',
  notBeforeMs: {},
});
