// The board of a channel in a real Firestore (the embedded one) when many incidents come at once: few transactions, no
// change lost, nothing written that says the same; and what becomes of an outage.
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { performance } from 'node:perf_hooks';
import { createFirestoreBoards } from '#functions/adapters/firestore-board.ts';
import {
  BOARD_LIMITS,
  connectLazily,
  READ_LIMITS,
  SILENCES_LIMITS,
} from '#functions/adapters/firestore-calls.ts';
import {
  createFirestoreNotices,
  SILENCES_AGAIN_MS,
  SILENCES_STALE_MS_MAX,
} from '#functions/adapters/firestore-notices.ts';
import { createFirestoreStore } from '#functions/adapters/firestore-store.ts';
import type { Boards, Notices } from '#functions/ports.ts';
import { createReconcile } from '#functions/reconcile.ts';
import type { Silence } from '#shared/model/notification.ts';
import { admit } from '#shared/notify/digest.ts';
import { countOperations } from '../../infra/local/firestore/operation-counts.ts';
import type { FaultHook } from '../../infra/local/firestore/rpc.ts';
import { startFirestore, type RunningFirestore } from '../../infra/local/firestore/server.ts';
import { seeded } from '../../infra/local/seeded.ts';
import { aNudge } from '../fakes/entries.ts';
import { anIncident, OPENED_MS } from '../notify/incident.ts';
import { handClock, memoryLog, scriptedSlack, SETTINGS } from './tell-slack-harness.ts';

const { observe, counts } = countOperations();
const none: FaultHook = () => ({ kind: 'none' });
const hangs: FaultHook = () => ({ kind: 'hang' });
let fault = none;
let server: RunningFirestore;
let nowMs = OPENED_MS;

const connect = () => connectLazily({ project: 'boards-test', database: '(default)' });
const instance = (): Boards => createFirestoreBoards({ db: connect(), nowMs: () => nowMs });

beforeAll(async () => {
  server = await startFirestore({
    dataFile: ':memory:',
    port: 0,
    observe,
    fault: (call) => fault(call),
  });
  process.env['METADATA_SERVER_DETECTION'] ??= 'none';
  process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
});

afterAll(async () => {
  await server.close();
  delete process.env['FIRESTORE_EMULATOR_HOST'];
});

beforeEach(() => {
  nowMs = OPENED_MS;
  fault = none;
});

async function counted(work: () => Promise<unknown>) {
  const before = counts();
  await work();
  const after = counts();
  return {
    transactions: after.transactions - before.transactions,
    writes: (after.writesTo['boards'] ?? 0) - (before.writesTo['boards'] ?? 0),
  };
}

/** An incident of that number comes to the board of this channel. */
const come = (boards: Boards, channel: string, number: number) => {
  const incident = anIncident({ incident: { id: `dns-failure-${number.toString(16).padStart(16, '0')}` } });
  return boards.change(
    channel,
    (board) => admit(board, incident, { line: `line ${number}`, nowMs, burstFrom: 5 }).board,
  );
};

test('200 new incidents at once in one instance are two transactions, and each is on the board once', async () => {
  const boards = instance();
  const all = Array.from({ length: 200 }, (_, number) => number);
  const cost = await counted(() => Promise.all(all.map((number) => come(boards, 'C1', number))));
  expect(cost).toEqual({ transactions: 2, writes: 2 });
  const { recent, digest } = await instance().read('C1', 0);
  expect(recent).toHaveLength(5);
  expect(digest?.count).toBe(195);
  expect(new Set(digest?.members.map(({ id }) => id)).size).toBe(195);
  const again = await counted(() => Promise.all(all.map((number) => come(boards, 'C1', number))));
  expect(again.writes).toBe(0);
});

test('from eight instances at once each change counts once, in few transactions', async () => {
  const instances = Array.from({ length: 8 }, instance);
  const cost = await counted(() =>
    Promise.all(
      Array.from({ length: 200 }, async (_, number) => {
        const boards = instances[number % instances.length];
        if (boards !== undefined) await come(boards, 'C2', number);
      }),
    ),
  );
  expect(cost.transactions).toBeLessThanOrEqual(8 * 3);
  const { recent, digest } = await instance().read('C2', 0);
  expect(recent.length + (digest?.count ?? 0)).toBe(200);
});

test('aborts and errors of Firestore, before and after they took effect, lose no change and double none', async () => {
  const instances = Array.from({ length: 3 }, instance);
  const random = seeded(5);
  let refused = 0;
  fault = ({ method }) => {
    if (method !== 'Commit' || random() < 0.5) return { kind: 'none' };
    refused += 1;
    const code = random() < 0.5 ? status.ABORTED : status.UNAVAILABLE;
    return { kind: random() < 0.5 ? 'before' : 'after', code };
  };
  const come1 = async (number: number): Promise<void> => {
    const boards = instances[number % instances.length];
    if (boards === undefined) return;
    // A change that was given up may have taken effect; whoever makes it again changes nothing.
    await come(boards, 'C3', number).catch(() => come1(number));
  };
  for (let from = 0; from < 200; from += 25)
    await Promise.all(Array.from({ length: 25 }, (_, offset) => come1(from + offset)));
  fault = none;
  expect(refused).toBeGreaterThan(5);
  const { recent, digest } = await instance().read('C3', 0);
  expect(recent.length + (digest?.count ?? 0)).toBe(200);
});

test('a board that is read again soon costs nothing, and one’s own changes are seen at once', async () => {
  const boards = instance();
  await come(boards, 'C4', 1);
  const before = counts().reads;
  for (let time = 0; time < 10; time += 1) await boards.read('C4', 2_000);
  await come(boards, 'C4', 2);
  expect((await boards.read('C4', 2_000)).recent).toHaveLength(2);
  // One for the transaction of the change.
  expect(counts().reads).toBe(before + 1);
  await come(instance(), 'C4', 3);
  expect((await boards.read('C4', 2_000)).recent).toHaveLength(2);
  nowMs += 2_000;
  expect((await boards.read('C4', 2_000)).recent).toHaveLength(3);
});

const silence: Silence = {
  id: 's1-u1',
  kind: 'silence',
  pattern: 'dns-failure',
  project: '',
  scope: {},
  fromMs: OPENED_MS,
  untilMs: OPENED_MS + 86_400_000,
  reason: 'we move',
  by: 'U1',
};

const notices = (log = memoryLog()): Notices =>
  createFirestoreNotices({ db: connect(), nowMs: () => nowMs, log });

/** What a busy machine may add to a deadline. */
const LATE_MS = 5_000;

/** How long it took to fail, in milliseconds. */
async function failsAfter(work: Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await expect(work).rejects.toThrow(/no answer|Deadline|DEADLINE/);
  return performance.now() - startMs;
}

/** Silences as one instance knows them, with a Firestore that can be cut off; `asked` counts how often it was read. */
function cutOff() {
  const db = connect();
  const one = { asked: 0, isCut: false };
  const flaky = () => {
    one.asked += 1;
    if (one.isCut) throw new Error('no Firestore');
    return db();
  };
  const { silences } = createFirestoreNotices({ db: flaky, nowMs: () => nowMs, log: memoryLog() });
  return { one, silences };
}

test.for([
  [SILENCES_STALE_MS_MAX - 1, true],
  [SILENCES_STALE_MS_MAX, false],
  [SILENCES_STALE_MS_MAX + 1, false],
] as const)('in an outage a list that is %i ms old still serves: %s', async ([ageMs, serves]) => {
  await notices().addSilence(silence);
  const { one, silences } = cutOff();
  expect(await silences()).toEqual([silence]);
  one.isCut = true;
  nowMs += ageMs;
  if (serves) expect(await silences()).toEqual([silence]);
  else await expect(silences()).rejects.toThrow('no Firestore');
});

test.for([
  [SILENCES_AGAIN_MS - 1, 1],
  [SILENCES_AGAIN_MS, 2],
  [SILENCES_AGAIN_MS + 1, 2],
] as const)(
  '%i ms after a failure Firestore has been asked for silences %i times',
  async ([afterMs, times]) => {
    const { one, silences } = cutOff();
    one.isCut = true;
    await expect(silences()).rejects.toThrow('no Firestore');
    nowMs += afterMs;
    await expect(silences()).rejects.toThrow('no Firestore');
    expect(one.asked).toBe(times);
    one.isCut = false;
    nowMs += SILENCES_AGAIN_MS;
    await silences();
  },
);

test('a silence of unknown form is named for the operator and keeps no other from being heard', async () => {
  const log = memoryLog();
  await connect()()
    .collection('silences')
    .doc('odd')
    .set({ until: new Date(OPENED_MS + 60_000), kind: 'x' });
  expect(await notices(log).silences()).toEqual([silence]);
  expect(log.lines).toMatchObject([{ level: 'ERROR', facts: { silence: 'odd' } }]);
});

test('while Firestore does not answer, every wait has its end: silences, a board, and a nudge that is answered 503', async () => {
  const db = connect();
  const clock = handClock(OPENED_MS);
  const log = memoryLog();
  const slack = scriptedSlack(clock);
  const reconcile = createReconcile({
    store: createFirestoreStore({ db, nowMs: clock.nowMs }),
    notices: createFirestoreNotices({ db, nowMs: clock.nowMs, log }),
    boards: createFirestoreBoards({ db, nowMs: clock.nowMs }),
    slack: slack.ports,
    settings: { ...SETTINGS, digestFrom: 5 },
    clock,
    log,
  });
  fault = hangs;
  const startMs = performance.now();
  const nudged = reconcile(aNudge('dns-failure-0123456789abcdef', 0)).then(({ status: answered }) => ({
    answered,
    tookMs: performance.now() - startMs,
  }));
  const [silencesMs, boardMs, { answered, tookMs }] = await Promise.all([
    failsAfter(notices().silences()),
    failsAfter(come(instance(), 'C5', 1)),
    nudged,
  ]);
  expect(silencesMs).toBeLessThan(SILENCES_LIMITS.msMax + LATE_MS);
  expect(boardMs).toBeLessThan(BOARD_LIMITS.msMax + LATE_MS);
  expect(tookMs).toBeLessThan(READ_LIMITS.msMax + LATE_MS);
  expect(answered).toBe(503);
  expect(slack.calls).toEqual([]);
});
