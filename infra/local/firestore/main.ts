// Starts the embedded Firestore as a program: `node infra/local/firestore/main.ts --data FILE --port N`.
// Prints one line of JSON when it listens; SIGTERM or SIGINT close it cleanly.
import { parseArgs } from 'node:util';
import { startFirestore } from './server.ts';

const { values } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string', default: '0' } },
});
const port = Number(values.port);
if (values.data === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error('usage: node infra/local/firestore/main.ts --data FILE [--port N]');
  process.exitCode = 2;
} else {
  const server = await startFirestore({ dataFile: values.data, port });
  const stop = (): void => {
    void server.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  console.log(JSON.stringify({ listening: `${server.host}:${server.port}` }));
}
