// The package as production has it: unpacked into an empty folder, installed there without development's packages, each
// function started by that folder's framework with the variables that Terraform sets. Served by them: the bad hour of
// the one-machine run and its diagnosis, a slash command, the pages of the history. Needs a package registry.
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { WebClient } from '@slack/web-api';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { functionProgram } from '../../infra/local/function-program.ts';
import { startDemo, type Demo } from '../../infra/local/google/demo.ts';
import { sampleMessages } from '../../infra/local/messages.ts';
import { freePort, keepRunning } from '../../infra/local/processes.ts';
import { replay } from '../../infra/local/replay.ts';
import { sampleHour } from '../../infra/local/sample/hour.ts';
import { LOG_ENTRIES, PROJECT, startStack, type Stack } from '../../infra/local/stack.ts';
import { createViewer, type View, type Viewer } from '../../infra/local/view.ts';
import { buildPackage } from '../../infra/package.ts';
import { variablesInTerraform } from './functions-terraform.ts';
import { readTerraform } from './terraform.ts';

const root = resolve(import.meta.dirname, '../..');

/** What a one-machine run sets beside what Terraform sets: where the stand-ins are. */
const LOCAL_ONLY = new Set([
  'FIRESTORE_EMULATOR_HOST',
  'GOOGLE_API_BASE',
  'LOGGING_API_ENDPOINT',
  'METADATA_SERVER_DETECTION',
  'PUBSUB_EMULATOR_HOST',
  'SLACK_API_URL',
]);

const names = z.record(z.string(), z.string());
const manifest = z.looseObject({ dependencies: names, devDependencies: names });

const SIGNING_SECRET = 'a secret of sixteen and more';

const stops: (() => Promise<unknown> | void)[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-'));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let folder: string;
let told: Awaited<ReturnType<typeof variablesInTerraform>>;
let demo: Demo;
let stack: Stack;
let viewer: Viewer;
const endMs = Date.now();
const hour = sampleHour({ seed: 1, endMs, run: 'package-' });

const tells = (name: string, variable: string): boolean =>
  LOCAL_ONLY.has(variable) || (told.get(name)?.has(variable) ?? false);

/** As the buildpack does: NODE_ENV says production, and no script of ours is run. */
async function install(into: string): Promise<void> {
  for (const [file, content] of Object.entries(unzipSync(buildPackage(root).bytes))) {
    mkdirSync(dirname(join(into, file)), { recursive: true });
    writeFileSync(join(into, file), content);
  }
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund'], { cwd: into, env });
}

beforeAll(async () => {
  folder = newFolder();
  await install(folder);
  told = await variablesInTerraform(await readTerraform());
  demo = await startDemo(endMs, hour);
  stops.push(demo.stop);
  stack = await startStack({
    dataFolder: newFolder(),
    portBase: 0,
    redeliver: 0.2,
    seed: 3,
    env: {},
    google: demo.google,
    history: true,
    source: folder,
    tells,
  });
  stops.push(stack.stop);
  viewer = createViewer(PROJECT, stack.firestoreHost);
  stops.push(viewer.close);
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

/** Starts a function that the stack has none of, from the unpacked package; resolves to its address. */
async function start(name: string, env: Readonly<Record<string, string>>): Promise<string> {
  const port = await freePort(0, name);
  const given = { GOOGLE_CLOUD_PROJECT: PROJECT, INCIDENT_CHANGES_TOPIC: 'incident-changes', ...env };
  const known = Object.fromEntries(Object.entries(given).filter(([variable]) => tells(name, variable)));
  const hosts = { FIRESTORE_EMULATOR_HOST: stack.firestoreHost, METADATA_SERVER_DETECTION: 'none' };
  const program = functionProgram(name, port, {
    env: { ...known, ...hosts },
    onLine: () => undefined,
    source: folder,
  });
  const running = await keepRunning(program);
  stops.push(running.stop);
  return `http://127.0.0.1:${port}/`;
}

async function until(is: (view: View) => boolean): Promise<View> {
  for (;;) {
    const view = await viewer.look();
    if (is(view)) return view;
  }
}

test('the folder holds what production needs and none of development’s packages', () => {
  const { devDependencies, dependencies } = manifest.parse(
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
  );
  expect(readdirSync(folder).toSorted()).toEqual([
    'functions',
    'node_modules',
    'package-lock.json',
    'package.json',
    'shared',
  ]);
  const installed = (name: string): boolean => existsSync(join(folder, 'node_modules', name));
  expect(Object.keys(dependencies).filter((name) => !installed(name))).toEqual([]);
  // Some of these are packages of the SDKs, too.
  const needed = new Set(['@grpc/grpc-js', '@grpc/proto-loader', '@types/node']);
  expect(Object.keys(devDependencies).filter((name) => installed(name) && !needed.has(name))).toEqual([]);
});

test('the bad hour becomes three incidents and three messages; a check says what is wrong, and its repair resolves', async () => {
  const { published, distinct } = await replay(sampleMessages(hour), {
    pubsub: stack.pubsub,
    topic: LOG_ENTRIES,
    backlog: stack.unacknowledged,
    onProgress: () => undefined,
  });
  expect(distinct).toBe(published);
  const told3 = await until(
    ({ incidents, waiting }) =>
      waiting === 0 && incidents.length === 3 && incidents.every(({ slack }) => slack.posts === 1),
  );
  expect(told3.incidents.map(({ pattern }) => pattern).toSorted()).toEqual([
    'config-not-found',
    'listener-rejected',
    'stale-heartbeat',
  ]);
  const proxies = Object.fromEntries(told3.incidents.map(({ pattern, proxyCount }) => [pattern, proxyCount]));
  expect(proxies).toEqual({ 'config-not-found': 12, 'listener-rejected': 18, 'stale-heartbeat': 2 });
  const network = ({ incidents }: View) => incidents.find(({ pattern }) => pattern === 'config-not-found');
  await until((view) => (network(view)?.conclusion ?? '') !== '');
  demo.repairNetwork();
  expect(network(await until((view) => network(view)?.state === 'resolved'))).toMatchObject({
    resolvedBy: 'proof',
  });
  const { slack } = stack;
  const client = new WebClient(slack.token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  const { messages = [] } = await client.conversations.history({ channel: slack.channel });
  expect(messages).toHaveLength(3);
});

test('the function slack answers what Slack signed, and nobody else', async () => {
  const address = await start('slack', { SLACK_SIGNING_SECRET: SIGNING_SECRET });
  const body = new URLSearchParams({
    command: '/mesh',
    text: 'incidents all',
    user_id: 'U0PERSON',
  }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const ask = (secret: string): Promise<Response> => {
    const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
    return fetch(address, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${signature}`,
      },
    });
  };
  expect((await ask('another secret, not shared')).status).toBe(401);
  const answer = await ask(SIGNING_SECRET);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('prod-vpc');
});

test('the function history serves the pages, with style and script, and the same as JSON', async () => {
  const get = async (path: string): Promise<string> => {
    const answer = await fetch(new URL(path, stack.historyUrl));
    expect({ path, status: answer.status }).toEqual({ path, status: 200 });
    return answer.text();
  };
  const overview = await get('/');
  for (const [, path = ''] of overview.matchAll(/(?:href|src)="([^"]+\.(?:css|js)[^"]*)"/g)) await get(path);
  expect(overview.match(/\.(?:css|js)[?"]/g)?.length).toBeGreaterThanOrEqual(2);
  expect(await get('/incidents')).toContain('prod-vpc');
  expect(await get('/incidents?format=json')).toContain('config-not-found');
});

test('every function of Terraform was started', () => {
  const ofTheStack = [...Object.keys(stack.functions), 'diagnose', 'history'];
  expect([...told.keys()].toSorted()).toEqual([...ofTheStack, 'slack'].toSorted());
});
