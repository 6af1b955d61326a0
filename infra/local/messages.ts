// What the replay publishes: the made-up hour, or a file of the user's in any of the three forms, read as a stream.
// A line that is no LogEntry is published as it is, so that it is parked as it would be in production.
import { TextDecoder } from 'node:util';
// The one splitter of input: the command line and this replay must never disagree about what an entry is.
import { createInputReader, type InputItem } from '#shared/intake/input.ts';
import { hashHex } from '#shared/model/hash.ts';
import { parseMoment } from '#shared/model/moment.ts';
import type { OutgoingMessage } from './replay.ts';
import type { SampleMessage } from './sample/hour.ts';

const encoder = new TextEncoder();

/** Where a line's own time stands, in every form of prefix that has one. */
const TIME = /\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/;
const TIME_WITHIN_CHARS = 80;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** logName, timestamp and insertId of a LogEntry; the text itself of anything else. */
function identityOf(text: string): string {
  try {
    const entry: unknown = JSON.parse(text);
    if (isObject(entry) && typeof entry['insertId'] === 'string' && entry['insertId'] !== '')
      return [entry['logName'], entry['timestamp'], entry['insertId']].map((part) => String(part)).join('\n');
  } catch {
    // No JSON: it is its own identity, and the pipeline parks it.
  }
  return text;
}

const asMessage = (text: string): OutgoingMessage => ({
  data: encoder.encode(text),
  identity: identityOf(text),
});

/** A raw line as the Ops Agent would ship it. The same file gives the same entries, whenever it is replayed. */
function lineAsEntry(text: string, line: number, timeMs: number): OutgoingMessage {
  const entry = {
    insertId: `line-${line}-${hashHex(text)}`,
    logName: 'projects/local/logs/envoy_err',
    timestamp: new Date(timeMs).toISOString(),
    receiveTimestamp: new Date(timeMs).toISOString(),
    resource: {
      type: 'gce_instance',
      labels: { project_id: 'local', zone: 'local', instance_id: 'this-file' },
    },
    jsonPayload: { message: text },
  };
  return asMessage(JSON.stringify(entry));
}

/** The made-up hour as messages. */
export async function* sampleMessages(hour: readonly SampleMessage[]): AsyncGenerator<OutgoingMessage> {
  for (const message of hour) {
    if (message.kind === 'entry') yield asMessage(JSON.stringify(message.entry));
    else yield { data: message.bytes, identity: Buffer.from(message.bytes).toString('latin1') };
  }
}

function toMessage(
  item: InputItem,
  lastMs: number,
): { message: OutgoingMessage; timeMs: number } | undefined {
  switch (item.kind) {
    case 'blank':
      return undefined;
    case 'json':
      return { message: asMessage(item.text), timeMs: lastMs };
    case 'too-long':
      return { message: asMessage(item.head), timeMs: lastMs };
    case 'text': {
      const own = TIME.exec(item.text.slice(0, TIME_WITHIN_CHARS))?.[0].replaceAll('/', '-');
      const timeMs = (own === undefined ? undefined : parseMoment(own)) ?? lastMs;
      return { message: lineAsEntry(item.text, item.line, timeMs), timeMs };
    }
  }
}

/** A stream of bytes as messages. A line without a time of its own takes the one before, the first one `startMs`. */
export async function* inputMessages(
  stream: AsyncIterable<unknown>,
  startMs: number,
): AsyncGenerator<OutgoingMessage> {
  const decoder = new TextDecoder();
  const reader = createInputReader();
  let timeMs = startMs;
  const emit = function* (items: readonly InputItem[]): Generator<OutgoingMessage> {
    for (const item of items) {
      const made = toMessage(item, timeMs);
      if (made === undefined) continue;
      timeMs = made.timeMs;
      yield made.message;
    }
  };
  for await (const chunk of stream)
    yield* emit(
      reader.push(chunk instanceof Uint8Array ? decoder.decode(chunk, { stream: true }) : String(chunk)),
    );
  yield* emit(reader.push(decoder.decode()));
  yield* emit(reader.end());
}
