// What the history shows: the data of its four pages, as the reader hands them out and the pages draw them.
// Times are Unix milliseconds, 0 = never, like everywhere in the core.
import type { Scope, Severity } from './finding.ts';
import type { ContextLine } from './diagnosis.ts';
import type { ProxyState } from './fleet.ts';
import type { Incident, IncidentState, ResolvedBy, TimelineEntry } from './incident.ts';

/** `episodes/{incident}-{episode}`: one coming and going of an incident, written when its state changes. */
export interface Episode {
  readonly incident: string;
  readonly episode: number;
  readonly pattern: string;
  readonly scope: Scope;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly openedAtMs: number;
  readonly acknowledgedAtMs: number;
  readonly resolvedAtMs: number;
  readonly resolvedBy: ResolvedBy | '';
  /** Entries of this episode when its state changed last: exact once it is resolved. */
  readonly count: number;
  readonly proxyCount: number;
}

/** How the episodes of one pattern that ended, or were acknowledged, on one day went. */
export interface DayEnds {
  readonly acknowledged: number;
  /** Sum over these of the time from the opening to the acknowledgement. */
  readonly acknowledgedMs: number;
  readonly resolved: number;
  readonly resolvedMs: number;
}

/** Length of one slot of a day: a day has SLOTS_PER_DAY of them. */
export const SLOT_MINUTES = 10;
export const SLOTS_PER_DAY = 144;

/** `days/{days since 1970}`: what one UTC day added up to, in slots of ten minutes. */
export interface Day {
  /** Days since 1970-01-01, UTC. */
  readonly day: number;
  /** Pattern id (`held-back` for the ledgers) → slot of the day → entries counted. */
  readonly slots: Readonly<Record<string, ReadonlyMap<number, number>>>;
  readonly ends: Readonly<Record<string, DayEnds>>;
}

/** Key in `Day.slots` of what the ledgers held back: routine noise, information, parked messages. */
export const HELD_BACK = 'held-back';

export type HistoryRange = '24h' | '7d' | '30d';

export interface OverviewData {
  readonly nowMs: number;
  readonly range: HistoryRange;
  /** Not resolved, the most severe first, then the latest seen; OPEN_MAX at most. */
  readonly open: readonly Incident[];
  /** True if there are more open ones than `open` holds. */
  readonly openCut: boolean;
  /**
   * Episodes that overlap the range, the latest opened first; LANES_MAX at most. Where there are more, those that are not
   * over stay before those that are, and of these the latest ended.
   */
  readonly episodes: readonly Episode[];
  readonly episodesCut: boolean;
  /** The days that the range touches, in order; a day without anything is missing. */
  readonly days: readonly Day[];
}

/** Filter of the list; every part narrows, an absent one does not. */
export interface HistoryFilter {
  readonly state?: IncidentState | 'unresolved';
  readonly pattern?: string;
  readonly project?: string;
  readonly network?: string;
  /** Name of a VM or pod, whole. */
  readonly proxy?: string;
  /** Whole words that all stand in the incident's id, pattern, scope, fields, projects or named proxies; see tokens.ts. */
  readonly text?: string;
  /** Last seen at or after, and before. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface ListData {
  readonly nowMs: number;
  readonly filter: HistoryFilter;
  /** The latest seen first. */
  readonly incidents: readonly Incident[];
  /** Where the next page begins; `` on the last one. Opaque, safe in an address. */
  readonly next: string;
  /** True if the search stopped at its bound of documents before the page was full: `next` carries on. */
  readonly searchedOn: boolean;
}

/** One hour of an incident's plot. */
export interface HourOfMinutes {
  /** Hours since 1970. */
  readonly hour: number;
  /** Minute of the hour → entries. */
  readonly counts: ReadonlyMap<number, number>;
}

/** An incident that this one is tied to, in one line. */
export interface RelatedIncident {
  readonly id: string;
  readonly pattern: string;
  readonly state: IncidentState;
  readonly scope: Scope;
  readonly lastSeenMs: number;
}

export interface IncidentData {
  readonly nowMs: number;
  readonly incident: Incident;
  /** The latest lines, in order; `incident.timelineCount` says how many there are. */
  readonly timeline: readonly TimelineEntry[];
  /** The last HOURS_MAX hours with entries, in order. */
  readonly hours: readonly HourOfMinutes[];
  /** What the sweep knows of the named proxies, by proxy id; of the first ones by name where the reads do not suffice. */
  readonly proxies: ReadonlyMap<string, ProxyState>;
  /** Episodes of this incident, the latest first; EPISODES_MAX at most. */
  readonly episodes: readonly Episode[];
  /** The incident that explains this one, and those that it explains, the latest seen first; EXPLAINS_MAX at most. */
  readonly explainedBy: RelatedIncident | undefined;
  readonly explains: readonly RelatedIncident[];
  /** Lines around the first sighting, redacted; empty where none were read. */
  readonly context: readonly ContextLine[];
}

/**
 * How the fleet is ordered. `heartbeat`: by who needs somebody most, see attentionOf: silent ones first; `version`: the
 * oldest first, those that can't be told last.
 */
export type FleetSort = 'heartbeat' | 'name' | 'version';

export interface FleetData {
  readonly nowMs: number;
  readonly sort: FleetSort;
  readonly proxies: readonly ProxyState[];
  readonly next: string;
}

/** Documents that one page may read at most, whatever the history's size. */
export const PAGE_READS_MAX = 60;
export const OPEN_MAX = 12;
export const LANES_MAX = 12;
export const LIST_ROWS_MAX = 25;
export const FLEET_ROWS_MAX = 50;
export const HOURS_MAX = 24;
export const EPISODES_MAX = 5;
export const EXPLAINS_MAX = 4;
