// What people do with an incident: legal states only, nothing lost from the story, a double click changes nothing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  onAction,
  onEvidence,
  onTime,
  quietFromMs,
  unborn,
  type Action,
} from '#shared/incident/lifecycle.ts';
import type { Incident, IncidentState, TimelineEntry } from '#shared/model/incident.ts';
import { anOpenIncident, T0_MS } from '../fakes/sightings.ts';

const QUIET_MS = 1_000_000;
const by = { who: 'U123', nowMs: T0_MS + 10 };
const MUTE: Action = { kind: 'mute', untilMs: T0_MS + 500 };

const open = anOpenIncident('x', 'config-not-found');
const acknowledged = onAction(open, { kind: 'acknowledge' }, by).incident;
const muted = onAction(open, MUTE, by).incident;
const mutedInHand = onAction(acknowledged, MUTE, by).incident;
const resolved = onAction(open, { kind: 'resolve' }, by).incident;

test.for<readonly [string, Incident, Action, IncidentState, TimelineEntry['kind'] | undefined]>([
  ['open', open, { kind: 'acknowledge' }, 'acknowledged', 'acknowledged'],
  ['open', open, { kind: 'resolve' }, 'resolved', 'resolved'],
  ['open', open, MUTE, 'muted', 'muted'],
  ['open', open, { kind: 'unmute' }, 'open', undefined],
  ['acknowledged', acknowledged, { kind: 'acknowledge' }, 'acknowledged', undefined],
  ['acknowledged', acknowledged, { kind: 'resolve' }, 'resolved', 'resolved'],
  ['acknowledged', acknowledged, MUTE, 'muted', 'muted'],
  ['muted', muted, { kind: 'unmute' }, 'open', 'unmuted'],
  ['muted', muted, MUTE, 'muted', undefined],
  ['muted', muted, { kind: 'mute', untilMs: T0_MS + 900 }, 'muted', 'muted'],
  ['muted', muted, { kind: 'acknowledge' }, 'acknowledged', 'acknowledged'],
  ['muted in hand', mutedInHand, { kind: 'unmute' }, 'acknowledged', 'unmuted'],
  ['resolved', resolved, { kind: 'acknowledge' }, 'resolved', undefined],
  ['resolved', resolved, { kind: 'resolve' }, 'resolved', undefined],
  ['resolved', resolved, MUTE, 'resolved', undefined],
  ['open', open, { kind: 'mute', untilMs: T0_MS + 10 }, 'open', undefined],
])('%s: %j', ([, incident, action, state, kind]) => {
  const advance = onAction(incident, action, by);
  expect(advance.incident.state).toBe(state);
  expect(advance.timeline.map((line) => line.kind)).toEqual(kind === undefined ? [] : [kind]);
  for (const line of advance.timeline) expect(line).toMatchObject({ who: 'U123', atMs: by.nowMs });
  if (kind === undefined) expect(advance.incident).toEqual(incident);
});

test('nothing can be done with what nobody has seen', () => {
  const none = unborn('x', 'p', {});
  for (const kind of ['acknowledge', 'resolve', 'unmute'] as const)
    expect(onAction(none, { kind }, by)).toEqual({ incident: none, timeline: [] });
});

test('a mute that ends gives back the state that it hid', () => {
  expect(onTime(muted, QUIET_MS, T0_MS + 500).incident.state).toBe('open');
  expect(onTime(mutedInHand, QUIET_MS, T0_MS + 500).incident.state).toBe('acknowledged');
});

test('what a proxy with a fast clock wrote before the resolution is no relapse', () => {
  const fast = anOpenIncident('x', 'p', { seen: { lastSeenMs: T0_MS + 600_000 } });
  const over = onAction(fast, { kind: 'resolve' }, by).incident;
  const again = (lastMs: number): IncidentState =>
    onEvidence(over, { evidence: over.evidence, firstMs: T0_MS, lastMs }, T0_MS + 20).incident.state;
  expect(again(T0_MS + 600_000)).toBe('resolved');
  expect(again(T0_MS + 600_001)).toBe('open');
});

const action: fc.Arbitrary<(nowMs: number) => Action> = fc.oneof(
  fc
    .constantFrom<Action>({ kind: 'acknowledge' }, { kind: 'resolve' }, { kind: 'unmute' })
    .map((one) => () => one),
  fc.integer({ min: -100, max: 400_000 }).map((forMs) => (nowMs: number): Action => ({
    kind: 'mute',
    untilMs: nowMs + forMs,
  })),
);
const step = fc.record({
  what: fc.constantFrom('evidence', 'time', 'person'),
  action,
  skewMs: fc.integer({ min: -600_000, max: 600_000 }),
  passMs: fc.nat(900_000),
});

/** What a state may not hold. */
function illegal(incident: Incident): string[] {
  const { state, resolvedAtMs, resolvedBy, mutedUntilMs, acknowledgedAtMs } = incident;
  const wrong: string[] = [];
  if ((state === 'resolved') !== resolvedAtMs > 0)
    wrong.push('resolved without its time, or a time without it');
  if ((state === 'resolved') !== (resolvedBy !== ''))
    wrong.push('resolved by nobody, or by somebody without it');
  if ((state === 'muted') !== mutedUntilMs > 0) wrong.push('muted without an end, or an end without a mute');
  if (state === 'acknowledged' && acknowledgedAtMs === 0) wrong.push('acknowledged at no time');
  return wrong;
}

/** The state that a story ends in, told from its lines alone. */
function stateByStory(story: readonly TimelineEntry['kind'][], incident: Incident): IncidentState {
  let state: IncidentState = 'open';
  let inHand = false;
  for (const kind of story) {
    if (kind === 'opened' || kind === 'reopened') {
      state = 'open';
      inHand = false;
    }
    if (kind === 'acknowledged') inHand = true;
    if (kind === 'acknowledged' || kind === 'muted' || kind === 'resolved') state = kind;
    if (kind === 'unmuted') state = inHand ? 'acknowledged' : 'open';
  }
  return incident.episode === 0 ? 'open' : state;
}

test('any sequence of evidence, quiet and people’s actions ends in a legal state that its story tells', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let nowMs = T0_MS;
      let incident = open;
      const story: TimelineEntry['kind'][] = ['opened'];
      for (const { what, action: make, skewMs, passMs } of steps) {
        nowMs += passMs;
        const atMs = nowMs + skewMs;
        const lastSeenMs = Math.max(incident.evidence.lastSeenMs, atMs);
        const evidence = { ...incident.evidence, count: incident.evidence.count + 1, lastSeenMs };
        const advance =
          what === 'evidence'
            ? onEvidence(incident, { evidence, firstMs: atMs, lastMs: atMs }, nowMs)
            : what === 'time'
              ? onTime(incident, QUIET_MS, nowMs)
              : onAction(incident, make(nowMs), { who: 'U1', nowMs });
        expect(advance.timeline.map(({ n }) => n)).toEqual(
          advance.timeline.map((_, index) => incident.timelineCount + 1 + index),
        );
        incident = advance.incident;
        story.push(...advance.timeline.map(({ kind }) => kind));
        expect(illegal(incident)).toEqual([]);
        expect(incident.timelineCount).toBe(story.length);
        expect(stateByStory(story, incident)).toBe(incident.state);
        expect(story.filter((kind) => kind === 'reopened')).toHaveLength(incident.episode - 1);
        if (incident.state === 'resolved') expect(quietFromMs(incident, QUIET_MS)).toBe(0);
      }
    }),
    { numRuns: 300 },
  );
});
