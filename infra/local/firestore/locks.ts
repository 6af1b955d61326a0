// Exclusive locks on documents by name, granted in the order in which they were asked for.
// A circle of waiters is broken by refusing its youngest member; nobody waits longer than the bound.
import { status } from '@grpc/grpc-js';
import { aborted, FirestoreError } from './firestore-error.ts';

/** How long a read or write may wait for another transaction to end. */
const LOCK_WAIT_MAX_MS = 20_000;

/** One transaction, or one write outside of any, as the locks know it. */
export interface LockOwner {
  /** Owners that began earlier have the smaller number. */
  readonly age: number;
  readonly held: Set<string>;
  readonly waiters: Set<Waiter>;
}

interface Waiter {
  readonly owner: LockOwner;
  readonly name: string;
  readonly grant: () => void;
  readonly refuse: (error: FirestoreError) => void;
}

interface Lock {
  holder: LockOwner;
  readonly waiters: Set<Waiter>;
}

/** A new owner without locks. */
export function newLockOwner(age: number): LockOwner {
  return { age, held: new Set(), waiters: new Set() };
}

/** Who holds and who waits; a name that nobody holds takes no memory. */
export class LockTable {
  readonly #locks = new Map<string, Lock>();

  /** Whether `owner` could lock all the names without waiting. */
  areFree(owner: LockOwner | undefined, names: Iterable<string>): boolean {
    if (this.#locks.size === 0) return true;
    for (const name of names) {
      const holder = this.#locks.get(name)?.holder;
      if (holder !== undefined && holder !== owner) return false;
    }
    return true;
  }

  /**
   * Locks all names for the owner, waiting where others hold them. Resolves to whether it had to wait.
   * Rejects with ABORTED after a deadlock or too long a wait, CANCELLED when the signal fires; locks
   * gained until then stay with the owner.
   */
  async acquire(owner: LockOwner, names: Iterable<string>, signal: AbortSignal): Promise<boolean> {
    let waited = false;
    // One order for all keeps requests that lock several documents from blocking each other in circles.
    for (const name of [...new Set(names)].sort()) {
      const lock = this.#locks.get(name);
      if (lock?.holder === owner) continue;
      if (lock === undefined) {
        this.#locks.set(name, { holder: owner, waiters: new Set() });
        owner.held.add(name);
        continue;
      }
      waited = true;
      await this.#wait({ owner, name, lock, signal });
    }
    return waited;
  }

  /** Gives back everything the owner holds and refuses what it still waits for. */
  release(owner: LockOwner): void {
    for (const waiter of owner.waiters) waiter.refuse(aborted('The transaction has ended.'));
    const names = [...owner.held];
    owner.held.clear();
    for (const name of names) this.#passOn(name);
  }

  #passOn(name: string): void {
    const lock = this.#locks.get(name);
    if (lock === undefined) return;
    const [next] = lock.waiters;
    if (next === undefined) {
      this.#locks.delete(name);
      return;
    }
    lock.holder = next.owner;
    next.owner.held.add(name);
    // An owner that reads a document several times at once gets all its turns in one.
    for (const waiter of lock.waiters) if (waiter.owner === next.owner) waiter.grant();
    // The rest of the queue now waits for somebody else: a circle may have closed.
    this.#breakCircle(next.owner);
  }

  #wait(request: {
    readonly owner: LockOwner;
    readonly name: string;
    readonly lock: Lock;
    readonly signal: AbortSignal;
  }): Promise<void> {
    const { owner, name, lock, signal } = request;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        lock.waiters.delete(waiter);
        owner.waiters.delete(waiter);
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
      };
      const waiter: Waiter = {
        owner,
        name,
        grant: () => {
          leave();
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const cancel = (): void =>
        waiter.refuse(new FirestoreError(status.CANCELLED, 'The call was cancelled.'));
      const timer = setTimeout(
        () => waiter.refuse(aborted('Transaction lock timeout.')),
        LOCK_WAIT_MAX_MS,
      ).unref();
      signal.addEventListener('abort', cancel);
      lock.waiters.add(waiter);
      owner.waiters.add(waiter);
      if (signal.aborted) cancel();
      else this.#breakCircle(owner);
    });
  }

  /** Refuses the youngest member of a circle of waiters through `start`, if there is such a circle. */
  #breakCircle(start: LockOwner): void {
    const circle = this.#circle(start, start, new Set());
    if (circle === undefined) return;
    let youngest = start;
    for (const owner of circle) if (owner.age > youngest.age) youngest = owner;
    for (const waiter of youngest.waiters) {
      waiter.refuse(aborted('Aborted due to cross-transaction contention: a deadlock was broken.'));
    }
  }

  #circle(from: LockOwner, to: LockOwner, seen: Set<LockOwner>): readonly LockOwner[] | undefined {
    seen.add(from);
    for (const waiter of from.waiters) {
      const holder = this.#locks.get(waiter.name)?.holder;
      if (holder === undefined) continue;
      if (holder === to) return [from];
      if (seen.has(holder)) continue;
      const rest = this.#circle(holder, to, seen);
      if (rest !== undefined) return [from, ...rest];
    }
    return undefined;
  }
}
