// What transactions promise, told by the real SDK and the generated client: they are serialisable.
import { randomUUID } from 'node:crypto';
import { FieldValue, type Firestore } from '@google-cloud/firestore';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, isForeignServer, startHarness, type Harness, type RawClient } from './firestore-harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

/** A promise that the test settles by hand. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** A fresh database that both kinds of clients can name. */
function wired(): { readonly database: Firestore; readonly root: string } {
  const projectId = `wire-${randomUUID()}`;
  return { database: harness.database({ projectId }), root: `projects/${projectId}/databases/(default)` };
}

describe('transactions by the SDK', () => {
  test('fifty at once that read and rewrite one document lose nothing', async () => {
    const ref = harness.database().doc('c/counter');
    await ref.set({ n: 0 });
    await Promise.all(
      Array.from({ length: 50 }, () =>
        ref.firestore.runTransaction(
          async (transaction) => {
            const n: number = (await transaction.get(ref)).get('n');
            transaction.update(ref, { n: n + 1 });
          },
          { maxAttempts: 50 },
        ),
      ),
    );
    expect((await ref.get()).get('n')).toBe(50);
  });

  test('only one of many creates a missing document', async () => {
    const ref = harness.database().doc('c/claim');
    const winners = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        ref.firestore.runTransaction(
          async (transaction) => {
            if ((await transaction.get(ref)).exists) return false;
            transaction.set(ref, { winner: index });
            return true;
          },
          { maxAttempts: 20 },
        ),
      ),
    );
    expect(winners.filter(Boolean)).toHaveLength(1);
    expect((await ref.get()).get('winner')).toBe(winners.indexOf(true));
  });

  test('transfers in both directions end and keep the sum', async () => {
    const database = harness.database();
    const refs = [database.doc('c/left'), database.doc('c/right')] as const;
    await Promise.all(refs.map((ref) => ref.set({ n: 100 })));
    // Reading one after the other in opposite orders is what deadlocks are made of.
    await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        database.runTransaction(
          async (transaction) => {
            const [from, to] = index % 2 === 0 ? refs : [refs[1], refs[0]];
            const first: number = (await transaction.get(from)).get('n');
            const second: number = (await transaction.get(to)).get('n');
            transaction.update(from, { n: first - 7 }).update(to, { n: second + 7 });
          },
          { maxAttempts: 30 },
        ),
      ),
    );
    const sum = (await database.getAll(...refs)).map((one) => Number(one.get('n')));
    expect(sum).toEqual([100, 100]);
  });

  test('a plain write to a document that a transaction has read waits for its end', async () => {
    const ref = harness.database().doc('c/d');
    await ref.set({ n: 1 });
    let plain: Promise<unknown> = Promise.resolve();
    const attempts: number[] = [];
    await ref.firestore.runTransaction(async (transaction) => {
      const n: number = (await transaction.get(ref)).get('n');
      attempts.push(n);
      if (attempts.length === 1) plain = ref.update({ n: FieldValue.increment(100) });
      transaction.update(ref, { n: n + 1 });
    });
    await plain;
    expect((await ref.get()).get('n')).toBe(102);
  });

  test('a document that appears in a query of the transaction is not overlooked', async () => {
    const database = harness.database();
    const open = database.collection('items').where('open', '==', true);
    await database.doc('items/a').set({ open: true });
    let plain: Promise<unknown> = Promise.resolve();
    let attempts = 0;
    await database.runTransaction(async (transaction) => {
      attempts += 1;
      const { size } = await transaction.get(open);
      if (attempts === 1) plain = database.doc('items/b').set({ open: true });
      // A server that lets the write pass must make this transaction start again.
      if (!isForeignServer) await plain;
      transaction.set(database.doc('totals/open'), { size });
    });
    await plain;
    if (isForeignServer) return;
    expect(attempts).toBe(2);
    expect((await database.doc('totals/open').get()).get('size')).toBe(2);
  });

  test('a count in a transaction counts as a read', async () => {
    const database = harness.database();
    const adders = Array.from({ length: 3 }, (_, index) =>
      database.runTransaction(
        async (transaction) => {
          const { count } = (await transaction.get(database.collection('seats').count())).data();
          if (count >= 2) return;
          transaction.create(database.doc(`seats/${index}`), { taken: true });
        },
        { maxAttempts: 20 },
      ),
    );
    await Promise.all(adders);
    expect((await database.collection('seats').count().get()).data().count).toBe(2);
  });

  test('a function that throws leaves nothing behind and frees what it has read', async () => {
    const ref = harness.database().doc('c/d');
    await ref.set({ n: 1 });
    const failing = ref.firestore.runTransaction(async (transaction) => {
      await transaction.get(ref);
      transaction.update(ref, { n: 2 });
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    await ref.update({ m: 1 });
    expect((await ref.get()).data()).toEqual({ n: 1, m: 1 });
  });

  test('writes of a failed precondition are not applied, and the transaction is not repeated', async () => {
    const database = harness.database();
    let attempts = 0;
    const failing = database.runTransaction(async (transaction) => {
      attempts += 1;
      await transaction.get(database.doc('c/a'));
      transaction.set(database.doc('c/a'), { n: 1 }).update(database.doc('c/missing'), { n: 1 });
    });
    expect(await codeOf(failing)).toBe(status.NOT_FOUND);
    expect(attempts).toBe(1);
    expect((await database.doc('c/a').get()).exists).toBe(false);
  });

  test('a read-only transaction reads several documents and a query', async () => {
    const database = harness.database();
    await database.doc('c/a').set({ n: 1 });
    await database.doc('c/b').set({ n: 2 });
    const seen = await database.runTransaction(
      async (transaction) => {
        const [one, none] = await transaction.getAll(database.doc('c/a'), database.doc('c/none'));
        const all = await transaction.get(database.collection('c'));
        return [one?.get('n'), none?.exists, all.size];
      },
      { readOnly: true },
    );
    expect(seen).toEqual([1, false, 2]);
  });
});

describe('transactions by the wire', () => {
  let raw: RawClient;
  beforeAll(() => {
    raw = harness.raw();
  });

  async function begin(root: string): Promise<Uint8Array | string> {
    const [{ transaction }] = await raw.beginTransaction({ database: root });
    return transaction ?? '';
  }

  function read(root: string, path: string, transaction: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      raw
        .batchGetDocuments({
          database: root,
          documents: [`${root}/documents/${path}`],
          transaction,
        })
        .on('data', () => resolve())
        .on('error', reject);
    });
  }

  function set(root: string, path: string, n: number) {
    return { update: { name: `${root}/documents/${path}`, fields: { n: { integerValue: n } } } };
  }

  test('a transaction that has begun explicitly commits and is gone', async () => {
    const { database, root } = wired();
    const transaction = await begin(root);
    await read(root, 'c/a', transaction);
    const request = { database: root, transaction, writes: [set(root, 'c/a', 1)] };
    await raw.commit(request);
    expect(await codeOf(raw.commit(request))).toBe(status.INVALID_ARGUMENT);
    expect((await database.doc('c/a').get()).data()).toEqual({ n: 1 });
  });

  test('a rolled back transaction frees its documents and cannot commit', async () => {
    const { database, root } = wired();
    const transaction = await begin(root);
    await read(root, 'c/a', transaction);
    await raw.rollback({ database: root, transaction });
    await database.doc('c/a').set({ n: 5 });
    const late = raw.commit({ database: root, transaction, writes: [set(root, 'c/a', 1)] });
    expect(await codeOf(late)).toBe(status.INVALID_ARGUMENT);
    expect((await database.doc('c/a').get()).data()).toEqual({ n: 5 });
  });

  test.skipIf(isForeignServer)('a deadlock ends with one ABORTED and one success, at once', async () => {
    const { database, root } = wired();
    const [first, second] = [await begin(root), await begin(root)];
    await read(root, 'c/a', first);
    await read(root, 'c/b', second);
    const waiting = read(root, 'c/b', first);
    expect(await codeOf(read(root, 'c/a', second))).toBe(status.ABORTED);
    // The loser is gone at once, although its client has not rolled back.
    await waiting;
    await raw.commit({ database: root, transaction: first, writes: [set(root, 'c/b', 1)] });
    expect((await database.doc('c/b').get()).data()).toEqual({ n: 1 });
  });

  test.skipIf(isForeignServer)(
    'waiting transactions get their turn in the order in which they came',
    async () => {
      const { root } = wired();
      const order: number[] = [];
      const holder = await begin(root);
      await read(root, 'c/a', holder);
      const waiting: Promise<unknown>[] = [];
      for (let index = 0; index < 5; index += 1) {
        const transaction = await begin(root);
        waiting.push(
          read(root, 'c/a', transaction).then(async () => {
            order.push(index);
            await raw.commit({ database: root, transaction });
          }),
        );
      }
      await raw.commit({ database: root, transaction: holder });
      await Promise.all(waiting);
      expect(order).toEqual([0, 1, 2, 3, 4]);
    },
  );

  test.skipIf(isForeignServer)('what a vanished client had locked is free again soon', async () => {
    const { database, root } = wired();
    const gone = harness.raw();
    const held = gate();
    const [{ transaction }] = await gone.beginTransaction({ database: root });
    gone
      .batchGetDocuments({
        database: root,
        documents: [`${root}/documents/c/a`],
        transaction: transaction ?? '',
      })
      .on('data', held.open);
    await held.opened;
    await gone.close();
    const before = Date.now();
    await database.doc('c/a').set({ n: 1 });
    const waitedMs = Date.now() - before;
    expect(waitedMs).toBeGreaterThan(500);
    expect(waitedMs).toBeLessThan(6000);
  });
});
