// `npm run bench:growth`: does the thousandth entry of an incident cost what the millionth does, and the first incident
// what the ten-thousandth? Processor time of classify's tally and reconcile's fold, over the store in memory, by decade.
// `-- --short` stops at 10,000 entries and 100 incidents, `-- --json` prints one object a row.
import { parseArgs } from 'node:util';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeMessage } from '#shared/intake/log-entry.ts';
import { readPush } from '#shared/intake/push.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { tally } from '#shared/tally/tally.ts';
import { decode } from '../../functions/adapters/decode.ts';
import { foldTarget } from '../../functions/fold.ts';
import { entryPush } from '../fakes/entries.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { T0_MS } from '../fakes/sightings.ts';

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

/** Entries of one commit, and commits between two folds of an incident: a storm as cost.test.ts plays it. */
const BATCH = 500;
const COMMITS_PER_FOLD = 8;

/** Entries a second of the made clock: a million of them are a bad quarter of an hour. */
const PER_SECOND = 1_000;

const classifier = createClassifier(CATALOGUE);

/** Commits one batch of entries and returns the incidents it touched. */
async function commit(store: MemoryStore, pushes: readonly object[]): Promise<readonly string[]> {
  const items = pushes.flatMap((body) => {
    const push = readPush(body);
    const intake = push.kind === 'push' ? intakeMessage(push, decode) : push;
    if (intake.kind !== 'record') throw new Error('the bench made an entry that can not be read');
    return [{ kind: 'record' as const, record: intake.record, verdict: classifier.classify(intake.record) }];
  });
  const sightings = tally(items, T0_MS);
  await store.saveBatch({ sightings, parked: [], atMs: T0_MS });
  return sightings.map(({ target }) => target);
}

async function fold(store: MemoryStore, id: string, nowMs: number): Promise<void> {
  let more = true;
  while (more)
    ({ more } = await foldTarget(store, { kind: 'incident', id }, { nowMs, quietAfterMs: () => 3_600_000 }));
}

/** Microseconds of processor time that the work took. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

interface Step {
  readonly upTo: number;
  readonly microsecondsEach: number;
}

/** One incident grows: cost per entry in each decade. */
async function entriesOfOne(upTo: readonly number[]): Promise<readonly Step[]> {
  const store = createMemoryStore();
  let n = 0;
  let id = '';
  const steps: Step[] = [];
  for (const end of upTo) {
    const begin = n;
    const cpu = await cpuOf(async () => {
      for (let commits = 1; n < end; commits += 1) {
        const pushes = Array.from({ length: Math.min(BATCH, end - n) }, () => {
          n += 1;
          return entryPush(n, { vm: n % 500, atMs: T0_MS + Math.floor((n * 1_000) / PER_SECOND) });
        });
        [id = ''] = await commit(store, pushes);
        if (commits % COMMITS_PER_FOLD === 0 || n === end)
          await fold(store, id, T0_MS + Math.floor((n * 1_000) / PER_SECOND));
      }
    });
    const counted = store.shelf(id).incident?.evidence.count;
    if (counted !== end) throw new Error(`${end} entries were counted as ${counted}`);
    steps.push({ upTo: end, microsecondsEach: cpu / (end - begin) });
  }
  return steps;
}

/** More and more incidents are open: cost of one entry for a new one. */
async function openIncidents(upTo: readonly number[]): Promise<readonly Step[]> {
  const store = createMemoryStore();
  let n = 0;
  const steps: Step[] = [];
  for (const end of upTo) {
    const begin = n;
    const cpu = await cpuOf(async () => {
      while (n < end) {
        const pushes = Array.from({ length: Math.min(100, end - n) }, () => {
          n += 1;
          const message = `Traffic Director configuration was not found for network "net-${n}" in project "1".`;
          return entryPush(n, { message, atMs: T0_MS + n });
        });
        for (const id of await commit(store, pushes)) await fold(store, id, T0_MS + n);
      }
    });
    steps.push({ upTo: end, microsecondsEach: cpu / (end - begin) });
  }
  return steps;
}

function report(name: string, steps: readonly Step[]): void {
  const base = steps[0]?.microsecondsEach ?? Number.NaN;
  for (const { upTo, microsecondsEach } of steps) {
    const ratio = microsecondsEach / base;
    if (values.json) console.log(JSON.stringify({ name, upTo, microsecondsEach, ratio }));
    else
      console.log(
        `${name}, up to ${upTo.toLocaleString('en-US').padStart(9)}: ${microsecondsEach.toFixed(1).padStart(6)} µs each, ${ratio.toFixed(2)} of the first row`,
      );
  }
}

// So that no row pays for the compiler: what is measured has run before.
await entriesOfOne([values.short ? 1_000 : 100_000]);
await openIncidents([values.short ? 100 : 2_000]);
report(
  'entries of one incident',
  await entriesOfOne(values.short ? [1_000, 10_000] : [10_000, 100_000, 1_000_000]),
);
report('open incidents', await openIncidents(values.short ? [10, 100] : [100, 1_000, 10_000]));
