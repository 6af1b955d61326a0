// The verdict belongs to the message: prefix, tabs, wrapping, threads and files do not change it, and every input has one.
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createClassifier } from '#shared/classify/classify.ts';
import { isInside, saysError } from '#shared/classify/says-error.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import type { LogRecord } from '#shared/model/record.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import type { PatternSamples, Route } from '../patterns/sample.ts';
import { envoy, istio, recordOf } from './lines.ts';

const classifier = createClassifier(CATALOGUE);
const folder = join(import.meta.dirname, '../patterns');

async function sampledRecords(): Promise<readonly LogRecord[]> {
  const files = globSync('*.samples.ts', { cwd: folder }).map((file) => basename(file, '.ts'));
  const loaded = await Promise.all(
    files.map(async (file): Promise<PatternSamples> => {
      const { samples }: { samples: PatternSamples } = await import(`../patterns/${file}.ts`);
      return samples;
    }),
  );
  return loaded
    .flatMap(({ matches, nearMisses }) => [...matches, ...nearMisses])
    .map(({ line, route }) => recordOf(line, route));
}

const envoysOwn = (await sampledRecords()).filter(
  (record) => record.source === 'envoy' && record.level !== 'unknown' && record.component !== '',
);

test('there are enough of Envoy’s own lines among the samples to speak of all of them', () => {
  expect(envoysOwn.length).toBeGreaterThan(50);
  expect(new Set(envoysOwn.map(({ level }) => level)).size).toBeGreaterThan(3);
});

const file = fc.constantFrom(
  'source/common/config/grpc_stream.h',
  './source/server/server.cc',
  'external/envoy/source/common/a_b/c.cc',
  'bazel-out/k8-opt/bin/external/envoy/source/common/_virtual_includes/lib/common/d.h',
);
const place = fc.record({
  file,
  line: fc.integer({ min: 1, max: 9999 }),
  thread: fc.integer({ min: 1, max: 9_999_999 }),
  second: fc.integer({ min: 10, max: 59 }),
});
type Place = {
  readonly file: string;
  readonly line: number;
  readonly thread: number;
  readonly second: number;
};

/** Every form in which one and the same message of Envoy reaches a log. */
const FORMS: readonly ((record: LogRecord, text: string, at: Place) => string)[] = [
  ({ level, component }, text, at) =>
    `[2026-11-01 10:00:${at.second}.123][${at.thread}][${level}][${component}] [${at.file}:${at.line}] ${text}`,
  ({ level, component }, text, at) =>
    `[2026-11-01 10:00:${at.second}.123][${String(at.thread).padStart(6, '0')}][${level}][${component}] ${at.file}:${at.line}] ${text}`,
  ({ level, component }, text, at) =>
    `[Envoy (Epoch 0)] [2026-11-01 10:00:${at.second}.123][${at.thread}][${level}][${component}] [${at.file}:${at.line}] ${text}`,
  ({ level, component }, text, at) =>
    `2026-11-01T10:00:${at.second}.123456Z\t${level}\tenvoy ${component} ${at.file}:${at.line}\t${text}\tthread=${at.thread}`,
  ({ level, component }, text, at) =>
    `2026-11-01T10:00:${at.second}.123456Z     ${level}     envoy ${component}    ${text}`,
  ({ level, component }, text, at) => `[${level}] envoy.${component}(${at.thread}) ${text}`,
  ({ level, component }, text, at) =>
    `Nov  1 10:00:${at.second} web-1 envoy[${at.thread}]: [2026-11-01 10:00:${at.second}.123][${at.thread}][${level}][${component}] [${at.file}:${at.line}] ${text}`,
];

const routes: readonly Route[] = ['ops-agent', 'gke'];

test('a message has the same verdict in every form, on every thread, from every file', () => {
  fc.assert(
    fc.property(fc.constantFrom(...envoysOwn), fc.constantFrom(...FORMS), place, (record, form, at) => {
      // The GKE route has another proxy, and with it perhaps another group: only Envoy's words are compared.
      const again = recordOf(form(record, record.text, at));
      expect(again.text).toBe(record.text);
      const [before, after] = [record, again].map((one) =>
        classifier.classify({ ...one, proxy: again.proxy, bare: false, message: '' }),
      );
      expect(after).toEqual(before);
    }),
    { numRuns: 1500 },
  );
});

const gap = fc.constantFrom(' ', '\n', '\t', '  ', '\r\n', ' \n   ');

test('a message has the same verdict however it is wrapped, tabbed or padded', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...envoysOwn),
      fc.array(gap, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(...routes),
      (record, gaps, route) => {
        let at = 0;
        const wrapped = record.text.replaceAll(' ', () => gaps[at++ % gaps.length] ?? ' ');
        const [plain, folded] = [record.text, wrapped].map((text) =>
          classifier.classify(recordOf(envoy(record.level, record.component, text), route)),
        );
        expect(folded).toEqual(plain);
      },
    ),
    { numRuns: 1500 },
  );
});

const KINDS = ['finding', 'unrecognised', 'routine', 'ignored'];

test('any text ends with exactly one verdict, and the same one again', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.uint8Array({ maxLength: 400 }).map((bytes) => new TextDecoder().decode(bytes)),
        fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => envoy('warning', 'config', text)),
        fc.string({ maxLength: 200 }).map((text) => istio('error', 'xdsproxy', text)),
      ),
      fc.constantFrom(...routes, 'agent' as const, 'serial' as const),
      (line, route) => {
        const record = recordOf(line, route);
        const verdict = classifier.classify(record);
        expect(KINDS).toContain(verdict.kind);
        expect(classifier.classify(record)).toEqual(verdict);
      },
    ),
    { numRuns: 3000 },
  );
});

test('any JSON that intake takes ends with a verdict', () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 3 }), (payload) => {
      const intake = intakeEntry({ insertId: 'x', jsonPayload: payload }, { publishTimeMs: 0 });
      const kind = intake.kind === 'record' ? classifier.classify(intake.record).kind : 'ignored';
      expect(KINDS).toContain(kind);
    }),
    { numRuns: 1000 },
  );
});

test('what users write into scripts and plug-ins never makes a finding', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...envoysOwn),
      fc.constantFrom('lua', 'wasm', 'golang', 'dynamic_modules'),
      (record, component) => {
        const verdict = classifier.classify(
          recordOf(envoy('error', component, `script log: ${record.text}`)),
        );
        expect(verdict.kind).not.toBe('finding');
      },
    ),
  );
});

test('a warning or error that nobody knows is unrecognised, one step below its own level', () => {
  const verdict = (level: string) =>
    classifier.classify(recordOf(envoy(level, 'http', 'the frobnicator is stuck')));
  expect(verdict('critical')).toMatchObject({ kind: 'unrecognised', severity: 'error' });
  expect(verdict('error')).toMatchObject({ kind: 'unrecognised', severity: 'warning' });
  expect(verdict('warning')).toMatchObject({ kind: 'unrecognised', severity: 'info' });
  expect(verdict('info')).toEqual({ kind: 'ignored', reason: 'below-warning' });
  expect(verdict('debug')).toEqual({ kind: 'ignored', reason: 'below-warning' });
});

test('a line without a level is unrecognised where it clearly says an error, otherwise ignored', () => {
  const kindOf = (line: string) => classifier.classify(recordOf(line, 'agent'));
  expect(kindOf('the frobnicator failed to start')).toMatchObject({ kind: 'unrecognised', severity: 'info' });
  expect(kindOf('the frobnicator has started')).toEqual({ kind: 'ignored', reason: 'no-level' });
  expect(kindOf('    at frob.Nicator(Frob.java:12) failed')).toEqual({
    kind: 'ignored',
    reason: 'continuation',
  });
});

test('traffic that Envoy drops is told although it says so at debug only', () => {
  const verdict = classifier.classify(
    recordOf(envoy('debug', 'filter', 'Creating connection to cluster BlackHoleCluster')),
  );
  expect(verdict).toMatchObject({ kind: 'unrecognised', severity: 'info' });
});

test('the kernel and programs beside the mesh are left alone', () => {
  const line =
    "Nov  1 10:00:00 web-1 kernel: [    1.123456] Error: Driver 'pcspkr' is already registered, aborting...";
  expect(classifier.classify(recordOf(line, 'serial'))).toEqual({ kind: 'ignored', reason: 'not-the-mesh' });
});

const SAYS: readonly string[] = [
  'upstream connect error or disconnect/reset before headers',
  'could not open the file',
  'java.io.IOException: broken pipe',
  'RBAC: access denied',
  'no such host as that',
  'panic: something',
];
const SAYS_NOT: readonly string[] = [
  'finished without errors',
  '0 errors, 12 warnings',
  'cds updates: 1 successful, 0 rejected',
  'goaway with code NO_ERROR',
  '{"status":"ok","error":null}',
  'using --log-level error and --retry-on-failure',
  'mounted with errors=0',
  'connect_timeout: 5s; on-failure=continue',
  "'x-envoy-attempt-count', '1'",
  '"error": {',
];

test.for(SAYS)('says an error: «%s»', (text) => {
  expect(saysError(text)).toBe(true);
});

test.for(SAYS_NOT)('says no error: «%s»', (text) => {
  expect(saysError(text)).toBe(false);
});

test('lines inside a stack or a dump are told by their form', () => {
  for (const text of [
    'at frob.Nicator(Frob.java:12)',
    'goroutine 17 [running]:',
    'main.go:12 +0x96',
    '})',
    '"error": {',
  ])
    expect(isInside(text)).toBe(true);
  for (const text of ['attempt failed', '{"error":"x"}', 'main.go failed'])
    expect(isInside(text)).toBe(false);
});
