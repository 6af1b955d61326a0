// The parts of the embedded Pub/Sub that have a meaning of their own: filters, queues, chaos, the program.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { array, assert, boolean, integer, property, tuple } from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { Budget } from '../../infra/local/pubsub/environment.ts';
import { Fifo } from '../../infra/local/pubsub/fifo.ts';
import { parseFilter } from '../../infra/local/pubsub/filter.ts';
import { Heap } from '../../infra/local/pubsub/heap.ts';
import { store } from '../../infra/local/pubsub/message.ts';
import { readSettings } from '../../infra/local/pubsub/settings.ts';
import { Subscription } from '../../infra/local/pubsub/subscription.ts';
import type { WireSubscription } from '../../infra/local/pubsub/wire.ts';
import { clientOf, embeddedTest, openWorld, publish, startReceiver } from './pubsub-harness.ts';

const PULL_SUBSCRIPTION: WireSubscription = {
  name: 'projects/p/subscriptions/s',
  topic: 'projects/p/topics/t',
  pushConfig: null,
  ackDeadlineSeconds: 0,
  retainAckedMessages: false,
  messageRetentionDuration: null,
  labels: {},
  enableMessageOrdering: false,
  expirationPolicy: null,
  filter: '',
  deadLetterPolicy: null,
  retryPolicy: null,
  enableExactlyOnceDelivery: false,
  bigqueryConfig: null,
  bigtableConfig: null,
  cloudStorageConfig: null,
  messageTransforms: [],
};

test.for<[filter: string, attributes: Record<string, string>, matches: boolean]>([
  ['', {}, true],
  ['   ', {}, true],
  ['attributes.a = "1"', { a: '1' }, true],
  ['attributes.a = "1"', { a: '2' }, false],
  ['attributes.a = "1"', {}, false],
  ['attributes.a="1"', { a: '1' }, true],
  ['attributes.a != "1"', { a: '1' }, false],
  ['attributes.a != "1"', { a: '2' }, true],
  ['attributes.a != "1"', {}, true],
  ['attributes:a', { a: '' }, true],
  ['attributes:a', { b: '' }, false],
  ['hasPrefix(attributes.a, "eu-")', { a: 'eu-west' }, true],
  ['hasPrefix(attributes.a, "eu-")', { a: 'us-west' }, false],
  ['hasPrefix(attributes.a, "eu-")', {}, false],
  ['NOT attributes:a', {}, true],
  ['NOT NOT attributes:a', {}, false],
  ['attributes:a AND attributes:b AND attributes:c', { a: '', b: '', c: '' }, true],
  ['attributes:a AND attributes:b AND attributes:c', { a: '', b: '' }, false],
  ['attributes:a OR attributes:b OR attributes:c', { c: '' }, true],
  ['attributes:a OR attributes:b OR attributes:c', {}, false],
  ['attributes:a AND (attributes:b OR attributes:c)', { a: '', c: '' }, true],
  ['(attributes:a AND attributes:b) OR attributes:c', { a: '' }, false],
  ['NOT (attributes:a OR attributes:b)', { b: '' }, false],
  ['NOT attributes:a AND attributes:b', { b: '' }, true],
  ['((attributes:a))', { a: '' }, true],
  ['attributes."x/y z" = "1"', { 'x/y z': '1' }, true],
  ['attributes:"x/y"', { 'x/y': '' }, true],
  ['attributes.ce-type = "a\\"b\\u0041"', { 'ce-type': 'a"bA' }, true],
])('the filter %s of %j is %s', ([filter, attributes, matches]) => {
  expect(parseFilter(filter)(attributes)).toBe(matches);
});

test.for([
  'attributes.a = b',
  "attributes.a = 'b'",
  'attributes.a',
  'attributes',
  'attributes.a < "b"',
  'attributes.a = "open',
  'attributes.a = "\\q"',
  'attributes:a AND',
  'attributes:a attributes:b',
  'attributes:a AND attributes:b OR attributes:c',
  'attributes:a and attributes:b',
  '(attributes:a',
  'attributes:a)',
  'data = "x"',
  'hasPrefix(attributes:a, "x")',
  'hasSuffix(attributes.a, "x")',
  `attributes.a = "${'x'.repeat(250)}"`,
])('the filter %s is refused', (filter) => {
  expect(() => parseFilter(filter)).toThrow('invalid filter');
});

test('an object of attributes does not match by what every object has', () => {
  expect(parseFilter('attributes:toString')({})).toBe(false);
});

test('a heap gives what it holds in order of time, whatever is taken out between', () => {
  assert(
    property(
      array(tuple(integer({ min: 0, max: 99 }), boolean()), { maxLength: 200, size: 'max' }),
      (steps) => {
        const heap = new Heap<{ atMs: number; heapIndex: number }>();
        const items = steps.map(([atMs]) => ({ atMs, heapIndex: 0 }));
        for (const item of items) heap.push(item);
        const kept = items.filter((item, index) => {
          const taken = steps[index]?.[1] === true;
          if (taken) heap.remove(item);
          return !taken;
        });
        const drained: number[] = [];
        for (let one = heap.popDue(Infinity); one !== undefined; one = heap.popDue(Infinity))
          drained.push(one.atMs);
        expect(drained).toEqual(kept.map(({ atMs }) => atMs).toSorted((one, other) => one - other));
      },
    ),
  );
});

test('a heap keeps what is not due', () => {
  const heap = new Heap<{ atMs: number; heapIndex: number }>();
  heap.push({ atMs: 5, heapIndex: 0 });
  expect(heap.popDue(4)).toBeUndefined();
  expect(heap.popDue(5)?.atMs).toBe(5);
  expect(heap.size).toBe(0);
});

test('a queue gives back what went in, in order, beyond the length at which it cuts its front', () => {
  const queue = new Fifo<number>();
  const out: (number | undefined)[] = [];
  for (let item = 0; item < 6000; item += 1) {
    queue.push(item);
    if (item % 3 > 0) out.push(queue.shift());
  }
  expect(queue.size).toBe(2000);
  expect(queue.peek()).toBe(4000);
  while (queue.size > 0) out.push(queue.shift());
  expect(out).toEqual(Array.from({ length: 6000 }, (_, index) => index));
  expect(queue.shift()).toBeUndefined();
});

test('what waited longer than the retention is dropped and freed', async () => {
  const budget = new Budget(1_000_000);
  const environment = {
    now: Date.now,
    random: Math.random,
    observe: () => undefined,
    chaos: {},
    pushBackoff: { minimumMs: 0, maximumMs: 0 },
    pushOutstandingMax: 1,
    ackDeadlineMinimumSeconds: 10,
    agent: new Agent(),
    budget,
  };
  const settings = { ...readSettings(PULL_SUBSCRIPTION, 10), retentionMs: 0 };
  const subscription = new Subscription(settings, environment, () => false);
  const content = { data: Buffer.from('old'), attributes: {}, orderingKey: '' };
  subscription.enqueue(store(content, { messageId: '1', nowMs: 0 }));
  expect(subscription.stats().backlog).toBe(1);
  await setImmediate();
  subscription.dispatch();
  expect(subscription.stats().backlog).toBe(0);
  expect(budget.usedBytes).toBe(0);
});

embeddedTest(
  'an acknowledged message is delivered again where chaos says so, and counts as unacknowledged',
  async () => {
    const world = await openWorld({
      chaos: { redeliver: (_, attempt) => attempt === 1 && (again += 1) <= 3 },
    });
    let again = 0;
    const receiver = await startReceiver();
    const topic = await world.topic();
    const subscription = await world.subscribe(topic, { pushEndpoint: receiver.url });
    await Promise.all(Array.from({ length: 5 }, (_, index) => publish(topic, `message ${index}`)));
    const pushes = await receiver.pushes.until(8);
    expect(new Set(pushes.map((push) => push.text)).size).toBe(5);
    await world.events.until(8, (event) => event.kind === 'acked');
    expect(world.embedded().stats().subscriptions[subscription.name]).toMatchObject({
      acked: 8,
      outstanding: 0,
      backlog: 0,
    });
    await receiver.close();
    await world.close();
  },
);

embeddedTest('reordering shuffles within its bound, the same way for the same random numbers', async () => {
  const orderOf = async (): Promise<number[]> => {
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const world = await openWorld({ random, chaos: { reorderWithin: 4 } });
    const topic = await world.topic();
    topic.setPublishOptions({ batching: { maxMessages: 100 } });
    const subscription = await world.subscribe(topic);
    await Promise.all(Array.from({ length: 100 }, (_, index) => publish(topic, String(index))));
    const order: number[] = [];
    subscription.on('message', (message) => {
      order.push(Number(message.data.toString()));
      message.ack();
    });
    await world.events.until(100, (event) => event.kind === 'acked');
    await subscription.close();
    await world.close();
    return order;
  };
  const order = await orderOf();
  const sorted = order.toSorted((one, other) => one - other);
  expect(sorted).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(order).not.toEqual(sorted);
  order.forEach((item, place) => expect(Math.abs(item - place)).toBeLessThanOrEqual(4));
  expect(await orderOf()).toEqual(order);
});

const ready = z.strictObject({ listening: z.string(), stats: z.string() });

/** Starts the program as it is started in earnest; resolves when it has said where it listens. */
async function startProgram(...flags: string[]) {
  const main = resolve(import.meta.dirname, '../../infra/local/pubsub/main.ts');
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, exited, ...ready.parse(JSON.parse(String(line))) };
}

embeddedTest('the program says where it listens, serves statistics, and ends on SIGTERM', async () => {
  const { child, exited, listening, stats } = await startProgram('--port', '0');
  expect(listening).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(stats).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/stats$/);
  const client = clientOf(listening);
  const [topic] = await client.createTopic('topic-of-program');
  const [subscription] = await topic.createSubscription('subscription-of-program');
  await publish(topic, 'waiting');
  const answer = await fetch(stats);
  expect(await answer.json()).toMatchObject({
    backlogBytes: 7 + 512,
    subscriptions: { [subscription.name]: { backlog: 1, outstanding: 0 } },
  });
  expect((await fetch(stats.replace('/stats', '/other'))).status).toBe(404);
  await client.close();
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});

embeddedTest('the program takes its port and delivers twice when told', async () => {
  const first = await startProgram();
  const receiver = await startReceiver();
  first.child.kill('SIGTERM');
  await first.exited;
  const port = first.listening.split(':')[1] ?? '';
  const { child, exited, listening } = await startProgram(
    '--port',
    port,
    '--redeliver',
    '0.5',
    '--seed',
    '7',
  );
  expect(listening).toBe(first.listening);
  const client = clientOf(listening);
  const [topic] = await client.createTopic('topic-of-program');
  await topic.createSubscription('subscription-of-program', { pushEndpoint: receiver.url });
  await publish(topic, 'one');
  await Promise.all(Array.from({ length: 20 }, (_, index) => publish(topic, `message ${index}`)));
  // Twenty-one messages, so this many pushes are only reached with repetitions.
  await receiver.pushes.until(22);
  await client.close();
  child.kill('SIGTERM');
  await exited;
  await receiver.close();
});
