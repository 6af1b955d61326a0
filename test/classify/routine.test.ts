// What looks bad and is not: every reason by lines of its own, and the faults next to them that must not be silenced.
import { expect, test } from 'vitest';
import { createClassifier } from '#shared/classify/classify.ts';
import { ROUTINE_RULES } from '#shared/classify/routine-rules.ts';
import { isQuiet, routineAccess, routineReason } from '#shared/classify/routine.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { envoy, recordOf } from './lines.ts';
import { FAULTS, ROUTINE } from './routine.samples.ts';

const classifier = createClassifier(CATALOGUE);
test.for(ROUTINE)('%s: «%s»', ([reason, line, route]) => {
  expect(classifier.classify(recordOf(line, route))).toEqual({ kind: 'routine', reason });
});

test.for(FAULTS)('stays a fault: «%s»', ([line, kind, route]) => {
  const verdict = classifier.classify(recordOf(line, route));
  expect(verdict.kind === 'finding' ? verdict.pattern : verdict.kind).toBe(kind);
});

test('information that is only harmless because its writer says so is not silenced at warning', () => {
  const line = 'starting workers never came to an end';
  const { text } = recordOf(envoy('info', 'main', line));
  expect(routineReason(text, ROUTINE_RULES, isQuiet('info'))).toBe('startup');
  expect(routineReason(text, ROUTINE_RULES, isQuiet('warning'))).toBeUndefined();
});

const access = (status: number, ...flags: readonly string[]) => ({
  status,
  flags,
  details: '',
  transportFailure: '',
  upstreamCluster: '',
});

test('an access log line counts by its status, or by the caller who gave up', () => {
  expect(routineAccess(access(200))).toBe('access-ok');
  expect(routineAccess(access(0))).toBe('access-ok');
  expect(routineAccess(access(304))).toBe('access-ok');
  expect(routineAccess(access(404))).toBe('access-client-error');
  expect(routineAccess(access(500))).toBe('access-server-error');
  expect(routineAccess(access(0, 'DC'))).toBe('access-caller');
  expect(routineAccess(access(403, 'UAEX'))).toBe('access-caller');
});

test('an access log line in which Envoy reports a failure of its own is not routine', () => {
  for (const flag of ['DPE', 'NR', 'UPE', 'NC', 'OM'])
    expect(routineAccess(access(400, flag))).toBeUndefined();
  expect(routineAccess(access(503, 'DC', 'UPE'))).toBeUndefined();
});
