// What is rolled up into the days of the overview: hours of counts and ends of episodes, with what was rolled up of them.
// Times are Unix milliseconds.
import type { Day, Episode } from './history.ts';

/** Where the counts of one hour stand: below an incident or below a ledger. */
export interface HourPlace {
  readonly kind: 'incident' | 'ledger';
  /** Id of the incident or the ledger. */
  readonly target: string;
  /** Hours since 1970. */
  readonly hour: number;
}

/** Counts of one hour, and what of them the day has already. */
export interface HourToRoll {
  readonly place: HourPlace;
  /** Minute of the hour → entries. */
  readonly counts: ReadonlyMap<number, number>;
  /** Slot of the hour (0 to 5, ten minutes each) → entries that the day has already. */
  readonly rolled: ReadonlyMap<number, number>;
}

/** One acknowledgement or resolution as a day has it: the day, and the time since the opening. */
export interface RolledEnd {
  readonly day: number;
  readonly afterMs: number;
}

/** What of an episode the days have already. */
export interface RolledEnds {
  readonly acknowledged: RolledEnd | null;
  readonly resolved: RolledEnd | null;
}

export interface EpisodeToRoll {
  readonly episode: Episode;
  readonly rolled: RolledEnds;
}

/** Everything that one roll-up changes, committed at once or not at all. */
export interface RollUpChange {
  readonly days: readonly Day[];
  /** These hours are no longer flagged, and hold what was rolled up. */
  readonly hours: readonly Pick<HourToRoll, 'place' | 'rolled'>[];
  readonly episodes: readonly { readonly id: string; readonly rolled: RolledEnds }[];
}
