// Telling Slack: one message per episode and thread line, whatever Slack answers and wherever we die.
import { describe, expect, test } from 'vitest';
import type { Incident } from '#shared/model/incident.ts';
import { MESSAGE_BUDGETS } from '#functions/tell-message.ts';
import {
  CLAIM_HELD_MS,
  CLAIM_LATE_MS,
  REFUSED_AGAIN_MS,
  SEARCH_GIVEN_UP_MS,
  UNSURE_AGAIN_MS,
} from '#functions/speak.ts';
import { tellSlack, WAIT_HERE_MS_MAX } from '#functions/tell-slack.ts';
import type { SlackAnswer } from '#functions/slack-port.ts';
import { anIncident } from '../notify/incident.ts';
import { limitFaults } from '../notify/slack-limits.ts';
import { CHANNEL, scene, type Scene } from './tell-slack-harness.ts';

const posts = ({ slack }: Scene) => slack.calls.filter(({ method }) => method === 'post');
const messages = (one: Scene) => posts(one).filter(({ thread }) => thread === '');
const notes = (one: Scene) =>
  posts(one)
    .filter(({ thread }) => thread !== '')
    .map(({ content }) => content?.text);
const updates = ({ slack }: Scene) => slack.calls.filter(({ method }) => method === 'update');

const grow = (proxyCount: number) => (incident: Incident) => ({
  ...incident,
  evidence: { ...incident.evidence, proxyCount, count: incident.evidence.count + proxyCount },
});

test('a fault is told once: claimed before, recorded after', async () => {
  const one = scene(anIncident());
  const claims: string[] = [];
  one.store.beforeWrite = (_, after) => claims.push(after.spoken.claim === null ? 'free' : 'claimed');
  expect(await one.look()).toMatchObject({
    incident: { spoken: { posts: 1, channel: CHANNEL, claim: null } },
  });
  expect(claims).toEqual(['claimed', 'free']);
  await one.look();
  await one.look();
  expect(posts(one)).toHaveLength(1);
  expect(limitFaults(posts(one)[0]?.content)).toEqual([]);
});

test('two instances at once: the one that does not hold the claim says nothing', async () => {
  const one = scene(anIncident());
  await Promise.all([one.look(), one.look(), one.look()]);
  expect(posts(one)).toHaveLength(1);
});

describe('a crash between Slack’s answer and our record', () => {
  async function crashed(): Promise<Scene> {
    const one = scene(anIncident());
    one.store.beforeWrite = (before) => {
      if (before.spoken.claim !== null) throw new Error('killed');
    };
    await expect(one.look()).rejects.toThrow('killed');
    one.store.beforeWrite = () => undefined;
    return one;
  }

  test('is waited out while another instance may hold the claim', async () => {
    const one = await crashed();
    const claimedAtMs = one.clock.nowMs();
    one.clock.advance(CLAIM_HELD_MS - 1);
    expect(await one.look()).toMatchObject({ lookAtMs: claimedAtMs + CLAIM_HELD_MS });
    expect(posts(one)).toHaveLength(1);
  });

  test('is healed by the message’s metadata, and what it shows is made right', async () => {
    const one = await crashed();
    one.clock.advance(CLAIM_HELD_MS);
    one.slack.found.push({ kind: 'found', ts: '1793527330.000007' });
    await one.look();
    expect(posts(one)).toHaveLength(1);
    expect(updates(one)).toHaveLength(1);
    expect(one.incident().spoken).toMatchObject({
      ts: '1793527330.000007',
      claim: null,
      posts: 1,
      refusal: '',
    });
    expect(one.slack.calls.find(({ method }) => method === 'find')?.wanted).toMatchObject({
      incident: one.incident().id,
      episode: 1,
      note: '',
    });
  });

  test('is told anew where Slack never got it', async () => {
    const one = await crashed();
    one.clock.advance(CLAIM_HELD_MS);
    await one.look();
    expect(posts(one)).toHaveLength(2);
    expect(one.incident().spoken.claim).toBeNull();
  });

  test('is never guessed at: while Slack does not answer, nothing is posted', async () => {
    const one = await crashed();
    for (let round = 0; round < 40; round += 1) {
      one.clock.advance(CLAIM_HELD_MS);
      one.slack.found.push({ kind: 'unknown', why: 'http 503' });
      expect(await one.look()).toMatchObject({ lookAtMs: one.clock.nowMs() + UNSURE_AGAIN_MS });
    }
    expect(posts(one)).toHaveLength(1);
    expect(one.incident().spoken.refusal).toBe(`http 503 (${CHANNEL})`);
  });

  test.for([
    [SEARCH_GIVEN_UP_MS - 1, 1],
    [SEARCH_GIVEN_UP_MS, 2],
    [SEARCH_GIVEN_UP_MS + 1, 2],
  ] as const)('where Slack may not be searched, %i ms later there are %i posts', async ([after, count]) => {
    const one = await crashed();
    one.clock.advance(after);
    one.slack.found.push({ kind: 'refused', why: 'not_in_channel' });
    await one.look();
    expect(posts(one)).toHaveLength(count);
    expect(one.log.lines.at(-1)?.facts['why']).toBe('not_in_channel');
  });

  test('waits as long as Slack asks before it looks', async () => {
    const one = await crashed();
    one.clock.advance(CLAIM_HELD_MS);
    one.slack.found.push({ kind: 'later', afterMs: 40_000, why: 'ratelimited' });
    const untilMs = one.clock.nowMs() + 40_000;
    expect(await one.look()).toMatchObject({ lookAtMs: untilMs });
    expect(one.incident().spoken.refusal).toBe(`ratelimited (${CHANNEL})`);
    expect(await one.look()).toMatchObject({ lookAtMs: untilMs });
    expect(one.slack.calls.filter(({ method }) => method === 'find')).toHaveLength(1);
    one.clock.advance(40_000);
    one.slack.found.push({ kind: 'found', ts: '1793527330.000007' });
    await one.look();
    expect(posts(one)).toHaveLength(1);
    expect(one.incident().spoken).toMatchObject({ claim: null, refusal: '' });
  });

  test('in a thread is healed in the thread', async () => {
    const one = scene(anIncident());
    await one.look();
    one.change(grow(100));
    let armed = true;
    one.store.beforeWrite = (before) => {
      if (!armed || before.spoken.claim?.note !== 'proxies:100') return;
      armed = false;
      throw new Error('killed');
    };
    await expect(one.look()).rejects.toThrow('killed');
    one.clock.advance(CLAIM_HELD_MS);
    one.slack.found.push({ kind: 'found', ts: '9.9' });
    await one.look();
    expect(notes(one)).toEqual(['It now affects *100 proxies*.']);
    expect(one.incident().spoken.said).toContain('proxies:100');
    expect(one.slack.calls.find(({ method }) => method === 'find')?.thread).toBe(one.incident().spoken.ts);
  });
});

test.for([
  [CLAIM_LATE_MS - 1, 1],
  [CLAIM_LATE_MS, 1],
  [CLAIM_LATE_MS + 1, 0],
] as const)('a claim that took the store %i ms is followed by %i posts', async ([tookMs, count]) => {
  const one = scene(anIncident());
  one.store.beforeWrite = (_, after) => {
    if (after.spoken.claim !== null) one.clock.advance(tookMs);
  };
  const startMs = one.clock.nowMs();
  const told = await one.look();
  expect(posts(one)).toHaveLength(count);
  if (count > 0) return;
  expect(told.lookAtMs).toBe(startMs + CLAIM_HELD_MS);
  one.store.beforeWrite = () => undefined;
  one.clock.advance(CLAIM_HELD_MS);
  await one.look();
  expect(posts(one)).toHaveLength(1);
});

test('a claim that took effect without the store saying so is our own when it is made again', async () => {
  const one = scene(anIncident());
  const { changeIncident } = one.needs.store;
  let repeated = 0;
  const store: Scene['needs']['store'] = {
    ...one.needs.store,
    changeIncident: async (id, change) => {
      const before = one.incident().spoken.claim;
      const first = await changeIncident(id, change);
      if (before !== null || first?.spoken.claim === null) return first;
      repeated += 1;
      return changeIncident(id, change);
    },
  };
  await tellSlack({ ...one.needs, store }, one.incident());
  expect(repeated).toBe(1);
  expect(posts(one)).toHaveLength(1);
});

test('a look that was decided before another one said the same line does not say it again', async () => {
  const one = scene(anIncident());
  await one.look();
  one.change(grow(100));
  const before = one.incident();
  await one.look();
  await tellSlack(one.needs, before);
  expect(notes(one)).toEqual(['It now affects *100 proxies*.']);
});

/** What another instance has just claimed to say. */
const claimedByOther = (note: string, atMs: number) => (incident: Incident) => ({
  ...incident,
  spoken: {
    ...incident.spoken,
    claim: { id: 'other', atMs, episode: incident.episode, note, channel: CHANNEL, thread: '' },
  },
});

test.for([
  ['is edited', undefined],
  ['is not edited', { kind: 'later', afterMs: 60_000, why: 'ratelimited' }],
] as const)('a message that %s leaves the claim of another instance alone', async ([, answer]) => {
  const one = scene(anIncident());
  await one.look();
  one.clock.advance(60_000);
  one.change(grow(100));
  const { update } = one.needs.slack;
  const slack: Scene['needs']['slack'] = {
    ...one.needs.slack,
    update: (...asked) => {
      one.change(claimedByOther('proxies:100', one.clock.nowMs()));
      return update(...asked);
    },
  };
  if (answer !== undefined) one.slack.answers.push(answer);
  await tellSlack({ ...one.needs, slack }, one.incident());
  expect(updates(one)).toHaveLength(1);
  expect(one.incident().spoken.claim?.id).toBe('other');
  expect(notes(one)).toEqual([]);
});

test('a claim that another instance left is looked up by who learns of it late, never said over', async () => {
  const one = scene(anIncident());
  const before = one.incident();
  one.change(claimedByOther('', one.clock.nowMs()));
  one.clock.advance(CLAIM_HELD_MS);
  await tellSlack(one.needs, before);
  expect(messages(one)).toHaveLength(0);
  one.slack.found.push({ kind: 'found', ts: '9.9' });
  await one.look();
  expect(messages(one)).toHaveLength(0);
  expect(one.incident().spoken).toMatchObject({ ts: '9.9', claim: null });
});

test('an unclear answer that comes late is looked up in Slack, even where the wait for it is sat out', async () => {
  const one = scene(anIncident());
  one.store.beforeWrite = (before, after) => {
    if (before.spoken.claim === null && after.spoken.claim !== null) one.clock.advance(CLAIM_LATE_MS);
  };
  one.slack.answers.push({ kind: 'unsure', why: 'request_timeout' });
  const { post } = one.needs.slack;
  const slack: Scene['needs']['slack'] = {
    ...one.needs.slack,
    post: (...asked) => {
      one.clock.advance(5_000);
      return post(...asked);
    },
  };
  const wait = (milliseconds: number) => Promise.resolve(one.clock.advance(milliseconds));
  const needs = { ...one.needs, slack, clock: { ...one.clock, wait } };
  await tellSlack(needs, one.incident());
  one.clock.advance(CLAIM_HELD_MS);
  one.slack.found.push({ kind: 'found', ts: '9.9' });
  await tellSlack(needs, one.incident());
  expect(messages(one)).toHaveLength(1);
  expect(one.incident().spoken.ts).toBe('9.9');
});

const NO: readonly (readonly [string, SlackAnswer, number, string])[] = [
  ['429 with Retry-After', { kind: 'later', afterMs: 7_000, why: 'ratelimited' }, 7_000, 'WARNING'],
  ['a post that may have taken effect', { kind: 'unsure', why: 'http 500' }, CLAIM_HELD_MS, 'WARNING'],
  ['a revoked token', { kind: 'refused', why: 'token_revoked' }, REFUSED_AGAIN_MS, 'ERROR'],
  ['a missing channel', { kind: 'refused', why: 'channel_not_found' }, REFUSED_AGAIN_MS, 'ERROR'],
  ['an archived channel', { kind: 'refused', why: 'is_archived' }, REFUSED_AGAIN_MS, 'ERROR'],
  ['a channel without us', { kind: 'refused', why: 'not_in_channel' }, REFUSED_AGAIN_MS, 'ERROR'],
];

test.for(NO)('%s: waits, and the operator sees why', async ([, answer, waitMs, level]) => {
  const one = scene(anIncident());
  one.slack.answers.push(answer);
  const startMs = one.clock.nowMs();
  expect(await one.look()).toMatchObject({ lookAtMs: startMs + waitMs });
  const why = 'why' in answer ? answer.why : '';
  expect(one.incident().spoken.refusal).toBe(`${why} (${CHANNEL})`);
  expect(one.log.lines).toMatchObject([{ level, facts: { why, channel: CHANNEL } }]);
  one.clock.advance(waitMs - 1);
  await one.look();
  expect(posts(one)).toHaveLength(1);
  one.clock.advance(1);
  await one.look();
  expect(posts(one)).toHaveLength(2);
  expect(one.incident().spoken).toMatchObject({ refusal: '', notBeforeMs: 0, posts: 1 });
});

test.for([
  [WAIT_HERE_MS_MAX - 1, 2],
  [WAIT_HERE_MS_MAX, 2],
  [WAIT_HERE_MS_MAX + 1, 1],
] as const)('where Slack asks to wait %i ms, one look makes %i posts', async ([afterMs, count]) => {
  const one = scene(anIncident());
  one.slack.answers.push({ kind: 'later', afterMs, why: 'ratelimited' });
  const startMs = one.clock.nowMs();
  const wait = (milliseconds: number) => Promise.resolve(one.clock.advance(milliseconds));
  const told = await tellSlack({ ...one.needs, clock: { ...one.clock, wait } }, one.incident());
  expect(posts(one)).toHaveLength(count);
  if (count === 1) expect(told.lookAtMs).toBe(startMs + afterMs);
  else expect(told.incident.spoken).toMatchObject({ posts: 1, refusal: '' });
});

test('only one wait is sat out: who is asked to wait again looks again later', async () => {
  const one = scene(anIncident());
  const later = { kind: 'later', afterMs: 1_000, why: 'ratelimited' } as const;
  one.slack.answers.push(later, later);
  const wait = (milliseconds: number) => Promise.resolve(one.clock.advance(milliseconds));
  const told = await tellSlack({ ...one.needs, clock: { ...one.clock, wait } }, one.incident());
  expect(posts(one)).toHaveLength(2);
  expect(told.lookAtMs).toBe(one.clock.nowMs() + 1_000);
});

test('every refusal that a person must mend comes with what to do', async () => {
  const one = scene(anIncident());
  one.slack.answers.push({ kind: 'refused', why: 'not_in_channel' });
  await one.look();
  expect(one.log.lines[0]?.facts['advice']).toContain('/invite');
});

test('a route’s channel that refuses does not swallow the alert: the default channel hears of it', async () => {
  const one = scene(anIncident(), { routes: [{ severity: ['critical'], channel: 'C00ARCHIVE' }] });
  one.slack.answers.push({ kind: 'refused', why: 'is_archived' });
  await one.look();
  one.clock.advance(REFUSED_AGAIN_MS);
  await one.look();
  expect(posts(one).map(({ channel }) => channel)).toEqual(['C00ARCHIVE', CHANNEL]);
});

test('a message that Slack finds too long is made shorter until it passes', async () => {
  const one = scene(anIncident());
  one.slack.answers.push(
    ...MESSAGE_BUDGETS.map(() => ({ kind: 'too-long', why: 'msg_blocks_too_long' }) as const),
  );
  await one.look();
  const lengths = posts(one).map(({ content }) => JSON.stringify(content?.blocks).length);
  expect(lengths).toHaveLength(MESSAGE_BUDGETS.length + 1);
  expect([...lengths].sort((a, b) => b - a)).toEqual(lengths);
  for (const [index, max] of MESSAGE_BUDGETS.entries()) expect(lengths[index]).toBeLessThanOrEqual(max);
  expect(one.incident().spoken.posts).toBe(1);
});

test('what Slack takes in no size is left alone for a while, not said again and again', async () => {
  const one = scene(anIncident());
  const tooLong = { kind: 'too-long', why: 'invalid_blocks' } as const;
  one.slack.answers.push(...Array.from({ length: 40 }, () => tooLong));
  expect(await one.look()).toMatchObject({ lookAtMs: one.clock.nowMs() + REFUSED_AGAIN_MS });
  expect(posts(one)).toHaveLength(MESSAGE_BUDGETS.length + 1);
  await one.look();
  expect(posts(one)).toHaveLength(MESSAGE_BUDGETS.length + 1);
  expect(one.log.lines.at(-1)).toMatchObject({ level: 'ERROR' });
  one.slack.answers.length = 0;
  one.clock.advance(REFUSED_AGAIN_MS);
  await one.look();
  expect(one.incident().spoken).toMatchObject({ posts: 1, notBeforeMs: 0, refusal: '' });
});

test('a message whose channel was archived is told on in the default channel', async () => {
  const one = scene(anIncident(), { routes: [{ severity: ['critical'], channel: 'C00ONCALL' }] });
  await one.look();
  one.change((incident) => ({ ...incident, state: 'acknowledged', acknowledgedAtMs: one.clock.nowMs() }));
  one.slack.answers.push({ kind: 'refused', why: 'is_archived' });
  await one.look();
  one.clock.advance(REFUSED_AGAIN_MS);
  await one.look();
  expect(messages(one).map(({ channel }) => channel)).toEqual(['C00ONCALL', CHANNEL]);
  expect(one.incident().spoken).toMatchObject({ channel: CHANNEL, shownState: 'acknowledged', refusal: '' });
});

test('the channel of the episode before refuses its last line: the new episode is told all the same', async () => {
  const routes = [{ severity: ['critical' as const], channel: 'C00ONCALL' }];
  const one = scene(anIncident(), { routes });
  await one.look();
  one.change((incident) => ({
    ...incident,
    episode: 2,
    countBefore: incident.evidence.count - 1,
    evidence: { ...incident.evidence, severity: 'error' },
  }));
  one.slack.answers.push(
    { kind: 'sent', channel: CHANNEL, ts: '1793529999.000001' },
    { kind: 'refused', why: 'is_archived' },
  );
  expect((await one.look()).lookAtMs).toBe(0);
  expect(one.incident().spoken).toMatchObject({ channel: CHANNEL, notBeforeMs: 0, refusal: '' });
  one.change((incident) => ({ ...incident, state: 'acknowledged', acknowledgedAtMs: one.clock.nowMs() }));
  await one.look();
  expect(updates(one)).toHaveLength(1);
});

test('a message that a person deleted is posted anew, once', async () => {
  const one = scene(anIncident());
  await one.look();
  one.change(grow(13));
  one.clock.advance(30_000);
  one.slack.answers.push({ kind: 'gone', why: 'message_not_found' });
  await one.look();
  await one.look();
  expect(messages(one)).toHaveLength(2);
  expect(one.incident().spoken).toMatchObject({ posts: 2, refusal: '' });
  expect(one.log.lines.at(-1)?.message).toContain('not in Slack any more');
});

test('a deleted message that another instance has posted anew meanwhile is not posted again', async () => {
  const one = scene(anIncident());
  await one.look();
  one.change((incident) => ({ ...incident, state: 'acknowledged', acknowledgedAtMs: one.clock.nowMs() }));
  const before = one.incident();
  const gone = { kind: 'gone', why: 'message_not_found' } as const;
  one.slack.answers.push(gone);
  await one.look();
  expect(messages(one)).toHaveLength(2);
  one.slack.answers.push(gone);
  await tellSlack(one.needs, before);
  expect(messages(one)).toHaveLength(2);
});

test('a lost edit is tried again, for it can be said twice', async () => {
  const one = scene(anIncident());
  await one.look();
  one.change((incident) => ({ ...incident, state: 'acknowledged', acknowledgedAtMs: one.clock.nowMs() }));
  one.slack.answers.push({ kind: 'unsure', why: 'request_timeout' });
  expect(await one.look()).toMatchObject({ lookAtMs: one.clock.nowMs() + UNSURE_AGAIN_MS });
  one.clock.advance(UNSURE_AGAIN_MS);
  await one.look();
  expect(updates(one)).toHaveLength(2);
  expect(one.incident().spoken).toMatchObject({ shownState: 'acknowledged', updates: 1 });
});

test('open, growing, acknowledged, resolved, reopened: one message per episode and a thread that tells it', async () => {
  const one = scene(anIncident());
  await one.look();
  const first = one.incident().spoken.ts;
  one.clock.advance(60_000);
  one.change(grow(150));
  await one.look();
  one.change((incident) => ({ ...incident, state: 'acknowledged', acknowledgedAtMs: one.clock.nowMs() }));
  await one.look();
  one.change((incident) => ({
    ...incident,
    state: 'resolved',
    resolvedBy: 'proof',
    resolvedAtMs: incident.openedAtMs + 25 * 3_600_000,
  }));
  await one.look();
  expect(notes(one)).toEqual([
    'It now affects *150 proxies*.',
    'Acknowledged.',
    'Resolved after *1 day 1 hour* by proof: what had failed now passes.',
  ]);
  one.change((incident) => ({
    ...incident,
    state: 'open',
    episode: 2,
    resolvedAtMs: 0,
    resolvedBy: '',
    acknowledgedAtMs: 0,
    countBefore: incident.evidence.count - 1,
  }));
  await one.look();
  await one.look();
  expect(messages(one)).toHaveLength(2);
  const last = posts(one).at(-1);
  expect(last).toMatchObject({ thread: first, broadcast: true });
  expect(last?.content?.text).toMatch(/^Came back: No mesh configuration/);
  expect(one.incident().spoken.ts).not.toBe(first);
});

test('a critical incident that nobody acknowledges is called to mind, ever more rarely', async () => {
  const one = scene(anIncident());
  const told = await one.look();
  expect(told.lookAtMs).toBeGreaterThanOrEqual(one.clock.nowMs() + 29 * 60_000);
  for (let minutes = 0; minutes < 24 * 60; minutes += 10) {
    one.clock.advance(10 * 60_000);
    one.change((incident) => ({
      ...incident,
      evidence: { ...incident.evidence, lastSeenMs: one.clock.nowMs() },
    }));
    await one.look();
  }
  expect(notes(one)).toEqual([
    'Critical and not acknowledged for 30 minutes.',
    'Critical and not acknowledged for 120 minutes.',
    'Critical and not acknowledged for 480 minutes.',
  ]);
});

describe('an incident that follows from another', () => {
  const cause = anIncident({ incident: { id: 'api-disabled-0123456789abcdef', pattern: 'api-disabled' } });
  const explained = () => {
    const one = scene(anIncident({ incident: { explainedBy: cause.id } }));
    one.store.incidents.set(cause.id, cause);
    return one;
  };
  const tellCause = (one: Scene): void => {
    const spoken = { ...cause.spoken, channel: CHANNEL, ts: '5.5', episode: 1 };
    one.store.incidents.set(cause.id, { ...cause, spoken });
  };

  test('waits for its cause and speaks in its thread only', async () => {
    const one = explained();
    await one.look();
    expect(posts(one)).toEqual([]);
    tellCause(one);
    await one.look();
    one.change(grow(2_000));
    one.clock.advance(60_000);
    await one.look();
    expect(posts(one)).toMatchObject([{ thread: '5.5', broadcast: false, channel: CHANNEL }]);
    expect(updates(one)).toHaveLength(1);
  });

  test('waits for no cause that only a quiet backfill knows of: nobody will be told of that one', async () => {
    const one = explained();
    const backfilled = { ...cause, evidence: { ...cause.evidence, lastLiveMs: 0 } };
    one.store.incidents.set(cause.id, backfilled);
    await one.look();
    expect(posts(one)).toMatchObject([{ thread: '', channel: CHANNEL }]);
  });

  test('speaks in the channel where a person deleted the message of its cause', async () => {
    const one = explained();
    tellCause(one);
    one.slack.answers.push({ kind: 'gone', why: 'thread_not_found' });
    await one.look();
    await one.look();
    expect(posts(one).map(({ thread }) => thread)).toEqual(['5.5', '']);
    expect(one.incident().spoken).toMatchObject({ thread: '', posts: 1 });
  });

  test('speaks in the channel once it stands for itself', async () => {
    const one = explained();
    tellCause(one);
    await one.look();
    one.change((incident) => ({ ...incident, explainedBy: '' }));
    await one.look();
    expect(posts(one).map(({ thread }) => thread)).toEqual(['5.5', '']);
    await one.look();
    expect(posts(one)).toHaveLength(2);
  });
});

test('a silence keeps new incidents quiet until it ends', async () => {
  const one = scene(anIncident());
  const untilMs = one.clock.nowMs() + 60_000;
  const scope = { network: 'prod-*' };
  one.silences.push({
    id: 's1',
    kind: 'maintenance',
    pattern: 'config-not-found',
    project: '',
    scope,
    fromMs: 0,
    untilMs,
    reason: 'move',
    by: 'U1',
  });
  expect(await one.look()).toMatchObject({ lookAtMs: untilMs });
  expect(posts(one)).toEqual([]);
  one.clock.advance(60_000);
  await one.look();
  expect(posts(one)).toHaveLength(1);
});

test('a muted incident shows that it is, and then stays quiet', async () => {
  const one = scene(anIncident());
  await one.look();
  const mutedUntilMs = one.clock.nowMs() + 3_600_000;
  one.change((incident) => ({ ...incident, state: 'muted', mutedUntilMs }));
  expect(await one.look()).toMatchObject({ lookAtMs: mutedUntilMs });
  one.change(grow(5_000));
  one.clock.advance(60_000);
  await one.look();
  expect(updates(one)).toHaveLength(1);
  expect(notes(one)).toEqual([expect.stringMatching(/^Muted until <!date/)]);
});

test('silences that can’t be read keep nobody quiet, and the operator sees it', async () => {
  const one = scene(anIncident());
  const notices = { ...one.needs.notices, silences: () => Promise.reject(new Error('no Firestore')) };
  await tellSlack({ ...one.needs, notices }, one.incident());
  expect(posts(one)).toHaveLength(1);
  expect(one.log.lines[0]).toMatchObject({ level: 'ERROR', facts: { error: 'no Firestore' } });
});

test('what was held back is of use, and no reason to keep an incident from being told', async () => {
  const one = scene(anIncident());
  const notices = { ...one.needs.notices, ledger: () => Promise.reject(new Error('no Firestore')) };
  await tellSlack({ ...one.needs, notices }, one.incident());
  expect(posts(one)).toHaveLength(1);
  expect(one.log.lines).toMatchObject([{ level: 'WARNING', facts: { error: 'no Firestore' } }]);
});

test('what a thread was not told because of a silence, it is told when the silence ends', async () => {
  const one = scene(anIncident());
  await one.look();
  const untilMs = one.clock.nowMs() + 60_000;
  const kept = { id: 's1', kind: 'silence', pattern: '', project: '', scope: {} } as const;
  one.silences.push({ ...kept, fromMs: 0, untilMs, reason: 'move', by: 'U1' });
  one.change(grow(100));
  expect(await one.look()).toMatchObject({ lookAtMs: one.clock.nowMs() + 30_000 });
  one.clock.advance(30_000);
  expect(await one.look()).toMatchObject({ lookAtMs: untilMs });
  expect(notes(one)).toEqual([]);
  one.clock.advance(30_000);
  await one.look();
  expect(notes(one)).toEqual(['It now affects *100 proxies*.']);
});

test('while Slack asks to wait, the other incidents of the channel write nothing and look again at the same time', async () => {
  const one = scene(anIncident());
  one.slack.answers.push({ kind: 'later', afterMs: 20_000, why: 'ratelimited' });
  const untilMs = one.clock.nowMs() + 20_000;
  await one.look();
  const others = Array.from({ length: 50 }, (_, index) =>
    anIncident({ incident: { id: `config-not-found-${index.toString(16).padStart(16, '0')}` } }),
  );
  for (const incident of others) one.store.incidents.set(incident.id, incident);
  let writes = 0;
  one.store.beforeWrite = () => (writes += 1);
  for (const incident of others)
    expect(await tellSlack(one.needs, incident)).toMatchObject({ lookAtMs: untilMs });
  expect(posts(one)).toHaveLength(1);
  expect(writes).toBe(0);
  one.clock.advance(20_000);
  for (const { id } of [one.incident(), ...others]) {
    const incident = one.store.incidents.get(id);
    if (incident !== undefined) await tellSlack(one.needs, incident);
  }
  expect(posts(one)).toHaveLength(52);
});
