// Topics, push subscriptions and dead letters of the one-machine run, as infra/ makes them in production.
// In: a client of Pub/Sub and where to push to. It publishes and receives nothing itself.
import type { PubSub } from '@google-cloud/pubsub';

export interface Names {
  readonly project: string;
  readonly logEntries: string;
  readonly incidentChanges: string;
}

/** Where a function listens. */
export const endpointOf = (port: number): string => `http://127.0.0.1:${port}/`;

/** What wakes `diagnose`: the same topic, but only what is meant for it. */
export async function subscribeDiagnose(pubsub: PubSub, names: Names, port: number): Promise<void> {
  await pubsub.topic(names.incidentChanges).createSubscription(`${names.incidentChanges}-to-diagnose`, {
    pushConfig: { pushEndpoint: endpointOf(port) },
    ackDeadlineSeconds: 60,
    enableMessageOrdering: true,
    filter: 'attributes.kind = "diagnose"',
    retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 60 } },
  });
}

/** Where the subscriptions push to. */
export type Endpoints = Readonly<Record<'classify' | 'reconcile', string>>;

/** Topics, push subscriptions and dead letters, as infra/ makes them in production. */
export async function createTopics(pubsub: PubSub, names: Names, endpoints: Endpoints): Promise<void> {
  const routes = [
    { topic: names.logEntries, to: 'classify', ordered: false },
    { topic: names.incidentChanges, to: 'reconcile', ordered: true },
  ] as const;
  for (const { topic, to, ordered } of routes) {
    const [dead] = await pubsub.createTopic(`${topic}-dead`);
    await dead.createSubscription(`${topic}-dead`);
    const [made] = await pubsub.createTopic(topic);
    await made.createSubscription(`${topic}-to-${to}`, {
      pushConfig: { pushEndpoint: endpoints[to] },
      ackDeadlineSeconds: 60,
      enableMessageOrdering: ordered,
      ...(to === 'reconcile' ? { filter: 'NOT attributes:kind' } : {}),
      retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 60 } },
      deadLetterPolicy: {
        deadLetterTopic: `projects/${names.project}/topics/${topic}-dead`,
        maxDeliveryAttempts: 100,
      },
    });
  }
}
