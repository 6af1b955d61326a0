// What Slack asks of one call holds for the channel: for every incident of the instance, and for the other instances.
import { expect, test } from 'vitest';
import {
  BACKOFF_MS,
  BACKOFF_MS_MAX,
  BOARD_HEARD_AFTER_MS,
  CAREFUL_FOR_MS,
  createPace,
  IN_LINE_MS_MAX,
  RETRY_AFTER_MS_MAX,
  type Pace,
  type SlackLane,
} from '#functions/slack-pace.ts';
import { handClock, memoryBoards, memoryLog, type HandClock } from './tell-slack-harness.ts';

const START_MS = 1_800_000_000_000;
const POST: SlackLane = { channel: 'C1', call: 'post' };

function desk() {
  const boards = memoryBoards();
  const clock = handClock(START_MS);
  const log = memoryLog();
  return { boards, clock, log, instance: () => createPace({ boards, clock, log }) };
}

/** A Slack that asks to wait as long as `limited` says so; counts its calls. */
function slackOf(pace: Pace, clock: HandClock) {
  const slack = { calls: 0, retryAfterMs: 0, limited: true };
  const call = (lane: SlackLane = POST) =>
    pace.when(lane, async () => {
      slack.calls += 1;
      // The answer takes a moment, in which others may begin.
      await Promise.resolve();
      if (!slack.limited) return { kind: 'sent' } as const;
      return { kind: 'later', untilMs: await pace.asked(lane, slack.retryAfterMs) } as const;
    });
  const pauseMs = async () => {
    const answer = await call();
    return answer.kind === 'sent' ? 0 : answer.untilMs - clock.nowMs();
  };
  return { pace, slack, call, pauseMs };
}

test('after one 429 nobody calls Slack in that channel before its time; other channels and other calls go on', async () => {
  const { clock, instance } = desk();
  const { slack, call } = slackOf(instance(), clock);
  slack.retryAfterMs = 7_000;
  await call();
  slack.limited = false;
  const answers = await Promise.all(Array.from({ length: 200 }, () => call()));
  expect(slack.calls).toBe(1);
  for (const answer of answers) expect(answer).toEqual({ kind: 'pause', untilMs: START_MS + 7_000 });
  clock.advance(6_999);
  expect(await call()).toMatchObject({ kind: 'pause' });
  expect(await call({ channel: 'C2', call: 'post' })).toEqual({ kind: 'sent' });
  expect(await call({ channel: 'C1', call: 'update' })).toEqual({ kind: 'sent' });
  clock.advance(1);
  expect(await call()).toEqual({ kind: 'sent' });
});

test('calls that come together after a pause: one finds out for all that Slack is still not to be called', async () => {
  const { clock, instance } = desk();
  const { slack, call } = slackOf(instance(), clock);
  slack.retryAfterMs = 3_000;
  for (let round = 1; round <= 5; round += 1) {
    await Promise.all(Array.from({ length: 50 }, () => call()));
    clock.advance(3_000);
    // The first 50 were under way before anybody knew.
    expect(slack.calls).toBe(50 + round - 1);
  }
  slack.limited = false;
  const answers = await Promise.all(Array.from({ length: 50 }, () => call()));
  expect(answers.filter(({ kind }) => kind === 'sent')).toHaveLength(50);
});

test.for([
  [CAREFUL_FOR_MS - 1, 1],
  [CAREFUL_FOR_MS, 20],
  [CAREFUL_FOR_MS + 1, 20],
] as const)('%i ms after the pause, %i calls are under way at once', async ([afterMs, count]) => {
  const { clock, instance } = desk();
  const pace = instance();
  await pace.asked(POST, 1_000);
  clock.advance(1_000 + afterMs);
  const { promise, resolve } = Promise.withResolvers<{ kind: 'sent' }>();
  let begun = 0;
  const calls = Array.from({ length: 20 }, () =>
    pace.when(POST, () => {
      begun += 1;
      return promise;
    }),
  );
  await new Promise((done) => setImmediate(done));
  expect(begun).toBe(count);
  resolve({ kind: 'sent' });
  expect(await Promise.all(calls)).toHaveLength(20);
});

test.for([
  [IN_LINE_MS_MAX, 'sent'],
  [IN_LINE_MS_MAX + 1, 'pause'],
] as const)('who has stood in line for %i ms: %s', async ([waitedMs, kind]) => {
  const { clock, instance } = desk();
  const pace = instance();
  await pace.asked(POST, 1_000);
  clock.advance(1_000);
  const slow = pace.when(POST, async () => {
    await new Promise((done) => setImmediate(done));
    clock.advance(waitedMs);
    return { kind: 'sent' } as const;
  });
  const next = pace.when(POST, () => Promise.resolve({ kind: 'sent' } as const));
  await slow;
  expect(await next).toMatchObject({ kind });
});

test('a call that throws lets the next one through', async () => {
  const { clock, instance } = desk();
  const pace = instance();
  await pace.asked(POST, 1_000);
  clock.advance(1_000);
  const broken = pace.when(POST, () => Promise.reject(new Error('killed')));
  const next = pace.when(POST, () => Promise.resolve('said'));
  await expect(broken).rejects.toThrow('killed');
  expect(await next).toBe('said');
});

test('where Slack names no time the pause doubles up to a bound, and is short again after a calm', async () => {
  const { clock, instance } = desk();
  const { pauseMs } = slackOf(instance(), clock);
  const pauses: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    pauses.push(await pauseMs());
    clock.advance(pauses.at(-1) ?? 0);
  }
  expect(pauses).toEqual([BACKOFF_MS, 30_000, 60_000, BACKOFF_MS_MAX, BACKOFF_MS_MAX, BACKOFF_MS_MAX]);
  clock.advance(CAREFUL_FOR_MS + BACKOFF_MS_MAX);
  expect(await pauseMs()).toBe(BACKOFF_MS);
});

test('many that hear the same «no» without a time make one pause of it, not a longer one each', async () => {
  const { clock, instance } = desk();
  const { call } = slackOf(instance(), clock);
  const answers = await Promise.all(Array.from({ length: 25 }, () => call()));
  for (const answer of answers) expect(answer).toMatchObject({ untilMs: START_MS + BACKOFF_MS });
});

test.for([
  [RETRY_AFTER_MS_MAX - 1, RETRY_AFTER_MS_MAX - 1],
  [RETRY_AFTER_MS_MAX, RETRY_AFTER_MS_MAX],
  [RETRY_AFTER_MS_MAX + 1, RETRY_AFTER_MS_MAX],
] as const)('a Retry-After of %i ms is obeyed for %i ms', async ([afterMs, obeyedMs]) => {
  const { instance } = desk();
  expect(await instance().asked(POST, afterMs)).toBe(START_MS + obeyedMs);
});

test('another instance, and one that was started anew, hears of it through the board, which is written once', async () => {
  const { boards, clock, instance } = desk();
  const first = slackOf(instance(), clock);
  first.slack.retryAfterMs = 20_000;
  await Promise.all(Array.from({ length: 25 }, () => first.call()));
  // The last of them hear it a little later than the first.
  clock.advance(500);
  await first.pace.asked(POST, 20_000);
  expect(boards.writes).toHaveLength(1);
  expect(boards.kept.get('C1')?.notBeforeMs).toEqual({ post: START_MS + 20_000 });
  const second = slackOf(instance(), clock);
  expect(await second.call()).toEqual({ kind: 'pause', untilMs: START_MS + 20_000 });
  expect(second.slack.calls).toBe(0);
});

test.for([
  [BOARD_HEARD_AFTER_MS - 1, 0],
  [BOARD_HEARD_AFTER_MS, 0],
  [BOARD_HEARD_AFTER_MS + 1, 1],
] as const)('a pause of %i ms makes %i writes to the board', async ([afterMs, writes]) => {
  const { boards, instance } = desk();
  await instance().asked(POST, afterMs);
  expect(boards.writes).toHaveLength(writes);
});

test('a board that can’t be read or written keeps nobody from speaking, and the instance still remembers', async () => {
  const { clock, log } = desk();
  const fail = () => Promise.reject(new Error('no Firestore'));
  const pace = createPace({ boards: { read: fail, change: fail }, clock, log });
  expect(await pace.when(POST, () => Promise.resolve('said'))).toBe('said');
  expect(await pace.asked(POST, 9_000)).toBe(START_MS + 9_000);
  expect(await pace.when(POST, () => Promise.resolve('said'))).toMatchObject({ kind: 'pause' });
  expect(new Set(log.lines.map(({ facts }) => facts['error']))).toEqual(new Set(['no Firestore']));
});
