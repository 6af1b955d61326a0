// The indexes of the embedded Firestore: whatever is asked, they find what looking at every document finds, in its order,
// and look at no more than the answer.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore, Timestamp, type Query } from '@google-cloud/firestore';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCodec } from '../../infra/local/firestore/codec.ts';
import { DocumentStore } from '../../infra/local/firestore/document-store.ts';
import type { IndexForm } from '../../infra/local/firestore/index-form.ts';
import { INDEXES_MAX } from '../../infra/local/firestore/index-store.ts';
import type { ObservedOperation } from '../../infra/local/firestore/observed-operation.ts';
import type {
  FieldFilter,
  Fields,
  Filter,
  StructuredQuery,
  Value,
} from '../../infra/local/firestore/proto.ts';
import { runQuery } from '../../infra/local/firestore/query.ts';
import { startFirestore, type RunningFirestore } from '../../infra/local/firestore/server.ts';

const ROOT = 'projects/p/databases/(default)/documents';

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constant({ valueType: 'nullValue', nullValue: 'NULL_VALUE' } as const),
  fc.boolean().map((booleanValue) => ({ valueType: 'booleanValue', booleanValue }) as const),
  fc
    .integer({ min: -2, max: 2 })
    .map((n) => ({ valueType: 'integerValue', integerValue: String(n) }) as const),
  fc
    .constantFrom(-1.5, -0, 0, 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60)
    .map((doubleValue) => ({ valueType: 'doubleValue', doubleValue }) as const),
  fc
    .constantFrom('', 'a', 'a\0', 'a\0b', 'ab', 'b', '\u{1F600}', '\uFFFD')
    .map((stringValue) => ({ valueType: 'stringValue', stringValue }) as const),
  fc.constantFrom(-1, 0, 1).map(
    (seconds) =>
      ({
        valueType: 'timestampValue',
        timestampValue: { seconds: String(seconds), nanos: 5_000 },
      }) as const,
  ),
);
/** Mostly one of a few, so that documents agree with each other and with what is asked. */
const few: fc.Arbitrary<Value> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(0, 1)
      .map((n) => ({ valueType: 'integerValue', integerValue: String(n) }) as const),
  },
  scalar,
);
const array: fc.Arbitrary<Value> = fc
  .array(few, { maxLength: 3 })
  .map((values) => ({ valueType: 'arrayValue', arrayValue: { values } }) as const);

const fields: fc.Arbitrary<Fields> = fc.record(
  {
    a: few,
    b: few,
    t: fc.oneof({ weight: 9, arbitrary: array }, scalar),
    c: fc.oneof({ weight: 40, arbitrary: scalar }, array),
  },
  { requiredKeys: ['a', 'c'] },
);
const names = fc
  .tuple(fc.constantFrom('', '/x/1', '/x/1-'), fc.constantFrom('1', '10', '2', 'z', 'é'))
  .map(([parent, id]) => `${ROOT}${parent}/pets/${id}`);

const compare = (fieldPath: string, op: FieldFilter['op'], value: Value): Filter => ({
  filterType: 'fieldFilter',
  fieldFilter: { field: { fieldPath }, op, value },
});
const equality = fc.oneof(
  fc.tuple(fc.constantFrom('a', 'b'), few).map(([path, value]) => compare(path, 'EQUAL', value)),
  fc
    .array(few, { minLength: 1, maxLength: 3 })
    .map((values) => compare('a', 'IN', { valueType: 'arrayValue', arrayValue: { values } })),
  few.map((value) => compare('t', 'ARRAY_CONTAINS', value)),
);
const bound = fc
  .tuple(
    fc.constantFrom('LESS_THAN', 'LESS_THAN_OR_EQUAL', 'GREATER_THAN', 'GREATER_THAN_OR_EQUAL', 'NOT_EQUAL'),
    scalar,
  )
  .map(([op, value]) => compare('c', op, value));

const queries: fc.Arbitrary<StructuredQuery> = fc
  .record({
    filters: fc.tuple(fc.array(equality, { maxLength: 1 }), fc.array(bound, { maxLength: 1 })),
    order: fc.constantFrom('', 'ASCENDING', 'DESCENDING'),
    second: fc.constantFrom('', 'ASCENDING', 'DESCENDING'),
    allDescendants: fc.boolean(),
    cursor: fc.option(
      fc.record({ values: fc.array(scalar, { minLength: 1, maxLength: 2 }), before: fc.boolean() }),
      { nil: null },
    ),
    end: fc.option(
      fc.record({ values: fc.array(scalar, { minLength: 1, maxLength: 1 }), before: fc.boolean() }),
      { nil: null },
    ),
    limit: fc.constantFrom(null, { value: 1 }, { value: 3 }),
    offset: fc.constantFrom(0, 1),
  })
  .map(({ filters, order, second, allDescendants, cursor, end, limit, offset }) => {
    const orderBy = [
      ...(order === '' ? [] : [{ field: { fieldPath: 'c' }, direction: order }]),
      ...(order === '' || second === '' ? [] : [{ field: { fieldPath: 'b' }, direction: second }]),
    ];
    const cut = <One extends { readonly values: readonly Value[] }>(one: One | null): One | null =>
      one === null || orderBy.length === 0 ? null : { ...one, values: one.values.slice(0, orderBy.length) };
    return {
      select: null,
      from: [{ collectionId: 'pets', allDescendants }],
      where: { filterType: 'compositeFilter', compositeFilter: { op: 'AND', filters: filters.flat() } },
      orderBy,
      startAt: cut(cursor),
      endAt: cut(end),
      offset,
      limit,
      findNearest: null,
    } satisfies StructuredQuery;
  });

test('an index finds what looking at every document finds, in the same order, before and after changes', () => {
  const codec = loadCodec();
  const document = fc.tuple(names, fc.option(fields, { nil: undefined }));
  const runs = { indexed: 0 };
  fc.assert(
    fc.property(
      fc.array(document, { minLength: 5, maxLength: 20 }),
      fc.array(document, { maxLength: 8 }),
      queries,
      (first, changes, query) => {
        const [plain, indexed] = [
          new DocumentStore(':memory:', codec),
          new DocumentStore(':memory:', codec, -1),
        ];
        const write = (documents: readonly (readonly [string, Fields | undefined])[]): void => {
          const change = new Map(
            documents.map(([name, content]) => [
              name,
              content === undefined
                ? undefined
                : { name, fields: content, createdMicros: 1, updatedMicros: 1 },
            ]),
          );
          for (const store of [plain, indexed]) store.commit(change, 1);
        };
        const ask = (store: DocumentStore): readonly string[] =>
          runQuery(store, { parent: ROOT, query }).documents.map(({ name }) => name);
        try {
          write(first);
          // The first one makes the index.
          ask(indexed);
          expect(ask(indexed)).toEqual(ask(plain));
          write(changes);
          expect(ask(indexed)).toEqual(ask(plain));
          if (indexed.indexes.covers('pets')) runs.indexed += 1;
        } finally {
          for (const store of [plain, indexed]) store.close();
        }
      },
    ),
    { numRuns: 500 },
  );
  expect(runs.indexed).toBeGreaterThan(250);
});

test.for([
  [INDEXES_MAX - 1, true],
  [INDEXES_MAX, false],
] as const)('after %i forms of queries a further one gets an index: %s', ([count, gets]) => {
  const store = new DocumentStore(':memory:', loadCodec(), -1);
  const form = (n: number): IndexForm => ({
    kind: 'pets',
    isGroup: false,
    equal: [`f${n}`],
    contains: '',
    orders: [],
    nameSign: 1,
  });
  for (let n = 0; n < count; n += 1) store.wantIndex(form(n), 1);
  store.wantIndex(form(count), 1);
  expect(store.indexes.state(form(count))).toBe(gets ? 'ready' : 'never');
  store.close();
});

test('indexes survive a restart, with what changed since they were made', () => {
  const folder = mkdtempSync(join(tmpdir(), 'indexes-'));
  const dataFile = join(folder, 'firestore.sqlite');
  const name = `${ROOT}/pets/1`;
  const put = (store: DocumentStore, n: number): void => {
    const fields: Fields = { a: { valueType: 'integerValue', integerValue: String(n) } };
    store.commit(new Map([[name, { name, fields, createdMicros: 1, updatedMicros: n }]]), n);
  };
  const first = new DocumentStore(dataFile, loadCodec(), -1);
  const form: IndexForm = {
    kind: 'pets',
    isGroup: false,
    equal: ['a'],
    contains: '',
    orders: [],
    nameSign: 1,
  };
  first.wantIndex(form, 1);
  put(first, 1);
  put(first, 2);
  first.close();
  const second = new DocumentStore(dataFile, loadCodec(), -1);
  expect(second.indexes.state(form)).toBe('ready');
  const all = { from: Buffer.alloc(0), below: Buffer.of(0xff) };
  expect([...second.indexes.scan(form, `${ROOT}/pets`, all)].map((entry) => entry.name)).toEqual([name]);
  second.close();
  rmSync(folder, { recursive: true });
});

let server: RunningFirestore;
let client: Firestore;
const seen: ObservedOperation[] = [];
beforeAll(async () => {
  server = await startFirestore({
    dataFile: ':memory:',
    port: 0,
    observe: (operation) => seen.push(operation),
  });
  client = new Firestore({ projectId: 'p', host: `${server.host}:${server.port}`, ssl: false });
});
afterAll(async () => {
  await client.terminate();
  await server.close();
});

async function scannedBy(query: Query): Promise<number> {
  seen.length = 0;
  await query.get();
  return seen.reduce((sum, operation) => sum + ('scanned' in operation ? operation.scanned : 0), 0);
}

test.for([
  [500, 500],
  [501, 3],
] as const)('of %i documents the second query looks at %i', async ([count, scanned]) => {
  const collection = client.collection(`of-${count}`);
  const batch = client.bulkWriter();
  for (let n = 0; n < count; n += 1)
    void batch.set(collection.doc(String(n)), { at: Timestamp.fromMillis(n), even: n % 2 });
  await batch.close();
  const latest = collection.where('even', '==', 0).orderBy('at', 'desc').limit(3);
  expect(await scannedBy(latest)).toBe(count);
  expect(await scannedBy(latest)).toBe(scanned);
  // The one at the cursor is looked at too.
  expect(await scannedBy(latest.startAfter(Timestamp.fromMillis(100)))).toBe(Math.min(scanned + 1, count));
  expect((await latest.get()).docs.map(({ id }) => id)).toEqual(
    count === 500 ? ['498', '496', '494'] : ['500', '498', '496'],
  );
});
