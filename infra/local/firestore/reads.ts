// The handlers that read: lookups, queries, aggregations and lists.
// In: decoded requests. Out: responses or an iterable of them. They change no document.
import { createHash } from 'node:crypto';
import { aggregate } from './aggregate.ts';
import { checkPast, pageOf, readTimeOf, withReadSession, type Engine, type ReadMode } from './engine.ts';
import { parseFieldPath, projectFields } from './field-path.ts';
import { aborted, invalidArgument, unimplemented } from './firestore-error.ts';
import { timestampOf } from './micros.ts';
import { runQuery, selected, type QueryAt, type QueryResult } from './query.ts';
import { compareText } from './values.ts';
import type {
  BatchGetRequest,
  BatchGetResponse,
  DocumentMask,
  DocumentMessage,
  ListCollectionIdsRequest,
  ListCollectionIdsResponse,
  ListDocumentsRequest,
  ListDocumentsResponse,
  RunAggregationRequest,
  RunAggregationResponse,
  RunQueryRequest,
  RunQueryResponse,
} from './proto.ts';
import type { CallContext } from './rpc.ts';
import type { StoredDocument } from './stored-document.ts';

/** How often a query in a transaction is repeated because its results changed while it waited for locks. */
const QUERY_ROUNDS_MAX = 20;

function messageOf(document: StoredDocument, mask: DocumentMask | null): DocumentMessage {
  const { name, fields, createdMicros, updatedMicros } = document;
  return {
    name,
    fields: mask === null ? fields : projectFields(fields, mask.fieldPaths.map(parseFieldPath)),
    createTime: timestampOf(createdMicros),
    updateTime: timestampOf(updatedMicros),
  };
}

/** BatchGetDocuments: one response per name, found or missing. */
export function batchGet(
  engine: Engine,
  request: BatchGetRequest,
  context: CallContext,
): Promise<Iterable<BatchGetResponse>> {
  const names = [...new Set(request.documents)];
  return withReadSession(engine, request, {
    context,
    run: async ({ mode, begun }) => {
      if (mode.kind === 'locking') {
        const { transaction } = mode;
        await engine.locks.acquire(transaction.owner, names, context.signal);
        engine.transactions.checkOpen(transaction);
      }
      const documents = names.map((name) => engine.store.get(name));
      checkPast(engine, mode, documents);
      const readTime = readTimeOf(engine, mode);
      const responses = names.map((name, index): BatchGetResponse => {
        engine.observe({ kind: 'read', name });
        const document = documents[index];
        const found =
          document === undefined ? { missing: name } : { found: messageOf(document, request.mask) };
        return { ...found, readTime };
      });
      if (begun === undefined) return responses;
      const [first = { readTime }, ...rest] = responses;
      return [{ ...first, transaction: begun }, ...rest];
    },
  });
}

/** RunQuery: one response per document, or a single one without a document. */
export function query(
  engine: Engine,
  request: RunQueryRequest,
  context: CallContext,
): Promise<Iterable<RunQueryResponse>> {
  const at = queryAt(request.parent, request.structuredQuery, request.explainOptions);
  return withReadSession(engine, request, {
    context,
    run: async ({ mode, begun }) => {
      const result = await consistentQuery(engine, at, { mode, signal: context.signal, isLocking: true });
      observeQuery(engine, 'query', {
        at,
        documents: result.documents.length + result.skipped,
        scanned: result.scanned,
      });
      const readTime = readTimeOf(engine, mode);
      return queryResponses({ at, result, readTime, begun });
    },
  });
}

/** Responses are made while they are sent, so that a big result is not held twice. */
function* queryResponses(found: {
  readonly at: QueryAt;
  readonly result: QueryResult;
  readonly readTime: RunQueryResponse['readTime'];
  readonly begun: Buffer | undefined;
}): Generator<RunQueryResponse> {
  const { at, result, readTime, begun } = found;
  if (begun !== undefined) yield { transaction: begun, readTime };
  for (const document of result.documents) {
    yield { document: messageOf(selected(document, at.query), null), readTime };
  }
  yield { readTime, skippedResults: result.skipped };
}

/** RunAggregationQuery: a single response. */
export function aggregation(
  engine: Engine,
  request: RunAggregationRequest,
  context: CallContext,
): Promise<Iterable<RunAggregationResponse>> {
  const asked = request.structuredAggregationQuery;
  const at = queryAt(request.parent, asked?.structuredQuery, request.explainOptions);
  return withReadSession(engine, request, {
    context,
    run: async ({ mode, begun }) => {
      const { documents, skipped, scanned } = await consistentQuery(engine, at, {
        mode,
        signal: context.signal,
        isLocking: false,
      });
      const aggregateFields = aggregate(documents, asked?.aggregations ?? []);
      observeQuery(engine, 'aggregation', { at, documents: documents.length + skipped, scanned });
      const response = { result: { aggregateFields }, readTime: readTimeOf(engine, mode) };
      return [begun === undefined ? response : { ...response, transaction: begun }];
    },
  });
}

function queryAt(
  parent: string,
  structuredQuery: RunQueryRequest['structuredQuery'],
  explainOptions: object | null,
): QueryAt {
  if (explainOptions !== null) throw unimplemented('explain_options');
  if (structuredQuery === undefined) throw invalidArgument('The request holds no structured query.');
  return { parent, query: structuredQuery };
}

function observeQuery(
  engine: Engine,
  kind: 'query' | 'aggregation',
  ran: { readonly at: QueryAt; readonly documents: number; readonly scanned: number },
): void {
  const { parent, query } = ran.at;
  engine.onQuery(query);
  engine.observe({
    kind,
    parent,
    collectionId: query.from[0]?.collectionId ?? '',
    documents: ran.documents,
    scanned: ran.scanned,
  });
}

/** Runs a query as its session demands; a transaction's query is noted, to be repeated at its commit. */
async function consistentQuery(
  engine: Engine,
  at: QueryAt,
  how: { readonly mode: ReadMode; readonly signal: AbortSignal; readonly isLocking: boolean },
): Promise<QueryResult> {
  const { mode, signal, isLocking } = how;
  if (mode.kind !== 'locking') {
    checkPast(engine, mode, undefined);
    return runQuery(engine.store, at);
  }
  const { transaction } = mode;
  for (let round = 0; round < QUERY_ROUNDS_MAX; round += 1) {
    const result = runQuery(engine.store, at);
    const names = isLocking ? result.documents.map(({ name }) => name) : [];
    // Locks that are free are taken at once, before anybody else can write.
    const hasWaited = await engine.locks.acquire(transaction.owner, names, signal);
    engine.transactions.checkOpen(transaction);
    if (hasWaited) continue;
    const repeat = (): string => fingerprintOf(runQuery(engine.store, at));
    transaction.queries.push({ fingerprint: fingerprintOf(result), repeat });
    return result;
  }
  throw aborted('The results of the query kept changing.');
}

function fingerprintOf({ documents, skipped }: QueryResult): string {
  const hash = createHash('sha1').update(String(skipped));
  for (const { name, updatedMicros } of documents) hash.update(`\n${name}\n${updatedMicros}`);
  return hash.digest('base64');
}

/** ListDocuments: a collection's documents by id, with those that only have collections below them if asked. */
export function listDocuments(engine: Engine, request: ListDocumentsRequest): ListDocumentsResponse {
  if (request.orderBy !== '') throw unimplemented('ListDocuments with order_by');
  if (request.consistencySelector !== undefined) throw unimplemented('ListDocuments at a point in time');
  const { parent, collectionId, mask } = request;
  const collection = `${parent}/${collectionId}`;
  const ids = new Set(engine.store.ids(collection));
  if (request.showMissing) {
    for (const id of childrenOf(engine, collection)) ids.add(id);
  }
  const { page, nextPageToken } = pageOf([...ids].sort(compareText), request);
  const documents = page.map((id): DocumentMessage => {
    const name = `${collection}/${id}`;
    const document = engine.store.get(name);
    return document === undefined
      ? { name, fields: {}, createTime: null, updateTime: null }
      : messageOf(document, mask);
  });
  engine.observe({ kind: 'list', parent, collectionId, documents: documents.length, scanned: ids.size });
  return { documents, nextPageToken };
}

/** ListCollectionIds: the collections right below a document or the root, in order. */
export function listCollectionIds(
  engine: Engine,
  request: ListCollectionIdsRequest,
): ListCollectionIdsResponse {
  if (request.consistencySelector !== undefined) throw unimplemented('ListCollectionIds at a point in time');
  const ids = [...childrenOf(engine, request.parent)].sort(compareText);
  const { page, nextPageToken } = pageOf(ids, request);
  engine.observe({
    kind: 'list',
    parent: request.parent,
    collectionId: '',
    documents: 0,
    scanned: ids.length,
  });
  return { collectionIds: page, nextPageToken };
}

/** The next parts of the names of all collections below `parent`, without visiting what lies deeper. */
function childrenOf(engine: Engine, parent: string): Set<string> {
  const children = new Set<string>();
  let from = `${parent}/`;
  for (;;) {
    const found = engine.store.nextCollection(from, `${parent}0`);
    if (found === undefined) return children;
    const [child = ''] = found.slice(parent.length + 1).split('/', 1);
    children.add(child);
    // `0` follows `/`: it leaves out everything below the child, but not a sibling such as `child-2`.
    const name = `${parent}/${child}`;
    from = found === name ? `${name}\0` : `${name}0`;
  }
}
