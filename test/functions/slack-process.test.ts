// Real processes over real sockets: reconcile is killed between Slack's answer and its own record, and there is still one
// message; then a signed button press on the function `slack` changes that message, and a forged one changes nothing.
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Firestore } from '@google-cloud/firestore';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { readIncident } from '#functions/adapters/firestore-documents.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { freePort, keepRunning, listens } from '../../infra/local/processes.ts';
import { choosePubsub } from '../../infra/local/services.ts';
import { startSlack, type LocalSlack } from '../../infra/local/slack.ts';
import { LOG_ENTRIES, PROJECT, startStack, type Stack } from '../../infra/local/stack.ts';
import { exampleEntry } from '../notify/example-incident.ts';
import { startSlackProxy, type SlackProxy } from './slack-proxy.ts';

const SECRET = 'signing-secret-of-this-test';
const root = resolve(import.meta.dirname, '../..');
const stops: (() => Promise<void>)[] = [];

let slack: LocalSlack;
let stack: Stack;
let slackFunction: string;
let proxy: SlackProxy;
let deaths = 0;

/** What one channel is told of at once in the second test: more than a digest takes for few. */
const CROWD = 24;

async function startSlackFunction(pubsubHost: string): Promise<string> {
  const port = await freePort(0, 'slack');
  const framework = join(root, 'node_modules/@google-cloud/functions-framework/build/src/main.js');
  const running = await keepRunning({
    name: 'slack',
    args: [
      '--import',
      join(root, 'infra/local/loopback.ts'),
      framework,
      '--source',
      root,
      '--target',
      'slack',
      '--port',
      String(port),
    ],
    env: {
      NODE_ENV: 'production',
      FUNCTION_TARGET: 'slack',
      GOOGLE_CLOUD_PROJECT: PROJECT,
      FIRESTORE_EMULATOR_HOST: stack.firestoreHost,
      PUBSUB_EMULATOR_HOST: pubsubHost,
      METADATA_SERVER_DETECTION: 'none',
      INCIDENT_CHANGES_TOPIC: 'incident-changes',
      SLACK_SIGNING_SECRET: SECRET,
    },
    ready: () => listens(port),
    onLine: () => undefined,
  });
  stops.push(running.stop);
  return `http://127.0.0.1:${port}/`;
}

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-'));
  stops.push(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
  slack = await startSlack(await freePort(0, 'Slack'));
  stops.push(slack.close);
  proxy = await startSlackProxy(slack.apiUrl, (method) => {
    if (method !== 'chat.postMessage' || deaths > 0) return 'none';
    return 'silent after';
  });
  stops.push(proxy.close);
  proxy.onSilence = () => {
    deaths += 1;
    process.kill(stack.functions.reconcile.pid(), 'SIGKILL');
  };
  const pubsubAt = {
    port: await freePort(0, 'Pub/Sub'),
    redeliver: 0,
    reorder: 0,
    seed: 1,
    onLine: () => undefined,
  };
  const pubsub = await choosePubsub({}, pubsubAt);
  stops.push(pubsub.stop);
  stack = await startStack({
    dataFolder: folder,
    portBase: 0,
    redeliver: 0,
    reorder: 0,
    seed: 1,
    env: {
      PUBSUB_EMULATOR_HOST: pubsub.host,
      SLACK_TOKEN: slack.token,
      SLACK_CHANNEL: slack.channel,
      SLACK_API_URL: proxy.apiUrl,
    },
  });
  stops.push(stack.stop);
  slackFunction = await startSlackFunction(pubsub.host);
});

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

const history = z.looseObject({
  messages: z.array(
    z.looseObject({
      text: z.string(),
      edited: z.unknown().optional(),
      ts: z.string(),
      metadata: z.looseObject({
        event_payload: z.looseObject({ incident: z.string(), note: z.string().optional() }),
      }),
    }),
  ),
});

async function messages() {
  const client = new WebClient(slack.token, { slackApiUrl: slack.apiUrl });
  const answer = await client.conversations.history({ channel: slack.channel, include_all_metadata: true });
  return history.parse(answer).messages;
}

/** Asks Slack until the only message reads like that. */
async function untilTold(text: RegExp) {
  for (;;) {
    const [only, ...more] = await messages();
    expect(more).toEqual([]);
    if (only !== undefined && text.test(only.text)) return only;
    await sleep(100);
  }
}

/** Messages of incidents by their id, in the channel and in the threads of digests: the proofs of who was told twice. */
async function placesOf(prefix: string): Promise<ReadonlyMap<string, number>> {
  const client = new WebClient(slack.token, { slackApiUrl: slack.apiUrl });
  const inChannel = await messages();
  const places = [...inChannel];
  for (const { ts } of inChannel.filter(({ text }) => text.startsWith('📋'))) {
    const thread = { channel: slack.channel, ts, limit: 200, include_all_metadata: true };
    places.push(...history.parse(await client.conversations.replies(thread)).messages.slice(1));
  }
  const counts = new Map<string, number>();
  for (const { text, metadata } of places) {
    const { incident, note = '' } = metadata.event_payload;
    if (note === '' && text.includes(prefix)) counts.set(incident, (counts.get(incident) ?? 0) + 1);
  }
  return counts;
}

function press(value: string, secret: string): Promise<Response> {
  const body = new URLSearchParams({
    payload: JSON.stringify({
      type: 'block_actions',
      user: { id: 'U0PERSON' },
      response_url: 'https://hooks.slack.com/actions/x',
      actions: [{ action_id: 'acknowledge', value }],
    }),
  }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return fetch(slackFunction, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
  });
}

test('SIGKILL between Slack’s answer and our record: one message; a button then edits that one', async () => {
  const pattern = CATALOGUE.find(({ id }) => id === 'config-not-found');
  if (pattern === undefined) throw new Error('no such pattern');
  const now = new Date().toISOString();
  const message =
    'StreamAggregatedResources gRPC config stream closed: 5, Traffic Director configuration was not found for network "prod-vpc" in project "123456789012".';
  const entry = {
    ...(await exampleEntry(pattern)),
    jsonPayload: { message },
    timestamp: now,
    receiveTimestamp: now,
  };
  await stack.pubsub.topic(LOG_ENTRIES).publishMessage({ json: entry });
  await untilTold(/^🔴 Open: /);
  expect(deaths).toBe(1);
  // A second entry of another minute makes the message change: it is the same one that is edited.
  const later = new Date(Date.now() + 1_000).toISOString();
  await stack.pubsub
    .topic(LOG_ENTRIES)
    .publishMessage({ json: { ...entry, insertId: 'second', timestamp: later, receiveTimestamp: later } });
  const told = await untilTold(/2 entries/);
  expect(stack.functions.reconcile.restarts()).toBe(1);

  const { incident } = told.metadata.event_payload;
  expect((await press(`acknowledge ${incident}`, 'not-the-signing-secret')).status).toBe(401);
  expect((await press(`acknowledge ${incident}`, SECRET)).status).toBe(200);
  await untilTold(/^👀 Acknowledged: /);
}, 90_000);

test('24 causes at once, three more deaths and a limit of Slack: each is told once, in the channel or in its digest', async () => {
  const pattern = CATALOGUE.find(({ id }) => id === 'config-not-found');
  if (pattern === undefined) throw new Error('no such pattern');
  const example = await exampleEntry(pattern);
  const deathsBefore = deaths;
  const from = proxy.calls.get('chat.postMessage') ?? 0;
  proxy.plan = (method, n) => {
    if (method !== 'chat.postMessage') return 'none';
    // The digest is the sixth message or so: some die before it, some at it, some after.
    if ([2, 7, 12].includes(n - from)) return 'silent after';
    return n - from === 4 || n - from === 15 ? '429 with Retry-After' : 'none';
  };
  const now = new Date().toISOString();
  await Promise.all(
    Array.from({ length: CROWD }, (_, index) =>
      stack.pubsub.topic(LOG_ENTRIES).publishMessage({
        json: {
          ...example,
          insertId: `crowd-${index}`,
          timestamp: now,
          receiveTimestamp: now,
          jsonPayload: {
            message: `StreamAggregatedResources gRPC config stream closed: 5, Traffic Director configuration was not found for network "crowd-${index}" in project "123456789012".`,
          },
        },
      }),
    ),
  );
  // Every one is recorded as told and no claim is left: nothing more will be said.
  const db = new Firestore({ projectId: PROJECT, host: stack.firestoreHost, ssl: false });
  stops.push(() => db.terminate());
  for (let told = 0; told < CROWD; await sleep(250)) {
    const { docs } = await db.collection('incidents').get();
    told = docs
      .map((document) => readIncident(document.data()))
      .filter(({ scope }) => scope['network']?.startsWith('crowd-') === true)
      .filter(({ spoken }) => spoken.ts !== '' && spoken.claim === null).length;
  }
  const places = await placesOf('crowd-');
  expect([...places.values()]).toEqual(Array.from({ length: CROWD }, () => 1));
  expect(deaths - deathsBefore).toBe(3);
  expect((await messages()).filter(({ text }) => text.startsWith('📋'))).toHaveLength(1);
}, 120_000);
