// One folding transaction: what it counts, what it writes, how much it takes in.
import { describe, expect, test } from 'vitest';
import { FOLD_BYTES_MAX, FOLD_SIGHTINGS_MAX, foldTarget } from '../../functions/fold.ts';
import { PAGE_BYTES_MAX } from '#shared/incident/packed-set.ts';
import type { Sighting } from '#shared/model/sighting.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { aLedgerSighting, aSighting, MINUTE_MS, pack, spread, T0_MS } from '../fakes/sightings.ts';

const TARGET = { kind: 'incident', id: aSighting([]).target } as const;
const LEDGER = { kind: 'ledger', id: 'ledger-demo-project' } as const;
const MINUTE = T0_MS / MINUTE_MS;
const at = { nowMs: T0_MS + MINUTE_MS, quietAfterMs: () => 30 * MINUTE_MS };

async function filled(sightings: readonly Sighting[]): Promise<MemoryStore> {
  const store = createMemoryStore();
  await store.saveBatch({ sightings, parked: [], atMs: T0_MS });
  return store;
}

const count = (store: MemoryStore): number | undefined => store.shelf(TARGET.id).incident?.evidence.count;

test('the count is the number of distinct entries, whoever repeats them, however they are folded', async () => {
  const store = await filled([aSighting([1, 2, 3]), aSighting([3, 4])]);
  await foldTarget(store, TARGET, at);
  expect(count(store)).toBe(4);
  await store.saveBatch({ sightings: [aSighting([1, 4]), aSighting([5])], parked: [], atMs: T0_MS });
  await foldTarget(store, TARGET, at);
  expect(count(store)).toBe(5);
  expect(store.shelf(TARGET.id).incident?.evidence.labels).toEqual({ sure: 5 });
  expect(store.shelf(TARGET.id).minutes).toEqual(new Map([[MINUTE, 5]]));
  expect(store.sightings.size).toBe(0);
});

test('sightings that hold nothing new are taken away and change no count, state or story', async () => {
  const store = await filled([aSighting([1])]);
  await foldTarget(store, TARGET, at);
  const before = store.shelf(TARGET.id).incident;
  await store.saveBatch({ sightings: [aSighting([1])], parked: [], atMs: T0_MS });
  await foldTarget(store, TARGET, { ...at, nowMs: at.nowMs + 1_000 });
  expect(store.shelf(TARGET.id).incident).toEqual(before);
  expect(store.sightings.size).toBe(0);
});

test('a fold whose answer is lost is made again without counting twice', async () => {
  const store = await filled([aSighting([1, 2])]);
  store.breakNext('fold', 'after');
  await expect(foldTarget(store, TARGET, at)).rejects.toThrow('UNAVAILABLE');
  await foldTarget(store, TARGET, at);
  expect(count(store)).toBe(2);
  expect(store.shelf(TARGET.id).timeline.map(({ kind }) => kind)).toEqual(['opened']);
});

test('a reconciler that listed what another one folded meanwhile counts nothing twice and tells no new story', async () => {
  const store = await filled([aSighting([1, 2])]);
  const listed = await store.waitingFor(TARGET.id, 10);
  await foldTarget(store, TARGET, at);
  const before = store.shelf(TARGET.id).incident;
  const { operations } = store;
  const reads = operations.reads;
  await foldTarget({ ...store, waitingFor: () => Promise.resolve(listed) }, TARGET, at);
  expect(store.shelf(TARGET.id).incident).toEqual(before);
  expect(store.shelf(TARGET.id).minutes).toEqual(new Map([[MINUTE, 2]]));
  expect(store.shelf(TARGET.id).timeline).toHaveLength(1);
  // What was listed is not read again: the incident, its hour and its page of proxies are.
  expect(operations.reads - reads).toBeLessThanOrEqual(3);
});

test.for([
  [FOLD_SIGHTINGS_MAX - 1, false, 0],
  [FOLD_SIGHTINGS_MAX, true, 0],
  [FOLD_SIGHTINGS_MAX + 1, true, 1],
] as const)('of %i sightings more may wait: %s; left over: %i', async ([sightings, more, left]) => {
  const store = await filled(Array.from({ length: sightings }, (_, n) => aSighting([n])));
  expect((await foldTarget(store, TARGET, at)).more).toBe(more);
  expect(store.sightings.size).toBe(left);
});

test('an id that nobody knows and nobody saw anything of stays unknown, at no cost', async () => {
  const store = createMemoryStore();
  expect(await foldTarget(store, TARGET, at)).toEqual({ incident: undefined, more: false });
  expect(await foldTarget(store, LEDGER, at)).toEqual({ incident: undefined, more: false });
  expect(store.operations.writes).toBe(0);
});

test('with nothing waiting only time passes: a look costs no write until quiet has come', async () => {
  const store = await filled([aSighting([1])]);
  await foldTarget(store, TARGET, at);
  const { writes } = store.operations;
  await foldTarget(store, TARGET, at);
  expect(store.operations.writes).toBe(writes);
  const quietMs = T0_MS + 31 * MINUTE_MS;
  const { incident } = await foldTarget(store, TARGET, { ...at, nowMs: quietMs });
  expect(incident).toMatchObject({ state: 'resolved', resolvedBy: 'quiet' });
  expect(store.shelf(TARGET.id).timeline.map(({ kind }) => kind)).toEqual(['opened', 'resolved']);
});

test('news make an appointment within a minute, so that a crash before telling is noticed', async () => {
  const store = await filled([aSighting([1])]);
  const { incident } = await foldTarget(store, TARGET, at);
  expect(incident?.lookAtMs).toBe(at.nowMs + MINUTE_MS);
});

test('a late repeat beside a new old entry reopens nothing', async () => {
  const store = await filled([aSighting([1]), aSighting([2], { minute: MINUTE + 10 })]);
  await foldTarget(store, TARGET, at);
  // A person resolved it between the two entries, by the proxies' clocks.
  const resolvedAtMs = T0_MS + 5 * MINUTE_MS;
  await store.changeIncident(TARGET.id, (now) => ({
    ...now,
    state: 'resolved',
    resolvedBy: 'person',
    resolvedAtMs,
  }));
  const mixed: Sighting = {
    ...aSighting([]),
    lastSeenMs: T0_MS + 10 * MINUTE_MS,
    slices: [
      { minute: MINUTE, label: 'sure', ids: pack([spread(3)]) },
      { minute: MINUTE + 10, label: 'sure', ids: pack([spread(2)]) },
    ],
  };
  await store.saveBatch({ sightings: [mixed], parked: [], atMs: T0_MS });
  const folded = await foldTarget(store, TARGET, at);
  expect(folded.incident).toMatchObject({ state: 'resolved', episode: 1, evidence: { count: 3 } });
  await store.saveBatch({ sightings: [aSighting([4], { minute: MINUTE + 11 })], parked: [], atMs: T0_MS });
  const reopened = await foldTarget(store, TARGET, at);
  expect(reopened.incident).toMatchObject({ state: 'open', episode: 2 });
});

describe('a ledger', () => {
  test('adds up what was held back, by reason, and is folded like an incident', async () => {
    const store = await filled([
      aLedgerSighting([1, 2]),
      aLedgerSighting([2, 3]),
      aLedgerSighting([9], 'ignored:information'),
    ]);
    await foldTarget(store, LEDGER, at);
    await store.saveBatch({ sightings: [aLedgerSighting([1])], parked: [], atMs: T0_MS });
    await foldTarget(store, LEDGER, at);
    expect(store.shelf(LEDGER.id).ledger).toMatchObject({
      count: 4,
      labels: { 'routine:stream-rotation': 3, 'ignored:information': 1 },
    });
  });
});

describe('sizes', () => {
  test('600,000 entries of one minute fit into documents and transactions', async () => {
    const entriesPerBatch = 500;
    const sightings = Array.from({ length: 1_200 }, (_, batch) =>
      aSighting(Array.from({ length: entriesPerBatch }, (_, n) => batch * entriesPerBatch + n)),
    );
    const store = await filled(sightings);
    const before = process.cpuUsage();
    while ((await foldTarget(store, TARGET, at)).more);
    const { user, system } = process.cpuUsage(before);
    // A third of a second where nothing else runs; reading a page once for each sighting took twelve.
    expect((user + system) / 1_000).toBeLessThan(4_000);
    expect(count(store)).toBe(600_000);
    expect(store.largest.document).toBeLessThanOrEqual(PAGE_BYTES_MAX);
    expect(store.largest.transaction).toBeLessThanOrEqual(FOLD_BYTES_MAX);
  });

  test('a backfill that touches more pages than a transaction holds is taken in by parts', async () => {
    // 60 hours of nearly a full page each, then a batch of sightings that all touch all of them.
    const idsPerHour = 31_000;
    const hours = Array.from({ length: 60 }, (_, hour) => hour);
    const store = createMemoryStore();
    for (const hour of hours) {
      const ids = Array.from({ length: idsPerHour }, (_, n) => hour * idsPerHour + n);
      const minute = MINUTE - (hour + 1) * 60;
      await store.saveBatch({ sightings: [aSighting(ids, { minute })], parked: [], atMs: T0_MS });
      await foldTarget(store, TARGET, at);
    }
    const fresh = hours.map((hour) => aSighting([9_000_000 + hour], { minute: MINUTE - (hour + 1) * 60 }));
    await store.saveBatch({ sightings: fresh, parked: [], atMs: T0_MS });
    const before = count(store) ?? 0;
    const first = await foldTarget(store, TARGET, at);
    expect(first.more).toBe(true);
    expect(store.sightings.size).toBeGreaterThan(0);
    while ((await foldTarget(store, TARGET, at)).more);
    expect(store.sightings.size).toBe(0);
    expect(count(store)).toBe(before + hours.length);
    expect(store.largest.transaction).toBeLessThanOrEqual(FOLD_BYTES_MAX);
  });
});
