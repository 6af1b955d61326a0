// The tick: it nudges what was left, folds the ledgers, and no part that fails stops the others.
import { expect, test } from 'vitest';
import { createWatch, TICK_DUE_MAX, TICK_SIGHTINGS_MAX } from '../../functions/watch.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { aLedgerSighting, anOpenIncident, aSighting, T0_MS } from '../fakes/sightings.ts';
import { createFakeClock, createFakeLog, createFakeNudges } from '../fakes/world.ts';

async function setUp() {
  const store = createMemoryStore();
  const clock = createFakeClock(T0_MS + 60_000);
  const nudges = createFakeNudges();
  const log = createFakeLog();
  const put = (id: string, lookAtMs: number): void => {
    store.shelf(id).incident = anOpenIncident(id, 'config-not-found', { lookAtMs });
  };
  const save = (sightings: Parameters<typeof store.saveBatch>[0]['sightings']) =>
    store.saveBatch({ sightings, parked: [], atMs: T0_MS });
  return { store, nudges, log, put, save, watch: createWatch({ store, nudges, clock, log }) };
}

test('what waits unfolded and what is due is nudged, each once', async () => {
  const { nudges, put, save, watch } = await setUp();
  put('due', T0_MS);
  put('later', T0_MS + 3_600_000);
  put('b', T0_MS + 1);
  await save([
    aSighting([1], { target: 'a' }),
    aSighting([2], { target: 'a' }),
    aSighting([3], { target: 'b' }),
  ]);
  expect(await watch()).toEqual({ status: 204 });
  expect(nudges.published.toSorted()).toEqual(['a', 'b', 'due']);
});

test('a tick without anything to do publishes nothing', async () => {
  const { nudges, watch } = await setUp();
  nudges.next.push(() => Promise.reject(new Error('nothing was to be published')));
  expect(await watch()).toEqual({ status: 204 });
});

test('ledgers are folded by the tick itself, however much waits', async () => {
  const { store, nudges, save, watch } = await setUp();
  await save(Array.from({ length: 450 }, (_, n) => aLedgerSighting([n])));
  expect(await watch()).toEqual({ status: 204 });
  expect(store.sightings.size).toBe(0);
  expect(store.shelf('ledger-demo-project').ledger?.count).toBe(450);
  expect(nudges.published).toEqual([]);
});

test.for(['waitingTargets', 'due', 'fold'] as const)(
  'a failing %s is reported and stops nothing else',
  async (method) => {
    const { store, nudges, log, put, save, watch } = await setUp();
    put('due', T0_MS);
    await save([aSighting([1], { target: 'a' }), aLedgerSighting([2])]);
    store.breakNext(method, 'before');
    expect((await watch()).status).toBe(503);
    expect(nudges.published).toEqual(
      method === 'due' ? ['a'] : method === 'waitingTargets' ? ['due'] : ['a', 'due'],
    );
    expect(log.lines).toHaveLength(1);
    expect((await watch()).status).toBe(204);
    expect(store.shelf('ledger-demo-project').ledger?.count).toBe(1);
  },
);

test('nudges that can’t be published leave the ledgers folded and the tick failed', async () => {
  const { store, nudges, put, save, watch } = await setUp();
  put('due', T0_MS);
  await save([aLedgerSighting([2])]);
  nudges.next.push(() => Promise.reject(new Error('UNAVAILABLE')));
  expect((await watch()).status).toBe(503);
  expect(store.shelf('ledger-demo-project').ledger?.count).toBe(1);
});

test.for([
  [TICK_SIGHTINGS_MAX - 1, TICK_SIGHTINGS_MAX - 1],
  [TICK_SIGHTINGS_MAX, TICK_SIGHTINGS_MAX],
  [TICK_SIGHTINGS_MAX + 1, TICK_SIGHTINGS_MAX],
] as const)('of %i waiting sightings one tick looks at %i', async ([waiting, looked]) => {
  const { nudges, save, watch } = await setUp();
  await save(Array.from({ length: waiting }, (_, n) => aSighting([n], { target: `x-${n}` })));
  await watch();
  expect(nudges.published).toHaveLength(looked);
});

test.for([
  [TICK_DUE_MAX - 1, TICK_DUE_MAX - 1],
  [TICK_DUE_MAX, TICK_DUE_MAX],
  [TICK_DUE_MAX + 1, TICK_DUE_MAX],
] as const)('of %i due incidents one tick nudges %i, the longest due first', async ([due, nudged]) => {
  const { nudges, put, watch } = await setUp();
  for (let n = 0; n < due; n += 1) put(`x-${n}`, T0_MS + due - n);
  await watch();
  expect(nudges.published).toHaveLength(nudged);
  expect(nudges.published).toContain(`x-${due - 1}`);
});
