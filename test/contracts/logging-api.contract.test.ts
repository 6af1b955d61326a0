// The stand-in for the Logging API as Google's own client meets it: filters, order, pages, quota, refusals.
import { Logging } from '@google-cloud/logging';
import { credentials, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { READS_PER_MINUTE, startLogging, type LoggingOptions } from '../../infra/local/logging/server.ts';

process.env['METADATA_SERVER_DETECTION'] ??= 'none';

const T0_MS = Date.UTC(2026, 10, 1, 10, 0, 0);
const at = (second: number): string => new Date(T0_MS + second * 1_000).toISOString();

const anEntry = (second: number, more: object = {}) => ({
  logName: 'projects/demo-mesh/logs/envoy_err',
  insertId: `i${String(second).padStart(6, '0')}`,
  timestamp: at(second),
  severity: 'WARNING',
  resource: { type: 'gce_instance', labels: { project_id: 'demo-mesh', zone: 'z', instance_id: '42' } },
  labels: { 'compute.googleapis.com/resource_name': 'web-1' },
  jsonPayload: { message: `line ${second}`, pid: second },
  ...more,
});

interface Query {
  readonly filter?: string;
  readonly orderBy?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly resourceNames?: string[];
}

async function start(options: Partial<LoggingOptions> = {}) {
  const api = await startLogging({ port: 0, ...options });
  onTestFinished(api.stop);
  const [apiEndpoint = '', port] = api.host.split(':');
  const stand = {
    sslCreds: credentials.createInsecure(),
    clientOptions: { universeDomain: 'googleapis.com' },
  };
  const client = new Logging({ projectId: 'demo-mesh', apiEndpoint, port: Number(port), ...stand });
  /** Insert ids of one page, and the token of the next. */
  const page = async (query: Query) => {
    // The client adds a span of a day where the filter names no time.
    const filter = query.filter ?? 'timestamp>="2000-01-01"';
    const [entries, , answer] = await client.getEntries({
      resourceNames: ['projects/demo-mesh'],
      orderBy: 'timestamp asc',
      pageSize: 1_000,
      ...query,
      filter: filter.includes('timestamp') ? filter : `timestamp>="2000-01-01" AND (${filter})`,
      autoPaginate: false,
    });
    return { ids: entries.map(({ metadata }) => metadata.insertId), token: answer.nextPageToken ?? '' };
  };
  return { api, client, page };
}

const VARIED = [
  anEntry(0, { insertId: 'plain' }),
  anEntry(1, { insertId: 'agent', logName: 'projects/demo-mesh/logs/service-proxy-agent', severity: 'INFO' }),
  anEntry(2, { insertId: 'text', jsonPayload: undefined, textPayload: 'Upper and lower' }),
  anEntry(3, {
    insertId: 'serial',
    logName: 'projects/demo-mesh/logs/serialconsole.googleapis.com%2Fserial_port_1_output',
  }),
  anEntry(4, { insertId: 'other-vm', resource: { type: 'gce_instance', labels: { instance_id: '43' } } }),
  anEntry(5, { insertId: 'list', jsonPayload: { tags: ['a', 'b'], nested: { deep: true }, pid: 700 } }),
  anEntry(6, { insertId: 'bare', severity: undefined, labels: {} }),
  anEntry(7, { insertId: 'worst', severity: 'CRITICAL' }),
];
const ALL = VARIED.map(({ insertId }) => insertId);
const without = (...ids: readonly string[]): readonly string[] => ALL.filter((id) => !ids.includes(id));

test.for([
  ['resource.labels.instance_id="43"', ['other-vm']],
  ['labels."compute.googleapis.com/resource_name"="WEB-1"', without('bare')],
  ['severity>=WARNING', without('agent', 'bare')],
  ['severity=DEFAULT', ['bare']],
  ['severity>WARNING', ['worst']],
  ['textPayload:"LOWER"', ['text']],
  ['textPayload=~"lower$"', ['text']],
  ['textPayload=~"LOWER"', []],
  ['jsonPayload.message!~"line"', []],
  ['jsonPayload.tags="b"', ['list']],
  ['jsonPayload.nested.deep=true', ['list']],
  ['jsonPayload.pid>6', ['worst', 'list'].toSorted((a, b) => ALL.indexOf(a) - ALL.indexOf(b))],
  ['labels:*', ALL],
  ['textPayload:*', ['text']],
  ['NOT textPayload:*', without('text')],
  ['-textPayload:*', without('text')],
  ['log_id("service-proxy-agent")', ['agent']],
  ['log_id("serialconsole.googleapis.com/serial_port_1_output")', ['serial']],
  ['logName=("projects/demo-mesh/logs/service-proxy-agent" OR "projects/other/logs/x")', ['agent']],
  ['logName:"serialconsole" severity=WARNING', ['serial']],
  ['-- a comment\nlogName:"serialconsole"\nseverity=WARNING', ['serial']],
  // OR binds stronger than AND.
  ['severity=INFO OR severity=CRITICAL AND log_id("envoy_err")', ['worst']],
  ['(severity=CRITICAL AND log_id("envoy_err")) OR severity=INFO', ['agent', 'worst']],
  [`timestamp>="${at(2)}" AND timestamp<"${at(4)}"`, ['text', 'serial']],
  [`timestamp="${at(2)}"`, ['text']],
  ['timestamp>="2026-11-02"', []],
] satisfies [string, readonly string[]][])('filter %s', async ([filter, ids]) => {
  const { page } = await start({ entries: VARIED });
  expect((await page({ filter })).ids).toEqual(ids);
});

test.for([
  'severity>=LOUD',
  'timestamp>="yesterday"',
  'a=',
  '(a=1',
  'a=1)',
  '"a bare text"',
  'SEARCH("x")',
  'a=1 OR',
  `a="${'x'.repeat(20_000)}"`,
  '('.repeat(60) + 'a=1' + ')'.repeat(60),
])('filter %s is refused with INVALID_ARGUMENT', async (filter) => {
  const { page } = await start({ entries: VARIED });
  await expect(page({ filter })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
});

test('an entry comes over the wire as it was given', async () => {
  const { client } = await start({ entries: [anEntry(1, { timestamp: '2026-11-01T10:00:01.123456789Z' })] });
  const [[entry]] = await client.getEntries({ filter: 'timestamp>="2026-11-01"', autoPaginate: false });
  expect(entry?.metadata).toMatchObject({
    logName: 'projects/demo-mesh/logs/envoy_err',
    severity: 'WARNING',
    resource: { type: 'gce_instance', labels: { instance_id: '42' } },
    labels: { 'compute.googleapis.com/resource_name': 'web-1' },
  });
  expect(entry?.data).toEqual({ message: 'line 1', pid: 1 });
});

test('pages join to all entries, once each and in order, whatever their size and the way', async () => {
  const entries = Array.from({ length: 60 }, (_, n) => anEntry(Math.floor(n / 3), { insertId: `i${n}` }));
  const shuffled = [
    ...entries.filter((_, n) => n % 2 === 0),
    ...entries,
    ...entries.filter((_, n) => n % 2 === 1),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 70 }),
      fc.constantFrom('asc', 'desc'),
      async (pageSize, scannedMax, way) => {
        const { page, api } = await start({ entries: shuffled, scannedMax, readsPerMinute: 1_000 });
        const found: (string | null | undefined)[] = [];
        let pageToken = '';
        do {
          const next = await page({ pageSize, pageToken, orderBy: `timestamp ${way}` });
          expect(next.ids.length).toBeLessThanOrEqual(Math.min(pageSize, scannedMax));
          found.push(...next.ids);
          pageToken = next.token;
        } while (pageToken !== '');
        const order = entries.map(({ insertId, timestamp }) => `${timestamp} ${insertId}`).toSorted();
        const ids = order.map((one) => one.split(' ')[1]);
        expect(found).toEqual(way === 'asc' ? ids : ids.toReversed());
        await api.stop();
      },
    ),
    { numRuns: 15 },
  );
});

test('a page may be empty and yet not the last', async () => {
  const entries = Array.from({ length: 10 }, (_, n) => anEntry(n));
  const { page } = await start({ entries, scannedMax: 5 });
  const first = await page({ filter: 'jsonPayload.pid=9' });
  expect(first.ids).toEqual([]);
  expect(first.token).not.toBe('');
  const filter = 'timestamp>="2000-01-01" AND (jsonPayload.pid=9)';
  expect((await page({ filter, pageToken: first.token })).ids).toEqual(['i000009']);
});

test('without a size a page has 50 entries', async () => {
  const { page } = await start({ entries: Array.from({ length: 51 }, (_, n) => anEntry(n)) });
  expect((await page({ pageSize: 0 })).ids).toHaveLength(50);
});

test.for([
  ['another filter', { filter: 'timestamp>="2001-01-01"' }],
  ['another order', { orderBy: 'timestamp desc' }],
  ['a made-up token', { pageToken: 'nonsense' }],
] satisfies [string, Query][])('a token with %s is refused', async ([, change]) => {
  const { page } = await start({ entries: [anEntry(1), anEntry(2)] });
  const { token } = await page({ pageSize: 1 });
  await expect(page({ pageSize: 1, pageToken: token, ...change })).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
  });
});

test('only the project that is asked for; folders and views are refused by name', async () => {
  const other = anEntry(1, { logName: 'projects/other/logs/envoy_err', insertId: 'other' });
  const { page } = await start({ entries: [anEntry(0), other] });
  expect((await page({ resourceNames: ['projects/other'] })).ids).toEqual(['other']);
  await expect(page({ resourceNames: ['folders/1'] })).rejects.toThrow(/projects only, not folders\/1/);
});

test.for([
  [READS_PER_MINUTE, true],
  [READS_PER_MINUTE + 1, false],
] as const)('%i reads within a minute: %j', async ([reads, isAllowed]) => {
  let nowMs = T0_MS;
  const { page } = await start({ entries: [anEntry(0)], nowMs: () => nowMs });
  const results = await Promise.allSettled(Array.from({ length: reads }, () => page({})));
  const refused = results.filter((one) => one.status === 'rejected');
  expect(refused).toHaveLength(isAllowed ? 0 : 1);
  for (const one of refused) expect(one.reason).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  nowMs += 60_000;
  expect((await page({})).ids).toHaveLength(1);
});

test('entries that are added while it runs are found', async () => {
  const { api, page } = await start();
  expect((await page({})).ids).toEqual([]);
  api.add([anEntry(2), anEntry(1)]);
  api.add([anEntry(1)]);
  expect((await page({})).ids).toEqual(['i000001', 'i000002']);
});

test('what only a writer needs is not there', async () => {
  const { client } = await start();
  await expect(client.log('x').write(client.log('x').entry('y'))).rejects.toMatchObject({
    code: status.UNIMPLEMENTED,
  });
});
