// The daily summary: once a day, true to what opened and closed, and not lost where Slack only asks to wait.
import { expect, test } from 'vitest';
import { createPace } from '#functions/slack-pace.ts';
import type { SummaryNeeds } from '#functions/tell-summary.ts';
import { tellSummary } from '#functions/tell-summary.ts';
import { anIncident, OPENED_MS } from '../notify/incident.ts';
import { limitFaults, liveParts, mrkdwnTexts } from '../notify/slack-limits.ts';
import { CHANNEL, handClock, memoryBoards, memoryLog, scriptedSlack } from './tell-slack-harness.ts';

const HOUR_MS = 3_600_000;

function desk() {
  const clock = handClock(OPENED_MS + 10 * HOUR_MS);
  const slack = scriptedSlack(clock);
  const log = memoryLog();
  const told = { posts: 1 };
  const incidents = [
    anIncident({ spoken: told }),
    anIncident({
      incident: { state: 'resolved', resolvedBy: 'quiet', resolvedAtMs: OPENED_MS + 2 * HOUR_MS },
      spoken: told,
    }),
    // Closed two days ago: no news.
    anIncident({
      incident: {
        state: 'resolved',
        openedAtMs: OPENED_MS - 50 * HOUR_MS,
        resolvedAtMs: OPENED_MS - 48 * HOUR_MS,
      },
      spoken: told,
    }),
    // Told in the thread of a digest, which is a message of many.
    anIncident({
      incident: { pattern: 'dns-failure', scope: { host: 'in-a-digest' } },
      spoken: { posts: 0, replies: 1, ts: '1.2', thread: '1.1', inDigest: true },
    }),
    // Nobody was ever told of it.
    anIncident({ incident: { pattern: 'unrecognised', scope: { shape: 'nothing much' } } }),
  ];
  const labels = { 'routine:<!channel>': 400, 'routine:stream-rotation': 12, 'ignored:information': 9 };
  const ledger = { id: 'ledger-demo', project: 'demo', count: 421, labels, version: 1 } as const;
  const needs: SummaryNeeds = {
    notices: {
      incidents: () => Promise.resolve(incidents),
      ledgers: () => Promise.resolve([{ ...ledger, firstSeenMs: 0, lastSeenMs: 0, updatedAtMs: 0 }]),
    },
    boards: memoryBoards(),
    slack: slack.ports,
    pace: createPace({ clock, log }),
    channel: CHANNEL,
    language: 'en',
    clock,
    log,
  };
  return { clock, slack, needs };
}

test('one summary a day, whoever asks how often', async () => {
  const { clock, slack, needs } = desk();
  await tellSummary(needs);
  await tellSummary(needs);
  expect(slack.calls).toHaveLength(1);
  clock.advance(24 * HOUR_MS);
  await tellSummary(needs);
  expect(slack.calls).toHaveLength(2);
  expect(slack.calls[1]?.content?.blocks[1]).toMatchObject({
    text: { text: 'Nothing opened, nothing closed.' },
  });
});

test('it says what opened, what closed after how long, what is still open and what was held back', async () => {
  const { slack, needs } = desk();
  await tellSummary(needs);
  const content = slack.calls[0]?.content;
  expect(content?.text).toBe(
    'The last 24 hours: 3 incidents opened, 1 incident closed, 2 incidents still open',
  );
  const shown = mrkdwnTexts(content).join('\n');
  expect(shown).toContain('lasted 2 hours');
  expect(shown).toContain('Held back so far: 412 routine lines');
  expect(shown).not.toContain('nothing much');
  expect(limitFaults(content)).toEqual([]);
  expect(liveParts([shown])).toEqual([]);
});

test('Slack asks to wait: it is asked for again; an answer that is not clear is not doubled', async () => {
  const { clock, slack, needs } = desk();
  slack.answers.push({ kind: 'later', afterMs: 1_000, why: 'ratelimited' });
  await expect(tellSummary(needs)).rejects.toThrow('ratelimited');
  await expect(tellSummary(needs)).rejects.toThrow('Slack asked to');
  expect(slack.calls).toHaveLength(1);
  clock.advance(1_000);
  slack.answers.push({ kind: 'unsure', why: 'http 500' });
  await tellSummary(needs);
  await tellSummary(needs);
  expect(slack.calls).toHaveLength(2);
});
