// The real client over real HTTP against the stand-in for Slack, with a proxy between them that breaks things: whatever
// happens, there is exactly one message per incident and episode in the end, and one line per note.
import { WebClient } from '@slack/web-api';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Incident } from '#shared/model/incident.ts';
import { createSlackWeb } from '#functions/adapters/slack-web.ts';
import { BACKOFF_MS, createPace } from '#functions/slack-pace.ts';
import type { TellNeeds } from '#functions/tell-message.ts';
import { tellSlack } from '#functions/tell-slack.ts';
import { freePort } from '../../infra/local/processes.ts';
import { startSlack, type LocalSlack } from '../../infra/local/slack.ts';
import { anIncident } from '../notify/incident.ts';
import { limitFaults } from '../notify/slack-limits.ts';
import { seeded, startSlackProxy, type Fault, type SlackProxy } from './slack-proxy.ts';
import {
  handClock,
  memoryBoards,
  memoryLog,
  memoryStore,
  SETTINGS,
  type HandClock,
  type MemoryStore,
} from './tell-slack-harness.ts';

/** Long enough for this machine under load, short enough for a test that waits for it. */
const TIMEOUT_MS = 500;

/** Looks under way at once, as one instance has them. */
const AT_ONCE = 25;

let slack: LocalSlack;
let proxy: SlackProxy;

beforeAll(async () => {
  slack = await startSlack(await freePort(0, 'Slack'));
  proxy = await startSlackProxy(slack.apiUrl, () => 'none');
});

afterAll(async () => {
  await proxy.close();
  await slack.close();
});

afterEach(() => {
  proxy.plan = () => 'none';
});

const pageSchema = z.looseObject({
  messages: z.array(
    z.looseObject({
      ts: z.string(),
      text: z.string(),
      metadata: z.looseObject({ event_payload: z.record(z.string(), z.unknown()) }).optional(),
      reply_broadcast: z.boolean().optional(),
    }),
  ),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});
type Shown = z.infer<typeof pageSchema>['messages'][number];

/** Everything that stands in the channel, or in a thread of it. */
async function shown(thread = ''): Promise<readonly Shown[]> {
  const client = new WebClient(slack.token, { slackApiUrl: slack.apiUrl });
  const all: Shown[] = [];
  let cursor = '';
  do {
    const page = pageSchema.parse(
      await client.apiCall(thread === '' ? 'conversations.history' : 'conversations.replies', {
        channel: slack.channel,
        limit: 200,
        include_all_metadata: true,
        ...(thread === '' ? {} : { ts: thread }),
        ...(cursor === '' ? {} : { cursor }),
      }),
    );
    all.push(...page.messages);
    cursor = page.response_metadata?.next_cursor ?? '';
  } while (cursor !== '');
  return all;
}

const ofIncident = (messages: readonly Shown[], id: string) =>
  messages.filter(({ metadata }) => metadata?.event_payload['incident'] === id);

interface Stage {
  readonly store: MemoryStore;
  readonly clock: HandClock;
  readonly needs: TellNeeds;
}

function stage(incidents: readonly Incident[], token = slack.token): Stage {
  const store = memoryStore(incidents);
  // Slack's own clock is real, so ours starts an hour before it and is moved by hand.
  const clock = handClock(Date.now() - 3_600_000);
  const log = memoryLog();
  const needs: TellNeeds = {
    store: store.ports,
    slack: createSlackWeb({ token, apiUrl: proxy.apiUrl, timeoutMs: TIMEOUT_MS }),
    notices: { silences: () => Promise.resolve([]), ledger: () => Promise.resolve(undefined) },
    settings: { ...SETTINGS, channel: slack.channel },
    quietAfterMs: () => 1e15,
    clock,
    log,
    pace: createPace({ clock, log }),
  };
  return { store, clock, needs };
}

const named = (number: number, prefix: string): Incident => {
  const id = `${prefix}-${number.toString(16).padStart(16, '0')}`;
  return anIncident({ incident: { id }, evidence: { severity: 'error' } });
};

/** Looks at every incident, round after round, until a whole round had nothing to do. Returns the rounds it took. */
async function untilQuiet(one: Stage, roundsMax: number): Promise<number> {
  for (let round = 1; round <= roundsMax; round += 1) {
    let quiet = true;
    const ids = [...one.store.incidents.keys()];
    for (let index = 0; index < ids.length; index += AT_ONCE)
      await Promise.all(
        ids.slice(index, index + AT_ONCE).map(async (id) => {
          const incident = one.store.incidents.get(id);
          if (incident === undefined) return;
          const before = JSON.stringify(incident.spoken);
          const told = await tellSlack(one.needs, incident).catch(() => undefined);
          const after = JSON.stringify(one.store.incidents.get(id)?.spoken);
          if (told === undefined || told.lookAtMs > 0 || after !== before) quiet = false;
        }),
      );
    if (quiet) return round;
    one.clock.advance(20_000);
  }
  throw new Error('never quiet');
}

const STORM: readonly Fault[] = [
  '429 with Retry-After',
  '429 without Retry-After',
  '500 before',
  '500 after',
  '500 after',
  'reset before',
  'reset after',
  'silent after',
];

test('200 incidents through 429 storms, 500s, resets, timeouts and deaths: exactly one message each per episode', async () => {
  const random = seeded(7);
  const one = stage(Array.from({ length: 200 }, (_, index) => named(index, 'storm')));
  proxy.plan = () => (random() < 0.25 ? (STORM[Math.floor(random() * STORM.length)] ?? 'none') : 'none');
  let deaths = 0;
  one.store.beforeWrite = (before) => {
    // Killed between Slack's answer and our write.
    if (before.spoken.claim === null || random() > 0.1) return;
    deaths += 1;
    throw new Error('killed');
  };
  await untilQuiet(one, 60);
  for (const [id, incident] of one.store.incidents)
    one.store.incidents.set(id, {
      ...incident,
      state: 'resolved',
      resolvedBy: 'quiet',
      resolvedAtMs: incident.openedAtMs + 600_000,
    });
  await untilQuiet(one, 60);
  expect(deaths).toBeGreaterThan(10);
  for (const fault of STORM) expect(proxy.faults.get(fault)).toBeGreaterThan(2);
  proxy.plan = () => 'none';
  const history = await shown();
  for (const id of one.store.incidents.keys()) {
    const messages = ofIncident(history, id);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.text).toMatch(/^✅ Resolved: /);
    expect(limitFaults(messages[0])).toEqual([]);
  }
  for (const { spoken } of [...one.store.incidents.values()].slice(0, 40)) {
    const thread = await shown(spoken.ts);
    const lines = thread.filter(({ ts }) => ts !== spoken.ts).map(({ text }) => text);
    expect(lines).toEqual(['Resolved after *10 minutes* by quiet: no new line came.']);
  }
}, 120_000);

test('a burst of 60 through the same faults: one digest, and exactly one message each, in its thread', async () => {
  const random = seeded(11);
  const base = stage(Array.from({ length: 60 }, (_, index) => named(index, 'burst')));
  const boards = memoryBoards();
  const one: Stage = {
    ...base,
    needs: {
      ...base.needs,
      settings: { ...base.needs.settings, digestFrom: 8 },
      boards,
      pace: createPace({ ...base.needs, boards }),
    },
  };
  proxy.plan = () => (random() < 0.2 ? (STORM[Math.floor(random() * STORM.length)] ?? 'none') : 'none');
  await untilQuiet(one, 60);
  proxy.plan = () => 'none';
  const history = await shown();
  const digests = history.filter(({ text }) => text.startsWith('📋'));
  expect(digests).toMatchObject([{ text: '📋 Digest: 52 new incidents at once' }]);
  expect(limitFaults(digests[0])).toEqual([]);
  const thread = await shown(digests[0]?.ts);
  const places = [...history, ...thread.slice(1)];
  for (const id of one.store.incidents.keys()) expect(ofIncident(places, id)).toHaveLength(1);
}, 120_000);

test('a deleted message is posted anew, and the next episode has a message of its own and a broadcast in the old thread', async () => {
  const first = named(1, 'deleted');
  const one = stage([first]);
  const look = async () => tellSlack(one.needs, one.store.incidents.get(first.id) ?? first);
  await look();
  const { ts } = one.store.incidents.get(first.id)?.spoken ?? { ts: '' };
  const client = new WebClient(slack.token, { slackApiUrl: slack.apiUrl });
  await client.chat.delete({ channel: slack.channel, ts });
  const change = (part: Partial<Incident>) => {
    const now = one.store.incidents.get(first.id);
    if (now !== undefined) one.store.incidents.set(first.id, { ...now, ...part });
  };
  change({ state: 'acknowledged', acknowledgedAtMs: one.clock.nowMs() });
  await look();
  expect(ofIncident(await shown(), first.id)).toMatchObject([
    { text: expect.stringMatching(/^👀 Acknowledged/) },
  ]);
  const { ts: again } = one.store.incidents.get(first.id)?.spoken ?? { ts: '' };
  change({ state: 'open', episode: 2, acknowledgedAtMs: 0 });
  await look();
  expect(ofIncident(await shown(), first.id)).toHaveLength(2);
  const replies = (await shown(again)).filter((reply) => reply.ts !== again);
  expect(replies).toMatchObject([{ reply_broadcast: true, text: expect.stringMatching(/^Came back: /) }]);
});

test.for([
  ['429 with Retry-After', 3_000],
  ['429 without Retry-After', BACKOFF_MS],
] as const)('%s is obeyed: not before %i ms', async ([fault, afterMs]) => {
  const incident = named(afterMs, 'limited');
  const one = stage([incident]);
  proxy.plan = () => fault;
  const told = await tellSlack(one.needs, incident);
  expect(told.lookAtMs).toBe(one.clock.nowMs() + afterMs);
  expect(told.incident.spoken.refusal).toBe(`ratelimited (${slack.channel})`);
  proxy.plan = () => 'none';
  await untilQuiet(one, 5);
  expect(ofIncident(await shown(), incident.id)).toHaveLength(1);
});

test.for([
  ['token_revoked', 'says token_revoked'],
  ['is_archived', 'says is_archived'],
  ['not_in_channel', 'says not_in_channel'],
  ['msg_blocks_too_long', 'says msg_blocks_too_long'],
] as const)('%s is named for the operator and tried again', async ([word, fault], { task }) => {
  const incident = named(task.name.length, word.replaceAll('_', '-'));
  const one = stage([incident]);
  proxy.plan = () => fault;
  const told = await tellSlack(one.needs, incident);
  expect(told.incident.spoken.refusal).toBe(`${word} (${slack.channel})`);
  proxy.plan = () => 'none';
  one.clock.advance(600_000);
  await untilQuiet(one, 5);
  expect(ofIncident(await shown(), incident.id)).toHaveLength(1);
  expect(one.store.incidents.get(incident.id)?.spoken.refusal).toBe('');
});

test('what Slack itself refuses is named: a token without the scopes, a channel that is not there', async () => {
  const incident = named(1, 'refused');
  const poor = stage([incident], 'xoxb-nobody');
  const told = await tellSlack(poor.needs, incident);
  expect(told.incident.spoken.refusal).toBe(`missing_scope (${slack.channel})`);
  const nowhere = stage([incident]);
  const needs = { ...nowhere.needs, settings: { ...SETTINGS, channel: 'C0NOWHERE' } };
  const lost = await tellSlack(needs, incident);
  expect(lost.incident.spoken.refusal).toBe('channel_not_found (C0NOWHERE)');
  expect(ofIncident(await shown(), incident.id)).toEqual([]);
});
