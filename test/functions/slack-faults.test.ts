// The real client over real HTTP against the stand-in for Slack, with a proxy between them that breaks things: whatever
// happens, there is exactly one message per incident and episode in the end, and one line per note.
import { WebClient } from '@slack/web-api';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Incident } from '#shared/model/incident.ts';
import { BACKOFF_MS } from '#functions/slack-pace.ts';
import { tellSlack } from '#functions/tell-slack.ts';
import { seeded } from '../../infra/local/seeded.ts';
import { limitFaults } from '../notify/slack-limits.ts';
import { named, ofIncident, startSlackBench, STORM, untilQuiet, type SlackBench } from './slack-bench.ts';
import { SETTINGS } from './tell-slack-harness.ts';

let bench: SlackBench;

beforeAll(async () => {
  bench = await startSlackBench();
});

afterAll(() => bench.stop());

afterEach(() => {
  bench.proxy.plan = () => 'none';
});

test('a burst of 60 through the same faults: one digest, and exactly one message each, in its thread', async () => {
  const random = seeded(11);
  const one = bench.stage(Array.from({ length: 60 }, (_, index) => named(index, 'burst')));
  const { boards } = one;
  one.needs = { ...one.needs, boards, settings: { ...one.needs.settings, digestFrom: 8 } };
  bench.proxy.plan = () => (random() < 0.2 ? (STORM[Math.floor(random() * STORM.length)] ?? 'none') : 'none');
  await untilQuiet(one, 60);
  bench.proxy.plan = () => 'none';
  const history = await bench.shown();
  const digests = history.filter(({ text }) => text.startsWith('📋'));
  expect(digests).toMatchObject([{ text: '📋 Digest: 52 new incidents at once' }]);
  expect(limitFaults(digests[0])).toEqual([]);
  const thread = await bench.shown(digests[0]?.ts);
  const places = [...history, ...thread.slice(1)];
  for (const id of one.store.incidents.keys()) expect(ofIncident(places, id)).toHaveLength(1);
}, 120_000);

test('a deleted message is posted anew, and the next episode has a message of its own and a broadcast in the old thread', async () => {
  const first = named(1, 'deleted');
  const one = bench.stage([first]);
  const look = async () => tellSlack(one.needs, one.store.incidents.get(first.id) ?? first);
  await look();
  const { ts } = one.store.incidents.get(first.id)?.spoken ?? { ts: '' };
  const client = new WebClient(bench.slack.token, { slackApiUrl: bench.slack.apiUrl });
  await client.chat.delete({ channel: bench.slack.channel, ts });
  const change = (part: Partial<Incident>) => {
    const now = one.store.incidents.get(first.id);
    if (now !== undefined) one.store.incidents.set(first.id, { ...now, ...part });
  };
  change({ state: 'acknowledged', acknowledgedAtMs: one.clock.nowMs() });
  await look();
  expect(ofIncident(await bench.shown(), first.id)).toMatchObject([
    { text: expect.stringMatching(/^👀 Acknowledged/) },
  ]);
  const { ts: again } = one.store.incidents.get(first.id)?.spoken ?? { ts: '' };
  change({ state: 'open', episode: 2, acknowledgedAtMs: 0 });
  await look();
  expect(ofIncident(await bench.shown(), first.id)).toHaveLength(2);
  const replies = (await bench.shown(again)).filter((reply) => reply.ts !== again);
  expect(replies).toMatchObject([{ reply_broadcast: true, text: expect.stringMatching(/^Came back: /) }]);
});

test.for([
  ['429 with Retry-After', 3_000],
  ['429 without Retry-After', BACKOFF_MS],
] as const)('%s is obeyed: not before %i ms', async ([fault, afterMs]) => {
  const incident = named(afterMs, 'limited');
  const one = bench.stage([incident]);
  bench.proxy.plan = () => fault;
  const told = await tellSlack(one.needs, incident);
  expect(told.lookAtMs).toBe(one.clock.nowMs() + afterMs);
  expect(told.incident.spoken.refusal).toBe(`ratelimited (${bench.slack.channel})`);
  bench.proxy.plan = () => 'none';
  await untilQuiet(one, 5);
  expect(ofIncident(await bench.shown(), incident.id)).toHaveLength(1);
});

test.for([
  ['token_revoked', 'says token_revoked'],
  ['is_archived', 'says is_archived'],
  ['not_in_channel', 'says not_in_channel'],
  ['msg_blocks_too_long', 'says msg_blocks_too_long'],
] as const)('%s is named for the operator and tried again', async ([word, fault], { task }) => {
  const incident = named(task.name.length, word.replaceAll('_', '-'));
  const one = bench.stage([incident]);
  bench.proxy.plan = () => fault;
  const told = await tellSlack(one.needs, incident);
  expect(told.incident.spoken.refusal).toBe(`${word} (${bench.slack.channel})`);
  bench.proxy.plan = () => 'none';
  one.clock.advance(600_000);
  await untilQuiet(one, 5);
  expect(ofIncident(await bench.shown(), incident.id)).toHaveLength(1);
  expect(one.store.incidents.get(incident.id)?.spoken.refusal).toBe('');
});

test('what Slack itself refuses is named: a token without the scopes, a channel that is not there', async () => {
  const incident = named(1, 'refused');
  const poor = bench.stage([incident], { token: 'xoxb-nobody' });
  const told = await tellSlack(poor.needs, incident);
  expect(told.incident.spoken.refusal).toBe(`missing_scope (${bench.slack.channel})`);
  const nowhere = bench.stage([incident]);
  const needs = { ...nowhere.needs, settings: { ...SETTINGS, channel: 'C0NOWHERE' } };
  const lost = await tellSlack(needs, incident);
  expect(lost.incident.spoken.refusal).toBe('channel_not_found (C0NOWHERE)');
  expect(ofIncident(await bench.shown(), incident.id)).toEqual([]);
});
