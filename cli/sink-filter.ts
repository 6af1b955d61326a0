// The filter of a backfill: infra/sink-filter.txt, which is the sink's own, within a span of time. One text for both.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/** Google takes no longer one. */
const FILTER_CHARS_MAX = 20_000;

const FILE = join(resolve(import.meta.dirname, '..'), 'infra/sink-filter.txt');

/** What the sink's exclusions keep out, whatever else it takes: what functions and builds write. */
const EXCLUDED = 'NOT resource.type=("cloud_run_revision" OR "build" OR "cloud_function")';

/**
 * The sink's filter without its comments, as infra/log-sink.tf makes it: with what an operator's `extra_log_filter` lets
 * through beside, and without what it never takes.
 */
export function sinkFilter(extraLogFilter: string): string {
  const filter = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('--'))
    .join('\n');
  return extraLogFilter === '' ? filter : `((${filter})\nOR (${extraLogFilter}))\nAND ${EXCLUDED}`;
}

/** What passes the sink, from a moment on and before another one; `extra`, if it is not ``, holds for all of it. */
export function spanFilter(of: {
  readonly sink: string;
  readonly extra: string;
  readonly fromMs: number;
  readonly toMs: number;
}): string {
  const parts = [
    `(${of.sink})`,
    `timestamp>="${new Date(of.fromMs).toISOString()}"`,
    `timestamp<"${new Date(of.toMs).toISOString()}"`,
    ...(of.extra === '' ? [] : [`(${of.extra})`]),
  ];
  const filter = parts.join('\nAND ');
  if (filter.length > FILTER_CHARS_MAX)
    throw new UsageError(
      `--filter makes the whole filter longer than the ${FILTER_CHARS_MAX} characters that Google takes`,
    );
  return filter;
}
