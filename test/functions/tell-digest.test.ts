// A burst in one channel: the first incidents speak for themselves, the rest in the thread of one digest that is edited.
import { expect, test } from 'vitest';
import { BURST_WITHIN_MS, DIGEST_CLOSES_AFTER_MS, DIGEST_EDIT_AFTER_MS } from '#shared/notify/digest.ts';
import { CLAIM_HELD_MS, SEARCH_GIVEN_UP_MS } from '#functions/speak.ts';
import { REMIND_AFTER_MS } from '#shared/notify/thread.ts';
import { createPace } from '#functions/slack-pace.ts';
import type { TellNeeds } from '#functions/tell-message.ts';
import { tellSlack } from '#functions/tell-slack.ts';
import { anIncident } from '../notify/incident.ts';
import { limitFaults, liveParts, mrkdwnTexts } from '../notify/slack-limits.ts';
import { CHANNEL, memoryBoards, scene } from './tell-slack-harness.ts';

const FROM = 3;

function burst() {
  const one = scene(anIncident(), { digestFrom: FROM });
  const boards = memoryBoards();
  const needs: TellNeeds = { ...one.needs, boards, pace: createPace({ ...one.needs, boards }) };
  let count = 0;
  const open = async () => {
    count += 1;
    const id = `config-not-found-${count.toString(16).padStart(16, '0')}`;
    const incident = anIncident({
      incident: { id },
      evidence: { fields: { kind: 'network', name: `<!channel> vpc-${count}` }, severity: 'error' },
    });
    one.store.incidents.set(id, incident);
    return { id, told: await tellSlack(needs, incident) };
  };
  const look = async (id: string) => {
    const incident = one.store.incidents.get(id);
    if (incident === undefined) throw new Error('no such incident');
    return tellSlack(needs, incident);
  };
  const posts = () => one.slack.calls.filter(({ method }) => method === 'post');
  return { ...one, open, look, posts, boards, board: () => boards.kept.get(CHANNEL) };
}

test('the first incidents speak in the channel, the next ones in the thread of one digest that says what it is', async () => {
  const one = burst();
  for (let index = 0; index < FROM + 4; index += 1) await one.open();
  const inChannel = one.posts().filter(({ thread }) => thread === '');
  expect(inChannel).toHaveLength(FROM + 1);
  const digest = inChannel.at(-1);
  expect(digest?.content?.text).toMatch(/^📋 Digest: 1 new incident /);
  expect(JSON.stringify(digest?.content?.blocks)).toContain('This is a digest');
  const { ts } = one.board()?.digest ?? { ts: '' };
  expect(one.posts().filter(({ thread }) => thread === ts)).toHaveLength(4);
  one.clock.advance(DIGEST_EDIT_AFTER_MS);
  await one.look('config-not-found-0000000000000007');
  const edit = one.slack.calls.at(-1);
  expect(edit).toMatchObject({ method: 'update', ts });
  expect(edit?.content?.text).toMatch(/^📋 Digest: 4 new incidents /);
  expect(limitFaults(edit?.content)).toEqual([]);
  expect(liveParts(mrkdwnTexts(edit?.content))).toEqual([]);
});

test('an edit that is too soon comes later, and what changes in the digest’s incidents is shown', async () => {
  const one = burst();
  for (let index = 0; index < FROM; index += 1) await one.open();
  const { id } = await one.open();
  one.clock.advance(1);
  const second = await one.open();
  expect(second.told.lookAtMs).toBe(one.clock.nowMs() - 1 + DIGEST_EDIT_AFTER_MS);
  one.clock.advance(DIGEST_EDIT_AFTER_MS);
  const incident = one.store.incidents.get(id);
  if (incident !== undefined)
    one.store.incidents.set(id, { ...incident, state: 'resolved', resolvedBy: 'quiet', resolvedAtMs: 1 });
  await one.look(id);
  expect(JSON.stringify(one.slack.calls.at(-1)?.content)).toContain('✅');
  expect(await one.look(id)).toMatchObject({ lookAtMs: 0 });
});

test.for([
  [BURST_WITHIN_MS - 1, true],
  [BURST_WITHIN_MS, false],
  [BURST_WITHIN_MS + 1, false],
] as const)('an incident %i ms after the others is in a digest: %s', async ([after, inDigest]) => {
  const one = burst();
  for (let index = 0; index < FROM; index += 1) await one.open();
  one.clock.advance(after);
  const { id } = await one.open();
  expect(one.store.incidents.get(id)?.spoken.inDigest).toBe(inDigest);
});

test.for([
  [DIGEST_CLOSES_AFTER_MS - 1, true],
  [DIGEST_CLOSES_AFTER_MS, false],
] as const)(
  'a digest that took in nothing for %i ms takes in the next one: %s',
  async ([after, inDigest]) => {
    const one = burst();
    for (let index = 0; index <= FROM; index += 1) await one.open();
    one.clock.advance(after);
    const { id } = await one.open();
    expect(one.store.incidents.get(id)?.spoken.inDigest).toBe(inDigest);
  },
);

test('a digest whose posting gave no clear answer is found again, not posted twice', async () => {
  const one = burst();
  for (let index = 0; index < FROM; index += 1) await one.open();
  one.slack.answers.push({ kind: 'unsure', why: 'http 500' });
  const { id, told } = await one.open();
  expect(told.lookAtMs).toBe(one.clock.nowMs() + CLAIM_HELD_MS);
  one.clock.advance(CLAIM_HELD_MS);
  one.slack.found.push({ kind: 'found', ts: '7.7' });
  await one.look(id);
  expect(one.posts().filter(({ content }) => content?.text.startsWith('📋') === true)).toHaveLength(1);
  expect(one.store.incidents.get(id)?.spoken).toMatchObject({ thread: '7.7', inDigest: true });
});

test.for([
  [SEARCH_GIVEN_UP_MS - 1, 0],
  [SEARCH_GIVEN_UP_MS, 1],
] as const)(
  'where Slack may not be searched for a digest, %i ms later %i of its incidents are told',
  async ([after, count]) => {
    const one = burst();
    for (let index = 0; index < FROM; index += 1) await one.open();
    one.slack.answers.push({ kind: 'unsure', why: 'http 500' });
    const { id } = await one.open();
    one.clock.advance(after);
    one.slack.found.push({ kind: 'refused', why: 'missing_scope' });
    await one.look(id);
    expect(one.posts().filter(({ thread }) => thread !== '')).toHaveLength(count);
    expect(one.log.lines.at(-1)).toMatchObject({
      level: count === 0 ? 'WARNING' : 'ERROR',
      facts: { why: 'missing_scope' },
    });
  },
);

test('a board that does not answer keeps nobody from being told', async () => {
  const one = burst();
  const fail = () => Promise.reject(new Error('no Firestore'));
  one.boards.change = fail;
  for (let index = 0; index < FROM + 2; index += 1)
    expect((await one.open()).told.incident.spoken.ts).not.toBe('');
  expect(one.posts().map(({ thread }) => thread)).toEqual(Array.from({ length: FROM + 2 }, () => ''));
  expect(one.log.lines).toMatchObject(
    one.posts().map(() => ({ level: 'ERROR', facts: { error: 'no Firestore' } })),
  );
});

test('looks that find nothing new write nothing to the board, and begin no transaction on it', async () => {
  const one = burst();
  for (let index = 0; index < FROM + 3; index += 1) await one.open();
  one.clock.advance(DIGEST_EDIT_AFTER_MS);
  const ids = [...one.store.incidents.keys()].slice(-3);
  for (const id of ids) await one.look(id);
  const writes = one.boards.writes.length;
  const { change } = one.boards;
  let transactions = 0;
  one.boards.change = (channel, changing) => {
    transactions += 1;
    return change(channel, changing);
  };
  for (let round = 0; round < 5; round += 1) {
    one.clock.advance(60_000);
    for (const id of ids) await one.look(id);
  }
  expect(one.boards.writes).toHaveLength(writes);
  expect(transactions).toBe(0);
});

test('of many looks that find the digest out of date at once, one edits it', async () => {
  const one = burst();
  for (let index = 0; index < FROM + 20; index += 1) await one.open();
  one.clock.advance(DIGEST_EDIT_AFTER_MS);
  await Promise.all([...one.store.incidents.keys()].slice(-20).map((id) => one.look(id)));
  const { ts } = one.board()?.digest ?? { ts: '' };
  const edits = one.slack.calls.filter((call) => call.method === 'update' && call.ts === ts);
  expect(edits).toHaveLength(1);
  expect(edits[0]?.content?.text).toMatch(/^📋 Digest: 20 new incidents /);
});

test('an incident that has to wait for Slack is in the digest once, however often it asks', async () => {
  const one = burst();
  for (let index = 0; index < FROM + 130; index += 1) await one.open();
  one.slack.answers.push({ kind: 'later', afterMs: 1_000, why: 'ratelimited' });
  const { id } = await one.open();
  for (let time = 0; time < 5; time += 1) {
    one.clock.advance(1_000);
    one.slack.answers.push({ kind: 'later', afterMs: 1_000, why: 'ratelimited' });
    await one.look(id);
  }
  expect(one.board()?.digest?.count).toBe(131);
});

test('a critical incident of a digest that nobody acknowledged is called to mind in the digest’s thread, once', async () => {
  const one = burst();
  for (let index = 0; index < FROM; index += 1) await one.open();
  const { id } = await one.open();
  const incident = one.store.incidents.get(id);
  if (incident === undefined) throw new Error('no such incident');
  const evidence = { ...incident.evidence, severity: 'critical' as const };
  one.store.incidents.set(id, { ...incident, evidence });
  one.clock.advance(REMIND_AFTER_MS[0]);
  await one.look(id);
  await one.look(id);
  const { ts } = one.board()?.digest ?? { ts: '' };
  const inThread = one.posts().filter(({ thread }) => thread === ts);
  expect(inThread).toHaveLength(2);
  expect(inThread[1]?.content?.text).toMatch(/vpc-4.*not acknowledged for 30 minutes/s);
  expect(liveParts(mrkdwnTexts(inThread[1]?.content))).toEqual([]);
});

test('a digest that a person deleted: the next incident is told in the channel', async () => {
  const one = burst();
  for (let index = 0; index < FROM + 1; index += 1) await one.open();
  one.slack.answers.push({ kind: 'gone', why: 'thread_not_found' });
  const { id } = await one.open();
  expect(one.store.incidents.get(id)?.spoken).toMatchObject({ thread: '', inDigest: false, posts: 1 });
});
