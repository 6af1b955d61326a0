// When to speak, and by which name: every message and every silence has its reason.
import { expect, test } from 'vitest';
import {
  decide,
  UNRECOGNISED_ENTRIES_MIN,
  UNRECOGNISED_PROXIES_MIN,
  WEAK_ENTRIES_MIN,
  WEAK_LASTS_MS,
} from '#shared/notify/decide.ts';
import type { Incident } from '#shared/model/incident.ts';
import { anIncident, OPENED_MS } from './incident.ts';

const NOW = OPENED_MS + 130_000;
const QUIET_FROM = NOW + 1_800_000;
const ask = (incident: Incident, nowMs = NOW) =>
  decide(incident, { contentKey: 'now', nowMs, quietFromMs: QUIET_FROM, editAfterMs: 30_000 });

const told = {
  ts: '1.1',
  channel: 'C1',
  episode: 1,
  shownKey: 'before',
  shownState: 'open' as const,
  shownAtMs: NOW,
};

test('a fault that nobody was told of is posted', () => {
  expect(ask(anIncident())).toEqual({ kind: 'post', reason: 'first-sighting' });
});

test('an incident that came back is posted anew', () => {
  const again = anIncident({ incident: { episode: 2 }, spoken: { ...told, episode: 1 } });
  expect(ask(again)).toEqual({ kind: 'post', reason: 'came-back' });
});

test('what is over before anybody was told stays untold', () => {
  expect(ask(anIncident({ incident: { state: 'resolved' } }))).toMatchObject({ reason: 'over-before-told' });
});

test.for([
  [0, 'backfilled'],
  [OPENED_MS - 1, 'backfilled'],
  [OPENED_MS, 'first-sighting'],
  [OPENED_MS + 1, 'first-sighting'],
] as const)('the last entry that no quiet backfill brought is of %i: %s', ([lastLiveMs, reason]) => {
  expect(ask(anIncident({ evidence: { lastLiveMs } }))).toMatchObject({ reason });
});

test.for([
  [1_799_999, 'first-sighting'],
  [1_800_000, 'backfilled'],
  [1_800_001, 'backfilled'],
] as const)(
  'a backfill found newer ones, the last that came by itself is %i ms old: %s',
  ([ageMs, reason]) => {
    const evidence = { lastSeenMs: NOW, lastLiveMs: NOW - ageMs };
    const old = anIncident({ incident: { openedAtMs: OPENED_MS - 3_600_000 }, evidence });
    const at = { contentKey: 'now', nowMs: NOW, quietFromMs: NOW + 1_800_000, editAfterMs: 30_000 };
    expect(decide(old, at)).toMatchObject({ reason });
  },
);

test('a message that stands is kept true, whatever brought the entries', () => {
  expect(ask(anIncident({ spoken: told, evidence: { lastLiveMs: 0 } }), NOW + 30_000)).toEqual({
    kind: 'update',
    reason: 'grew',
  });
});

test.for([
  [-1, 'post'],
  [0, 'silent'],
  [1, 'silent'],
] as const)('%i ms after all its entries are older than its quiet: %s', ([after, kind]) => {
  expect(ask(anIncident(), QUIET_FROM + after).kind).toBe(kind);
});

test.for([
  [WEAK_ENTRIES_MIN - 1, 'silent'],
  [WEAK_ENTRIES_MIN, 'post'],
  [WEAK_ENTRIES_MIN + 1, 'post'],
] as const)('%i weak lines at one moment: %s', ([count, kind]) => {
  const evidence = { count, labels: { weak: count }, lastSeenMs: OPENED_MS };
  expect(ask(anIncident({ evidence })).kind).toBe(kind);
});

test.for([
  [WEAK_LASTS_MS - 1, 'silent'],
  [WEAK_LASTS_MS, 'post'],
  [WEAK_LASTS_MS + 1, 'post'],
] as const)('two weak lines %i ms apart: %s', ([apart, kind]) => {
  const evidence = { count: 2, labels: { weak: 2 }, lastSeenMs: OPENED_MS + apart };
  expect(ask(anIncident({ evidence })).kind).toBe(kind);
});

test('one sure line among weak ones speaks', () => {
  const evidence = { count: 2, labels: { weak: 1, sure: 1 }, lastSeenMs: OPENED_MS };
  expect(ask(anIncident({ evidence })).kind).toBe('post');
});

test.for([
  [UNRECOGNISED_ENTRIES_MIN - 1, UNRECOGNISED_PROXIES_MIN - 1, 'silent'],
  [UNRECOGNISED_ENTRIES_MIN, 1, 'post'],
  [UNRECOGNISED_ENTRIES_MIN + 1, 1, 'post'],
  [1, UNRECOGNISED_PROXIES_MIN, 'post'],
  [1, UNRECOGNISED_PROXIES_MIN + 1, 'post'],
] as const)('an unrecognised error %i times from %i proxies: %s', ([count, proxyCount, kind]) => {
  const incident = anIncident({
    incident: { pattern: 'unrecognised' },
    evidence: { count, proxyCount, labels: { sure: count } },
  });
  expect(ask(incident).kind).toBe(kind);
});

test('what Slack already shows is not said again', () => {
  expect(ask(anIncident({ spoken: { ...told, shownKey: 'now' } }))).toMatchObject({
    reason: 'nothing-changed',
  });
});

test.for([
  [29_999, { kind: 'silent', reason: 'too-soon', lookAtMs: NOW + 30_000 }],
  [30_000, { kind: 'update', reason: 'grew' }],
  [30_001, { kind: 'update', reason: 'grew' }],
] as const)('an edit that only counts on, %i ms after the last one', ([after, wanted]) => {
  expect(ask(anIncident({ spoken: told }), NOW + after)).toEqual(wanted);
});

test('a change of state is never held back', () => {
  const resolved = anIncident({ incident: { state: 'resolved' }, spoken: told });
  expect(ask(resolved)).toEqual({ kind: 'update', reason: 'state-changed' });
});

test('a muted incident is silent until its time', () => {
  const muted = anIncident({ incident: { state: 'muted', mutedUntilMs: NOW + 5 } });
  expect(ask(muted)).toEqual({ kind: 'silent', reason: 'muted', lookAtMs: NOW + 5 });
});

test.for([
  [1, 'silent'],
  [0, 'post'],
] as const)('Slack asked to wait %i ms more: %s', ([left, kind]) => {
  expect(ask(anIncident({ spoken: { notBeforeMs: NOW + left } })).kind).toBe(kind);
});

test('deciding again changes nothing', () => {
  const incident = anIncident({ spoken: told });
  expect(ask(incident)).toEqual(ask(incident));
});
