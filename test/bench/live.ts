// `npm run bench:live`: the one-machine run as a whole, timed by looking at the channel. How long an entry takes to Slack while
// nothing else happens, and what a storm of 10,000 entries (500 VMs, 4 faults in 3 projects, 1,000 a second) makes of a
// channel. `-- --short` sends less, `-- --json` prints one object a row.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebClient } from '@slack/web-api';
import { LOG_ENTRIES, PROJECT, startStack, type Stack } from '../../infra/local/stack.ts';
import { createViewer } from '../../infra/local/view.ts';
import { anEntry } from '../fakes/entries.ts';

// Google's clients would ask for a metadata server that is not there.
process.env['METADATA_SERVER_DETECTION'] = 'none';

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

const IDLE_ENTRIES = values.short ? 5 : 100;
const IDLE_PAUSE_MS = 300;
const STORM_ENTRIES = values.short ? 500 : 10_000;
const STORM_PER_SECOND = 1_000;

async function withStack<Result>(
  env: Readonly<Record<string, string>>,
  work: (stack: Stack) => Promise<Result>,
): Promise<Result> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'mesh-triage-live-'));
  const stack = await startStack({ dataFolder, portBase: 0, redeliver: 0, seed: 1, env });
  try {
    return await work(stack);
  } finally {
    await stack.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

/** Looks at the channel this often: the figures are no finer. */
const LOOK_EVERY_MS = 10;

const clientOf = ({ slack }: Stack): WebClient =>
  new WebClient(slack.token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });

/** The newest messages in the channel itself, threads aside: everything that stands in them as one text each. */
async function newest(client: WebClient, channel: string, limit: number): Promise<readonly string[]> {
  const { messages = [] } = await client.conversations.history({ channel, limit });
  return messages.map(({ text, blocks }) => `${text ?? ''} ${JSON.stringify(blocks ?? [])}`);
}

/** When a message with this text was seen in the channel first. Throws after half a minute. */
async function seenAt(stack: Stack, wanted: string): Promise<number> {
  const client = clientOf(stack);
  const deadline = Date.now() + 30_000;
  for (;;) {
    const messages = await newest(client, stack.slack.channel, 3);
    if (messages.some((text) => text.includes(wanted))) return Date.now();
    if (Date.now() > deadline) throw new Error(`nobody was told of «${wanted}»`);
    await sleep(LOOK_EVERY_MS);
  }
}

const publisherOf = ({ pubsub }: Stack, batching: { readonly maxMilliseconds: number }) => {
  const topic = pubsub.topic(LOG_ENTRIES, { batching: { maxMessages: 100, ...batching } });
  return (entry: object) => topic.publishMessage({ data: Buffer.from(JSON.stringify(entry)) });
};

/** Waits until nothing waits anywhere. */
async function atRest(stack: Stack): Promise<readonly { readonly count: number }[]> {
  const viewer = createViewer(PROJECT, stack.firestoreHost);
  try {
    for (;;) {
      const { waiting, incidents } = await viewer.look();
      if (waiting === 0 && (await stack.unacknowledged()) === 0) return incidents;
      await sleep(100);
    }
  } finally {
    await viewer.close();
  }
}

const notFound = (network: string): string =>
  `Traffic Director configuration was not found for network "${network}" in project "1".`;

/** One entry at a time, each the first of its incident: from publishing to Slack's stamp of its message. */
async function idle(): Promise<readonly number[]> {
  // Every incident speaks for itself: a digest would tell of many at once.
  return withStack({ SLACK_DIGEST_FROM: '0' }, async (stack) => {
    const publish = publisherOf(stack, { maxMilliseconds: 0 });
    const took: number[] = [];
    for (let n = 0; n < IDLE_ENTRIES; n += 1) {
      const network = `idle-${n}-net`;
      const sentMs = Date.now();
      await publish(anEntry(n, { message: notFound(network), atMs: sentMs }));
      took.push((await seenAt(stack, network)) - sentMs);
      await sleep(IDLE_PAUSE_MS);
    }
    return took;
  });
}

const FAULTS: readonly ((project: string) => string)[] = [
  (project) => notFound(`${project}-vpc`),
  () =>
    "gRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) TRAFFICDIRECTOR_INTERCEPTION_PORT: unable to open file '/etc/certs/key.pem': Permission denied",
  () =>
    'DNS resolution failed for trafficdirector.googleapis.com:443: C-ares status is not ARES_SUCCESS: Domain name not found',
  () =>
    'gRPC config for type.googleapis.com/envoy.config.cluster.v3.Cluster rejected: Error adding/updating cluster(s) checkout: Invalid path: /etc/ssl/ca.pem',
];
const PROJECTS = ['alpha', 'beta', 'gamma'].map((name) => `demo-${name}`);

async function storm() {
  return withStack({}, async (stack) => {
    const publish = publisherOf(stack, { maxMilliseconds: 10 });
    const startMs = Date.now();
    const first = seenAt(stack, '').then((seenMs) => seenMs - startMs);
    const sending: Promise<unknown>[] = [];
    for (let n = 0; n < STORM_ENTRIES; n += 1) {
      const project = PROJECTS[n % PROJECTS.length] ?? '';
      const fault = FAULTS[Math.floor(n / PROJECTS.length) % FAULTS.length];
      const atMs = Date.now();
      sending.push(publish(anEntry(n, { message: fault?.(project) ?? '', project, vm: n % 500, atMs })));
      const aheadMs = (n * 1_000) / STORM_PER_SECOND - (atMs - startMs);
      if (aheadMs > 5) await sleep(aheadMs);
    }
    await Promise.all(sending);
    const sentMs = Date.now();
    const incidents = await atRest(stack);
    const posted = await newest(clientOf(stack), stack.slack.channel, 200);
    return {
      entries: STORM_ENTRIES,
      counted: incidents.reduce((sum, { count }) => sum + count, 0),
      incidents: incidents.length,
      messages: posted.length,
      firstMs: await first,
      sentPerSecond: (STORM_ENTRIES * 1_000) / (sentMs - startMs),
      operations: await stack.firestoreOperations(),
    };
  });
}

const sorted = (await idle()).toSorted((a, b) => a - b);
const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
console.log(
  values.json
    ? JSON.stringify({ name: 'idle', entries: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) })
    : `entry → Slack, idle, ${sorted.length} entries: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms (bar p99 ≤ 1,000)`,
);
const stormed = await storm();
if (stormed.counted !== stormed.entries)
  throw new Error(`${stormed.entries} entries were counted as ${stormed.counted}`);
const writes = ((stormed.operations?.writes ?? Number.NaN) * 1_000) / stormed.entries;
console.log(
  values.json
    ? JSON.stringify({ name: 'storm', ...stormed })
    : `storm of ${stormed.entries.toLocaleString('en-US')} at ${Math.round(stormed.sentPerSecond)} a second: ${stormed.incidents} incidents, ` +
        `${stormed.messages} messages in the channel (bar ≤ 6), the first after ${Math.round(stormed.firstMs)} ms (bar ≤ 1,000); ` +
        `${writes.toFixed(0)} writes per 1,000 entries`,
);
