// Guest attributes of namespace `gce-service-proxy` out of an entry's fields or out of the table that gcloud prints.
// Knows only the attributes that the model names; values are redacted and cut, never interpreted.
import type { GuestAttribute } from '../model/record.ts';
import { isObject, scalarText, stringOf, type JsonObject } from './json.ts';
import { redact } from './redaction.ts';

export type GuestAttributes = Readonly<Partial<Record<GuestAttribute, string>>>;

const ATTRIBUTE_CHARS_MAX = 4_096;
const NAMESPACE = 'gce-service-proxy';
const ITEMS_MAX = 1_000;

/** Documentation misspells one of them in two ways, so agents may too. */
const NAMES: ReadonlyMap<string, GuestAttribute> = new Map([
  ['bootstrap-status', 'bootstrap-status'],
  ['bootstrap-last-failure', 'bootstrap-last-failure'],
  ['bootstrap-last-failure1', 'bootstrap-last-failure'],
  ['bookstrap-last-failure', 'bootstrap-last-failure'],
  ['proxy-version', 'proxy-version'],
  ['agent-heartbeat', 'agent-heartbeat'],
  ['agent-last-failure', 'agent-last-failure'],
  ['vm-age-seconds', 'vm-age-seconds'],
  ['agent-silent-seconds', 'agent-silent-seconds'],
  ['agent-usual-gap-seconds', 'agent-usual-gap-seconds'],
  ['group-place', 'group-place'],
  ['pipeline-silent-seconds', 'pipeline-silent-seconds'],
  ['pipeline-usual-gap-seconds', 'pipeline-usual-gap-seconds'],
  ['fleet-unreadable', 'fleet-unreadable'],
]);

/** The one value that stands for «none», so that asking for any costs nothing. */
export const NO_ATTRIBUTES: GuestAttributes = {};
const ROW = /^[\s/|:]{1,64}([a-z][a-z0-9-]{1,40})[ \t|:=]{1,64}([^\r\n]*)/;

type Found = Partial<Record<GuestAttribute, string>>;

function add(found: Found, name: string, value: unknown): void {
  const attribute = NAMES.get(name);
  const text = scalarText(value).trim();
  if (attribute === undefined || text === '') return;
  found[attribute] = redact(text.slice(0, ATTRIBUTE_CHARS_MAX));
}

function addAll(found: Found, fields: JsonObject): void {
  for (const name of Object.keys(fields)) if (NAMES.has(name)) add(found, name, fields[name]);
}

function addItems(found: Found, items: unknown): void {
  if (!Array.isArray(items)) return;
  for (const item of items.slice(0, ITEMS_MAX)) {
    if (!isObject(item)) continue;
    const namespace = item['namespace'];
    if (namespace === undefined || namespace === NAMESPACE) add(found, stringOf(item['key']), item['value']);
  }
}

/** Attributes among the fields of a JSON payload, in `attributes`, or as `queryValue.items` of the Compute API. */
export function attributesOfFields(payload: JsonObject): GuestAttributes {
  let found: Found | undefined;
  for (const name in payload) {
    if (NAMES.has(name)) add((found ??= {}), name, payload[name]);
    else if (name === 'attributes' || name === NAMESPACE) {
      const nested = payload[name];
      if (isObject(nested)) addAll((found ??= {}), nested);
      if (Array.isArray(nested)) addItems((found ??= {}), nested);
    } else if (name === 'queryValue') {
      const query = payload[name];
      if (isObject(query)) addItems((found ??= {}), query['items']);
    } else if (name === 'items') addItems((found ??= {}), payload[name]);
  }
  return found ?? NO_ATTRIBUTES;
}

/** Attributes in the table that `gcloud compute instances get-guest-attributes` prints, in one line or several. */
export function attributesOfText(text: string): GuestAttributes {
  if (!text.includes(NAMESPACE)) return NO_ATTRIBUTES;
  const found: Found = {};
  for (const part of text.split(NAMESPACE, ITEMS_MAX).slice(1)) {
    const row = ROW.exec(part);
    if (row !== null) add(found, row[1] ?? '', row[2]);
  }
  return found;
}

/** Whether there is any. */
export function hasAttributes(attributes: GuestAttributes): boolean {
  return attributes !== NO_ATTRIBUTES && Object.keys(attributes).length > 0;
}
