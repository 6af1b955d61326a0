// Push delivery as a contract: the real SDK publishes, a real HTTP server receives.
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  answer,
  embeddedTest,
  openWorld,
  publish,
  startReceiver,
  type Push,
  type Receiver,
  type World,
} from './pubsub-harness.ts';

let world: World;
const receivers: Receiver[] = [];

beforeEach(async () => {
  world = await openWorld();
});

afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
  await world.close();
});

async function receiver(handle?: (push: Push) => void, port?: number): Promise<Receiver> {
  const one = await startReceiver(handle, port);
  receivers.push(one);
  return one;
}

/** Answers the first push of each text with what `first` says, everything else with 204. */
function onceOnly(first: (push: Push) => void): (push: Push) => void {
  const seen = new Set<string>();
  return (push) => {
    if (seen.has(push.text)) return answer(push, 204);
    seen.add(push.text);
    first(push);
  };
}

test('a push is a POST whose JSON body wraps the message and names the subscription', async () => {
  const { url, pushes } = await receiver();
  const topic = await world.topic();
  const subscription = await world.subscribe(topic, { pushEndpoint: url });
  const before = Date.now();
  const messageId = await publish(topic, 'hello ✓', { color: 'red' });
  const [push] = await pushes.until(1);
  expect(push?.request.method).toBe('POST');
  expect(push?.request.url).toBe('/push?token=1');
  expect(push?.request.headers['content-type']).toBe('application/json');
  expect(push?.text).toBe('hello ✓');
  const publishTime = push?.body.message.publishTime ?? '';
  expect(Math.abs(Date.parse(publishTime) - before)).toBeLessThan(5000);
  expect(publishTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(push?.body).toEqual({
    message: {
      data: Buffer.from('hello ✓').toString('base64'),
      attributes: { color: 'red' },
      messageId,
      message_id: messageId,
      publishTime,
      publish_time: publishTime,
    },
    subscription: subscription.name,
  });
});

embeddedTest(
  'data and attributes that are empty are absent from a push, the ordering key is there',
  async () => {
    const { url, pushes } = await receiver();
    const topic = await world.topic();
    topic.setPublishOptions({ messageOrdering: true });
    await world.subscribe(topic, { pushEndpoint: url });
    await topic.publishMessage({ attributes: { only: 'attributes' } });
    await topic.publishMessage({ data: Buffer.from('only data'), orderingKey: 'key 1' });
    const got = await pushes.until(2);
    const [one, other] = got.map((push) => Object.keys(push.body.message).sort());
    const always = ['messageId', 'message_id', 'publishTime', 'publish_time'];
    expect(one).toEqual(['attributes', ...always]);
    expect(other).toEqual(['data', ...always.slice(0, 2), 'orderingKey', ...always.slice(2)]);
    expect(got[1]?.body.message.orderingKey).toBe('key 1');
  },
);

/** After an ack the message does not come again, not even when a later one comes twice. */
async function expectAck(status: number): Promise<void> {
  const nackOnce = onceOnly((push) => answer(push, push.text === 'asked' ? status : 500));
  const { url, pushes } = await receiver(nackOnce);
  const topic = await world.topic();
  await world.subscribe(topic, { pushEndpoint: url });
  await publish(topic, 'asked');
  await pushes.until(1);
  await publish(topic, 'sentinel that comes back');
  await pushes.until(2, (push) => push.text !== 'asked');
  expect(pushes.items.filter((push) => push.text === 'asked')).toHaveLength(1);
}

test.for([200, 201, 204])('HTTP %i acknowledges', expectAck);

// Google's emulator takes 202 for a nack, unlike Pub/Sub.
embeddedTest('HTTP 202 acknowledges', () => expectAck(202));

embeddedTest('HTTP 102 acknowledges even if the final status would not', async () => {
  const { url } = await receiver((push) => {
    push.response.writeProcessing(() => push.response.writeHead(500).end());
  });
  const topic = await world.topic();
  await world.subscribe(topic, { pushEndpoint: url });
  const messageId = await publish(topic, 'processing');
  const [settled] = await world.events.until(
    1,
    (event) => (event.kind === 'acked' || event.kind === 'nacked') && event.messageId === messageId,
  );
  expect(settled?.kind).toBe('acked');
});

/** After a nack the message comes again, to the same place. */
async function expectNack(status: number): Promise<void> {
  const elsewhere = await receiver();
  const { url, pushes } = await receiver(
    onceOnly((push) => push.response.writeHead(status, { location: elsewhere.url }).end()),
  );
  const topic = await world.topic();
  await world.subscribe(topic, { pushEndpoint: url });
  await publish(topic, 'again');
  const [first, second] = await pushes.until(2);
  expect(second?.body.message.messageId).toBe(first?.body.message.messageId);
  expect(elsewhere.pushes.items).toHaveLength(0);
}

test.for([205, 206, 400, 404, 429, 500, 503])('HTTP %i is a nack', expectNack);

// Google's emulator takes 203 for an ack and follows redirects, unlike Pub/Sub.
embeddedTest.for([203, 301, 307])('HTTP %i is a nack', expectNack);

embeddedTest(
  'the delay between attempts doubles from the minimum to the maximum of the retry policy',
  async () => {
    await world.close();
    world = await openWorld({ pushBackoff: { minimumMs: 0, maximumMs: 0 } });
    const { url, pushes } = await receiver((push) => answer(push, 503));
    const topic = await world.topic();
    await world.subscribe(topic, {
      pushEndpoint: url,
      retryPolicy: { minimumBackoff: { nanos: 50_000_000 }, maximumBackoff: { nanos: 200_000_000 } },
    });
    await publish(topic, 'slower and slower');
    const at = (await pushes.until(5)).map((push) => push.atMs);
    const gaps = at.slice(1).map((atMs, index) => atMs - (at[index] ?? 0));
    [50, 100, 200, 200].forEach((delayMs, index) => expect(gaps[index]).toBeGreaterThanOrEqual(delayMs - 2));
    // Twice the delay before would be 400 ms.
    expect(gaps[3]).toBeLessThan(398);
  },
);

embeddedTest(
  'pushes to an endpoint that only fails pause longer and longer, and an ack ends the pause',
  async () => {
    await world.close();
    world = await openWorld({ pushBackoff: { minimumMs: 40, maximumMs: 1000 } });
    let failures = 0;
    const { url, pushes } = await receiver((push) => answer(push, (failures += 1) <= 4 ? 500 : 204));
    const topic = await world.topic();
    await world.subscribe(topic, { pushEndpoint: url });
    await publish(topic, 'no retry policy');
    const at = (await pushes.until(5)).map((push) => push.atMs);
    [40, 80, 160, 320].forEach((pauseMs, index) =>
      expect((at[index + 1] ?? 0) - (at[index] ?? 0)).toBeGreaterThanOrEqual(pauseMs - 2),
    );
    await publish(topic, 'healthy again');
    const [healthy] = await pushes.until(1, (push) => push.text === 'healthy again');
    expect((healthy?.atMs ?? 0) - (at[4] ?? 0)).toBeLessThan(300);
  },
);

embeddedTest('an ack cuts the pause after a nack short', async () => {
  await world.close();
  world = await openWorld({ pushBackoff: { minimumMs: 600_000, maximumMs: 600_000 } });
  const held: Push[] = [];
  const { url, pushes } = await receiver((push) => held.push(push));
  const topic = await world.topic();
  await world.subscribe(topic, { pushEndpoint: url });
  await Promise.all([publish(topic, 'one'), publish(topic, 'other')]);
  await pushes.until(2);
  const [refused, accepted] = held;
  if (refused === undefined || accepted === undefined) throw new Error('two pushes were awaited');
  answer(refused, 500);
  await world.events.until(1, (event) => event.kind === 'nacked');
  answer(accepted, 204);
  await pushes.until(2, (push) => push.text === refused.text);
});

test('a message that is always refused does not hold up the others', async () => {
  const { url, pushes } = await receiver((push) => answer(push, push.text === 'poison' ? 500 : 204));
  const topic = await world.topic();
  await world.subscribe(topic, { pushEndpoint: url });
  await publish(topic, 'poison');
  await Promise.all(Array.from({ length: 300 }, (_, index) => publish(topic, `good ${index}`)));
  const good = await pushes.until(300, (push) => push.text !== 'poison');
  expect(new Set(good.map((push) => push.text)).size).toBe(300);
});

test('an endpoint that is down gets its messages when it is up again', async () => {
  const { url, port, close } = await startReceiver();
  await close();
  const topic = await world.topic();
  await world.subscribe(topic, { pushEndpoint: url });
  await Promise.all(['one', 'two', 'three'].map((text) => publish(topic, text)));
  const again = await receiver(undefined, port);
  const got = await again.pushes.until(3);
  expect(new Set(got.map((push) => push.text))).toEqual(new Set(['one', 'two', 'three']));
});

embeddedTest('a refused connection counts as a nack with its reason', async () => {
  const { url, close } = await startReceiver();
  await close();
  const topic = await world.topic();
  const subscription = await world.subscribe(topic, { pushEndpoint: url });
  await publish(topic, 'nobody there');
  const [nack] = await world.events.until(1, (event) => event.kind === 'nacked');
  expect(nack).toMatchObject({
    subscription: subscription.name,
    reason: expect.stringContaining('ECONNREFUSED'),
  });
});

// Google's emulator waits for the answer without end.
embeddedTest('a push without answer is cut off and sent again after the ack deadline', async () => {
  const { url, pushes } = await receiver(onceOnly(() => undefined));
  const topic = await world.topic();
  await world.subscribe(topic, { pushEndpoint: url, ackDeadlineSeconds: 1 });
  await publish(topic, 'no answer');
  const [first] = await pushes.until(1);
  const cut = first === undefined ? undefined : once(first.response, 'close');
  const [, second] = await pushes.until(2);
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(950);
  expect(second?.body.message.messageId).toBe(first?.body.message.messageId);
  await cut;
});

embeddedTest('an answer after the deadline changes nothing', async () => {
  const held: Push[] = [];
  const { url, pushes } = await receiver((push) => held.push(push));
  const topic = await world.topic();
  const subscription = await world.subscribe(topic, { pushEndpoint: url, ackDeadlineSeconds: 1 });
  await publish(topic, 'late');
  await world.events.until(1, (event) => event.kind === 'expired');
  if (held[0] !== undefined) answer(held[0], 204);
  await pushes.until(2);
  const stats = world.embedded().stats().subscriptions[subscription.name];
  expect(stats).toMatchObject({ outstanding: 1, backlog: 0, acked: 0, expired: 1 });
  expect(stats?.oldestUnackedMs).toBeGreaterThanOrEqual(1000);
});

embeddedTest('the push window begins small and grows with acks', async () => {
  const held: Push[] = [];
  const { url, pushes } = await receiver((push) => held.push(push));
  const topic = await world.topic();
  const subscription = await world.subscribe(topic, { pushEndpoint: url });
  await Promise.all(Array.from({ length: 60 }, (_, index) => publish(topic, `message ${index}`)));
  const outstanding = (): number | undefined =>
    world.embedded().stats().subscriptions[subscription.name]?.outstanding;
  await pushes.until(5);
  expect(outstanding()).toBe(5);
  for (const push of held.splice(0)) answer(push, 204);
  await pushes.until(15);
  expect(outstanding()).toBe(10);
  for (const push of held.splice(0)) answer(push, 500);
  await world.events.until(10, (event) => event.kind === 'nacked');
  await pushes.until(20);
  expect(outstanding()).toBe(5);
});

embeddedTest('the window stops at its maximum, and connections are used again', async () => {
  await world.close();
  world = await openWorld({ pushOutstandingMax: 7 });
  const held: Push[] = [];
  const { url, pushes, connections } = await receiver((push) => held.push(push));
  const topic = await world.topic();
  const subscription = await world.subscribe(topic, { pushEndpoint: url });
  await Promise.all(Array.from({ length: 40 }, (_, index) => publish(topic, `message ${index}`)));
  for (const arrived of [5, 12, 19, 26]) {
    await pushes.until(arrived);
    const outstanding = world.embedded().stats().subscriptions[subscription.name]?.outstanding;
    expect(outstanding).toBe(arrived === 5 ? 5 : 7);
    for (const push of held.splice(0)) answer(push, 204);
  }
  await pushes.until(33);
  expect(connections()).toBeLessThanOrEqual(8);
});

test('of an ordering key one message is under way, and a nack repeats it before the later ones', async () => {
  const nackOnce = onceOnly((push) => answer(push, push.text === 'a1' ? 500 : 204));
  const { url, pushes } = await receiver(nackOnce);
  const topic = await world.topic();
  topic.setPublishOptions({ messageOrdering: true });
  await world.subscribe(topic, { pushEndpoint: url, enableMessageOrdering: true });
  await Promise.all(
    ['a0', 'a1', 'b0', 'a2', 'b1', 'a3'].map((text) =>
      topic.publishMessage({ data: Buffer.from(text), orderingKey: text.slice(0, 1) }),
    ),
  );
  const texts = (await pushes.until(7)).map((push) => push.text);
  expect(texts.filter((text) => text.startsWith('a'))).toEqual(['a0', 'a1', 'a1', 'a2', 'a3']);
  expect(texts.filter((text) => text.startsWith('b'))).toEqual(['b0', 'b1']);
});

embeddedTest('a key that waits for an answer does not hold up another key', async () => {
  const held: Push[] = [];
  const { url, pushes } = await receiver((push) =>
    push.text === 'a0' ? void held.push(push) : answer(push, 204),
  );
  const topic = await world.topic();
  topic.setPublishOptions({ messageOrdering: true });
  await world.subscribe(topic, { pushEndpoint: url, enableMessageOrdering: true });
  await Promise.all(
    ['a0', 'a1', 'b0', 'b1'].map((text) =>
      topic.publishMessage({ data: Buffer.from(text), orderingKey: text.slice(0, 1) }),
    ),
  );
  await pushes.until(1, (push) => push.text === 'b1');
  await world.events.until(2, (event) => event.kind === 'acked');
  expect(pushes.items.map((push) => push.text)).not.toContain('a1');
  if (held[0] !== undefined) answer(held[0], 204);
  await pushes.until(1, (push) => push.text === 'a1');
});

test('a changed endpoint gets what comes later, and a deleted subscription gets nothing', async () => {
  const old = await receiver();
  const fresh = await receiver();
  const topic = await world.topic();
  const subscription = await world.subscribe(topic, { pushEndpoint: old.url });
  const deleted = await world.subscribe(topic, { pushEndpoint: old.url });
  await publish(topic, 'before');
  await old.pushes.until(2);
  await deleted.delete();
  await subscription.modifyPushConfig({ pushEndpoint: fresh.url });
  await publish(topic, 'after');
  await fresh.pushes.until(1);
  expect(old.pushes.items.map((push) => push.text)).toEqual(['before', 'before']);
  expect(fresh.pushes.items.map((push) => push.text)).toEqual(['after']);
});
