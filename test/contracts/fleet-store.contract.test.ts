// What diagnosing and the sweep expect of their store, held against the one in memory and against Firestore's adapter.
import { randomUUID } from 'node:crypto';
import { Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '#shared/model/diagnosis.ts';
import type { ProxyState } from '#shared/model/fleet.ts';
import { connectLazily } from '../../functions/adapters/firestore-calls.ts';
import { createFirestoreFleet } from '../../functions/adapters/firestore-fleet.ts';
import type { DiagnosisStore, FleetStore } from '../../functions/ports.ts';
import { startFirestore, type RunningFirestore } from '../../infra/local/firestore/server.ts';
import { createMemoryFleet } from '../fakes/fleet-store.ts';
import { T0_MS } from '../fakes/sightings.ts';

let server: RunningFirestore;
beforeAll(async () => {
  server = await startFirestore({ dataFile: ':memory:', port: 0 });
  process.env['METADATA_SERVER_DETECTION'] ??= 'none';
  process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
});
afterAll(() => server.close());

const aState = (id: string, changes: Partial<ProxyState> = {}): ProxyState => ({
  vm: {
    id,
    project: 'demo-mesh',
    zone: 'europe-west3-b',
    number: '42',
    name: 'checkout-0000',
    group: 'checkout',
    groupPlace: 'zones/europe-west3-b',
    isRunning: true,
    startedAtMs: T0_MS - 5_000,
    hasGuestAttributes: true,
    isManaged: true,
  },
  heartbeat: '2026-11-01T10:00:00Z',
  beatAtMs: T0_MS,
  bootstrapStatus: 'FINISHED',
  proxyVersion: '',
  lastFailure: 'none of your business',
  failureSinceMs: 0,
  unreadable: '',
  unreadableSinceMs: 0,
  incidents: [],
  seenAtMs: T0_MS + 1,
  lookedAtMs: T0_MS + 1,
  ...changes,
});

const aDiagnosis = (incident: string, dueAtMs: number): Diagnosis => ({
  incident,
  episode: 2,
  ranAtMs: T0_MS,
  runs: 3,
  faults: { 'forwarding-rules': 'no rule' },
  dueAtMs,
  context: [{ atMs: T0_MS, level: 'warning', logName: 'l', message: 'm' }],
  contextAtMs: T0_MS + 2,
  envoyVersion: '1.29.7',
});

describe.for([
  ['in memory', createMemoryFleet],
  [
    'in Firestore',
    () =>
      createFirestoreFleet(
        connectLazily({ project: `p-${randomUUID().slice(0, 8)}`, database: '(default)' }),
      ),
  ],
] satisfies [string, () => DiagnosisStore & FleetStore][])('%s', ([, make]) => {
  test('a diagnosis comes back as it was written; those that are due are found by their time', async () => {
    const store = make();
    expect(await store.diagnosis('a')).toBeUndefined();
    await store.saveDiagnosis(aDiagnosis('a', T0_MS + 1));
    await store.saveDiagnosis(aDiagnosis('b', T0_MS));
    await store.saveDiagnosis(aDiagnosis('never', 0));
    expect(await store.diagnosis('a')).toEqual(aDiagnosis('a', T0_MS + 1));
    expect(await store.diagnosesDue(T0_MS, 10)).toEqual(['b']);
    expect((await store.diagnosesDue(T0_MS + 1, 10)).toSorted()).toEqual(['a', 'b']);
    expect(await store.diagnosesDue(T0_MS + 1, 1)).toHaveLength(1);
  });

  test('states of VMs come back as they were written; ailing ones are found, by incident too', async () => {
    const store = make();
    await store.saveProxies([aState('1'), aState('2', { incidents: ['x'] })]);
    expect(await store.proxies(['1', 'nobody'])).toEqual([aState('1')]);
    expect(await store.proxies([])).toEqual([]);
    expect(await store.ailing(10)).toEqual([aState('2', { incidents: ['x'] })]);
    expect([await store.isAiling('x'), await store.isAiling('y')]).toEqual([true, false]);
    await store.saveProxies([aState('2')]);
    expect([await store.ailing(10), await store.isAiling('x')]).toEqual([[], false]);
  });

  test('more states than one commit holds are all written', async () => {
    const store = make();
    const states = Array.from({ length: 401 }, (_, n) => aState(`vm-${n}`, { incidents: ['x'] }));
    await store.saveProxies(states);
    expect(await store.ailing(1_000)).toHaveLength(401);
  });

  test('the cursors and the habit of the pipeline come back', async () => {
    const store = make();
    expect([await store.sweep(), await store.pipeline(), await store.lastArrivalMs()]).toEqual([
      undefined,
      undefined,
      0,
    ]);
    const sweep = {
      cursors: { 'demo-mesh europe-west3': 'ab' },
      unreadable: { 'why not': 3 },
      standing: ['pipeline-silent-0123456789abcdef'],
      sweptAtMs: T0_MS,
    };
    await store.saveSweep(sweep);
    expect(await store.sweep()).toEqual(sweep);
    const pipeline = { lastArrivalMs: T0_MS, sinceMs: T0_MS - 1, longestGapMs: 7 };
    await store.savePipeline(pipeline);
    expect(await store.pipeline()).toEqual(pipeline);
  });
});

test('the latest incidents tell whose entries were seen, and when the last one came that is not our own', async () => {
  const project = `p-${randomUUID().slice(0, 8)}`;
  const db = connectLazily({ project, database: '(default)' });
  const fleet = createFirestoreFleet(db);
  expect([await fleet.lastFindingMs(), await fleet.seen(10)]).toEqual([0, []]);
  const proxy = (id: string) => ({
    id,
    project: 'demo-mesh',
    location: 'z',
    name: id,
    displayName: id,
    group: '',
  });
  const sample = (seconds: number, log: string) => ({
    at: Timestamp.fromMillis(T0_MS + seconds * 1_000),
    logName: `projects/demo-mesh/logs/${log}`,
  });
  const write = async (id: string, seconds: number, log: string): Promise<void> => {
    await db()
      .collection('incidents')
      .doc(id)
      .set({
        lastSeenAt: Timestamp.fromMillis(T0_MS + seconds * 1_000),
        samples: [sample(seconds, log), sample(seconds + 60, 'guest-attributes')],
        proxies: [proxy(id)],
      });
  };
  await write('old', 1, 'envoy_err');
  await write('ours', 2, 'guest-attributes');
  expect(await fleet.lastFindingMs()).toBe(T0_MS + 1_000);
  expect(await fleet.seen(10)).toEqual([proxy('ours'), proxy('old')]);
  expect(await fleet.seen(1)).toEqual([proxy('ours')]);
});

test('documents written before some fields were there are read: absent is never, none, or what was true then', async () => {
  const db = connectLazily({ project: `earlier-${randomUUID()}`, database: '(default)' });
  const fleet = createFirestoreFleet(db);
  const at = Timestamp.fromMillis(T0_MS);
  const { isManaged: _, startedAtMs: __, ...vm } = aState('vm').vm;
  const proxy = { ...aState('vm'), vm: { ...vm, startedAt: at }, beatAt: at, failureSince: null, seenAt: at };
  const { unreadableSinceMs: ___, ...earlier } = proxy;
  const { contextAtMs: ____, ranAtMs: _____, dueAtMs: ______, ...diagnosis } = aDiagnosis('one', 0);
  await Promise.all([
    db().collection('proxies').doc('vm').set(earlier),
    db()
      .collection('diagnoses')
      .doc('one')
      .set({ ...diagnosis, context: [], ranAt: at, dueAt: null }),
    db().collection('sweeps').doc('fleet').set({ cursors: {}, unreadable: {}, sweptAt: at }),
  ]);
  const [state] = await fleet.proxies(['vm']);
  expect(state).toMatchObject({ unreadableSinceMs: 0, vm: { isManaged: true } });
  expect(await fleet.diagnosis('one')).toMatchObject({ contextAtMs: 0, runs: 3 });
  expect(await fleet.sweep()).toMatchObject({ standing: [] });
  await db().terminate();
});
