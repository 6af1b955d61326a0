// Verdicts that are remembered: only where the text and its writer decide, never where the machine or the moment does.
import { expect, test } from 'vitest';
import { createClassifier } from '#shared/classify/classify.ts';
import { watch } from '#shared/classify/watch.ts';
import type { LogRecord } from '#shared/model/record.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { definePattern, type Pattern } from '#shared/patterns/pattern.ts';
import { envoy, recordOf } from './lines.ts';

const record = recordOf(envoy('warning', 'config', 'the pump of a machine is broken: 42'));

/** A pattern whose sign and scope look at what the test gives them to look at. */
function patternOf(scope: (record: LogRecord) => string, fits: (record: LogRecord) => boolean): Pattern {
  return definePattern<'number'>()({
    id: 'pump',
    title: 'A pump is broken',
    severity: 'error',
    fields: ['number'],
    signs: [
      {
        kind: 'text',
        name: 'pump',
        contains: ['is broken'],
        regexp: /is broken: (?<number>\d+)/,
        read: (one, found) => (fits(one) ? found : undefined),
      },
    ],
    scope: (_found, one) => ({ of: scope(one) }),
    headline: () => 'A pump is broken',
    cause: () => 'It is old.',
    checks: [],
    remedy: () => [{ id: 'mend', say: 'Mend the pump.' }],
    explains: [],
    yieldsTo: [],
    gone: { quietAfterMs: 1, proof: 'it runs' },
    references: ['the pump'],
  });
}

const always = () => true;
const proxy = (change: Partial<LogRecord['proxy']>): LogRecord => ({
  ...record,
  proxy: { ...record.proxy, ...change },
});

/** Every record three times, so that the later times could come from memory; must equal a classifier without any. */
function expectUnmoved(pattern: Pattern, records: readonly LogRecord[]): void {
  const classifier = createClassifier([pattern]);
  for (let times = 0; times < 3; times += 1)
    for (const one of records)
      expect(classifier.classify(one)).toEqual(createClassifier([pattern]).classify(one));
}

test('a scope of the machine, its group or its place follows each record', () => {
  const records = [
    record,
    proxy({ group: 'other' }),
    proxy({ displayName: 'vm-2' }),
    proxy({ location: 'z' }),
  ];
  expectUnmoved(
    patternOf((one) => one.proxy.group, always),
    records,
  );
  expectUnmoved(
    patternOf((one) => one.proxy.displayName, always),
    records,
  );
  expectUnmoved(
    patternOf((one) => Object.values(one.proxy).join(' '), always),
    records,
  );
  expectUnmoved(
    patternOf((one) => JSON.stringify({ ...one }), always),
    records,
  );
});

test('a scope of the project and a sign of the level, the writer or the logger follow each record', () => {
  const records: readonly LogRecord[] = [
    record,
    proxy({ project: 'other' }),
    { ...record, level: 'info' },
    { ...record, source: 'agent' },
    { ...record, component: 'upstream' },
    { ...record, component: 'lua' },
    { ...record, bare: true },
  ];
  expectUnmoved(
    patternOf((one) => one.proxy.project, always),
    records,
  );
  expectUnmoved(
    patternOf(
      () => 'all',
      (one) => one.level === 'warning',
    ),
    records,
  );
  expectUnmoved(
    patternOf(
      () => 'all',
      (one) => one.source === 'envoy',
    ),
    records,
  );
  expectUnmoved(
    patternOf(
      () => 'all',
      (one) => one.component === 'config',
    ),
    records,
  );
  expectUnmoved(
    patternOf(
      () => 'all',
      (one) => one.bare,
    ),
    records,
  );
});

test('a sign of the moment follows each record', () => {
  const records = [1, 2, 3].map((timeMs): LogRecord => ({ ...record, timeMs }));
  expectUnmoved(
    patternOf(
      () => 'all',
      (one) => one.timeMs % 2 === 0,
    ),
    records,
  );
});

test('a verdict of the text and its writer alone is made once', () => {
  let asked = 0;
  const classifier = createClassifier([
    patternOf(
      (one) => one.proxy.project,
      () => {
        asked += 1;
        return true;
      },
    ),
  ]);
  for (let times = 0; times < 10; times += 1) classifier.classify(proxy({ name: `vm-${times}` }));
  // The first time the text may be one that never comes again; the second time it is remembered.
  expect(asked).toBe(2);
});

test('guest attributes and access logs are judged anew each time', () => {
  const classifier = createClassifier(CATALOGUE);
  const healthy: LogRecord = { ...record, source: 'guest-attributes', text: 'guest attributes' };
  const kindOf = (status: string) =>
    classifier.classify({ ...healthy, attributes: { 'bootstrap-status': status } }).kind;
  expect([kindOf('OK'), kindOf('OK'), kindOf('OK')]).toEqual(['ignored', 'ignored', 'ignored']);
  expect(kindOf('FAILED')).toBe('finding');
});

test('what is looked at is told apart from what lines share', () => {
  const isPersonal = (look: (one: LogRecord) => unknown): boolean => {
    const watched = watch(record);
    look(watched.record);
    return watched.isPersonal();
  };
  expect(isPersonal((one) => [one.text, one.level, one.source, one.component, one.bare, one.access])).toBe(
    false,
  );
  expect(isPersonal((one) => one.proxy.project)).toBe(false);
  for (const name of ['idHigh', 'idLow', 'timeMs', 'minute', 'message', 'logName'] as const)
    expect(isPersonal((one) => one[name])).toBe(true);
  for (const name of ['location', 'name', 'displayName', 'group'] as const)
    expect(isPersonal((one) => one.proxy[name])).toBe(true);
  expect(isPersonal((one) => Object.keys(one))).toBe(true);
});
