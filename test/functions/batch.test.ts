// Natural batching: what arrives during a commit shares the next one, and a failed commit fails alone.
import { expect, test } from 'vitest';
import { createBatcher, type BatchLimits } from '../../functions/batch.ts';

const LIMITS: BatchLimits = {
  itemsMax: 5,
  bytesMax: 1_000,
  holdMsMax: 400,
  // One poll is the whole hold, except where a test is about polls.
  pollMs: 400,
  waitingMax: 12,
  waitingBytesMax: 10_000,
  holdFromItems: 3,
  commitsMax: 1,
};

/** A commit that the test lets go by hand, and a hold that never ends by itself. */
function setUp(limits: BatchLimits = LIMITS) {
  const commits: { items: readonly number[]; finish: (error?: Error) => void }[] = [];
  const holds: (() => void)[] = [];
  const sized = createBatcher<number>(
    {
      wait: () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        holds.push(resolve);
        return promise;
      },
    },
    limits,
    (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      commits.push({ items, finish: (error) => (error === undefined ? resolve() : reject(error)) });
      return promise;
    },
  );
  const batcher = { ...sized, add: (item: number, bytes = 1) => sized.add(item, bytes) };
  return { batcher, commits, holds };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

test('a lone item is committed at once, without waiting for company', async () => {
  const { batcher, commits, holds } = setUp();
  const added = batcher.add(1);
  await settle();
  expect(commits.map(({ items }) => items)).toEqual([[1]]);
  expect(holds).toHaveLength(0);
  commits[0]?.finish();
  expect(await added).toEqual({ kind: 'committed' });
});

test('what arrives while a commit is in flight shares the next one', async () => {
  const { batcher, commits } = setUp();
  const all = [batcher.add(1)];
  await settle();
  all.push(batcher.add(2), batcher.add(3));
  await settle();
  expect(commits).toHaveLength(1);
  commits[0]?.finish();
  await settle();
  expect(commits[1]?.items).toEqual([2, 3]);
  commits[1]?.finish();
  await Promise.all(all);
});

test('no item is acknowledged before its own commit', async () => {
  const { batcher, commits } = setUp();
  let acknowledged = false;
  const first = batcher.add(1);
  await settle();
  const second = batcher.add(2).then(() => (acknowledged = true));
  commits[0]?.finish();
  await first;
  await settle();
  expect(acknowledged).toBe(false);
  commits[1]?.finish();
  await second;
  expect(acknowledged).toBe(true);
});

test.for([
  [4, [4]],
  [5, [5]],
  [6, [5, 1]],
] as const)('%i items waiting go out as batches of %j', async ([count, sizes]) => {
  const { batcher, commits, holds } = setUp({ ...LIMITS, holdFromItems: 99 });
  const first = batcher.add(0);
  await settle();
  const rest = Array.from({ length: count }, (_, index) => batcher.add(index + 1));
  for (let turn = 0; turn <= sizes.length; turn += 1) {
    commits[turn]?.finish();
    await settle();
  }
  await Promise.all([first, ...rest]);
  expect(commits.slice(1).map(({ items }) => items.length)).toEqual(sizes);
  expect(holds).toHaveLength(0);
});

test('after a busy batch the next one is held for company, until it is full or the hold is over', async () => {
  const { batcher, commits, holds } = setUp();
  const all = [batcher.add(0)];
  await settle();
  all.push(...[1, 2, 3].map((item) => batcher.add(item)));
  commits[0]?.finish();
  await settle();
  commits[1]?.finish();
  await settle();
  all.push(batcher.add(4));
  await settle();
  expect(holds).toHaveLength(1);
  expect(commits).toHaveLength(2);
  all.push(...[5, 6, 7, 8].map((item) => batcher.add(item)));
  await settle();
  expect(commits[2]?.items).toEqual([4, 5, 6, 7, 8]);
  commits[2]?.finish();
  await settle();
  all.push(batcher.add(9));
  await settle();
  // The hold of a batch that has gone lets nothing go.
  holds[0]?.();
  await settle();
  expect(commits).toHaveLength(3);
  holds.at(-1)?.();
  await settle();
  expect(commits[3]?.items).toEqual([9]);
  commits[3]?.finish();
  await Promise.all(all);
});

test('a failed commit rejects exactly its own items, and the next batch goes on', async () => {
  const { batcher, commits } = setUp();
  const lost = batcher.add(1);
  await settle();
  const kept = batcher.add(2);
  commits[0]?.finish(new Error('UNAVAILABLE'));
  await expect(lost).rejects.toThrow('UNAVAILABLE');
  await settle();
  commits[1]?.finish();
  expect(await kept).toEqual({ kind: 'committed' });
});

test.for([
  [11, 'committed'],
  [12, 'busy'],
] as const)('with %i items in memory the next one is %s', async ([count, kind]) => {
  const { batcher, commits } = setUp({ ...LIMITS, holdFromItems: 99 });
  const all = Array.from({ length: count }, (_, index) => batcher.add(index));
  await settle();
  const last = batcher.add(99);
  if (kind === 'busy') expect(await last).toEqual({ kind });
  for (let turn = 0; turn < 4; turn += 1) {
    commits[turn]?.finish();
    await settle();
  }
  expect(await last).toEqual({ kind });
  await Promise.all(all);
});

test.for([
  [99, [3]],
  [100, [3]],
  [101, [2, 1]],
] as const)('items of %i bytes each go out as batches of %j', async ([bytes, sizes]) => {
  const { batcher, commits } = setUp({ ...LIMITS, bytesMax: 300, holdFromItems: 99 });
  const first = batcher.add(0);
  await settle();
  const rest = [1, 2, 3].map((item) => batcher.add(item, bytes));
  for (let turn = 0; turn <= sizes.length; turn += 1) {
    commits[turn]?.finish();
    await settle();
  }
  await Promise.all([first, ...rest]);
  expect(commits.slice(1).map(({ items }) => items.length)).toEqual(sizes);
});

test.for([
  [1, 'committed'],
  [100, 'committed'],
  [101, 'busy'],
] as const)('with 900 of 1,000 bytes in memory an item of %i is %s', async ([bytes, kind]) => {
  const { batcher, commits } = setUp({ ...LIMITS, waitingBytesMax: 1_000, holdFromItems: 99 });
  const first = batcher.add(0, 900);
  await settle();
  expect(batcher.hasRoom(bytes)).toBe(kind === 'committed');
  const last = batcher.add(1, bytes);
  commits[0]?.finish();
  await settle();
  commits[1]?.finish();
  expect(await last).toEqual({ kind });
  await first;
});

test('an item larger than all the room is taken when it comes alone, and its bytes are given back', async () => {
  const { batcher, commits } = setUp({ ...LIMITS, waitingBytesMax: 1_000 });
  const huge = batcher.add(0, 5_000);
  await settle();
  expect(batcher.hasRoom(1)).toBe(false);
  commits[0]?.finish();
  expect(await huge).toEqual({ kind: 'committed' });
  expect(batcher.stats()).toMatchObject({ waiting: 0, waitingBytes: 0 });
  expect(batcher.hasRoom(1_000)).toBe(true);
});

test('a commit that hangs keeps only its own items waiting', async () => {
  const { batcher, commits, holds } = setUp({ ...LIMITS, commitsMax: 2 });
  const hanging = batcher.add(0);
  await settle();
  const next = [1, 2].map((item) => batcher.add(item));
  await settle();
  expect(commits).toHaveLength(1);
  holds[0]?.();
  await settle();
  expect(commits.map(({ items }) => items)).toEqual([[0], [1, 2]]);
  commits[1]?.finish();
  await Promise.all(next);
  const full = [3, 4, 5, 6, 7].map((item) => batcher.add(item));
  await settle();
  expect(commits[2]?.items).toEqual([3, 4, 5, 6, 7]);
  // Two are in flight: the next waits for one of them, however full it is.
  const more = [8, 9, 10, 11, 12].map((item) => batcher.add(item));
  await settle();
  expect(commits).toHaveLength(3);
  commits[2]?.finish();
  await settle();
  commits[3]?.finish();
  await Promise.all([...full, ...more]);
  commits[0]?.finish();
  expect(await hanging).toEqual({ kind: 'committed' });
});

/** A batcher whose last batch was busy, so that the next one is held: `poll` ends one wait of the hold. */
async function held(limits: Partial<BatchLimits>) {
  const { batcher, commits, holds } = setUp({ ...LIMITS, itemsMax: 100, waitingMax: 1_000, ...limits });
  void batcher.add(0);
  await settle();
  for (let item = 1; item <= 8; item += 1) void batcher.add(item);
  commits[0]?.finish();
  await settle();
  commits[1]?.finish();
  await settle();
  const poll = async (): Promise<void> => {
    holds.at(-1)?.();
    await settle();
  };
  return { batcher, commits, poll };
}

test('a hold ends early once a burst is over: whoever sends waits for our answers', async () => {
  const { batcher, commits, poll } = await held({ pollMs: 10 });
  for (let item = 0; item < 20; item += 1) void batcher.add(item);
  await poll();
  // Nothing more came: once may be chance, twice is a pause.
  await poll();
  expect(commits).toHaveLength(2);
  await poll();
  expect(commits).toHaveLength(3);
  expect(commits[2]?.items).toHaveLength(20);
});

test('a hold goes on while items keep coming, and for as long as the next one is not overdue', async () => {
  const { batcher, commits, poll } = await held({ pollMs: 10 });
  // One item in 20 ms: its pauses are no sign that nobody comes any more.
  for (let item = 0; item < 20; item += 1) {
    void batcher.add(item);
    await poll();
    await poll();
    expect(commits).toHaveLength(item === 19 ? 3 : 2);
  }
  expect(commits[2]?.items).toHaveLength(20);
});
