// What reading and classifying an entry costs beside decoding base64 and parsing JSON, which nobody can do without.
// Out: one contest for each mix of lines; the verdicts are checked before anything is timed.
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeMessage } from '#shared/intake/log-entry.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { decode } from '../../functions/adapters/decode.ts';
import { sampleHour } from '../../infra/local/sample/hour.ts';
import { fleetLines } from './fleet-lines.ts';
import type { Contest } from './measure.ts';

const classifier = createClassifier(CATALOGUE);

const push = (data: string) => ({
  kind: 'push' as const,
  data,
  messageId: '1',
  subscription: 's',
  publishTimeMs: 0,
  deliveryAttempt: 1,
  orderingKey: '',
  attributes: {},
});

function verdictOf(data: string) {
  const intake = intakeMessage(push(data), decode);
  return intake.kind === 'record' ? classifier.classify(intake.record) : intake;
}

/** How many of the messages come to what. */
function tallyOf(messages: readonly string[]): Map<string, number> {
  const verdicts = new Map<string, number>();
  for (const data of messages) {
    const verdict = verdictOf(data);
    const name = verdict.kind === 'finding' ? verdict.pattern : verdict.kind;
    verdicts.set(name, (verdicts.get(name) ?? 0) + 1);
  }
  return verdicts;
}

/** The floor that nobody can go below. */
function floor(messages: readonly string[]): number {
  let entries = 0;
  for (const data of messages) {
    const entry: unknown = JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
    if (typeof entry === 'object') entries += 1;
  }
  return entries;
}

function classifyAll(messages: readonly string[]): number {
  let findings = 0;
  for (const data of messages) if (verdictOf(data).kind === 'finding') findings += 1;
  return findings;
}

function contest(name: string, messages: readonly string[], expected: readonly string[]): Contest {
  const verdicts = tallyOf(messages);
  for (const kind of expected)
    if ((verdicts.get(kind) ?? 0) === 0)
      throw new Error(`${name} has no ${kind}: ${JSON.stringify([...verdicts])}`);
  if (floor(messages) !== messages.length) throw new Error('the floor lost entries');
  return {
    name: `classify a LogEntry, parse included ÷ base64 + JSON.parse alone: ${name}`,
    unit: 'entries/s',
    bar: '≥ 0.70, aim 0.85',
    units: messages.length,
    ours: () => classifyAll(messages),
    theirs: () => floor(messages),
  };
}

const sample = sampleHour({ seed: 1, endMs: Date.UTC(2026, 10, 1, 10), run: 'bench-' }).flatMap((message) =>
  message.kind === 'entry' ? [Buffer.from(JSON.stringify(message.entry)).toString('base64')] : [],
);
const KINDS = [
  'routine',
  'config-not-found',
  'listener-rejected',
  'unrecognised',
  'control-plane-unreachable',
];
const ENTRIES = 4_000;
/** More different messages than are ever remembered, so that each is met as if for the first time. */
const OWN_ENTRIES = 40_000;

export const CLASSIFY_CONTESTS: readonly Contest[] = [
  contest('a noisy fleet', fleetLines(ENTRIES, 'as-written'), KINDS),
  contest('the sample hour', sample, ['routine', 'config-not-found', 'listener-rejected', 'stale-heartbeat']),
  contest('a fleet whose every message is its own', fleetLines(OWN_ENTRIES, 'each-its-own'), KINDS),
];
