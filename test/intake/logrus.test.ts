// Lines of logrus, as containerd, Docker and agents written in Go print them where no terminal listens.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeLine } from '#shared/intake/line-entry.ts';
import { readLine } from '#shared/intake/normalise.ts';
import type { LogLevel } from '#shared/model/record.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';

const TIME = 'time="2026-11-01T10:00:00Z"';

test.for<[line: string, message: string, level: LogLevel]>([
  [`${TIME} level=warning msg="the stream closed"`, 'the stream closed', 'warning'],
  [`${TIME} level=info msg=exiting`, 'exiting', 'info'],
  [`level=error msg="no time"`, 'no time', 'error'],
  [`${TIME} level=fatal msg="cannot go on"`, 'cannot go on', 'critical'],
  [`${TIME} level=panic msg="cannot go on"`, 'cannot go on', 'critical'],
  [`time="2026-11-01T10:00:00.123456789+02:00" level=debug msg="a \\"b\\" c"`, 'a \\"b\\" c', 'debug'],
  [`${TIME} level=warning msg="a path\\\\"`, 'a path\\\\', 'warning'],
  [
    `${TIME} level=error msg="dial" error="no such host" retry=3`,
    'dial" error="no such host" retry=3',
    'error',
  ],
  [`${TIME} level=warning component=xds file="a b.go:7" msg="it \\"moved\\""`, 'it \\"moved\\"', 'warning'],
  [`${TIME} level=warning msg=""`, '', 'warning'],
  [`${TIME} level=warning msg="cut of`, 'cut of', 'warning'],
  [`${TIME} level=warning msg="cut \\"`, 'cut \\"', 'warning'],
  [`Nov  1 10:00:00 web-1 containerd[311]: ${TIME} level=warning msg="cleanup"`, 'cleanup', 'warning'],
])('«%s»', ([line, message, level]) => {
  expect(readLine(line)).toMatchObject({ message, level, bare: false });
});

test.for([
  `${TIME} level=loud msg="x"`,
  `${TIME} msg="x" level=info`,
  'level=info',
  'level is low',
  'time="now" level=info msg="x"',
  'time flies',
])('«%s» is a message without prefix', (line) => {
  expect(readLine(line)).toMatchObject({ message: line, level: 'unknown', bare: true });
});

test('the time of the line is the one that it names', () => {
  const intake = intakeLine(`${TIME} level=info msg="x"`, { publishTimeMs: 7, identity: 'a' });
  expect(intake).toMatchObject({
    kind: 'record',
    record: { timeMs: Date.UTC(2026, 10, 1, 10), source: 'agent' },
  });
});

test('a fault is recognised in it', () => {
  const line = `${TIME} level=error msg="rpc error: code = PermissionDenied desc = The caller does not have permission"`;
  const intake = intakeLine(line, { publishTimeMs: 7, identity: 'a' });
  if (intake.kind !== 'record') throw new Error(intake.detail);
  expect(createClassifier(CATALOGUE).classify(intake.record)).toMatchObject({ pattern: 'permission-denied' });
});

test('whatever the message, its quotes come off and its text stays', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ' b', '"', '\\', '=', '\u{1F600}') }), (message) => {
      const text = `x${message}y`;
      const quoted = JSON.stringify(text);
      expect(readLine(`${TIME} level=info msg=${quoted}`).message).toBe(quoted.slice(1, -1));
    }),
  );
});
