// Which indexes a query needs by Firestore's rules, and whether declared ones serve it.
// In: structured queries as the SDK sends them, and what Terraform declares. Out: needs, and lines about what is missing.
import type { Filter, StructuredQuery } from '../../infra/local/firestore/proto.ts';

type Scope = 'COLLECTION' | 'COLLECTION_GROUP';
type Direction = 'ASCENDING' | 'DESCENDING';

interface Order {
  readonly field: string;
  readonly direction: Direction;
}

/** What a single-field index is good for: an order, or membership of an array. */
export type Mode = Direction | 'CONTAINS';

/** What a query asks, as far as an index is concerned. */
export interface QueryShape {
  readonly collection: string;
  readonly scope: Scope;
  /** Fields compared for equality; their order and direction in an index don't matter. */
  readonly equal: readonly string[];
  /** Fields of arrays that must hold a value. */
  readonly contains: readonly string[];
  readonly orders: readonly Order[];
}

/** A composite index as Terraform declares it. */
export interface CompositeIndex {
  readonly collection: string;
  readonly scope: Scope;
  readonly fields: readonly { readonly field: string; readonly mode: Mode }[];
}

/** The single-field indexes of a field that Terraform changes; none of them = exempt. */
export interface FieldOverride {
  readonly collection: string;
  readonly field: string;
  readonly indexes: readonly { readonly mode: Mode; readonly scope: Scope }[];
}

export interface DeclaredIndexes {
  readonly composites: readonly CompositeIndex[];
  readonly overrides: readonly FieldOverride[];
}

interface Comparisons {
  readonly equal: string[];
  readonly contains: string[];
  readonly unequal: string[];
}

const KIND_OF_OPERATOR: Readonly<Record<string, keyof Comparisons>> = {
  EQUAL: 'equal',
  IN: 'equal',
  IS_NULL: 'equal',
  IS_NAN: 'equal',
  ARRAY_CONTAINS: 'contains',
  ARRAY_CONTAINS_ANY: 'contains',
  LESS_THAN: 'unequal',
  LESS_THAN_OR_EQUAL: 'unequal',
  GREATER_THAN: 'unequal',
  GREATER_THAN_OR_EQUAL: 'unequal',
  NOT_EQUAL: 'unequal',
  NOT_IN: 'unequal',
  IS_NOT_NULL: 'unequal',
  IS_NOT_NAN: 'unequal',
};

const NAME = '__name__';

function note(into: Comparisons, operator: string, field: string): void {
  const kind = KIND_OF_OPERATOR[operator];
  if (kind === undefined) throw new Error(`no rule for the operator ${operator}`);
  // Documents are always in the order of their names: a comparison with it needs no index of its own.
  if (field !== NAME && !into[kind].includes(field)) into[kind].push(field);
}

function compare(filter: Filter | null, into: Comparisons): Comparisons {
  switch (filter?.filterType) {
    case undefined:
      return into;
    case 'fieldFilter':
      note(into, filter.fieldFilter.op, filter.fieldFilter.field.fieldPath);
      return into;
    case 'unaryFilter':
      note(into, filter.unaryFilter.op, filter.unaryFilter.field.fieldPath);
      return into;
    case 'compositeFilter':
      if (filter.compositeFilter.op !== 'AND') throw new Error('no rule for an OR of filters');
      for (const one of filter.compositeFilter.filters) compare(one, into);
      return into;
  }
}

const directionOf = (text: string): Direction => (text === 'DESCENDING' ? 'DESCENDING' : 'ASCENDING');

/** The order in which the index must be read: what is asked, then unequal fields, without the name at the end. */
function ordersOf(query: StructuredQuery, { equal, unequal }: Comparisons): readonly Order[] {
  const asked = query.orderBy.map(({ field, direction }) => ({
    field: field.fieldPath,
    direction: directionOf(direction),
  }));
  const last = asked.at(-1)?.direction ?? 'ASCENDING';
  const rest = unequal
    .filter((field) => asked.every((one) => one.field !== field))
    .toSorted()
    .map((field) => ({ field, direction: last }));
  const name = asked.find(({ field }) => field === NAME);
  const before = asked.filter(({ field }) => field !== NAME).at(-1)?.direction ?? 'ASCENDING';
  if (name !== undefined && name.direction !== before)
    throw new Error('no rule for an order by name that runs against the order before it');
  return [...asked, ...rest].filter(({ field }) => field !== NAME && !equal.includes(field));
}

/** The shape of a query. Throws for what no rule is known for. */
export function shapeOf(query: StructuredQuery): QueryShape {
  const [from] = query.from;
  if (from === undefined) throw new Error('no rule for a query over all collections');
  const comparisons = compare(query.where, { equal: [], contains: [], unequal: [] });
  return {
    collection: from.collectionId,
    scope: from.allDescendants ? 'COLLECTION_GROUP' : 'COLLECTION',
    equal: comparisons.equal.toSorted(),
    contains: comparisons.contains,
    orders: ordersOf(query, comparisons),
  };
}

/** The override that holds for a field: its own, that of the map around it, or that of the whole collection. */
function overrideOf(
  overrides: readonly FieldOverride[],
  wanted: { readonly collection: string; readonly field: string },
): FieldOverride | undefined {
  const parts = wanted.field.split('.');
  const names = [...parts.map((_, index) => parts.slice(0, parts.length - index).join('.')), '*'];
  for (const name of names) {
    const found = overrides.find(
      ({ collection, field }) => collection === wanted.collection && field === name,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a single-field index is asked for: equality is served by either order. */
interface SingleUse {
  readonly field: string;
  readonly mode: Mode | 'EQUAL';
}

function servesAlone({ collection, scope }: QueryShape, use: SingleUse, declared: DeclaredIndexes): boolean {
  const override = overrideOf(declared.overrides, { collection, field: use.field });
  // By default every field of a collection has one of each kind, and none over a collection group.
  if (override === undefined) return scope === 'COLLECTION';
  return override.indexes.some(
    (index) =>
      index.scope === scope && (use.mode === 'EQUAL' ? index.mode !== 'CONTAINS' : index.mode === use.mode),
  );
}

/** The fields before the order that the index covers; undefined if it does not help the query at all. */
function coveredBy(index: CompositeIndex, shape: QueryShape): readonly string[] | undefined {
  if (index.collection !== shape.collection || index.scope !== shape.scope) return undefined;
  const fields = index.fields.filter(({ field }) => field !== NAME);
  const cut = fields.length - shape.orders.length;
  // An index is never read backwards: the other direction is another index.
  const sameOrder = fields.slice(Math.max(cut, 0)).every(({ field, mode }, at) => {
    const order = shape.orders[at];
    return field === order?.field && mode === order.direction;
  });
  if (cut < 0 || !sameOrder) return undefined;
  const head = fields.slice(0, cut);
  const fits = head.every(({ field, mode }) =>
    (mode === 'CONTAINS' ? shape.contains : shape.equal).includes(field),
  );
  return fits ? head.map(({ field }) => field) : undefined;
}

/** Whether the index helps any of these queries. */
export const isUsed = (index: CompositeIndex, shapes: readonly QueryShape[]): boolean =>
  shapes.some((shape) => coveredBy(index, shape) !== undefined);

/**
 * Whether declared and automatic indexes serve a query. Equality and membership alone are merged from single-field
 * indexes; an order or a range beside them takes composite ones, of which several with the same order are merged.
 */
function isServed(shape: QueryShape, declared: DeclaredIndexes): boolean {
  const { equal, contains, orders } = shape;
  const serving = declared.composites.flatMap((index) => {
    const covered = coveredBy(index, shape);
    return covered === undefined ? [] : [covered];
  });
  const covered = new Set(serving.flat());
  const [first, second] = orders;
  if (first === undefined) {
    const uses = [
      ...equal.map((field) => ({ field, mode: 'EQUAL' }) as const),
      ...contains.map((field) => ({ field, mode: 'CONTAINS' }) as const),
    ];
    return uses.every((use) => covered.has(use.field) || servesAlone(shape, use, declared));
  }
  if (second === undefined && equal.length + contains.length === 0)
    return servesAlone(shape, { field: first.field, mode: first.direction }, declared);
  return serving.length > 0 && [...equal, ...contains].every((field) => covered.has(field));
}

/** One line per query that nothing serves, such as `incidents: state, lastSeenAt DESCENDING`. */
export function missingIndexes(shapes: readonly QueryShape[], declared: DeclaredIndexes): readonly string[] {
  return [...new Set(shapes.filter((shape) => !isServed(shape, declared)).map(textOf))];
}

function textOf({ collection, scope, equal, contains, orders }: QueryShape): string {
  const fields = [
    ...equal,
    ...contains.map((field) => `${field} CONTAINS`),
    ...orders.map(({ field, direction }) => `${field} ${direction}`),
  ];
  return `${collection}${scope === 'COLLECTION' ? '' : ' (collection group)'}: ${fields.join(', ')}`;
}
