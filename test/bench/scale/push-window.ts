// Pub/Sub's push side as its documentation describes it: how many messages are out at once, and how that changes.
// In: acknowledgements and refusals with their latency. Out: how many messages may be out now, and until when it pauses.
import { BACKOFF_MS, LATENCY_GOOD_MS, WINDOW_FIRST, WINDOW_KNEE } from './limits.ts';

export interface PushWindow {
  readonly size: () => number;
  /** Nothing is delivered before this. */
  readonly pausedUntilMs: () => number;
  readonly acknowledged: (latencyMs: number) => void;
  readonly refused: (nowMs: number) => void;
}

/** Weight of the newest latency in the running mean. */
const NEWEST_WEIGHT = 0.02;

export function createPushWindow(): PushWindow {
  let size = WINDOW_FIRST;
  let latencyMs = 0;
  let pauseMs = 0;
  let pausedUntilMs = 0;
  return {
    size: () => Math.floor(size),
    pausedUntilMs: () => pausedUntilMs,
    acknowledged: (took) => {
      latencyMs += (took - latencyMs) * NEWEST_WEIGHT;
      pauseMs = 0;
      if (latencyMs >= LATENCY_GOOD_MS) size = Math.min(size, WINDOW_KNEE);
      // One more for each acknowledgement doubles the window with every round trip; past the knee, one a round trip.
      else size += size < WINDOW_KNEE ? 1 : 1 / size;
    },
    refused: (nowMs) => {
      size = Math.min(size, WINDOW_KNEE);
      pauseMs = Math.min(Math.max(pauseMs * 2, BACKOFF_MS.first), BACKOFF_MS.last);
      pausedUntilMs = nowMs + pauseMs;
    },
  };
}
