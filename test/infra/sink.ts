// The sink as a test of one LogEntry: infra/sink-filter.txt and the exclusions of infra/log-sink.tf, evaluated by the
// stand-in of the Logging API. In: Terraform as data. Out: whether an entry reaches the topic.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { parseFilter } from '../../infra/local/logging/filter-syntax.ts';
import { testOf } from '../../infra/local/logging/filter.ts';
import type { Terraform } from './terraform.ts';

const root = resolve(import.meta.dirname, '../..');
const exclusionsSchema = z.record(z.string(), z.looseObject({ filter: z.string() }));

/** What log-sink.tf makes of the file: without comments and empty lines. */
export const sinkFilter = readFileSync(join(root, 'infra/sink-filter.txt'), 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.trim().startsWith('--'))
  .join('\n');

export type Sink = (entry: Readonly<Record<string, unknown>>) => boolean;

/** The sink, with an operator's `extra_log_filter` beside ours where one is given. */
export function sinkOf(terraform: Terraform, extra = ''): Sink {
  const filter = extra === '' ? sinkFilter : `(${sinkFilter})\nOR (${extra})`;
  const passes = testOf(parseFilter(filter));
  const exclusions = Object.values(exclusionsSchema.parse(terraform.local('sink_exclusions'))).map((one) =>
    testOf(parseFilter(one.filter)),
  );
  return (entry) => passes(entry) && !exclusions.some((excludes) => excludes(entry));
}
