// The questions, each as its discovery document defines it: service, method, path and parameters.
// What comes out of log lines is percent-encoded in paths and never becomes part of a filter expression.
import type { GoogleRequest } from '#shared/model/google-api.ts';
import type { NamedProxy } from '#shared/model/sighting.ts';

/** Compute lists give at most this many items a page. */
const COMPUTE_PAGE_MAX = '500';

/** A project's id or number, a zone, a region, the name or number of a resource: nothing else goes into a path. */
const NAME = /^[a-z0-9](?:[a-z0-9.:-]{0,98}[a-z0-9])?$/;

export const isName = (text: string): boolean => NAME.test(text) && !text.includes('..');

const get = (
  service: GoogleRequest['service'],
  path: string,
  query: GoogleRequest['query'] = {},
): GoogleRequest => ({ service, method: 'GET', path, query });

const computeList = (path: string, query: GoogleRequest['query'] = {}): GoogleRequest => ({
  ...get('compute', path, { ...query, maxResults: COMPUTE_PAGE_MAX }),
  list: 'items',
});

const project = (name: string): string => `compute/v1/projects/${encodeURIComponent(name)}`;

/** What a VM is called in a path: by its name where that is one, otherwise by its number. */
export function instanceName(proxy: NamedProxy): string {
  return isName(proxy.displayName) ? proxy.displayName : proxy.name;
}

export const regionOf = (zone: string): string => zone.replace(/-[a-z]$/, '');

/** Whether a proxy is a VM that a path can name. */
export function isVm(proxy: NamedProxy): boolean {
  return (
    isName(proxy.project) && /^[a-z]+-[a-z]+\d+-[a-z]$/.test(proxy.location) && isName(instanceName(proxy))
  );
}

function instancePath(proxy: NamedProxy): string {
  const zone = encodeURIComponent(proxy.location);
  return `${project(proxy.project)}/zones/${zone}/instances/${encodeURIComponent(instanceName(proxy))}`;
}

/** compute.instances.get */
export const getInstance = (proxy: NamedProxy): GoogleRequest => get('compute', instancePath(proxy));

/** compute.instances.getGuestAttributes */
export const getGuestAttributes = (proxy: NamedProxy): GoogleRequest =>
  get('compute', `${instancePath(proxy)}/getGuestAttributes`, { queryPath: 'gce-service-proxy/' });

/** compute.instances.aggregatedList, one page: the VMs that automatic deployment labelled. */
export const listFleet = (projectId: string, pageToken: string): GoogleRequest =>
  get('compute', `${project(projectId)}/aggregated/instances`, {
    filter: 'labels.gce-service-proxy=on',
    maxResults: COMPUTE_PAGE_MAX,
    returnPartialSuccess: 'true',
    ...(pageToken === '' ? {} : { pageToken }),
  });

/** compute.globalForwardingRules.list */
export const listForwardingRules = (projectId: string): GoogleRequest =>
  computeList(`${project(projectId)}/global/forwardingRules`, {
    filter: 'loadBalancingScheme=INTERNAL_SELF_MANAGED',
  });

/** compute.firewalls.list */
export const listFirewalls = (projectId: string): GoogleRequest =>
  computeList(`${project(projectId)}/global/firewalls`, { filter: 'direction=EGRESS' });

/** compute.routes.list */
export const listRoutes = (projectId: string): GoogleRequest =>
  computeList(`${project(projectId)}/global/routes`);

/** compute.routers.list */
export const listRouters = (projectId: string, region: string): GoogleRequest =>
  computeList(`${project(projectId)}/regions/${encodeURIComponent(region)}/routers`);

/** compute.subnetworks.get */
export const getSubnetwork = (projectId: string, region: string, name: string): GoogleRequest =>
  get(
    'compute',
    `${project(projectId)}/regions/${encodeURIComponent(region)}/subnetworks/${encodeURIComponent(name)}`,
  );

/** compute.instanceGroupManagers.get and compute.regionInstanceGroupManagers.get: `zones/Z` or `regions/R`. */
export const getGroupManager = (projectId: string, place: string, name: string): GoogleRequest =>
  get('compute', `${project(projectId)}/${place}/instanceGroupManagers/${encodeURIComponent(name)}`);

/** compute.backendServices.list */
export const listBackendServices = (projectId: string): GoogleRequest =>
  computeList(`${project(projectId)}/global/backendServices`, {
    filter: 'loadBalancingScheme=INTERNAL_SELF_MANAGED',
  });

/** compute.backendServices.getHealth: a POST that reads. */
export const getBackendHealth = (projectId: string, service: string, group: string): GoogleRequest => ({
  service: 'compute',
  method: 'POST',
  path: `${project(projectId)}/global/backendServices/${encodeURIComponent(service)}/getHealth`,
  query: {},
  body: { group },
});

/** serviceusage.services.get */
export const getApi = (projectId: string, api: string): GoogleRequest =>
  get('serviceusage', `v1/projects/${encodeURIComponent(projectId)}/services/${encodeURIComponent(api)}`);

/** cloudresourcemanager.projects.getIamPolicy: a POST that reads; version 3 shows conditions. */
export const getProjectPolicy = (projectId: string): GoogleRequest => ({
  service: 'cloudresourcemanager',
  method: 'POST',
  path: `v3/projects/${encodeURIComponent(projectId)}:getIamPolicy`,
  query: {},
  body: { options: { requestedPolicyVersion: 3 } },
});

/** networkservices.projects.locations.meshes.list and …gateways.list */
export const listMeshResources = (projectId: string, kind: 'meshes' | 'gateways'): GoogleRequest => ({
  ...get('networkservices', `v1/projects/${encodeURIComponent(projectId)}/locations/global/${kind}`, {
    pageSize: '100',
  }),
  list: kind,
});
