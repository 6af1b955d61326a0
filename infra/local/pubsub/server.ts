// An embedded Pub/Sub: google.pubsub.v1 over gRPC on 127.0.0.1, with real push delivery, all in memory.
// In: options. Out: a listening server with statistics. It keeps nothing over a restart and knows no application.
import { Agent } from 'node:http';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Budget, type Chaos, type Environment, type PubsubEvent, type PushBackoff } from './environment.ts';
import { completed, loadServices } from './grpc.ts';
import { publisherHandlers, subscriberHandlers } from './services.ts';
import type { SubscriptionStats } from './subscription.ts';
import { Topics } from './topics.ts';

/** Where publishing stops with RESOURCE_EXHAUSTED while nobody acknowledges. */
const BACKLOG_BYTES_MAX = 1024 ** 3;
const ACK_DEADLINE_MINIMUM_SECONDS = 10;
/** Google pauses up to 60 s; a restarted process on one's own machine should not wait that long. */
const PUSH_BACKOFF: PushBackoff = { minimumMs: 100, maximumMs: 10_000 };
/** Google has no such cap (its growth turns linear at 3,000); one machine needs one. */
const PUSH_OUTSTANDING_MAX = 1000;
/** Beyond Pub/Sub's 10 MB per request, so that a request that is too large is refused in Pub/Sub's own words. */
const REQUEST_BYTES_READ_MAX = 32 * 1024 ** 2;

export interface PubsubOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly observe?: (event: PubsubEvent) => void;
  readonly random?: () => number;
  readonly now?: () => number;
  readonly chaos?: Chaos;
  readonly pushBackoff?: PushBackoff;
  /** Pushes of one subscription under way at once, at most; 1000 unless told. */
  readonly pushOutstandingMax?: number;
  /** Google's minimum is 10; tests of expiry may ask for less. */
  readonly ackDeadlineMinimumSeconds?: number;
  readonly backlogBytesMax?: number;
}

interface Stats {
  /** What unacknowledged messages hold of the memory bound. */
  readonly backlogBytes: number;
  /** By full name, `projects/P/subscriptions/S`. */
  readonly subscriptions: Readonly<Record<string, SubscriptionStats>>;
}

export interface Pubsub {
  /** `127.0.0.1:PORT`, fit for PUBSUB_EMULATOR_HOST. */
  readonly host: string;
  readonly port: number;
  /** Ends streams and pushes under way and frees all; unacknowledged messages are lost. */
  readonly close: () => Promise<void>;
  readonly stats: () => Stats;
}

function environmentOf(options: PubsubOptions): Environment {
  return {
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    observe: options.observe ?? (() => undefined),
    chaos: options.chaos ?? {},
    pushBackoff: options.pushBackoff ?? PUSH_BACKOFF,
    pushOutstandingMax: options.pushOutstandingMax ?? PUSH_OUTSTANDING_MAX,
    ackDeadlineMinimumSeconds: options.ackDeadlineMinimumSeconds ?? ACK_DEADLINE_MINIMUM_SECONDS,
    agent: new Agent({ keepAlive: true, maxFreeSockets: Number.POSITIVE_INFINITY }),
    budget: new Budget(options.backlogBytesMax ?? BACKLOG_BYTES_MAX),
  };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
}

/** Starts the server on 127.0.0.1; rejects if the port is taken. */
export async function startPubsub(options: PubsubOptions): Promise<Pubsub> {
  const environment = environmentOf(options);
  const topics = new Topics(environment);
  const server = new Server({
    'grpc.max_receive_message_length': REQUEST_BYTES_READ_MAX,
    'grpc.max_send_message_length': -1,
  });
  const service = loadServices();
  server.addService(service('Publisher'), completed(service('Publisher'), publisherHandlers(topics)));
  server.addService(service('Subscriber'), completed(service('Subscriber'), subscriberHandlers(topics)));
  server.addService(service('SchemaService'), completed(service('SchemaService'), {}));
  const port = await bind(server, options.port);
  return {
    host: `127.0.0.1:${port}`,
    port,
    close: async () => {
      topics.close();
      environment.agent.destroy();
      server.forceShutdown();
    },
    stats: () => ({ backlogBytes: environment.budget.usedBytes, subscriptions: topics.stats() }),
  };
}
