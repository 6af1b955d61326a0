// A LogEntry's payload in, the line that it holds out, with what its other fields say about the line.
// Takes textPayload, then jsonPayload's message, MESSAGE, msg, log, then the whole payload as JSON text.
import type { AccessLog, LogLevel, RecordSource } from '../model/record.ts';
import { accessFromFields } from './access-log.ts';
import { attributesOfFields, NO_ATTRIBUTES, type GuestAttributes } from './guest-attributes.ts';
import { isObject, jsonText, parseJson, stringOf, type JsonObject } from './json.ts';
import { levelOf } from './level.ts';
import { WORD_CHARS_MAX } from './prefix-draft.ts';

export interface Payload {
  /** The line as it was written, prefix included. */
  readonly raw: string;
  /** What fields beside the message say; `unknown` and `` where they say nothing. */
  readonly level: LogLevel;
  readonly component: string;
  readonly writer: RecordSource;
  /** True when the fields show that `raw` is a whole message, whatever its first characters are. */
  readonly whole: boolean;
  /** Time that fields beside the message name, as it stands there; `` if none does. */
  readonly time: string;
  readonly attributes: GuestAttributes;
  readonly access: AccessLog | undefined;
}

const ENVOY_SCOPE = 'envoy ';
/** A JSON line inside text is parsed again only up to this size. */
const NESTED_CHARS_MAX = 65_536;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;

function plainText(raw: string): Payload {
  return {
    raw,
    level: 'unknown',
    component: '',
    writer: 'unknown',
    whole: false,
    time: '',
    attributes: NO_ATTRIBUTES,
    access: undefined,
  };
}

/** The first of the usual fields that holds text; an empty one counts when no other does. */
function messageOf(fields: JsonObject): string | undefined {
  // Nearly every entry ends here, so the usual name is not looked up in a loop.
  const usual = fields['message'];
  if (typeof usual === 'string' && usual !== '') return usual;
  const values = [fields['MESSAGE'], fields['msg'], fields['log'], usual];
  const texts = values.filter((value) => typeof value === 'string');
  return texts.find((text) => text !== '') ?? texts[0];
}

/** Envoy's logger, or `envoy config` as istio's agent names it in JSON. */
function componentOf(fields: JsonObject): string {
  const name =
    stringOf(fields['component']) ||
    stringOf(fields['name']) ||
    stringOf(fields['scope']) ||
    stringOf(fields['logger']);
  return name.length <= WORD_CHARS_MAX ? name : '';
}

function timeOf(fields: JsonObject): string {
  return stringOf(fields['timestamp']) || stringOf(fields['time']) || stringOf(fields['start_time']);
}

/** The fields around a message: Envoy's JSON lines, what the Ops Agent parsed, JSON of istio's agent. */
function described(raw: string, fields: JsonObject, level: LogLevel): Payload {
  const component = componentOf(fields);
  const isIstio = component.startsWith(ENVOY_SCOPE);
  // Envoy numbers its threads; an agent's line has no such field.
  const isEnvoy = isIstio || fields['tid'] !== undefined || fields['thread'] !== undefined;
  let writer: RecordSource = 'unknown';
  if (isEnvoy) writer = 'envoy';
  else if (typeof fields['scope'] === 'string') writer = 'agent';
  return {
    raw,
    level,
    component: isIstio ? component.slice(ENVOY_SCOPE.length) : component,
    writer,
    whole: level !== 'unknown' || isEnvoy || typeof fields['localTimestamp'] === 'string',
    time: timeOf(fields),
    attributes: attributesOfFields(fields),
    access: undefined,
  };
}

/** Whether there is a message and nothing beside it: so most entries of Envoy's own log come. */
function isMessageAlone(fields: JsonObject): boolean {
  for (const name in fields) if (name !== 'message') return false;
  return true;
}

function fromFields(fields: JsonObject): Payload {
  const message = messageOf(fields);
  if (message !== undefined && isMessageAlone(fields)) return plainText(message);
  if (message === undefined) {
    const access = accessFromFields((name) => fields[name]);
    const raw = jsonText(fields);
    return {
      ...plainText(raw),
      attributes: access === undefined ? attributesOfFields(fields) : NO_ATTRIBUTES,
      access,
      whole: true,
      time: timeOf(fields),
    };
  }
  const level = levelOf(stringOf(fields['level']) || stringOf(fields['severity'])) ?? 'unknown';
  return described(message, fields, level);
}

/** A whole JSON object inside text, as Envoy's JSON log format and JSON access logs leave it; else undefined. */
function nested(text: string): JsonObject | undefined {
  if (text.charCodeAt(0) !== OPENING_BRACE || text.length > NESTED_CHARS_MAX) return undefined;
  const trimmed = text.trimEnd();
  if (trimmed.charCodeAt(trimmed.length - 1) !== CLOSING_BRACE) return undefined;
  const { value } = parseJson(trimmed);
  return isObject(value) ? value : undefined;
}

/** The payload of a text; text that is a JSON log line is read as its fields. */
export function payloadOfText(text: string): Payload {
  const fields = nested(text);
  if (fields === undefined) return plainText(text);
  const inner = fromFields(fields);
  // An object without a known field (an API's error, say) is shown as it was written.
  return messageOf(fields) === undefined ? { ...inner, raw: text } : inner;
}

/** The payload of an entry, or what is wrong with it. */
export function payloadOf(entry: JsonObject): Payload | string {
  const text = entry['textPayload'];
  if (typeof text === 'string') return payloadOfText(text);
  const json = entry['jsonPayload'];
  if (isObject(json)) {
    const payload = fromFields(json);
    return payload.raw.charCodeAt(0) === OPENING_BRACE && messageOf(json) !== undefined
      ? { ...payloadOfText(payload.raw), attributes: payload.attributes }
      : payload;
  }
  const proto = entry['protoPayload'];
  if (isObject(proto)) return { ...plainText(jsonText(proto)), whole: true };
  return accessOnly(entry) ?? wrongPayload(entry);
}

/** Cloud Service Mesh's own access logs have no payload: their fields are labels and `httpRequest`. */
function accessOnly(entry: JsonObject): Payload | undefined {
  const labels = entry['labels'];
  const request = entry['httpRequest'];
  if (!isObject(labels)) return undefined;
  const access = accessFromFields((name) =>
    name === 'response_code' && isObject(request) ? request['status'] : labels[name],
  );
  return access === undefined ? undefined : { ...plainText(jsonText(labels)), whole: true, access };
}

function wrongPayload(entry: JsonObject): string {
  const wrong = (['textPayload', 'jsonPayload', 'protoPayload'] as const).find(
    (name) => entry[name] !== undefined,
  );
  return wrong === undefined
    ? 'the entry has no payload'
    : `${wrong} has a wrong type: ${typeof entry[wrong]}`;
}
