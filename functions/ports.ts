// The few small interfaces that the functions need of the world; adapters fulfil them, tests stand in for them.
import type { Explainer } from '#shared/incident/explained-by.ts';
import type { Advance } from '#shared/incident/lifecycle.ts';
import type { Diagnosis } from '#shared/model/diagnosis.ts';
import type { PipelineState, ProxyState, SweepState } from '#shared/model/fleet.ts';
import type { GoogleAnswer, GoogleRequest } from '#shared/model/google-api.ts';
import type {
  Day,
  FleetData,
  FleetSort,
  HistoryFilter,
  HistoryRange,
  IncidentData,
  ListData,
  OverviewData,
} from '#shared/model/history.ts';
import type { Incident, Ledger, TimelineEntry } from '#shared/model/incident.ts';
import type { Board, Silence } from '#shared/model/notification.ts';
import type { EpisodeToRoll, HourPlace, HourToRoll, RollUpChange } from '#shared/model/roll-up.ts';
import type { NamedProxy, ParkedMessage, Sighting } from '#shared/model/sighting.ts';

/** What a handler answers: the HTTP status is all that Pub/Sub reads. */
export interface Answer {
  readonly status: number;
  readonly body?: string;
  /** Answered as JSON instead of `body`. */
  readonly json?: object;
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

/** The store will never take this, however often it is asked: the data is at fault, not the network. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal';
}

/**
 * What is kept, and how: see docs/schema.md for the documents. Every method tries again for a short while, then rejects:
 * with StoreRefusal where the data is at fault, with the last error otherwise. After a rejection a write may have taken
 * effect or not.
 */
export interface Store {
  /** Creates these documents in one atomic commit, under random ids. Reads nothing, locks nothing. */
  readonly saveBatch: (batch: Batch) => Promise<void>;
  /** Sightings that wait for this incident or ledger, `limit` at most. They never change: they are there or folded. */
  readonly waitingFor: (target: string, limit: number) => Promise<readonly WaitingSighting[]>;
  /** Targets of sightings that wait, whatever their age, from at most `limit` of them. */
  readonly waitingTargets: (limit: number) => Promise<readonly string[]>;
  /** Runs one serialisable transaction; `work` may run more than once. */
  readonly fold: <Result>(
    target: { readonly kind: 'incident' | 'ledger'; readonly id: string },
    work: (transaction: FoldTransaction) => Promise<Result>,
  ) => Promise<Result>;
  readonly incident: (id: string) => Promise<Incident | undefined>;
  /** Reads, changes and writes an incident in one transaction, with the lines its story gains; `change` may run again. */
  readonly advanceIncident: (
    id: string,
    change: (incident: Incident) => Advance | undefined,
  ) => Promise<Incident | undefined>;
  /** The same for what leaves no line. Resolves to the incident as it was written, undefined if nothing was. */
  readonly changeIncident: (
    id: string,
    change: (incident: Incident) => Incident | undefined,
  ) => Promise<Incident | undefined>;
  /** Ids of incidents that somebody has to look at by now, the longest due first. */
  readonly due: (nowMs: number, limit: number) => Promise<readonly string[]>;
  /** Incidents of these patterns in this project that are not resolved, in no particular order. */
  readonly explainers: (wanted: {
    readonly project: string;
    readonly patterns: readonly string[];
    readonly limit: number;
  }) => Promise<readonly Explainer[]>;
}

export interface Batch {
  readonly sightings: readonly Sighting[];
  readonly parked: readonly ParkedMessage[];
  readonly atMs: number;
}

/** «Look at this incident»: nothing else, so that a lost or repeated nudge changes nothing. */
export interface Nudges {
  /** `diagnose` wakes the function of that name instead of `reconcile`. */
  readonly publish: (incidentIds: readonly string[], kind?: 'diagnose') => Promise<void>;
}

/** What each channel was told lately: `boards/{channel}`. */
export interface Boards {
  /** The board as it was at most `ageMsMax` ago; an empty one where there is none. */
  readonly read: (channel: string, ageMsMax: number) => Promise<Board>;
  /**
   * Reads, changes and writes a board in one transaction, maybe together with other changes of it; `change` may run
   * again. What `change` hands back as it was is not written. Resolves to the board as it is then.
   */
  readonly change: (channel: string, change: (board: Board) => Board) => Promise<Board>;
}

/** What people asked to keep quiet, and what was held back anyway. */
export interface Notices {
  /** Silences and maintenance windows that are not over; may be half a minute old. */
  readonly silences: () => Promise<readonly Silence[]>;
  readonly addSilence: (silence: Silence) => Promise<void>;
  /** False if there is no such silence. */
  readonly endSilence: (id: string, nowMs: number) => Promise<boolean>;
  readonly ledger: (id: string) => Promise<Ledger | undefined>;
  /** Of every project, as far as a summary names them. */
  readonly ledgers: () => Promise<readonly Ledger[]>;
  /** Incidents, the latest seen first; `open` leaves out the resolved ones. */
  readonly incidents: (which: 'open' | 'all', limit: number) => Promise<readonly Incident[]>;
}

/** A request as it came, before anything of it is believed. */
export interface SignedRequest {
  readonly timestamp: string;
  readonly signature: string;
  readonly body: Uint8Array;
}

/** True if the signature was made with the secret we share with Slack. */
export type SignatureCheck = (request: SignedRequest) => boolean;

/** Sends an answer that one person sees; false if it did not arrive. */
export type Respond = (url: string, reply: object) => Promise<boolean>;

/** Google's REST APIs, read-only. Never rejects: what went wrong is an answer too. */
export interface GoogleApi {
  readonly ask: (request: GoogleRequest) => Promise<GoogleAnswer>;
}

/** LogEntries of one proxy, oldest first, bounded in time and number. Never rejects. */
export interface LogReader {
  readonly read: (wanted: {
    readonly project: string;
    /** Restricts to one VM by its number or name; both are quoted by the reader. */
    readonly instance: string;
    readonly fromMs: number;
    readonly toMs: number;
    readonly entriesMax: number;
    /** Which are kept where there are more: those next to `fromMs`, or those next to `toMs`. */
    readonly keep: 'first' | 'last';
    /** Only entries whose message holds this text; any if absent. */
    readonly holding?: string;
  }) => Promise<
    | { readonly kind: 'entries'; readonly entries: readonly unknown[] }
    | { readonly kind: 'unreadable'; readonly why: string }
  >;
}

/** What diagnosing keeps: `diagnoses/{incident}`. */
export interface DiagnosisStore {
  readonly diagnosis: (incident: string) => Promise<Diagnosis | undefined>;
  readonly saveDiagnosis: (diagnosis: Diagnosis) => Promise<void>;
  /** Ids of incidents whose checks are to run again by now. */
  readonly diagnosesDue: (nowMs: number, limit: number) => Promise<readonly string[]>;
}

/** What the sweep keeps: `proxies/{id}`, `sweeps/fleet` and `sweeps/pipeline`. */
export interface FleetStore {
  readonly sweep: () => Promise<SweepState | undefined>;
  readonly saveSweep: (sweep: SweepState) => Promise<void>;
  readonly proxies: (ids: readonly string[]) => Promise<readonly ProxyState[]>;
  readonly saveProxies: (states: readonly ProxyState[]) => Promise<void>;
  /** VMs that are part of an incident, as the sweep saw it; `limit` at most. */
  readonly ailing: (limit: number) => Promise<readonly ProxyState[]>;
  /** Whether a VM is still part of this incident, as the sweep saw it. */
  readonly isAiling: (incident: string) => Promise<boolean>;
  /** When the last entry of any kind was taken into a ledger; 0 = never. */
  readonly lastArrivalMs: () => Promise<number>;
  /** Time of the last entry that was part of an incident, what `watch` observed itself aside; 0 = none lately. */
  readonly lastFindingMs: () => Promise<number>;
  /** Proxies that the incidents seen last name. */
  readonly seen: (incidentsMax: number) => Promise<readonly NamedProxy[]>;
  readonly pipeline: () => Promise<PipelineState | undefined>;
  readonly savePipeline: (state: PipelineState) => Promise<void>;
}

/** What one roll-up transaction may read and write; reads come before writes. */
export interface RollUpTransaction {
  readonly hours: (places: readonly HourPlace[]) => Promise<readonly HourToRoll[]>;
  readonly episodes: (ids: readonly string[]) => Promise<readonly EpisodeToRoll[]>;
  /** Those of these days that there are. */
  readonly days: (days: readonly number[]) => Promise<readonly Day[]>;
  readonly write: (change: RollUpChange) => void;
}

/** What waits to be added to the days of the overview, and the transaction that adds it. */
export interface RollUps {
  readonly hoursToRoll: (limit: number) => Promise<readonly HourPlace[]>;
  /** Ids of `episodes/{id}`. */
  readonly episodesToRoll: (limit: number) => Promise<readonly string[]>;
  /** Runs one serialisable transaction; `work` may run more than once. */
  readonly rollUp: (work: (transaction: RollUpTransaction) => Promise<void>) => Promise<void>;
}

/** What the pages of the history read, each within PAGE_READS_MAX documents; rejects only where Firestore does not answer. */
export interface HistoryReader {
  readonly overview: (wanted: {
    readonly range: HistoryRange;
    readonly nowMs: number;
  }) => Promise<OverviewData>;
  /** `cursor`: `next` of the page before, `` for the first; undefined if it is not one of ours. */
  readonly list: (wanted: {
    readonly filter: HistoryFilter;
    readonly cursor: string;
    readonly nowMs: number;
  }) => Promise<ListData | undefined>;
  readonly incident: (id: string, nowMs: number) => Promise<IncidentData | undefined>;
  readonly fleet: (wanted: {
    readonly sort: FleetSort;
    readonly cursor: string;
    readonly nowMs: number;
  }) => Promise<FleetData | undefined>;
}

/** Documents of the user's own patterns, as they are; whoever uses them checks them. */
export interface UserPatterns {
  readonly read: () => Promise<readonly unknown[]>;
}
