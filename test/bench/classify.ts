// `npm run bench:classify`: what the hot path costs, as ratios measured in one run. `-- --short` only proves that it runs;
// `-- --json` prints one object a row. The work of every row is checked for correctness before it is timed.
import { parseArgs } from 'node:util';
import { CLASSIFY_CONTESTS } from './classify-contests.ts';
import { measure, type Contest, type Effort, type Row } from './measure.ts';

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

/** Each file of contests is one row of the table, in one or several forms. */
const CONTESTS: readonly Contest[] = [...CLASSIFY_CONTESTS];

const EFFORT: Effort = values.short ? { rounds: 1, forMs: 10 } : { rounds: 11, forMs: 500 };

function textOf({ name, unit, bar, ours, theirs, ratio }: Row): string {
  const perSecond = [ours, theirs].map((one) => Math.round(one).toLocaleString('en-US')).join(' ÷ ');
  const spread = `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}`;
  return `${name}\n  ${perSecond} ${unit} = ${ratio.median.toFixed(2)} (${spread}); bar ${bar}`;
}

for (const contest of CONTESTS) {
  const row = measure(contest, EFFORT);
  console.log(values.json ? JSON.stringify(row) : textOf(row));
}
