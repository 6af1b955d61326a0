// Episodes: written when the state of an incident changes, never for mere counting.
import { expect, test } from 'vitest';
import { onAction, onEvidence, onTime } from '#shared/incident/lifecycle.ts';
import { changedEpisodes } from '#shared/model/episode.ts';
import type { Incident } from '#shared/model/incident.ts';
import { anOpenIncident, MINUTE_MS, T0_MS } from '../fakes/sightings.ts';

const QUIET_MS = 30 * MINUTE_MS;
const by = { who: 'U1', nowMs: T0_MS + MINUTE_MS };
const opened = anOpenIncident('config-not-found-0123456789abcdef', 'config-not-found');

function seen(incident: Incident, count: number, atMs: number): Incident {
  const evidence = { ...incident.evidence, count, lastSeenMs: atMs };
  return onEvidence(incident, { evidence, firstMs: atMs, lastMs: atMs }, atMs).incident;
}

const states = (before: Incident | undefined, after: Incident) =>
  changedEpisodes(before, after).map(({ episode, state, count }) => [episode, state, count]);

test('an incident that opens is an episode; one that has not begun is none', () => {
  expect(changedEpisodes(undefined, { ...opened, episode: 0 })).toEqual([]);
  expect(changedEpisodes({ ...opened, episode: 0 }, opened)).toEqual([
    {
      incident: opened.id,
      episode: 1,
      pattern: 'config-not-found',
      scope: { project: 'demo-project' },
      severity: 'critical',
      state: 'open',
      openedAtMs: T0_MS,
      acknowledgedAtMs: 0,
      resolvedAtMs: 0,
      resolvedBy: '',
      count: 1,
      proxyCount: 0,
    },
  ]);
});

test('counting, telling and being explained write none', () => {
  const counted = seen(opened, 9, T0_MS + 1);
  expect(changedEpisodes(opened, counted)).toEqual([]);
  expect(changedEpisodes(opened, { ...opened, explainedBy: 'x', lookAtMs: 1 })).toEqual([]);
});

test.for([
  { kind: 'acknowledge' },
  { kind: 'resolve' },
  { kind: 'mute', untilMs: T0_MS + QUIET_MS },
] as const)('$kind writes the episode as it is then', (action) => {
  const { incident } = onAction(opened, action, by);
  expect(states(opened, incident)).toEqual([[1, incident.state, 1]]);
});

test('a fault that turns out worse recolours its episode', () => {
  const before = { ...opened, evidence: { ...opened.evidence, severity: 'warning' as const } };
  expect(changedEpisodes(before, opened).map(({ severity }) => severity)).toEqual(['critical']);
});

test('a relapse writes the ended episode with all that was counted of it, and the next one', () => {
  const busy = seen(opened, 9, T0_MS + 1);
  const { incident: resolved } = onTime(busy, QUIET_MS, T0_MS + 2 * QUIET_MS);
  expect(states(busy, resolved)).toEqual([[1, 'resolved', 9]]);
  const late = seen(resolved, 10, T0_MS + 2);
  expect(states(resolved, late)).toEqual([]);
  const again = seen(late, 12, T0_MS + 3 * QUIET_MS);
  expect(states(late, again)).toEqual([
    [1, 'resolved', 10],
    [2, 'open', 2],
  ]);
});
