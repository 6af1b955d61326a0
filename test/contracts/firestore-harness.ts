// Gives the contract tests a Firestore: the embedded one, or whatever FIRESTORE_EMULATOR_HOST names.
// Every test works in a database of its own, so that the suite can run on a shared server.
import { randomUUID } from 'node:crypto';
import { Firestore, v1, type Settings } from '@google-cloud/firestore';
import { credentials } from '@grpc/grpc-js';
import { startFirestore } from '../../infra/local/firestore/server.ts';

// The SDK must not look for a cloud's metadata server before its first call.
process.env['METADATA_SERVER_DETECTION'] ??= 'none';

/** Whether the suite runs against a server that it has not started itself. */
export const isForeignServer = process.env['FIRESTORE_EMULATOR_HOST'] !== undefined;

/** The generated client. */
export type RawClient = InstanceType<typeof v1.FirestoreClient>;

export interface Harness {
  /** `host:port` of the server. */
  readonly address: string;
  /** An SDK client of a fresh, empty database. */
  readonly database: (settings?: Settings) => Firestore;
  /** The generated client, for what the SDK does not show. */
  readonly raw: () => RawClient;
  /** Ends all clients and the server. */
  readonly close: () => Promise<void>;
}

/**
 * An SDK client for a server; the project is a fresh one unless the settings name it. By default the SDK
 * repeats a read after any error, for seconds; the streaming retries of gax know which errors are final.
 */
export function clientOf(address: string, settings: Settings = {}): Firestore {
  return new Firestore({
    projectId: `test-${randomUUID()}`,
    host: address,
    ssl: false,
    gaxServerStreamingRetries: true,
    ...settings,
  });
}

/** A generated client for a server, over a connection of its own that ends with it. */
export function rawClientOf(address: string): RawClient {
  const [servicePath = '', port = ''] = address.split(':');
  return new v1.FirestoreClient({
    servicePath,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    'grpc.use_local_subchannel_pool': 1,
    gaxServerStreamingRetries: true,
  });
}

/** Starts the embedded server unless the environment names another one. */
export async function startHarness(): Promise<Harness> {
  const foreign = process.env['FIRESTORE_EMULATOR_HOST'];
  const server = foreign === undefined ? await startFirestore({ dataFile: ':memory:', port: 0 }) : undefined;
  const address = foreign ?? `${server?.host}:${server?.port}`;
  const closers: (() => Promise<unknown>)[] = [];
  return {
    address,
    database: (settings) => {
      const client = clientOf(address, settings);
      closers.push(() => client.terminate());
      return client;
    },
    raw: () => {
      const client = rawClientOf(address);
      closers.push(() => client.close());
      return client;
    },
    close: async () => {
      await Promise.all(closers.map((close) => close()));
      await server?.close();
    },
  };
}

/** The gRPC status code that a promise is rejected with; fails when it is fulfilled. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  const error: unknown = await promise.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  return error instanceof Error && 'code' in error ? error.code : error;
}
