// Reading the log back, page by page over a socket: each entry is the one that the sink publishes, and counts as that one.
import { status } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { intakeJson } from '#shared/intake/log-entry.ts';
import {
  createLogPages,
  PAGE_ENTRIES_MAX,
  type LogPage,
} from '../../functions/adapters/cloud-logging-pages.ts';
import { startLogging, type LoggingOptions } from '../../infra/local/logging/server.ts';

/** As a sink publishes it: compact, its names in order, times without the zeros that end them. */
const ofSink = {
  insertId: '1x2y3z',
  labels: { 'compute.googleapis.com/resource_name': 'web-1' },
  logName: 'projects/demo-mesh/logs/envoy_err',
  receiveTimestamp: '2026-11-01T10:00:31.407023427Z',
  resource: {
    labels: { project_id: 'demo-mesh', zone: 'europe-west3-b', instance_id: '42' },
    type: 'gce_instance',
  },
  severity: 'WARNING',
  timestamp: '2026-11-01T10:00:30.399200504Z',
  jsonPayload: { message: 'a line', pid: 7, parts: ['a', { b: null }], nested: { yes: true } },
};

async function startPages(options: Partial<LoggingOptions> = {}) {
  const api = await startLogging({ port: 0, ...options });
  onTestFinished(api.stop);
  const pages = createLogPages({ project: 'mesh-triage', endpoint: api.host });
  const read = (after = '', filter = 'timestamp>="2000-01-01T00:00:00Z"'): Promise<LogPage> =>
    pages.page({ projects: ['demo-mesh'], filter, after });
  return { api, read };
}

const entriesOf = (page: LogPage): readonly object[] => {
  if (page.kind !== 'page') throw new Error(`${page.kind}: ${page.why}`);
  return page.entries;
};

test.for([
  ['nanoseconds', { timestamp: '2026-11-01T10:00:30.399200504Z' }],
  ['microseconds', { timestamp: '2026-11-01T10:00:30.399200Z' }],
  ['milliseconds', { timestamp: '2026-11-01T10:00:30.399Z' }],
  ['tenths', { timestamp: '2026-11-01T10:00:30.4Z' }],
  ['zeros inside', { timestamp: '2026-11-01T10:00:30.000000007Z' }],
  ['a whole second', { timestamp: '2026-11-01T10:00:30Z' }],
  ['a time that the sink writes with zeros', { timestamp: '2026-11-01T10:00:30.440000000Z' }],
  ['a clock that is a day ahead', { timestamp: '2026-11-03T10:00:30.1Z' }],
  ['text', { jsonPayload: undefined, textPayload: '[warning][config] a line\n' }],
  ['no severity', { severity: undefined }],
  ['no labels', { labels: undefined }],
  ['a log with a slash in its name', { logName: 'projects/demo-mesh/logs/a.b%2Fc' }],
] as const)('an entry with %s counts as the one that the sink published', async ([, change]) => {
  const published = JSON.stringify({ ...ofSink, ...change });
  const { read } = await startPages({ entries: [JSON.parse(published)] });
  const [back] = entriesOf(await read());
  const at = { publishTimeMs: 0 };
  const sink = intakeJson(published, at);
  expect(sink).toMatchObject({ kind: 'record' });
  // The id, the minute under which it is counted, the proxy, the message: everything that is made of it.
  expect(intakeJson(JSON.stringify(back), at)).toEqual(sink);
});

test('an entry comes back byte for byte', async () => {
  const { read } = await startPages({ entries: [ofSink] });
  const [back] = entriesOf(await read());
  expect(JSON.stringify(back)).toBe(JSON.stringify(ofSink));
});

test('pages follow each other to the nanosecond, none left out and none twice', async () => {
  const entries = Array.from({ length: 2 * PAGE_ENTRIES_MAX + 1 }, (_, n) => ({
    ...ofSink,
    insertId: `i${n}`,
    timestamp: `2026-11-01T10:00:30.${String(Math.floor(n / 3)).padStart(9, '0')}Z`,
  }));
  const { read } = await startPages({ entries });
  const ids: unknown[] = [];
  const sizes: number[] = [];
  for (let after = ''; ;) {
    const page = await read(after);
    for (const entry of entriesOf(page)) ids.push(Reflect.get(entry, 'insertId'));
    if (page.kind !== 'page') break;
    sizes.push(page.entries.length);
    after = page.next;
    if (after === '') break;
  }
  expect(sizes).toEqual([PAGE_ENTRIES_MAX, PAGE_ENTRIES_MAX, 1]);
  expect(new Set(ids).size).toBe(entries.length);
});

test('a page says when its last entry was', async () => {
  const { read } = await startPages({ entries: [ofSink] });
  expect(await read()).toMatchObject({ lastMs: Date.UTC(2026, 10, 1, 10, 0, 30, 399), next: '' });
  expect(await read('', 'timestamp>="2027-01-01T00:00:00Z"')).toEqual({
    kind: 'page',
    entries: [],
    lastMs: 0,
    next: '',
  });
});

test.for([
  ['quota', { readsPerMinute: 0 }, /Read requests per minute/],
  [
    'no-permission',
    { before: () => Promise.resolve({ code: status.PERMISSION_DENIED, details: 'denied' }) },
    /denied/,
  ],
  [
    'unknown-project',
    { before: () => Promise.resolve({ code: status.NOT_FOUND, details: 'Project does not exist' }) },
    /does not exist/,
  ],
  [
    'no-credentials',
    { before: () => Promise.resolve({ code: status.UNAUTHENTICATED, details: 'who?' }) },
    /who/,
  ],
  ['passing', { before: () => Promise.resolve({ code: status.UNAVAILABLE, details: 'later' }) }, /later/],
] satisfies [string, Partial<LoggingOptions>, RegExp][])(
  '%s is told apart, and nothing is tried again behind one’s back',
  async ([kind, trouble, why]) => {
    const { api, read } = await startPages(trouble);
    expect(await read()).toEqual({ kind, why: expect.stringMatching(why) });
    expect(api.requests).toHaveLength(1);
  },
);

test('a filter that makes no sense is told apart', async () => {
  const { read } = await startPages();
  expect(await read('', 'timestamp>="2000-01-01T00:00:00Z" AND (')).toMatchObject({ kind: 'bad-request' });
});

test('a server that is not there may be there the next time', async () => {
  const { api, read } = await startPages();
  await api.stop();
  expect(await read()).toMatchObject({ kind: 'passing' });
});
