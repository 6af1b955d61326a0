// The handlers that write: Commit (all or nothing) and BatchWrite (each write for itself).
// In: decoded requests. Out: responses. A write waits while a transaction holds one of its documents.
import { status } from '@grpc/grpc-js';
import { applyWrite, writtenName, type WriteSession } from './apply-writes.ts';
import { aborted, FirestoreError, invalidArgument } from './firestore-error.ts';
import { timestampOf } from './micros.ts';
import type { Engine } from './engine.ts';
import type {
  BatchWriteRequest,
  BatchWriteResponse,
  CommitRequest,
  CommitResponse,
  Status,
  Write,
  WriteResult,
} from './proto.ts';
import type { CallContext } from './rpc.ts';
import type { Transaction } from './transactions.ts';

/** Commits the writes, as the end of a transaction if one is named. */
export async function commit(
  engine: Engine,
  request: CommitRequest,
  context: CallContext,
): Promise<CommitResponse> {
  const { transactions } = engine;
  const transaction =
    request.transaction.length === 0 ? undefined : transactions.find(request.transaction, context.peer);
  try {
    if (transaction?.mode === 'read-only' && request.writes.length > 0) {
      throw invalidArgument('Cannot modify entities in a read-only transaction.');
    }
    return await locked(engine, request.writes, {
      transaction,
      signal: context.signal,
      run: () => {
        checkQueries(transaction);
        const session = openSession(engine, request.database);
        const writeResults = request.writes.map((write) => applyWrite(session, write));
        finish(engine, session, request.writes);
        return { writeResults, commitTime: timestampOf(session.atMicros) };
      },
    });
  } finally {
    if (transaction !== undefined) transactions.end(transaction.id);
  }
}

/** Applies each write for itself, in order, and reports each one's status. */
export function batchWrite(
  engine: Engine,
  request: BatchWriteRequest,
  context: CallContext,
): Promise<BatchWriteResponse> {
  return locked(engine, request.writes, {
    transaction: undefined,
    signal: context.signal,
    run: () => {
      const session = openSession(engine, request.database);
      const applied: Write[] = [];
      const statuses: Status[] = [];
      const writeResults = request.writes.map((write): WriteResult => {
        try {
          const result = applyWrite(session, write);
          applied.push(write);
          statuses.push({ code: status.OK, message: '' });
          return result;
        } catch (error) {
          if (!(error instanceof FirestoreError)) throw error;
          statuses.push({ code: error.code, message: error.message });
          return { updateTime: null, transformResults: [] };
        }
      });
      finish(engine, session, applied);
      return { writeResults, status: statuses };
    },
  });
}

/** Runs `run` in one go, while no other transaction holds any of the documents. */
async function locked<Result>(
  engine: Engine,
  writes: readonly Write[],
  how: {
    readonly transaction: Transaction | undefined;
    readonly signal: AbortSignal;
    readonly run: () => Result;
  },
): Promise<Result> {
  const { locks, transactions } = engine;
  const { transaction, signal, run } = how;
  const names = writes.map(writtenName);
  if (locks.areFree(transaction?.owner, names)) return run();
  const owner = transaction?.owner ?? transactions.passingOwner();
  try {
    await locks.acquire(owner, names, signal);
    if (transaction !== undefined) transactions.checkOpen(transaction);
    return run();
  } finally {
    if (transaction === undefined) locks.release(owner);
  }
}

/** Documents that a transaction has read are locked; what its queries would find now is compared. */
function checkQueries(transaction: Transaction | undefined): void {
  for (const { fingerprint, repeat } of transaction?.queries ?? []) {
    if (repeat() !== fingerprint) {
      throw aborted('Aborted due to cross-transaction contention: the results of a query have changed.');
    }
  }
}

function openSession(engine: Engine, database: string): WriteSession {
  const { store } = engine;
  return {
    database,
    atMicros: store.nextMicros(),
    get: (name) => store.get(name),
    changes: new Map(),
  };
}

function finish(engine: Engine, session: WriteSession, writes: readonly Write[]): void {
  if (session.changes.size > 0) engine.store.commit(session.changes, session.atMicros);
  for (const write of writes) {
    engine.observe({ kind: write.operation === 'delete' ? 'delete' : 'write', name: writtenName(write) });
  }
}
