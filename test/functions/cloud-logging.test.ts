// Reading the log: what is asked stays what was meant, and what comes back reads like the sink's own entries.
import { expect, test } from 'vitest';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import { filterFor, toLogEntry } from '../../functions/adapters/cloud-logging.ts';

const wanted = { project: 'demo-mesh', instance: '42', fromMs: 0, toMs: 60_000, entriesMax: 10 };

test('a VM is asked for by number or by name, between two moments', () => {
  expect(filterFor(wanted)).toBe(
    'resource.type="gce_instance" AND resource.labels.instance_id="42" AND timestamp>="1970-01-01T00:00:00.000Z" AND timestamp<="1970-01-01T00:01:00.000Z"',
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
