// The lifecycle: opening, quiet, reopening by event time, flapping; every change of state tells its story.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  FLAP_QUIET_FACTOR_MAX,
  FLAP_WITHIN_MS,
  SETTLE_MS,
  onEvidence,
  onTime,
  quietAtMs,
  quietFromMs,
  quietNeededMs,
  unborn,
} from '#shared/incident/lifecycle.ts';
import { NO_EVIDENCE } from '#shared/incident/fold.ts';
import type { Incident } from '#shared/model/incident.ts';

const QUIET_MS = 200_000;
const T = 1_000_000;

const evidence = (lastSeenMs: number) => ({ ...NO_EVIDENCE, count: 1, firstSeenMs: T, lastSeenMs });
const see = (incident: Incident, atMs: number, nowMs = atMs) =>
  onEvidence(
    incident,
    { evidence: evidence(Math.max(atMs, incident.evidence.lastSeenMs)), firstMs: atMs, lastMs: atMs },
    nowMs,
  );

const opened = (): Incident => see(unborn('x', 'p', {}), T).incident;
const resolved = (): Incident => onTime(opened(), QUIET_MS, T + QUIET_MS).incident;

test('the first evidence opens the incident and says so', () => {
  const { incident, timeline } = see(unborn('x', 'p', {}), T);
  expect(incident).toMatchObject({ state: 'open', episode: 1, openedAtMs: T });
  expect(timeline).toEqual([{ n: 1, atMs: T, kind: 'opened', who: 'mesh-triage', why: 'first entry' }]);
});

test.for([
  [QUIET_MS - 1, 'open'],
  [QUIET_MS, 'resolved'],
  [QUIET_MS + 1, 'resolved'],
] as const)('after %i ms of quiet it is %s', ([after, state]) => {
  expect(onTime(opened(), QUIET_MS, T + after).incident.state).toBe(state);
});

test.for([
  [SETTLE_MS - 1, 'open'],
  [SETTLE_MS, 'resolved'],
  [SETTLE_MS + 1, 'resolved'],
] as const)(
  'old entries that arrived %i ms ago: %s, resolved as of the time of the entries',
  ([ago, state]) => {
    const arrivedMs = T + 50 * QUIET_MS;
    const { incident } = onTime(see(unborn('x', 'p', {}), T, arrivedMs).incident, QUIET_MS, arrivedMs + ago);
    expect(incident.state).toBe(state);
    expect(incident.resolvedAtMs).toBe(state === 'resolved' ? T + QUIET_MS : 0);
  },
);

test('a backlog that comes late reopens nothing that never was quiet', () => {
  const nowMs = T + 50 * QUIET_MS;
  let incident = see(unborn('x', 'p', {}), T, nowMs).incident;
  for (let step = 1; step <= 40; step += 1) {
    incident = onTime(incident, QUIET_MS, nowMs + step * 10).incident;
    incident = see(incident, T + step * QUIET_MS, nowMs + step * 10).incident;
  }
  expect(incident).toMatchObject({ state: 'open', episode: 1 });
  expect(quietFromMs(incident, QUIET_MS)).toBe(T + 41 * QUIET_MS);
});

test('evidence later than the resolution reopens the same incident as the next episode', () => {
  const before = resolved();
  const { incident, timeline } = see(before, before.resolvedAtMs + 1);
  expect(incident).toMatchObject({
    id: 'x',
    state: 'open',
    episode: 2,
    flaps: 1,
    countBefore: 1,
    resolvedAtMs: 0,
  });
  expect(timeline.map(({ kind }) => kind)).toEqual(['reopened']);
});

test.for([0, -1, -900])('an entry %i ms from the resolution, by its own time, is no relapse', (offset) => {
  const before = resolved();
  const { incident, timeline } = see(before, before.resolvedAtMs + offset, before.resolvedAtMs + 60_000);
  expect(incident).toMatchObject({ state: 'resolved', episode: 1 });
  expect(timeline).toEqual([]);
});

test('flapping lengthens the quiet up to a bound, and a long peace forgets it', () => {
  let incident = opened();
  for (let flap = 1; flap <= 6; flap += 1) {
    incident = onTime(incident, QUIET_MS, quietAtMs(incident, QUIET_MS)).incident;
    incident = see(incident, incident.resolvedAtMs + 1).incident;
    expect(quietNeededMs(incident, QUIET_MS)).toBe(QUIET_MS * Math.min(2 ** flap, FLAP_QUIET_FACTOR_MAX));
  }
  incident = onTime(incident, QUIET_MS, quietAtMs(incident, QUIET_MS)).incident;
  const calm = see(incident, incident.resolvedAtMs + FLAP_WITHIN_MS).incident;
  expect(quietNeededMs(calm, QUIET_MS)).toBe(QUIET_MS);
});

test('a mute ends at its time and says so', () => {
  const muted: Incident = { ...opened(), state: 'muted', mutedUntilMs: T + 500 };
  expect(onTime(muted, QUIET_MS, T + 499).incident.state).toBe('muted');
  const { incident, timeline } = onTime(muted, QUIET_MS, T + 500);
  expect(incident.state).toBe('open');
  expect(timeline.map(({ kind }) => kind)).toEqual(['unmuted']);
});

test('any sequence of evidence and quiet ends in a legal state with a complete timeline', () => {
  const step = fc.record({
    evidence: fc.boolean(),
    skewMs: fc.integer({ min: -120_000, max: 120_000 }),
    passMs: fc.nat(600_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let nowMs = T;
      let incident = opened();
      const story = ['opened'];
      for (const { evidence: seen, skewMs, passMs } of steps) {
        nowMs += passMs;
        const advance = seen ? see(incident, nowMs + skewMs, nowMs) : onTime(incident, QUIET_MS, nowMs);
        if (advance.incident.state !== incident.state) expect(advance.timeline.length).toBeGreaterThan(0);
        incident = advance.incident;
        story.push(...advance.timeline.map(({ kind }) => kind));
        expect(incident.state === 'resolved').toBe(incident.resolvedAtMs > 0);
        expect(incident.timelineCount).toBe(story.length);
      }
      expect(story.filter((kind) => kind === 'reopened')).toHaveLength(incident.episode - 1);
      // Openings and resolutions alternate: nothing is resolved twice, nothing comes back that was not gone.
      const turns = story.map((kind) => (kind === 'resolved' ? 'down' : 'up'));
      expect(turns.every((turn, index) => turn === (index % 2 === 0 ? 'up' : 'down'))).toBe(true);
    }),
  );
});
