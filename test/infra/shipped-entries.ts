// A pattern's sample as the LogEntries that its source really writes: Envoy's error log by the Ops Agent's configuration
// in infra/, a sidecar's lines by GKE from either stream. In: a sample. Out: forms, each with the entries of its lines.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { entryOf, type Match, type NearMiss } from '../patterns/sample.ts';

type Entry = Readonly<Record<string, unknown>>;

export interface Form {
  readonly name: string;
  readonly entries: readonly Entry[];
}

const root = resolve(import.meta.dirname, '../..');

const agentSchema = z.object({
  logging: z.object({
    processors: z.object({
      envoy_line: z.object({
        type: z.literal('parse_regex'),
        field: z.literal('message'),
        regex: z.string(),
      }),
      envoy_severity: z.object({
        fields: z.object({
          severity: z.object({
            move_from: z.literal('jsonPayload.level'),
            map_values: z.record(z.string(), z.string()),
          }),
        }),
      }),
    }),
  }),
});

const opsAgent = agentSchema.parse(
  parse(readFileSync(join(root, 'infra/ops-agent.yaml.tftpl'), 'utf8').replace('${log_path}', '/var/log')),
).logging.processors;
const envoyLine = new RegExp(opsAgent.envoy_line.regex);
const severityOf = opsAgent.envoy_severity.fields.severity.map_values;

/** One line of Envoy's error log as the Ops Agent ships it: taken apart where the expression fits, else as it is. */
function byOpsAgent(sample: Match | NearMiss, line: string): Entry {
  const { level = '', time: _, ...fields } = envoyLine.exec(line)?.groups ?? {};
  const entry = entryOf({ ...sample, line });
  if (fields['msg'] === undefined) return entry;
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const severity = severityOf[level];
  return { ...entry, jsonPayload: said, ...(severity === undefined ? {} : { severity }) };
}

/** The forms in which a sample may reach Cloud Logging; none for what `watch` makes up itself. */
export function formsOf(sample: Match | NearMiss): readonly Form[] {
  const entry = entryOf(sample);
  switch (sample.route) {
    case 'attributes':
      return [];
    case 'agent':
    case 'serial':
      return [{ name: sample.route, entries: [entry] }];
    case 'ops-agent': {
      const lines = sample.line.split('\n').filter((line) => line.trim() !== '');
      return [{ name: 'ops-agent', entries: lines.map((line) => byOpsAgent(sample, line)) }];
    }
    case 'gke': {
      const stderr = { ...entry, logName: 'projects/demo-project/logs/stderr', severity: 'ERROR' };
      return [
        { name: 'stdout', entries: [{ ...entry, severity: sample.severity ?? 'INFO' }] },
        { name: 'stderr', entries: [stderr] },
      ];
    }
  }
}
