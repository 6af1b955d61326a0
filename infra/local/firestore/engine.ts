// What all handlers share: the store, the locks, the open transactions and the observer.
// And how a read finds the transaction or the point in time that it asks for.
import { compareText } from './values.ts';
import { isAborted, unimplemented } from './firestore-error.ts';
import { microsOf, timestampOf } from './micros.ts';
import type { DocumentStore } from './document-store.ts';
import type { LockTable } from './locks.ts';
import type { Observe } from './observed-operation.ts';
import type { Consistency, StructuredQuery, Timestamp, TransactionOptions } from './proto.ts';
import type { CallContext } from './rpc.ts';
import type { StoredDocument } from './stored-document.ts';
import type { Transaction, Transactions } from './transactions.ts';

export interface Engine {
  readonly store: DocumentStore;
  readonly locks: LockTable;
  readonly transactions: Transactions;
  readonly observe: Observe;
  /** Told of every query as it was asked. */
  readonly onQuery: (query: StructuredQuery) => void;
}

/** How a read is to be done. */
export type ReadMode =
  | { readonly kind: 'present' }
  /** Inside a read-write transaction: what is read is locked. */
  | { readonly kind: 'locking'; readonly transaction: Transaction }
  /** As of a point in time. */
  | { readonly kind: 'past'; readonly snapshotMicros: number };

export interface ReadSession {
  readonly mode: ReadMode;
  /** The id of a transaction begun by this very read, which its first response carries. */
  readonly begun: Buffer | undefined;
}

/** Begins a transaction and tells the observer. */
export function beginTransaction(
  engine: Engine,
  options: TransactionOptions | null,
  context: CallContext,
): Transaction {
  const { store, transactions, observe } = engine;
  const transaction = transactions.begin(options, context.peer, store.nextMicros());
  // A client that never learns the id can neither commit nor roll back.
  context.signal.addEventListener('abort', () => transactions.end(transaction.id), { once: true });
  observe({ kind: 'transaction', mode: transaction.mode });
  return transaction;
}

/**
 * Runs a read in the session that its request asks for. A transaction begun for it ends if it fails; one
 * that went on with it ends when it is ABORTED, so that its locks do not outlive it.
 */
export async function withReadSession<Result>(
  engine: Engine,
  request: Consistency,
  read: { readonly context: CallContext; readonly run: (session: ReadSession) => Promise<Result> },
): Promise<Result> {
  const { context, run } = read;
  switch (request.consistencySelector) {
    case undefined:
      return run({ mode: { kind: 'present' }, begun: undefined });
    case 'readTime':
      return run({ mode: pastMode(microsOf(request.readTime)), begun: undefined });
    case 'transaction': {
      const transaction = engine.transactions.find(request.transaction, context.peer);
      try {
        return await run({ mode: modeOf(transaction), begun: undefined });
      } catch (error) {
        if (isAborted(error)) engine.transactions.end(transaction.id);
        throw error;
      }
    }
    case 'newTransaction': {
      const transaction = beginTransaction(engine, request.newTransaction, context);
      try {
        return await run({ mode: modeOf(transaction), begun: transaction.id });
      } catch (error) {
        engine.transactions.end(transaction.id);
        throw error;
      }
    }
  }
}

function modeOf(transaction: Transaction): ReadMode {
  return transaction.mode === 'read-write'
    ? { kind: 'locking', transaction }
    : pastMode(transaction.snapshotMicros);
}

function pastMode(snapshotMicros: number): ReadMode {
  return { kind: 'past', snapshotMicros };
}

/** The time that a response states for its read. */
export function readTimeOf(engine: Engine, mode: ReadMode): Timestamp {
  return timestampOf(mode.kind === 'past' ? mode.snapshotMicros : engine.store.nextMicros());
}

/**
 * Old versions are not kept. So a read of the past is answered only where the present is the same:
 * when nothing was committed since, or when all documents in question exist and are older.
 */
export function checkPast(
  engine: Engine,
  mode: ReadMode,
  lookedUp: readonly (StoredDocument | undefined)[] | undefined,
): void {
  if (mode.kind !== 'past' || engine.store.lastCommitMicros <= mode.snapshotMicros) return;
  const areOlder = lookedUp?.every(
    (document) => document !== undefined && document.updatedMicros <= mode.snapshotMicros,
  );
  if (areOlder !== true) throw unimplemented('reading a past state that has changed since');
}

/** A page of sorted names: those after the token, and the token of the next page, empty at the end. */
export function pageOf(
  names: readonly string[],
  request: { readonly pageSize: number; readonly pageToken: string },
): { readonly page: readonly string[]; readonly nextPageToken: string } {
  const { pageSize, pageToken } = request;
  const rest = pageToken === '' ? names : names.filter((name) => compareText(name, pageToken) > 0);
  if (pageSize <= 0 || rest.length <= pageSize) return { page: rest, nextPageToken: '' };
  const page = rest.slice(0, pageSize);
  return { page, nextPageToken: page.at(-1) ?? '' };
}
