// Where an incident is told, and what silence covers it.
import { expect, test } from 'vitest';
import type { Route, Silence } from '#shared/model/notification.ts';
import { channelFor, silenceFor } from '#shared/notify/routes.ts';
import { anIncident, OPENED_MS } from './incident.ts';

const incident = anIncident();
const to = (route: Omit<Route, 'channel'>) => channelFor(incident, [{ ...route, channel: 'C1' }], 'C0');

test.for([
  [{}, 'C1'],
  [{ severity: ['critical'] }, 'C1'],
  [{ severity: ['error', 'warning'] }, 'C0'],
  [{ pattern: ['config-not-found'] }, 'C1'],
  [{ pattern: ['config-*'] }, 'C1'],
  [{ pattern: ['config'] }, 'C0'],
  [{ project: ['demo-*'] }, 'C1'],
  [{ project: ['123456789012'] }, 'C1'],
  [{ project: ['other'] }, 'C0'],
  [{ scope: { network: 'prod-vpc' } }, 'C1'],
  [{ scope: { network: 'prod-*', project: '123456789012' } }, 'C1'],
  [{ scope: { network: 'prod-*', mesh: '*' } }, 'C0'],
  [{ severity: ['critical'], pattern: ['dns-failure'] }, 'C0'],
] as const)('a rule %o leads to %s', ([route, channel]) => {
  expect(to(route)).toBe(channel);
});

test('the first rule that fits decides', () => {
  const routes = [{ pattern: ['dns-failure'], channel: 'C1' }, { channel: 'C2' }, { channel: 'C3' }];
  expect(channelFor(incident, routes, 'C0')).toBe('C2');
});

const silence: Silence = {
  id: 's',
  kind: 'silence',
  pattern: 'config-not-found',
  project: '',
  scope: {},
  fromMs: OPENED_MS,
  untilMs: OPENED_MS + 1_000,
  reason: 'x',
  by: 'U1',
};

test.for([
  [-1, false],
  [0, true],
  [999, true],
  [1_000, false],
] as const)('a silence, %i ms after it begins, covers: %s', ([after, covers]) => {
  expect(silenceFor(incident, [silence], OPENED_MS + after) !== undefined).toBe(covers);
});

test.for([
  [{ pattern: '' }, true],
  [{ pattern: 'dns-failure' }, false],
  [{ project: 'demo-project' }, true],
  [{ project: 'other' }, false],
  [{ scope: { network: 'prod-vpc' } }, true],
  [{ scope: { network: 'test-vpc' } }, false],
] as const)('a silence of %o covers: %s', ([change, covers]) => {
  expect(silenceFor(incident, [{ ...silence, ...change }], OPENED_MS) !== undefined).toBe(covers);
});

test('of several silences the longest counts', () => {
  const long = { ...silence, id: 'long', untilMs: OPENED_MS + 9_000 };
  expect(silenceFor(incident, [silence, long, silence], OPENED_MS)?.id).toBe('long');
});
