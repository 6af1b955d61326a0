// Publishes messages to the sink's topic, as fast as the pipeline takes them and no faster: memory stays bounded.
// In: messages one by one. Out: how many were published and how many distinct entries they hold.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PubSub } from '@google-cloud/pubsub';
import { hash64 } from '#shared/model/hash.ts';

/** Messages that may be on their way to Pub/Sub. */
const PUBLISHING_MAX = 1_000;

/** Messages that may wait in Pub/Sub before the replay pauses. */
const BACKLOG_MAX = 5_000;

/** The backlog is asked for every so many messages. */
const ASK_EVERY = 1_000;

export interface OutgoingMessage {
  readonly data: Uint8Array;
  /** What makes two messages the same entry: logName, timestamp and insertId of a LogEntry, the content of anything else. */
  readonly identity: string;
}

export interface Replayed {
  readonly published: number;
  readonly distinct: number;
}

export interface ReplayTo {
  readonly pubsub: PubSub;
  readonly topic: string;
  /** Messages not yet acknowledged; undefined where nobody can tell. */
  readonly backlog: () => Promise<number | undefined>;
  readonly onProgress: (published: number) => void;
}

/** 53 bits of the identity's hash: for a million entries the chance that two share one is one in ten thousand. */
function fingerprint(identity: string): number {
  const { high, low } = hash64(identity);
  return (high >>> 11) * 4_294_967_296 + low;
}

/** Publishes all of them. Rejects with the first publishing error. */
export async function replay(messages: AsyncIterable<OutgoingMessage>, to: ReplayTo): Promise<Replayed> {
  const topic = to.pubsub.topic(to.topic, { batching: { maxMessages: 200, maxMilliseconds: 20 } });
  const distinct = new Set<number>();
  let published = 0;
  let underway = 0;
  let failure: unknown;
  const waiters = new EventTarget();
  const landed = (): void => {
    underway -= 1;
    waiters.dispatchEvent(new Event('landed'));
  };
  const failed = (error: unknown): void => {
    failure ??= error;
    landed();
  };
  for await (const message of messages) {
    if (failure !== undefined) break;
    underway += 1;
    topic.publishMessage({ data: message.data }).then(landed, failed);
    published += 1;
    distinct.add(fingerprint(message.identity));
    while (underway >= PUBLISHING_MAX) await once(waiters, 'landed');
    if (published % ASK_EVERY === 0) {
      to.onProgress(published);
      while (((await to.backlog()) ?? 0) > BACKLOG_MAX) await sleep(50);
    }
  }
  await topic.flush();
  while (underway > 0) await once(waiters, 'landed');
  if (failure !== undefined) throw new Error('publishing failed', { cause: failure });
  to.onProgress(published);
  return { published, distinct: distinct.size };
}
