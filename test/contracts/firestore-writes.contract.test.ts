// What writes do, told by the real SDK: creates, merges, masks, preconditions, transforms, batches, limits.
import { FieldPath, FieldValue, Timestamp } from '@google-cloud/firestore';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, startHarness, type Harness } from './firestore-harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe('a single write', () => {
  test('creates a document that can be read back with its times', async () => {
    const ref = harness.database().doc('cities/rome');
    const { writeTime } = await ref.create({ name: 'Rome' });
    const snapshot = await ref.get();
    expect(snapshot.data()).toEqual({ name: 'Rome' });
    expect(snapshot.createTime?.isEqual(writeTime)).toBe(true);
    expect(snapshot.updateTime?.isEqual(writeTime)).toBe(true);
  });

  test('keeps the create time and moves the update time when a document changes', async () => {
    const ref = harness.database().doc('cities/rome');
    const first = await ref.set({ n: 1 });
    const second = await ref.set({ n: 2 });
    const snapshot = await ref.get();
    expect(snapshot.createTime?.isEqual(first.writeTime)).toBe(true);
    expect(snapshot.updateTime?.isEqual(second.writeTime)).toBe(true);
    expect(second.writeTime.valueOf() > first.writeTime.valueOf()).toBe(true);
  });

  test('leaves the update time alone when it changes nothing', async () => {
    const ref = harness.database().doc('cities/rome');
    const first = await ref.set({ n: 1, deep: { list: [1, 'a'] } });
    const second = await ref.set({ n: 1, deep: { list: [1, 'a'] } });
    expect(second.writeTime.isEqual(first.writeTime)).toBe(true);
    const third = await ref.set({ n: 1.5, deep: { list: [1, 'a'] } });
    expect(third.writeTime.isEqual(first.writeTime)).toBe(false);
  });

  test('refuses to create what exists and to update what is missing', async () => {
    const ref = harness.database().doc('cities/rome');
    expect(await codeOf(ref.update({ n: 1 }))).toBe(status.NOT_FOUND);
    await ref.create({ n: 1 });
    expect(await codeOf(ref.create({ n: 2 }))).toBe(status.ALREADY_EXISTS);
    expect((await ref.get()).data()).toEqual({ n: 1 });
  });

  test('deletes a document, and a missing one just as well', async () => {
    const ref = harness.database().doc('cities/rome');
    await ref.set({ n: 1 });
    await ref.delete();
    expect((await ref.get()).exists).toBe(false);
    await ref.delete();
    expect(await codeOf(ref.delete({ exists: true }))).toBe(status.NOT_FOUND);
  });

  test('holds only if the update time is the expected one', async () => {
    const ref = harness.database().doc('cities/rome');
    const { writeTime } = await ref.set({ n: 1 });
    const wrong = Timestamp.fromMillis(5);
    expect(await codeOf(ref.update({ n: 2 }, { lastUpdateTime: wrong }))).toBe(status.FAILED_PRECONDITION);
    expect(await codeOf(ref.delete({ lastUpdateTime: wrong }))).toBe(status.FAILED_PRECONDITION);
    await ref.update({ n: 3 }, { lastUpdateTime: writeTime });
    expect(await codeOf(ref.update({ n: 4 }, { lastUpdateTime: writeTime }))).toBe(
      status.FAILED_PRECONDITION,
    );
    expect((await ref.get()).data()).toEqual({ n: 3 });
  });

  test('replaces the whole document with set and parts of it with merge', async () => {
    const ref = harness.database().doc('cities/rome');
    await ref.set({ a: 1, b: { c: 2, d: 3 } });
    await ref.set({ b: { c: 4 } }, { merge: true });
    expect((await ref.get()).data()).toEqual({ a: 1, b: { c: 4, d: 3 } });
    await ref.set({ a: 5, b: { d: 6 }, e: 7 }, { mergeFields: ['b.d', 'e'] });
    expect((await ref.get()).data()).toEqual({ a: 1, b: { c: 4, d: 6 }, e: 7 });
    await ref.set({ z: 1 });
    expect((await ref.get()).data()).toEqual({ z: 1 });
  });

  test('creates a missing document with merge', async () => {
    const ref = harness.database().doc('cities/rome');
    await ref.set({ a: { b: 1 } }, { merge: true });
    expect((await ref.get()).data()).toEqual({ a: { b: 1 } });
  });

  test('updates nested fields, also below names that need quoting, and replaces what is in the way', async () => {
    const ref = harness.database().doc('cities/rome');
    await ref.set({ deep: { keep: 1, old: 2 }, flat: 1 });
    await ref.update(
      'deep.old',
      FieldValue.delete(),
      new FieldPath('odd.name', 'back`tick\\'),
      'x',
      'flat.now',
      2,
    );
    expect((await ref.get()).data()).toEqual({
      deep: { keep: 1 },
      'odd.name': { 'back`tick\\': 'x' },
      flat: { now: 2 },
    });
    await ref.update(new FieldPath('odd.name', 'back`tick\\'), FieldValue.delete());
    expect((await ref.get()).get(new FieldPath('odd.name'))).toEqual({});
  });

  test('removes missing fields without a trace', async () => {
    const ref = harness.database().doc('cities/rome');
    await ref.set({ a: 1 });
    await ref.update({ 'b.c': FieldValue.delete(), x: FieldValue.delete() });
    expect((await ref.get()).data()).toEqual({ a: 1 });
  });

  test('takes names of fields that objects have anyway', async () => {
    const ref = harness.database().doc('cities/rome');
    await ref.set({ a: 1 });
    await ref.set({ constructor: FieldValue.increment(2), valueOf: 3 }, { merge: true });
    expect((await ref.get()).data()).toEqual({ a: 1, constructor: 2, valueOf: 3 });
  });

  test('refuses reserved names of fields and documents, and arrays in arrays', async () => {
    const database = harness.database();
    expect(await codeOf(database.doc('c/__x__').set({ a: 1 }))).toBe(status.INVALID_ARGUMENT);
    expect(await codeOf(database.doc('c/d').set({ __x__: 1 }))).toBe(status.INVALID_ARGUMENT);
    expect(await codeOf(database.doc('c/d').set({ a: [[1]] }))).toBe(status.INVALID_ARGUMENT);
  });

  test('refuses a document of more than a mebibyte and takes one just below', async () => {
    const ref = harness.database().doc('c/d');
    expect(await codeOf(ref.set({ a: 'x'.repeat(1024 * 1024) }))).toBe(status.INVALID_ARGUMENT);
    await ref.set({ a: 'x'.repeat(1024 * 1024 - 200) });
    expect(await codeOf(ref.update({ b: 'x'.repeat(200) }))).toBe(status.INVALID_ARGUMENT);
    expect(Object.keys((await ref.get()).data() ?? {})).toEqual(['a']);
  });
});

describe('field transforms', () => {
  test('increment integers and doubles, missing fields and fields of other types', async () => {
    const ref = harness.database({ useBigInt: true }).doc('c/d');
    await ref.set({ integer: 1, double: 1.5, text: 'x', big: 9_223_372_036_854_775_800n });
    await ref.update({
      integer: FieldValue.increment(2),
      double: FieldValue.increment(2),
      text: FieldValue.increment(3),
      missing: FieldValue.increment(4),
      'nested.missing': FieldValue.increment(0.5),
      big: FieldValue.increment(100),
    });
    expect((await ref.get()).data()).toEqual({
      integer: 3n,
      double: 3.5,
      text: 3n,
      missing: 4n,
      nested: { missing: 0.5 },
      big: 9_223_372_036_854_775_807n,
    });
  });

  test('make a double of an integer that is incremented by a fraction', async () => {
    const ref = harness.database({ useBigInt: true }).doc('c/d');
    await ref.set({ n: 1 });
    await ref.update({ n: FieldValue.increment(0.5) });
    await ref.update({ n: FieldValue.increment(0.5) });
    expect((await ref.get()).data()).toEqual({ n: 2 });
  });

  test('keep the larger or smaller number', async () => {
    const ref = harness.database({ useBigInt: true }).doc('c/d');
    await ref.set({ high: 3, low: 3, same: 3, text: 'x' });
    await ref.update({
      high: FieldValue.maximum(4.5),
      low: FieldValue.minimum(-1),
      same: FieldValue.maximum(2),
      text: FieldValue.minimum(9),
      missing: FieldValue.maximum(-7),
    });
    expect((await ref.get()).data()).toEqual({ high: 4.5, low: -1n, same: 3n, text: 9n, missing: -7n });
  });

  test('add what an array lacks, by value, and remove every copy of what it has', async () => {
    const ref = harness.database().doc('c/d');
    await ref.set({ list: [1, 'a', { k: 1 }], gone: [1, 2, 1, 3], text: 'x' });
    await ref.update({
      list: FieldValue.arrayUnion(1, 'b', 'b', { k: 1 }, { k: 2 }),
      gone: FieldValue.arrayRemove(1, 3),
      text: FieldValue.arrayUnion('y'),
      missing: FieldValue.arrayRemove('z'),
    });
    expect((await ref.get()).data()).toEqual({
      list: [1, 'a', { k: 1 }, 'b', { k: 2 }],
      gone: [2],
      text: ['y'],
      missing: [],
    });
  });

  test('set the time of the server, the same in all fields', async () => {
    const ref = harness.database().doc('c/d');
    const before = Date.now();
    await ref.set({ a: FieldValue.serverTimestamp(), b: { c: FieldValue.serverTimestamp() }, n: 1 });
    const data = (await ref.get()).data() ?? {};
    expect(data['a']).toBeInstanceOf(Timestamp);
    expect(data['b']).toEqual({ c: data['a'] });
    expect(Math.abs(data['a'].toMillis() - before)).toBeLessThan(60_000);
  });

  test('report their results in order', async () => {
    const raw = harness.raw();
    const database = `projects/raw-${process.pid}-${Date.now()}/databases/(default)`;
    const [response] = await raw.commit({
      database,
      writes: [
        {
          update: { name: `${database}/documents/c/d`, fields: {} },
          updateTransforms: [
            { fieldPath: 'n', increment: { integerValue: 5 } },
            { fieldPath: 'list', appendMissingElements: { values: [{ stringValue: 'a' }] } },
            { fieldPath: 'n', increment: { integerValue: 2 } },
          ],
        },
      ],
    });
    const results = response.writeResults?.[0]?.transformResults ?? [];
    expect(
      results.map(
        (one: { integerValue?: unknown; nullValue?: unknown }) => one.integerValue ?? one.nullValue,
      ),
    ).toEqual(['5', 'NULL_VALUE', '7']);
    expect(response.writeResults?.[0]?.updateTime).toEqual(response.commitTime);
  });
});

describe('a batch', () => {
  test('changes all documents or none', async () => {
    const database = harness.database();
    await database.doc('c/exists').set({ n: 1 });
    await database.doc('c/claimed').set({ n: 1 });
    const failing = database.batch();
    failing.set(database.doc('c/new'), { n: 1 });
    failing.update(database.doc('c/exists'), { n: 2 });
    failing.create(database.doc('c/claimed'), { n: 3 });
    expect(await codeOf(failing.commit())).toBe(status.ALREADY_EXISTS);
    expect((await database.doc('c/new').get()).exists).toBe(false);
    expect((await database.doc('c/exists').get()).data()).toEqual({ n: 1 });
  });

  test('applies several writes to one document in order and gives all the same time', async () => {
    const database = harness.database();
    const ref = database.doc('c/d');
    const batch = database.batch();
    batch.create(ref, { n: 1 });
    batch.update(ref, { n: FieldValue.increment(1), m: 1 });
    batch.set(database.doc('c/e'), { n: 1 });
    const results = await batch.commit();
    expect((await ref.get()).data()).toEqual({ n: 2, m: 1 });
    expect(new Set(results.map(({ writeTime }) => writeTime.valueOf())).size).toBe(1);
    const again = database.batch();
    again.delete(ref);
    again.create(ref, { fresh: true });
    await again.commit();
    expect((await ref.get()).data()).toEqual({ fresh: true });
  });
});

describe('a bulk writer', () => {
  test('reports each write for itself', async () => {
    const database = harness.database();
    await database.doc('c/exists').set({ n: 1 });
    const writer = database.bulkWriter();
    writer.onWriteError(() => false);
    const outcomes = Promise.allSettled([
      writer.create(database.doc('c/exists'), { n: 2 }),
      writer.create(database.doc('c/new'), { n: 2 }),
      writer.update(database.doc('c/missing'), { n: 2 }),
      writer.delete(database.doc('c/never')),
    ]);
    await writer.close();
    const codes = (await outcomes).map((one) => (one.status === 'fulfilled' ? 'done' : one.reason.code));
    expect(codes).toEqual([status.ALREADY_EXISTS, 'done', status.NOT_FOUND, 'done']);
    expect((await database.doc('c/exists').get()).data()).toEqual({ n: 1 });
    expect((await database.doc('c/new').get()).data()).toEqual({ n: 2 });
  });
});
