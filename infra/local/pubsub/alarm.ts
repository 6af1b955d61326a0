// One timer that rings at the earliest time it was asked for.
// In: times of the monotonic clock. Out: a call. Never rings after it was cleared.
import { performance } from 'node:perf_hooks';

/** The longest delay a Node timer takes; a later time rings early and is asked for again. */
const DELAY_MAX_MS = 2_147_483_647;

export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Makes sure that it rings at `atMs` (`performance.now()`) or before; a ring may be too early. */
  set(atMs: number): void {
    if (this.#timer !== undefined && this.#atMs <= atMs) return;
    this.clear();
    this.#atMs = atMs;
    const delayMs = Math.min(Math.max(0, Math.ceil(atMs - performance.now())), DELAY_MAX_MS);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#ring();
    }, delayMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
