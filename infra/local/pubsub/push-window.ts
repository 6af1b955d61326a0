// How many pushes of a subscription may be under way, and whether they pause: Pub/Sub's slow start and back-off.
// In: outcomes of pushes. Out: room. Never sends anything itself.
//
// The window starts at 5, grows by one per ack (so it doubles per round trip) up to a maximum, and loses a tenth per nack.
// A nack pauses the subscription's pushes for 100 ms, doubled for each pause without an ack in between; an ack ends
// the pause. So a poison message among good ones costs next to nothing, and an endpoint that is down is asked rarely.
import type { PushBackoff } from './environment.ts';

const WINDOW_START = 5;
const SHRINK_FACTOR = 0.9;

export class PushWindow {
  readonly #backoff: PushBackoff;
  readonly #sizeMax: number;
  #size: number;
  #outstanding = 0;
  #pauses = 0;
  #pausedUntilMs = 0;

  constructor(backoff: PushBackoff, sizeMax: number) {
    this.#backoff = backoff;
    this.#sizeMax = sizeMax;
    this.#size = Math.min(WINDOW_START, sizeMax);
  }

  /** The monotonic time at which pushes may go on; in the past if they may now. */
  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  room(nowMs: number): number {
    return nowMs < this.#pausedUntilMs ? 0 : Math.max(0, Math.floor(this.#size) - this.#outstanding);
  }

  started(): void {
    this.#outstanding += 1;
  }

  acked(): void {
    this.#outstanding -= 1;
    this.#size = Math.min(this.#sizeMax, this.#size + 1);
    this.#pauses = 0;
    this.#pausedUntilMs = 0;
  }

  /** A nack or an expiry. Those that come in during a pause belong to the failure that began it. */
  failed(nowMs: number): void {
    this.#outstanding -= 1;
    this.#size = Math.max(Math.min(WINDOW_START, this.#sizeMax), this.#size * SHRINK_FACTOR);
    if (nowMs < this.#pausedUntilMs) return;
    const pauseMs = Math.min(this.#backoff.maximumMs, this.#backoff.minimumMs * 2 ** this.#pauses);
    this.#pauses += 1;
    this.#pausedUntilMs = nowMs + pauseMs;
  }
}
