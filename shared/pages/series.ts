// The days' slots → one series per pattern over a range, in buckets of equal length. Pure sums; nothing is estimated.
import {
  HELD_BACK,
  SLOT_MINUTES,
  SLOTS_PER_DAY,
  type Day,
  type HistoryRange,
} from '#shared/model/history.ts';
import type { Span } from './axis.ts';

const SLOT_MS = SLOT_MINUTES * 60_000;
const DAY_MS = SLOTS_PER_DAY * SLOT_MS;
const HOUR_MS = 3_600_000;

const RANGE_MS: Readonly<Record<HistoryRange, number>> = {
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
};

/** Length of a bucket: 144, 168 and 120 of them fill the ranges. */
const BUCKET_MS: Readonly<Record<HistoryRange, number>> = {
  '24h': SLOT_MS,
  '7d': HOUR_MS,
  '30d': 6 * HOUR_MS,
};

export const RANGES: readonly HistoryRange[] = ['24h', '7d', '30d'];

export const RANGE_WORDS: Readonly<Record<HistoryRange, string>> = {
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
};

/** From whole bucket to whole bucket, the one that runs now included. */
export function spanOf(range: HistoryRange, nowMs: number): Span & { readonly bucketMs: number } {
  const bucketMs = BUCKET_MS[range];
  const toMs = (Math.floor(nowMs / bucketMs) + 1) * bucketMs;
  return { fromMs: toMs - RANGE_MS[range], toMs, bucketMs };
}

export interface Series {
  readonly pattern: string;
  /** Entries by bucket. */
  readonly counts: readonly number[];
  readonly total: number;
}

export interface RangeSeries extends Span {
  readonly bucketMs: number;
  /** Patterns with entries in the range, the most first. */
  readonly patterns: readonly Series[];
  readonly heldBack: Series;
}

/** Entries by pattern and bucket. */
export function seriesOf(days: readonly Day[], range: HistoryRange, nowMs: number): RangeSeries {
  const span = spanOf(range, nowMs);
  const buckets = Math.round((span.toMs - span.fromMs) / span.bucketMs);
  const byPattern = new Map<string, number[]>();
  for (const { day, slots } of days)
    for (const [pattern, counts] of Object.entries(slots))
      for (const [slot, count] of counts) {
        const bucket = Math.floor((day * DAY_MS + slot * SLOT_MS - span.fromMs) / span.bucketMs);
        if (bucket < 0 || bucket >= buckets) continue;
        const series = byPattern.get(pattern) ?? Array.from({ length: buckets }, () => 0);
        series[bucket] = (series[bucket] ?? 0) + count;
        byPattern.set(pattern, series);
      }
  const all = [...byPattern].map(([pattern, counts]): Series => ({
    pattern,
    counts,
    total: counts.reduce((sum, count) => sum + count, 0),
  }));
  const none: Series = { pattern: HELD_BACK, counts: Array.from({ length: buckets }, () => 0), total: 0 };
  return {
    ...span,
    patterns: all
      .filter(({ pattern, total }) => pattern !== HELD_BACK && total > 0)
      .sort((a, b) => b.total - a.total || (a.pattern < b.pattern ? -1 : 1)),
    heldBack: all.find(({ pattern }) => pattern === HELD_BACK) ?? none,
  };
}
