// Every type of value survives a write and a read, told by the real SDK.
import { FieldValue, GeoPoint, Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHarness, type Harness } from './firestore-harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

test('values of all types, alone and nested, come back as they were', async () => {
  const database = harness.database({ useBigInt: true });
  const ref = database.doc('values/all');
  const values = {
    nothing: null,
    yes: true,
    no: false,
    big: 9_223_372_036_854_775_807n,
    small: -9_223_372_036_854_775_808n,
    double: 0.1,
    negativeZero: -0,
    nan: Number.NaN,
    infinity: Number.POSITIVE_INFINITY,
    negativeInfinity: Number.NEGATIVE_INFINITY,
    time: new Timestamp(1_700_000_000, 123_456_000),
    distantTime: new Timestamp(-62_135_596_800, 0),
    text: 'ünï 🙂 \u0000 end',
    empty: '',
    bytes: Buffer.from([0, 255, 1]),
    noBytes: Buffer.alloc(0),
    place: new GeoPoint(-12.5, 180),
    list: [null, 1n, 'a', { in: [true] }],
    emptyList: [],
    map: { 'a.b': { '`': 1n, deep: { er: [{ x: 1.5 }] } } },
    emptyMap: {},
  };
  await ref.set({ ...values, ref: database.doc('other/one/below/two') });
  const { ref: reference, ...data } = (await ref.get()).data() ?? {};
  expect(data).toStrictEqual(values);
  expect(reference.path).toBe('other/one/below/two');
});

test('integers and doubles stay what they are', async () => {
  const raw = harness.raw();
  const database = `projects/raw-values-${process.pid}-${Date.now()}/databases/(default)`;
  const name = `${database}/documents/c/d`;
  await raw.commit({
    database,
    writes: [{ update: { name, fields: { i: { integerValue: 3 }, d: { doubleValue: 3 } } } }],
  });
  const found = await new Promise<unknown>((resolve, reject) => {
    raw
      .batchGetDocuments({ database, documents: [name] })
      .on('data', resolve)
      .on('error', reject);
  });
  expect(found).toMatchObject({
    found: { fields: { i: { integerValue: '3' }, d: { doubleValue: 3 } } },
  });
});

test('times are cut to microseconds', async () => {
  const ref = harness.database().doc('values/time');
  await ref.set({ at: new Timestamp(5, 123_456_789) });
  expect((await ref.get()).get('at')).toEqual(new Timestamp(5, 123_456_000));
});

test('vectors come back as vectors', async () => {
  const ref = harness.database().doc('values/vector');
  await ref.set({ v: FieldValue.vector([1, 2.5]) });
  expect((await ref.get()).get('v').toArray()).toEqual([1, 2.5]);
});
