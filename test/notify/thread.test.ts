// What a thread is told, at, below and above each limit; and that nothing is said twice.
import { expect, test } from 'vitest';
import type { Incident } from '#shared/model/incident.ts';
import { TEXTS } from '#shared/notify/texts/tables.ts';
import {
  CONTEXT_LINE_CHARS_MAX,
  durationText,
  MILESTONES,
  nextNote,
  REMIND_AFTER_MS,
  saidByMessage,
} from '#shared/notify/thread.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { anIncident, OPENED_MS } from './incident.ts';

const POSTED_MS = OPENED_MS + 5_000;
const at = { nowMs: POSTED_MS + 1_000, language: 'en', pattern: undefined, silenced: false } as const;

function told(change: Partial<Incident['evidence']> = {}, incident: Partial<Incident> = {}): Incident {
  const before = anIncident({ evidence: { proxyCount: 1, severity: 'error' } });
  return anIncident({
    evidence: { proxyCount: 1, severity: 'error', ...change },
    incident,
    spoken: {
      channel: 'C1',
      ts: String(POSTED_MS / 1000),
      episode: incident.episode ?? 1,
      said: saidByMessage(before),
    },
  });
}

const reasonOf = (incident: Incident, more: Partial<Parameters<typeof nextNote>[1]> = {}) => {
  const decision = nextNote(incident, { ...at, ...more });
  return decision.kind === 'say' ? decision.note.reason : decision.kind;
};

test.for(
  MILESTONES.flatMap((milestone) => [
    [milestone - 1, milestone === 10 ? 'quiet' : 'milestone'] as const,
    [milestone, 'milestone'] as const,
    [milestone + 1, 'milestone'] as const,
  ]),
)('%i proxies: %s', ([proxyCount, wanted]) => {
  expect(reasonOf(told({ proxyCount }))).toBe(wanted);
});

test('a jump over several milestones is one line', () => {
  const incident = told({ proxyCount: 5_000 });
  const decision = nextNote(incident, at);
  if (decision.kind !== 'say') throw new Error('nothing said');
  const said = [...incident.spoken.said, ...decision.note.covers, decision.note.key];
  expect(nextNote({ ...incident, spoken: { ...incident.spoken, said } }, at).kind).toBe('quiet');
});

test.for([
  ['warning', 'quiet'],
  ['error', 'quiet'],
  ['critical', 'severity-rose'],
] as const)('an error that becomes %s: %s', ([severity, wanted]) => {
  expect(reasonOf(told({ severity }))).toBe(wanted);
});

test.for(
  REMIND_AFTER_MS.flatMap((after, index) => [
    [index, after - 1, 'quiet'] as const,
    [index, after, 'unacknowledged'] as const,
    [index, after + 1, 'unacknowledged'] as const,
  ]),
)('reminder %i, %i ms after the message: %s', ([index, after, wanted]) => {
  const incident = told({ severity: 'critical' });
  const before = REMIND_AFTER_MS.slice(0, index).map((_, earlier) => `reminder:${earlier + 1}`);
  const said = [...incident.spoken.said, 'severity:critical', ...before];
  const spoken = { ...incident.spoken, said };
  expect(reasonOf({ ...incident, spoken }, { nowMs: POSTED_MS + after })).toBe(wanted);
});

test('after the last reminder there is none', () => {
  const incident = told({ severity: 'critical' });
  const said = [...incident.spoken.said, 'severity:critical', 'reminder:1', 'reminder:2', 'reminder:3'];
  const decision = nextNote(
    { ...incident, spoken: { ...incident.spoken, said } },
    { ...at, nowMs: POSTED_MS + 1e9 },
  );
  expect(decision).toEqual({ kind: 'quiet', lookAtMs: 0 });
});

test('a silence keeps the thread quiet, but its end is told', () => {
  expect(reasonOf(told({ proxyCount: 5_000 }), { silenced: true })).toBe('quiet');
  const over = { state: 'resolved', resolvedBy: 'person', resolvedAtMs: OPENED_MS + 60_000 } as const;
  expect(reasonOf(told({}, over), { silenced: true })).toBe('resolved');
});

test.for([
  ['U0PERSON', 'Acknowledged by <@U0PERSON>.'],
  ['', 'Acknowledged.'],
  ['!channel', 'Acknowledged.'],
] as const)('who acknowledged it («%s») is said, where it is a person', ([actedBy, text]) => {
  const decision = nextNote(told({}, { state: 'acknowledged', acknowledgedAtMs: 1, actedBy }), at);
  expect(decision).toMatchObject({ note: { text } });
});

test('an incident that turns out to follow from another says nothing more in a thread of its own, but its end', () => {
  const explainedBy = 'api-disabled-0123456789abcdef';
  expect(reasonOf(told({ proxyCount: 5_000 }, { explainedBy }))).toBe('quiet');
  const over = { state: 'resolved', resolvedBy: 'quiet', resolvedAtMs: OPENED_MS + 60_000 } as const;
  expect(reasonOf(told({}, { explainedBy, ...over }))).toBe('resolved');
});

test('what has no message has no thread', () => {
  expect(reasonOf(anIncident({ evidence: { proxyCount: 5_000 } }))).toBe('quiet');
});

test.for([
  [1, '1 minute'],
  [59 * 60_000, '59 minutes'],
  [60 * 60_000, '1 hour'],
  [61 * 60_000, '1 hour 1 minute'],
  [24 * 3_600_000, '1 day'],
  [49 * 3_600_000 + 5 * 60_000, '2 days 1 hour 5 minutes'],
] as const)('%i ms is «%s»', ([milliseconds, wanted]) => {
  expect(durationText(milliseconds, TEXTS.en.thread)).toBe(wanted);
});

const CONTEXT = {
  episode: 1,
  proxy: 'web-1',
  lines: [
    { atMs: OPENED_MS - 40, level: 'info', logName: 'l', message: 'cds: add 4 cluster(s)' },
    {
      atMs: OPENED_MS + 40,
      level: 'warning',
      logName: 'l',
      message: `<!channel> \`\`\` a\nb ${'x'.repeat(900)}`,
    },
  ],
  envoyVersion: '1.29.7',
};

test('the lines around the first one are told once, escaped and bounded', () => {
  const incident = told({}, { context: CONTEXT });
  const decision = nextNote(incident, at);
  if (decision.kind !== 'say') throw new Error('nothing said');
  const { text, reason, key } = decision.note;
  expect(reason).toBe('context');
  expect(text).toMatch(/^What `web-1` wrote around the first line \(UTC\) · Envoy 1\.29\.7\n```/);
  expect(text).toContain('info cds: add 4 cluster(s)');
  expect(text).not.toContain('<!channel>');
  expect(text.match(/```/g)).toHaveLength(2);
  expect(text.split('\n')).toHaveLength(3);
  expect(text.length).toBeLessThan(2 * CONTEXT_LINE_CHARS_MAX + 200);
  const said = [...incident.spoken.said, key];
  expect(nextNote({ ...incident, spoken: { ...incident.spoken, said } }, at).kind).toBe('quiet');
});

test.for([
  ['of an episode before', { ...CONTEXT, episode: 0 }],
  ['without a line', { ...CONTEXT, lines: [] }],
] as const)('context %s is not told', ([, context]) => {
  expect(nextNote(told({}, { context }), at).kind).toBe('quiet');
});

test.for([
  [{}, 'unacknowledged'],
  [{ state: 'acknowledged', acknowledgedAtMs: POSTED_MS }, 'quiet'],
  [{ explainedBy: 'api-disabled-0123456789abcdef' }, 'quiet'],
] as const)(
  'in a digest’s thread a critical incident is called to mind by its name: %j, %s',
  ([change, reason]) => {
    const one = told({ severity: 'critical', proxyCount: 5_000 }, change);
    const incident = { ...one, spoken: { ...one.spoken, thread: '9.9', inDigest: true } };
    const [first] = REMIND_AFTER_MS;
    expect(reasonOf(incident, { nowMs: POSTED_MS + first - 1 })).toBe('quiet');
    expect(reasonOf(incident, { nowMs: POSTED_MS + first })).toBe(reason);
    expect(reasonOf(incident, { nowMs: POSTED_MS + first, silenced: true })).toBe('quiet');
    const pattern = CATALOGUE.find(({ id }) => id === incident.pattern);
    const decision = nextNote(incident, { ...at, pattern, nowMs: POSTED_MS + first });
    if (decision.kind === 'say')
      expect(decision.note).toMatchObject({
        place: { channel: 'C1', ts: '9.9' },
        broadcast: false,
        text: expect.stringMatching(/^\*.*prod-vpc.*\*\nCritical and not acknowledged for 30 minutes/),
      });
  },
);

test('what must not be overlooked is shown in the channel too: a rise to critical, and a critical one unacknowledged', () => {
  const noteOf = (incident: Incident, nowMs = at.nowMs) => {
    const decision = nextNote(incident, { ...at, nowMs });
    return decision.kind === 'say' ? decision.note : undefined;
  };
  const critical = told({ severity: 'critical' });
  expect(noteOf(critical)).toMatchObject({ reason: 'severity-rose', broadcast: true });
  const known = { ...critical, spoken: { ...critical.spoken, said: saidByMessage(critical) } };
  const [first] = REMIND_AFTER_MS;
  expect(noteOf(known, POSTED_MS + first)).toMatchObject({ reason: 'unacknowledged', broadcast: true });
  expect(noteOf(told({ proxyCount: 10 }))).toMatchObject({ reason: 'milestone', broadcast: false });
  const warned = told();
  const low = { ...warned, spoken: { ...warned.spoken, said: ['severity:info', 'severity:warning'] } };
  expect(noteOf(low)).toMatchObject({ reason: 'severity-rose', broadcast: false });
});
