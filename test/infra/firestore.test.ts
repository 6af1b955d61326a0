// infra/firestore.tf against what the adapters really ask: Firestore refuses a query without its index, the embedded
// server answers it. So the queries are recorded here, and Firestore's own rules are held against what is declared.
import { beforeAll, describe, expect, test } from 'vitest';
import type { StructuredQuery } from '../../infra/local/firestore/proto.ts';
import { isUsed, missingIndexes, shapeOf, type DeclaredIndexes, type Mode } from './firestore-indexes.ts';
import { expiringFields, indexesInTerraform } from './firestore-terraform.ts';
import { fieldsInQueries, fieldsInSources, recordQueries } from './recorded-queries.ts';
import { readTerraform, type Terraform } from './terraform.ts';

let queries: readonly StructuredQuery[];
let terraform: Terraform;
beforeAll(async () => {
  [queries, terraform] = await Promise.all([recordQueries(), readTerraform()]);
});

test('the recording holds every field that an adapter compares or sorts by', () => {
  expect([...fieldsInSources()].toSorted()).toEqual([...fieldsInQueries(queries)].toSorted());
});

test('every query of the adapters has its index, and no field that it needs is exempt', () => {
  expect(missingIndexes(queries.map(shapeOf), indexesInTerraform(terraform))).toEqual([]);
});

test('every composite index serves a query: each costs on every write', () => {
  const shapes = queries.map(shapeOf);
  const unused = indexesInTerraform(terraform).composites.filter((index) => !isUsed(index, shapes));
  expect(unused).toEqual([]);
});

test('what the adapters let expire, and nothing else, has a time to live', () => {
  const names = expiringFields(terraform).map(({ collection, field }) => `${collection}.${field}`);
  expect(names.toSorted()).toEqual(['ids.expireAt', 'parked.expireAt']);
});

const NOTHING: DeclaredIndexes = { composites: [], overrides: [] };
type Operator = 'EQUAL' | 'LESS_THAN' | 'ARRAY_CONTAINS' | 'IN';

/** A query of collection `c`: comparisons as `[field, operator]`, orders as `field` or `-field`. */
function aQuery(
  comparisons: readonly (readonly [string, Operator])[],
  orders: readonly string[],
  allDescendants = false,
): StructuredQuery {
  return {
    select: null,
    from: [{ collectionId: 'c', allDescendants }],
    where: {
      filterType: 'compositeFilter',
      compositeFilter: {
        op: 'AND',
        filters: comparisons.map(([fieldPath, op]) => ({
          filterType: 'fieldFilter',
          fieldFilter: {
            field: { fieldPath },
            op,
            value: { valueType: 'booleanValue', booleanValue: true },
          },
        })),
      },
    },
    orderBy: orders.map((order) => ({
      field: { fieldPath: order.replace('-', '') },
      direction: order.startsWith('-') ? 'DESCENDING' : 'ASCENDING',
    })),
    startAt: null,
    endAt: null,
    offset: 0,
    limit: null,
    findNearest: null,
  };
}

const missing = (query: StructuredQuery, declared = NOTHING): readonly string[] =>
  missingIndexes([shapeOf(query)], declared);

const composite = (
  ...fields: readonly (readonly [string, Mode])[]
): DeclaredIndexes['composites'][number] => ({
  collection: 'c',
  scope: 'COLLECTION',
  fields: fields.map(([field, mode]) => ({ field, mode })),
});

describe('by Firestore’s rules', () => {
  test.for([
    ['equality', aQuery([['a', 'EQUAL']], [])],
    ['equality of several fields', aQuery([['a', 'EQUAL'], ['b', 'IN'], ['d', 'ARRAY_CONTAINS']], [])], // prettier-ignore
    ['a range', aQuery([['a', 'LESS_THAN']], [])],
    ['a range and the order by the same field', aQuery([['a', 'LESS_THAN']], ['-a'])],
    ['an order', aQuery([], ['-a'])],
    ['an order, and the name in its direction', aQuery([], ['-a', '-__name__'])],
    ['nothing', aQuery([], [], true)],
  ] satisfies [string, StructuredQuery][])('%s needs no composite index', ([, query]) => {
    expect(missing(query)).toEqual([]);
  });

  test.for([
    ['equality and an order', aQuery([['a', 'EQUAL']], ['-b']), 'c: a, b DESCENDING'],
    ['equality and a range', aQuery([['a', 'EQUAL'], ['b', 'LESS_THAN']], []), 'c: a, b ASCENDING'], // prettier-ignore
    ['an array and an order', aQuery([['a', 'ARRAY_CONTAINS']], ['b']), 'c: a CONTAINS, b ASCENDING'],
    ['two orders', aQuery([], ['a', '-b']), 'c: a ASCENDING, b DESCENDING'],
    ['equality in a collection group', aQuery([['a', 'EQUAL']], [], true), 'c (collection group): a'],
  ] satisfies [string, StructuredQuery, string][])('%s needs one', ([, query, text]) => {
    expect(missing(query)).toEqual([text]);
  });

  test('an index serves its order alone, and several with the same order are merged', () => {
    const query = aQuery([['a', 'EQUAL'], ['b', 'EQUAL']], ['-t']); // prettier-ignore
    const a = composite(['a', 'ASCENDING'], ['t', 'DESCENDING']);
    const b = composite(['b', 'DESCENDING'], ['t', 'DESCENDING']);
    const both = composite(['b', 'ASCENDING'], ['a', 'ASCENDING'], ['t', 'DESCENDING']);
    const upwards = composite(['a', 'ASCENDING'], ['b', 'ASCENDING'], ['t', 'ASCENDING']);
    const served = (...composites: DeclaredIndexes['composites'][number][]): boolean =>
      missing(query, { composites, overrides: [] }).length === 0;
    expect([served(a, b), served(both), served(a), served(b), served(upwards), served()]).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test.for([
    ['the field itself', 'm.a', [], false],
    ['the map around it', 'm', [], false],
    ['the whole collection', '*', [], false],
    ['another field', 'b', [], true],
    ['the field, which keeps this order', 'm.a', [{ mode: 'DESCENDING', scope: 'COLLECTION' }], true],
    ['the field, which keeps the other order', 'm.a', [{ mode: 'ASCENDING', scope: 'COLLECTION' }], false],
  ] as const)('an exemption of %s', ([, field, indexes, isServed]) => {
    const declared = { composites: [], overrides: [{ collection: 'c', field, indexes }] };
    expect(missing(aQuery([], ['-m.a']), declared)).toEqual(isServed ? [] : ['c: m.a DESCENDING']);
  });
});
