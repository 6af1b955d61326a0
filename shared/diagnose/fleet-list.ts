// A page of Compute's aggregated instance list → the VMs of the fleet, reduced to what the sweep needs.
import { hashHex } from '#shared/model/hash.ts';
import type { FleetVm } from '#shared/model/fleet.ts';
import { parseMoment } from '#shared/model/moment.ts';
import { readInstance } from './instance.ts';
import { isObject, objectsOf, textOf, type JsonObject } from './json.ts';

export interface FleetPage {
  readonly vms: readonly FleetVm[];
  /** `` on the last page. */
  readonly nextPageToken: string;
  /** Scopes that Google could not reach: their VMs are missing, not gone. */
  readonly isPartial: boolean;
}

const LABEL = 'gce-service-proxy';

/** One instance, from a list or asked for by name; undefined where it has no number or no name. */
export function readFleetVm(body: JsonObject, project: string): FleetVm | undefined {
  const instance = readInstance(body);
  const number = textOf(body['id']);
  if (instance === undefined || !/^\d{1,20}$/.test(number)) return undefined;
  const { name, zone, status, group, groupPlace, startedAt, guestAttributesEnabled, serviceProxy } = instance;
  const isLabelled = isObject(body['labels']) && textOf(body['labels'][LABEL]) === 'on';
  return {
    id: hashHex(`${project}/${zone}/${number}`),
    project,
    zone,
    number,
    name,
    group,
    groupPlace,
    isRunning: status === 'RUNNING',
    startedAtMs: parseMoment(startedAt) ?? 0,
    hasGuestAttributes: guestAttributesEnabled === true,
    isManaged: isLabelled || serviceProxy !== undefined,
  };
}

/** Reads one page; undefined where it is no aggregated list. VMs without a number or a name are left out. */
export function readFleetPage(body: unknown, project: string): FleetPage | undefined {
  if (!isObject(body)) return undefined;
  const items = body['items'] ?? {};
  if (!isObject(items)) return undefined;
  const vms: FleetVm[] = [];
  // An empty zone, or an empty page, says NO_RESULTS_ON_PAGE; every other warning means that something is missing.
  const isWarned = (of: JsonObject): boolean => {
    const code = isObject(of['warning']) ? textOf(of['warning']['code']) : '';
    return code !== '' && code !== 'NO_RESULTS_ON_PAGE';
  };
  let isPartial = isWarned(body) || (Array.isArray(body['unreachables']) && body['unreachables'].length > 0);
  for (const scoped of Object.values(items)) {
    if (!isObject(scoped)) return undefined;
    const instances = objectsOf(scoped['instances']);
    if (instances === undefined) return undefined;
    if (isWarned(scoped)) isPartial = true;
    vms.push(...instances.map((one) => readFleetVm(one, project)).filter((vm) => vm !== undefined));
  }
  return { vms, nextPageToken: textOf(body['nextPageToken']), isPartial };
}
