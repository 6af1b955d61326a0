// Runs structured queries: candidates from the store, filtered, ordered, cut by cursors, offset and limit.
// In: the query message and its parent. Out: documents in order. It reads the present state and changes nothing.
import { NAME_FIELD, parseFieldPath, projectFields } from './field-path.ts';
import { getterOf, inequalityFields, namesIn, predicateOf, type Getter } from './filter.ts';
import { invalidArgument, unimplemented } from './firestore-error.ts';
import { splitName } from './document-name.ts';
import { planIndex } from './index-plan.ts';
import { indexedDocuments } from './index-scan.ts';
import { compareNames, compareValues } from './values.ts';
import type { DocumentStore } from './document-store.ts';
import type { Cursor, StructuredQuery, Value } from './proto.ts';
import type { StoredDocument } from './stored-document.ts';

/** Up to this many results are kept in order while scanning; more are sorted at the end. */
const ORDERED_WHILE_SCANNING_MAX = 1000;

interface Order {
  readonly path: string;
  readonly get: Getter;
  readonly sign: 1 | -1;
}

interface Match {
  readonly document: StoredDocument;
  /** The values of the ordered fields; the name, which comes last, is the document's own. */
  readonly keys: readonly Value[];
}

interface Plan {
  readonly orders: readonly Order[];
  readonly nameSign: 1 | -1;
  readonly compare: (left: Match, right: Match) => number;
}

export interface QueryResult {
  readonly documents: readonly StoredDocument[];
  /** Documents passed over by the offset; Firestore bills them as reads. */
  readonly skipped: number;
  /** Documents and index entries that were looked at: the work, whatever is billed. */
  readonly scanned: number;
}

/** A query and the document or database root it is asked at. */
export interface QueryAt {
  readonly parent: string;
  readonly query: StructuredQuery;
}

/** Runs a query; documents come whole, see `selected` for the projection. */
export function runQuery(store: DocumentStore, { parent, query }: QueryAt): QueryResult {
  if (query.findNearest !== null) throw unimplemented('vector queries (find_nearest)');
  const plan = planOf(query);
  const passes = predicateOf(query.where);
  const { offset } = query;
  if (offset < 0) throw invalidArgument('The offset must not be negative.');
  const limit = query.limit?.value ?? Number.POSITIVE_INFINITY;
  if (limit < 0) throw invalidArgument('The limit must not be negative.');
  const fromStart = cursorTest(query.startAt, plan, 'start');
  const untilEnd = cursorTest(query.endAt, plan, 'end');
  const countMax = offset + limit;
  const index = planIndex(query, plan);
  const inOrder = index === undefined ? undefined : indexedDocuments(store, index, parent);
  const matches = new OrderedMatches(plan.compare, countMax);
  let scanned = 0;
  for (const document of inOrder ?? candidates(store, parent, query)) {
    scanned += 1;
    const match = passes(document) ? matchOf(document, plan.orders) : undefined;
    if (match === undefined || !fromStart(match)) continue;
    const isIn = untilEnd(match);
    if (isIn) matches.add(match);
    // What comes in order need not be looked at to its end.
    if (inOrder !== undefined && (!isIn || matches.count >= countMax)) break;
  }
  if (inOrder === undefined && index !== undefined) store.wantIndex(index.form, scanned);
  const found = matches.inOrder();
  const documents = found.slice(offset).map(({ document }) => document);
  return { documents, skipped: found.length - documents.length, scanned };
}

/** Applies the query's projection to one of its results. */
export function selected(document: StoredDocument, query: StructuredQuery): StoredDocument {
  if (query.select === null) return document;
  const paths = query.select.fields
    .filter(({ fieldPath }) => fieldPath !== NAME_FIELD)
    .map(({ fieldPath }) => parseFieldPath(fieldPath));
  return { ...document, fields: projectFields(document.fields, paths) };
}

/** The matches in order, at most `countMax` of them. */
class OrderedMatches {
  readonly #matches: Match[] = [];
  readonly #compare: Plan['compare'];
  readonly #countMax: number;

  constructor(compare: Plan['compare'], countMax: number) {
    this.#compare = compare;
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#matches.length;
  }

  add(match: Match): void {
    const matches = this.#matches;
    if (this.#countMax > ORDERED_WHILE_SCANNING_MAX) {
      matches.push(match);
      return;
    }
    const last = matches.at(-1);
    if (last !== undefined && matches.length >= this.#countMax && this.#compare(match, last) > 0) return;
    let low = 0;
    let high = matches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = matches[middle];
      if (other !== undefined && this.#compare(match, other) > 0) low = middle + 1;
      else high = middle;
    }
    matches.splice(low, 0, match);
    if (matches.length > this.#countMax) matches.pop();
  }

  inOrder(): readonly Match[] {
    if (this.#countMax <= ORDERED_WHILE_SCANNING_MAX) return this.#matches;
    return this.#matches.sort(this.#compare).slice(0, this.#countMax);
  }
}

function* candidates(
  store: DocumentStore,
  parent: string,
  query: StructuredQuery,
): Generator<StoredDocument> {
  const [from, ...others] = query.from;
  if (from === undefined || others.length > 0) {
    throw invalidArgument('A query must have exactly one collection selector.');
  }
  const { collectionId, allDescendants } = from;
  if (!allDescendants && collectionId === '') throw invalidArgument('A query must name its collection.');
  const collection = `${parent}/${collectionId}`;
  const names = namesIn(query.where);
  if (names !== undefined) {
    for (const name of names) {
      const parts = splitName(name);
      const isInside = allDescendants
        ? name.startsWith(`${parent}/`) && (collectionId === '' || parts.kind === collectionId)
        : parts.collection === collection;
      const document = isInside ? store.get(name) : undefined;
      if (document !== undefined) yield document;
    }
  } else if (allDescendants) {
    for (const one of store.collectionsBelow(parent, collectionId)) yield* store.scan(one);
  } else {
    yield* store.scan(collection);
  }
}

/** A document with the keys it is ordered by, or undefined when it lacks one of the fields. */
function matchOf(document: StoredDocument, orders: readonly Order[]): Match | undefined {
  const keys: Value[] = [];
  for (const { get } of orders) {
    const key = get(document);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return { document, keys };
}

/** The order of a query: what it says, then the fields of its inequalities, then the name. */
function planOf(query: StructuredQuery): Plan {
  const explicit = query.orderBy.map(({ field, direction }) => ({
    path: field.fieldPath,
    sign: direction === 'DESCENDING' ? (-1 as const) : (1 as const),
  }));
  const lastSign = explicit.at(-1)?.sign ?? 1;
  const ordered = new Set(explicit.map(({ path }) => path));
  const implied = inequalityFields(query.where)
    .filter((path) => !ordered.has(path))
    .map((path) => ({ path, sign: lastSign }));
  const all = [...explicit, ...implied];
  const nameAt = all.findIndex(({ path }) => path === NAME_FIELD);
  // Names differ always, so nothing after the name has a say.
  const fields = nameAt === -1 ? all : all.slice(0, nameAt);
  const nameSign = all[nameAt]?.sign ?? lastSign;
  const orders = fields.map(({ path, sign }) => ({ path, get: getterOf(path), sign }));
  return {
    orders,
    nameSign,
    compare: (left, right) =>
      compareKeys(left, right.keys, orders) ||
      nameSign * compareNames(left.document.name, right.document.name),
  };
}

function compareKeys(match: Match, keys: readonly Value[], orders: readonly Order[]): number {
  for (const [index, { sign }] of orders.entries()) {
    const left = match.keys[index];
    const right = keys[index];
    if (left === undefined || right === undefined) return 0;
    const difference = compareValues(left, right);
    if (difference !== 0) return sign * difference;
  }
  return 0;
}

/** Whether a match lies on the right side of a cursor; no cursor lets everything pass. */
function cursorTest(cursor: Cursor | null, plan: Plan, side: 'start' | 'end'): (match: Match) => boolean {
  if (cursor === null) return () => true;
  const name = cursor.values[plan.orders.length];
  if (cursor.values.length > plan.orders.length + 1) {
    throw invalidArgument('A cursor has more values than the query has orders.');
  }
  if (name !== undefined && name.valueType !== 'referenceValue') {
    throw invalidArgument('The cursor value of __name__ must be a reference.');
  }
  const nameOfCursor = name?.referenceValue;
  return (match) => {
    const byKeys = compareKeys(match, cursor.values, plan.orders);
    const byName =
      nameOfCursor === undefined ? 0 : plan.nameSign * compareNames(match.document.name, nameOfCursor);
    const difference = byKeys || byName;
    // `before` puts the cursor just before its position: a start then includes it, an end leaves it out.
    if (side === 'start') return cursor.before ? difference >= 0 : difference > 0;
    return cursor.before ? difference < 0 : difference <= 0;
  };
}
