// Reads what an index names, in the order of the query: several ranges of its keys as one.
// In: the store and the plan of a query. Out: documents, looked up one by one as they are asked for.
import { scopeOf } from './index-form.ts';
import type { DocumentStore } from './document-store.ts';
import type { IndexPlan } from './index-plan.ts';
import type { IndexEntry } from './index-store.ts';
import type { StoredDocument } from './stored-document.ts';

/** One range of keys, each of which begins with `headBytes` bytes that have no say in the order. */
interface Stream {
  readonly headBytes: number;
  readonly entries: Iterator<IndexEntry, void>;
}

/** The documents that an index names, in the order of the query; undefined where there is no such index (yet). */
export function indexedDocuments(
  store: DocumentStore,
  plan: IndexPlan,
  parent: string,
): Iterable<StoredDocument> | undefined {
  if (store.indexes.state(plan.form) !== 'ready') return undefined;
  const { form, ranges } = plan;
  const collection = `${parent}/${form.kind}`;
  const scope = scopeOf(form, collection);
  // An index over a group has no part for what lies below one document.
  if (form.isGroup && scope !== parent) return undefined;
  const streams = ranges.map(({ headBytes, ...range }) => ({
    headBytes,
    entries: store.indexes.scan(form, scope, range),
  }));
  return documentsOf(store, streams);
}

function* documentsOf(store: DocumentStore, streams: readonly Stream[]): Generator<StoredDocument> {
  for (const { name } of merged(streams)) {
    const document = store.get(name);
    if (document !== undefined) yield document;
  }
}

/** Entries of several ranges in one order: that of their keys after the beginning of each. */
function* merged(streams: readonly Stream[]): Generator<IndexEntry> {
  const heads = streams.flatMap(({ headBytes, entries }) => {
    const first = entries.next();
    return first.done === true ? [] : [{ headBytes, entries, entry: first.value }];
  });
  for (;;) {
    let least = heads[0];
    for (const head of heads) if (least !== undefined && compareTails(head, least) < 0) least = head;
    if (least === undefined) return;
    yield least.entry;
    const next = least.entries.next();
    if (next.done === true) heads.splice(heads.indexOf(least), 1);
    else least.entry = next.value;
  }
}

interface Tail {
  readonly headBytes: number;
  readonly entry: IndexEntry;
}

const compareTails = (left: Tail, right: Tail): number =>
  Buffer.compare(left.entry.key.subarray(left.headBytes), right.entry.key.subarray(right.headBytes));
