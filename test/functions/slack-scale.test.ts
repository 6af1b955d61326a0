// 200 incidents open, end and come back while Slack limits the channel, errors, breaks connections and falls silent, and
// while instances die between Slack's answer and our record: one message per incident and episode, all of them in the end.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Incident } from '#shared/model/incident.ts';
import { limitFaults } from '../notify/slack-limits.ts';
import {
  AT_ONCE,
  named,
  ofIncident,
  startSlackBench,
  STORM,
  untilQuiet,
  type Shown,
  type SlackBench,
  type Stage,
} from './slack-bench.ts';
import type { Plan } from './slack-proxy.ts';

const INCIDENTS = 200;

/** A call that is not answered is given up soon, for there are many; what a busy machine gives up besides is one more fault. */
const SHORT_TIMEOUT_MS = 200;

/** Where nothing falls silent, nothing is given up. */
const LONG_TIMEOUT_MS = 30_000;

const SEED = 7;

/** What Slack takes in one channel between two rounds; everything beyond it is a 429. */
const POSTS_PER_ROUND = 60;

/** Shares of calls that suffer a fault, and of records before which the instance dies. */
const FAULTS = 0.15;
const DEATHS = 0.05;

/** A phase that takes more rounds than this will never end. */
const ROUNDS_MAX = 300;

let bench: SlackBench;

beforeAll(async () => {
  bench = await startSlackBench();
});

afterAll(() => bench.stop());

afterEach(() => {
  bench.proxy.plan = () => 'none';
});

const crowd = (prefix: string, timeoutMs: number): Stage =>
  bench.stage(
    Array.from({ length: INCIDENTS }, (_, index) => named(index, prefix)),
    { timeoutMs },
  );

/** A number from 0 to 1 that depends on the text alone (FNV-1a): what goes wrong does not hang on who comes first. */
function chance(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 32;
}

/** The chance of each further time that the same thing is done. */
function chances(what: string): (key: string) => number {
  const times = new Map<string, number>();
  return (key) => {
    const time = (times.get(key) ?? 0) + 1;
    times.set(key, time);
    return chance(`${SEED} ${what} ${key} ${time}`);
  };
}

/** What a call is about: the metadata of what it says, or for a search its thread. */
function subjectOf(body: string): string {
  const form = new URLSearchParams(body);
  return form.get('metadata') ?? form.get('ts') ?? '';
}

/** A Slack that takes so many posts a round and does that share of everything else wrong. */
function troubledSlack(one: Stage, share: number): { readonly plan: Plan; readonly limited: () => number } {
  const happens = chances('fault');
  const which = chances('which');
  let windowMs = 0;
  let posts = 0;
  let limited = 0;
  return {
    limited: () => limited,
    plan: (method, _, body) => {
      const key = `${method} ${subjectOf(body)}`;
      if (one.clock.nowMs() !== windowMs) {
        windowMs = one.clock.nowMs();
        posts = 0;
      }
      if (method === 'chat.postMessage') posts += 1;
      if (posts > POSTS_PER_ROUND && method === 'chat.postMessage') {
        limited += 1;
        return '429 with Retry-After';
      }
      if (happens(key) >= share) return 'none';
      return STORM[Math.floor(which(key) * STORM.length)] ?? 'none';
    },
  };
}

/** Kills instances between Slack's answer and our record. */
function mortal(one: Stage): () => number {
  const dies = chances('death');
  let deaths = 0;
  one.store.beforeWrite = ({ id, spoken: { claim } }) => {
    if (claim === null || dies(`${id} ${claim.episode} ${claim.note}`) >= DEATHS) return;
    deaths += 1;
    one.replace();
    throw new Error('killed');
  };
  return () => deaths;
}

async function phase(one: Stage, change: (incident: Incident) => Incident): Promise<number> {
  for (const [id, incident] of one.store.incidents) one.store.incidents.set(id, change(incident));
  return untilQuiet(one, ROUNDS_MAX);
}

const messageOf = (messages: readonly Shown[], episode: number): readonly Shown[] =>
  messages.filter(({ metadata }) => {
    const { episode: its, note = '' } = metadata?.event_payload ?? {};
    return its === episode && note === '';
  });

test('200 incidents against a limit of Slack: it is met once a round, and all are told as soon as it allows', async () => {
  const one = crowd('limit', LONG_TIMEOUT_MS);
  const { plan, limited } = troubledSlack(one, 0);
  bench.proxy.plan = plan;
  const rounds = await phase(one, (incident) => incident);
  // One round finds that nothing is left to do.
  expect(rounds).toBe(Math.ceil(INCIDENTS / POSTS_PER_ROUND) + 1);
  // All that were under way when it was met for the first time, then one call for each round that meets it.
  expect(limited()).toBeGreaterThan(1);
  expect(limited()).toBeLessThanOrEqual(AT_ONCE + rounds);
  const history = await bench.shown();
  for (const id of one.store.incidents.keys()) expect(ofIncident(history, id)).toHaveLength(1);
});

test('200 incidents open, end and come back through all of it: exactly one message each per episode', async () => {
  const one = crowd('storm', SHORT_TIMEOUT_MS);
  const troubled = troubledSlack(one, FAULTS);
  const deaths = mortal(one);
  bench.proxy.plan = troubled.plan;
  let rounds = await phase(one, (incident) => incident);
  rounds += await phase(one, (incident) => ({
    ...incident,
    state: 'resolved',
    resolvedBy: 'quiet',
    resolvedAtMs: incident.openedAtMs + 600_000,
  }));
  rounds += await phase(one, (incident) => ({
    ...incident,
    state: 'open',
    episode: 2,
    resolvedBy: '',
    resolvedAtMs: 0,
    countBefore: incident.evidence.count - 1,
  }));
  bench.proxy.plan = () => 'none';

  expect(deaths()).toBeGreaterThan(30);
  for (const fault of STORM) expect(bench.proxy.faults.get(fault)).toBeGreaterThan(2);
  expect(troubled.limited()).toBeLessThanOrEqual(AT_ONCE + rounds);

  const history = await bench.shown();
  for (const [id, { spoken }] of one.store.incidents) {
    const messages = ofIncident(history, id);
    expect(messageOf(messages, 1)).toMatchObject([{ text: expect.stringMatching(/^✅ Resolved: /) }]);
    expect(messageOf(messages, 2)).toMatchObject([
      { ts: spoken.ts, text: expect.stringMatching(/^🟠 Open: /) },
    ]);
    expect(messages.flatMap(limitFaults)).toEqual([]);
    expect(spoken).toMatchObject({ claim: null, refusal: '', posts: 2 });
  }
  for (const { spoken } of [...one.store.incidents.values()].slice(0, 40)) {
    const first = spoken.previous?.ts ?? '';
    const thread = (await bench.shown(first)).filter(({ ts }) => ts !== first);
    expect(thread.map(({ text }) => text)).toEqual([
      'Resolved after *10 minutes* by quiet: no new line came.',
      expect.stringMatching(/^Came back: /),
    ]);
  }
}, 120_000);
