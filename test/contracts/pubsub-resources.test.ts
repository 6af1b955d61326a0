// Topics and subscriptions as a contract: what can be created, changed and refused, by the real SDK.
import { status } from '@grpc/grpc-js';
import { v1, type CreateSubscriptionOptions, type PubSub } from '@google-cloud/pubsub';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { embeddedTest, openWorld, type World } from './pubsub-harness.ts';

let world: World;
let client: PubSub;

beforeAll(async () => {
  world = await openWorld({ ackDeadlineMinimumSeconds: 10 });
  client = world.client;
});

afterAll(() => world.close());

/** The gRPC code that a call fails with; fails the test if it does not. */
async function codeOf(call: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  const error: unknown = await call.then(
    () => new Error('the call did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('not an error');
  return { code: 'code' in error ? error.code : undefined, message: error.message };
}

test('a topic is created once, found, listed and deleted', async () => {
  const topic = await world.topic();
  expect(await codeOf(client.createTopic(topic.name))).toMatchObject({ code: status.ALREADY_EXISTS });
  const [metadata] = await topic.getMetadata();
  expect(metadata.name).toBe(topic.name);
  const [all] = await client.getTopics();
  expect(all.map((one) => one.name)).toContain(topic.name);
  await topic.delete();
  expect(await codeOf(topic.getMetadata())).toMatchObject({ code: status.NOT_FOUND });
  expect(await codeOf(topic.delete())).toMatchObject({ code: status.NOT_FOUND });
});

test.for(['1st', 'ab', 'goog-topic', 'with space'])('the topic name %o is refused', async (name) => {
  expect(await codeOf(client.createTopic(name))).toMatchObject({ code: status.INVALID_ARGUMENT });
});

test('a list has pages, and only the project asked for', async () => {
  const [fresh, stranger] = await Promise.all([openWorld(), openWorld()]);
  const names = (await Promise.all([fresh.topic(), fresh.topic(), fresh.topic()])).map((one) => one.name);
  await stranger.topic();
  const [first, query] = await fresh.client.getTopics({ pageSize: 2, autoPaginate: false });
  const [second] = await fresh.client.getTopics({ ...query, autoPaginate: false });
  expect([...first, ...second].map((one) => one.name).toSorted()).toEqual(names.toSorted());
  expect(first).toHaveLength(2);
  await Promise.all([fresh.close(), stranger.close()]);
});

embeddedTest('labels and retention of a topic can be changed', async () => {
  const topic = await world.topic();
  await topic.setMetadata({ labels: { team: 'mesh' }, messageRetentionDuration: { seconds: 3600 } });
  const [metadata] = await topic.getMetadata();
  expect(metadata.labels).toEqual({ team: 'mesh' });
  expect(Number(metadata.messageRetentionDuration?.seconds)).toBe(3600);
});

test('a subscription has the defaults of Pub/Sub', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  const [metadata] = await subscription.getMetadata();
  expect(metadata).toMatchObject({
    name: subscription.name,
    topic: topic.name,
    ackDeadlineSeconds: 10,
    retryPolicy: null,
    deadLetterPolicy: null,
    enableMessageOrdering: false,
    pushConfig: { pushEndpoint: '' },
  });
  expect(Number(metadata.messageRetentionDuration?.seconds)).toBe(7 * 24 * 3600);
});

test('an empty retry policy means 10 s to 600 s', async () => {
  const subscription = await world.subscribe(await world.topic(), { retryPolicy: {} });
  const [metadata] = await subscription.getMetadata();
  expect(metadata.retryPolicy).toMatchObject({
    minimumBackoff: { seconds: '10' },
    maximumBackoff: { seconds: '600' },
  });
});

test('a subscription is created once, found by its topic and in lists, and deleted', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  const again = client.createSubscription(topic, subscription.name);
  expect(await codeOf(again)).toMatchObject({ code: status.ALREADY_EXISTS });
  const [ofTopic] = await topic.getSubscriptions();
  expect(ofTopic.map((one) => one.name)).toEqual([subscription.name]);
  const [all] = await client.getSubscriptions();
  expect(all.map((one) => one.name)).toContain(subscription.name);
  await subscription.delete();
  expect(await codeOf(subscription.getMetadata())).toMatchObject({ code: status.NOT_FOUND });
  expect(await codeOf(subscription.delete())).toMatchObject({ code: status.NOT_FOUND });
});

test('a subscription needs a topic, and outlives it', async () => {
  const missing = client.topic('no-such-topic').createSubscription('some-subscription');
  expect(await codeOf(missing)).toMatchObject({ code: status.NOT_FOUND });
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  await topic.delete();
  const [metadata] = await subscription.getMetadata();
  expect(metadata.topic).toBe('_deleted-topic_');
});

test('deadline, retry policy and push endpoint of a subscription can be changed, its filter cannot', async () => {
  const subscription = await world.subscribe(await world.topic());
  await subscription.setMetadata({
    ackDeadlineSeconds: 33,
    retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 2 } },
  });
  await subscription.modifyPushConfig({ pushEndpoint: 'http://127.0.0.1:9/push' });
  const [metadata] = await subscription.getMetadata();
  expect(metadata).toMatchObject({
    ackDeadlineSeconds: 33,
    retryPolicy: { minimumBackoff: { seconds: '1' }, maximumBackoff: { seconds: '2' } },
    pushConfig: { pushEndpoint: 'http://127.0.0.1:9/push' },
  });
  const refused = await codeOf(subscription.setMetadata({ filter: 'attributes:x' }));
  expect(refused.code).toBe(status.INVALID_ARGUMENT);
});

test.for([
  { minimumBackoff: { seconds: 700 } },
  { minimumBackoff: { seconds: 50 }, maximumBackoff: { seconds: 20 } },
])('the retry policy %j is refused', async (retryPolicy) => {
  const refused = await codeOf(world.subscribe(await world.topic(), { retryPolicy }));
  expect(refused.code).toBe(status.INVALID_ARGUMENT);
});

test('a dead letter policy needs a topic that exists and at least 5 attempts', async () => {
  const topic = await world.topic();
  const missing = { deadLetterTopic: `${topic.name}-missing`, maxDeliveryAttempts: 5 };
  const few = { deadLetterTopic: topic.name, maxDeliveryAttempts: 4 };
  const nowhere = await codeOf(world.subscribe(topic, { deadLetterPolicy: missing }));
  expect(nowhere.code).toBe(status.NOT_FOUND);
  const impatient = await codeOf(world.subscribe(topic, { deadLetterPolicy: few }));
  expect(impatient.code).toBe(status.OUT_OF_RANGE);
});

embeddedTest.for<[string, CreateSubscriptionOptions]>([
  ['an ack deadline under 10 s', { ackDeadlineSeconds: 9 }],
  ['an ack deadline over 600 s', { ackDeadlineSeconds: 601 }],
  ['a retention over 31 days', { messageRetentionDuration: 32 * 24 * 3600 }],
  ['a retention under 10 minutes', { messageRetentionDuration: 60 }],
])('%s is refused', async ([, options]) => {
  const refused = await codeOf(world.subscribe(await world.topic(), options));
  expect(refused.code).toBe(status.INVALID_ARGUMENT);
});

embeddedTest.for([
  'http://192.0.2.1/push',
  'http://127.0.0.1.example.com/push',
  'http://example.com:8080/push',
  'https://127.0.0.1/push',
  'http://[::1]:80/push',
  'file:///etc/passwd',
  'not a url',
])('the push endpoint %s is refused: pushes stay on this machine', async (pushEndpoint) => {
  const topic = await world.topic();
  const created = await codeOf(world.subscribe(topic, { pushEndpoint }));
  expect(created.code).toBe(status.INVALID_ARGUMENT);
  expect(created.message).toContain('pushes only to http://127.0.0.1 and http://localhost');
  const changed = await codeOf((await world.subscribe(topic)).modifyPushConfig({ pushEndpoint }));
  expect(changed.code).toBe(status.INVALID_ARGUMENT);
});

embeddedTest('a push subscription cannot be pulled', async () => {
  const subscription = await world.subscribe(await world.topic(), { pushEndpoint: 'http://127.0.0.1:9/' });
  const subscriber = new v1.SubscriberClient(world.stubOptions);
  const refused = await codeOf(subscriber.pull({ subscription: subscription.name, maxMessages: 1 }));
  expect(refused.code).toBe(status.FAILED_PRECONDITION);
  await subscriber.close();
});

embeddedTest('what the embedded server cannot do is refused by name', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  const refusals = await Promise.all([
    codeOf(subscription.seek(new Date())),
    codeOf(subscription.createSnapshot('some-snapshot')),
    codeOf(client.createSchema('some-schema', 'AVRO', '{}')),
    codeOf(client.detachSubscription(subscription.name)),
    codeOf(world.subscribe(topic, { enableExactlyOnceDelivery: true })),
    codeOf(client.createTopic({ name: 'with-schema', schemaSettings: { schema: 'x' } })),
  ]);
  expect(refusals.map(({ code }) => code)).toEqual(refusals.map(() => status.UNIMPLEMENTED));
  const names = [
    'Seek',
    'CreateSnapshot',
    'CreateSchema',
    'DetachSubscription',
    'exactly-once',
    'schemaSettings',
  ];
  names.forEach((name, index) =>
    expect(refusals[index]?.message).toContain(`embedded Pub/Sub does not implement ${name}`),
  );
});
