// What the functions need of Slack, and every answer that it may give; `adapters/slack-web.ts` fulfils it.
import type { SlackPlace } from '#shared/model/incident.ts';

/** What Slack is asked to show; the form is Slack's own, so adapters pass it on as it is. */
export interface SlackContent {
  readonly text: string;
  readonly blocks: readonly object[];
  readonly metadata: {
    readonly event_type: string;
    readonly event_payload: Readonly<Record<string, string | number>>;
  };
}

export type SlackAnswer =
  | { readonly kind: 'sent'; readonly ts: string; readonly channel: string }
  /** Rate limited or Slack in trouble before it did anything: again after that long; 0 = Slack named no time. */
  | { readonly kind: 'later'; readonly afterMs: number; readonly why: string }
  /** Slack may have done it or not: look before doing it again. */
  | { readonly kind: 'unsure'; readonly why: string }
  /** The message to edit, or the one to reply to, is gone. */
  | { readonly kind: 'gone'; readonly why: string }
  /** The same with less in it may pass. */
  | { readonly kind: 'too-long'; readonly why: string }
  /** It will not work until a person changes something; `why` is Slack's own error word. */
  | { readonly kind: 'refused'; readonly why: string };

/** Where something is said: in a channel, or (`thread` not ``) as a reply, maybe shown in the channel too. */
export interface SlackTarget {
  readonly channel: string;
  readonly thread: string;
  readonly broadcast: boolean;
}

/** Metadata of a message of ours that may or may not be there. */
export interface SlackWanted {
  readonly incident: string;
  readonly episode: number;
  readonly note: string;
  /** It was said after this. */
  readonly sinceMs: number;
}

export type SlackFound =
  | { readonly kind: 'found'; readonly ts: string }
  | { readonly kind: 'none' }
  /** Slack did not answer clearly; ask again. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** As in SlackAnswer. */
  | { readonly kind: 'later'; readonly afterMs: number; readonly why: string }
  /** Slack won't show it until a person changes something. */
  | { readonly kind: 'refused'; readonly why: string };

export interface Slack {
  readonly post: (target: SlackTarget, content: SlackContent) => Promise<SlackAnswer>;
  readonly update: (message: SlackPlace, content: SlackContent) => Promise<SlackAnswer>;
  /** A message of ours with this metadata, in the channel or in the thread. */
  readonly find: (
    target: Pick<SlackTarget, 'channel' | 'thread'>,
    wanted: SlackWanted,
  ) => Promise<SlackFound>;
}
