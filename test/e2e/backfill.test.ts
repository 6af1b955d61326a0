// A week of a log into the running pipeline by the command line, killed twice on the way, beside a sink that had delivered
// a part of it: every entry counts once, and Slack hears only of what the sink delivered. `npm run test:backfill` does
// the same with 50,000 entries.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLogging, type LocalLogging } from '../../infra/local/logging/server.ts';
import { replay, type OutgoingMessage } from '../../infra/local/replay.ts';
import { seeded } from '../../infra/local/seeded.ts';
import { LOG_ENTRIES, PROJECT, startStack, type Stack } from '../../infra/local/stack.ts';
import { createViewer, heldBackAs, type View, type Viewer } from '../../infra/local/view.ts';

/** Entries of the log; each page holds 1,000. */
const ENTRIES = Number(process.env['BACKFILL_ENTRIES'] ?? 5_000);

const PAGE_ENTRIES = 1_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const LOG_PROJECT = 'mesh-logs';
const STREAM = 'StreamAggregatedResources gRPC config stream to trafficdirector.googleapis.com:443 closed:';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Made {
  readonly entry: Readonly<Record<string, unknown>>;
  readonly network: string;
  readonly isRoutine: boolean;
  readonly ageMs: number;
}

/** Nanoseconds as the sink writes them: without the zeros at the end. */
function timeText(ms: number, nanos: number): string {
  const fraction = String((ms % 1_000) * 1_000_000 + nanos).padStart(9, '0');
  const second = new Date(ms).toISOString().slice(0, 19);
  return `${second}.${fraction}`.replace(/\.?0*$/, 'Z');
}

/** Networks by the last digit of the entry's number: two old faults, two that began within the last ten minutes. */
const NETWORKS = ['recent', 'live', 'a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'] as const;

function lineEntry(n: number, network: string, ageMs: number): Made {
  const isRoutine = n % 7 === 0;
  const line = isRoutine
    ? `${STREAM} 13, `
    : `${STREAM} 5, Traffic Director configuration was not found for network "${network}" in project "1".`;
  // Times differ by nanoseconds, now and then not at all.
  const time = timeText(endMs - ageMs, n % 5 === 0 ? 0 : (n * 7_919) % 1_000_000);
  const message = `[${time.slice(0, 19).replace('T', ' ')}.000][12][warning][config] [a/grpc_stream.h:1] ${line}`;
  const entry = {
    insertId: `e${n % 3}-${n}`,
    logName: `projects/${LOG_PROJECT}/logs/envoy_err`,
    receiveTimestamp: timeText(endMs - ageMs + 900, 7),
    resource: {
      labels: { instance_id: String(10_000 + (n % 40)), project_id: LOG_PROJECT, zone: 'europe-west3-b' },
      type: 'gce_instance',
    },
    severity: 'WARNING',
    timestamp: time,
    jsonPayload: { message },
  };
  return { entry, network, isRoutine, ageMs };
}

/** Seven days of a log. */
function makeLog(): readonly Made[] {
  const random = seeded(11);
  return Array.from({ length: ENTRIES }, (_, n) => {
    const network = NETWORKS[n % NETWORKS.length] ?? 'a';
    const isOld = network === 'a' || network === 'b';
    return lineEntry(n, network, 2_000 + Math.floor(random() * (isOld ? 6.9 * DAY_MS : HOUR_MS / 6)));
  });
}

let stack: Stack;
let viewer: Viewer;
let logging: LocalLogging;
/** Called as each page is asked for, by its number since the beginning of the test. */
let onRead: (read: number) => Promise<void> = () => Promise.resolve();
const endMs = Date.now();
const log = makeLog();

beforeAll(async () => {
  stack = await startStack({ dataFolder: folder, portBase: 0, redeliver: 0.1, seed: 3, env: {} });
  viewer = createViewer(PROJECT, stack.firestoreHost);
  const noise = {
    ...log[0]?.entry,
    insertId: 'elsewhere',
    logName: `projects/${LOG_PROJECT}/logs/syslog`,
  };
  logging = await startLogging({
    port: 0,
    entries: [...log.map(({ entry }) => entry), noise],
    readsPerMinute: 100_000,
    before: async () => {
      await onRead(logging.requests.length);
      return undefined;
    },
  });
});
afterAll(async () => {
  await viewer.close();
  await logging.stop();
  await stack.stop();
});

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(pubsubHost: string): { readonly child: ChildProcess; readonly ended: Promise<Finished> } {
  const args = ['--since', '7d', '--project', LOG_PROJECT, '--endpoint', logging.host];
  const pace = ['--reads-per-minute', '100000', '--format', 'json', '--state', join(folder, 'state.json')];
  const child = spawn(process.execPath, [join(root, 'cli/main.ts'), 'backfill', ...args, ...pace], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GOOGLE_CLOUD_PROJECT: PROJECT,
      PUBSUB_EMULATOR_HOST: pubsubHost,
      METADATA_SERVER_DETECTION: 'none',
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const ended = once(child, 'close').then(([code]) => ({
    code: typeof code === 'number' ? code : null,
    stdout,
    stderr,
  }));
  return { child, ended };
}

/** Networks that Slack's channel was told of. */
async function told(): Promise<readonly string[]> {
  const { token, apiUrl, channel } = stack.slack;
  const client = new WebClient(token, { slackApiUrl: apiUrl, retryConfig: { retries: 0 } });
  const { messages = [] } = await client.conversations.history({ channel });
  return messages
    .map(({ text }) => NETWORKS.find((name) => text?.includes(`"${name}"`)) ?? text ?? '')
    .sort();
}

async function publish(made: readonly Made[]): Promise<void> {
  await replay(messagesOf(made), {
    pubsub: stack.pubsub,
    topic: LOG_ENTRIES,
    backlog: stack.unacknowledged,
    onProgress: () => undefined,
  });
}

async function* messagesOf(made: readonly Made[]): AsyncGenerator<OutgoingMessage> {
  for (const { entry } of made) {
    const text = JSON.stringify(entry);
    yield { data: new TextEncoder().encode(text), identity: text };
  }
}

/** Entries that were counted, wherever. */
const countOf = (view: View): number =>
  view.incidents.reduce((sum, { count }) => sum + count, 0) +
  ['routine', 'ignored', 'parked'].reduce((sum, kind) => sum + heldBackAs(view, kind), 0);

async function untilQuiet(): Promise<View> {
  for (let quiet = 0; ;) {
    const view = await viewer.look();
    const isQuiet = view.waiting === 0 && (await stack.unacknowledged()) === 0;
    quiet = isQuiet ? quiet + 1 : 0;
    if (quiet >= 3) return view;
    await sleep(200);
  }
}

test(
  `${ENTRIES} entries, killed twice and carried on, half of them delivered by the sink too: each counts once, quietly`,
  { timeout: 600_000 },
  async () => {
    const host = stack.pubsubHost;
    // The sink has delivered a part: of «a» only what is old, and all of «live».
    const delivered = log.filter(
      ({ network, ageMs }) => network === 'live' || (network === 'a' && ageMs > 2 * HOUR_MS),
    );
    await publish(delivered);
    const before = await untilQuiet();
    expect(await told()).toEqual(['live']);
    expect(countOf(before)).toBe(delivered.length);

    const pages = Math.ceil(ENTRIES / PAGE_ENTRIES);
    const runs: Finished[] = [];
    for (const killAtPage of [Math.ceil(pages / 3), Math.ceil(pages / 3)]) {
      const firstRead = logging.requests.length;
      const { child, ended } = start(host);
      onRead = async (read) => {
        // As the page is asked for, or, the second time, while it is being published.
        if (read - firstRead !== killAtPage) return;
        if (runs.length === 0) child.kill('SIGKILL');
        else void sleep(150).then(() => child.kill('SIGKILL'));
      };
      runs.push(await ended);
    }
    onRead = () => Promise.resolve();
    const last = await start(host).ended;

    expect(runs.map(({ code, stdout }) => [code, stdout])).toEqual([
      [null, ''],
      [null, ''],
    ]);
    expect(last.stderr).toContain('carries on at');
    expect(last.code).toBe(0);
    const said: Record<string, unknown> = JSON.parse(last.stdout);
    expect(said).toMatchObject({ resumed: 2, tell: false, dryRun: false });
    // Some pages were handed over twice, and not all of them anew.
    expect(Number(said['published'])).toBeGreaterThanOrEqual(ENTRIES);
    expect(logging.requests.length).toBeLessThan(2 * pages + 4);
    expect(readdirSync(folder)).not.toContain('state.json');

    const view = await untilQuiet();
    expect(countOf(view)).toBe(ENTRIES);
    const expected = Map.groupBy(
      log.filter(({ isRoutine }) => !isRoutine),
      ({ network }) => network,
    );
    expect(Object.fromEntries(view.incidents.map(({ scope, count }) => [scope['network'], count]))).toEqual(
      Object.fromEntries([...expected].map(([network, made]) => [network, made.length])),
    );
    expect(await stack.deadLetters()).toBe(0);
    // «a» and «recent» have entries of the last minutes: those that came by themselves are told of, and no others.
    const fresh = log.filter(({ isRoutine, ageMs }) => !isRoutine && ageMs < HOUR_MS / 2);
    expect([...new Set(fresh.map(({ network }) => network))].sort()).toEqual(['a', 'b', 'live', 'recent']);
    expect(await told()).toEqual(['live']);

    // The fault is still there, and the sink says so.
    await publish([lineEntry(7 * ENTRIES + 1, 'recent', 0)]);
    while ((await told()).length < 2) await sleep(200);
    expect(await told()).toEqual(['live', 'recent']);
  },
);
