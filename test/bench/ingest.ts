// `npm run bench:ingest`: durable ingest over HTTP on the real functions framework, beside a function that does nothing and
// beside one transaction per entry on one incident. Alternately in one run; ratios hold, machines drift.
// `-- --short` only proves that it runs, `-- --json` prints one object a row.
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { keepRunning, listens, type Running } from '../../infra/local/processes.ts';
import { entryPush } from '../fakes/entries.ts';
import { load, type Answered } from './ingest/load.ts';

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

const root = resolve(import.meta.dirname, '../..');
const IN_FLIGHT = values.short ? [10] : [1, 10, 80, 250, 1_000];
const COMMITS_MS = values.short ? [10] : [10, 50];
const ROUNDS = values.short ? 1 : 5;
const FOR_MS = values.short ? 300 : 2_000;
/** hold of a batch that gathers: what the bar of design counts with. */
const HOLD_MS = 400;

/** A free port of this machine. */
async function freePort(): Promise<number> {
  const { promise, resolve: found } = Promise.withResolvers<number>();
  const server = createServer();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => {
      found(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return promise;
}

async function serve(name: string, commitMs: number): Promise<Running & { readonly port: number }> {
  const port = await freePort();
  const running = await keepRunning({
    name,
    args: [
      '--import',
      join(root, 'infra/local/loopback.ts'),
      join(root, 'node_modules/@google-cloud/functions-framework/build/src/main.js'),
      '--source',
      join(root, 'test/bench/ingest/functions.ts'),
      '--target',
      name,
      '--port',
      String(port),
    ],
    env: { NODE_ENV: 'production', BENCH_COMMIT_MS: String(commitMs) },
    ready: () => listens(port),
    onLine: () => undefined,
  });
  return { ...running, port };
}

const BODIES = Array.from({ length: 4_096 }, (_, n) => entryPush(n));
let sent = 0;
/** A new entry each time, so that none is a repetition. */
const body = (): string => {
  sent += 1;
  return JSON.stringify(BODIES[sent % BODIES.length]);
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const rounded = (value: number): string => Math.round(value).toLocaleString('en-US');

interface Round {
  readonly noop: Answered;
  readonly ours: Answered;
  readonly transaction: Answered;
}

function report(inFlight: number, commitMs: number, rounds: readonly Round[]): void {
  const rates = (of: (round: Round) => Answered): number => median(rounds.map((one) => of(one).perSecond));
  const spread = (of: (round: Round) => number) => {
    const all = rounds.map(of);
    return { median: median(all), min: Math.min(...all), max: Math.max(...all) };
  };
  const row = {
    inFlight,
    commitMs,
    noopPerSecond: rates(({ noop }) => noop),
    oursPerSecond: rates(({ ours }) => ours),
    transactionPerSecond: rates(({ transaction }) => transaction),
    toNoop: spread(({ noop, ours }) => ours.perSecond / noop.perSecond),
    toTransaction: spread(({ transaction, ours }) => ours.perSecond / transaction.perSecond),
    toWindow: spread(({ ours }) => ours.perSecond / ((inFlight * 1000) / (HOLD_MS + commitMs))),
  };
  if (values.json) {
    console.log(JSON.stringify(row));
    return;
  }
  const show = ({ median: middle, min, max }: typeof row.toNoop): string =>
    `${middle.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
  console.log(
    `${String(inFlight).padStart(5)} in flight, commit ${commitMs} ms: no-op ${rounded(row.noopPerSecond)}, ours ${rounded(row.oursPerSecond)}, ` +
      `transaction ${rounded(row.transactionPerSecond)} a second; ours ÷ no-op ${show(row.toNoop)}, ÷ transaction ${show(row.toTransaction)}, ` +
      `÷ (in flight ÷ (hold + commit)) ${show(row.toWindow)}`,
  );
}

for (const commitMs of COMMITS_MS) {
  const servers = {
    noop: await serve('noop', commitMs),
    ours: await serve('classify', commitMs),
    transaction: await serve('transaction', commitMs),
  };
  try {
    for (const inFlight of IN_FLIGHT) {
      const one = (server: Running & { readonly port: number }): Promise<Answered> =>
        load({ port: server.port, inFlight, forMs: FOR_MS, body });
      // Warm each once, so that none is measured before it is compiled.
      await one(servers.noop);
      await one(servers.ours);
      const rounds: Round[] = [];
      for (let round = 0; round < ROUNDS; round += 1)
        rounds.push({
          noop: await one(servers.noop),
          ours: await one(servers.ours),
          transaction: await one(servers.transaction),
        });
      for (const { noop, ours, transaction } of rounds)
        if (noop.others + ours.others + transaction.others > 0)
          throw new Error('a request was refused: the figures would mean nothing');
      report(inFlight, commitMs, rounds);
    }
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}
