// Starts the embedded Firestore as a program: `node infra/local/firestore/main.ts --data FILE --port N`.
// Prints one line of JSON when it listens: its address, and that of its control page, where GET tells what was billed
// and PUT sets the shares of faults. SIGTERM or SIGINT close it cleanly. Never leaves 127.0.0.1.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { createFaultPlan } from './fault-plan.ts';
import { countOperations } from './operation-counts.ts';
import { startFirestore } from './server.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});
const port = Number(values.port);
const seed = Number(values.seed);

async function start(dataFile: string): Promise<void> {
  const counter = countOperations();
  const faults = createFaultPlan(seed);
  const server = await startFirestore({ dataFile, port, observe: counter.observe, fault: faults.hook });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      if (request.method === 'PUT') faults.set(JSON.parse(await text(request)));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(counter.counts()));
    } catch (error) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    }
  };
  const control = createServer((request, response) => void answer(request, response));
  control.listen(0, '127.0.0.1');
  await once(control, 'listening');
  const address = control.address();
  const controlPort = address !== null && typeof address === 'object' ? address.port : 0;

  const stop = (): void => {
    control.close();
    control.closeAllConnections();
    void server.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const stats = `http://127.0.0.1:${controlPort}/`;
  console.log(JSON.stringify({ listening: `${server.host}:${server.port}`, stats }));
}

if (
  values.data === undefined ||
  !Number.isInteger(port) ||
  port < 0 ||
  port > 65_535 ||
  !Number.isInteger(seed)
) {
  console.error('usage: node infra/local/firestore/main.ts --data FILE [--port N] [--seed N]');
  process.exitCode = 2;
} else {
  await start(values.data);
}
