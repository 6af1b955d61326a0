// What a storm costs: writes per 1,000 entries, counted over classify and reconcile while a made clock runs.
import { expect, test } from 'vitest';
import { decode } from '../../functions/adapters/decode.ts';
import { createClassify } from '../../functions/classify.ts';
import { createReconcile } from '../../functions/reconcile.ts';
import type { Nudges } from '../../functions/ports.ts';
import { aNudge, aPush, entryPush } from '../fakes/entries.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { T0_MS } from '../fakes/sightings.ts';
import { createFakeClock, createFakeLog, type FakeClock } from '../fakes/world.ts';
import { scriptedSlack, SETTINGS } from './tell-slack-harness.ts';

/** A commit takes this long; the aim of hold + commit is well under a second on average. */
const COMMIT_MS = 30;
const STEP_MS = 10;

/** Pub/Sub with an ordering key: one nudge of an incident at a time, the others behind it. */
function orderedNudges(clock: FakeClock, deliver: (id: string, atMs: number) => Promise<unknown>): Nudges {
  const lanes = new Map<string, Promise<unknown>>();
  return {
    publish: (ids) => {
      for (const id of ids) {
        const atMs = clock.nowMs();
        lanes.set(
          id,
          (lanes.get(id) ?? Promise.resolve()).then(() => deliver(id, atMs)),
        );
      }
      return Promise.resolve();
    },
  };
}

interface Sent {
  readonly incidents: number;
  readonly seconds: number;
  /** The number of the one message that can't be read. */
  readonly poison?: number;
}

async function storm({ incidents, seconds, poison }: Sent) {
  const clock = createFakeClock(T0_MS);
  const store = createMemoryStore();
  const log = createFakeLog();
  const slow = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await clock.wait(COMMIT_MS);
    return work();
  };
  const reconcile = createReconcile({
    store: { ...store, fold: (target, work) => slow(() => store.fold(target, work)) },
    slack: scriptedSlack(clock).ports,
    notices: { silences: () => Promise.resolve([]), ledger: () => Promise.resolve(undefined) },
    settings: SETTINGS,
    clock,
    log,
  });
  const classify = createClassify({
    store: { saveBatch: (batch) => slow(() => store.saveBatch(batch)) },
    nudges: orderedNudges(clock, (id, atMs) => reconcile(aNudge(id, atMs))),
    decode,
    clock,
    log,
  });
  const waits: number[] = [];
  const statuses = new Set<number>();
  let entries = 0;
  for (let atMs = 0; atMs < seconds * 1_000; atMs += STEP_MS) {
    for (let one = 0; one < STEP_MS; one += 1) {
      const network = `net-${entries % incidents}`;
      const message = `Traffic Director configuration was not found for network "${network}" in project "1".`;
      const arrivedMs = clock.nowMs();
      const isPoison = entries === poison;
      const body = isPoison
        ? aPush('{')
        : entryPush(entries, { message, vm: entries % 500, atMs: arrivedMs });
      void classify(body).then(({ status }) => {
        statuses.add(status);
        waits.push(clock.nowMs() - arrivedMs);
      });
      entries += 1;
    }
    await clock.advance(STEP_MS);
  }
  const { writes } = store.operations;
  await clock.advance(20_000);
  const counted = Array.from(store.sightings).length;
  return {
    entries,
    statuses,
    perThousand: (writes / entries) * 1_000,
    waits: waits.sort((a, b) => a - b),
    counted,
    log,
  };
}

test.for([
  [12, 50],
  [1, 10],
] as const)(
  'a storm of 1,000 entries a second over %i incident(s) costs at most %i writes per 1,000',
  async ([incidents, writesMax]) => {
    const { entries, perThousand, waits, counted, log } = await storm({ incidents, seconds: 20 });
    expect(perThousand).toBeLessThanOrEqual(writesMax);
    expect(waits).toHaveLength(entries);
    // hold + commit, by the made clock: what Pub/Sub's push window asks for.
    expect(waits.at(Math.floor(entries * 0.99))).toBeLessThan(1_000);
    expect(counted).toBe(0);
    expect(log.lines).toEqual([]);
  },
);

test('one poison message among 10,000 good ones delays none of them and is acknowledged', async () => {
  const pure = await storm({ incidents: 12, seconds: 10 });
  const poisoned = await storm({ incidents: 12, seconds: 10, poison: 5_000 });
  expect(poisoned.entries).toBe(10_000);
  expect(poisoned.waits).toEqual(pure.waits);
  expect([...poisoned.statuses]).toEqual([204]);
});
