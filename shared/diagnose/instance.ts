// A VM as Compute describes it, reduced to what the checks ask about, and the question for it.
import type { NamedProxy } from '#shared/model/sighting.ts';
import { ask, type Asking, type Got, type Subject } from './check.ts';
import { isObject, lastSegment, numberOf, objectsOf, textOf, textsOf, type JsonObject } from './json.ts';
import { getInstance, isVm } from './requests.ts';

export interface ServiceProxy {
  readonly network: string;
  readonly mesh: string;
  readonly scope: string;
  readonly projectNumber: string;
  readonly accessLog: string;
  readonly servingPorts: readonly number[];
}

export interface Instance {
  readonly name: string;
  readonly zone: string;
  readonly status: string;
  readonly network: string;
  readonly networkProject: string;
  readonly subnetwork: string;
  readonly hasExternalAddress: boolean;
  readonly tags: readonly string[];
  /** Service account and its scopes; `` and none for a VM without one. */
  readonly account: string;
  readonly scopes: readonly string[];
  /** `zones/Z` or `regions/R`, and name of the managed group that made it; `` if none did. */
  readonly groupPlace: string;
  readonly group: string;
  /** Metadata `gce-service-proxy`; undefined if there is none, `unreadable` if it is no JSON. */
  readonly serviceProxy: ServiceProxy | 'unreadable' | undefined;
  readonly guestAttributesEnabled: boolean | undefined;
  readonly startedAt: string;
}

const GROUP = /\/((?:zones|regions)\/[a-z0-9-]{1,63})\/instanceGroupManagers\/([a-z0-9-]{1,63})$/;
const NETWORK_PROJECT = /\/projects\/([^/]+)\/global\/networks\//;

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function serviceProxyOf(text: string): ServiceProxy | 'unreadable' {
  const config = parse(text);
  if (config === undefined) return 'unreadable';
  const spec = isObject(config['proxy-spec']) ? config['proxy-spec'] : {};
  const service = isObject(config['service']) ? config['service'] : {};
  const ports: readonly unknown[] = Array.isArray(service['serving-ports']) ? service['serving-ports'] : [];
  const number = spec['project-number'];
  return {
    network: textOf(spec['network']),
    mesh: textOf(spec['mesh']),
    scope: textOf(spec['scope']),
    projectNumber: typeof number === 'number' ? String(number) : textOf(number),
    accessLog: textOf(spec['access-log']),
    servingPorts: ports.map(numberOf).filter((port) => port !== undefined),
  };
}

/** The instance of an answer; undefined where it has none of an instance's fields. */
export function readInstance(body: JsonObject): Instance | undefined {
  const name = textOf(body['name']);
  const interfaces = objectsOf(body['networkInterfaces']);
  const metadata = isObject(body['metadata']) ? objectsOf(body['metadata']['items']) : [];
  const accounts = objectsOf(body['serviceAccounts']);
  if (name === '' || interfaces === undefined || metadata === undefined || accounts === undefined)
    return undefined;
  const items = new Map(metadata.map((item) => [textOf(item['key']), textOf(item['value'])]));
  const [first] = interfaces;
  const network = textOf(first?.['network']);
  const made = GROUP.exec(items.get('created-by') ?? '');
  const proxy = items.get('gce-service-proxy');
  const guest = items.get('enable-guest-attributes');
  return {
    name,
    zone: lastSegment(textOf(body['zone'])),
    status: textOf(body['status']),
    network: lastSegment(network),
    networkProject: NETWORK_PROJECT.exec(network)?.[1] ?? '',
    subnetwork: lastSegment(textOf(first?.['subnetwork'])),
    hasExternalAddress: (objectsOf(first?.['accessConfigs']) ?? []).some(
      (access) => textOf(access['natIP']) !== '',
    ),
    tags: isObject(body['tags']) ? textsOf(body['tags']['items']) : [],
    account: textOf(accounts[0]?.['email']),
    scopes: textsOf(accounts[0]?.['scopes']),
    groupPlace: made?.[1] ?? '',
    group: made?.[2] ?? '',
    serviceProxy: proxy === undefined ? undefined : serviceProxyOf(proxy),
    guestAttributesEnabled: guest === undefined ? undefined : /^(?:true|y|yes|1)$/i.test(guest.trim()),
    startedAt: textOf(body['lastStartTimestamp']) || textOf(body['creationTimestamp']),
  };
}

/** The affected VM that single-VM checks look at: the first by name that a path can name. */
export function firstVm(subject: Subject): NamedProxy | undefined {
  return subject.proxies.find(isVm);
}

/** Whether there is a VM to look at. */
export const hasVm = (subject: Subject): boolean => firstVm(subject) !== undefined;

export const INSTANCE_PERMISSION = 'compute.instances.get';

/** Asks for one VM. */
export function* askInstance(proxy: NamedProxy): Asking<Got<Instance>> {
  return yield* ask(getInstance(proxy), INSTANCE_PERMISSION, readInstance);
}
