// Rolling up over the real SDK and the embedded server: documents as docs/schema.md tells, exactly once under faults.
import { randomUUID } from 'node:crypto';
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onAction } from '#shared/incident/lifecycle.ts';
import { connectLazily } from '../../functions/adapters/firestore-calls.ts';
import { createFirestoreRollUps, NOT_OVER_MS } from '../../functions/adapters/firestore-roll-up.ts';
import { createFirestoreStore } from '../../functions/adapters/firestore-store.ts';
import { foldTarget } from '../../functions/fold.ts';
import { rollUp } from '../../functions/roll-up.ts';
import { startFirestore, type RunningFirestore } from '../../infra/local/firestore/server.ts';
import type { FaultHook } from '../../infra/local/firestore/rpc.ts';
import { aLedgerSighting, aSighting, MINUTE_MS, T0_MS } from '../fakes/sightings.ts';

let server: RunningFirestore;
let faults: ReturnType<FaultHook>[] = [];
beforeAll(async () => {
  server = await startFirestore({
    dataFile: ':memory:',
    port: 0,
    fault: ({ method }) => (method === 'Commit' ? faults.shift() : undefined) ?? { kind: 'none' },
  });
  process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
});
afterAll(() => server.close());

const ID = aSighting([]).target;
const DAY = Math.floor(T0_MS / 86_400_000);
const HOUR = T0_MS / (60 * MINUTE_MS);
const clock = { nowMs: () => T0_MS };
const at = { nowMs: T0_MS + MINUTE_MS, quietAfterMs: () => 30 * MINUTE_MS };

function setUp() {
  const project = `roll-${randomUUID()}`;
  const db = connectLazily({ project, database: '(default)' });
  const store = createFirestoreStore({ db, nowMs: () => T0_MS });
  const rollUps = createFirestoreRollUps(db);
  const raw = new Firestore({ projectId: project, host: `${server.host}:${server.port}`, ssl: false });
  const read = async (path: string) => (await raw.doc(path).get()).data();
  const seen = async (entries: readonly number[]) => {
    const sightings = [aSighting(entries), aLedgerSighting(entries)];
    await store.saveBatch({ sightings, parked: [], atMs: T0_MS });
    await foldTarget(store, { kind: 'incident', id: ID }, at);
    await foldTarget(store, { kind: 'ledger', id: 'ledger-demo-project' }, at);
  };
  return { store, rollUps, raw, read, seen };
}

test('what a fold counts waits, is rolled up into its day, and waits no longer', async () => {
  const { rollUps, read, seen } = setUp();
  await seen([1, 2, 3]);
  expect(await read(`incidents/${ID}/minutes/h${HOUR}`)).toMatchObject({ counts: { '0': 3 }, toRoll: true });
  expect(await rollUps.hoursToRoll(10)).toHaveLength(2);
  expect(await rollUps.hoursToRoll(1)).toHaveLength(1);
  await rollUp({ rollUps, clock });
  expect(await rollUps.hoursToRoll(10)).toEqual([]);
  const rolled = await read(`incidents/${ID}/minutes/h${HOUR}`);
  expect(rolled).toMatchObject({ counts: { '0': 3 }, rolled: { '0': 3 } });
  expect(rolled).not.toHaveProperty('toRoll');
  expect(await read(`days/${DAY}`)).toMatchObject({
    day: DAY,
    version: 1,
    slots: { 'config-not-found': { '60': 3 }, 'held-back': { '60': 3 } },
    ends: {},
  });
});

test.for(['before', 'after'] as const)(
  'a roll-up whose commit fails %s it took effect adds once',
  async (when) => {
    const { rollUps, read, seen } = setUp();
    await seen([1, 2]);
    faults = [{ kind: when, code: status.UNAVAILABLE }];
    await rollUp({ rollUps, clock });
    await seen([3]);
    faults = [{ kind: when, code: status.ABORTED }];
    await rollUp({ rollUps, clock });
    expect(faults).toEqual([]);
    expect(await read(`days/${DAY}`)).toMatchObject({ slots: { 'config-not-found': { '60': 3 } } });
  },
);

test('folds and roll-ups at once lose nothing and add nothing twice', async () => {
  const { rollUps, read, seen } = setUp();
  const folds = async (): Promise<void> => {
    for (let n = 0; n < 12; n += 1) await seen([n]);
  };
  const rolls = async (): Promise<void> => {
    for (let n = 0; n < 8; n += 1) await rollUp({ rollUps, clock });
  };
  await Promise.all([folds(), rolls(), rolls()]);
  await rollUp({ rollUps, clock });
  expect(await read(`days/${DAY}`)).toMatchObject({
    slots: { 'config-not-found': { '60': 12 }, 'held-back': { '60': 12 } },
  });
});

test('an episode is written when its incident opens, is acted on, and is over; its ends reach their day', async () => {
  const { store, rollUps, read, seen } = setUp();
  await seen([1, 2]);
  const path = `episodes/${ID}-1`;
  const opened = await read(path);
  expect(opened).toMatchObject({
    incident: ID,
    episode: 1,
    state: 'open',
    count: 2,
    resolvedAt: null,
    version: 1,
  });
  expect(opened?.['endsAt'].toMillis()).toBe(NOT_OVER_MS);
  expect(await rollUps.episodesToRoll(10)).toEqual([]);
  await seen([3]);
  expect(await read(path)).toEqual(opened);
  for (const [index, kind] of (['acknowledge', 'resolve'] as const).entries()) {
    const nowMs = T0_MS + (index + 1) * MINUTE_MS;
    await store.advanceIncident(ID, (now) => onAction(now, { kind }, { who: 'U1', nowMs }));
    expect(await rollUps.episodesToRoll(10)).toEqual([`${ID}-1`]);
    await rollUp({ rollUps, clock });
  }
  const over = await read(path);
  expect(over).toMatchObject({ state: 'resolved', resolvedBy: 'person', count: 3 });
  expect(over?.['endsAt'].toMillis()).toBe(T0_MS + 2 * MINUTE_MS);
  expect(await read(`days/${DAY}`)).toMatchObject({
    ends: {
      'config-not-found': {
        acknowledged: 1,
        acknowledgedMs: MINUTE_MS,
        resolved: 1,
        resolvedMs: 2 * MINUTE_MS,
      },
    },
  });
});

test('hours that were counted before there were days reach their days once they are flagged, once', async () => {
  const { rollUps, read, raw } = setUp();
  const hour = raw.doc(`incidents/${ID}/minutes/h${HOUR}`);
  await hour.set({ startsAt: Timestamp.fromMillis(T0_MS), counts: { '0': 2, '59': 3 } });
  await rollUp({ rollUps, clock });
  expect(await read(`days/${DAY}`)).toBeUndefined();
  for (let again = 0; again < 2; again += 1) {
    await hour.update({ toRoll: true });
    await rollUp({ rollUps, clock });
    expect(await read(`days/${DAY}`)).toMatchObject({ slots: { 'config-not-found': { '60': 2, '65': 3 } } });
  }
});
