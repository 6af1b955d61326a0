// The dead letters of one subscription: messages that Pub/Sub gave up delivering, held while they are looked at.
// In: a project and names. Out: dead letters in batches, to be put back into their topic, taken away or left.
import { PubSub, v1, type Topic } from '@google-cloud/pubsub';

/** Messages that one pull asks for. */
const PULL_MESSAGES_MAX = 100;

/** A message that is being looked at is nobody else's for this long, in seconds. */
const HELD_SECONDS = 600;

const DEADLINE_EXCEEDED = 4;

/** What Pub/Sub adds to a message that it gives up; the rest of the attributes are the message's own. */
const SOURCE_PREFIX = 'CloudPubSubDeadLetterSource';

export interface DeadLetter {
  readonly messageId: string;
  /** When Pub/Sub gave it up, in Unix milliseconds. */
  readonly publishedMs: number;
  /** The subscription that could not deliver it, and how often it tried, as far as Pub/Sub says. */
  readonly subscription: string;
  readonly deliveries: number;
  readonly data: Uint8Array;
  /** Its own attributes. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What the server calls this delivery of it. */
  readonly ackId: string;
}

export interface DeadLetters {
  /** Up to PULL_MESSAGES_MAX dead letters that nobody holds; none when there are no more. They are held from now on. */
  readonly hold: () => Promise<readonly DeadLetter[]>;
  /** Publishes them again, then takes them away; rejects if one could not be published, and takes none away then. */
  readonly putBack: (letters: readonly DeadLetter[]) => Promise<void>;
  /** Lets go of them unchanged. */
  readonly release: (letters: readonly DeadLetter[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

interface Received {
  readonly ackId?: string | null;
  readonly message?: {
    readonly messageId?: string | null;
    readonly data?: string | Uint8Array | null;
    readonly attributes?: Readonly<Record<string, string>> | null;
    readonly publishTime?: {
      readonly seconds?: { toString(): string } | null;
      readonly nanos?: number | null;
    } | null;
  } | null;
}

function toLetter({ ackId, message }: Received): DeadLetter {
  const all = Object.entries(message?.attributes ?? {});
  const source = new Map(all.filter(([name]) => name.startsWith(SOURCE_PREFIX)));
  const data = message?.data ?? '';
  const time = message?.publishTime;
  return {
    messageId: message?.messageId ?? '',
    publishedMs: Number(time?.seconds ?? 0) * 1_000 + Math.floor((time?.nanos ?? 0) / 1_000_000),
    subscription: source.get(`${SOURCE_PREFIX}Subscription`) ?? '',
    deliveries: Number(source.get(`${SOURCE_PREFIX}DeliveryCount`) ?? 0),
    data: typeof data === 'string' ? Buffer.from(data, 'base64') : data,
    attributes: Object.fromEntries(all.filter(([name]) => !name.startsWith(SOURCE_PREFIX))),
    ackId: ackId ?? '',
  };
}

/** PUBSUB_EMULATOR_HOST is honoured by the SDK itself. */
export function createPubsubDeadLetters(settings: {
  readonly project: string;
  /** Where they lie, and the topic that they go back to. */
  readonly subscription: string;
  readonly topic: string;
  /** A pull that finds nothing waits at the server; after this long, in milliseconds, there is nothing. */
  readonly waitMs: number;
}): DeadLetters {
  const pubsub = new PubSub({ projectId: settings.project });
  const subscription = `projects/${settings.project}/subscriptions/${settings.subscription}`;
  let client: InstanceType<typeof v1.SubscriberClient> | undefined;
  let topic: Topic | undefined;
  const subscriber = async () => {
    // Where to connect and how; what is undefined there must be absent for the generated client's types.
    const config = Object.entries(await pubsub.getClientConfig()).filter(([, value]) => value !== undefined);
    return (client ??= new v1.SubscriberClient(Object.fromEntries(config)));
  };
  const extend = async (letters: readonly DeadLetter[], ackDeadlineSeconds: number): Promise<void> => {
    if (letters.length === 0) return;
    const ackIds = letters.map(({ ackId }) => ackId);
    await (await subscriber()).modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds });
  };
  return {
    hold: async () => {
      try {
        const call = await subscriber();
        const [answer] = await call.pull(
          { subscription, maxMessages: PULL_MESSAGES_MAX },
          { timeout: settings.waitMs, retry: null },
        );
        const letters = (answer.receivedMessages ?? []).map(toLetter);
        await extend(letters, HELD_SECONDS);
        return letters;
      } catch (error) {
        if (codeOf(error) === DEADLINE_EXCEEDED) return [];
        throw error;
      }
    },
    putBack: async (letters) => {
      if (letters.length === 0) return;
      const to = (topic ??= pubsub.topic(settings.topic));
      await Promise.all(
        letters.map(({ data, attributes }) =>
          to.publishMessage({ data: Buffer.from(data), attributes: { ...attributes } }),
        ),
      );
      const ackIds = letters.map(({ ackId }) => ackId);
      await (await subscriber()).acknowledge({ subscription, ackIds });
    },
    release: (letters) => extend(letters, 0),
    close: async () => {
      await client?.close();
      await pubsub.close();
    },
  };
}
