// The stand-in for Slack behind the proxy that breaks things, incidents that are told through the real client over real
// HTTP, and rounds of looks at them until nothing is left to do. In: incidents and faults. Out: what stands in Slack.
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Incident } from '#shared/model/incident.ts';
import { createSlackWeb } from '#functions/adapters/slack-web.ts';
import { createPace } from '#functions/slack-pace.ts';
import type { TellNeeds } from '#functions/tell-message.ts';
import { tellSlack } from '#functions/tell-slack.ts';
import { freePort } from '../../infra/local/processes.ts';
import { startSlack, type LocalSlack } from '../../infra/local/slack.ts';
import { anIncident } from '../notify/incident.ts';
import { startSlackProxy, type Fault, type SlackProxy } from './slack-proxy.ts';
import {
  handClock,
  memoryBoards,
  memoryLog,
  memoryStore,
  SETTINGS,
  type HandClock,
  type MemoryBoards,
  type MemoryStore,
} from './tell-slack-harness.ts';

/** Long enough for a busy machine, short enough for a test that waits for it. */
const TIMEOUT_MS = 2_000;

/** Looks under way at once, as one instance has them. */
export const AT_ONCE = 25;

/** Time that passes between two rounds. */
const ROUND_MS = 20_000;

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
export type Shown = z.infer<typeof pageSchema>['messages'][number];

export interface Stage {
  readonly store: MemoryStore;
  readonly boards: MemoryBoards;
  readonly clock: HandClock;
  /** What the running instance knows and uses. */
  needs: TellNeeds;
  /** The instance is gone with all that it remembered; another one takes its place. */
  readonly replace: () => void;
}

export interface SlackBench {
  readonly slack: LocalSlack;
  readonly proxy: SlackProxy;
  /** Everything that stands in the channel, or in a thread of it. */
  readonly shown: (thread?: string) => Promise<readonly Shown[]>;
  readonly stage: (
    incidents: readonly Incident[],
    change?: { readonly token?: string; readonly timeoutMs?: number },
  ) => Stage;
  readonly stop: () => Promise<void>;
}

async function readAll(slack: LocalSlack, thread: string): Promise<readonly Shown[]> {
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

/** Starts the stand-in and the proxy, which breaks nothing yet. */
export async function startSlackBench(): Promise<SlackBench> {
  const slack = await startSlack(await freePort(0, 'Slack'));
  const proxy = await startSlackProxy(slack.apiUrl, () => 'none');
  return {
    slack,
    proxy,
    shown: (thread = '') => readAll(slack, thread),
    stage: (incidents, { token = slack.token, timeoutMs = TIMEOUT_MS } = {}) => {
      const store = memoryStore(incidents);
      const boards = memoryBoards();
      // Slack's own clock is real, so ours starts an hour before it and is moved by hand.
      const clock = handClock(Date.now() - 3_600_000);
      const log = memoryLog();
      const instance = (): TellNeeds => ({
        store: store.ports,
        slack: createSlackWeb({ token, apiUrl: proxy.apiUrl, timeoutMs }),
        pace: createPace({ boards, clock, log }),
        notices: { silences: () => Promise.resolve([]), ledger: () => Promise.resolve(undefined) },
        settings: { ...SETTINGS, channel: slack.channel },
        quietAfterMs: () => 1e15,
        clock,
        log,
      });
      const one: Stage = {
        store,
        boards,
        clock,
        needs: instance(),
        replace: () => {
          one.needs = { ...one.needs, slack: instance().slack, pace: instance().pace };
        },
      };
      return one;
    },
    stop: async () => {
      await proxy.close();
      await slack.close();
    },
  };
}

/** An incident with a number of its own. */
export const named = (number: number, prefix: string): Incident => {
  const id = `${prefix}-${number.toString(16).padStart(16, '0')}`;
  return anIncident({ incident: { id }, evidence: { severity: 'error' } });
};

/** The messages that say by their metadata that they are this incident's. */
export const ofIncident = (messages: readonly Shown[], id: string): readonly Shown[] =>
  messages.filter(({ metadata }) => metadata?.event_payload['incident'] === id);

/** Looks at every incident, round after round, until a whole round had nothing to do. Returns the rounds it took. */
export async function untilQuiet(one: Stage, roundsMax: number): Promise<number> {
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
    one.clock.advance(ROUND_MS);
  }
  throw new Error('never quiet');
}

/** Everything that goes wrong between us and Slack. */
export const STORM: readonly Fault[] = [
  '429 with Retry-After',
  '429 without Retry-After',
  '500 before',
  '500 after',
  '500 after',
  'reset before',
  'reset after',
  'silent after',
];
