// `npm run bench:history`: the pages of a long history beside those of a short one, read through the real client from the
// embedded Firestore. The median time of a page, and the ratio of long to short. `-- --short`, `-- --json`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectLazily } from '../../functions/adapters/firestore-calls.ts';
import { createFirestoreHistory } from '../../functions/adapters/firestore-history.ts';
import type { HistoryReader } from '../../functions/ports.ts';
import { startFirestore } from '../../infra/local/firestore/server.ts';
import { writeLongHistory } from '../fakes/long-history.ts';
import { T0_MS } from '../fakes/sightings.ts';

// Google's clients would ask for a metadata server that is not there.
process.env['METADATA_SERVER_DETECTION'] = 'none';

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

const SHORT = 100;
const LONG = values.short ? 300 : 10_000;
const ROUNDS = values.short ? 2 : 25;

const PAGES: Readonly<Record<string, (reader: HistoryReader) => Promise<unknown>>> = {
  overview: (reader) => reader.overview({ range: '7d', nowMs: T0_MS }),
  list: (reader) => reader.list({ filter: {}, cursor: '', nowMs: T0_MS }),
  'list by pattern': (reader) =>
    reader.list({ filter: { pattern: 'config-not-found' }, cursor: '', nowMs: T0_MS }),
  fleet: (reader) => reader.fleet({ sort: 'heartbeat', cursor: '', nowMs: T0_MS }),
};

async function withHistory<Result>(count: number, work: (reader: HistoryReader) => Promise<Result>) {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-history-'));
  const dataFile = join(folder, 'firestore.sqlite');
  writeLongHistory(dataFile, { project: 'bench', count, entries: 10, nowMs: T0_MS });
  const server = await startFirestore({ dataFile, port: 0 });
  process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
  const db = connectLazily({ project: 'bench', database: '(default)' });
  try {
    return await work(createFirestoreHistory(db));
  } finally {
    await db().terminate();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Median milliseconds of each page, once the server has the indexes that it makes for a form of query. */
async function times(reader: HistoryReader): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const [name, page] of Object.entries(PAGES)) {
    // Making an index over so much may take longer than a call may.
    await page(reader).catch(() => page(reader));
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const started = performance.now();
      await page(reader);
      took.push(performance.now() - started);
    }
    found.set(name, median(took));
  }
  return found;
}

const short = await withHistory(SHORT, times);
const long = await withHistory(LONG, times);
for (const [name, longMs] of long) {
  const shortMs = short.get(name) ?? Number.NaN;
  const row = { name, shortMs, longMs, ratio: longMs / shortMs };
  console.log(
    values.json
      ? JSON.stringify(row)
      : `history, ${name}: ${longMs.toFixed(1)} ms with ${LONG.toLocaleString('en-US')} incidents ÷ ${shortMs.toFixed(1)} ms with ${SHORT} = ${row.ratio.toFixed(2)}`,
  );
}
