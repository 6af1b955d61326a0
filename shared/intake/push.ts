// The body of a Pub/Sub push request in, the message out; Eventarc's binary CloudEvent form has the same body.
// Never decodes the data: what it means is decided by log-entry.ts.
import { parseMoment } from '../model/moment.ts';
import type { Unreadable } from '../model/record.ts';
import { isObject, jsonText, scalarText, stringOf, type JsonObject } from './json.ts';
import { unreadable } from './unreadable.ts';

/** One message as a push subscription delivers it. */
export interface Push {
  readonly kind: 'push';
  /** Base64, never empty. */
  readonly data: string;
  readonly messageId: string;
  /** Full name of the subscription; `` if the body does not say. */
  readonly subscription: string;
  /** Unix milliseconds; 0 if the body does not say. */
  readonly publishTimeMs: number;
  /** 0 when the subscription has no dead letter policy: only then Pub/Sub does not count. */
  readonly deliveryAttempt: number;
  /** `` when the message has none. */
  readonly orderingKey: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The attribute of a message that a backfill published: with this value nobody is to be told because of its entry. */
export const BACKFILL = 'backfill';
export const QUIET = 'quiet';

const NO_ATTRIBUTES: Readonly<Record<string, string>> = {};

function attributesOf(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return NO_ATTRIBUTES;
  const entries = Object.entries(value).flatMap(([key, one]): [string, string][] =>
    typeof one === 'string' ? [[key, one]] : [],
  );
  return Object.fromEntries(entries);
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** Pub/Sub writes some names in both spellings, Eventarc and older emulators in one of them. */
function either(message: JsonObject, camel: string, snake: string): string {
  return scalarText(message[camel]) || scalarText(message[snake]);
}

/** Reads a parsed HTTP body; whatever it is, the answer is a push or an Unreadable with reason `push-body`. */
export function readPush(body: unknown): Push | Unreadable {
  if (!isObject(body)) return unreadable('push-body', 'the body is no JSON object', jsonText(body));
  const message = body['message'];
  if (!isObject(message)) return unreadable('push-body', 'the body has no message', jsonText(body));
  const data = message['data'];
  if (typeof data !== 'string' || data === '') {
    return unreadable('push-body', 'the message has no data', jsonText(body));
  }
  return {
    kind: 'push',
    data,
    messageId: either(message, 'messageId', 'message_id'),
    subscription: stringOf(body['subscription']),
    publishTimeMs: parseMoment(either(message, 'publishTime', 'publish_time')) ?? 0,
    deliveryAttempt: countOf(body['deliveryAttempt']),
    orderingKey: either(message, 'orderingKey', 'ordering_key'),
    attributes: attributesOf(message['attributes']),
  };
}
