// The same storm, in one process, through a store whose id sets forget: proof that the counting would be seen to fail.
import { describe, expect, test } from 'vitest';
import { decode } from '../../functions/adapters/decode.ts';
import { createClassify } from '../../functions/classify.ts';
import { foldTarget } from '../../functions/fold.ts';
import type { FoldTransaction, Store } from '../../functions/ports.ts';
import { seeded } from '../../infra/local/seeded.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { createFakeClock, createFakeLog, createFakeNudges } from '../fakes/world.ts';
import { aPush } from '../fakes/entries.ts';
import { T0_MS } from '../fakes/sightings.ts';
import { makeStorm, type Expected } from './storm.ts';

/** A store that reads no id set: every entry looks new. */
function forgetful(store: MemoryStore): Store {
  return {
    ...store,
    fold: (target, work) =>
      store.fold(target, (transaction) => {
        const blind: FoldTransaction = {
          ...transaction,
          hours: () => Promise.resolve([]),
          pages: (kind, names) =>
            kind === 'ids' ? Promise.resolve(new Map()) : transaction.pages(kind, names),
        };
        return work(blind);
      }),
  };
}

/** Pushes a storm with a fifth of it repeated, folding now and then, and returns what is counted. */
async function pour(
  memory: MemoryStore,
  store: Store,
  seed: number,
): Promise<{ readonly counted: Map<string, number>; readonly expected: Expected }> {
  const random = seeded(seed);
  const clock = createFakeClock(T0_MS);
  const storm = makeStorm({ seed, entries: 2_000, proxies: 50, endMs: T0_MS });
  const needs = { nudges: createFakeNudges(), decode, clock, log: createFakeLog() };
  const classify = createClassify({ store, ...needs });
  const foldAll = async (): Promise<void> => {
    for (const id of await store.waitingTargets(10_000)) {
      const kind = id.startsWith('ledger-') ? 'ledger' : 'incident';
      const at = { nowMs: clock.nowMs(), quietAfterMs: () => 3_600_000 };
      while ((await foldTarget(store, { kind, id }, at)).more);
    }
  };
  let waiting: Promise<unknown>[] = [];
  for (const { data } of storm.messages) {
    waiting.push(classify(aPush(data)));
    if (random() < 0.2) waiting.push(classify(aPush(data)));
    if (waiting.length < 300) continue;
    await clock.advance(1_000);
    await Promise.all(waiting);
    waiting = [];
    await foldAll();
  }
  await clock.advance(1_000);
  await Promise.all(waiting);
  await foldAll();
  const counted = new Map(
    [...storm.expected.incidents.keys()].map((id) => [id, memory.shelf(id).incident?.evidence.count ?? 0]),
  );
  return { counted, expected: storm.expected };
}

describe('a storm with a fifth of it delivered twice', () => {
  test('is counted exactly', async () => {
    const memory = createMemoryStore();
    const { counted, expected } = await pour(memory, memory, 1);
    expect([...counted]).toEqual([...expected.incidents].map(([id, { count }]) => [id, count]));
  });

  test('is counted wrong everywhere once the id sets are ignored', async () => {
    const memory = createMemoryStore();
    const { counted, expected } = await pour(memory, forgetful(memory), 1);
    for (const [id, { count }] of expected.incidents) expect(counted.get(id)).toBeGreaterThan(count);
  });
});
