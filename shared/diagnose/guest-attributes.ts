// What the agents of the affected VMs say of themselves in guest attributes, one question a VM, a few VMs at most.
// Values are written by any process of the VM: they are read as the patterns read them, and only ever shown as text.
import { redact } from '#shared/intake/redaction.ts';
import type { NamedProxy } from '#shared/model/sighting.ts';
import { parseMoment } from '#shared/model/moment.ts';
import { isSupported } from '#shared/patterns/envoy-version-unsupported.ts';
import { HEARTBEAT_STALE_AFTER_MS } from '#shared/model/fleet-order.ts';
import {
  ask,
  fault,
  listNames,
  ok,
  unreadable,
  type Asking,
  type Check,
  type Got,
  type Subject,
} from './check.ts';
import { hasVm } from './instance.ts';
import { isObject, objectsOf, textOf, type JsonObject } from './json.ts';
import { getGuestAttributes, instanceName, isVm } from './requests.ts';
import { NOTHING_SAID, say, type Said } from './say.ts';

/** VMs of one incident that are asked; more would cost calls and tell little. */
export const CHECKED_VMS_MAX = 10;

const PERMISSION = 'compute.instances.getGuestAttributes';
const NAMESPACE = 'gce-service-proxy';
const NO_VALUE = /^(?:\[?none\]?|null|-|n\/a)?$/i;
const SHOWN_CHARS_MAX = 80;
/** More of a value is not read: it names a state or a failure, as an attribute in an entry does. */
const VALUE_CHARS_MAX = 4_096;

export type Attributes = ReadonlyMap<string, string>;

/** Attributes of an answer, redacted as lines are; undefined where it is none of getGuestAttributes. */
export function readAttributes(body: JsonObject): Attributes | undefined {
  const query = body['queryValue'];
  if (query === undefined) return textOf(body['kind']) === 'compute#guestAttributes' ? new Map() : undefined;
  const items = isObject(query) ? objectsOf(query['items']) : undefined;
  return items === undefined
    ? undefined
    : new Map(
        items
          .filter((item) => textOf(item['namespace']) === NAMESPACE)
          .map((item) => [textOf(item['key']), redact(textOf(item['value']).slice(0, VALUE_CHARS_MAX))]),
      );
}

function* askAttributes(vm: NamedProxy): Asking<Got<Attributes>> {
  return yield* ask(getGuestAttributes(vm), PERMISSION, readAttributes);
}

type Judge = (attributes: Attributes, nowMs: number) => Said | undefined;

const short = (text: string): string =>
  text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX - 1)}…` : text;

const staleHeartbeat: Judge = (attributes, nowMs) => {
  const beatMs = parseMoment(attributes.get('agent-heartbeat') ?? '');
  if (beatMs === undefined || nowMs - beatMs <= HEARTBEAT_STALE_AFTER_MS) return undefined;
  // A time, not an age: as long as nothing happens there is nothing to edit in any message.
  return say('attributes-heartbeat', { time: `${new Date(beatMs).toISOString().slice(0, 19)}Z` });
};

const unfinishedBootstrap: Judge = (attributes) => {
  const status = (attributes.get('bootstrap-status') ?? '[none]').trim();
  if (/^finished$/i.test(status)) return undefined;
  const shown = short(status);
  const why = (attributes.get('bootstrap-last-failure') ?? '').trim();
  return NO_VALUE.test(why)
    ? say('attributes-bootstrap', { status: shown })
    : say('attributes-bootstrap-why', { status: shown, why: short(why) });
};

const agentFailure: Judge = (attributes) => {
  const failure = (attributes.get('agent-last-failure') ?? '').trim();
  return NO_VALUE.test(failure) ? undefined : say('attributes-failure', { failure: short(failure) });
};

/** What counts as the fault: what the incident is about, otherwise anything that is wrong. */
function judgesFor(pattern: string): readonly Judge[] {
  switch (pattern) {
    case 'stale-heartbeat':
      return [staleHeartbeat];
    case 'bootstrap-failed':
    case 'bootstrap-stuck':
      return [unfinishedBootstrap];
    case 'agent-failure':
      return [agentFailure];
    default:
      return [unfinishedBootstrap, staleHeartbeat, agentFailure];
  }
}

interface Looked<Fault> {
  readonly faults: readonly { readonly vm: string; readonly why: Fault }[];
  readonly fine: readonly string[];
  readonly gone: readonly string[];
  readonly unread: readonly Said[];
  readonly asked: number;
}

/** `judge` tells what is wrong with a VM; undefined = nothing. */
function* look<Fault>(
  subject: Subject,
  judge: (attributes: Attributes) => Fault | undefined,
): Asking<Looked<Fault>> {
  const faults: { vm: string; why: Fault }[] = [];
  const fine: string[] = [];
  const gone: string[] = [];
  const unread: Said[] = [];
  const vms = subject.proxies.filter(isVm).slice(0, CHECKED_VMS_MAX);
  for (const vm of vms) {
    const name = instanceName(vm);
    const got = yield* askAttributes(vm);
    if (got.kind === 'read') {
      const why = judge(got.value);
      if (why === undefined) fine.push(name);
      else faults.push({ vm: name, why });
    } else if (got.kind === 'absent') gone.push(name);
    else unread.push(got.why);
  }
  return { faults, fine, gone, unread, asked: vms.length };
}

/** How many of the affected VMs were asked, where it is not all of them. */
const ofAll = ({ proxyCount }: Subject, asked: number): Said =>
  asked < proxyCount ? say('vms-asked', { asked, all: proxyCount }) : NOTHING_SAID;

export const guestAttributes: Check = {
  id: 'guest-attributes',
  asks: 'guest attributes `gce-service-proxy/` of up to 10 affected VMs: bootstrap, heartbeat, last failure',
  permissions: [PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const expected = say('attributes-expected', {});
    const judges = judgesFor(subject.pattern);
    const seen = yield* look(subject, (attributes) => {
      for (const judge of judges) {
        const why = judge(attributes, subject.nowMs);
        if (why !== undefined) return why;
      }
      return undefined;
    });
    const [first] = seen.faults;
    const asked = ofAll(subject, seen.asked);
    if (first !== undefined) {
      const others = seen.faults.length - 1;
      return fault(
        expected,
        others > 0
          ? say('attributes-more', { ...first, others, asked })
          : say('attributes-one', { ...first, asked }),
      );
    }
    const [unread] = seen.unread;
    if (unread !== undefined) return unreadable(expected, unread);
    if (seen.fine.length === 0)
      return unreadable(expected, say('attributes-gone', { vms: listNames(seen.gone) }));
    const fine = { vms: listNames(seen.fine), asked };
    return ok(
      expected,
      seen.fine.length === 1 ? say('attributes-fine', fine) : say('attributes-all-fine', fine),
    );
  },
};

export const envoyVersions: Check = {
  id: 'envoy-versions',
  asks: 'guest attribute `proxy-version` of up to 10 affected VMs',
  permissions: [PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const expected = say('versions-expected', {});
    const versions = new Set<string>();
    const seen = yield* look(subject, (attributes) => {
      const version = (attributes.get('proxy-version') ?? '').split('/')[1] ?? '';
      const supported = isSupported(version);
      if (supported !== undefined) versions.add(version);
      return supported === false ? short(version) : undefined;
    });
    const asked = ofAll(subject, seen.asked);
    if (seen.faults.length > 0) {
      const vms = listNames(seen.faults.map(({ vm, why }) => say('versions-old', { vm, version: why })));
      return fault(expected, say('versions-listed', { vms, asked }));
    }
    if (versions.size === 0) return unreadable(expected, seen.unread[0] ?? say('versions-none', {}));
    return ok(expected, say('versions-fine', { versions: listNames([...versions]), asked }));
  },
};
