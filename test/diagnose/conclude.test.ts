// One sentence out of many verdicts, and what proves that a fault is gone.
import { expect, test } from 'vitest';
import { conclude, coversAll, provenGone, rememberFaults } from '#shared/diagnose/conclude.ts';
import type { CheckVerdict } from '#shared/model/incident.ts';

const verdict = (id: string, is: CheckVerdict['verdict'], found = `${id} ${is}`): CheckVerdict => ({
  id,
  verdict: is,
  expected: 'something',
  found,
  how: 'GET',
  atMs: 1,
});
const PATTERN = 'config-not-found';
const KNOWN = { 'forwarding-rules': 'no rule names x' };

test.for([
  ['the first fault', [verdict('a', 'ok'), verdict('b', 'fault'), verdict('c', 'fault')], 'b fault'],
  ['nothing readable', [verdict('a', 'unreadable', 'needs x.y.get')], 'Nothing could be read: needs x.y.get'],
  [
    'all is well',
    [verdict('a', 'ok'), verdict('b', 'ok')],
    '2 checks pass: nothing wrong is seen from outside',
  ],
  [
    'well as far as it can be read',
    [verdict('a', 'ok'), verdict('b', 'unreadable')],
    '1 check passes: nothing wrong is seen from outside; 1 could not be read',
  ],
  ['no checks at all', [], ''],
] as const)('%s', ([, checks, sentence]) => {
  expect(conclude(PATTERN, checks).en).toBe(sentence);
});

test('the sentence is in Chinese too, of what the checks found in Chinese', () => {
  const fault: CheckVerdict = {
    ...verdict('forwarding-rules', 'fault', 'no rule names x'),
    zhCn: { expected: '引用 x 的规则', found: '没有规则引用 x' },
  };
  const ok: CheckVerdict = {
    ...verdict('forwarding-rules', 'ok', 'rule r names x'),
    zhCn: { expected: '引用 x 的规则', found: '规则 r 引用 x' },
  };
  expect(conclude(PATTERN, [fault]).zhCn).toBe('没有规则引用 x');
  expect(conclude(PATTERN, [ok]).zhCn).toBe('1 项检查通过：从外部没有发现异常');
  expect(conclude(PATTERN, [ok, verdict('meshes', 'unreadable')]).zhCn).toBe(
    '1 项检查通过：从外部没有发现异常；另有 1 项无法读取',
  );
  expect(provenGone(PATTERN, KNOWN, [ok])?.zhCn).toBe('现已恢复：规则 r 引用 x');
});

test('an agent that stopped gets the command of its group, others do not', () => {
  const checks = [
    verdict('guest-attributes', 'fault', 'vm: old'),
    verdict('instance-group', 'ok', 'gcloud …'),
  ];
  expect(conclude('stale-heartbeat', checks).en).toBe('vm: old. Recreate it: gcloud …');
  expect(conclude('bootstrap-failed', checks).en).toBe('vm: old');
});

test('only faults that prove something are remembered, the latest words win', () => {
  const checks = [verdict('forwarding-rules', 'fault', 'new'), verdict('instance-group', 'fault')];
  expect(rememberFaults(PATTERN, KNOWN, checks)).toEqual({ 'forwarding-rules': 'new' });
  expect(rememberFaults(PATTERN, KNOWN, [verdict('forwarding-rules', 'ok')])).toEqual(KNOWN);
});

test('a remembered fault that passes is the proof, and says what it was', () => {
  expect(provenGone(PATTERN, KNOWN, [verdict('forwarding-rules', 'ok', 'rule r names x')])?.en).toBe(
    'rule r names x; before: no rule names x',
  );
});

test.for([
  ['nothing was ever wrong', {}, [verdict('forwarding-rules', 'ok')]],
  ['it is still wrong', KNOWN, [verdict('forwarding-rules', 'fault')]],
  ['it can’t be read', KNOWN, [verdict('forwarding-rules', 'unreadable')]],
  ['it is not checked any more', KNOWN, []],
  [
    'another proving check has become wrong',
    KNOWN,
    [verdict('forwarding-rules', 'ok'), verdict('service-proxy-metadata', 'fault')],
  ],
] as const)('no proof: %s', ([, known, checks]) => {
  expect(provenGone(PATTERN, known, checks)).toBeUndefined();
});

test('a fault that proves nothing does not stand in the way', () => {
  const checks = [verdict('forwarding-rules', 'ok'), verdict('instance-group', 'fault')];
  expect(provenGone(PATTERN, KNOWN, checks)).toBeDefined();
});

test.for([
  ['stale-heartbeat', 10, true],
  ['stale-heartbeat', 11, false],
  ['config-not-found', 5_000, true],
] as const)('%s with %i proxies, ten asked: all covered is %j', ([pattern, proxies, covers]) => {
  expect(coversAll(pattern, proxies, 10)).toBe(covers);
});
