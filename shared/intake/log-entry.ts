// A Cloud Logging LogEntry in (as a push, as JSON text or parsed), a record or an Unreadable with its reason out.
// Never throws and never reads a clock: the publish time comes in and is used only where the entry has no time.
import { hash64, hashLines, type Hash64 } from '../model/hash.ts';
import type { Intake, LogLevel, LogRecord, RecordSource, Unreadable } from '../model/record.ts';
import { accessText } from './access-log.ts';
import { entryTime } from './entry-time.ts';
import { attributesOfText, hasAttributes } from './guest-attributes.ts';
import { isObject, jsonText, parseJson, stringOf, type JsonObject } from './json.ts';
import { severityLevel } from './level.ts';
import { normaliseLine, type Line } from './normalise.ts';
import { payloadOf, type Payload } from './payload.ts';
import { proxyOf } from './proxy.ts';
import type { Push } from './push.ts';
import { unreadable } from './unreadable.ts';

/** Cloud Logging allows 256 KB; whatever is four times that is no LogEntry. In characters of JSON text. */
export const ENTRY_CHARS_MAX = 1_048_576;
/** More base64 than this holds more bytes than ENTRY_CHARS_MAX characters can have. */
const DATA_CHARS_MAX = 4 * ENTRY_CHARS_MAX;

export interface IntakeContext {
  /** Unix milliseconds at which the entry was published: its time if it has none of its own. */
  readonly publishTimeMs: number;
}

/** What decoding base64 into text came to. */
export type Decoded =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'not-base64' }
  | { readonly kind: 'not-utf8' };

const LOGS = '/logs/';
const SERVICE_PROXY_AGENT = 'service-proxy-agent';
const GUEST_LOG = /^(?:GCEMetadataScripts|GCEGuestAgent|OSConfigAgent|google[-_]|gce[-_])/;

/** Who writes to a log, by its id; `unknown` for logs that several programs share. */
function writerOfLog(logName: string): RecordSource {
  const at = logName.lastIndexOf(LOGS);
  const logId = at < 0 ? logName : logName.slice(at + LOGS.length);
  if (logId === SERVICE_PROXY_AGENT) return SERVICE_PROXY_AGENT;
  if (logId.includes('serial_port') || logId.startsWith('serialconsole')) return 'serial-port';
  if (GUEST_LOG.test(logId)) return 'agent';
  return logId.startsWith('envoy') ? 'envoy' : 'unknown';
}

/**
 * GKE gives every line of stdout INFO and every line of stderr ERROR, whatever the line says: as a level that is nothing.
 */
function levelBySeverity(entry: JsonObject, logName: string): LogLevel {
  const severity = entry['severity'];
  if (severity === 'ERROR' && logName.endsWith('/logs/stderr')) return 'unknown';
  if (severity === 'INFO' && logName.endsWith('/logs/stdout')) return 'unknown';
  return severityLevel(severity);
}

/** The line tells best who wrote it, then the fields around it, then the log's name. */
function sourceOf(line: Line, payload: Payload, logName: string): RecordSource {
  if (payload.access !== undefined || line.access !== undefined) return 'access-log';
  if (line.writer === 'envoy') return 'envoy';
  if (payload.writer === 'envoy') return 'envoy';
  const ofLog = writerOfLog(logName);
  // Agents share forms; in its own log the agent is the writer of all of them.
  if (ofLog === SERVICE_PROXY_AGENT) return ofLog;
  if (line.writer !== 'unknown') return line.writer;
  return payload.writer === 'unknown' ? ofLog : payload.writer;
}

const DIGIT_ZERO = 48;
/** No time is longer: with nanoseconds it has 30 characters. */
const TIME_CHARS_MAX = 64;

/**
 * A time without the zeros that end its fraction. The sink leaves them out, what is read back from the log may have them:
 * the entry is the same.
 */
function withoutTrailingZeros(time: string): string {
  if (time.charCodeAt(time.length - 2) !== DIGIT_ZERO || time.length > TIME_CHARS_MAX) return time;
  return time.replace(/(\.\d*?)0+Z$/, '$1Z').replace('.Z', 'Z');
}

/** The id under which an entry counts once; without an insertId its whole content makes it. */
function idOf(entry: JsonObject, logName: string, content: string | undefined): Hash64 {
  const insertId = entry['insertId'];
  if (typeof insertId !== 'string' || insertId === '') return hash64(content ?? jsonText(entry));
  return hashLines(logName, withoutTrailingZeros(stringOf(entry['timestamp'])), insertId);
}

interface Parts {
  readonly entry: JsonObject;
  readonly payload: Payload;
  readonly content: string | undefined;
  readonly at: IntakeContext;
}

function toRecord({ entry, payload, content, at }: Parts): LogRecord {
  const logName = stringOf(entry['logName']);
  const line = normaliseLine(payload.raw);
  const time = entryTime(entry['timestamp'], entry['receiveTimestamp'], at.publishTimeMs);
  const id = idOf(entry, logName, content);
  const access = line.access ?? payload.access;
  const inFields = hasAttributes(payload.attributes) || !line.bare;
  const attributes = inFields ? payload.attributes : attributesOfText(line.message);
  let level = line.level === 'unknown' ? payload.level : line.level;
  if (level === 'unknown') level = levelBySeverity(entry, logName);
  const record: LogRecord = {
    idHigh: id.high,
    idLow: id.low,
    timeMs: time.timeMs,
    minute: time.minute,
    source: hasAttributes(attributes) ? 'guest-attributes' : sourceOf(line, payload, logName),
    level,
    component: line.component === '' ? payload.component : line.component,
    message: line.message,
    text: payload.access === undefined ? line.text : accessText(payload.access),
    bare: line.bare && !payload.whole,
    logName,
    proxy: proxyOf(entry, logName),
    attributes,
  };
  return access === undefined ? record : { ...record, access };
}

/** Whether an object has at least one field by which a LogEntry is known; spelled out because it is asked of each. */
function isEntry(value: JsonObject): boolean {
  return (
    value['logName'] !== undefined ||
    value['insertId'] !== undefined ||
    value['timestamp'] !== undefined ||
    value['receiveTimestamp'] !== undefined ||
    value['resource'] !== undefined ||
    value['severity'] !== undefined ||
    value['textPayload'] !== undefined ||
    value['jsonPayload'] !== undefined ||
    value['protoPayload'] !== undefined
  );
}

function intake(value: unknown, content: string | undefined, at: IntakeContext): Intake {
  if (!isObject(value) || !isEntry(value)) {
    const detail = isObject(value) ? 'none of its fields is a LogEntry’s' : 'the JSON is no object';
    return unreadable('not-a-log-entry', detail, content ?? jsonText(value));
  }
  const payload = payloadOf(value);
  if (typeof payload === 'string') return unreadable('no-payload', payload, content ?? jsonText(value));
  if (payload.raw.length > ENTRY_CHARS_MAX) return tooLarge(payload.raw.length, content ?? payload.raw);
  return { kind: 'record', record: toRecord({ entry: value, payload, content, at }) };
}

function tooLarge(chars: number, content: string): Unreadable {
  return unreadable('too-large', `${chars} characters; a LogEntry has ${ENTRY_CHARS_MAX} at most`, content);
}

/** What a parsed LogEntry comes to. Never throws, whatever JSON it came from. */
export function intakeEntry(value: unknown, at: IntakeContext): Intake {
  return intake(value, undefined, at);
}

/** What the JSON text of one LogEntry comes to. Never throws. */
export function intakeJson(text: string, at: IntakeContext): Intake {
  if (text.length > ENTRY_CHARS_MAX) return tooLarge(text.length, text);
  const parsed = parseJson(text);
  return parsed.failure === undefined
    ? intake(parsed.value, text, at)
    : unreadable('not-json', parsed.failure, text);
}

/** What one pushed message comes to. `decode` turns base64 into text: the core has no bytes of its own. */
export function intakeMessage(push: Push, decode: (base64: string) => Decoded): Intake {
  const { data } = push;
  if (data.length > DATA_CHARS_MAX) return tooLarge(data.length, data);
  const decoded = decode(data);
  switch (decoded.kind) {
    case 'text':
      return intakeJson(decoded.text, push);
    case 'not-base64':
      return unreadable('not-base64', 'message.data is no base64', data);
    case 'not-utf8':
      return unreadable('not-utf8', 'message.data holds bytes that are no UTF-8', data);
  }
}
