// dead-letters: listing leaves them where they are, replaying puts each back once published, and is safe to repeat.
import { Buffer } from 'node:buffer';
import { PubSub } from '@google-cloud/pubsub';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deadLettersList, deadLettersReplay } from '../../cli/dead-letters.ts';
import type { Command } from '../../cli/command.ts';
import { startPubsub, type Pubsub } from '../../infra/local/pubsub/server.ts';

let server: Pubsub;
let client: PubSub;
let project: string;
let projects = 0;

beforeAll(async () => {
  server = await startPubsub({ port: 0 });
  process.env['PUBSUB_EMULATOR_HOST'] = server.host;
});
afterAll(() => server.close());

beforeEach(async () => {
  projects += 1;
  project = `dead-${projects}`;
  client = new PubSub({ projectId: project });
  const [dead] = await client.createTopic('log-entries-dead');
  await dead.createSubscription('log-entries-dead');
  const [topic] = await client.createTopic('log-entries');
  await topic.createSubscription('again');
  return async () => {
    await client.close();
  };
});

/** What Pub/Sub does with an entry that it gives up. */
async function giveUp(texts: readonly string[]): Promise<void> {
  const topic = client.topic('log-entries-dead');
  await Promise.all(
    texts.map((text) =>
      topic.publishMessage({
        data: Buffer.from(text),
        attributes: {
          'logging.googleapis.com/timestamp': '2026-11-01T10:00:00Z',
          CloudPubSubDeadLetterSourceSubscription: 'log-entries-to-classify',
          CloudPubSubDeadLetterSourceDeliveryCount: '100',
        },
      }),
    ),
  );
}

async function run(command: Command, flags: Readonly<Record<string, string>> = {}) {
  const lines: string[] = [];
  const defaults = Object.entries(command.flags).flatMap(([name, flag]) =>
    typeof flag.default === 'string' ? [[name, flag.default] as const] : [],
  );
  const code = await command.run({
    args: [],
    values: { ...Object.fromEntries(defaults), wait: '0.3', project, ...flags },
    format: 'json',
    print: (text) => {
      lines.push(text);
      return Promise.resolve();
    },
    nowMs: 0,
  });
  const answers: Record<string, unknown>[] = lines.map((line) => JSON.parse(line));
  return { code, answers };
}

/** Messages of a subscription that wait or are held. */
function waiting(subscription: string): number {
  const stats = server.stats().subscriptions[`projects/${project}/subscriptions/${subscription}`];
  return (stats?.backlog ?? 0) + (stats?.outstanding ?? 0);
}

test('a list shows what is there, redacted, and leaves it there for the next one', async () => {
  await giveUp(['{"insertId":"a"}', `Authorization: Bearer ya29.${'a'.repeat(40)}`]);
  for (let again = 0; again < 2; again += 1) {
    const { code, answers } = await run(deadLettersList);
    expect(code).toBe(0);
    expect(answers).toHaveLength(2);
    expect(answers.map(({ deliveries }) => deliveries)).toEqual([100, 100]);
    expect(JSON.stringify(answers)).not.toContain('ya29.');
  }
  expect(waiting('log-entries-dead')).toBe(2);
});

test('a list stops at its limit', async () => {
  await giveUp(Array.from({ length: 7 }, (_, n) => `entry ${n}`));
  expect((await run(deadLettersList, { limit: '3' })).answers).toHaveLength(3);
  expect(waiting('log-entries-dead')).toBe(7);
});

test('a dry run says how many would be put back, and puts none back', async () => {
  await giveUp(Array.from({ length: 250 }, (_, n) => `entry ${n}`));
  const { answers } = await run(deadLettersReplay, { 'dry-run': 'true' });
  expect(answers).toEqual([
    { count: 250, dryRun: true, subscription: 'log-entries-dead', topic: 'log-entries' },
  ]);
  expect(waiting('again')).toBe(0);
  expect(waiting('log-entries-dead')).toBe(250);
});

test('a replay puts back everything as it was, without the marks of the dead, and a second one finds nothing', async () => {
  await giveUp(Array.from({ length: 250 }, (_, n) => `entry ${n}`));
  expect((await run(deadLettersReplay)).answers[0]).toMatchObject({ count: 250 });
  expect(waiting('log-entries-dead')).toBe(0);
  expect(waiting('again')).toBe(250);
  expect((await run(deadLettersReplay)).answers[0]).toMatchObject({ count: 0 });
  const texts = new Set<string>();
  const attributes = new Set<string>();
  const subscription = client.subscription('again');
  await new Promise<void>((resolve) => {
    subscription.on('message', (message) => {
      texts.add(message.data.toString());
      for (const name of Object.keys(message.attributes)) attributes.add(name);
      message.ack();
      if (texts.size === 250) resolve();
    });
  });
  await subscription.close();
  expect([...attributes]).toEqual(['logging.googleapis.com/timestamp']);
});

test('dead letters stay when their topic can’t be published to', async () => {
  await giveUp(['entry']);
  await expect(run(deadLettersReplay, { topic: 'nowhere' })).rejects.toThrow(/nowhere|NOT_FOUND/);
  expect(waiting('log-entries-dead')).toBe(1);
});

test.for(['0', '61', 'long'])('a wait of %s is refused', async (wait) => {
  await expect(run(deadLettersReplay, { wait })).rejects.toThrow(/--wait takes seconds/);
});

test.for(['0', '1001', 'many'])('a limit of %s is refused', async (limit) => {
  await expect(run(deadLettersList, { limit })).rejects.toThrow(/--limit takes a whole number/);
});
