// Slack's Web API: one call, one honest answer. Never retries by itself and never waits for a rate limit.
import {
  SlackError,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
} from '@slack/web-api';
import { z } from 'zod';
import type { Slack, SlackAnswer, SlackContent } from '../ports.ts';

export const SLACK_TIMEOUT_MS = 5_000;

/** Messages that a search for a lost one reads at most. */
export const SEARCH_MESSAGES_MAX = 200;

/** A 429 without a Retry-After. */
const RATE_LIMIT_DEFAULT_MS = 30_000;

/** Slack in trouble: it says so before it does anything. */
const TROUBLE_AGAIN_MS = 15_000;

const answerSchema = z.looseObject({ ts: z.string(), channel: z.string() });

const historySchema = z.looseObject({
  messages: z.array(
    z.looseObject({
      ts: z.string(),
      metadata: z
        .looseObject({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })
        .exactOptional(),
    }),
  ),
});

/** Slack's words for «that message is not there any more». */
const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);
/** Slack's words for «not now». */
const LATER = new Set([
  'ratelimited',
  'rate_limited',
  'service_unavailable',
  'fatal_error',
  'internal_error',
  'request_timeout',
]);

function toAnswer(error: unknown): SlackAnswer {
  if (error instanceof WebAPIRateLimitedError)
    return { kind: 'later', afterMs: error.retryAfter * 1000, why: 'ratelimited' };
  if (error instanceof WebAPIPlatformError) {
    const why = error.data.error;
    if (GONE.has(why)) return { kind: 'gone' };
    return LATER.has(why) ? { kind: 'later', afterMs: TROUBLE_AGAIN_MS, why } : { kind: 'refused', why };
  }
  if (error instanceof WebAPIHTTPError) {
    if (error.statusCode === 429) return { kind: 'later', afterMs: RATE_LIMIT_DEFAULT_MS, why: 'http 429' };
    // A 5xx may come after the message was posted.
    return { kind: 'unsure', why: `http ${error.statusCode}` };
  }
  if (error instanceof SlackError) return { kind: 'unsure', why: error.code };
  return { kind: 'unsure', why: error instanceof Error ? error.message : String(error) };
}

/** Blocks and metadata are made in Slack's own form by shared/notify; the SDK's argument types are wider. */
function args(content: SlackContent): Record<string, unknown> {
  return { ...content, unfurl_links: false, unfurl_media: false };
}

/** The client connects when the first message is due. */
export function createSlackWeb(settings: { readonly token: string; readonly apiUrl?: string }): Slack {
  let client: WebClient | undefined;
  const connect = (): WebClient =>
    new WebClient(settings.token, {
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: SLACK_TIMEOUT_MS,
      ...(settings.apiUrl === undefined ? {} : { slackApiUrl: settings.apiUrl }),
    });
  const call = async (method: string, options: Record<string, unknown>): Promise<SlackAnswer> => {
    try {
      client ??= connect();
      const parsed = answerSchema.safeParse(await client.apiCall(method, options));
      if (!parsed.success) return { kind: 'unsure', why: 'an answer without ts' };
      return { kind: 'sent', ts: parsed.data.ts, channel: parsed.data.channel };
    } catch (error) {
      return toAnswer(error);
    }
  };
  return {
    post: (channel, content) => call('chat.postMessage', { channel, ...args(content) }),
    update: (message, content) => call('chat.update', { ...message, ...args(content) }),
    find: async (channel, wanted) => {
      try {
        client ??= connect();
        const history = historySchema.safeParse(
          await client.apiCall('conversations.history', {
            channel,
            oldest: String(Math.floor(wanted.sinceMs / 1000) - 60),
            include_all_metadata: true,
            limit: SEARCH_MESSAGES_MAX,
          }),
        );
        if (!history.success) return { kind: 'unknown', why: 'a history of unknown form' };
        const message = history.data.messages.find(
          ({ metadata }) =>
            metadata?.event_payload['incident'] === wanted.incident &&
            metadata.event_payload['episode'] === wanted.episode,
        );
        return message === undefined ? { kind: 'none' } : { kind: 'found', ts: message.ts, channel };
      } catch (error) {
        return { kind: 'unknown', why: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
