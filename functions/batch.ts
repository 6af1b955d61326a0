// Natural batching: while one commit is in flight, what arrives gathers in the next batch.
// Few arrivals go out at once, one by one; many wait a little and share a commit. Knows nothing of logs.

export interface BatchLimits {
  /** A batch is full at this many items. */
  readonly itemsMax: number;
  /** No item waits longer than this for company, in milliseconds. */
  readonly holdMsMax: number;
  /** Items that may wait or be in flight; past it `add` refuses, so that memory is bounded. */
  readonly waitingMax: number;
  /** A batch is held only if the one before had at least this many items. */
  readonly holdFromItems: number;
}

export type Added = { readonly kind: 'committed' } | { readonly kind: 'busy' };

export interface Batcher<Item> {
  /** Resolves once the batch that holds the item is committed; rejects, alone with its batch, if the commit fails. */
  readonly add: (item: Item) => Promise<Added>;
  readonly stats: () => { readonly waiting: number; readonly batches: number; readonly items: number };
}

export interface BatchTimers {
  readonly wait: (milliseconds: number) => Promise<void>;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: (added: Added) => void;
  readonly reject: (error: unknown) => void;
}

/** Batches calls of `add` into calls of `commit`, one at a time. */
export function createBatcher<Item>(
  timers: BatchTimers,
  limits: BatchLimits,
  commit: (items: readonly Item[]) => Promise<void>,
): Batcher<Item> {
  let gathering: Waiting<Item>[] = [];
  let inFlight = 0;
  let running = false;
  let lastItems = 0;
  let batches = 0;
  let items = 0;
  let wake: (() => void) | undefined;

  const flush = async (): Promise<void> => {
    const batch = gathering.splice(0, limits.itemsMax);
    inFlight = batch.length;
    lastItems = batch.length;
    batches += 1;
    items += batch.length;
    try {
      await commit(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve({ kind: 'committed' });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      inFlight = 0;
    }
  };

  /** Waits for company: until the batch is full or the hold is over. */
  const hold = async (): Promise<void> => {
    if (lastItems < limits.holdFromItems || gathering.length >= limits.itemsMax) return;
    const full = new Promise<void>((resolve) => (wake = resolve));
    await Promise.race([full, timers.wait(limits.holdMsMax)]);
    wake = undefined;
  };

  const run = async (): Promise<void> => {
    running = true;
    while (gathering.length > 0) {
      await hold();
      await flush();
    }
    running = false;
  };

  const add = (item: Item): Promise<Added> => {
    if (gathering.length + inFlight >= limits.waitingMax) return Promise.resolve({ kind: 'busy' });
    const { promise, resolve, reject } = Promise.withResolvers<Added>();
    gathering.push({ item, resolve, reject });
    if (gathering.length >= limits.itemsMax) wake?.();
    // `run` never rejects: a failed commit is told to the items of its batch alone.
    if (!running) void run();
    return promise;
  };

  return { add, stats: () => ({ waiting: gathering.length + inFlight, batches, items }) };
}
