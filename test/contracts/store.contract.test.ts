// What the functions expect of a store, held against the one in memory and against Firestore's adapter with the real
// SDK over the embedded server.
import { randomUUID } from 'node:crypto';
import { Firestore } from '@google-cloud/firestore';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectLazily } from '../../functions/adapters/firestore-calls.ts';
import { createFirestoreStore } from '../../functions/adapters/firestore-store.ts';
import { IDS_KEPT_MS } from '../../functions/adapters/firestore-fold.ts';
import { foldTarget } from '../../functions/fold.ts';
import { StoreRefusal, type FoldChange, type Store } from '../../functions/ports.ts';
import { startFirestore, type RunningFirestore } from '../../infra/local/firestore/server.ts';
import type { FaultHook } from '../../infra/local/firestore/rpc.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { aLedgerSighting, anOpenIncident, aSighting, MINUTE_MS, T0_MS } from '../fakes/sightings.ts';

const DAY_MS = 86_400_000;

interface Subject {
  readonly store: Store;
  /** The next commit goes wrong in this way; the ones after it do not. */
  readonly breakNextCommit: (when: 'before' | 'after') => void;
}

let server: RunningFirestore;
let faults: ReturnType<FaultHook>[] = [];
let nowMs = T0_MS;

beforeAll(async () => {
  server = await startFirestore({
    dataFile: ':memory:',
    port: 0,
    fault: ({ method }) => (method === 'Commit' ? faults.shift() : undefined) ?? { kind: 'none' },
  });
  process.env['METADATA_SERVER_DETECTION'] ??= 'none';
  process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
});
afterAll(() => server.close());

const subjects: readonly { readonly name: string; readonly make: () => Subject }[] = [
  {
    name: 'in memory',
    make: () => {
      const store = createMemoryStore();
      return { store, breakNextCommit: (when) => store.breakNext('saveBatch', when) };
    },
  },
  {
    name: 'Firestore',
    make: () => ({
      store: createFirestoreStore({
        db: connectLazily({ project: `store-${randomUUID()}`, database: '(default)' }),
        nowMs: () => nowMs,
      }),
      breakNextCommit: (when) => faults.push({ kind: when, code: status.UNAVAILABLE }),
    }),
  },
];

const TARGET = { kind: 'incident', id: aSighting([]).target } as const;
const nothing: FoldChange = {
  hours: [],
  idPages: new Map(),
  removedIdPages: [],
  proxyPages: new Map(),
  removedProxyPages: [],
  minutes: new Map(),
  timeline: [],
  folded: [],
};
const at = { nowMs: T0_MS + MINUTE_MS, quietAfterMs: () => 30 * MINUTE_MS };

describe.for(subjects)('a store $name', ({ make }) => {
  test('a saved batch waits whole, under its target, until a fold takes it in', async () => {
    const { store } = make();
    const sighting = aSighting([1, 2, 3]);
    await store.saveBatch({ sightings: [sighting, aLedgerSighting([4])], parked: [], atMs: T0_MS });
    const waiting = await store.waitingFor(TARGET.id, 10);
    expect(waiting).toEqual([{ id: expect.any(String), sighting }]);
    const folded = [...waiting.map(({ id }) => id), 'nowhere'];
    // Naming one that is gone already is nobody's fault: another reconciler was quicker.
    await store.fold(TARGET, (transaction) => Promise.resolve(transaction.write({ ...nothing, folded })));
    expect(await store.waitingFor(TARGET.id, 10)).toEqual([]);
    expect(await store.waitingTargets(10)).toEqual(['ledger-demo-project']);
  });

  test.for([
    [2, 2],
    [3, 3],
    [4, 3],
  ] as const)('a limit of %i names %i of three waiting sightings', async ([limit, count]) => {
    const { store } = make();
    await store.saveBatch({ sightings: [1, 2, 3].map((n) => aSighting([n])), parked: [], atMs: T0_MS });
    expect(await store.waitingFor(TARGET.id, limit)).toHaveLength(count);
    expect(await store.waitingTargets(limit)).toEqual([TARGET.id]);
  });

  test('everything that a fold writes is read back by the next one', async () => {
    const { store } = make();
    const incident = anOpenIncident(TARGET.id, 'config-not-found', { lookAtMs: T0_MS + 5 });
    const sparse = {
      hour: 7,
      split: false,
      minutes: new Map([[3, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)]]),
      leaves: new Map(),
    };
    const split = { hour: 8, split: true, minutes: new Map(), leaves: new Map([[0, ['0', '1']]]) };
    await store.fold(TARGET, async (transaction) => {
      expect(await transaction.incident()).toBeUndefined();
      transaction.write({
        ...nothing,
        incident,
        hours: [sparse, split],
        idPages: new Map([
          ['m480-0', Uint8Array.of(1)],
          ['m480-1', Uint8Array.of(2)],
        ]),
        proxyPages: new Map([
          ['', Uint8Array.of(3)],
          ['01', Uint8Array.of(4)],
        ]),
      });
    });
    expect(await store.incident(TARGET.id)).toEqual(incident);
    const seen = await store.fold(TARGET, async (transaction) => ({
      incident: await transaction.incident(),
      hours: await transaction.hours([7, 8, 9]),
      ids: await transaction.pages('ids', ['m480-0', 'm480-1', 'm480-2']),
      proxies: await transaction.pages('proxies', ['', '01', '11']),
    }));
    expect(seen.incident).toEqual(incident);
    expect(seen.hours.toSorted((a, b) => a.hour - b.hour)).toEqual([sparse, split]);
    expect(seen.ids).toEqual(
      new Map([
        ['m480-0', Uint8Array.of(1)],
        ['m480-1', Uint8Array.of(2)],
      ]),
    );
    expect(seen.proxies).toEqual(
      new Map([
        ['', Uint8Array.of(3)],
        ['01', Uint8Array.of(4)],
      ]),
    );
    await store.fold(TARGET, async (transaction) => {
      transaction.write({ ...nothing, removedIdPages: ['m480-0'], removedProxyPages: [''] });
    });
    await store.fold(TARGET, async (transaction) => {
      expect([...(await transaction.pages('ids', ['m480-0', 'm480-1'])).keys()]).toEqual(['m480-1']);
      expect([...(await transaction.pages('proxies', ['', '01'])).keys()]).toEqual(['01']);
    });
  });

  test('a ledger is kept apart from incidents', async () => {
    const { store } = make();
    const target = { kind: 'ledger', id: 'ledger-demo-project' } as const;
    await store.saveBatch({
      sightings: [aLedgerSighting([1, 2]), aLedgerSighting([2, 3])],
      parked: [],
      atMs: T0_MS,
    });
    expect(await foldTarget(store, target, at)).toEqual({ incident: undefined, more: false });
    const ledger = await store.fold(target, (transaction) => transaction.ledger());
    expect(ledger).toMatchObject({ project: 'demo-project', count: 3, updatedAtMs: at.nowMs });
    expect(await store.incident('ledger-demo-project')).toBeUndefined();
  });

  test('a fold whose work throws leaves everything as it was', async () => {
    const { store } = make();
    const folding = store.fold(TARGET, async (transaction) => {
      transaction.write({ ...nothing, incident: anOpenIncident(TARGET.id, 'config-not-found') });
      await Promise.resolve();
      throw new Error('on purpose');
    });
    await expect(folding).rejects.toThrow('on purpose');
    expect(await store.incident(TARGET.id)).toBeUndefined();
  });

  test('folds of one incident that run at once count each entry once', async () => {
    const { store } = make();
    const sightings = Array.from({ length: 12 }, (_, n) => aSighting([n, n + 1, n + 2]));
    await store.saveBatch({ sightings, parked: [], atMs: T0_MS });
    await Promise.all(Array.from({ length: 4 }, () => foldTarget(store, TARGET, at)));
    const incident = await store.incident(TARGET.id);
    expect(incident?.evidence).toMatchObject({ count: 14, proxyCount: 3 });
    expect(incident?.timelineCount).toBe(1);
    expect(await store.waitingFor(TARGET.id, 100)).toEqual([]);
  });

  test('a fold and a batch at once do not lose the batch', async () => {
    const { store } = make();
    await store.saveBatch({ sightings: [aSighting([1])], parked: [], atMs: T0_MS });
    await Promise.all([
      foldTarget(store, TARGET, at),
      store.saveBatch({ sightings: [aSighting([2])], parked: [], atMs: T0_MS }),
    ]);
    await foldTarget(store, TARGET, at);
    expect((await store.incident(TARGET.id))?.evidence.count).toBe(2);
  });

  test('an entry that is saved again after its batch failed in either way counts once', async () => {
    const { store, breakNextCommit } = make();
    for (const when of ['before', 'after'] as const) {
      breakNextCommit(when);
      await store.saveBatch({ sightings: [aSighting([1])], parked: [], atMs: T0_MS }).catch(() => undefined);
      await store.saveBatch({ sightings: [aSighting([1])], parked: [], atMs: T0_MS });
    }
    await foldTarget(store, TARGET, at);
    expect((await store.incident(TARGET.id))?.evidence.count).toBe(1);
  });

  test('data that no document can hold is refused as such', async () => {
    const { store } = make();
    const huge = aSighting(Array.from({ length: 140_000 }, (_, n) => n));
    const saving = store.saveBatch({ sightings: [huge], parked: [], atMs: T0_MS });
    await expect(saving).rejects.toBeInstanceOf(StoreRefusal);
  });

  test('an incident is changed from what it is now, and what leaves a line leaves it', async () => {
    const { store } = make();
    expect(await store.changeIncident('nowhere', (now) => now)).toBeUndefined();
    await store.saveBatch({ sightings: [aSighting([1])], parked: [], atMs: T0_MS });
    await foldTarget(store, TARGET, at);
    await Promise.all(
      Array.from({ length: 5 }, () =>
        store.changeIncident(TARGET.id, (now) => ({
          ...now,
          spoken: { ...now.spoken, posts: now.spoken.posts + 1 },
        })),
      ),
    );
    expect((await store.incident(TARGET.id))?.spoken.posts).toBe(5);
    expect(await store.changeIncident(TARGET.id, () => undefined)).toBeUndefined();
    const advanced = await store.advanceIncident(TARGET.id, (now) => ({
      incident: { ...now, explainedBy: 'x', timelineCount: now.timelineCount + 1 },
      timeline: [{ n: 2, atMs: T0_MS, kind: 'explained', who: 'mesh-triage', why: 'x' }],
    }));
    expect(advanced).toMatchObject({ explainedBy: 'x', timelineCount: 2 });
    expect(await store.incident(TARGET.id)).toEqual(advanced);
  });

  test('who is due is named with the longest due first, within the limit', async () => {
    const { store } = make();
    const put = (id: string, lookAtMs: number) =>
      store.fold({ kind: 'incident', id }, async (transaction) => {
        transaction.write({ ...nothing, incident: anOpenIncident(id, 'config-not-found', { lookAtMs }) });
      });
    await put('a', T0_MS + 2);
    await put('b', T0_MS + 1);
    await put('c', T0_MS + 3);
    await put('never', 0);
    expect(await store.due(T0_MS, 10)).toEqual([]);
    expect(await store.due(T0_MS + 2, 10)).toEqual(['b', 'a']);
    expect(await store.due(T0_MS + 3, 2)).toEqual(['b', 'a']);
  });

  test('what may explain an incident is what is not over, of those patterns, in that project', async () => {
    const { store } = make();
    const put = (id: string, pattern: string, changes: Parameters<typeof anOpenIncident>[2] = {}) =>
      store.fold({ kind: 'incident', id }, async (transaction) => {
        transaction.write({ ...nothing, incident: anOpenIncident(id, pattern, changes) });
      });
    await put('a', 'api-disabled', { seen: { projects: ['demo-project', 'other'] } });
    await put('b', 'api-disabled', { state: 'acknowledged', explainedBy: 'z' });
    await put('muted', 'insufficient-scopes', { state: 'muted', mutedUntilMs: T0_MS });
    await put('over', 'api-disabled', { state: 'resolved', resolvedAtMs: T0_MS });
    await put('elsewhere', 'api-disabled', { seen: { projects: ['other'] } });
    await put('unasked', 'config-not-found');
    const patterns = ['api-disabled', 'insufficient-scopes'];
    const found = await store.explainers({ project: 'demo-project', patterns, limit: 10 });
    const openedAtMs = T0_MS;
    expect(found.toSorted((x, y) => (x.id < y.id ? -1 : 1))).toEqual([
      { id: 'a', pattern: 'api-disabled', explainedBy: '', openedAtMs },
      { id: 'b', pattern: 'api-disabled', explainedBy: 'z', openedAtMs },
      { id: 'muted', pattern: 'insufficient-scopes', explainedBy: '', openedAtMs },
    ]);
    expect(await store.explainers({ project: 'demo-project', patterns, limit: 2 })).toHaveLength(2);
    expect(await store.explainers({ project: 'demo-project', patterns: [], limit: 2 })).toEqual([]);
  });
});

describe('Firestore’s adapter', () => {
  const make = (project = `store-${randomUUID()}`) => ({
    project,
    store: createFirestoreStore({
      db: connectLazily({ project, database: '(default)' }),
      nowMs: () => nowMs,
    }),
    db: new Firestore({ projectId: project, host: `${server.host}:${server.port}`, ssl: false }),
  });

  test.for([status.UNAVAILABLE, status.ABORTED, status.DEADLINE_EXCEEDED, status.RESOURCE_EXHAUSTED])(
    'a commit that took effect and said %i is tried again, and is there once',
    async (code) => {
      const { store } = make();
      faults = [
        { kind: 'after', code },
        { kind: 'after', code },
      ];
      await store.saveBatch({ sightings: [aSighting([1]), aSighting([2])], parked: [], atMs: T0_MS });
      expect(faults).toEqual([]);
      expect(await store.waitingFor(TARGET.id, 10)).toHaveLength(2);
    },
  );

  test('a commit that is never answered is given up and tried again', async () => {
    const { store } = make();
    faults = [{ kind: 'hang' }];
    await store.saveBatch({ sightings: [aSighting([1])], parked: [], atMs: T0_MS });
    expect(await store.waitingFor(TARGET.id, 10)).toHaveLength(1);
  });

  test('a store that always fails is given up after a few tries', async () => {
    const { store } = make();
    faults = Array.from({ length: 3 }, () => ({ kind: 'before', code: status.UNAVAILABLE }) as const);
    const saving = store.saveBatch({ sightings: [aSighting([1])], parked: [], atMs: T0_MS });
    await expect(saving).rejects.toThrow('UNAVAILABLE');
    expect(faults).toEqual([]);
  });

  test.for(['before', 'after'] as const)(
    'a fold whose commit fails %s it took effect counts once',
    async (when) => {
      const { store, db } = make();
      await store.saveBatch({ sightings: [aSighting([1, 2])], parked: [], atMs: T0_MS });
      faults = [{ kind: when, code: status.UNAVAILABLE }];
      await foldTarget(store, TARGET, at);
      expect((await store.incident(TARGET.id))?.evidence.count).toBe(2);
      const plot = await db.doc(`incidents/${TARGET.id}/minutes/h${T0_MS / (60 * MINUTE_MS)}`).get();
      expect(plot.get('counts')).toEqual({ '0': 2 });
      const timeline = await db.collection(`incidents/${TARGET.id}/timeline`).get();
      expect(timeline.size).toBe(1);
      await db.terminate();
    },
  );

  test('the page of an hour is kept as long as the minute pages that it names', async () => {
    const { store, db } = make();
    const hour = T0_MS / (60 * MINUTE_MS);
    const expiry = async () => {
      const page = await db.doc(`incidents/${TARGET.id}/ids/h${hour}`).get();
      return page.get('expireAt').toMillis() - T0_MS;
    };
    nowMs = T0_MS;
    // More ids than one page holds: the hour splits.
    for (let part = 0; part < 3; part += 1) {
      const ids = Array.from({ length: 12_000 }, (_, n) => part * 12_000 + n);
      await store.saveBatch({ sightings: [aSighting(ids)], parked: [], atMs: T0_MS });
    }
    await foldTarget(store, TARGET, at);
    expect(await expiry()).toBe(IDS_KEPT_MS);
    const again = async (entry: number) => {
      await store.saveBatch({ sightings: [aSighting([entry])], parked: [], atMs: T0_MS });
      await foldTarget(store, TARGET, at);
    };
    nowMs = T0_MS + DAY_MS / 4;
    await again(50_001);
    expect(await expiry()).toBe(IDS_KEPT_MS);
    nowMs = T0_MS + DAY_MS;
    await again(50_002);
    expect(await expiry()).toBe(IDS_KEPT_MS + DAY_MS);
    expect((await store.incident(TARGET.id))?.evidence.count).toBe(36_002);
    nowMs = T0_MS;
    await db.terminate();
  });

  test('parked messages share documents of a bounded size, and expire', async () => {
    const { store, db } = make();
    const parked = Array.from({ length: 60 }, (_, n) => ({
      reason: 'not-json',
      detail: '',
      messageId: String(n),
      subscription: 's',
      publishTime: '',
      data: 'x'.repeat(8_192),
      dataChars: 8_192,
    }));
    await store.saveBatch({ sightings: [], parked, atMs: T0_MS });
    const { docs } = await db.collection('parked').get();
    expect(docs).toHaveLength(3);
    expect(docs.reduce((sum, one) => sum + Number(one.get('count')), 0)).toBe(60);
    expect(docs[0]?.get('expireAt').toMillis()).toBe(T0_MS + 30 * DAY_MS);
    await db.terminate();
  });
});
