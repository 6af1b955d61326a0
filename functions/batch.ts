// Natural batching: while one commit is in flight, what arrives gathers in the next batch.
// Few arrivals go out at once, one by one; many wait a little and share a commit. Knows nothing of logs.

export interface BatchLimits {
  /** A batch is full at this many items. */
  readonly itemsMax: number;
  /** A batch is full at this many bytes; one item that has more goes alone. */
  readonly bytesMax: number;
  /** No batch that could go waits longer than this for company, in milliseconds. */
  readonly holdMsMax: number;
  /** How often a hold asks whether more still comes, in milliseconds. */
  readonly pollMs: number;
  /** Items that may wait or be in flight; past it `add` refuses, so that memory is bounded. */
  readonly waitingMax: number;
  /** The same for their bytes. */
  readonly waitingBytesMax: number;
  /** A batch is held only if the one before had at least this many items. */
  readonly holdFromItems: number;
  /** Commits in flight at once: one that hangs keeps only its own entries waiting. */
  readonly commitsMax: number;
}

type Added = { readonly kind: 'committed' } | { readonly kind: 'busy' };

interface BatchStats {
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly batches: number;
  readonly items: number;
}

export interface Batcher<Item> {
  /** False while an item of that many bytes would be refused: asked before work is put into it. */
  readonly hasRoom: (bytes: number) => boolean;
  /** Resolves once the batch that holds the item is committed; rejects, alone with its batch, if the commit fails. */
  readonly add: (item: Item, bytes: number) => Promise<Added>;
  readonly stats: () => BatchStats;
}

export interface BatchTimers {
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** A hold ends early once the next item is overdue by this many times the pause between those before it. */
const OVERDUE_PAUSES = 4;

/** Nor before nothing has come for so many polls: one empty poll is chance. */
const QUIET_POLLS_MIN = 2;

interface Waiting<Item> {
  readonly item: Item;
  readonly bytes: number;
  readonly resolve: (added: Added) => void;
  readonly reject: (error: unknown) => void;
}

/** How many of the items in front fit into one batch; at least one. */
function fit(limits: BatchLimits, gathering: readonly { readonly bytes: number }[]): number {
  let bytes = 0;
  for (const [index, item] of gathering.entries()) {
    bytes += item.bytes;
    if (index >= limits.itemsMax || (bytes > limits.bytesMax && index > 0)) return index;
  }
  return gathering.length;
}

class Batching<Item> {
  readonly #timers: BatchTimers;
  readonly #limits: BatchLimits;
  readonly #commit: (items: readonly Item[]) => Promise<void>;
  readonly #gathering: Waiting<Item>[] = [];
  #gatheringBytes = 0;
  #inFlight = 0;
  #inFlightBytes = 0;
  #commits = 0;
  #lastItems = 0;
  /** Counts the batches that went out: a hold that ends later than its batch went is void. */
  #batches = 0;
  #items = 0;
  #holding = false;
  #ripe = false;

  constructor(timers: BatchTimers, limits: BatchLimits, commit: (items: readonly Item[]) => Promise<void>) {
    this.#timers = timers;
    this.#limits = limits;
    this.#commit = commit;
  }

  stats(): BatchStats {
    return {
      waiting: this.#gathering.length + this.#inFlight,
      waitingBytes: this.#gatheringBytes + this.#inFlightBytes,
      batches: this.#batches,
      items: this.#items,
    };
  }

  hasRoom(bytes: number): boolean {
    const { waiting, waitingBytes } = this.stats();
    // An item larger than all the room is taken when nothing else is here: refusing it for ever would help nobody.
    if (waiting === 0) return true;
    return waiting < this.#limits.waitingMax && waitingBytes + bytes <= this.#limits.waitingBytesMax;
  }

  add(item: Item, bytes: number): Promise<Added> {
    if (!this.hasRoom(bytes)) return Promise.resolve({ kind: 'busy' });
    const { promise, resolve, reject } = Promise.withResolvers<Added>();
    this.#gathering.push({ item, bytes, resolve, reject });
    this.#gatheringBytes += bytes;
    this.#next();
    return promise;
  }

  /** Sends every batch that may go now. */
  #next(): void {
    const { itemsMax, bytesMax, holdFromItems, commitsMax } = this.#limits;
    while (this.#gathering.length > 0 && this.#commits < commitsMax) {
      const full = this.#gathering.length >= itemsMax || this.#gatheringBytes >= bytesMax;
      const lone = this.#commits === 0 && this.#lastItems < holdFromItems;
      if (!full && !lone && !this.#ripe) {
        if (!this.#holding) void this.#hold(this.#batches);
        return;
      }
      // Never rejects: a failed commit is told to the items of its batch alone.
      void this.#flush();
    }
  }

  /**
   * Lets what is gathered go once the hold is over: after holdMsMax, or as soon as nobody else is likely to come. Whoever
   * sends waits for our answers before sending more, so a pause after a burst means that all are here.
   */
  async #hold(batch: number): Promise<void> {
    const { holdMsMax, pollMs } = this.#limits;
    this.#holding = true;
    let seen = this.#gathering.length;
    let quietMs = 0;
    for (let heldMs = pollMs; heldMs <= holdMsMax; heldMs += pollMs) {
      await this.#timers.wait(pollMs);
      if (batch !== this.#batches) return;
      quietMs = this.#gathering.length > seen ? 0 : quietMs + pollMs;
      seen = this.#gathering.length;
      if (quietMs >= QUIET_POLLS_MIN * pollMs && quietMs * seen >= OVERDUE_PAUSES * heldMs) break;
    }
    this.#ripe = true;
    this.#next();
  }

  async #flush(): Promise<void> {
    const batch = this.#gathering.splice(0, fit(this.#limits, this.#gathering));
    const bytes = batch.reduce((sum, one) => sum + one.bytes, 0);
    this.#gatheringBytes -= bytes;
    this.#inFlight += batch.length;
    this.#inFlightBytes += bytes;
    this.#commits += 1;
    this.#lastItems = batch.length;
    this.#batches += 1;
    this.#items += batch.length;
    this.#holding = false;
    this.#ripe = false;
    try {
      await this.#commit(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve({ kind: 'committed' });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#inFlight -= batch.length;
      this.#inFlightBytes -= bytes;
      this.#commits -= 1;
      this.#next();
    }
  }
}

/** Batches calls of `add` into calls of `commit`, a few at a time. */
export function createBatcher<Item>(
  timers: BatchTimers,
  limits: BatchLimits,
  commit: (items: readonly Item[]) => Promise<void>,
): Batcher<Item> {
  const batching = new Batching(timers, limits, commit);
  return {
    hasRoom: (bytes) => batching.hasRoom(bytes),
    add: (item, bytes) => batching.add(item, bytes),
    stats: () => batching.stats(),
  };
}
