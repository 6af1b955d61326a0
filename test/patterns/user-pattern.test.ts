// Patterns that users write as data: every fault is named by its field, and no document can stall or break anything.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeLine } from '#shared/intake/line-entry.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import {
  readUserPattern,
  readUserPatterns,
  USER_PATTERNS_MAX,
  USER_REGEXP_CHARS_MAX,
} from '#shared/patterns/user-pattern.ts';

const DOCUMENT = {
  id: 'custom-redis-filter',
  title: 'The Redis filter fails',
  severity: 'error',
  contains: ['redis'],
  regexp: 'redis (?P<operation>\\w+) failed on (?P<host>\\S+)',
  scope: ['operation'],
  headline: 'Redis {operation} fails on {host}',
  cause: 'The Redis filter cannot do {operation}',
  remedy: [{ say: 'Look at {host}.', run: 'ssh {host} redis-cli ping' }],
  quietMinutes: 5,
};

function read(document: unknown) {
  const result = readUserPattern(document);
  if (result.kind === 'faults') throw new Error(result.faults.join('; '));
  return result.pattern;
}

function verdictOf(line: string) {
  const intake = intakeLine(line, { publishTimeMs: 1_793_527_200_000, identity: 'x' });
  if (intake.kind !== 'record') throw new Error(intake.detail);
  return createClassifier([read(DOCUMENT), ...CATALOGUE]).classify(intake.record);
}

test('a document recognises its line, with fields, scope and weight', () => {
  expect(
    verdictOf('[2026-11-01 10:00:00.000][1][error][filter] [a.cc:1] redis get failed on 192.0.2.7'),
  ).toMatchObject({
    kind: 'finding',
    pattern: 'custom-redis-filter',
    fields: { operation: 'get', host: '192.0.2.7' },
    scope: { operation: 'get' },
    severity: 'error',
    weight: 'sure',
  });
});

test('what it renders is filled in, and its commands stay commands of one word a field', () => {
  const pattern = read(DOCUMENT);
  const about = { fields: { operation: 'get', host: "'; rm -rf ~" }, scope: {}, proxies: [] };
  expect(pattern.headline(about)).toBe("Redis get fails on '; rm -rf ~");
  const [step] = pattern.remedy(about);
  const shown = spawnSync('bash', ['-c', `ssh() { printf '<%s>' "$1"; }; ${step.run ?? ''}`], {
    encoding: 'utf8',
  });
  expect(shown.stdout).toBe("<'; rm -rf ~>");
});

test.for([
  [{ id: 'redis' }, 'id: must look like custom-my-failure: lower case, digits, hyphens'],
  [{ severity: 'bad' }, /^severity: /],
  [{ contains: [] }, /^contains: /],
  [{ contains: ['abc'] }, 'contains.0: needs four characters or more'],
  [{ regexp: '(a+' }, 'regexp: error parsing regexp: missing closing ): `(a+`'],
  [{ regexp: '(?=x)y' }, /^regexp: error parsing regexp/],
  [{ scope: ['nobody'] }, 'scope: the regexp has no group named nobody'],
  [{ headline: '{nobody} fails' }, 'headline: the regexp has no group named nobody'],
  [{ remedy: [] }, /^remedy: /],
  [
    { remedy: [{ say: 'x', run: "echo '{host}'" }] },
    'remedy.0.run: a {field} may not stand inside quotes or behind a $',
  ],
  [{ remedy: [{ say: 'x', run: 'echo {nobody}' }] }, 'remedy.0.run: the regexp has no group named nobody'],
  [{ quietMinutes: 0 }, /^quietMinutes: /],
  [{ nonsense: 1 }, /^document: .*nonsense/],
] as const)('the fault in %j is named', ([change, wanted]) => {
  const result = readUserPattern({ ...DOCUMENT, ...change });
  expect(result.kind).toBe('faults');
  if (result.kind !== 'faults') return;
  expect(result.faults).toEqual([typeof wanted === 'string' ? wanted : expect.stringMatching(wanted)]);
});

test.for([null, 7, 'text', [], {}])('%j is no document, and says so', (value) => {
  expect(readUserPattern(value).kind).toBe('faults');
});

test.for([
  [USER_REGEXP_CHARS_MAX - 1, 'pattern'],
  [USER_REGEXP_CHARS_MAX, 'pattern'],
  [USER_REGEXP_CHARS_MAX + 1, 'faults'],
] as const)('an expression of %i characters: %s', ([length, kind]) => {
  const regexp = DOCUMENT.regexp + 'x'.repeat(length - DOCUMENT.regexp.length);
  expect(readUserPattern({ ...DOCUMENT, regexp }).kind).toBe(kind);
});

test.for([
  [USER_PATTERNS_MAX - 1, USER_PATTERNS_MAX - 1],
  [USER_PATTERNS_MAX, USER_PATTERNS_MAX],
  [USER_PATTERNS_MAX + 1, 0],
])('of %i documents %i are used', ([count, used]) => {
  const documents = Array.from({ length: count ?? 0 }, (_, index) => ({
    ...DOCUMENT,
    id: `custom-x-${index}`,
  }));
  expect(readUserPatterns(documents).filter(({ kind }) => kind === 'pattern')).toHaveLength(used ?? 0);
});

test('two documents of one id are a fault', () => {
  expect(readUserPatterns([DOCUMENT, DOCUMENT]).map(({ kind }) => kind)).toEqual(['pattern', 'faults']);
});

test('an expression that would take ages elsewhere is linear here', () => {
  const pattern = read({ ...DOCUMENT, regexp: '(a+)+(?P<operation>b)(?P<host>c)' });
  const [sign] = pattern.signs;
  expect(sign.kind === 'text' && sign.regexp.exec('a'.repeat(20_000))).toBeNull();
});
