// A LogEntry as JSON, as a sink publishes it → the message that gRPC sends, and the keys that it is kept under.
// Carried over: logName, insertId, timestamp, receiveTimestamp, severity, resource, labels, trace, spanId and the payload.
// Not carried over: httpRequest, operation, sourceLocation, split; a protoPayload goes without its content.

export type JsonObject = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NANOS_OF_MS = 1_000_000n;
const NANOS_OF_SECOND = 1_000_000_000n;
const TIME = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\d*(Z|[+-]\d\d:\d\d)?$/i;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** Nanoseconds since 1970 of an RFC 3339 time, or of a day's beginning; undefined for any other text. */
export function timeOf(text: string): bigint | undefined {
  if (DAY.test(text)) return timeOf(`${text}T00:00:00Z`);
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]?.replace(' ', 'T')}${match[3] ?? 'Z'}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * NANOS_OF_MS + BigInt((match[2] ?? '').padEnd(9, '0'));
}

export interface KeptEntry {
  readonly json: JsonObject;
  /** Nanoseconds since 1970. */
  readonly at: bigint;
  readonly insertId: string;
  readonly logName: string;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Where an entry belongs. Throws where it has no name of a log: nobody could ever find it. */
export function keep(json: JsonObject): KeptEntry {
  const logName = textOf(json['logName']);
  if (logName === '') throw new Error('a LogEntry needs a logName');
  const at = timeOf(textOf(json['timestamp'])) ?? timeOf(textOf(json['receiveTimestamp'])) ?? 0n;
  return { json, at, insertId: textOf(json['insertId']), logName };
}

/** By time, then by insertId as Google orders them, then by log. */
export function orderEntries(a: KeptEntry, b: KeptEntry): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  if (a.insertId !== b.insertId) return a.insertId < b.insertId ? -1 : 1;
  return a.logName === b.logName ? 0 : a.logName < b.logName ? -1 : 1;
}

function timestamp(value: unknown): object | undefined {
  const nanos = timeOf(textOf(value));
  if (nanos === undefined) return undefined;
  // Before 1970 seconds are rounded down, so that the nanoseconds stay positive.
  const rest = ((nanos % NANOS_OF_SECOND) + NANOS_OF_SECOND) % NANOS_OF_SECOND;
  return { seconds: String((nanos - rest) / NANOS_OF_SECOND), nanos: Number(rest) };
}

function valueMessage(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(valueMessage) } };
  return isRecord(value) ? { structValue: struct(value) } : { nullValue: 'NULL_VALUE' };
}

function struct(json: JsonObject): object {
  return {
    fields: Object.fromEntries(Object.entries(json).map(([name, value]) => [name, valueMessage(value)])),
  };
}

function payload({ textPayload, jsonPayload, protoPayload }: JsonObject): object {
  if (typeof textPayload === 'string') return { textPayload };
  if (isRecord(jsonPayload)) return { jsonPayload: struct(jsonPayload) };
  if (isRecord(protoPayload))
    return { protoPayload: { type_url: textOf(protoPayload['@type']), value: new Uint8Array() } };
  return {};
}

function labels(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}

/** The entry as google.logging.v2.LogEntry. */
export function entryMessage({ json }: KeptEntry): object {
  const resource = isRecord(json['resource']) ? json['resource'] : {};
  return {
    logName: textOf(json['logName']),
    insertId: textOf(json['insertId']),
    timestamp: timestamp(json['timestamp']),
    receiveTimestamp: timestamp(json['receiveTimestamp']),
    severity: textOf(json['severity']) || 'DEFAULT',
    resource: { type: textOf(resource['type']), labels: labels(resource['labels']) },
    labels: labels(json['labels']),
    trace: textOf(json['trace']),
    spanId: textOf(json['spanId']),
    ...payload(json),
  };
}
