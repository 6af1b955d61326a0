// The open transactions: begun, found by id, and ended by commit, rollback, silence or a lost client.
// It holds no documents; it releases the locks of every transaction that ends.
import { randomBytes } from 'node:crypto';
import { invalidArgument } from './firestore-error.ts';
import { newLockOwner, type LockOwner, type LockTable } from './locks.ts';
import { microsOf } from './micros.ts';
import type { TransactionOptions } from './proto.ts';

/** A transaction that nobody speaks of for so long is rolled back. */
const TRANSACTION_IDLE_MAX_MS = 60_000;

/** The same after its client's connection has closed; a client may go on over another connection. */
const CLIENT_GONE_GRACE_MS = 2_000;

/** A transaction's id: its age, which a retry inherits, and random bytes. */
const AGE_BYTES = 8;
const RANDOM_BYTES = 8;

/** A query that a transaction has read, to be repeated when it commits. */
interface QueryRead {
  readonly fingerprint: string;
  readonly repeat: () => string;
}

export interface Transaction {
  readonly id: Buffer;
  readonly mode: 'read-write' | 'read-only';
  /** The point in time that a read-only transaction reads. */
  readonly snapshotMicros: number;
  readonly owner: LockOwner;
  readonly queries: QueryRead[];
}

interface OpenTransaction {
  readonly transaction: Transaction;
  peer: string;
  timer: NodeJS.Timeout;
}

export class Transactions {
  readonly #open = new Map<string, OpenTransaction>();
  readonly #locks: LockTable;
  #nextAge = 1n;

  constructor(locks: LockTable) {
    this.#locks = locks;
  }

  /** A lock owner for a write outside of any transaction. */
  passingOwner(): LockOwner {
    return newLockOwner(Number(this.#takeAge()));
  }

  /** Begins a transaction for the client at `peer`. */
  begin(options: TransactionOptions | null, peer: string, nowMicros: number): Transaction {
    const retried = options?.mode === 'readWrite' ? options.readWrite.retryTransaction : undefined;
    // A retry keeps the age of its first attempt, so that it wins the next deadlock.
    const age = retried?.length === AGE_BYTES + RANDOM_BYTES ? retried.readBigUInt64BE(0) : this.#takeAge();
    const id = Buffer.concat([Buffer.alloc(AGE_BYTES), randomBytes(RANDOM_BYTES)]);
    id.writeBigUInt64BE(age);
    const isReadOnly = options?.mode === 'readOnly';
    const readTime = isReadOnly ? options.readOnly.readTime : undefined;
    const transaction: Transaction = {
      id,
      mode: isReadOnly ? 'read-only' : 'read-write',
      snapshotMicros: readTime ? microsOf(readTime) : nowMicros,
      owner: newLockOwner(Number(age)),
      queries: [],
    };
    const timer = this.#expireAfter(transaction, TRANSACTION_IDLE_MAX_MS);
    this.#open.set(id.toString('hex'), { transaction, peer, timer });
    return transaction;
  }

  /** The open transaction with this id; throws INVALID_ARGUMENT, which the SDK answers by a retry. */
  find(id: Buffer, peer: string): Transaction {
    const found = this.#open.get(id.toString('hex'));
    if (found === undefined) {
      throw invalidArgument('The referenced transaction has expired or is no longer valid.');
    }
    found.peer = peer;
    this.#rearm(found, TRANSACTION_IDLE_MAX_MS);
    return found.transaction;
  }

  /** Throws as `find` does when the transaction has ended meanwhile. */
  checkOpen(transaction: Transaction): void {
    if (!this.#open.has(transaction.id.toString('hex'))) {
      throw invalidArgument('The referenced transaction has expired or is no longer valid.');
    }
  }

  /** Ends a transaction, if it is still open, and releases its locks. */
  end(id: Buffer): void {
    const key = id.toString('hex');
    const found = this.#open.get(key);
    if (found === undefined) return;
    clearTimeout(found.timer);
    this.#open.delete(key);
    this.#locks.release(found.transaction.owner);
  }

  /** Gives the transactions of a closed connection only a short time to go on over another one. */
  connectionClosed(peer: string): void {
    for (const one of this.#open.values()) {
      if (one.peer === peer) this.#rearm(one, CLIENT_GONE_GRACE_MS);
    }
  }

  /** Ends them all. */
  close(): void {
    for (const { transaction } of this.#open.values()) this.end(transaction.id);
  }

  #takeAge(): bigint {
    const age = this.#nextAge;
    this.#nextAge += 1n;
    return age;
  }

  #rearm(one: OpenTransaction, afterMs: number): void {
    clearTimeout(one.timer);
    one.timer = this.#expireAfter(one.transaction, afterMs);
  }

  #expireAfter(transaction: Transaction, afterMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      const one = this.#open.get(transaction.id.toString('hex'));
      // A transaction that waits for a lock is not idle; its waiting has a bound of its own.
      if (one !== undefined && transaction.owner.waiters.size > 0) {
        this.#rearm(one, afterMs);
      } else {
        this.end(transaction.id);
      }
    }, afterMs).unref();
  }
}
