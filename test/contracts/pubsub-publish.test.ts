// Publishing and its limits, filters, pulling and dead letters as a contract, by the real SDK.
import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { v1, type Message, type Subscription, type Topic } from '@google-cloud/pubsub';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  answer,
  embeddedTest,
  Inbox,
  openWorld,
  publish,
  startReceiver,
  type World,
} from './pubsub-harness.ts';

let world: World;
let subscriber: v1.SubscriberClient;

beforeEach(async () => {
  world = await openWorld();
  subscriber = new v1.SubscriberClient(world.stubOptions);
});

afterEach(async () => {
  await subscriber.close();
  await world.close();
});

/** Opens the SDK's streams; every message goes to the inbox after `handle` answered it. */
function listen(
  subscription: Subscription,
  handle: (message: Message) => void = (message) => message.ack(),
): Inbox<Message> {
  const inbox = new Inbox<Message>();
  subscription.on('message', (message: Message) => {
    handle(message);
    inbox.add(message);
  });
  return inbox;
}

/** Publishes past the SDK, which would batch and try again. */
async function publishOnce(topic: Topic, messages: { data?: Buffer; attributes?: Record<string, string> }[]) {
  const publisher = new v1.PublisherClient(world.stubOptions);
  try {
    return await publisher.publish({ topic: topic.name, messages }, { retry: { retryCodes: [] } });
  } finally {
    await publisher.close();
  }
}

async function pullOne(subscription: Subscription): Promise<{ ackId: string; text: string }> {
  const [response] = await subscriber.pull({ subscription: subscription.name, maxMessages: 1 });
  const one = response.receivedMessages?.[0];
  const data = one?.message?.data;
  return { ackId: one?.ackId ?? '', text: data instanceof Uint8Array ? Buffer.from(data).toString() : '' };
}

test('a published message is received whole, and acknowledged once for all', async () => {
  const topic = await world.topic();
  topic.setPublishOptions({ messageOrdering: true });
  const subscription = await world.subscribe(topic);
  const messageId = await topic.publishMessage({
    data: Buffer.from([0, 255, 7]),
    attributes: { a: '1', ü: '✓' },
    orderingKey: 'key',
  });
  const inbox = listen(subscription);
  const [message] = await inbox.until(1);
  expect(message?.id).toBe(messageId);
  expect([...(message?.data ?? [])]).toEqual([0, 255, 7]);
  expect(message?.attributes).toEqual({ a: '1', ü: '✓' });
  expect(message?.orderingKey).toBe('key');
  expect(Math.abs((message?.publishTime.getTime() ?? 0) - Date.now())).toBeLessThan(10_000);
  await subscription.close();
});

test('ids are unique and in order of the batch', async () => {
  const topic = await world.topic();
  const [response] = await publishOnce(
    topic,
    Array.from({ length: 1000 }, (_, index) => ({ data: Buffer.from(String(index)) })),
  );
  const ids = response.messageIds ?? [];
  expect(new Set(ids).size).toBe(1000);
  expect(ids).toEqual(ids.toSorted((one, other) => Number(one) - Number(other)));
});

test('every subscription of a topic gets every message', async () => {
  const topic = await world.topic();
  const [one, other] = [await world.subscribe(topic), await world.subscribe(topic)];
  await publish(topic, 'to both');
  expect((await pullOne(one)).text).toBe('to both');
  expect((await pullOne(other)).text).toBe('to both');
});

test('a message with neither data nor attributes is refused', async () => {
  const topic = await world.topic();
  await expect(publish(topic, '')).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
});

test('publishing to a topic that does not exist is refused', async () => {
  const missing = world.client.topic('no-such-topic');
  await expect(publish(missing, 'lost')).rejects.toMatchObject({ code: status.NOT_FOUND });
});

embeddedTest.for<[string, { data?: Buffer; attributes?: Record<string, string> }[]]>([
  ['more than 10 MB', [{ data: Buffer.alloc(10_000_001) }]],
  [
    'messages of more than 10 MB together',
    [{ data: Buffer.alloc(6_000_000) }, { data: Buffer.alloc(4_000_001) }],
  ],
  ['more than 1000 messages', Array.from({ length: 1001 }, () => ({ data: Buffer.from('x') }))],
  ['an attribute key of more than 256 bytes', [{ attributes: { ['k'.repeat(257)]: 'v' } }]],
  ['an attribute value of more than 1024 bytes', [{ attributes: { k: 'v'.repeat(1025) } }]],
  ['a reserved attribute key', [{ attributes: { googclient: 'v' } }]],
  ['one empty message among others', [{ data: Buffer.from('x') }, {}]],
])('a request with %s is refused as a whole', async ([, messages]) => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  await expect(publishOnce(topic, messages)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  expect(world.embedded().stats().subscriptions[subscription.name]?.backlog).toBe(0);
});

test('a message of just 10 MB passes', async () => {
  const topic = await world.topic();
  const receiver = await startReceiver();
  await world.subscribe(topic, { pushEndpoint: receiver.url });
  await publishOnce(topic, [{ data: Buffer.alloc(9_999_999, 'x') }]);
  const [push] = await receiver.pushes.until(1);
  expect(push?.text.length).toBe(9_999_999);
  await receiver.close();
});

embeddedTest('past the memory bound publishing is refused, and acks make room again', async () => {
  await world.close();
  world = await openWorld({ backlogBytesMax: 3000 });
  subscriber = new v1.SubscriberClient(world.stubOptions);
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  const kilobyte = [{ data: Buffer.alloc(1000, 'x') }];
  await publishOnce(topic, kilobyte);
  await expect(publishOnce(topic, [...kilobyte, ...kilobyte])).rejects.toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
  });
  expect(world.embedded().stats().backlogBytes).toBe(1512);
  const { ackId } = await pullOne(subscription);
  await subscriber.acknowledge({ subscription: subscription.name, ackIds: [ackId] });
  expect(world.embedded().stats().backlogBytes).toBe(0);
  await publishOnce(topic, kilobyte);
  await subscription.delete();
  expect(world.embedded().stats().backlogBytes).toBe(0);
});

embeddedTest('a message that no subscription takes costs nothing', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic, { filter: 'attributes:wanted' });
  await publish(topic, 'not wanted');
  expect(world.embedded().stats()).toMatchObject({
    backlogBytes: 0,
    subscriptions: { [subscription.name]: { backlog: 0, outstanding: 0 } },
  });
});

// Google's emulator ignores filters.
embeddedTest('a filter lets through what it describes', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic, {
    filter: 'attributes.color = "red" AND NOT (attributes:old OR hasPrefix(attributes.name, "x"))',
  });
  await publish(topic, 'blue', { color: 'blue' });
  await publish(topic, 'old', { color: 'red', old: '' });
  await publish(topic, 'named', { color: 'red', name: 'xy' });
  await publish(topic, 'red', { color: 'red', name: 'yx' });
  expect((await pullOne(subscription)).text).toBe('red');
});

embeddedTest('a filter that cannot be read is refused', async () => {
  const topic = await world.topic();
  const refused = world.subscribe(topic, { filter: 'attributes.color = red' });
  await expect(refused).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
});

test('a nack brings the message back', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  let nacked = false;
  const inbox = listen(subscription, (message) => {
    if (nacked) return message.ack();
    nacked = true;
    message.nack();
  });
  const messageId = await publish(topic, 'again');
  expect((await inbox.until(2)).map((message) => message.id)).toEqual([messageId, messageId]);
  await subscription.close();
});

test('a pulled message comes back after its deadline, and an acknowledged one does not', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic, { ackDeadlineSeconds: 1 });
  await publish(topic, 'first');
  const first = await pullOne(subscription);
  await subscriber.acknowledge({ subscription: subscription.name, ackIds: [first.ackId] });
  await publish(topic, 'second');
  const second = await pullOne(subscription);
  const again = await pullOne(subscription);
  expect([first.text, second.text, again.text]).toEqual(['first', 'second', 'second']);
  expect(again.ackId).not.toBe(second.ackId);
});

embeddedTest('a longer deadline keeps the message leased', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic, { ackDeadlineSeconds: 1 });
  await Promise.all([publish(topic, 'kept'), publish(topic, 'let go')]);
  const [one] = [await pullOne(subscription), await pullOne(subscription)];
  const request = { subscription: subscription.name, ackIds: [one.ackId] };
  await subscriber.modifyAckDeadline({ ...request, ackDeadlineSeconds: 60 });
  await world.events.until(1, (event) => event.kind === 'expired');
  expect(world.embedded().stats().subscriptions[subscription.name]).toMatchObject({
    outstanding: 1,
    backlog: 1,
  });
  await subscriber.modifyAckDeadline({ ...request, ackDeadlineSeconds: 0 });
  expect(world.embedded().stats().subscriptions[subscription.name]).toMatchObject({
    outstanding: 0,
    backlog: 2,
    nacked: 1,
    expired: 1,
  });
});

test('a pull waits for a message; one that shall return at once does not', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  const [empty] = await subscriber.pull({
    subscription: subscription.name,
    maxMessages: 1,
    returnImmediately: true,
  });
  expect(empty.receivedMessages).toEqual([]);
  const waiting = pullOne(subscription);
  await publish(topic, 'at last');
  expect((await waiting).text).toBe('at last');
});

embeddedTest('open streams share the messages, and all are freed in the end', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  const inbox = listen(subscription);
  await Promise.all(Array.from({ length: 1000 }, (_, index) => publish(topic, String(index))));
  expect(new Set((await inbox.until(1000)).map((message) => message.id)).size).toBe(1000);
  await world.events.until(1000, (event) => event.kind === 'acked');
  expect(world.embedded().stats()).toEqual({
    backlogBytes: 0,
    subscriptions: {
      [subscription.name]: {
        outstanding: 0,
        backlog: 0,
        acked: 1000,
        nacked: 0,
        expired: 0,
        deadLettered: 0,
        oldestUnackedMs: 0,
      },
    },
  });
  await subscription.close();
});

embeddedTest('a stream answers pings, keeps to its limit, and takes acks', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  await Promise.all(['one', 'two', 'three'].map((text) => publish(topic, text)));
  const stream = subscriber.streamingPull();
  const answers = new Inbox<{ receivedMessages?: { ackId: string }[] }>();
  stream.on('data', (data) => answers.add(data));
  stream.write({ subscription: subscription.name, streamAckDeadlineSeconds: 10, maxOutstandingMessages: 2 });
  const [first] = await answers.until(1);
  expect(first?.receivedMessages).toHaveLength(2);
  expect(world.embedded().stats().subscriptions[subscription.name]?.outstanding).toBe(2);
  stream.write({ ackIds: [first?.receivedMessages?.[0]?.ackId ?? ''] });
  const later = await answers.until(3);
  expect(
    later
      .slice(1)
      .map((one) => one.receivedMessages?.length)
      .toSorted((one, other) => Number(one) - Number(other)),
  ).toEqual([0, 1]);
  const ended = once(stream, 'end');
  stream.end();
  await ended;
});

embeddedTest('a stream of a deleted subscription ends with NOT_FOUND', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  const failures = new Inbox<unknown>();
  subscription.on('message', () => undefined);
  subscription.on('error', (error) => failures.add(error));
  await publish(topic, 'delivered, so the stream is open');
  await world.events.until(1, (event) => event.kind === 'delivered');
  await world.client.subscription(subscription.name).delete();
  const [failure] = await failures.until(1);
  expect(failure).toMatchObject({ code: status.NOT_FOUND });
  await subscription.close();
});

embeddedTest('a server that shuts down makes streams try again, not fail', async () => {
  const topic = await world.topic();
  const subscription = await world.subscribe(topic);
  const failures = new Inbox<unknown>();
  const notices = new Inbox<{ message: string }>();
  subscription.on('message', () => undefined);
  subscription.on('error', (error) => failures.add(error));
  subscription.on('debug', (notice) => notices.add(notice));
  await publish(topic, 'delivered, so the stream is open');
  await world.events.until(1, (event) => event.kind === 'delivered');
  await world.embedded().close();
  const retried = `status ${status.UNAVAILABLE}; will be retried`;
  await notices.until(1, (notice) => notice.message.includes(retried));
  expect(failures.items).toEqual([]);
  await subscription.close();
});

embeddedTest(
  'after its last attempt a message goes to the dead letter topic with where it came from',
  async () => {
    await world.close();
    world = await openWorld({ pushBackoff: { minimumMs: 0, maximumMs: 0 } });
    subscriber = new v1.SubscriberClient(world.stubOptions);
    const receiver = await startReceiver((push) => answer(push, push.text === 'bad' ? 500 : 204));
    const [topic, graves] = [await world.topic(), await world.topic()];
    const deadLetterPolicy = { deadLetterTopic: graves.name, maxDeliveryAttempts: 6 };
    const source = await world.subscribe(topic, { pushEndpoint: receiver.url, deadLetterPolicy });
    const letters = await world.subscribe(graves);
    await publish(topic, 'good');
    await publish(topic, 'bad', { own: 'attribute' });
    const inbox = listen(letters);
    const [letter] = await inbox.until(1);
    const bad = receiver.pushes.items.filter((push) => push.text === 'bad');
    expect(bad.map((push) => push.body.deliveryAttempt)).toEqual([1, 2, 3, 4, 5, 6]);
    const published = bad[0]?.body.message.publishTime.replace('Z', '+00:00');
    const [, project, , id] = source.name.split('/');
    expect(letter?.data.toString()).toBe('bad');
    expect(letter?.attributes).toEqual({
      own: 'attribute',
      CloudPubSubDeadLetterSourceDeliveryCount: '6',
      CloudPubSubDeadLetterSourceSubscription: id,
      CloudPubSubDeadLetterSourceSubscriptionProject: project,
      CloudPubSubDeadLetterSourceTopicPublishTime: published,
    });
    expect(world.embedded().stats().subscriptions[source.name]).toMatchObject({
      acked: 1,
      nacked: 6,
      deadLettered: 1,
      backlog: 0,
      outstanding: 0,
    });
    await letters.close();
    await receiver.close();
  },
);

embeddedTest('without its dead letter topic a message stays and is tried on', async () => {
  await world.close();
  world = await openWorld({ pushBackoff: { minimumMs: 0, maximumMs: 0 } });
  subscriber = new v1.SubscriberClient(world.stubOptions);
  const receiver = await startReceiver((push) => answer(push, 500));
  const [topic, graves] = [await world.topic(), await world.topic()];
  const deadLetterPolicy = { deadLetterTopic: graves.name, maxDeliveryAttempts: 5 };
  const source = await world.subscribe(topic, { pushEndpoint: receiver.url, deadLetterPolicy });
  await graves.delete();
  await publish(topic, 'nowhere to go');
  await receiver.pushes.until(8);
  expect(world.embedded().stats().subscriptions[source.name]?.deadLettered).toBe(0);
  await receiver.close();
});
