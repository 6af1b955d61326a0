// Every question that can be sent, held against Google's discovery documents: host, method, path, parameters, pages. And the
// stand-in for Google's APIs against the same.
import { expect, test } from 'vitest';
import * as requests from '#shared/diagnose/requests.ts';
import { listAgentActivity } from '#shared/diagnose/silence.ts';
import { GOOGLE_HOSTS, onlyReads, type GoogleRequest } from '#shared/model/google-api.ts';
import { METHODS } from '../../infra/local/google/methods.ts';
import { DISCOVERED, type DiscoveredMethod } from './discovery.ts';
import { planVms, proxyOf } from './world.ts';

const [vm] = planVms(1).map(proxyOf);
if (vm === undefined) throw new Error('no VM');
const P = 'demo-mesh';

/** One of each, by the method that it is meant to be. */
const ASKED: Readonly<Record<string, GoogleRequest>> = {
  'compute.instances.get': requests.getInstance(vm),
  'compute.instances.getGuestAttributes': requests.getGuestAttributes(vm),
  'compute.instances.aggregatedList': requests.listFleet(P, 'a-token'),
  'compute.globalForwardingRules.list': requests.listForwardingRules(P),
  'compute.firewalls.list': requests.listFirewalls(P),
  'compute.routes.list': requests.listRoutes(P),
  'compute.routers.list': requests.listRouters(P, 'europe-west3'),
  'compute.subnetworks.get': requests.getSubnetwork(P, 'europe-west3', 'default'),
  'compute.instanceGroupManagers.get': requests.getGroupManager(P, 'zones/europe-west3-b', 'checkout'),
  'compute.regionInstanceGroupManagers.get': requests.getGroupManager(P, 'regions/europe-west3', 'checkout'),
  'compute.backendServices.list': requests.listBackendServices(P),
  'compute.backendServices.getHealth': requests.getBackendHealth(P, 'catalog', 'a-group'),
  'serviceusage.services.get': requests.getApi(P, 'trafficdirector.googleapis.com'),
  'cloudresourcemanager.projects.getIamPolicy': requests.getProjectPolicy(P),
  'networkservices.projects.locations.meshes.list': requests.listMeshResources(P, 'meshes'),
  'networkservices.projects.locations.gateways.list': requests.listMeshResources(P, 'gateways'),
  'monitoring.projects.timeSeries.list': listAgentActivity(P, 0),
};

/** A path with names in braces → what matches it, one segment a name. */
const matcher = ({ path }: DiscoveredMethod): RegExp =>
  new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/\{[^}]+\}/g, '[^/:]+')}$`);

test('every question of the table is one of the methods, and every method is asked', () => {
  expect(Object.keys(ASKED).toSorted()).toEqual(DISCOVERED.map(({ id }) => id));
  const builders = Object.entries(requests).filter(
    ([name, value]) => typeof value === 'function' && /^(?:get|list)[A-Z]/.test(name),
  );
  // Two methods share a builder twice: the managers of groups, and meshes and gateways; silence.ts has one of its own.
  expect(builders).toHaveLength(DISCOVERED.length - 3);
});

test.for(DISCOVERED)('$id is asked where and how its discovery document says', (known) => {
  const request = ASKED[known.id];
  if (request === undefined) throw new Error(`${known.id} is not asked`);
  expect(new URL(GOOGLE_HOSTS[request.service]).host).toBe(known.host);
  expect(request.method).toBe(known.method);
  expect(request.path).toMatch(matcher(known));
  expect(Object.keys(request.query).filter((name) => !known.query.includes(name))).toEqual([]);
  expect(request.body === undefined).toBe(known.body === '');
  expect(onlyReads(request)).toBe(true);
  // What is followed page by page takes a token and answers with the list and the next one.
  if (request.list === undefined) return;
  expect(known.query).toContain('pageToken');
  expect(known.answer).toEqual(expect.arrayContaining([request.list, 'nextPageToken']));
});

test.for(DISCOVERED)('the stand-in takes the parameters of $id, and no others', (known) => {
  const request = ASKED[known.id];
  const url = `/${known.host}/${request?.path ?? ''}`;
  const method = METHODS.find((one) => one.method === known.method && one.pattern.test(url));
  expect(method?.parameters.filter((name) => !known.query.includes(name))).toEqual([]);
  for (const name of Object.keys(request?.query ?? {})) expect(method?.parameters).toContain(name);
});
