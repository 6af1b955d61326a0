// Slack's Web API: one call, one honest answer. Never retries by itself and never waits for a rate limit.
import {
  LogLevel,
  SlackError,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
} from '@slack/web-api';
import { z } from 'zod';
import type {
  Slack,
  SlackAnswer,
  SlackContent,
  SlackFound,
  SlackTarget,
  SlackWanted,
} from '../slack-port.ts';

const SLACK_TIMEOUT_MS = 5_000;

/** Messages of one page of a search for a lost one. */
const SEARCH_PAGE_MESSAGES = 200;

/** Pages that a search reads at most: beyond them it does not know. */
const SEARCH_PAGES_MAX = 10;

/** Clocks of Slack and ours may differ by this much. */
const CLOCK_SKEW_MS = 60_000;

/** What was claimed was said within this time or never: the call that says it is given up long before. */
const SAID_WITHIN_MS = 60_000;

/** Slack asks to wait and does not say how long. */
const NO_TIME_NAMED = 0;

const answerSchema = z.looseObject({ ts: z.string(), channel: z.string() });

const pageSchema = z.looseObject({
  messages: z.array(
    z.looseObject({
      ts: z.string(),
      metadata: z
        .looseObject({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })
        .exactOptional(),
    }),
  ),
  response_metadata: z.looseObject({ next_cursor: z.string().exactOptional() }).exactOptional(),
});

/** Slack's words for «that message is not there any more». */
const GONE = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
  'cannot_reply_to_message',
]);
/** Slack's words for «not now». */
const LATER = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  'service_unavailable',
  'team_added_to_org',
]);
/** Slack's words for trouble of its own: it may have come after the deed. */
const UNSURE = new Set(['fatal_error', 'internal_error', 'request_timeout']);
/** Slack's words for a message that it can't take as it is. */
const TOO_LONG = new Set(['msg_blocks_too_long', 'msg_too_long', 'invalid_blocks', 'invalid_blocks_format']);

function toAnswer(error: unknown): Exclude<SlackAnswer, { kind: 'sent' }> {
  if (error instanceof WebAPIRateLimitedError)
    return { kind: 'later', afterMs: Math.max(error.retryAfter, 0) * 1000, why: 'ratelimited' };
  if (error instanceof WebAPIPlatformError) {
    const why = error.data.error;
    if (GONE.has(why)) return { kind: 'gone', why };
    if (TOO_LONG.has(why)) return { kind: 'too-long', why };
    if (UNSURE.has(why)) return { kind: 'unsure', why };
    return LATER.has(why) ? { kind: 'later', afterMs: NO_TIME_NAMED, why } : { kind: 'refused', why };
  }
  if (error instanceof WebAPIHTTPError) {
    if (error.statusCode === 429) return { kind: 'later', afterMs: NO_TIME_NAMED, why: 'ratelimited' };
    // A 5xx may come after the message was posted.
    return { kind: 'unsure', why: `http ${error.statusCode}` };
  }
  // The SDK's way to say that a 429 named no time.
  if (error instanceof Error && error.message.startsWith('Retry header did not contain'))
    return { kind: 'later', afterMs: NO_TIME_NAMED, why: 'ratelimited' };
  if (error instanceof SlackError) return { kind: 'unsure', why: error.code };
  return { kind: 'unsure', why: error instanceof Error ? error.message : String(error) };
}

/** Blocks and metadata are made in Slack's own form by shared/notify; the SDK's argument types are wider. */
function args(content: SlackContent): Record<string, unknown> {
  return { ...content, parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false };
}

function isWanted(payload: Readonly<Record<string, unknown>> | undefined, wanted: SlackWanted): boolean {
  return (
    payload !== undefined &&
    payload['incident'] === wanted.incident &&
    payload['episode'] === wanted.episode &&
    (payload['note'] ?? '') === wanted.note
  );
}

/** Reads what was said in the channel (or in the thread) around the time at which the wanted message was. */
async function search(
  client: WebClient,
  target: Pick<SlackTarget, 'channel' | 'thread'>,
  wanted: SlackWanted,
): Promise<SlackFound> {
  const oldest = String(Math.floor((wanted.sinceMs - CLOCK_SKEW_MS) / 1000));
  const latest = String(Math.ceil((wanted.sinceMs + SAID_WITHIN_MS + CLOCK_SKEW_MS) / 1000));
  const inThread = target.thread !== '';
  let cursor = '';
  for (let page = 0; page < SEARCH_PAGES_MAX; page += 1) {
    const answer = pageSchema.safeParse(
      await client.apiCall(inThread ? 'conversations.replies' : 'conversations.history', {
        channel: target.channel,
        oldest,
        latest,
        include_all_metadata: true,
        limit: SEARCH_PAGE_MESSAGES,
        ...(inThread ? { ts: target.thread } : {}),
        ...(cursor === '' ? {} : { cursor }),
      }),
    );
    if (!answer.success) return { kind: 'unknown', why: 'an answer of unknown form' };
    const { messages, response_metadata: more } = answer.data;
    const message = messages.find(({ metadata }) => isWanted(metadata?.event_payload, wanted));
    if (message !== undefined) return { kind: 'found', ts: message.ts };
    cursor = more?.next_cursor ?? '';
    if (cursor === '') return { kind: 'none' };
  }
  return {
    kind: 'unknown',
    why: `not among ${SEARCH_PAGES_MAX * SEARCH_PAGE_MESSAGES} messages of that time`,
  };
}

/** The client connects when the first message is due. */
export function createSlackWeb(settings: {
  readonly token: string;
  readonly apiUrl?: string;
  /** Only a test waits shorter than SLACK_TIMEOUT_MS. */
  readonly timeoutMs?: number;
}): Slack {
  let client: WebClient | undefined;
  const connect = (): WebClient =>
    (client ??= new WebClient(settings.token, {
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      // What failed is in the answer; the SDK's own lines are not structured.
      logLevel: LogLevel.ERROR,
      timeout: settings.timeoutMs ?? SLACK_TIMEOUT_MS,
      ...(settings.apiUrl === undefined ? {} : { slackApiUrl: settings.apiUrl }),
    }));
  const call = async (method: string, options: Record<string, unknown>): Promise<SlackAnswer> => {
    try {
      const parsed = answerSchema.safeParse(await connect().apiCall(method, options));
      if (!parsed.success) return { kind: 'unsure', why: 'an answer without ts' };
      return { kind: 'sent', ts: parsed.data.ts, channel: parsed.data.channel };
    } catch (error) {
      return toAnswer(error);
    }
  };
  return {
    post: ({ channel, thread, broadcast }, content) =>
      call('chat.postMessage', {
        channel,
        ...(thread === '' ? {} : { thread_ts: thread, reply_broadcast: broadcast }),
        ...args(content),
      }),
    update: (message, content) => call('chat.update', { ...message, ...args(content) }),
    find: async (target, wanted) => {
      try {
        return await search(connect(), target, wanted);
      } catch (error) {
        const answer = toAnswer(error);
        // The thread is gone, and with it what was said in it.
        if (answer.kind === 'gone') return { kind: 'none' };
        if (answer.kind === 'later') return answer;
        return { kind: answer.kind === 'refused' ? 'refused' : 'unknown', why: answer.why };
      }
    },
  };
}
