// reconcile: level-triggered, safe beside another one, calm in a storm, and never later than it promised.
import { describe, expect, test } from 'vitest';
import { EXPLAINED_LOOK_MS, EXPLAINERS_KEPT_MS } from '../../functions/explained-by.ts';
import {
  createReconcile,
  FOLD_SPACING_MS,
  FOLD_SPACING_MS_MAX,
  FOLDING_MS_MAX,
} from '../../functions/reconcile.ts';
import type { Sighting } from '#shared/model/sighting.ts';
import { aNudge } from '../fakes/entries.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { anOpenIncident, aSighting, MINUTE_MS, T0_MS } from '../fakes/sightings.ts';
import { createFakeClock, createFakeLog } from '../fakes/world.ts';
import { scriptedSlack, SETTINGS } from './tell-slack-harness.ts';

const ID = aSighting([]).target;

function setUp() {
  const store = createMemoryStore();
  const clock = createFakeClock(T0_MS + MINUTE_MS);
  const slack = scriptedSlack(clock);
  const log = createFakeLog();
  const make = () =>
    createReconcile({
      store,
      slack: slack.ports,
      notices: { silences: () => Promise.resolve([]), ledger: () => Promise.resolve(undefined) },
      settings: SETTINGS,
      clock,
      log,
    });
  const save = (...sightings: readonly Sighting[]) =>
    store.saveBatch({ sightings, parked: [], atMs: clock.nowMs() });
  const reconcile = make();
  /** Nudges and lets the time pass that the answer takes. */
  const nudge = async (id = ID, publishTimeMs = 0, with_ = reconcile): Promise<number> => {
    let status = 0;
    void with_(aNudge(id, publishTimeMs)).then((answer) => (status = answer.status));
    await clock.settle();
    for (let steps = 0; status === 0 && steps < 100; steps += 1) await clock.advance(100);
    return status;
  };
  return { store, clock, slack, log, make, save, reconcile, nudge };
}

test('a nudge folds what waits, tells Slack once, and makes the next appointment', async () => {
  const { store, slack, save, nudge } = setUp();
  await save(aSighting([1, 2]), aSighting([2, 3]));
  expect(await nudge()).toBe(204);
  expect(slack.calls.map(({ method }) => method)).toEqual(['post']);
  const { incident } = store.shelf(ID);
  expect(incident).toMatchObject({ state: 'open', evidence: { count: 3 } });
  expect(incident?.lookAtMs).toBeGreaterThan(T0_MS);
  expect(store.sightings.size).toBe(0);
});

test('nudges that are repeated, late or for nothing change nothing', async () => {
  const { store, clock, slack, save, nudge } = setUp();
  await save(aSighting([1]));
  await nudge();
  const before = store.shelf(ID).incident;
  for (let repeat = 0; repeat < 3; repeat += 1) {
    await clock.advance(10_000);
    expect(await nudge()).toBe(204);
  }
  expect(await nudge('config-not-found-ffffffffffffffff')).toBe(204);
  expect(store.shelf(ID).incident).toEqual(before);
  expect(slack.calls).toHaveLength(1);
});

test('a nudge that was published before the last look asks for nothing and costs nothing', async () => {
  const { store, clock, save, nudge } = setUp();
  await save(aSighting([1]));
  await nudge();
  const { reads } = store.operations;
  expect(await nudge(ID, clock.nowMs() - 60_000)).toBe(204);
  expect(store.operations.reads).toBe(reads);
});

test('a nudge that names nothing is dropped, not refused for ever', async () => {
  const { reconcile, log } = setUp();
  expect((await reconcile({ message: { data: 'bG9vaw==' } })).status).toBe(204);
  expect((await reconcile('nonsense')).status).toBe(204);
  expect(log.lines).toHaveLength(2);
});

test('a store that fails is reported, and the next delivery makes up for it at once', async () => {
  const { store, save, nudge, log } = setUp();
  await save(aSighting([1]));
  store.breakNext('fold', 'before');
  expect(await nudge()).toBe(503);
  store.breakNext('fold', 'after');
  expect(await nudge()).toBe(503);
  expect(await nudge()).toBe(204);
  expect(store.shelf(ID).incident?.evidence.count).toBe(1);
  expect(log.lines).toHaveLength(2);
});

test('two reconcilers at one incident count each entry once and post one message', async () => {
  const { store, clock, slack, make, save } = setUp();
  for (let round = 0; round < 5; round += 1) {
    await save(aSighting([round, round + 1]), aSighting([round + 2]));
    const both = [make(), make()].map((reconcile) => reconcile(aNudge(ID)));
    await clock.advance(60_000);
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([204, 204]);
  }
  expect(store.shelf(ID).incident?.evidence.count).toBe(7);
  expect(slack.calls.filter(({ method }) => method === 'post')).toHaveLength(1);
});

test('while nudges keep coming an instance looks less often, and at once again after a pause', async () => {
  const { store, clock, save, reconcile } = setUp();
  const looks: number[] = [];
  const startMs = clock.nowMs();
  for (let tick = 0; tick < 200; tick += 1) {
    await save(aSighting([tick]));
    const before = store.shelf(ID).incident?.evidence.count ?? 0;
    void reconcile(aNudge(ID, clock.nowMs() + 1));
    await clock.advance(100);
    if ((store.shelf(ID).incident?.evidence.count ?? 0) > before) looks.push(clock.nowMs() - startMs);
  }
  const gaps = looks.slice(1).map((atMs, index) => atMs - (looks[index] ?? 0));
  expect(looks[0]).toBeLessThanOrEqual(100);
  expect(gaps[0]).toBeLessThanOrEqual(FOLD_SPACING_MS + 100);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(FOLD_SPACING_MS_MAX + 100);
  expect(looks.length).toBeLessThanOrEqual(8);
  await clock.advance(60_000);
  expect(store.shelf(ID).incident?.evidence.count).toBe(200);
  await save(aSighting([999]));
  void reconcile(aNudge(ID, clock.nowMs() + 1));
  await clock.advance(0);
  expect(store.shelf(ID).incident?.evidence.count).toBe(201);
});

test.for([
  [FOLDING_MS_MAX - 1, 0],
  [FOLDING_MS_MAX, 50],
  [FOLDING_MS_MAX + 1, 50],
] as const)(
  'when one fold takes %i ms, %i of 250 sightings are left to the next nudge',
  async ([ms, left]) => {
    const { store, clock, save, nudge } = setUp();
    await save(...Array.from({ length: 250 }, (_, n) => aSighting([n])));
    const { fold } = store;
    const slow: typeof fold = async (target, work) => {
      const result = await fold(target, work);
      await clock.advance(ms);
      return result;
    };
    Object.assign(store, { fold: slow });
    expect(await nudge()).toBe(204);
    expect(store.sightings.size).toBe(left);
    expect(await nudge()).toBe(204);
    expect(store.shelf(ID).incident?.evidence.count).toBe(250);
  },
);

describe('appointments', () => {
  test('quiet comes by the tick: an incident without entries is looked at, and resolved, at its time', async () => {
    const { store, clock, save, nudge } = setUp();
    await save(aSighting([1]));
    await nudge();
    for (let minute = 0; minute < 40; minute += 1) {
      for (const id of await store.due(clock.nowMs(), 10)) await nudge(id);
      await clock.advance(MINUTE_MS);
    }
    const { incident, timeline } = store.shelf(ID);
    expect(incident).toMatchObject({ state: 'resolved', resolvedBy: 'quiet', lookAtMs: 0 });
    expect(timeline.map(({ kind }) => kind)).toEqual(['opened', 'resolved']);
  });

  test('an appointment that somebody else makes meanwhile is not put off', async () => {
    const { store, clock, save, nudge } = setUp();
    await save(aSighting([1]));
    await nudge();
    await clock.advance(2 * MINUTE_MS);
    const { changeIncident } = store;
    const sooner = clock.nowMs() + 5;
    Object.assign(store, {
      changeIncident: (...args: Parameters<typeof changeIncident>) => {
        const shelf = store.shelf(ID);
        if (shelf.incident !== undefined) shelf.incident = { ...shelf.incident, lookAtMs: sooner };
        return changeIncident(...args);
      },
    });
    await nudge();
    expect(store.shelf(ID).incident?.lookAtMs).toBe(sooner);
  });
});

describe('what explains it', () => {
  const cause = 'api-disabled-0000000000000001';

  test('an incident hangs under the open one that explains it, and stands alone once that is over', async () => {
    const { store, clock, save, nudge } = setUp();
    store.shelf(cause).incident = anOpenIncident(cause, 'api-disabled');
    await save(aSighting([1]));
    await nudge();
    expect(store.shelf(ID).incident?.explainedBy).toBe(cause);
    expect(store.shelf(ID).timeline.at(-1)).toMatchObject({ kind: 'explained', why: cause });
    expect(store.shelf(ID).incident?.lookAtMs).toBeLessThanOrEqual(clock.nowMs() + EXPLAINED_LOOK_MS);
    const incident = anOpenIncident(cause, 'api-disabled', { state: 'resolved', resolvedAtMs: T0_MS });
    store.shelf(cause).incident = incident;
    await clock.advance(EXPLAINED_LOOK_MS + 1);
    expect(await store.due(clock.nowMs(), 10)).toContain(ID);
    await nudge();
    expect(store.shelf(ID).incident?.explainedBy).toBe('');
    expect(store.shelf(ID).timeline.at(-1)).toMatchObject({ kind: 'unexplained' });
  });

  test('a cause in another project explains nothing', async () => {
    const { store, save, nudge } = setUp();
    store.shelf(cause).incident = anOpenIncident(cause, 'api-disabled', { seen: { projects: ['other'] } });
    await save(aSighting([1]));
    await nudge();
    expect(store.shelf(ID).incident?.explainedBy).toBe('');
  });

  test('the store is asked once in a few seconds, however many incidents are looked at', async () => {
    const { store, clock, save, nudge } = setUp();
    let asked = 0;
    const { explainers } = store;
    Object.assign(store, {
      explainers: (wanted: Parameters<typeof explainers>[0]) => {
        asked += 1;
        return explainers(wanted);
      },
    });
    for (let n = 0; n < 5; n += 1) {
      const target = `config-not-found-000000000000000${n}`;
      await save(aSighting([n], { target }));
      await nudge(target);
    }
    expect(asked).toBe(1);
    await clock.advance(EXPLAINERS_KEPT_MS);
    await nudge('config-not-found-0000000000000000');
    expect(asked).toBe(2);
  });

  test('a store that does not tell what explains it keeps nobody from being told of it', async () => {
    const { store, slack, log, save, nudge } = setUp();
    store.breakNext('explainers', 'before');
    await save(aSighting([1]));
    expect(await nudge()).toBe(204);
    expect(slack.calls.map(({ method }) => method)).toEqual(['post']);
    expect(log.lines).toHaveLength(1);
  });
});
