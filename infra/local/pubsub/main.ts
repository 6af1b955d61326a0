// The embedded Pub/Sub as a program: prints where it listens as one line of JSON, serves its statistics, ends on SIGTERM.
// In: flags (--port, --stats-port, --redeliver P, --reorder N, --seed N, --push-outstanding N). Out: a running server. Never leaves 127.0.0.1.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { startPubsub } from './server.ts';
import { seeded } from '../seeded.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'stats-port': { type: 'string', default: '0' },
    redeliver: { type: 'string', default: '0' },
    reorder: { type: 'string', default: '0' },
    'push-outstanding': { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});

/** A flag's number; anything else ends the program with a sentence. */
function numberOf(flag: keyof typeof values): number {
  const value = Number(values[flag]);
  if (values[flag] !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${flag} must be a number of at least 0, not ${values[flag]}`);
}

const random = seeded(numberOf('seed'));
const redeliverShare = numberOf('redeliver');
const pubsub = await startPubsub({
  port: numberOf('port'),
  random,
  pushOutstandingMax: numberOf('push-outstanding'),
  chaos: { redeliver: () => random() < redeliverShare, reorderWithin: numberOf('reorder') },
});

const statsServer = createServer((request, response) => {
  const known = request.method === 'GET' && request.url === '/stats';
  response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(known ? pubsub.stats() : { error: 'only GET /stats' }));
});
statsServer.listen(numberOf('stats-port'), '127.0.0.1');
await once(statsServer, 'listening');
const address = statsServer.address();
const statsPort = address !== null && typeof address === 'object' ? address.port : 0;
console.log(JSON.stringify({ listening: pubsub.host, stats: `http://127.0.0.1:${statsPort}/stats` }));

async function stop(): Promise<void> {
  statsServer.close();
  statsServer.closeAllConnections();
  await pubsub.close();
}
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
