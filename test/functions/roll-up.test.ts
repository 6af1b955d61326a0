// The roll-up of the tick: days equal what was folded, whatever crashes between; bounded in time and size.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HELD_BACK, SLOT_MINUTES, SLOTS_PER_DAY, type Day } from '#shared/model/history.ts';
import { onAction, onTime } from '#shared/incident/lifecycle.ts';
import { foldTarget } from '../../functions/fold.ts';
import type { RollUps, Store } from '../../functions/ports.ts';
import {
  rollUp,
  ROLL_UP_EPISODES_MAX,
  ROLL_UP_EPISODES_TOGETHER,
  ROLL_UP_HOURS_MAX,
  ROLL_UP_HOURS_TOGETHER,
  ROLL_UP_MS_MAX,
} from '../../functions/roll-up.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { aLedgerSighting, anOpenIncident, aSighting, MINUTE_MS, T0_MS } from '../fakes/sightings.ts';

const MINUTE = T0_MS / MINUTE_MS;
const TARGETS = ['config-not-found-0123456789abcdef', 'dns-failure-0123456789abcdef'];
const LEDGER = 'ledger-demo-project';
const clock = { nowMs: () => T0_MS };
const at = { nowMs: T0_MS + MINUTE_MS, quietAfterMs: () => 30 * MINUTE_MS };

/** Slot since 1970 and key → entries. */
function slotsOf(days: Iterable<Day>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { day, slots } of days)
    for (const [key, ofKey] of Object.entries(slots))
      for (const [slot, entries] of ofKey) sums.set(`${day * SLOTS_PER_DAY + slot} ${key}`, entries);
  return sums;
}

function countedIn(store: MemoryStore): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const target of [...TARGETS, LEDGER])
    for (const [minute, entries] of store.shelf(target).minutes) {
      const key = target === LEDGER ? HELD_BACK : target.slice(0, -17);
      const slot = `${Math.floor(minute / SLOT_MINUTES)} ${key}`;
      sums.set(slot, (sums.get(slot) ?? 0) + entries);
    }
  return sums;
}

const fold = (store: Store, target: string) =>
  foldTarget(store, { kind: target === LEDGER ? 'ledger' : 'incident', id: target }, at);

test('folds and roll-ups in any order, with any crash between, leave days that equal what was counted', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('save' as const),
      target: fc.constantFrom(...TARGETS, LEDGER),
      entry: fc.integer({ min: 0, max: 30 }),
      minutesAgo: fc.constantFrom(0, 1, 9, 10, 59, 60, 600, 1_440),
    }),
    fc.record({ kind: fc.constant('fold' as const), target: fc.constantFrom(...TARGETS, LEDGER) }),
    fc.record({
      kind: fc.constant('roll' as const),
      fault: fc.constantFrom('none' as const, 'before' as const, 'after' as const),
    }),
  );
  const slots = { most: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const store = createMemoryStore();
      for (const one of steps) {
        if (one.kind === 'save') {
          const made = one.target === LEDGER ? aLedgerSighting([]) : aSighting([]);
          const sighting = aSighting([one.entry], { minute: MINUTE - one.minutesAgo });
          const { kind, pattern, scope, target } = { ...made, target: one.target };
          const saved = { ...sighting, kind, pattern, scope, target };
          await store.saveBatch({ sightings: [saved], parked: [], atMs: T0_MS });
        } else if (one.kind === 'fold') await fold(store, one.target);
        else {
          if (one.fault !== 'none') store.breakNext('rollUp', one.fault);
          await rollUp({ rollUps: store, clock }).catch(() => undefined);
        }
      }
      for (const target of [...TARGETS, LEDGER]) await fold(store, target);
      // Faults that met no roll-up so far are still to come.
      const fails = () =>
        rollUp({ rollUps: store, clock }).then(
          () => false,
          () => true,
        );
      while (await fails());
      const expected = countedIn(store);
      expect(slotsOf(store.days.values())).toEqual(expected);
      slots.most = Math.max(slots.most, expected.size);
    }),
    { numRuns: 150 },
  );
  expect(slots.most).toBeGreaterThan(3);
});

test('an episode’s acknowledgement and resolution are counted once, on their days', async () => {
  const store = createMemoryStore();
  const [id = ''] = TARGETS;
  store.shelf(id).incident = anOpenIncident(id, 'config-not-found');
  await store.advanceIncident(id, (now) =>
    onAction(now, { kind: 'acknowledge' }, { who: 'U1', nowMs: T0_MS + 60_000 }),
  );
  await rollUp({ rollUps: store, clock });
  await rollUp({ rollUps: store, clock });
  await store.advanceIncident(id, (now) => onTime(now, MINUTE_MS, T0_MS + 86_400_000));
  store.breakNext('rollUp', 'after');
  await expect(rollUp({ rollUps: store, clock })).rejects.toThrow('UNAVAILABLE');
  await rollUp({ rollUps: store, clock });
  const ends = [...store.days.values()].map((day) => day.ends['config-not-found']);
  expect(ends).toEqual([{ acknowledged: 1, acknowledgedMs: 60_000, resolved: 1, resolvedMs: 60_000 }]);
  expect(store.episodes.get(`${id}-1`)).toMatchObject({ state: 'resolved', resolvedBy: 'quiet' });
});

test('a tick writes one document for each hour that counted something, and one for their day', async () => {
  const store = createMemoryStore();
  for (const target of TARGETS)
    await store.saveBatch({ sightings: [aSighting([1], { target })], parked: [], atMs: T0_MS });
  await store.saveBatch({ sightings: [aLedgerSighting([1])], parked: [], atMs: T0_MS });
  for (const target of [...TARGETS, LEDGER]) await fold(store, target);
  const { writes } = store.operations;
  await rollUp({ rollUps: store, clock });
  expect(store.operations.writes - writes).toBe(TARGETS.length + 1 + 1);
});

test('where nothing waits nothing is written', async () => {
  const store = createMemoryStore();
  await store.saveBatch({ sightings: [aSighting([1])], parked: [], atMs: T0_MS });
  await fold(store, aSighting([]).target);
  await rollUp({ rollUps: store, clock });
  const { writes } = store.operations;
  await rollUp({ rollUps: store, clock });
  expect(store.operations.writes).toBe(writes);
});

/** Roll-ups that only count what they are asked for. */
function counting(hours: number, episodes: number, daysOf = 1_000) {
  const asked: { hours: number; episodes: number; transactions: number } = {
    hours: 0,
    episodes: 0,
    transactions: 0,
  };
  const left = { hours, episodes };
  const rollUps: RollUps = {
    hoursToRoll: (limit) => {
      const count = Math.min(limit, left.hours);
      left.hours -= count;
      asked.hours += count;
      return Promise.resolve(
        Array.from({ length: count }, (_, n) => ({
          kind: 'incident' as const,
          target: `x-${n}`,
          hour: n % daysOf,
        })),
      );
    },
    episodesToRoll: (limit) => {
      const count = Math.min(limit, left.episodes);
      left.episodes -= count;
      asked.episodes += count;
      return Promise.resolve(Array.from({ length: count }, (_, n) => `x-${n}`));
    },
    rollUp: () => {
      asked.transactions += 1;
      return Promise.resolve();
    },
  };
  return { rollUps, asked };
}

test.for([
  [ROLL_UP_HOURS_MAX - 1, ROLL_UP_EPISODES_MAX - 1],
  [ROLL_UP_HOURS_MAX, ROLL_UP_EPISODES_MAX],
  [ROLL_UP_HOURS_MAX + 1, ROLL_UP_EPISODES_MAX + 1],
] as const)(
  '%i hours and %i episodes are all taken in one tick that has the time',
  async ([hours, episodes]) => {
    const { rollUps, asked } = counting(hours, episodes);
    await rollUp({ rollUps, clock });
    expect(asked).toMatchObject({ hours, episodes });
  },
);

test.for([
  [ROLL_UP_HOURS_TOGETHER - 1, ROLL_UP_EPISODES_TOGETHER - 1, 2],
  [ROLL_UP_HOURS_TOGETHER, ROLL_UP_EPISODES_TOGETHER, 2],
  [ROLL_UP_HOURS_TOGETHER + 1, ROLL_UP_EPISODES_TOGETHER + 1, 4],
] as const)(
  '%i hours of one day and %i episodes take %i transactions',
  async ([hours, episodes, transactions]) => {
    const { rollUps, asked } = counting(hours, episodes, 1);
    await rollUp({ rollUps, clock });
    expect(asked.transactions).toBe(transactions);
  },
);

test('hours of different days are never in one transaction: each reads one day', async () => {
  const { rollUps, asked } = counting(72, 0, 72);
  await rollUp({ rollUps, clock });
  expect(asked.transactions).toBe(3);
});

test('a tick stops when its time is up, and the next one carries on', async () => {
  const { rollUps, asked } = counting(ROLL_UP_HOURS_MAX, 10);
  let nowMs = 0;
  const late = { nowMs: () => nowMs };
  const slow: RollUps = {
    ...rollUps,
    rollUp: (work) => {
      nowMs += ROLL_UP_MS_MAX / 3;
      return rollUps.rollUp(work);
    },
  };
  await rollUp({ rollUps: slow, clock: late });
  expect(asked).toMatchObject({ transactions: 3, episodes: 0 });
});
