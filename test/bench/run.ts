// `npm run bench`: what the hot path costs, as ratios measured in one run. `-- --short` only proves that it runs;
// `-- --json` prints one object a row. The work is checked for correctness before it is timed.
import { parseArgs } from 'node:util';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeMessage } from '#shared/intake/log-entry.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { decode } from '../../functions/adapters/decode.ts';
import { sampleHour } from '../../infra/local/sample/hour.ts';
import { measure, type Contest, type Row } from './measure.ts';

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

const messages = sampleHour({ seed: 1, endMs: Date.UTC(2026, 10, 1, 10), run: 'bench-' }).flatMap((message) =>
  message.kind === 'entry' ? [Buffer.from(JSON.stringify(message.entry)).toString('base64')] : [],
);
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

function classifyAll(): Map<string, number> {
  const verdicts = new Map<string, number>();
  for (const data of messages) {
    const intake = intakeMessage(push(data), decode);
    const verdict = intake.kind === 'record' ? classifier.classify(intake.record) : intake;
    const name = verdict.kind === 'finding' ? verdict.pattern : verdict.kind;
    verdicts.set(name, (verdicts.get(name) ?? 0) + 1);
  }
  return verdicts;
}

/** The floor that nobody can go below: decoding the message and parsing its JSON. */
function floor(): number {
  let entries = 0;
  for (const data of messages) {
    const entry: unknown = JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
    if (typeof entry === 'object') entries += 1;
  }
  return entries;
}

const verdicts = classifyAll();
for (const pattern of ['config-not-found', 'listener-rejected', 'stale-heartbeat', 'routine'])
  if ((verdicts.get(pattern) ?? 0) === 0)
    throw new Error(`the bench's own hour has no ${pattern}: ${JSON.stringify([...verdicts])}`);
if (floor() !== messages.length) throw new Error('the floor lost entries');

const contests: readonly Contest[] = [
  {
    name: 'classify a LogEntry, parse included ÷ base64 + JSON.parse alone',
    unit: 'entries/s',
    bar: '≥ 0.70, aim 0.85',
    units: messages.length,
    ours: classifyAll,
    theirs: floor,
  },
];

const options = values.short ? { rounds: 3, forMs: 30 } : { rounds: 11, forMs: 500 };
const rows: readonly Row[] = contests.map((contest) => measure(contest, options));
for (const row of rows) {
  if (values.json) console.log(JSON.stringify(row));
  else
    console.log(
      `${row.name}\n  ${Math.round(row.ours).toLocaleString('en-US')} ÷ ${Math.round(row.theirs).toLocaleString('en-US')} ${row.unit} = ` +
        `${row.ratio.median.toFixed(2)} (${row.ratio.min.toFixed(2)} to ${row.ratio.max.toFixed(2)}); bar ${row.bar}`,
    );
}
