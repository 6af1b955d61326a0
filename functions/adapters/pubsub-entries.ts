// Publishes LogEntries to the sink's topic, as the sink itself would. In: entries and attributes. Out: published, all of
// them, or in plain words why not. Never rejects.
import { PubSub, type Topic } from '@google-cloud/pubsub';

const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;

/** One publishing request; Pub/Sub takes 1,000 messages and 10 MB. */
const BATCH = { maxMessages: 500, maxBytes: 4 * 1_048_576, maxMilliseconds: 20 } as const;

export type Published = { readonly kind: 'published' } | { readonly kind: 'failed'; readonly why: string };

export interface EntryPublisher {
  /** Resolves once Pub/Sub has acknowledged each of them; after a failure some may be published. */
  readonly publish: (
    entries: readonly object[],
    attributes: Readonly<Record<string, string>>,
  ) => Promise<Published>;
  readonly close: () => Promise<void>;
}

function whyOf(error: unknown, place: { readonly project: string; readonly topic: string }): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const { project, topic } = place;
  if (code === NOT_FOUND) return `there is no topic ${topic} in project ${project}`;
  if (code === PERMISSION_DENIED)
    return `no permission to publish to projects/${project}/topics/${topic}: it takes pubsub.topics.publish (roles/pubsub.publisher)`;
  return `Pub/Sub: ${error instanceof Error ? error.message : String(error)}`;
}

/** The client connects at the first entry. PUBSUB_EMULATOR_HOST is honoured by the SDK itself. */
export function createEntryPublisher(place: {
  readonly project: string;
  readonly topic: string;
}): EntryPublisher {
  const pubsub = new PubSub({ projectId: place.project });
  let topic: Topic | undefined;
  return {
    publish: async (entries, attributes) => {
      const to = (topic ??= pubsub.topic(place.topic, { batching: BATCH }));
      const results = await Promise.allSettled(
        entries.map((entry) =>
          to.publishMessage({ data: Buffer.from(JSON.stringify(entry)), attributes: { ...attributes } }),
        ),
      );
      const failed = results.find((result) => result.status === 'rejected');
      return failed === undefined
        ? { kind: 'published' }
        : { kind: 'failed', why: whyOf(failed.reason, place) };
    },
    close: () => pubsub.close(),
  };
}
