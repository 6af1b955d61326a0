// Adds what was counted and what ended to the days of the overview. Part of the tick; never on the way of an entry.
// Each transaction reads what waits again, so that a crash at any point neither loses nor repeats anything.
import { dayOfHour, daysOfEpisodes, rollUpEpisodes, rollUpHours } from '#shared/incident/roll-up.ts';
import type { HourPlace } from '#shared/model/roll-up.ts';
import type { Clock, RollUps } from './ports.ts';

/** Hours of counts that are listed at once. */
export const ROLL_UP_HOURS_MAX = 500;

/** Hours that one transaction takes, all of one day. */
export const ROLL_UP_HOURS_TOGETHER = 100;

/** Episodes that are listed at once, and taken by one transaction: each may touch several days. */
export const ROLL_UP_EPISODES_MAX = 200;
export const ROLL_UP_EPISODES_TOGETHER = 20;

/** A tick rolls up for this long; what is left waits for the next. */
export const ROLL_UP_MS_MAX = 10_000;

export interface RollUpNeeds {
  readonly rollUps: RollUps;
  readonly clock: Pick<Clock, 'nowMs'>;
}

function inParts<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const parts: (readonly Item[])[] = [];
  for (let from = 0; from < items.length; from += size) parts.push(items.slice(from, from + size));
  return parts;
}

const rollHours = (rollUps: RollUps, day: number, places: readonly HourPlace[]): Promise<void> =>
  rollUps.rollUp(async (transaction) => {
    const hours = await transaction.hours(places);
    transaction.write(rollUpHours(hours, await transaction.days([day])));
  });

const rollEpisodes = (rollUps: RollUps, ids: readonly string[]): Promise<void> =>
  rollUps.rollUp(async (transaction) => {
    const episodes = await transaction.episodes(ids);
    transaction.write(rollUpEpisodes(episodes, await transaction.days(daysOfEpisodes(episodes))));
  });

/** Rolls up what waits until nothing does or the time is up. Rejects at the first transaction that fails. */
export async function rollUp({ rollUps, clock }: RollUpNeeds): Promise<void> {
  const endMs = clock.nowMs() + ROLL_UP_MS_MAX;
  for (let more = true; more && clock.nowMs() < endMs;) {
    const places = await rollUps.hoursToRoll(ROLL_UP_HOURS_MAX);
    more = places.length === ROLL_UP_HOURS_MAX;
    for (const [day, ofDay] of Map.groupBy(places, ({ hour }) => dayOfHour(hour)))
      for (const part of inParts(ofDay, ROLL_UP_HOURS_TOGETHER)) {
        if (clock.nowMs() >= endMs) return;
        await rollHours(rollUps, day, part);
      }
  }
  for (let more = true; more && clock.nowMs() < endMs;) {
    const ids = await rollUps.episodesToRoll(ROLL_UP_EPISODES_MAX);
    more = ids.length === ROLL_UP_EPISODES_MAX;
    for (const part of inParts(ids, ROLL_UP_EPISODES_TOGETHER)) {
      if (clock.nowMs() >= endMs) return;
      await rollEpisodes(rollUps, part);
    }
  }
}
