// Rolling up: days are the sum of what was counted and of what ended, however often it is rolled and in whatever order.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { daysOfEpisodes, rollUpEpisodes, rollUpHours } from '#shared/incident/roll-up.ts';
import { HELD_BACK, SLOTS_PER_DAY, type Day, type Episode } from '#shared/model/history.ts';
import type { HourPlace, RolledEnds } from '#shared/model/roll-up.ts';
import { T0_MS } from '../fakes/sightings.ts';

const DAY_MS = 86_400_000;
const DAY = Math.floor(T0_MS / DAY_MS);
const NOTHING: RolledEnds = { acknowledged: null, resolved: null };

const place = (hour: number, changes: Partial<HourPlace> = {}): HourPlace => ({
  kind: 'incident',
  target: 'config-not-found-0123456789abcdef',
  hour,
  ...changes,
});

const anEpisode = (changes: Partial<Episode> = {}): Episode => ({
  incident: 'dns-failure-0123456789abcdef',
  episode: 1,
  pattern: 'dns-failure',
  scope: {},
  severity: 'error',
  state: 'open',
  openedAtMs: T0_MS,
  acknowledgedAtMs: 0,
  resolvedAtMs: 0,
  resolvedBy: '',
  count: 1,
  proxyCount: 1,
  ...changes,
});

test('an hour fills six slots of its day under its pattern; ledgers share one key', () => {
  const counts = new Map([
    [0, 1],
    [9, 2],
    [10, 4],
    [59, 8],
  ]);
  const ledger = place(DAY * 24 + 23, { kind: 'ledger', target: 'ledger-demo-project' });
  const { days, hours } = rollUpHours(
    [
      { place: place(DAY * 24 + 1), counts, rolled: new Map() },
      { place: ledger, counts, rolled: new Map([[0, 3]]) },
    ],
    [],
  );
  const slots = new Map([
    [6, 3],
    [7, 4],
    [11, 8],
  ]);
  const late = new Map([
    [139, 4],
    [143, 8],
  ]);
  expect(days).toEqual([{ day: DAY, slots: { 'config-not-found': slots, [HELD_BACK]: late }, ends: {} }]);
  expect(Math.max(...late.keys())).toBe(SLOTS_PER_DAY - 1);
  expect(hours.map(({ rolled }) => rolled)).toEqual(
    Array.from(
      { length: 2 },
      () =>
        new Map([
          [0, 3],
          [1, 4],
          [5, 8],
        ]),
    ),
  );
});

test('what was rolled up already changes no day', () => {
  const hour = { place: place(DAY * 24), counts: new Map([[3, 5]]), rolled: new Map([[0, 5]]) };
  expect(rollUpHours([hour], []).days).toEqual([]);
  const end = { day: DAY, afterMs: 60_000 };
  const episode = anEpisode({ resolvedAtMs: T0_MS + 60_000 });
  expect(rollUpEpisodes([{ episode, rolled: { ...NOTHING, resolved: end } }], []).days).toEqual([]);
});

test('an end is added to the day it came on, and moves when it moves', () => {
  const acknowledged = anEpisode({ acknowledgedAtMs: T0_MS + 5_000 });
  const first = rollUpEpisodes([{ episode: acknowledged, rolled: NOTHING }], []);
  expect(first.days).toEqual([
    {
      day: DAY,
      slots: {},
      ends: { 'dns-failure': { acknowledged: 1, acknowledgedMs: 5_000, resolved: 0, resolvedMs: 0 } },
    },
  ]);
  const [rolled] = first.episodes;
  const moved = { ...acknowledged, acknowledgedAtMs: T0_MS + DAY_MS, resolvedAtMs: T0_MS + DAY_MS + 1 };
  const waiting = [{ episode: moved, rolled: rolled?.rolled ?? NOTHING }];
  expect([...daysOfEpisodes(waiting)].toSorted((a, b) => a - b)).toEqual([DAY, DAY + 1]);
  const second = rollUpEpisodes(waiting, first.days);
  expect(second.days.map(({ day, ends }) => [day, ends['dns-failure']])).toEqual([
    [DAY, { acknowledged: 0, acknowledgedMs: 0, resolved: 0, resolvedMs: 0 }],
    [DAY + 1, { acknowledged: 1, acknowledgedMs: DAY_MS, resolved: 1, resolvedMs: DAY_MS + 1 }],
  ]);
});

test('counts that grow between roll-ups are added once, in any number of steps', () => {
  const step = fc.record({
    hour: fc.integer({ min: DAY * 24 - 2, max: DAY * 24 + 2 }),
    minute: fc.integer({ min: 0, max: 59 }),
    entries: fc.integer({ min: 1, max: 9 }),
    roll: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const counts = new Map<number, Map<number, number>>();
      const rolled = new Map<number, ReadonlyMap<number, number>>();
      const days = new Map<number, Day>();
      const roll = (): void => {
        const waiting = [...counts].map(([hour, minutes]) => ({
          place: place(hour),
          counts: minutes,
          rolled: rolled.get(hour) ?? new Map<number, number>(),
        }));
        const change = rollUpHours(waiting, [...days.values()]);
        for (const day of change.days) days.set(day.day, day);
        for (const hour of change.hours) rolled.set(hour.place.hour, hour.rolled);
      };
      for (const { hour, minute, entries, roll: now } of steps) {
        const minutes = counts.get(hour) ?? new Map<number, number>();
        minutes.set(minute, (minutes.get(minute) ?? 0) + entries);
        counts.set(hour, minutes);
        if (now) roll();
      }
      roll();
      const expected = new Map<number, number>();
      for (const { hour, minute, entries } of steps) {
        const slot = hour * 6 + Math.floor(minute / 10);
        expected.set(slot, (expected.get(slot) ?? 0) + entries);
      }
      const found = [...days.values()].flatMap(({ day, slots }) =>
        [...(slots['config-not-found'] ?? [])].map(
          ([slot, entries]) => [day * SLOTS_PER_DAY + slot, entries] as const,
        ),
      );
      expect(new Map(found)).toEqual(expected);
    }),
  );
});
