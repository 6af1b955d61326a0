// Reading the log: what is asked stays what was meant, and what comes back reads like the sink's own entries.
import { status } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import {
  createCloudLogging,
  filterFor,
  PAGES_MAX,
  toLogEntry,
} from '../../functions/adapters/cloud-logging.ts';
import type { LogReader } from '../../functions/ports.ts';
import { startLogging, type LoggingOptions } from '../../infra/local/logging/server.ts';

const wanted = {
  project: 'demo-mesh',
  instance: '42',
  fromMs: 0,
  toMs: 60_000,
  entriesMax: 10,
  keep: 'first',
} as const;

test('a VM is asked for by number or by name, between two moments', () => {
  expect(filterFor(wanted)).toBe(
    'resource.type="gce_instance" AND resource.labels.instance_id="42" AND timestamp>="1970-01-01T00:00:00.000Z" AND timestamp<="1970-01-01T00:01:00.000Z" AND NOT logName:"cloudaudit.googleapis.com"',
  );
  expect(filterFor({ ...wanted, instance: 'web-1' })).toContain(
    'labels."compute.googleapis.com/resource_name"="web-1"',
  );
});

test('a name can’t become part of the filter', () => {
  const filter = filterFor({ ...wanted, instance: 'x" OR severity>=DEFAULT OR "\n' });
  expect(filter).toContain(String.raw`="x\" OR severity>=DEFAULT OR \" "`);
});

test.for([
  ['text', 'Envoy is gone'],
  ['JSON', { message: 'Envoy is gone' }],
] as const)('an entry with a %s payload becomes the record that the sink’s would', ([, data]) => {
  const value = toLogEntry({
    metadata: {
      logName: 'projects/demo-mesh/logs/envoy_err',
      insertId: 'a',
      timestamp: new Date(1_700_000_000_000),
      resource: { type: 'gce_instance', labels: { project_id: 'demo-mesh', zone: 'z', instance_id: '42' } },
    },
    data,
  });
  const intake = intakeEntry(value, { publishTimeMs: 0 });
  expect(intake).toMatchObject({
    kind: 'record',
    record: {
      message: 'Envoy is gone',
      timeMs: 1_700_000_000_000,
      proxy: { project: 'demo-mesh', name: '42' },
    },
  });
});

const VM = {
  type: 'gce_instance',
  labels: { project_id: 'demo-mesh', zone: 'europe-west3-b', instance_id: '42' },
};

const entry = (second: number, more: object = {}) => ({
  logName: 'projects/demo-mesh/logs/envoy_err',
  insertId: `i${second}`,
  timestamp: new Date(second * 1_000).toISOString(),
  severity: 'WARNING',
  resource: VM,
  labels: { 'compute.googleapis.com/resource_name': 'web-1' },
  jsonPayload: { message: `line ${second}`, pid: 7, parts: ['a', { b: null }] },
  ...more,
});

async function startReader(options: Partial<LoggingOptions>, timeoutMs = 5_000) {
  const api = await startLogging({ port: 0, ...options });
  onTestFinished(api.stop);
  const reader = createCloudLogging({ project: 'mesh-triage', endpoint: api.host, timeoutMs });
  const read = async (more: Partial<Parameters<LogReader['read']>[0]> = {}) => {
    const got = await reader.read({ ...wanted, ...more });
    if (got.kind === 'unreadable') return got.why;
    return got.entries.map((one) => {
      const intake = intakeEntry(one, { publishTimeMs: 0 });
      return intake.kind === 'record' ? intake.record.message : intake.reason;
    });
  };
  return { api, reader, read };
}

const seconds = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const lines = (from: number, to: number) => seconds(from, to).map((second) => `line ${second}`);

test('over a socket: what comes back is what the sink would have published', async () => {
  const { reader } = await startReader({ entries: [entry(3)] });
  expect(await reader.read(wanted)).toEqual({ kind: 'entries', entries: [entry(3)] });
});

test.for([
  ['first', lines(0, 9)],
  ['last', lines(51, 60)],
] as const)('of more entries than wanted the %s are kept, oldest first', async ([keep, found]) => {
  const { read } = await startReader({ entries: seconds(0, 200).map((second) => entry(second)) });
  expect(await read({ keep })).toEqual(found);
});

test('only the VM that was asked for, between the two moments, and nothing of the audit log', async () => {
  const { read } = await startReader({
    entries: [
      entry(61),
      entry(1, { resource: { ...VM, labels: { ...VM.labels, instance_id: '43' } } }),
      entry(2, { logName: 'projects/other/logs/envoy_err' }),
      entry(3, {
        logName: 'projects/demo-mesh/logs/cloudaudit.googleapis.com%2Factivity',
        protoPayload: { '@type': 'type.googleapis.com/google.cloud.audit.AuditLog' },
        jsonPayload: undefined,
      }),
      entry(4, { protoPayload: { '@type': 'type.googleapis.com/x' }, jsonPayload: undefined }),
      entry(60),
    ],
  });
  expect(await read()).toEqual(['line 60']);
  expect(await read({ instance: 'web-1' })).toEqual(['line 1', 'line 60']);
});

test('a text is looked for in both kinds of payload', async () => {
  const { read } = await startReader({
    entries: [entry(1), entry(2, { textPayload: 'Envoy version: x', jsonPayload: undefined })],
  });
  expect(await read({ holding: 'LINE' })).toEqual(['line 1']);
  expect(await read({ holding: 'envoy version' })).toEqual(['Envoy version: x']);
});

test('pages that are empty although the search goes on are followed, a few of them', async () => {
  const entries = [
    ...seconds(0, 9).map((second) => entry(second, { resource: { type: 'global' } })),
    entry(10),
  ];
  const patient = await startReader({ entries, scannedMax: 5 });
  expect(await patient.read()).toEqual(['line 10']);
  expect(patient.api.requests).toHaveLength(3);
  const endless = await startReader({ entries, scannedMax: 1 });
  expect(await endless.read()).toEqual([]);
  expect(endless.api.requests).toHaveLength(PAGES_MAX);
});

test.for([
  ['a used-up quota', { readsPerMinute: 0 }, /RESOURCE_EXHAUSTED.*Read requests per minute/],
  [
    'no permission',
    { before: () => Promise.resolve({ code: status.PERMISSION_DENIED, details: 'logging.logEntries.list' }) },
    /PERMISSION_DENIED.*logging\.logEntries\.list/,
  ],
  ['no answer', { before: () => new Promise<never>(() => undefined) }, /DEADLINE_EXCEEDED|timeout/i],
] satisfies [string, Partial<LoggingOptions>, RegExp][])(
  '%s is said, never thrown',
  async ([, trouble, why]) => {
    const { read } = await startReader({ entries: [entry(1)], ...trouble }, 300);
    expect(await read()).toMatch(why);
  },
);

test('a server that is not there is said too', async () => {
  const { api, read } = await startReader({}, 500);
  await api.stop();
  expect(await read()).toEqual(expect.any(String));
});
