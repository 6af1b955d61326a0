// Keeps to the reads a minute that Google allows. In: reads as they are to begin. Out: the wait that each of them needs.
import type { Clock } from '#functions/ports.ts';

/** Google's default quota of entries.list, for a project and a minute. */
const READS_ALLOWED_PER_MINUTE = 60;

/** What a backfill takes of it: the rest is for `diagnose`, which reads the same log, and for people. */
export const READS_PER_MINUTE = READS_ALLOWED_PER_MINUTE - 10;

const MINUTE_MS = 60_000;

/** Milliseconds until the next read may begin; a read that may begin at once is counted as begun. */
export type ReadPace = () => number;

/** Any span of a minute holds `readsPerMinute` reads at most. */
export function createReadPace(readsPerMinute: number, clock: Pick<Clock, 'nowMs'>): ReadPace {
  /** When the last reads began, the oldest first. */
  const begun: number[] = [];
  return () => {
    const nowMs = clock.nowMs();
    const oldestMs = begun.length < readsPerMinute ? undefined : begun[0];
    const waitMs = oldestMs === undefined ? 0 : oldestMs + MINUTE_MS - nowMs;
    if (waitMs > 0) return waitMs;
    if (oldestMs !== undefined) begun.shift();
    begun.push(nowMs);
    return 0;
  };
}
