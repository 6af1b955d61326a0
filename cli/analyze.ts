// `analyze`: the incidents that the input would open, counted exactly, with cause and remedy. Needs no store.
import { createClassifier } from '#shared/classify/classify.ts';
import { createMemory } from '#shared/incident/memory.ts';
import type { Incident, Ledger } from '#shared/model/incident.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { tally, type TallyItem } from '#shared/tally/tally.ts';
import type { Command } from './command.ts';
import { readInput } from './input.ts';
import { printable, scopeText, stepLines, table } from './text.ts';

/** Entries that are tallied together: bounds memory, changes no count. */
const BATCH_ITEMS = 500;

const time = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

function toJson(incident: Incident): Readonly<Record<string, unknown>> {
  const { evidence } = incident;
  return {
    id: incident.id,
    pattern: incident.pattern,
    scope: incident.scope,
    severity: evidence.severity,
    fields: evidence.fields,
    count: evidence.count,
    labels: evidence.labels,
    proxies: evidence.proxyCount,
    firstSeen: time(evidence.firstSeenMs),
    lastSeen: time(evidence.lastSeenMs),
  };
}

function toText(incident: Incident): string {
  const { evidence } = incident;
  const pattern = CATALOGUE.find(({ id }) => id === incident.pattern);
  const about = { fields: evidence.fields, scope: incident.scope, proxies: evidence.proxies };
  const headline = pattern?.headline(about) ?? `Unrecognised: ${incident.scope['shape'] ?? ''}`;
  const sample = evidence.samples[0]?.message ?? '';
  return [
    `${evidence.severity.toUpperCase()}  ${printable(headline, 200)}`,
    `  ${evidence.count} entries from ${evidence.proxyCount} proxies, ${time(evidence.firstSeenMs)} to ${time(evidence.lastSeenMs)}`,
    ...(pattern === undefined ? [] : [`  ${printable(pattern.cause(about), 400)}`]),
    `  proof: ${printable(sample, 300)}`,
    ...stepLines(pattern?.remedy(about) ?? []),
    `  incident ${incident.id}  ${scopeText(incident.scope)}`,
  ].join('\n');
}

function heldBack(ledgers: readonly Ledger[]): readonly (readonly string[])[] {
  const sums = new Map<string, number>();
  for (const { labels } of ledgers)
    for (const [label, count] of Object.entries(labels)) sums.set(label, (sums.get(label) ?? 0) + count);
  return [...sums].sort(([, a], [, b]) => b - a).map(([label, count]) => [`  ${label}`, String(count)]);
}

export const analyze: Command = {
  name: 'analyze',
  usage: '[FILE | -] ...',
  summary:
    'The incidents that this input would open, with exact counts, causes and remedies. Exit 1 if there are any.',
  flags: {},
  run: async ({ args, format, print, nowMs }) => {
    const classifier = createClassifier(CATALOGUE);
    // Nothing goes quiet while a file is read: the report is about all of it.
    const memory = createMemory(() => Number.POSITIVE_INFINITY);
    let batch: TallyItem[] = [];
    const flush = (): void => {
      memory.fold(tally(batch, nowMs), nowMs);
      batch = [];
    };
    for await (const item of readInput(args.length === 0 ? ['-'] : args, nowMs)) {
      if (item.kind === 'unreadable') batch.push({ kind: 'unreadable', unreadable: item.unreadable });
      if (item.kind === 'record')
        batch.push({ kind: 'record', record: item.record, verdict: classifier.classify(item.record) });
      if (batch.length >= BATCH_ITEMS) flush();
    }
    flush();
    const incidents = [...memory.incidents()].sort((a, b) => b.evidence.count - a.evidence.count);
    const ledgers = memory.ledgers();
    if (format === 'json') {
      const labels = Object.fromEntries(
        heldBack(ledgers).map(([label, count]) => [label?.trim(), Number(count)]),
      );
      await print(JSON.stringify({ incidents: incidents.map(toJson), heldBack: labels }));
    } else {
      for (const incident of incidents) await print(`${toText(incident)}\n`);
      if (incidents.length === 0) await print('No incident.');
      if (ledgers.length > 0) await print(`Held back:\n${table(heldBack(ledgers))}`);
    }
    return incidents.length > 0 ? 1 : 0;
  },
};
