// The one-machine run as a user sees it: real processes, real clients, real sockets; nothing beyond 127.0.0.1.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleMessages } from '../../infra/local/messages.ts';
import { replay } from '../../infra/local/replay.ts';
import type { Summary } from '../../infra/local/report.ts';
import { sampleHour } from '../../infra/local/sample/hour.ts';
import { LOG_ENTRIES, PROJECT, startStack, type Stack } from '../../infra/local/stack.ts';
import { createViewer, heldBackAs, type View, type Viewer } from '../../infra/local/view.ts';

const root = resolve(import.meta.dirname, '../..');
const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function start(args: readonly string[], input = ''): Promise<Finished> {
  const child = spawn(process.execPath, ['infra/local/run.ts', ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: newFolder() },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : null, stdout, stderr };
}

function summaryOf({ stdout }: Finished): Summary {
  const summary: Summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  return summary;
}

const total = (summary: Summary): number =>
  summary.counted + summary.routine + summary.ignored + summary.unrecognised + summary.parked;

/** Waits for the pipeline to come to rest: nothing unacknowledged, unfolded or still to be told. */
async function atRest(stack: Stack, viewer: Viewer): Promise<View> {
  let quiet = 0;
  for (;;) {
    const view = await viewer.look();
    const soon = Date.now() + 5_000;
    const resting =
      view.waiting === 0 &&
      (await stack.unacknowledged()) === 0 &&
      view.incidents.every(({ lookAt }) => lookAt === 0 || lookAt > soon);
    quiet = resting ? quiet + 1 : 0;
    if (quiet >= 3) return view;
  }
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a run that is ended while it replays leaves no process behind', async () => {
  const child = spawn(process.execPath, ['infra/local/run.ts'], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: newFolder() },
  });
  child.stderr.resume();
  let said = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    said += String(chunk);
    if (/^processes .*\n/m.test(said)) break;
  }
  const [line = ''] = /^processes .*/m.exec(said) ?? [];
  const pids = [...line.matchAll(/ (\d+)/g)].map(([, pid]) => Number(pid));
  expect(pids).toHaveLength(3);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(130);
  expect(pids.filter(isRunning)).toEqual([]);
});

describe('a running stack', () => {
  let stack: Stack;
  let viewer: Viewer;
  const hour = sampleHour({ seed: 1, endMs: Date.now(), run: 'e2e-' });
  const publish = () =>
    replay(sampleMessages(hour), {
      pubsub: stack.pubsub,
      topic: LOG_ENTRIES,
      backlog: stack.unacknowledged,
      onProgress: () => undefined,
    });
  /** Kills the process that serves `classify` and waits until the supervisor has started another. */
  const killClassify = async (): Promise<void> => {
    const pid = stack.functions.classify.pid();
    process.kill(pid, 'SIGKILL');
    while (stack.functions.classify.pid() === pid) await viewer.look();
  };
  const counts = (view: View) =>
    Object.fromEntries(view.incidents.map(({ id, count, proxyCount }) => [id, { count, proxyCount }]));

  beforeAll(async () => {
    stack = await startStack({ dataFolder: newFolder(), portBase: 0, redeliver: 0.2, seed: 5, env: {} });
    viewer = createViewer(PROJECT, stack.firestoreHost);
  });
  afterAll(async () => {
    await viewer.close();
    await stack.stop();
  });

  test('the bad hour becomes three incidents and three messages, though classify is killed three times', async () => {
    const killing = (async () => {
      for (let kill = 0; kill < 3; kill += 1) {
        await killClassify();
        // Let the next one take some of the load before it dies too.
        while (((await stack.unacknowledged()) ?? 0) > 1_200 - 400 * kill) await viewer.look();
      }
    })();
    const { published, distinct } = await publish();
    await killing;
    const view = await atRest(stack, viewer);
    expect(stack.functions.classify.restarts()).toBe(3);
    expect(distinct).toBe(published);
    expect(view.incidents.map(({ pattern }) => pattern).sort()).toEqual([
      'config-not-found',
      'listener-rejected',
      'stale-heartbeat',
    ]);
    const sum = view.incidents.reduce((all, { count }) => all + count, 0);
    const held = ['routine', 'ignored', 'parked'].map((kind) => heldBackAs(view, kind));
    expect(sum + held.reduce((all, count) => all + count, 0)).toBe(distinct);
    expect(heldBackAs(view, 'parked')).toBe(4);
    const proxies = Object.fromEntries(
      view.incidents.map(({ pattern, proxyCount }) => [pattern, proxyCount]),
    );
    expect(proxies).toEqual({ 'config-not-found': 12, 'listener-rejected': 18, 'stale-heartbeat': 2 });
  });

  test('each incident is one message in Slack, which shows the count that is stored', async () => {
    const { slack } = stack;
    const client = new WebClient(slack.token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
    const { messages = [] } = await client.conversations.history({ channel: slack.channel });
    const view = await viewer.look();
    expect(messages).toHaveLength(3);
    for (const { count } of view.incidents)
      expect(messages.filter(({ text }) => text?.includes(`${count} entries`))).toHaveLength(1);
    const page = await (await fetch(slack.inspector)).text();
    expect(page).toContain('prod-vpc');
  });

  test('the same entries once more change no count and make no message', async () => {
    const before = await viewer.look();
    await publish();
    const after = await atRest(stack, viewer);
    expect(counts(after)).toEqual(counts(before));
    expect([...after.heldBack]).toEqual([...before.heldBack]);
    const posts = (view: View): number => view.incidents.reduce((all, { slack }) => all + slack.posts, 0);
    expect(posts(after)).toBe(posts(before));
  });

  test('a pattern of the user’s own, put into Firestore, recognises lines as soon as an instance starts', async () => {
    const db = new Firestore({ projectId: PROJECT, host: stack.firestoreHost, ssl: false });
    await db
      .collection('patterns')
      .doc('custom-redis-filter')
      .set({
        id: 'custom-redis-filter',
        title: 'The Redis filter fails',
        severity: 'error',
        contains: ['redis'],
        regexp: 'redis (?P<operation>\\w+) failed',
        headline: 'Redis {operation} fails',
        cause: 'The Redis filter fails.',
        remedy: [{ say: 'Look at it.' }],
      });
    await db.terminate();
    await killClassify();
    const at = new Date().toISOString();
    const entry = {
      insertId: 'own-1',
      logName: 'projects/p/logs/envoy_err',
      timestamp: at,
      textPayload: 'redis get failed',
    };
    await stack.pubsub.topic(LOG_ENTRIES).publishMessage({ data: Buffer.from(JSON.stringify(entry)) });
    const view = await atRest(stack, viewer);
    expect(view.incidents.find(({ pattern }) => pattern === 'custom-redis-filter')).toMatchObject({
      count: 1,
      slack: { posts: 1 },
    });
    const client = new WebClient(stack.slack.token, { slackApiUrl: stack.slack.apiUrl });
    const { messages = [] } = await client.conversations.history({ channel: stack.slack.channel });
    expect(messages[0]?.text).toContain('Redis get fails');
  });
});

const FIRST = '2026-11-01T10:00:00Z';
const line = (index: number, message: string): string =>
  JSON.stringify({
    insertId: `file-${index}`,
    logName: 'projects/demo-project/logs/envoy_err',
    timestamp: FIRST,
    receiveTimestamp: FIRST,
    resource: {
      type: 'gce_instance',
      labels: { project_id: 'demo-project', zone: 'z', instance_id: `${index % 3}` },
    },
    jsonPayload: { message },
  });

test('a user’s file is counted once however often it is replayed, and its history stays between runs', async () => {
  const folder = newFolder();
  const file = join(folder, 'entries.ndjson');
  const fault = 'Traffic Director configuration was not found for network "prod-vpc" in project "1".';
  const lines = Array.from({ length: 9 }, (_, index) => line(index, fault));
  writeFileSync(file, `${lines.join('\n')}\n${lines[0]}\nno JSON at all\n`);
  const args = ['--once', '--format', 'json', '--data', join(folder, 'data'), '--input', file];
  const first = await start(args);
  expect(first.code).toBe(0);
  expect(summaryOf(first)).toMatchObject({ published: 11, entries: 10, counted: 9, parked: 1 });
  expect(total(summaryOf(first))).toBe(10);
  const again = await start(args);
  expect(summaryOf(again)).toMatchObject({ published: 11, entries: 10, counted: 9, parked: 1 });
  const known = ({ incidents }: Summary) =>
    incidents.map(({ id, count, proxies }) => ({ id, count, proxies }));
  expect(known(summaryOf(again))).toEqual(known(summaryOf(first)));
});

test.for([
  [['--nonsense'], /--nonsense.*--help/],
  [['--format', 'xml'], /--format takes text or json/],
  [['--input', '/nowhere/at/all'], /can't read --input \/nowhere\/at\/all/],
  [['--port-base', '80'], /privileged/],
  [['--redeliver', '2'], /--redeliver takes a share/],
  [['--source', '/nowhere'], /--source \/nowhere has no functions-framework: run «npm ci --omit=dev»/],
] as const)('%j is refused in one line with exit code 2', async ([args, wanted]) => {
  const { code, stdout, stderr } = await start(args);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(wanted)]);
});

test('a history that another run uses is said by name, with exit code 2', async () => {
  const folder = newFolder();
  const other = await startStack({ dataFolder: folder, portBase: 0, redeliver: 0, seed: 1, env: {} });
  const { code, stderr } = await start(['--once', '--data', folder]);
  await other.stop();
  expect(code).toBe(2);
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/another run uses the history .*--data/)]);
});

test('an occupied port is said by name, with exit code 2', async () => {
  const squatter = createServer();
  squatter.listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const address = squatter.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { code, stderr } = await start(['--once', '--port-base', String(port), '--data', newFolder()]);
  squatter.close();
  expect(code).toBe(2);
  expect(stderr).toMatch(new RegExp(`port ${port} for Firestore is taken`));
});
