// Rolls hours of counts and ends of episodes up into days: pure decisions, exactly once by remembering what was rolled.
// In: what waits and the days as they are. Out: the days with the differences, and what is rolled now.
import { episodeId } from '#shared/model/episode.ts';
import { HELD_BACK, SLOT_MINUTES, type Day, type DayEnds, type Episode } from '#shared/model/history.ts';
import type {
  EpisodeToRoll,
  HourPlace,
  HourToRoll,
  RolledEnd,
  RolledEnds,
  RollUpChange,
} from '#shared/model/roll-up.ts';
import { patternOfId } from './key.ts';

const DAY_MS = 86_400_000;
const HOURS_PER_DAY = 24;
const SLOTS_PER_HOUR = 60 / SLOT_MINUTES;

const NO_ENDS: DayEnds = { acknowledged: 0, acknowledgedMs: 0, resolved: 0, resolvedMs: 0 };

/** Day since 1970 that an hour belongs to. */
export const dayOfHour = (hour: number): number => Math.floor(hour / HOURS_PER_DAY);

/** Ends of an episode as the days should have them; one that has not come is null. */
function endsOf({ openedAtMs, acknowledgedAtMs, resolvedAtMs }: Episode): RolledEnds {
  const end = (atMs: number): RolledEnd | null =>
    atMs === 0
      ? null
      : { day: Math.floor(atMs / DAY_MS), afterMs: Math.max(0, Math.round(atMs - openedAtMs)) };
  return { acknowledged: end(acknowledgedAtMs), resolved: end(resolvedAtMs) };
}

/** Days that these episodes add to, or take back from. */
export function daysOfEpisodes(waiting: readonly EpisodeToRoll[]): readonly number[] {
  const ends = waiting.flatMap(({ episode, rolled }) => [rolled, endsOf(episode)]);
  const days = ends.flatMap(({ acknowledged, resolved }) => [acknowledged?.day, resolved?.day]);
  return [...new Set(days.filter((day) => day !== undefined))];
}

/** Days under change: what was read, with everything added so far. */
class Days {
  readonly #days = new Map<number, Day>();
  readonly #changed = new Set<number>();

  constructor(days: readonly Day[]) {
    for (const day of days) this.#days.set(day.day, day);
  }

  addEntries(
    day: number,
    at: { readonly key: string; readonly slot: number; readonly entries: number },
  ): void {
    const before = this.#day(day);
    const slots = new Map(before.slots[at.key]);
    slots.set(at.slot, (slots.get(at.slot) ?? 0) + at.entries);
    this.#change({ ...before, slots: { ...before.slots, [at.key]: slots } });
  }

  addEnd(
    end: RolledEnd,
    to: { readonly pattern: string; readonly kind: keyof RolledEnds; readonly sign: 1 | -1 },
  ) {
    const { pattern, kind, sign } = to;
    const before = this.#day(end.day);
    const ends = before.ends[pattern] ?? NO_ENDS;
    const time = `${kind}Ms` as const;
    const after = { ...ends, [kind]: ends[kind] + sign, [time]: ends[time] + sign * end.afterMs };
    this.#change({ ...before, ends: { ...before.ends, [pattern]: after } });
  }

  changed(): readonly Day[] {
    return [...this.#changed].map((day) => this.#day(day));
  }

  #day(day: number): Day {
    return this.#days.get(day) ?? { day, slots: {}, ends: {} };
  }

  #change(day: Day): void {
    this.#days.set(day.day, day);
    this.#changed.add(day.day);
  }
}

/** Key of a day's slots: the pattern of the incident, or one key for all ledgers. */
const keyOf = ({ kind, target }: HourPlace): string => (kind === 'ledger' ? HELD_BACK : patternOfId(target));

function slotsOf(counts: ReadonlyMap<number, number>): Map<number, number> {
  const slots = new Map<number, number>();
  for (const [minute, entries] of counts) {
    const slot = Math.floor(minute / SLOT_MINUTES);
    slots.set(slot, (slots.get(slot) ?? 0) + entries);
  }
  return slots;
}

/** The days after these hours, and what of each hour they have now. `days` are the days as they are; a missing one is empty. */
export function rollUpHours(waiting: readonly HourToRoll[], days: readonly Day[]): RollUpChange {
  const changing = new Days(days);
  const hours = waiting.map(({ place, counts, rolled }) => {
    const slots = slotsOf(counts);
    for (const [slot, entries] of slots) {
      const more = entries - (rolled.get(slot) ?? 0);
      if (more === 0) continue;
      const first = (place.hour % HOURS_PER_DAY) * SLOTS_PER_HOUR;
      changing.addEntries(dayOfHour(place.hour), { key: keyOf(place), slot: first + slot, entries: more });
    }
    return { place, rolled: slots };
  });
  return { days: changing.changed(), hours, episodes: [] };
}

function sameEnd(a: RolledEnd | null, b: RolledEnd | null): boolean {
  return a?.day === b?.day && a?.afterMs === b?.afterMs;
}

/** The same for ends of episodes: an end that moved is taken back where it was, and added where it is. */
export function rollUpEpisodes(waiting: readonly EpisodeToRoll[], days: readonly Day[]): RollUpChange {
  const changing = new Days(days);
  const episodes = waiting.map(({ episode, rolled }) => {
    const ends = endsOf(episode);
    for (const kind of ['acknowledged', 'resolved'] as const) {
      const [before, after] = [rolled[kind], ends[kind]];
      if (sameEnd(before, after)) continue;
      const { pattern } = episode;
      if (before !== null) changing.addEnd(before, { pattern, kind, sign: -1 });
      if (after !== null) changing.addEnd(after, { pattern, kind, sign: 1 });
    }
    return { id: episodeId(episode.incident, episode.episode), rolled: ends };
  });
  return { days: changing.changed(), hours: [], episodes };
}
