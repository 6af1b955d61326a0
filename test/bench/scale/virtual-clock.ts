// A clock for simulations of many waits: time moves in fixed steps, and every wait ends at the step it falls into.
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../../functions/ports.ts';

/** Everything happens at a multiple of this. */
const STEP_MS = 5;

export interface VirtualClock extends Clock {
  /** Calls it at that time, or at the next step if that is past. */
  readonly at: (timeMs: number, work: () => void) => void;
  /** Moves on by one step and lets everything run that is due. */
  readonly step: () => Promise<void>;
}

export function createVirtualClock(startMs: number): VirtualClock {
  let nowMs = startMs;
  const due = new Map<number, (() => void)[]>();
  const at = (timeMs: number, work: () => void): void => {
    const step = Math.max(Math.ceil((timeMs - startMs) / STEP_MS) * STEP_MS + startMs, nowMs + STEP_MS);
    const others = due.get(step);
    if (others === undefined) due.set(step, [work]);
    else others.push(work);
  };
  return {
    nowMs: () => nowMs,
    wait: (milliseconds) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      at(nowMs + milliseconds, resolve);
      return promise;
    },
    at,
    step: async () => {
      nowMs += STEP_MS;
      const work = due.get(nowMs) ?? [];
      due.delete(nowMs);
      for (const one of work) one();
      // Two turns of the event loop: what is due, and what that begins.
      await turn();
      await turn();
    },
  };
}
