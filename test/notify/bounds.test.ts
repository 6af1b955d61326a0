// What is listed, at, below and above each bound.
import { expect, test } from 'vitest';
import type { Incident } from '#shared/model/incident.ts';
import { readCommand, SILENCE_MAX_MS } from '#shared/notify/command.ts';
import { CAUSE_AGAIN_MS, decide } from '#shared/notify/decide.ts';
import { admit, DIGEST_LINES_MAX, DIGEST_MEMBERS_MAX, digestMessage } from '#shared/notify/digest.ts';
import { incidentsReply, LISTED_MAX } from '#shared/notify/replies.ts';
import { PROOF_CHARS_MAX, PROXIES_SHOWN_MAX, slackMessage } from '#shared/notify/slack-message.ts';
import { SUMMARY_LINES_MAX, summaryMessage } from '#shared/notify/summary.ts';
import { emptyBoard, type Board } from '#shared/model/notification.ts';
import { anIncident, OPENED_MS } from './incident.ts';
import { limitFaults } from './slack-limits.ts';

const none = (): undefined => undefined;
const several = (count: number, change: Partial<Incident> = {}): readonly Incident[] =>
  Array.from({ length: count }, (_, index) =>
    anIncident({
      incident: { id: `dns-failure-${index.toString(16).padStart(16, '0')}`, ...change },
      spoken: { posts: 1 },
    }),
  );
const around = (bound: number) => [
  [bound - 1, false] as const,
  [bound, false] as const,
  [bound + 1, true] as const,
];

test.for(around(LISTED_MAX))('%i incidents in a list, some left out: %s', ([count, leftOut]) => {
  const reply = incidentsReply(several(count), none, { what: 'open', language: 'en' });
  expect(JSON.stringify(reply).includes('and 1 more')).toBe(leftOut);
  expect(limitFaults(reply)).toEqual([]);
});

test.for(around(SUMMARY_LINES_MAX))('%i incidents in a summary, some left out: %s', ([count, leftOut]) => {
  const nowMs = OPENED_MS + 3_600_000;
  const message = summaryMessage({
    incidents: several(count, { state: 'resolved', resolvedAtMs: nowMs }),
    ledgers: [],
    patternOf: none,
    nowMs,
    language: 'en',
  });
  expect(JSON.stringify(message.blocks).includes('and 1 more')).toBe(leftOut);
  expect(limitFaults(message)).toEqual([]);
});

test.for(around(PROXIES_SHOWN_MAX))('%i proxies by name, some left out: %s', ([count, leftOut]) => {
  const [proxy] = anIncident().evidence.proxies;
  if (proxy === undefined) throw new Error('no proxy');
  const proxies = Array.from({ length: count }, (_, index) => ({ ...proxy, displayName: `vm-${index}` }));
  const message = slackMessage(anIncident({ evidence: { proxies, proxyCount: count } }), undefined);
  expect(JSON.stringify(message.blocks).includes('and 1 more')).toBe(leftOut);
});

test.for(around(PROOF_CHARS_MAX))('a proof of %i characters is cut: %s', ([length, isCut]) => {
  const [sample] = anIncident().evidence.samples;
  if (sample === undefined) throw new Error('no sample');
  const samples = [{ ...sample, message: 'x'.repeat(length) }];
  const shown = JSON.stringify(slackMessage(anIncident({ evidence: { samples } }), undefined).blocks);
  expect(shown.includes('…```')).toBe(isCut);
});

test.for(around(DIGEST_MEMBERS_MAX))(
  'a digest of %i incidents knows only their number of some: %s',
  ([count, beyond]) => {
    let board: Board = emptyBoard('C1');
    for (const incident of several(count)) {
      const at = { line: incident.id, nowMs: OPENED_MS, burstFrom: 0 };
      ({ board } = admit(board, incident, at));
    }
    if (board.digest === null) throw new Error('no digest');
    expect(board.digest.count).toBe(count);
    expect(board.digest.members.length < count).toBe(beyond);
    expect(limitFaults(digestMessage(board.digest, 'en'))).toEqual([]);
  },
);

test.for(around(DIGEST_LINES_MAX))(
  'a digest of %i incidents keeps no line of some: %s',
  ([count, beyond]) => {
    let board: Board = emptyBoard('C1');
    for (const incident of several(count))
      ({ board } = admit(board, incident, { line: incident.id, nowMs: OPENED_MS, burstFrom: 0 }));
    const lines = (board.digest?.members ?? []).filter(({ line }) => line !== '');
    expect(lines).toHaveLength(Math.min(count, DIGEST_LINES_MAX));
    expect(lines.length < count).toBe(beyond);
  },
);

const DAYS_MAX = SILENCE_MAX_MS / 86_400_000;

test.for([
  [DAYS_MAX - 1, 'silence'],
  [DAYS_MAX, 'silence'],
  [DAYS_MAX + 1, 'wrong-use'],
] as const)('a silence for %i days: %s', ([days, kind]) => {
  expect(readCommand(`silence all for ${days}d because x`).kind).toBe(kind);
});

test('what follows from a cause that nobody was told of looks again soon', () => {
  const incident = anIncident({ incident: { explainedBy: 'api-disabled-0123456789abcdef' } });
  const at = { contentKey: 'x', nowMs: OPENED_MS, quietFromMs: 0, editAfterMs: 0, causeTold: false };
  expect(decide(incident, at)).toEqual({
    kind: 'silent',
    reason: 'waits-for-cause',
    lookAtMs: OPENED_MS + CAUSE_AGAIN_MS,
  });
});
