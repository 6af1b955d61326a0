// Raw lines become records with the time that they carry.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { intakeLine } from '#shared/intake/line-entry.ts';
import { ENTRY_CHARS_MAX } from '#shared/intake/log-entry.ts';

const PUBLISHED = Date.UTC(2026, 10, 1, 12, 0, 0);
const at = { publishTimeMs: PUBLISHED, identity: 'envoy.log:7' };

test('a line becomes a record without a proxy', () => {
  const timeMs = Date.UTC(2026, 10, 1, 10, 0, 0, 123);
  expect(intakeLine('[2026-11-01 10:00:00.123][15][warning][config] [a.cc:1] x  y', at)).toMatchObject({
    kind: 'record',
    record: {
      timeMs,
      minute: Math.floor(timeMs / 60_000),
      source: 'envoy',
      level: 'warning',
      component: 'config',
      message: 'x  y',
      text: 'x y',
      bare: false,
      logName: '',
      proxy: { project: '', location: '', name: '', displayName: '', group: '' },
      attributes: {},
    },
  });
});

test.for<[line: string, timeMs: number]>([
  ['2026-11-01T10:00:00.123456Z\tinfo\tx', Date.UTC(2026, 10, 1, 10, 0, 0, 123)],
  ['[2026-11-01T10:00:00.123+02:00][15][info][main] x', Date.UTC(2026, 10, 1, 8, 0, 0, 123)],
  [
    '[2026-11-01T10:00:00.123Z] "GET / HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 1 2',
    Date.UTC(2026, 10, 1, 10, 0, 0, 123),
  ],
  ['2026/10/31 10:00:00 x', Date.UTC(2026, 9, 31, 10, 0, 0)],
  ['Oct  9 10:00:00 vm-1 kernel: x', Date.UTC(2026, 9, 9, 10, 0, 0)],
  ['Nov  2 11:00:00 vm-1 kernel: x', Date.UTC(2026, 10, 2, 11, 0, 0)],
  ['Nov  2 13:00:00 vm-1 kernel: x', Date.UTC(2025, 10, 2, 13, 0, 0)],
  [
    'Nov  1 09:00:00 vm-1 envoy[7]: [2026-11-01 10:00:00.123][15][info][main] x',
    Date.UTC(2026, 10, 1, 10, 0, 0, 123),
  ],
  [
    '{"timestamp":"2026-11-01T10:00:00Z","thread":"1","level":"info","name":"main","message":"x"}',
    Date.UTC(2026, 10, 1, 10, 0, 0),
  ],
])('%j has its own time', ([line, timeMs]) => {
  expect(intakeLine(line, at)).toMatchObject({ record: { timeMs, minute: Math.floor(timeMs / 60_000) } });
});

test.for([
  'x',
  '',
  'startup-script: x',
  '[1901-11-01 10:00:00.123][15][info][main] x',
  'Feb 30 10:00:00 vm-1 kernel: x',
])('%j has no usable time and takes the one that came in', (line) => {
  expect(intakeLine(line, at)).toMatchObject({ record: { timeMs: PUBLISHED, minute: 0 } });
});

test('two equal lines of different places are two entries, the same line of one place is one', () => {
  const first = intakeLine('x', at);
  expect(intakeLine('x', at)).toEqual(first);
  expect(intakeLine('x', { ...at, identity: 'envoy.log:8' })).not.toEqual(first);
});

test('access logs and guest attributes are told from raw lines too', () => {
  const fields = '{"response_code":503,"response_flags":"UH","response_code_details":"no_healthy_upstream"}';
  expect(intakeLine(fields, at)).toMatchObject({
    record: { source: 'access-log', text: '503 UH no_healthy_upstream' },
  });
  expect(intakeLine('gce-service-proxy  bootstrap-status  FAILED', at)).toMatchObject({
    record: { source: 'guest-attributes', attributes: { 'bootstrap-status': 'FAILED' } },
  });
});

test('a line longer than an entry can be is unreadable', () => {
  expect(intakeLine('x'.repeat(ENTRY_CHARS_MAX), at).kind).toBe('record');
  expect(intakeLine('x'.repeat(ENTRY_CHARS_MAX + 1), at)).toMatchObject({
    kind: 'unreadable',
    reason: 'too-large',
  });
});

test('no line makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), fc.integer(), (line, publishTimeMs) => {
      expect(intakeLine(line, { publishTimeMs, identity: '' }).kind).toBe('record');
    }),
  );
});
