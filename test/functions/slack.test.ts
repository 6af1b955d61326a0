// What people ask for in Slack: believed only with a good signature, done once, answered to them alone.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Incident, TimelineEntry } from '#shared/model/incident.ts';
import type { Silence } from '#shared/model/notification.ts';
import { createRespond } from '#functions/adapters/slack-respond.ts';
import { createSignatureCheck } from '#functions/adapters/slack-signature.ts';
import type { Answer } from '#functions/ports.ts';
import { CATALOGUE_BOOK } from '../../functions/pattern-book.ts';
import { createSlack, type SlackNeeds } from '#functions/slack.ts';
import { SIGNATURE_AGE_MAX_MS } from '#functions/slack-gate.ts';
import { slackMessage } from '#shared/notify/slack-message.ts';
import { anIncident, OPENED_MS } from '../notify/incident.ts';
import { limitFaults, liveParts, mrkdwnTexts } from '../notify/slack-limits.ts';
import { handClock, memoryLog } from './tell-slack-harness.ts';

const SECRET = 'a-signing-secret-of-the-test';
const NOW = OPENED_MS + 600_000;
const HOOK = 'https://hooks.slack.com/actions/T1/2/3';

interface Desk {
  readonly incidents: Map<string, Incident>;
  readonly timeline: TimelineEntry[];
  readonly nudged: string[];
  readonly silences: Silence[];
  readonly replies: { readonly url: string; readonly reply: object }[];
  readonly log: ReturnType<typeof memoryLog>;
  readonly needs: SlackNeeds;
  readonly ask: (
    body: string,
    change?: { timestamp?: string; signature?: string; at?: number },
  ) => Promise<Answer>;
  advance: (milliseconds: number) => void;
}

const sign = (timestamp: string, body: string, secret = SECRET): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

function desk(incidents: readonly Incident[] = [anIncident()], more: Partial<SlackNeeds> = {}): Desk {
  const kept = new Map(incidents.map((incident) => [incident.id, incident]));
  const timeline: TimelineEntry[] = [];
  const nudged: string[] = [];
  const silences: Silence[] = [];
  const replies: { url: string; reply: object }[] = [];
  const log = memoryLog();
  const hand = handClock(NOW);
  const needs: SlackNeeds = {
    patterns: CATALOGUE_BOOK,
    store: {
      incident: (id) => Promise.resolve(kept.get(id)),
      advanceIncident: (id, change) => {
        const before = kept.get(id);
        const advance = before === undefined ? undefined : change(before);
        if (advance === undefined) return Promise.resolve(undefined);
        kept.set(id, advance.incident);
        timeline.push(...advance.timeline);
        return Promise.resolve(advance.incident);
      },
    },
    notices: {
      silences: () => Promise.resolve(silences),
      addSilence: (silence) => Promise.resolve(void silences.push(silence)),
      endSilence: (id) => Promise.resolve(silences.some((silence) => silence.id === id)),
      incidents: (which) =>
        Promise.resolve([...kept.values()].filter(({ state }) => which === 'all' || state !== 'resolved')),
    },
    nudges: { publish: (ids) => Promise.resolve(void nudged.push(...ids)) },
    isSigned: createSignatureCheck(SECRET),
    respond: (url, reply) => Promise.resolve(replies.push({ url, reply }) > 0),
    language: 'en',
    timeZone: 'Europe/Berlin',
    clock: { nowMs: hand.nowMs, wait: () => new Promise(() => undefined) },
    log,
    ...more,
  };
  const handle = createSlack(needs);
  return {
    incidents: kept,
    timeline,
    nudged,
    silences,
    replies,
    log,
    needs,
    advance: hand.advance,
    ask: (body, change = {}) => {
      const timestamp = change.timestamp ?? String(Math.floor((change.at ?? hand.nowMs()) / 1000));
      const signature = change.signature ?? sign(timestamp, body);
      return handle({ timestamp, signature, body: new TextEncoder().encode(body) });
    },
  };
}

const { id } = anIncident();
const press = (value: string, more: object = {}): string =>
  new URLSearchParams({
    payload: JSON.stringify({
      type: 'block_actions',
      user: { id: 'U0PERSON' },
      response_url: HOOK,
      actions: [{ action_id: value.split(' ')[0], value }],
      ...more,
    }),
  }).toString();
const command = (text: string): string =>
  new URLSearchParams({ command: '/mesh', text, user_id: 'U0PERSON', response_url: HOOK }).toString();
const shownIn = (reply: object | undefined): string => JSON.stringify(reply ?? {});

describe('a request is refused with 401 and a line in the log', () => {
  const body = press(`acknowledge ${id}`);
  const stamp = String(NOW / 1000);
  const old = String((NOW - SIGNATURE_AGE_MAX_MS) / 1000 - 1);
  const ahead = String((NOW + SIGNATURE_AGE_MAX_MS) / 1000 + 1);
  test.for([
    ['with another secret', 'forged', { signature: sign(stamp, body, 'not-the-signing-secret') }],
    ['with a signature of another body', 'forged', { signature: sign(stamp, `${body}&x=1`) }],
    ['with a short signature', 'forged', { signature: 'v0=00' }],
    ['with a signature of other characters', 'forged', { signature: `v0=${'é'.repeat(64)}` }],
    [
      'with another time than the signed one',
      'forged',
      { timestamp: String(NOW / 1000 - 1), signature: sign(stamp, body) },
    ],
    ['without a signature', 'not signed', { signature: '' }],
    ['without a time', 'not signed', { timestamp: '' }],
    ['with a time that is none', 'not signed', { timestamp: 'now' }],
    ['signed more than five minutes ago', 'stale', { timestamp: old, signature: sign(old, body) }],
    ['signed in the future', 'stale', { timestamp: ahead, signature: sign(ahead, body) }],
  ] as const)('%s: %s', async ([, why, change]) => {
    const one = desk();
    expect(await one.ask(body, change)).toMatchObject({ status: 401 });
    expect(one.log.lines).toMatchObject([{ level: 'WARNING', facts: { why } }]);
    expect(one.timeline).toEqual([]);
  });

  test('that came before: replayed', async () => {
    const one = desk();
    expect(await one.ask(body)).toMatchObject({ status: 200 });
    one.advance(1_000);
    expect(await one.ask(body, { at: NOW })).toMatchObject({ status: 401 });
    expect(one.log.lines.at(-1)?.facts['why']).toBe('replayed');
    expect(one.timeline).toHaveLength(1);
  });

  test.for([
    [-SIGNATURE_AGE_MAX_MS, 200],
    [SIGNATURE_AGE_MAX_MS, 200],
  ] as const)('but not %i ms from now: %i', async ([age, status]) => {
    expect(await desk().ask(body, { at: NOW + age })).toMatchObject({ status });
  });
});

test.for([
  ['acknowledge', { state: 'acknowledged', acknowledgedAtMs: NOW }],
  ['resolve', { state: 'resolved', resolvedBy: 'person' }],
  ['mute-1h', { state: 'muted', mutedUntilMs: NOW + 3_600_000 }],
  ['mute-8h', { state: 'muted', mutedUntilMs: NOW + 8 * 3_600_000 }],
  // 1 November 2026, 10:10 UTC: tomorrow's 8:00 in Berlin is 7:00 UTC.
  ['mute-until-tomorrow', { state: 'muted', mutedUntilMs: Date.UTC(2026, 10, 2, 7) }],
] as const)('the button %s: one transaction with who and when, then a nudge', async ([order, change]) => {
  const one = desk();
  expect(await one.ask(press(`${order} ${id}`))).toEqual({ status: 200 });
  expect(one.incidents.get(id)).toMatchObject({ ...change, lookAtMs: NOW, actedBy: 'U0PERSON' });
  expect(one.timeline).toMatchObject([{ who: 'U0PERSON', atMs: NOW }]);
  expect(one.nudged).toEqual([id]);
  expect(one.replies).toEqual([]);
});

test.for([['custom-s3-timeout'], [`custom-${'a1'.repeat(57)}`]] as const)(
  'a button of an incident of %s, a pattern of the user’s own, works as any other',
  async ([pattern]) => {
    const own = `${pattern}-0123456789abcdef`;
    const one = desk();
    one.incidents.set(own, anIncident({ incident: { id: own, pattern } }));
    expect(await one.ask(press(`acknowledge ${own}`))).toEqual({ status: 200 });
    expect(one.incidents.get(own)?.state).toBe('acknowledged');
  },
);

test('an option of the menu counts like a button', async () => {
  const one = desk();
  const actions = [{ action_id: 'more', selected_option: { value: `mute-1h ${id}` } }];
  await one.ask(press('x', { actions }));
  expect(one.incidents.get(id)?.state).toBe('muted');
});

test('a second press tells the person that there is nothing to do', async () => {
  const one = desk();
  await one.ask(press(`acknowledge ${id}`));
  one.advance(2_000);
  await one.ask(press(`acknowledge ${id}`));
  expect(one.timeline).toHaveLength(1);
  expect(shownIn(one.replies[0]?.reply)).toContain('it is Acknowledged already');
});

test('a nudge that fails loses nothing: the incident is due at once', async () => {
  const one = desk([anIncident()], { nudges: { publish: () => Promise.reject(new Error('no Pub/Sub')) } });
  expect(await one.ask(press(`resolve ${id}`))).toEqual({ status: 200 });
  expect(one.incidents.get(id)).toMatchObject({ state: 'resolved', lookAtMs: NOW });
  expect(one.log.lines.map(({ level }) => level)).toContain('WARNING');
});

test('a store that does not answer: Slack gets its 200 in time, the person hears that it failed', async () => {
  const stuck: SlackNeeds['store'] = {
    incident: () => new Promise(() => undefined),
    advanceIncident: () => new Promise(() => undefined),
  };
  const one = desk([], { store: stuck, clock: { nowMs: () => NOW, wait: () => Promise.resolve() } });
  expect(await one.ask(press(`resolve ${id}`))).toEqual({ status: 200 });
  expect(shownIn(one.replies[0]?.reply)).toContain('did not work');
});

test('patterns that can’t be read in time keep no button from working and no command from its answer', async () => {
  const patterns = { ...CATALOGUE_BOOK, refresh: () => new Promise<void>(() => undefined) };
  const one = desk([anIncident()], { patterns });
  expect(await one.ask(press(`acknowledge ${id}`))).toEqual({ status: 200 });
  expect(one.incidents.get(id)?.state).toBe('acknowledged');
  const slow = desk([], { patterns, clock: { nowMs: () => NOW, wait: () => Promise.resolve() } });
  expect(shownIn((await slow.ask(command('incidents'))).json)).toContain('did not work');
});

test('«Why this?» explains to that person alone', async () => {
  const one = desk();
  await one.ask(press(`why ${id}`));
  const [answer] = one.replies;
  expect(answer?.url).toBe(HOOK);
  expect(answer?.reply).toMatchObject({ response_type: 'ephemeral', replace_original: false });
  expect(limitFaults(answer?.reply)).toEqual([]);
  expect(shownIn(answer?.reply)).toContain('network=prod-vpc');
});

test('«Silence» keeps this pattern quiet in this scope for a day, with who asked', async () => {
  const one = desk();
  await one.ask(press(`silence ${id}`));
  expect(one.silences).toMatchObject([
    {
      pattern: 'config-not-found',
      scope: { network: 'prod-vpc' },
      fromMs: NOW,
      untilMs: NOW + 24 * 3_600_000,
      by: 'U0PERSON',
    },
  ]);
  expect(limitFaults(one.replies[0]?.reply)).toEqual([]);
});

test.for([
  ['no JSON', new URLSearchParams({ payload: '{' }).toString(), 400],
  ['another payload', new URLSearchParams({ payload: '{"type":"view_submission"}' }).toString(), 400],
  ['nobody', press(`resolve ${id}`, { user: {} }), 400],
  ['an order that we never wrote', press(`delete ${id}`), 200],
  ['an incident that is a path', press('resolve ../../x'), 200],
  [
    'a button that opens a page',
    press('x', { actions: [{ action_id: 'history', url: 'https://x.example' }] }),
    200,
  ],
] as const)('%s changes nothing', async ([, body, status]) => {
  const one = desk();
  expect(await one.ask(body)).toMatchObject({ status });
  expect([one.timeline, one.nudged, one.silences]).toEqual([[], [], []]);
});

describe('/mesh', () => {
  const answerTo = async (text: string, one = desk()): Promise<string> => {
    const answer = await one.ask(command(text));
    expect(answer.status).toBe(200);
    expect(limitFaults(answer.json)).toEqual([]);
    return shownIn(answer.json);
  };

  test('help, and nothing at all, say how it goes', async () => {
    expect(await answerTo('')).toContain('/mesh incidents');
    expect(await answerTo('help')).toContain('/mesh explain');
    expect(await answerTo('dance')).toContain('/mesh help');
  });

  test('incidents lists what is open, all, or what a filter names', async () => {
    const over = anIncident({ incident: { id: 'config-not-found-ffffffffffffffff', state: 'resolved' } });
    const one = desk([anIncident(), over]);
    expect(await answerTo('incidents', one)).toContain('1 incident (open)');
    expect(await answerTo('incidents all', one)).toContain('2 incidents (all)');
    expect(await answerTo('incidents all prod-vpc', one)).toContain('2 incidents (all, prod-vpc)');
    expect(await answerTo('incidents listener-rejected', one)).toContain('No such incident');
  });

  test('explain says what a line means and what to do', async () => {
    const line =
      'StreamAggregatedResources gRPC config stream to trafficdirector.googleapis.com:443 closed: 5, Traffic Director configuration was not found for network “prod-vpc” in project “123456789012”.';
    expect(await answerTo(`explain ${line}`)).toContain('gcloud compute forwarding-rules list');
    expect(await answerTo('explain')).toContain('/mesh explain LINE');
  });

  test('hostile lines ping nobody and link nowhere', async () => {
    const one = desk();
    for (const line of [
      '<!channel> <@U123> [error] <https://evil|ok> ```',
      `[error] ${'<!here>`'.repeat(3_000)}`,
    ]) {
      const answer = await one.ask(command(`explain ${line}`));
      expect(limitFaults(answer.json)).toEqual([]);
      expect(liveParts(mrkdwnTexts(answer.json))).toEqual([]);
    }
  });

  test('silence takes pattern, scope, time and reason; list and end go with it', async () => {
    const one = desk();
    await answerTo('silence config-not-found network=prod-* for 2h because we move the VPC', one);
    await answerTo('silence all from 2026-11-02T20:00Z for 30m because upgrade', one);
    expect(one.silences).toMatchObject([
      { kind: 'silence', scope: { network: 'prod-*' }, untilMs: NOW + 7_200_000, reason: 'we move the VPC' },
      {
        kind: 'maintenance',
        pattern: '',
        fromMs: Date.UTC(2026, 10, 2, 20),
        untilMs: Date.UTC(2026, 10, 2, 20, 30),
      },
    ]);
    expect(await answerTo('silence list', one)).toContain('2 silences');
    expect(await answerTo(`silence end ${one.silences[0]?.id}`, one)).toContain('has ended');
  });

  test.for([
    'silence',
    'silence config-not-found',
    'silence config-not-found for 2h',
    'silence config-not-found for 0h because x',
    'silence config-not-found for 31d because x',
    'silence config-not-found for ever because x',
    'silence config-not-found network for 2h because x',
    'silence config-not-found from tomorrow for 2h because x',
    'silence no-such-pattern for 2h because x',
    'silence end',
  ])('«%s» is wrong use, and silences nothing', async (text) => {
    const one = desk();
    expect(await answerTo(text, one)).toContain('not how it goes');
    expect(one.silences).toEqual([]);
  });

  test('nobody asks nothing', async () => {
    expect(await desk().ask('text=help')).toMatchObject({ status: 400 });
  });
});

test('an answer goes to Slack’s own host only, and one that does not come is not waited for long', async () => {
  const got: string[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk) => got.push(String(chunk)));
    request.on('end', () => response.writeHead(request.url === '/no' ? 500 : 200).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const origin = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : '';
  const respond = createRespond(origin);
  expect(await respond(`${origin}yes`, { text: 'x' })).toBe(true);
  expect(await respond(`${origin}no`, { text: 'x' })).toBe(false);
  expect(await createRespond()(`${origin}yes`, { text: 'secret' })).toBe(false);
  expect(await createRespond()('https://hooks.slack.com.evil.example/', { text: 'secret' })).toBe(false);
  expect(got).toEqual(['{"text":"x"}', '{"text":"x"}']);
  server.close();
  await once(server, 'close');
});

describe('«Check again»', () => {
  const verdict = {
    id: 'forwarding-rules',
    verdict: 'fault',
    expected: 'a rule',
    found: 'none',
    how: 'GET',
    atMs: NOW,
  } as const;
  const checked = anIncident({ incident: { checks: [verdict] } });
  const deskFor = (incident: Incident, more: Partial<SlackNeeds> = {}) => {
    const published: unknown[] = [];
    const nudges = {
      publish: (ids: readonly string[], kind?: 'diagnose') =>
        Promise.resolve(void published.push([...ids, kind])),
    };
    return { ...desk([incident], { nudges, ...more }), published };
  };

  test('asks for the checks, and tells the person', async () => {
    const one = deskFor(checked);
    expect(await one.ask(press(`check ${id}`))).toEqual({ status: 200 });
    expect(one.published).toEqual([[id, 'diagnose']]);
    expect(one.timeline).toEqual([]);
    expect(shownIn(one.replies[0]?.reply)).toContain('The checks run again now');
  });

  test.for([
    ['nothing was ever checked', anIncident(), 'Nothing was checked here before'],
    ['it is over', { ...checked, state: 'resolved' } satisfies Incident, 'Nothing to do: it is'],
  ] as const)('asks for nothing where %s', async ([, incident, answer]) => {
    const one = deskFor(incident);
    await one.ask(press(`check ${id}`));
    expect(one.published).toEqual([]);
    expect(shownIn(one.replies[0]?.reply)).toContain(answer);
  });

  test('a bus that does not answer is said to the person', async () => {
    const one = deskFor(checked, { nudges: { publish: () => Promise.reject(new Error('no bus')) } });
    expect(await one.ask(press(`check ${id}`))).toEqual({ status: 200 });
    expect(shownIn(one.replies[0]?.reply)).toContain('That did not work');
  });

  test('the button is there where something was checked, and as long as it is not over', () => {
    const shows = (incident: Incident): boolean =>
      JSON.stringify(slackMessage(incident, undefined)).includes('Check again');
    expect([checked, anIncident(), { ...checked, state: 'resolved' } satisfies Incident].map(shows)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
