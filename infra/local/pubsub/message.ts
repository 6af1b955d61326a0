// A published message as the server keeps it, and the limits of publishing.
// In: a message from the wire. Out: one StoredMessage that all subscriptions share. Never changes its content.
import { performance } from 'node:perf_hooks';
import type { Budget } from './environment.ts';
import { invalid } from './grpc.ts';
import { msToWireTime, type Labels, type WireMessage } from './wire.ts';

/** Pub/Sub's published limits. */
const REQUEST_BYTES_MAX = 10_000_000;
const MESSAGES_PER_REQUEST_MAX = 1000;
const ATTRIBUTES_MAX = 100;
const ATTRIBUTE_KEY_BYTES_MAX = 256;
const ATTRIBUTE_VALUE_BYTES_MAX = 1024;
const ORDERING_KEY_BYTES_MAX = 1024;

/** What a waiting message costs beside its text, roughly: objects, queue places, buffers. */
const OVERHEAD_BYTES = 512;

export interface MessageContent {
  readonly data: Buffer;
  readonly attributes: Labels;
  readonly orderingKey: string;
}

export interface StoredMessage extends MessageContent {
  readonly messageId: string;
  /** Wall clock, milliseconds since 1970. */
  readonly publishedMs: number;
  /** Monotonic clock: for ages and retention. */
  readonly storedAtMs: number;
  readonly bytes: number;
  /** How many subscriptions still hold it; its bytes are freed with the last. */
  references: number;
}

function sizeOf(content: MessageContent): number {
  let bytes = content.data.length + Buffer.byteLength(content.orderingKey);
  for (const [key, value] of Object.entries(content.attributes))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  return bytes;
}

function checkMessage(message: MessageContent): void {
  const attributes = Object.entries(message.attributes);
  if (message.data.length === 0 && attributes.length === 0) throw invalid('Some messages are empty');
  if (attributes.length > ATTRIBUTES_MAX)
    throw invalid(`a message has ${attributes.length} attributes, but the maximum is ${ATTRIBUTES_MAX}`);
  for (const [key, value] of attributes) {
    if (key === '' || Buffer.byteLength(key) > ATTRIBUTE_KEY_BYTES_MAX || key.startsWith('goog'))
      throw invalid(
        `an attribute key must have 1 to ${ATTRIBUTE_KEY_BYTES_MAX} bytes and not begin with goog: ${key}`,
      );
    if (Buffer.byteLength(value) > ATTRIBUTE_VALUE_BYTES_MAX)
      throw invalid(`the value of attribute ${key} is longer than ${ATTRIBUTE_VALUE_BYTES_MAX} bytes`);
  }
  if (Buffer.byteLength(message.orderingKey) > ORDERING_KEY_BYTES_MAX)
    throw invalid(`an ordering key is longer than ${ORDERING_KEY_BYTES_MAX} bytes`);
}

/** Throws INVALID_ARGUMENT where a publish request breaks a limit; a request is taken as a whole or not at all. */
export function checkRequest(messages: readonly MessageContent[]): void {
  if (messages.length === 0) throw invalid('the request has no messages');
  if (messages.length > MESSAGES_PER_REQUEST_MAX)
    throw invalid(
      `The value for message_count is too large. You passed ${messages.length} in the request, but the maximum value is ${MESSAGES_PER_REQUEST_MAX}.`,
    );
  messages.forEach(checkMessage);
  const bytes = messages.reduce((sum, message) => sum + sizeOf(message), 0);
  if (bytes > REQUEST_BYTES_MAX)
    throw invalid(
      `The value for request_size is too large. You passed ${bytes} in the request, but the maximum value is ${REQUEST_BYTES_MAX}.`,
    );
}

/** What a message takes of the server's budget while it waits. */
export function costOf(content: MessageContent): number {
  return sizeOf(content) + OVERHEAD_BYTES;
}

/** A message ready to be queued; its data are copied, so that one waiting message holds no whole request. */
export function store(
  content: MessageContent,
  stamp: { readonly messageId: string; readonly nowMs: number },
): StoredMessage {
  return {
    data: Buffer.from(content.data),
    attributes: content.attributes,
    orderingKey: content.orderingKey,
    messageId: stamp.messageId,
    publishedMs: stamp.nowMs,
    storedAtMs: performance.now(),
    bytes: costOf(content),
    references: 0,
  };
}

export function retain(message: StoredMessage, budget: Budget): void {
  if (message.references === 0) budget.take(message.bytes);
  message.references += 1;
}

export function release(message: StoredMessage, budget: Budget): void {
  message.references -= 1;
  if (message.references === 0) budget.free(message.bytes);
}

/** The message as pullers receive it. */
export function toWire(message: StoredMessage): WireMessage {
  return {
    data: message.data,
    attributes: message.attributes,
    messageId: message.messageId,
    publishTime: msToWireTime(message.publishedMs),
    orderingKey: message.orderingKey,
  };
}
