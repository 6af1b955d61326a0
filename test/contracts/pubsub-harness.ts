// What the Pub/Sub contract tests share: a server with its SDK client, and an HTTP receiver of pushes.
// In: options of the embedded server. Out: things to await. With PUBSUB_EMULATOR_HOST set, that server is tested.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { PubSub, type CreateSubscriptionOptions, type Subscription, type Topic } from '@google-cloud/pubsub';
import { credentials } from '@grpc/grpc-js';
import { test } from 'vitest';
import { z } from 'zod';
import type { PubsubEvent } from '../../infra/local/pubsub/environment.ts';
import { startPubsub, type Pubsub, type PubsubOptions } from '../../infra/local/pubsub/server.ts';

const GOOGLES_EMULATOR = process.env['PUBSUB_EMULATOR_HOST'];

/**
 * For what Google's emulator does not do as Pub/Sub does: dead letters, back-off, filters, limits, orderingKey in push
 * bodies, and for what only the embedded server has. Skipped by name when the suite runs against Google's emulator.
 */
export const embeddedTest = GOOGLES_EMULATOR === undefined ? test : test.skip;

/** Collects items and lets a test wait for them. */
export class Inbox<Item> {
  readonly items: Item[] = [];
  #waiting: (() => void)[] = [];

  add(item: Item): void {
    this.items.push(item);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** All items once there are `count` of them that fit. */
  async until(count: number, fits: (item: Item) => boolean = () => true): Promise<Item[]> {
    for (;;) {
      const found = this.items.filter(fits);
      if (found.length >= count) return found;
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }
}

/** A client of a server at `host` that asks nobody for credentials: no metadata server, no look-up of a domain. */
export function clientOf(host: string): PubSub {
  return new PubSub({
    projectId: `project-${randomUUID()}`,
    apiEndpoint: host,
    clientOptions: { universeDomain: 'googleapis.com' },
  });
}

/** What the low-level clients of the SDK, `v1.SubscriberClient` and such, need for the same. */
function stubOptionsOf(host: string) {
  const [servicePath = '', port] = host.split(':');
  return {
    servicePath,
    port: Number(port),
    projectId: 'unused',
    sslCreds: credentials.createInsecure(),
    clientOptions: { universeDomain: 'googleapis.com' },
  };
}

export interface World {
  readonly client: PubSub;
  readonly stubOptions: ReturnType<typeof stubOptionsOf>;
  readonly events: Inbox<PubsubEvent>;
  /** The server itself; fails against Google's emulator. */
  readonly embedded: () => Pubsub;
  readonly topic: () => Promise<Topic>;
  readonly subscribe: (topic: Topic, options?: CreateSubscriptionOptions) => Promise<Subscription>;
  readonly close: () => Promise<void>;
}

/** A server, fresh topics on demand. Deadlines may be as short as a second. */
export async function openWorld(options: Partial<PubsubOptions> = {}): Promise<World> {
  const events = new Inbox<PubsubEvent>();
  const server =
    GOOGLES_EMULATOR === undefined
      ? await startPubsub({
          port: 0,
          ackDeadlineMinimumSeconds: 1,
          observe: (event) => events.add(event),
          ...options,
        })
      : undefined;
  const host = server?.host ?? GOOGLES_EMULATOR ?? '';
  const client = clientOf(host);
  return {
    client,
    stubOptions: stubOptionsOf(host),
    events,
    embedded: () => {
      if (server === undefined) throw new Error('not the embedded server');
      return server;
    },
    topic: async () => (await client.createTopic(`topic-${randomUUID()}`))[0],
    subscribe: async (topic, more = {}) =>
      (await topic.createSubscription(`subscription-${randomUUID()}`, more))[0],
    close: async () => {
      await client.close();
      await server?.close();
    },
  };
}

const pushBody = z.strictObject({
  message: z.strictObject({
    data: z.string().optional(),
    attributes: z.record(z.string(), z.string()).optional(),
    messageId: z.string(),
    message_id: z.string(),
    publishTime: z.string(),
    publish_time: z.string(),
    orderingKey: z.string().optional(),
  }),
  subscription: z.string(),
  deliveryAttempt: z.number().optional(),
});

export interface Push {
  readonly body: z.infer<typeof pushBody>;
  readonly text: string;
  readonly atMs: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly pushes: Inbox<Push>;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** Ends the answer of a push with a status. */
export function answer(push: Push, status: number): void {
  push.response.writeHead(status).end();
}

/** A real HTTP server; `handle` answers each push, 204 unless told otherwise. */
export async function startReceiver(
  handle: (push: Push) => void = (push) => answer(push, 204),
  port = 0,
): Promise<Receiver> {
  const pushes = new Inbox<Push>();
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString();
      const body = pushBody.parse(JSON.parse(raw));
      const text = Buffer.from(body.message.data ?? '', 'base64').toString();
      const push = { body, text, atMs: performance.now(), request, response };
      pushes.add(push);
      handle(push);
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const bound = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${bound}/push?token=1`,
    port: bound,
    pushes,
    connections: () => connections,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Publishes a text; resolves to the message id. */
export function publish(
  topic: Topic,
  text: string,
  attributes: Record<string, string> = {},
): Promise<string> {
  return topic.publishMessage({ data: Buffer.from(text), attributes });
}
