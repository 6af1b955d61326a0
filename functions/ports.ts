// The few small interfaces that the functions need of the world; adapters fulfil them, tests stand in for them.
import type { Incident, Ledger, TimelineEntry } from '#shared/model/incident.ts';
import type { ParkedMessage, Sighting } from '#shared/model/sighting.ts';

/** What a handler answers: the HTTP status is all that Pub/Sub reads. */
export interface Answer {
  readonly status: number;
  readonly body?: string;
}

export interface Clock {
  readonly nowMs: () => number;
  /** Waits that long; only ever used while a request is open. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

export type LogLevelOut = 'INFO' | 'WARNING' | 'ERROR';

/** One structured line to stdout; never the text of an entry, so that no sink can match what we write. */
export interface Log {
  readonly write: (
    level: LogLevelOut,
    message: string,
    facts?: Readonly<Record<string, string | number>>,
  ) => void;
}

/** Strict base64 and UTF-8 in one go: the core has no bytes of its own. */
export type Decode = (
  base64: string,
) =>
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'not-base64' }
  | { readonly kind: 'not-utf8' };

/** A sighting as it waits in the store. */
export interface WaitingSighting {
  readonly id: string;
  readonly sighting: Sighting;
}

/** One hour of the id book as a document. */
export interface StoredHour {
  readonly hour: number;
  readonly split: boolean;
  readonly minutes: ReadonlyMap<number, Uint8Array>;
  readonly leaves: ReadonlyMap<number, readonly string[]>;
}

/** What one folding transaction may read and write; reads come before writes. */
export interface FoldTransaction {
  readonly sightings: (ids: readonly string[]) => Promise<readonly WaitingSighting[]>;
  readonly incident: () => Promise<Incident | undefined>;
  readonly ledger: () => Promise<Ledger | undefined>;
  readonly hours: (hours: readonly number[]) => Promise<readonly StoredHour[]>;
  readonly pages: (kind: PageKind, names: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>;
  readonly write: (change: FoldChange) => void;
}

/** `ids`: pages of counted entries; `proxies`: pages of affected proxies. */
export type PageKind = 'ids' | 'proxies';

/** Everything that one fold changes, committed at once or not at all. */
export interface FoldChange {
  readonly incident?: Incident;
  readonly ledger?: Ledger;
  readonly hours: Iterable<StoredHour>;
  readonly idPages: ReadonlyMap<string, Uint8Array>;
  readonly removedIdPages: Iterable<string>;
  readonly proxyPages: ReadonlyMap<string, Uint8Array>;
  readonly removedProxyPages: Iterable<string>;
  /** Newly counted entries by minute since 1970, added to `minutes/{hour}`. */
  readonly minutes: ReadonlyMap<number, number>;
  readonly timeline: readonly TimelineEntry[];
  /** Ids of the sightings that were taken in. */
  readonly folded: readonly string[];
}

/** What is kept, and how: see docs/schema.md for the documents. */
export interface Store {
  /** Creates these documents in one atomic commit, under random ids. Reads nothing, locks nothing. */
  readonly saveBatch: (batch: Batch) => Promise<void>;
  /** Ids of sightings that wait for this incident or ledger, `limit` at most. */
  readonly waitingFor: (target: string, limit: number) => Promise<readonly string[]>;
  /** Targets of sightings that wait, whatever their age, from at most `limit` of them. */
  readonly waitingTargets: (limit: number) => Promise<readonly string[]>;
  /** Runs one serialisable transaction; `work` may run more than once. */
  readonly fold: <Result>(
    target: { readonly kind: 'incident' | 'ledger'; readonly id: string },
    work: (transaction: FoldTransaction) => Promise<Result>,
  ) => Promise<Result>;
  readonly incident: (id: string) => Promise<Incident | undefined>;
  /** Replaces what was told; fails with `false` if the incident has changed since it was read. */
  readonly changeIncident: (
    id: string,
    change: (incident: Incident) => Incident | undefined,
  ) => Promise<Incident | undefined>;
  /** Ids of incidents that somebody has to look at by now, the longest due first. */
  readonly due: (nowMs: number, limit: number) => Promise<readonly string[]>;
}

export interface Batch {
  readonly sightings: readonly Sighting[];
  readonly parked: readonly ParkedMessage[];
  readonly atMs: number;
}

/** «Look at this incident»: nothing else, so that a lost or repeated nudge changes nothing. */
export interface Nudges {
  readonly publish: (incidentIds: readonly string[]) => Promise<void>;
}

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
  /** Rate limited or Slack in trouble before it did anything: again after that long. */
  | { readonly kind: 'later'; readonly afterMs: number; readonly why: string }
  /** Slack may have done it or not: look before doing it again. */
  | { readonly kind: 'unsure'; readonly why: string }
  /** The message to edit is gone. */
  | { readonly kind: 'gone' }
  /** It will not work until a person changes something; `why` is Slack's own error word. */
  | { readonly kind: 'refused'; readonly why: string };

export interface Slack {
  readonly post: (channel: string, content: SlackContent) => Promise<SlackAnswer>;
  readonly update: (
    message: { readonly channel: string; readonly ts: string },
    content: SlackContent,
  ) => Promise<SlackAnswer>;
  /** A message of ours with this metadata, posted since then; undefined if there is none. */
  readonly find: (
    channel: string,
    wanted: { readonly incident: string; readonly episode: number; readonly sinceMs: number },
  ) => Promise<
    | { readonly kind: 'found'; readonly ts: string; readonly channel: string }
    | { readonly kind: 'none' }
    | { readonly kind: 'unknown'; readonly why: string }
  >;
}
