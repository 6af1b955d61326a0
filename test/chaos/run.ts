// `npm run test:chaos`: storms of 100,000 entries under every fault at once, ten seeds in a row.
// In: --seeds N (default 10), --first-seed N (default 1), --entries N. Out: one line a seed; exit code 1 if any differs.
import { parseArgs } from 'node:util';
import { differences, runChaos } from './chaos.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    'first-seed': { type: 'string', default: '1' },
    entries: { type: 'string', default: '100000' },
    verbose: { type: 'boolean', default: false },
  },
});
const entries = Number(values.entries);
const first = Number(values['first-seed']);
process.env['METADATA_SERVER_DETECTION'] ??= 'none';
for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
  console.log(`seed ${seed}: ${entries} entries`);
  const outcome = await runChaos({
    seed,
    entries,
    proxies: 500,
    kills: 20,
    errors: 0.05,
    hangs: 0.002,
    ...(values.verbose ? { say: console.error } : {}),
  });
  const wrong = differences(outcome);
  const { operations, published, restarts, nudges, classifyPeakMiB, seconds, expected } = outcome;
  const perThousand = Math.round(((operations?.writes ?? 0) / published) * 1_000);
  console.log(
    `seed ${seed}: ${wrong.length === 0 ? 'exact' : 'WRONG'}; ${published} messages into ${expected.incidents.size} incidents, ` +
      `${expected.parked} parked, ${restarts} deaths, ${nudges.lost} nudges lost, ${nudges.doubled} doubled, ` +
      `classify ${classifyPeakMiB} MiB at most, ${perThousand} writes per 1,000 messages, ${seconds} s`,
  );
  console.log(`  ${JSON.stringify(operations)}`);
  for (const line of wrong) console.log(`  ${line}`);
  if (wrong.length > 0) process.exitCode = 1;
}
