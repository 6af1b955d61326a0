// One subscription: what waits, what is leased to whom, what comes back and when. The heart of the server.
// In: messages, consumers, acks, nacks. Out: deliveries. Never talks HTTP or gRPC itself.
import { performance } from 'node:perf_hooks';
import { Alarm } from './alarm.ts';
import type { Environment } from './environment.ts';
import { Fifo } from './fifo.ts';
import type { StatusError } from './grpc.ts';
import { Heap, type Timed } from './heap.ts';
import { release, retain, type StoredMessage } from './message.ts';
import type { Settings } from './settings.ts';

/** One consumer gets at most so much per turn, so that several share the work and no response grows huge. */
const TURN_MESSAGES_MAX = 100;
const TURN_BYTES_MAX = 8_000_000;

export type Outcome =
  | { readonly kind: 'acked' }
  | { readonly kind: 'nacked'; readonly reason: string }
  | { readonly kind: 'expired' };

/** Someone who takes messages: the push sender, an open stream, a waiting Pull. */
export interface Consumer {
  /** How long it may hold a message; undefined is the subscription's ack deadline. */
  readonly ackDeadlineMs: number | undefined;
  /** How many more messages it takes now. */
  readonly room: () => number;
  readonly deliver: (deliveries: readonly Delivery[]) => void;
  /** A lease of this consumer is over. */
  readonly settled: (ackId: string, outcome: Outcome) => void;
  /** The subscription or the server is gone: nothing more will come. */
  readonly closed: (reason: StatusError) => void;
}

export interface Delivery {
  readonly ackId: string;
  readonly message: StoredMessage;
  /** Counts from 1: one more than the nacks and expiries so far. */
  readonly attempt: number;
}

/** A message of this subscription; `atMs` is the end of its lease or of its back-off. */
interface Pending extends Timed {
  readonly message: StoredMessage;
  failures: number;
  ackId: string;
  consumer: Consumer | undefined;
}

export interface SubscriptionStats {
  /** Delivered, neither answered nor expired. */
  readonly outstanding: number;
  /** Waiting for delivery: new, backing off, or behind an earlier message of the ordering key. */
  readonly backlog: number;
  readonly acked: number;
  readonly nacked: number;
  readonly expired: number;
  readonly deadLettered: number;
  /** How long the oldest unacknowledged message has been here; 0 if there is none. */
  readonly oldestUnackedMs: number;
}

/** Forwards a message to the dead letter topic; false if it cannot, then the message stays. */
export type DeadLetter = (message: StoredMessage, attempts: number) => boolean;

export class Subscription {
  settings: Settings;
  readonly #environment: Environment;
  readonly #deadLetter: DeadLetter;
  readonly #ready = new Fifo<Pending>();
  readonly #delayed = new Heap<Pending>();
  readonly #leased = new Heap<Pending>();
  readonly #byAckId = new Map<string, Pending>();
  /** Per ordering key with an unacknowledged message: those that wait behind it. */
  readonly #lanes = new Map<string, Fifo<Pending>>();
  readonly #unacked = new Set<Pending>();
  readonly #alarm = new Alarm(() => this.#tick());
  readonly #counts = { acked: 0, nacked: 0, expired: 0, deadLettered: 0 };
  #consumers: Consumer[] = [];
  #leases = 0;
  #readied = 0;
  #dispatching = false;

  constructor(settings: Settings, environment: Environment, deadLetter: DeadLetter) {
    this.settings = settings;
    this.#environment = environment;
    this.#deadLetter = deadLetter;
  }

  get name(): string {
    return this.settings.resource.name;
  }

  /** Takes a message unless the filter drops it; `dispatch` then hands out what several of these left. */
  enqueue(message: StoredMessage): void {
    this.#dropOld();
    if (!this.settings.matches(message.attributes)) return;
    retain(message, this.#environment.budget);
    const pending: Pending = { message, failures: 0, ackId: '', consumer: undefined, atMs: 0, heapIndex: 0 };
    this.#unacked.add(pending);
    const lane = this.#ordered(message) ? this.#lanes.get(message.orderingKey) : undefined;
    if (lane !== undefined) return lane.push(pending);
    if (this.#ordered(message)) this.#lanes.set(message.orderingKey, new Fifo());
    this.#makeReady(pending);
  }

  addConsumer(consumer: Consumer): void {
    this.#consumers.push(consumer);
    this.dispatch();
  }

  /** What the consumer holds stays leased to it until answered or expired. */
  removeConsumer(consumer: Consumer): void {
    this.#consumers = this.#consumers.filter((one) => one !== consumer);
  }

  /** Ends a lease. An ackId whose lease is over already changes nothing, as in Pub/Sub. */
  settle(ackId: string, outcome: Outcome): void {
    const pending = this.#byAckId.get(ackId);
    if (pending === undefined) return;
    this.#leased.remove(pending);
    this.#end(pending, outcome);
    this.dispatch();
  }

  /** Gives a lease so much time from now. */
  extend(ackId: string, deadlineMs: number): void {
    const pending = this.#byAckId.get(ackId);
    if (pending === undefined) return;
    this.#leased.remove(pending);
    pending.atMs = performance.now() + deadlineMs;
    this.#leased.push(pending);
    this.#alarm.set(pending.atMs);
  }

  /** Hands out what is ready to whoever has room, in turns. */
  dispatch(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      this.#dropOld();
      for (let consumer = this.#next(); consumer !== undefined; consumer = this.#next())
        consumer.deliver(this.#lease(consumer));
    } finally {
      this.#dispatching = false;
    }
    this.#arm();
  }

  /** Frees everything and tells the consumers why. */
  close(reason: StatusError): void {
    this.#alarm.clear();
    const consumers = this.#consumers;
    this.#consumers = [];
    for (const pending of this.#unacked) release(pending.message, this.#environment.budget);
    this.#unacked.clear();
    this.#byAckId.clear();
    for (const consumer of consumers) consumer.closed(reason);
  }

  stats(): SubscriptionStats {
    const oldest = this.#unacked.values().next().value;
    return {
      ...this.#counts,
      outstanding: this.#byAckId.size,
      backlog: this.#unacked.size - this.#byAckId.size,
      oldestUnackedMs: oldest === undefined ? 0 : Math.round(performance.now() - oldest.message.storedAtMs),
    };
  }

  #ordered(message: StoredMessage): boolean {
    return this.settings.resource.enableMessageOrdering && message.orderingKey !== '';
  }

  #makeReady(pending: Pending): void {
    this.#ready.push(pending);
    const within = this.#environment.chaos.reorderWithin ?? 0;
    if (within === 0) return;
    // Shuffled in blocks, so that no message is overtaken by more than `within` others. Of an ordering key only one
    // message is ever ready, so this cannot break its order.
    const placeInBlock = this.#readied % (within + 1);
    this.#readied += 1;
    this.#ready.swapNewest(Math.floor(this.#environment.random() * (placeInBlock + 1)));
  }

  /** Whose turn it is; undefined where nothing is ready or nobody has room. */
  #next(): Consumer | undefined {
    if (this.#ready.size === 0) return undefined;
    const consumer = this.#consumers.find((one) => one.room() > 0);
    if (consumer === undefined || this.#consumers.length === 1) return consumer;
    this.removeConsumer(consumer);
    this.#consumers.push(consumer);
    return consumer;
  }

  #lease(consumer: Consumer): Delivery[] {
    const deliveries: Delivery[] = [];
    const most = Math.min(consumer.room(), TURN_MESSAGES_MAX);
    const deadlineMs = performance.now() + (consumer.ackDeadlineMs ?? this.settings.ackDeadlineMs);
    for (let bytes = 0; deliveries.length < most && bytes < TURN_BYTES_MAX;) {
      const pending = this.#ready.shift();
      if (pending === undefined) break;
      this.#leases += 1;
      pending.ackId = `${this.name}:${this.#leases}`;
      pending.consumer = consumer;
      pending.atMs = deadlineMs;
      this.#leased.push(pending);
      this.#byAckId.set(pending.ackId, pending);
      bytes += pending.message.bytes;
      deliveries.push({ ackId: pending.ackId, message: pending.message, attempt: pending.failures + 1 });
      this.#tell(pending, 'delivered', pending.failures + 1);
    }
    return deliveries;
  }

  /** The lease of a message that is already out of the heap is over. */
  #end(pending: Pending, outcome: Outcome): void {
    const { ackId, consumer } = pending;
    this.#byAckId.delete(ackId);
    pending.consumer = undefined;
    this.#counts[outcome.kind] += 1;
    if (outcome.kind === 'nacked') this.#tellNack(pending, outcome.reason);
    else this.#tell(pending, outcome.kind, pending.failures + 1);
    if (outcome.kind === 'acked') this.#acked(pending);
    else this.#failed(pending);
    consumer?.settled(ackId, outcome);
  }

  #acked(pending: Pending): void {
    const again = this.#environment.chaos.redeliver?.(pending.message.messageId, pending.failures + 1);
    if (again === true) this.#makeReady(pending);
    else this.#finish(pending);
  }

  #failed(pending: Pending): void {
    pending.failures += 1;
    const { deadLetter, retry } = this.settings;
    const spent = deadLetter !== undefined && pending.failures >= deadLetter.attemptsMax;
    if (spent && this.#deadLetter(pending.message, pending.failures)) {
      this.#counts.deadLettered += 1;
      this.#tell(pending, 'dead-lettered', pending.failures);
      return this.#finish(pending);
    }
    if (retry === undefined) return this.#makeReady(pending);
    const delayMs = Math.min(retry.maximumMs, retry.minimumMs * 2 ** (pending.failures - 1));
    pending.atMs = performance.now() + delayMs;
    this.#delayed.push(pending);
  }

  /** Frees a message and lets the next of its ordering key go. */
  #finish(pending: Pending): void {
    this.#unacked.delete(pending);
    release(pending.message, this.#environment.budget);
    if (!this.#ordered(pending.message)) return;
    const next = this.#lanes.get(pending.message.orderingKey)?.shift();
    if (next === undefined) this.#lanes.delete(pending.message.orderingKey);
    else this.#makeReady(next);
  }

  /** Retention: what waited longer than the subscription keeps messages is dropped without a word. */
  #dropOld(): void {
    const oldestMs = performance.now() - this.settings.retentionMs;
    for (;;) {
      const first = this.#ready.peek();
      if (first === undefined || first.message.storedAtMs >= oldestMs) return;
      this.#ready.shift();
      this.#finish(first);
    }
  }

  #tick(): void {
    const nowMs = performance.now();
    for (let due = this.#leased.popDue(nowMs); due !== undefined; due = this.#leased.popDue(nowMs))
      this.#end(due, { kind: 'expired' });
    for (let due = this.#delayed.popDue(nowMs); due !== undefined; due = this.#delayed.popDue(nowMs))
      this.#makeReady(due);
    this.dispatch();
  }

  #arm(): void {
    const lease = this.#leased.peek()?.atMs ?? Number.POSITIVE_INFINITY;
    const backoff = this.#delayed.peek()?.atMs ?? Number.POSITIVE_INFINITY;
    const first = Math.min(lease, backoff);
    if (first !== Number.POSITIVE_INFINITY) this.#alarm.set(first);
  }

  #tell(pending: Pending, kind: 'delivered' | 'acked' | 'expired' | 'dead-lettered', attempt: number): void {
    const { messageId } = pending.message;
    this.#environment.observe({ kind, subscription: this.name, messageId, attempt });
  }

  #tellNack(pending: Pending, reason: string): void {
    const { messageId } = pending.message;
    const attempt = pending.failures + 1;
    this.#environment.observe({ kind: 'nacked', subscription: this.name, messageId, attempt, reason });
  }
}
