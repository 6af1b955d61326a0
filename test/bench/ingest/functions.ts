// Three functions on the same framework, for `npm run bench:ingest`: one that does nothing, ours over a store whose commit
// takes BENCH_COMMIT_MS, and one transaction per entry over the same store, as a straightforward counter would do it.
import { http } from '@google-cloud/functions-framework';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode } from '../../../functions/adapters/decode.ts';
import { createClassify } from '../../../functions/classify.ts';

const commitMs = Number(process.env['BENCH_COMMIT_MS'] ?? '10');
const log = { write: () => undefined };
const clock = { nowMs: () => Date.now(), wait: (milliseconds: number) => sleep(milliseconds) };

http('noop', (_, response) => {
  response.status(204).send('');
});

let committed = 0;
const classify = createClassify({
  store: {
    saveBatch: async ({ sightings }) => {
      await sleep(commitMs);
      for (const { slices } of sightings) for (const { ids } of slices) committed += ids.length / ID_BYTES;
    },
  },
  nudges: { publish: () => Promise.resolve() },
  decode,
  clock,
  log,
});

/** Bytes of one id in a sighting. */
const ID_BYTES = 8;

http('classify', async (request, response) => {
  // What was committed so far, for the check that the work was done.
  if (request.method === 'GET') {
    response.json({ committed });
    return;
  }
  const { status, body } = await classify(request.body);
  response.status(status).send(body);
});

/** One document's transactions take turns: the lock of Firestore's standard edition. */
let turn: Promise<unknown> = Promise.resolve();

http('transaction', async (request, response) => {
  const encoded: unknown = request.body?.message?.data;
  JSON.parse(Buffer.from(String(encoded), 'base64').toString('utf8'));
  // It reads the incident, then commits: two trips.
  const mine = turn.then(() => sleep(2 * commitMs));
  turn = mine;
  await mine;
  response.status(204).send('');
});
