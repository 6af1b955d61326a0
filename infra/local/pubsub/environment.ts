// What every part of the server shares: clock, randomness, limits, the memory bound, and what observers hear.
// In: the options of the server. Out: one object. Never reads a clock or a random number by itself.
import type { Agent } from 'node:http';

/** What happened, for observers: tests wait on these, a supervisor may log them. */
export type PubsubEvent =
  | { readonly kind: 'published'; readonly topic: string; readonly messageId: string }
  | {
      readonly kind: 'delivered' | 'acked' | 'expired' | 'dead-lettered';
      readonly subscription: string;
      readonly messageId: string;
      readonly attempt: number;
    }
  | {
      readonly kind: 'nacked';
      readonly subscription: string;
      readonly messageId: string;
      readonly attempt: number;
      /** Why: a status such as `HTTP 503`, or the text of a connection error. */
      readonly reason: string;
    };

/** Trouble on purpose. Both are legal behaviour of Pub/Sub, so a consumer must bear them. */
export interface Chaos {
  /** Whether a message acknowledged just now is delivered once more; attempt counts from 1. */
  readonly redeliver?: (messageId: string, attempt: number) => boolean;
  /** Messages are shuffled: each may be overtaken by up to so many later ones, ordering keys stay in order. */
  readonly reorderWithin?: number;
}

/** How long pushes of one subscription pause after nacks without an ack between them; doubles per pause. */
export interface PushBackoff {
  readonly minimumMs: number;
  readonly maximumMs: number;
}

export interface Environment {
  /** Wall clock in milliseconds since 1970: for publish times and message ids only, never for deadlines. */
  readonly now: () => number;
  /** From 0 to below 1: for reordering only. */
  readonly random: () => number;
  readonly observe: (event: PubsubEvent) => void;
  readonly chaos: Chaos;
  readonly pushBackoff: PushBackoff;
  /** The push window of a subscription grows up to so many requests under way. */
  readonly pushOutstandingMax: number;
  readonly ackDeadlineMinimumSeconds: number;
  readonly agent: Agent;
  readonly budget: Budget;
}

/** How many bytes of unacknowledged messages the server holds: publishing stops where the bound is reached. */
export class Budget {
  readonly maximumBytes: number;
  #usedBytes = 0;

  constructor(maximumBytes: number) {
    this.maximumBytes = maximumBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  fits(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.maximumBytes;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  free(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
