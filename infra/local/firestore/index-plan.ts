// Which index a query asks for, and which ranges of its keys: one for each combination of the values it compares with.
// In: the query and its order. Out: form and ranges, or undefined where an index would not help. It reads nothing.
import { NAME_FIELD } from './field-path.ts';
import { keyOfName, keyOfValue, LAST_BYTE, typeByte, type Sign } from './index-key.ts';
import { splitName } from './document-name.ts';
import type { IndexForm } from './index-form.ts';
import type { KeyRange } from './index-store.ts';
import type { FieldFilter, Filter, StructuredQuery, Value } from './proto.ts';

/** Combinations of values in one query; Firestore takes 30. */
const RANGES_MAX = 30;

/** The order of a query, as `runQuery` follows it. */
export interface QueryOrder {
  readonly orders: readonly { readonly path: string; readonly sign: Sign }[];
  readonly nameSign: Sign;
}

export interface IndexPlan {
  readonly form: IndexForm;
  /** Each with the length of its beginning, after which the keys of all ranges are in the query's order. */
  readonly ranges: readonly (KeyRange & { readonly headBytes: number })[];
}

interface Conditions {
  /** Path → values, one of which it must equal. */
  readonly equal: Map<string, readonly Value[]>;
  contains: { readonly path: string; readonly value: Value } | undefined;
  readonly bounds: FieldFilter[];
}

/** Collects what the index can use; what it can't is left to the filter itself. False where an OR is in the way. */
function collect(filter: Filter | null, into: Conditions): boolean {
  switch (filter?.filterType) {
    case undefined:
    case 'unaryFilter':
      return true;
    case 'compositeFilter': {
      const { op, filters } = filter.compositeFilter;
      return op === 'AND' && filters.every((one) => collect(one, into));
    }
    case 'fieldFilter': {
      const { field, op, value } = filter.fieldFilter;
      const path = field.fieldPath;
      if (path === NAME_FIELD) return true;
      if (op === 'EQUAL' && !into.equal.has(path)) into.equal.set(path, [value]);
      if (op === 'IN' && !into.equal.has(path) && value.valueType === 'arrayValue')
        into.equal.set(path, value.arrayValue.values);
      if (op === 'ARRAY_CONTAINS') into.contains ??= { path, value };
      if (/^(?:LESS|GREATER)_THAN/.test(op)) into.bounds.push(filter.fieldFilter);
      return true;
    }
  }
}

/** Every way of choosing one of the keys of each part. */
function combined(parts: readonly (readonly Buffer[])[]): readonly Buffer[] {
  return parts.reduce<readonly Buffer[]>(
    (heads, keys) => heads.flatMap((head) => keys.map((key) => Buffer.concat([head, key]))),
    [Buffer.alloc(0)],
  );
}

function keysOf(values: readonly Value[]): readonly Buffer[] | undefined {
  const keys = values.map((value) => keyOfValue(value, 1));
  const told = keys.filter((key) => key !== undefined);
  const unique = new Map(told.map((key) => [key.toString('latin1'), key]));
  return told.length === keys.length ? [...unique.values()] : undefined;
}

/** The keys after the head: those of one type where the first order is bounded, and none before the cursor. */
function tailRange(query: StructuredQuery, order: QueryOrder, bounds: readonly FieldFilter[]): KeyRange {
  const [first] = order.orders;
  let from: Buffer = Buffer.alloc(0);
  let below: Buffer = Buffer.of(LAST_BYTE);
  const raise = (key: Buffer): void => void (from = Buffer.compare(key, from) > 0 ? key : from);
  for (const { field, op, value } of bounds) {
    if (first === undefined || field.fieldPath !== first.path) continue;
    const { sign } = first;
    const type = typeByte(value, sign);
    const key = keyOfValue(value, sign) ?? Buffer.of(type);
    const isLower = op.startsWith('GREATER') === (sign === 1);
    raise(isLower ? key : Buffer.of(type));
    const end = isLower ? Buffer.of(type + 1) : Buffer.concat([key, Buffer.of(LAST_BYTE)]);
    if (Buffer.compare(end, below) < 0) below = end;
  }
  raise(cursorKey(query, order));
  return { from, below };
}

/** A key that no result after the cursor comes before; as long as the cursor's values can be told by keys. */
function cursorKey(query: StructuredQuery, { orders, nameSign }: QueryOrder): Buffer {
  const parts: Buffer[] = [];
  const values = query.startAt?.values ?? [];
  for (const [index, value] of values.entries()) {
    const order = orders[index];
    const isGroup = query.from[0]?.allDescendants === true;
    const name = value.valueType === 'referenceValue' ? value.referenceValue : '';
    const key =
      order === undefined
        ? keyOfName(isGroup ? name : splitName(name).id, nameSign)
        : keyOfValue(value, order.sign);
    if (key === undefined) break;
    parts.push(key);
  }
  return Buffer.concat(parts);
}

/** The index that a query asks for; undefined for one without a condition or an order, and for what no key can tell. */
export function planIndex(query: StructuredQuery, order: QueryOrder): IndexPlan | undefined {
  const [from] = query.from;
  const conditions: Conditions = { equal: new Map(), contains: undefined, bounds: [] };
  if (from === undefined || from.collectionId === '' || !collect(query.where, conditions)) return undefined;
  const { equal, contains, bounds } = conditions;
  if (equal.size === 0 && contains === undefined && order.orders.length === 0) return undefined;
  const paths = [...equal.keys()].sort();
  const wanted = [...paths.map((path) => equal.get(path) ?? []), ...(contains ? [[contains.value]] : [])];
  const parts = wanted.map(keysOf).filter((keys) => keys !== undefined);
  if (parts.length < wanted.length) return undefined;
  if (parts.reduce((count, keys) => count * keys.length, 1) > RANGES_MAX) return undefined;
  const tail = tailRange(query, order, bounds);
  return {
    form: {
      kind: from.collectionId,
      isGroup: from.allDescendants,
      equal: paths,
      contains: contains?.path ?? '',
      orders: order.orders.map(({ path, sign }) => ({ path, sign })),
      nameSign: order.nameSign,
    },
    ranges: combined(parts).map((head) => ({
      from: Buffer.concat([head, tail.from]),
      below: Buffer.concat([head, tail.below]),
      headBytes: head.length,
    })),
  };
}
