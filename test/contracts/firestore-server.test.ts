// What the embedded server promises beyond Firestore itself: durability, faults, observation, honest refusals.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FieldValue, Timestamp, type Firestore } from '@google-cloud/firestore';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startFirestore, type FirestoreOptions } from '../../infra/local/firestore/server.ts';
import { clientOf, codeOf, rawClientOf } from './firestore-harness.ts';
import type { ObservedOperation } from '../../infra/local/firestore/observed-operation.ts';

// These tests start their own servers; the SDK would prefer the one that the environment names.
delete process.env['FIRESTORE_EMULATOR_HOST'];

let folder: string;
let closers: (() => Promise<unknown>)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firestore-'));
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(folder, { recursive: true });
});

type Started = Firestore & { readonly address: string; readonly stop: () => Promise<void> };

/** A server of its own with one client; both end with the test. */
async function start(options: Partial<FirestoreOptions> = {}): Promise<Started> {
  const server = await startFirestore({ dataFile: ':memory:', port: 0, ...options });
  const address = `${server.host}:${server.port}`;
  const client = clientOf(address, { projectId: 'embedded' });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await client.terminate();
    await server.close();
  };
  closers.push(stop);
  return Object.assign(client, { address, stop });
}

test('documents survive a restart, and times go on rising', async () => {
  const dataFile = join(folder, 'data.db');
  const first = await start({ dataFile });
  const { writeTime } = await first
    .doc('c/d')
    .set({ n: 1, at: Timestamp.fromMillis(7), b: Buffer.from('x') });
  await first.doc('c/gone').set({ n: 1 });
  await first.doc('c/gone').delete();
  await first.stop();
  const second = await start({ dataFile });
  const snapshot = await second.doc('c/d').get();
  expect(snapshot.data()).toEqual({ n: 1, at: Timestamp.fromMillis(7), b: Buffer.from('x') });
  expect(snapshot.updateTime?.isEqual(writeTime)).toBe(true);
  expect((await second.collection('c').get()).size).toBe(1);
  const again = await second.doc('c/d').update({ n: 2 });
  expect(again.writeTime.valueOf() > writeTime.valueOf()).toBe(true);
});

test('the program says where it listens, survives a kill with its data, and ends on SIGTERM', async () => {
  const program = join(import.meta.dirname, '../../infra/local/firestore/main.ts');
  const run = async () => {
    const child = spawn(process.execPath, [program, '--data', join(folder, 'data.db')]);
    const exited = once(child, 'exit');
    const [line] = await once(child.stdout, 'data');
    const { listening } = JSON.parse(String(line));
    const client = clientOf(listening, { projectId: 'program' });
    return { child, client, exited };
  };
  const first = await run();
  await first.client.doc('c/d').set({ n: 1 });
  first.child.kill('SIGKILL');
  await first.exited;
  await first.client.terminate();
  const second = await run();
  expect((await second.client.doc('c/d').get()).data()).toEqual({ n: 1 });
  second.child.kill('SIGTERM');
  expect(await second.exited).toEqual([0, null]);
  await second.client.terminate();
});

test('two servers cannot share a data file', async () => {
  const dataFile = join(folder, 'data.db');
  await start({ dataFile });
  await expect(startFirestore({ dataFile, port: 0 })).rejects.toThrow('locked');
});

test('it listens on the loopback address only', async () => {
  const server = await startFirestore({ dataFile: ':memory:', port: 0 });
  closers.push(() => server.close());
  expect(server.host).toBe('127.0.0.1');
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  const socket = connect(server.port, outside?.address ?? '127.0.0.2');
  const [error] = await once(socket, 'error');
  expect(error.code).toBe('ECONNREFUSED');
});

test('a fault before the effect leaves nothing behind', async () => {
  const calls: string[] = [];
  const database = await start({
    fault: ({ method, attempt }) => {
      calls.push(`${method} ${attempt}`);
      return method === 'Commit' && attempt === 1
        ? { kind: 'before', code: status.PERMISSION_DENIED }
        : { kind: 'none' };
    },
  });
  expect(await codeOf(database.doc('c/d').set({ n: 1 }))).toBe(status.PERMISSION_DENIED);
  expect((await database.doc('c/d').get()).exists).toBe(false);
  await database.doc('c/d').set({ n: 2 });
  expect(calls).toEqual(['Commit 1', 'BatchGetDocuments 1', 'Commit 2']);
});

test('a fault after the effect hides a commit that has happened', async () => {
  const database = await start({
    fault: ({ method, attempt }) =>
      method === 'Commit' && attempt === 1 ? { kind: 'after', code: status.DATA_LOSS } : { kind: 'none' },
  });
  expect(await codeOf(database.doc('c/d').create({ n: 1 }))).toBe(status.DATA_LOSS);
  expect((await database.doc('c/d').get()).data()).toEqual({ n: 1 });
});

test('a retried commit whose first answer was lost meets its own document', async () => {
  const database = await start({
    fault: ({ method, attempt }) =>
      method === 'Commit' && attempt === 1 ? { kind: 'after', code: status.UNAVAILABLE } : { kind: 'none' },
  });
  expect(await codeOf(database.doc('c/d').create({ n: 1 }))).toBe(status.ALREADY_EXISTS);
});

test('a transaction whose first read answered with a fault holds no lock', async () => {
  const database = await start({
    fault: ({ method }) =>
      method === 'BatchGetDocuments' ? { kind: 'after', code: status.PERMISSION_DENIED } : { kind: 'none' },
  });
  const ref = database.doc('c/d');
  expect(await codeOf(database.runTransaction((transaction) => transaction.get(ref)))).toBe(
    status.PERMISSION_DENIED,
  );
  const before = Date.now();
  await ref.set({ n: 1 });
  expect(Date.now() - before).toBeLessThan(1000);
});

test('a hanging call never answers and does not hold up others', async () => {
  const database = await start({
    fault: ({ method, attempt }) => ({ kind: method === 'Commit' && attempt === 1 ? 'hang' : 'none' }),
  });
  const raw = rawClientOf(database.address);
  closers.push(() => raw.close());
  const root = 'projects/embedded/databases/(default)';
  const writes = [{ update: { name: `${root}/documents/c/d`, fields: {} } }];
  const hanging = codeOf(raw.commit({ database: root, writes }, { timeout: 300, maxRetries: 0 }));
  await database.doc('c/e').set({ n: 2 });
  expect((await database.doc('c/e').get()).data()).toEqual({ n: 2 });
  expect(await hanging).toBe(status.DEADLINE_EXCEEDED);
  expect((await database.doc('c/d').get()).exists).toBe(false);
});

test('every billed operation is observed, and failed writes are not', async () => {
  const seen: ObservedOperation[] = [];
  const database = await start({ observe: (operation) => seen.push(operation) });
  const root = 'projects/embedded/databases/(default)/documents';
  const observed = async (run: () => Promise<unknown>): Promise<readonly ObservedOperation[]> => {
    seen.length = 0;
    await run();
    return [...seen];
  };
  expect(await observed(() => database.doc('c/a').set({ n: 1 }))).toEqual([
    { kind: 'write', name: `${root}/c/a` },
  ]);
  expect(await observed(() => codeOf(database.doc('c/a').create({ n: 1 })))).toEqual([]);
  expect(await observed(() => database.getAll(database.doc('c/a'), database.doc('c/none')))).toEqual([
    { kind: 'read', name: `${root}/c/a` },
    { kind: 'read', name: `${root}/c/none` },
  ]);
  await database.doc('c/b').set({ n: 2 });
  const query = database.collection('c').where('n', '>', 0);
  const billed = { parent: root, collectionId: 'c', documents: 2, scanned: 2 };
  expect(await observed(() => query.get())).toEqual([{ kind: 'query', ...billed }]);
  expect(await observed(() => query.offset(1).get())).toEqual([{ kind: 'query', ...billed }]);
  expect(await observed(() => query.count().get())).toEqual([{ kind: 'aggregation', ...billed }]);
  expect(await observed(() => database.collection('c').listDocuments())).toEqual([
    { kind: 'list', ...billed },
  ]);
  const rewrite = async (): Promise<void> =>
    database.runTransaction(async (transaction) => {
      await transaction.get(database.doc('c/a'));
      transaction.delete(database.doc('c/a'));
    });
  expect(await observed(rewrite)).toEqual([
    { kind: 'transaction', mode: 'read-write' },
    { kind: 'read', name: `${root}/c/a` },
    { kind: 'delete', name: `${root}/c/a` },
  ]);
});

test('a request of more than ten mebibytes is refused', async () => {
  const database = await start();
  const batch = database.batch();
  for (let index = 0; index < 11; index += 1) {
    batch.set(database.doc(`c/${index}`), { text: 'x'.repeat(1_000_000) });
  }
  await expect(batch.commit()).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining('Request payload size exceeds the limit'),
  });
  expect((await database.collection('c').get()).size).toBe(0);
});

test('more than five hundred transforms of one document are refused', async () => {
  const database = await start();
  const counts = (size: number) =>
    Object.fromEntries(Array.from({ length: size }, (_, index) => [`f${index}`, FieldValue.increment(1)]));
  await database.doc('c/d').set(counts(500));
  expect(await codeOf(database.doc('c/d').set(counts(501)))).toBe(status.INVALID_ARGUMENT);
});

test('a document that is too big is refused with its size', async () => {
  const database = await start();
  await expect(database.doc('c/d').set({ text: 'x'.repeat(1024 * 1024) })).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringMatching(
      /its size \([\d,]+ bytes\) exceeds the maximum allowed size of 1,048,576 bytes/,
    ),
  });
});

test('what is not there is refused by name', async () => {
  const database = await start();
  const unimplemented = (feature: string) => ({
    code: status.UNIMPLEMENTED,
    details: `embedded Firestore does not implement ${feature}`,
  });
  const raw = rawClientOf(database.address);
  closers.push(() => raw.close());
  const listened = new Promise((resolve, reject) => {
    const stream = raw.listen({}).on('data', resolve).on('error', reject);
    stream.write({ database: 'projects/embedded/databases/(default)', addTarget: { targetId: 1 } });
  });
  await expect(listened).rejects.toMatchObject(unimplemented('Listen'));
  const nearest = database.collection('c').findNearest({
    vectorField: 'v',
    queryVector: [1],
    limit: 1,
    distanceMeasure: 'EUCLIDEAN',
  });
  await expect(nearest.get()).rejects.toMatchObject(unimplemented('vector queries (find_nearest)'));
  const partitions = database.collectionGroup('c').getPartitions(3);
  await expect(partitions[Symbol.asyncIterator]().next()).rejects.toMatchObject(
    unimplemented('PartitionQuery'),
  );
});

test('the past is read only where it is still the present', async () => {
  const database = await start();
  await database.doc('c/a').set({ n: 1 });
  await database.doc('c/b').set({ n: 1 });
  const seen = database.runTransaction(
    async (transaction) => {
      const first = await transaction.get(database.doc('c/a'));
      await database.doc('c/b').set({ n: 2 });
      const again = await transaction.get(database.doc('c/a'));
      expect(again.updateTime?.isEqual(first.updateTime ?? Timestamp.now())).toBe(true);
      return transaction.get(database.doc('c/b'));
    },
    { readOnly: true },
  );
  await expect(seen).rejects.toMatchObject({
    code: status.UNIMPLEMENTED,
    details: 'embedded Firestore does not implement reading a past state that has changed since',
  });
});

test('fifty conflicting transactions end within seconds', async () => {
  const database = await start();
  const ref = database.doc('c/counter');
  await ref.set({ n: 0 });
  const before = Date.now();
  await Promise.all(
    Array.from({ length: 50 }, () =>
      database.runTransaction(async (transaction) => {
        const n: number = (await transaction.get(ref)).get('n');
        transaction.update(ref, { n: n + 1 });
      }),
    ),
  );
  expect((await ref.get()).get('n')).toBe(50);
  expect(Date.now() - before).toBeLessThan(3000);
});

test('an ordered query over ten thousand documents is quick once they are in memory', async () => {
  const database = await start();
  const documents = database.collection('many');
  for (let start = 0; start < 10_000; start += 500) {
    const batch = database.batch();
    for (let index = start; index < start + 500; index += 1) {
      batch.set(documents.doc(`d${index}`), {
        state: ['a', 'b', 'c'][index % 3],
        lastSeen: (index * 7919) % 10_000,
      });
    }
    await batch.commit();
  }
  const query = documents.where('state', 'in', ['a', 'b']).orderBy('lastSeen', 'desc').limit(50);
  await query.get();
  const before = performance.now();
  for (let round = 0; round < 10; round += 1) {
    const { docs } = await query.get();
    expect(docs.map((one) => one.get('lastSeen'))).toEqual(
      docs.map((one) => one.get('lastSeen')).sort((left, right) => right - left),
    );
    expect(docs).toHaveLength(50);
  }
  expect((performance.now() - before) / 10).toBeLessThan(50);
});
