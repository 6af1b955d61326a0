// Natural batching: what arrives during a commit shares the next one, and a failed commit fails alone.
import { expect, test } from 'vitest';
import { createBatcher, type BatchLimits } from '../../functions/batch.ts';

const LIMITS: BatchLimits = { itemsMax: 5, holdMsMax: 400, waitingMax: 12, holdFromItems: 3 };

/** A commit that the test lets go by hand, and a hold that never ends by itself. */
function setUp(limits: BatchLimits = LIMITS) {
  const commits: { items: readonly number[]; finish: (error?: Error) => void }[] = [];
  const holds: (() => void)[] = [];
  const batcher = createBatcher<number>(
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
  expect(commits).toHaveLength(3);
  holds[1]?.();
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
