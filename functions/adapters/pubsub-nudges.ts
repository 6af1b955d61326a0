// Publishes nudges to topic `incident-changes`, ordered by incident id.
import { PubSub, type Topic } from '@google-cloud/pubsub';
import type { Nudges } from '../ports.ts';

/** A nudge that takes longer is given up: the tick repairs it, and the entries are already safe. */
const PUBLISH_TIMEOUT_MS = 5_000;

/** The client connects when the first nudge is published. PUBSUB_EMULATOR_HOST is honoured by the SDK itself. */
export function createPubsubNudges(settings: { readonly project: string; readonly topic: string }): Nudges {
  let topic: Topic | undefined;
  const connect = (): Topic =>
    new PubSub({ projectId: settings.project }).topic(settings.topic, {
      messageOrdering: true,
      // One commit, one publish: nothing to wait for.
      batching: { maxMilliseconds: 0 },
      gaxOpts: { timeout: PUBLISH_TIMEOUT_MS },
    });
  return {
    publish: async (incidentIds, kind) => {
      topic ??= connect();
      const publisher = topic;
      const results = await Promise.allSettled(
        incidentIds.map((incident) =>
          publisher.publishMessage({
            data: Buffer.from('look'),
            attributes: kind === undefined ? { incident } : { incident, kind },
            orderingKey: incident,
          }),
        ),
      );
      const failed = results.flatMap((result, index) =>
        result.status === 'rejected' ? [{ result, index }] : [],
      );
      // After a failure the SDK holds back everything of that ordering key until it is resumed.
      for (const { index } of failed) publisher.resumePublishing(incidentIds[index] ?? '');
      const [first] = failed;
      if (first !== undefined)
        throw new Error(`${failed.length} of ${results.length} nudges not published`, {
          cause: first.result.reason,
        });
    },
  };
}
