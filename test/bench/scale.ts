// `npm run bench:scale`: the pipeline from 1 to 10,000 entries a second, simulated around the real classify and reconcile.
// Prints a table (`-- --json` one object a row, `-- --short` two small scenarios); `-- --write` draws docs/scale.svg.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { picture, type Plot } from './scale/plot.ts';
import { simulate, type Outcome, type Scenario } from './scale/simulate.ts';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});

const RATES = values.short ? [1, 100] : [1, 10, 100, 1_000, 3_000, 10_000];

/** A proxy that can't get its configuration writes a line about every ten seconds. */
const PROXIES_PER_RATE = 10;

const LINES = [
  { name: '12 incidents, 1 instance', incidents: 12, instancesMax: 1 },
  { name: '12 incidents, 3 instances', incidents: 12, instancesMax: 3 },
  { name: '1 incident, 3 instances', incidents: 1, instancesMax: 3 },
] as const;

const seed = Number(values.seed);
if (!Number.isInteger(seed)) throw new Error('--seed takes a whole number');

const scenarioOf = (perSecond: number, line: (typeof LINES)[number]): Scenario => ({
  perSecond,
  proxies: PROXIES_PER_RATE * perSecond,
  incidents: line.incidents,
  instancesMax: line.instancesMax,
  seconds: perSecond > 1_000 ? 30 : 60,
  seed,
});

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

function row(name: string, outcome: Outcome): string {
  const { scenario, perThousand, perMillion } = outcome;
  return [
    name.padEnd(26),
    whole(scenario.perSecond).padStart(7),
    whole(scenario.proxies).padStart(8),
    whole(outcome.warmP99Ms).padStart(7),
    whole(outcome.latencyMs.max).padStart(7),
    String(outcome.instances).padStart(4),
    whole(outcome.windowMax).padStart(6),
    whole(perThousand.reads).padStart(6),
    whole(perThousand.writes).padStart(6),
    perMillion.firestore.toFixed(3).padStart(7),
    perMillion.sum.toFixed(2).padStart(6),
    outcome.isExact ? 'exact' : 'WRONG',
    outcome.left > 0 ? `, ${whole(outcome.left)} still waiting` : '',
  ].join(' ');
}

if (!values.json) {
  console.log(
    '                           entries          p99 ms  max ms inst    out  reads writes  $ per million',
  );
  console.log(
    '                               / s  proxies   warm    cold                   per 1,000  store    all',
  );
}
const outcomes = new Map<string, Outcome[]>();
for (const line of LINES) {
  outcomes.set(line.name, []);
  for (const perSecond of RATES) {
    const outcome = await simulate(scenarioOf(perSecond, line));
    outcomes.get(line.name)?.push(outcome);
    console.log(values.json ? JSON.stringify({ name: line.name, ...outcome }) : row(line.name, outcome));
    if (!outcome.isExact) process.exitCode = 1;
  }
}

function plot(title: string, of: (outcome: Outcome) => number): Plot {
  const series = [...outcomes].map(([name, all]) => ({
    name,
    points: all.map((outcome) => ({ x: outcome.scenario.perSecond, y: of(outcome) })),
  }));
  return { title, series };
}

if (values.write) {
  const plots = [
    plot('p99 from publishing to acknowledged, ms (warm)', ({ warmP99Ms }) => warmP99Ms),
    plot('Firestore writes per 1,000 entries', ({ perThousand }) => perThousand.writes),
    plot('US dollars per million entries', ({ perMillion }) => perMillion.sum),
    plot('instances of classify', ({ instances }) => instances),
  ];
  writeFileSync('docs/scale.svg', picture(plots, 'entries a second'));
}
