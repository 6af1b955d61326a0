// backfill as it is called: its flags, what it publishes and how, what it says when something is wrong; how it shows that it
// goes on, and what it remembers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { status } from '@grpc/grpc-js';
import { PubSub, type Message } from '@google-cloud/pubsub';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { backfill } from '../../cli/backfill.ts';
import { readPlan, REACH_MS_MAX } from '../../cli/backfill-plan.ts';
import { createProgress, LINE_EVERY_MS } from '../../cli/backfill-progress.ts';
import { openStateFile, RESUME_WITHIN_MS, type BackfillState } from '../../cli/backfill-state.ts';
import type { CommandContext } from '../../cli/command.ts';
import { READS_PER_MINUTE } from '../../cli/read-pace.ts';
import { sinkFilter } from '../../cli/sink-filter.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { parseFilter } from '../../infra/local/logging/filter-syntax.ts';
import { testOf } from '../../infra/local/logging/filter.ts';
import {
  READS_PER_MINUTE as GOOGLES,
  startLogging,
  type LoggingOptions,
} from '../../infra/local/logging/server.ts';
import { startPubsub, type Pubsub } from '../../infra/local/pubsub/server.ts';
import { anEntry, ROUTINE } from '../fakes/entries.ts';
import { T0_MS } from '../fakes/sightings.ts';
import { sinkFilter as terraformFilter, sinkOf } from '../infra/sink.ts';
import { readTerraform } from '../infra/terraform.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = T0_MS + HOUR_MS;
const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-'));
let server: Pubsub;
beforeAll(async () => {
  server = await startPubsub({ port: 0 });
  process.env['PUBSUB_EMULATOR_HOST'] = server.host;
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

let state = '';
let tests = 0;
beforeEach(() => {
  tests += 1;
  state = join(folder, `${tests}.json`);
});

type Given = Readonly<Record<string, string | readonly string[]>>;

/** What `main` hands over for these flags; those of --project are a list. */
function contextOf(given: Given, said: string[] = []): CommandContext {
  const { projects, ...flags } = given;
  const defaults = Object.entries(backfill.flags).flatMap(([name, flag]) =>
    typeof flag.default === 'string' ? [[name, flag.default] as const] : [],
  );
  const keep = (text: string): Promise<void> => {
    said.push(text);
    return Promise.resolve();
  };
  const values = Object.entries({ project: 'triage', since: '2h', state, ...flags }).map(
    ([name, value]) => [name, value] as const,
  );
  return {
    args: [],
    values: Object.fromEntries([...defaults, ...values].filter(([, value]) => value !== '')),
    lists: Array.isArray(projects) ? { project: projects } : {},
    format: 'json',
    print: keep,
    note: keep,
    nowMs: NOW_MS,
  };
}

/** A log with these entries, a topic with one subscriber, and the command between them. */
async function setUp(options: Partial<LoggingOptions> = {}) {
  const api = await startLogging({ port: 0, ...options });
  const project = `triage-${tests}`;
  const client = new PubSub({ projectId: project });
  const [topic] = await client.createTopic('log-entries');
  const [subscription] = await topic.createSubscription('seen');
  onTestFinished(async () => {
    await subscription.close();
    await client.close();
    await api.stop();
  });
  const run = async (given: Given = {}) => {
    const said: string[] = [];
    const context = contextOf({ project, projects: ['demo-project'], endpoint: api.host, ...given }, said);
    return { code: await backfill.run(context), said: said.join('\n') };
  };
  const received = (count: number): Promise<readonly Message[]> =>
    new Promise((resolve) => {
      const messages: Message[] = [];
      if (count === 0) resolve(messages);
      subscription.on('message', (message: Message) => {
        message.ack();
        messages.push(message);
        if (messages.length === count) resolve(messages);
      });
    });
  const waiting = (): number => {
    const stats = server.stats().subscriptions[`projects/${project}/subscriptions/seen`];
    return (stats?.backlog ?? 0) + (stats?.outstanding ?? 0);
  };
  return { api, run, received, waiting, project };
}

const severe = (n: number, more: object = {}) => ({ ...anEntry(n), severity: 'WARNING', ...more });

test.for([
  [{}, 'quiet'],
  [{ tell: 'true' }, 'tell'],
] as const)('%j publishes what the sink takes in that time, marked %s', async ([flags, mark]) => {
  const entries = [
    severe(1),
    severe(2),
    severe(3, { severity: 'INFO' }),
    severe(4, { timestamp: new Date(T0_MS - 2 * HOUR_MS).toISOString() }),
    severe(5, { timestamp: new Date(NOW_MS).toISOString() }),
    severe(6, { logName: 'projects/other/logs/envoy_err' }),
  ];
  const { run, received, project } = await setUp({ entries });
  const { code, said } = await run(flags);
  expect(code).toBe(0);
  expect(JSON.parse(said)).toMatchObject({
    read: 2,
    published: 2,
    resumed: 0,
    from: '2026-11-01T09:00:00Z',
    to: '2026-11-01T11:00:00Z',
    topic: `projects/${project}/topics/log-entries`,
    tell: mark === 'tell',
  });
  const messages = await received(2);
  expect(messages.map(({ attributes }) => attributes)).toEqual([{ backfill: mark }, { backfill: mark }]);
  const ids = messages.map(({ data }) => String(Reflect.get(JSON.parse(data.toString()), 'insertId')));
  expect(ids.sort()).toEqual(['entry-1', 'entry-2']);
});

test('several projects are read at once, and a filter of one’s own holds beside the sink’s', async () => {
  const other = { logName: 'projects/other-project/logs/envoy_err' };
  const { api, run } = await setUp({ entries: [severe(1), severe(2, other), severe(3, other)] });
  const { said } = await run({
    projects: ['other-project', 'demo-project'],
    filter: 'insertId="entry-1" OR insertId="entry-2"',
  });
  expect(JSON.parse(said)).toMatchObject({ published: 2 });
  expect(
    api.requests.map(({ resourceNames, orderBy, pageSize }) => [resourceNames, orderBy, pageSize]),
  ).toEqual([[['projects/demo-project', 'projects/other-project'], 'timestamp asc', 1_000]]);
});

test('a dry run says what the entries are, publishes none and remembers nothing', async () => {
  const entries = [severe(1), severe(2), { ...anEntry(3, { message: ROUTINE }), severity: 'WARNING' }];
  const { run, waiting } = await setUp({ entries });
  const { said } = await run({ 'dry-run': 'true' });
  expect(JSON.parse(said)).toMatchObject({
    read: 3,
    published: 0,
    dryRun: true,
    verdicts: { 'config-not-found': 2, 'routine:stream-rotation': 1 },
  });
  expect(waiting()).toBe(0);
  expect(existsSync(state)).toBe(false);
});

test.for([
  [
    'no permission',
    status.PERMISSION_DENIED,
    /demo-project: it takes logging\.logEntries\.list .*Google says: .*because/,
  ],
  ['an unknown project', status.NOT_FOUND, /there is no project demo-project\. Google says: .*because/],
  ['no credentials', status.UNAUTHENTICATED, /gcloud auth application-default login/],
] as const)('%s is said in words, exit code 1', async ([, code, words]) => {
  const { run, waiting } = await setUp({ before: () => Promise.resolve({ code, details: 'because' }) });
  const ended = await run();
  expect(ended.code).toBe(1);
  expect(ended.said).toMatch(words);
  expect(ended.said).toContain('The same command carries on');
  expect(waiting()).toBe(0);
});

test('a filter that Google does not take is wrong use', async () => {
  const { run } = await setUp();
  await expect(run({ filter: 'severity>=' })).rejects.toThrow(UsageError);
});

test('a topic that is not there is said, and the entries are read again by the next run', async () => {
  const { run, waiting, project } = await setUp({ entries: [severe(1)] });
  const ended = await run({ topic: 'nowhere' });
  expect(ended).toMatchObject({
    code: 1,
    said: expect.stringContaining(`no topic nowhere in project ${project}`),
  });
  expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ entries: 0 });
  expect((await run()).code).toBe(0);
  expect(waiting()).toBe(1);
  expect(existsSync(state)).toBe(false);
});

test('ctrl-c ends it at once and says how to go on; the same command does', async () => {
  const { api, project, waiting } = await setUp({
    entries: [severe(1, { timestamp: new Date(Date.now() - HOUR_MS).toISOString() })],
    // The first page never comes: whoever waits for it is interrupted.
    before: () =>
      api.requests.length === 1 ? new Promise<never>(() => undefined) : Promise.resolve(undefined),
  });
  const main = resolve(import.meta.dirname, '../../cli/main.ts');
  const flags = ['--since', '2h', '--project', 'demo-project', '--state', state, '--endpoint', api.host];
  const start = () => {
    const child = spawn(process.execPath, [main, 'backfill', ...flags], {
      env: {
        PATH: process.env['PATH'] ?? '',
        GOOGLE_CLOUD_PROJECT: project,
        PUBSUB_EMULATOR_HOST: server.host,
        METADATA_SERVER_DETECTION: 'none',
      },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    return { child, ended: once(child, 'close').then(([code]) => ({ code: Number(code), said })) };
  };
  const { child, ended } = start();
  while (api.requests.length === 0) await new Promise(setImmediate);
  child.kill('SIGINT');
  expect(await ended).toEqual({ code: 130, said: 'Interrupted. The same command carries on.\n' });
  expect(waiting()).toBe(0);
  const again = await start().ended;
  expect(again.code).toBe(0);
  expect(again.said).toMatch(
    /carries on at [^]*1 entry .* read, 1 published .*, quietly, in .* Carried on once\./,
  );
  expect(waiting()).toBe(1);
});

test.for([
  ['nothing to begin with', { since: '' }, /--since is missing/],
  ['no time', { since: 'lately' }, /--since takes 30m, 12h, 7d/],
  ['no span', { until: '3h' }, /--since must lie before --until/],
  ['the future', { until: '2099-01-01T00:00:00Z' }, /--until lies in the future/],
  ['more than is remembered', { since: '8d' }, /--first-time/],
  ['no project', { project: '', projects: '' }, /no project/],
  ['a project that is none', { projects: ['a b'] }, /«a b» is no id of a project/],
  ['too many projects', { projects: Array.from({ length: 101 }, (_, n) => `project-${n}`) }, /100 projects/],
  ['a topic that is none', { topic: 'a/b' }, /--topic takes NAME/],
  ['two projects and no home', { project: '', projects: ['one-project', 'two-projects'] }, /whose topic/],
  ['no pace', { 'reads-per-minute': '0' }, /--reads-per-minute/],
  ['a huge filter', { filter: 'x'.repeat(20_000) }, /20000 characters/],
  ['a state that can’t be', { state: '/nowhere/at/all.json' }, /choose another --state/],
] as const)('%s is wrong use, and nothing is read', async ([, given, words]) => {
  const { api, run } = await setUp();
  const error: unknown = await run(given).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toMatch(words);
  expect(api.requests).toEqual([]);
});

describe('what it plans', () => {
  const plan = (given: Given = {}) => readPlan(contextOf(given));

  test('the filter is the sink’s, within the span', () => {
    expect(sinkFilter('')).toBe(terraformFilter);
    const { filter, fromMs, toMs } = plan();
    const passes = testOf(parseFilter(filter({ fromMs, toMs })));
    const at = (timeMs: number) => severe(1, { timestamp: new Date(timeMs).toISOString() });
    expect([fromMs - 1, fromMs, toMs - 1, toMs].map((timeMs) => passes(at(timeMs)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(passes(severe(1, { severity: 'INFO' }))).toBe(false);
  });

  test('with an operator’s extra_log_filter it takes what the sink then takes, and nothing that it excludes', async () => {
    const extra = 'severity>=ERROR OR textPayload:"iptables"';
    const sink = sinkOf(await readTerraform(), extra);
    const { filter, fromMs, toMs } = plan({ 'extra-log-filter': extra, filter: 'insertId="entry-1"' });
    const passes = testOf(parseFilter(filter({ fromMs, toMs })));
    const types = [
      'gce_instance',
      'k8s_container',
      'cloud_run_revision',
      'build',
      'cloud_function',
      'global',
    ];
    const entries = types.flatMap((type) =>
      ['INFO', 'WARNING', 'ERROR'].map((severity) => severe(1, { severity, resource: { type, labels: {} } })),
    );
    expect(entries.map(passes)).toEqual(entries.map(sink));
    expect(new Set(entries.map(passes))).toEqual(new Set([true, false]));
  });

  test('the topic lies where mesh-triage does, or where it says', () => {
    expect(plan({ projects: ['logs-a'] }).topic).toEqual({ project: 'triage', topic: 'log-entries' });
    expect(plan({ project: '', projects: ['logs-a'] }).topic.project).toBe('logs-a');
    expect(plan({ topic: 'projects/else/topics/t-1' }).topic).toEqual({ project: 'else', topic: 't-1' });
  });

  test.for([
    { since: '3h' },
    { until: '1h' },
    { projects: ['other-project'] },
    { filter: 'severity=ERROR' },
    { 'extra-log-filter': 'severity=ERROR' },
    { topic: 'other' },
    { tell: 'true' },
  ])('with %j it is another backfill, with the same arguments later on it is the same', (given) => {
    expect(plan(given).key).not.toBe(plan().key);
    expect(readPlan({ ...contextOf({}), nowMs: NOW_MS + HOUR_MS }).key).toBe(plan().key);
  });

  test.for([
    [REACH_MS_MAX - 1, ''],
    [REACH_MS_MAX, ''],
    [REACH_MS_MAX + 1, 'true'],
  ] as const)('back by %i ms it needs --first-time: «%s»', ([reachMs, firstTime]) => {
    const since = new Date(NOW_MS - reachMs).toISOString();
    expect(plan({ since, 'first-time': firstTime }).fromMs).toBe(NOW_MS - reachMs);
    if (firstTime !== '') expect(() => plan({ since })).toThrow(UsageError);
  });

  test('what Google allows is not used up: others read the same log', () => {
    expect(READS_PER_MINUTE).toBeLessThan(GOOGLES);
    expect(plan().readsPerMinute).toBe(READS_PER_MINUTE);
  });
});

const STATE: BackfillState = {
  version: 1,
  key: 'k',
  fromMs: T0_MS,
  toMs: T0_MS + 4 * HOUR_MS,
  cursorMs: T0_MS + HOUR_MS,
  entries: 25_000,
  resumed: 1,
  savedMs: NOW_MS,
  spentMs: 5,
};

describe('what it remembers', () => {
  test('comes back as it was, until it is removed', () => {
    const file = openStateFile(state);
    expect(file.read('k', NOW_MS)).toBeUndefined();
    file.write(STATE);
    expect(file.read('k', NOW_MS)).toEqual(STATE);
    file.remove();
    expect(file.read('k', NOW_MS)).toBeUndefined();
  });

  test.for([
    [RESUME_WITHIN_MS - 1, STATE],
    [RESUME_WITHIN_MS, STATE],
    [RESUME_WITHIN_MS + 1, undefined],
  ] as const)('after %i ms', ([laterMs, found]) => {
    const file = openStateFile(state);
    file.write(STATE);
    expect(file.read('k', NOW_MS + laterMs)).toEqual(found);
  });

  test.for(['', '{', '[]', 'null', '{"version":2}', JSON.stringify({ ...STATE, cursorMs: '5' })])(
    'a file that holds «%s» is none',
    (text) => {
      writeFileSync(state, text);
      expect(openStateFile(state).read('k', NOW_MS)).toBeUndefined();
    },
  );

  test('another backfill’s is none', () => {
    const file = openStateFile(state);
    file.write(STATE);
    expect(file.read('other', NOW_MS)).toBeUndefined();
  });
});

describe('how it shows that it goes on', () => {
  const draw = (screen: { isTTY?: boolean; columns?: number }) => {
    const written: string[] = [];
    let now = 0;
    const progress = createProgress({ ...screen, write: (text) => written.push(text) }, () => now);
    return { progress, written, later: (ms: number) => (now += ms) };
  };

  test('a bar in a terminal, drawn over itself and taken away', () => {
    const { progress, written } = draw({ isTTY: true, columns: 60 });
    progress.show(STATE);
    progress.say('waits');
    progress.end();
    expect(written).toEqual([
      `\r\u001B[K${'[######------------------]  25 %  25,000 entries, up to 2026-11-01 11:00'.slice(0, 59)}`,
      expect.stringContaining('\r\u001B[Kwaits  [#####'),
      '\r\u001B[K',
    ]);
    for (const text of written) expect(text.length).toBeLessThanOrEqual(59 + 4);
  });

  test.for([
    [LINE_EVERY_MS - 1, 0],
    [LINE_EVERY_MS, 1],
    [LINE_EVERY_MS + 1, 1],
  ] as const)('elsewhere a line now and then: %i ms later there are %i', ([laterMs, lines]) => {
    const { progress, written, later } = draw({});
    later(laterMs);
    progress.show(STATE);
    progress.show(STATE);
    progress.end();
    expect(written).toHaveLength(lines);
    for (const sign of ['\r', '\u001B']) expect(written.join('')).not.toContain(sign);
  });

  test.for([
    [T0_MS - 1, '  0 %'],
    [T0_MS, '  0 %'],
    [T0_MS + 4 * HOUR_MS, '100 %'],
    [T0_MS + 5 * HOUR_MS, '100 %'],
  ] as const)('a cursor at %i is shown as %s', ([cursorMs, percent]) => {
    const { progress, written, later } = draw({});
    later(LINE_EVERY_MS);
    progress.show({ ...STATE, cursorMs });
    expect(written[0]).toContain(percent);
  });
});
