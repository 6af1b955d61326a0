// The topics and subscriptions that exist, and publishing: from a topic to each of its subscriptions.
// In: resources, messages. Out: resources, message ids, or a StatusError. Never looks at delivery.
import { status } from '@grpc/grpc-js';
import type { Environment } from './environment.ts';
import { invalid, notFound, StatusError, unimplemented } from './grpc.ts';
import { checkRequest, costOf, store, type MessageContent, type StoredMessage } from './message.ts';
import { pushConsumer } from './push.ts';
import { merged, readSettings, type Settings } from './settings.ts';
import { Subscription, type Consumer, type SubscriptionStats } from './subscription.ts';
import type { WirePushConfig, WireSubscription, WireTopic } from './wire.ts';

const NAME = /^projects\/[^/]+\/(?<kind>topics|subscriptions)\/(?!goog)[A-Za-z][A-Za-z0-9._~%+-]{2,254}$/;
/** What a subscription shows as its topic once that is deleted. */
const DELETED_TOPIC = '_deleted-topic_';
/** Message ids are seconds since 1970 at the start times this, plus a counter: unique over restarts. */
const IDS_PER_SECOND = 1_000_000;

interface Topic {
  resource: WireTopic;
  readonly subscriptions: Set<Subscription>;
}

function checkName(name: string, kind: 'topics' | 'subscriptions'): void {
  if (NAME.exec(name)?.groups?.['kind'] !== kind) throw invalid(`Invalid [${kind}] name: (name=${name})`);
}

function checkTopic(resource: WireTopic): void {
  checkName(resource.name, 'topics');
  if (resource.schemaSettings !== null) throw unimplemented('schemaSettings');
  if (resource.ingestionDataSourceSettings !== null) throw unimplemented('ingestionDataSourceSettings');
  if (resource.messageTransforms.length > 0) throw unimplemented('messageTransforms');
  if (resource.kmsKeyName !== '') throw unimplemented('kmsKeyName');
}

/** Google's attributes of a message that was given up, e.g. a publish time of `2026-01-31T10:53:45.123+00:00`. */
function deadLetterOf(message: StoredMessage, subscription: string, attempts: number): MessageContent {
  const [, project = '', , id = ''] = subscription.split('/');
  const published = new Date(message.publishedMs).toISOString().replace('Z', '+00:00');
  return {
    data: message.data,
    orderingKey: message.orderingKey,
    attributes: {
      ...message.attributes,
      CloudPubSubDeadLetterSourceDeliveryCount: String(attempts),
      CloudPubSubDeadLetterSourceSubscription: id,
      CloudPubSubDeadLetterSourceSubscriptionProject: project,
      CloudPubSubDeadLetterSourceTopicPublishTime: published,
    },
  };
}

export class Topics {
  readonly #environment: Environment;
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #pushers = new Map<Subscription, { readonly endpoint: string; readonly consumer: Consumer }>();
  #lastId: number;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#lastId = Math.floor(environment.now() / 1000) * IDS_PER_SECOND;
  }

  createTopic(resource: WireTopic): WireTopic {
    checkTopic(resource);
    if (this.#topics.has(resource.name)) throw new StatusError(status.ALREADY_EXISTS, 'Topic already exists');
    this.#topics.set(resource.name, { resource, subscriptions: new Set() });
    return resource;
  }

  getTopic(name: string): WireTopic {
    return this.#topic(name).resource;
  }

  updateTopic(wanted: WireTopic, paths: readonly string[]): WireTopic {
    const topic = this.#topic(wanted.name);
    for (const path of paths) {
      if (path === 'labels') topic.resource = { ...topic.resource, labels: wanted.labels };
      else if (path === 'message_retention_duration')
        topic.resource = { ...topic.resource, messageRetentionDuration: wanted.messageRetentionDuration };
      else throw invalid(`Invalid update_mask: ${path} is not a field of a topic that can be updated here`);
    }
    return topic.resource;
  }

  /** Its subscriptions stay, with what waits in them. */
  deleteTopic(name: string): void {
    for (const subscription of this.#topic(name).subscriptions) {
      const { settings } = subscription;
      subscription.settings = { ...settings, resource: { ...settings.resource, topic: DELETED_TOPIC } };
    }
    this.#topics.delete(name);
  }

  listTopics(project: string): readonly WireTopic[] {
    return [...this.#topics.values()]
      .map((topic) => topic.resource)
      .filter((resource) => resource.name.startsWith(`${project}/`));
  }

  topicSubscriptions(name: string): readonly string[] {
    return [...this.#topic(name).subscriptions].map((subscription) => subscription.name);
  }

  createSubscription(wire: WireSubscription): WireSubscription {
    checkName(wire.name, 'subscriptions');
    if (this.#subscriptions.has(wire.name))
      throw new StatusError(status.ALREADY_EXISTS, 'Subscription already exists');
    const topic = this.#topics.get(wire.topic);
    if (topic === undefined) throw notFound('Subscription topic does not exist');
    const subscription = new Subscription(this.#read(wire), this.#environment, (message, attempts) =>
      this.#giveUp(subscription, message, attempts),
    );
    this.#subscriptions.set(wire.name, subscription);
    topic.subscriptions.add(subscription);
    this.#connect(subscription);
    return subscription.settings.resource;
  }

  subscription(name: string): Subscription {
    const subscription = this.#subscriptions.get(name);
    if (subscription === undefined) throw notFound(`Subscription does not exist (resource=${name})`);
    return subscription;
  }

  updateSubscription(wanted: WireSubscription, paths: readonly string[]): WireSubscription {
    const subscription = this.subscription(wanted.name);
    subscription.settings = this.#read(merged(subscription.settings.resource, wanted, paths));
    this.#connect(subscription);
    return subscription.settings.resource;
  }

  modifyPushConfig(name: string, pushConfig: WirePushConfig | null): void {
    const wanted = { ...this.subscription(name).settings.resource, pushConfig };
    this.updateSubscription(wanted, ['push_config']);
  }

  deleteSubscription(name: string): void {
    const subscription = this.subscription(name);
    this.#subscriptions.delete(name);
    this.#topics.get(subscription.settings.resource.topic)?.subscriptions.delete(subscription);
    this.#pushers.delete(subscription);
    subscription.close(notFound('Subscription does not exist'));
  }

  listSubscriptions(project: string): readonly WireSubscription[] {
    return [...this.#subscriptions.values()]
      .map((subscription) => subscription.settings.resource)
      .filter((resource) => resource.name.startsWith(`${project}/`));
  }

  /** Queues the messages, all or none, and returns their ids in order. */
  publish(name: string, messages: readonly MessageContent[]): string[] {
    const topic = this.#topic(name);
    checkRequest(messages);
    const cost = messages.reduce((sum, message) => sum + costOf(message), 0);
    const { budget } = this.#environment;
    if (!budget.fits(cost))
      throw new StatusError(
        status.RESOURCE_EXHAUSTED,
        `the embedded Pub/Sub holds at most ${budget.maximumBytes} bytes of unacknowledged messages`,
      );
    const ids = messages.map((message) => this.#enqueue(topic, message));
    for (const subscription of topic.subscriptions) subscription.dispatch();
    return ids;
  }

  stats(): Readonly<Record<string, SubscriptionStats>> {
    const all = [...this.#subscriptions].map(([name, one]) => [name, one.stats()] as const);
    return Object.fromEntries(all);
  }

  /** UNAVAILABLE lets the clients try again, as they would with any server that restarts. */
  close(): void {
    const reason = new StatusError(status.UNAVAILABLE, 'the embedded Pub/Sub is shutting down');
    for (const subscription of this.#subscriptions.values()) subscription.close(reason);
    this.#subscriptions.clear();
    this.#topics.clear();
    this.#pushers.clear();
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw notFound(`Topic not found (resource=${name})`);
    return topic;
  }

  #enqueue(topic: Topic, content: MessageContent): string {
    this.#lastId += 1;
    const messageId = String(this.#lastId);
    const message = store(content, { messageId, nowMs: this.#environment.now() });
    for (const subscription of topic.subscriptions) subscription.enqueue(message);
    this.#environment.observe({ kind: 'published', topic: topic.resource.name, messageId });
    return messageId;
  }

  #giveUp(subscription: Subscription, message: StoredMessage, attempts: number): boolean {
    const topic = this.#topics.get(subscription.settings.deadLetter?.topic ?? '');
    const content = deadLetterOf(message, subscription.name, attempts);
    if (topic === undefined || !this.#environment.budget.fits(costOf(content))) return false;
    this.#enqueue(topic, content);
    for (const one of topic.subscriptions) one.dispatch();
    return true;
  }

  #read(wire: WireSubscription): Settings {
    const settings = readSettings(wire, this.#environment.ackDeadlineMinimumSeconds);
    if (settings.deadLetter !== undefined && !this.#topics.has(settings.deadLetter.topic))
      throw notFound('Dead letter topic not found');
    return settings;
  }

  /** Sees to it that a push subscription has one sender, for its present endpoint, and a pull subscription none. */
  #connect(subscription: Subscription): void {
    const endpoint = subscription.settings.pushEndpoint;
    const pusher = this.#pushers.get(subscription);
    if (pusher?.endpoint === endpoint?.href) return;
    if (pusher !== undefined) subscription.removeConsumer(pusher.consumer);
    this.#pushers.delete(subscription);
    if (endpoint === undefined) return;
    const consumer = pushConsumer(subscription, endpoint, this.#environment);
    this.#pushers.set(subscription, { endpoint: endpoint.href, consumer });
    subscription.addConsumer(consumer);
  }
}
