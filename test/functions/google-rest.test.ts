// The client on the wire: it sends what the discovery documents say, follows pages, waits as told, and only ever reads.
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CHECKS } from '#shared/diagnose/checks.ts';
import { listAgentActivity } from '#shared/diagnose/silence.ts';
import * as requests from '#shared/diagnose/requests.ts';
import type { GoogleRequest } from '#shared/model/google-api.ts';
import { createGoogleRest } from '../../functions/adapters/google-rest.ts';
import type { SeenRequest } from '../../infra/local/google/server.ts';
import {
  aSubject,
  makeWorld,
  NOW_MS,
  planVms,
  proxyOf,
  runCheck,
  startBench,
  TROUBLES,
  type Bench,
} from '../diagnose/world.ts';

let bench: Bench;
let seen: SeenRequest[];
beforeEach(async () => {
  bench = await startBench(makeWorld());
  bench.google.world.groupManagers.push({ name: 'checkout', place: 'regions/europe-west3' });
  seen = [];
  bench.google.before = (request) => {
    seen.push(request);
    return false;
  };
});
afterEach(() => bench.stop());

const [vm] = planVms(1);
if (vm === undefined) throw new Error('no VM');
const proxy = proxyOf(vm);
const COMPUTE = '/compute.googleapis.com/compute/v1/projects/demo-mesh';
const GROUP =
  'https://www.googleapis.com/compute/v1/projects/demo-mesh/zones/europe-west3-a/instanceGroups/catalog';

/** As the discovery documents of Compute v1, Service Usage v1, Resource Manager v3 and Network Services v1 define them. */
const WIRE: readonly (readonly [string, GoogleRequest, string, string, string])[] = [
  [
    'compute.instances.get',
    requests.getInstance(proxy),
    'GET',
    `${COMPUTE}/zones/europe-west3-b/instances/checkout-0000`,
    '',
  ],
  [
    'compute.instances.getGuestAttributes',
    requests.getGuestAttributes(proxy),
    'GET',
    `${COMPUTE}/zones/europe-west3-b/instances/checkout-0000/getGuestAttributes?queryPath=gce-service-proxy%2F`,
    '',
  ],
  [
    'compute.instances.aggregatedList',
    requests.listFleet('demo-mesh', 'MTAw'),
    'GET',
    `${COMPUTE}/aggregated/instances?filter=labels.gce-service-proxy%3Don&maxResults=500&returnPartialSuccess=true&pageToken=MTAw`,
    '',
  ],
  [
    'compute.globalForwardingRules.list',
    requests.listForwardingRules('demo-mesh'),
    'GET',
    `${COMPUTE}/global/forwardingRules?filter=loadBalancingScheme%3DINTERNAL_SELF_MANAGED&maxResults=500`,
    '',
  ],
  [
    'compute.firewalls.list',
    requests.listFirewalls('demo-mesh'),
    'GET',
    `${COMPUTE}/global/firewalls?filter=direction%3DEGRESS&maxResults=500`,
    '',
  ],
  [
    'compute.routes.list',
    requests.listRoutes('demo-mesh'),
    'GET',
    `${COMPUTE}/global/routes?maxResults=500`,
    '',
  ],
  [
    'compute.routers.list',
    requests.listRouters('demo-mesh', 'europe-west3'),
    'GET',
    `${COMPUTE}/regions/europe-west3/routers?maxResults=500`,
    '',
  ],
  [
    'compute.subnetworks.get',
    requests.getSubnetwork('demo-mesh', 'europe-west3', 'default'),
    'GET',
    `${COMPUTE}/regions/europe-west3/subnetworks/default`,
    '',
  ],
  [
    'compute.instanceGroupManagers.get',
    requests.getGroupManager('demo-mesh', 'zones/europe-west3-b', 'checkout'),
    'GET',
    `${COMPUTE}/zones/europe-west3-b/instanceGroupManagers/checkout`,
    '',
  ],
  [
    'compute.regionInstanceGroupManagers.get',
    requests.getGroupManager('demo-mesh', 'regions/europe-west3', 'checkout'),
    'GET',
    `${COMPUTE}/regions/europe-west3/instanceGroupManagers/checkout`,
    '',
  ],
  [
    'compute.backendServices.list',
    requests.listBackendServices('demo-mesh'),
    'GET',
    `${COMPUTE}/global/backendServices?filter=loadBalancingScheme%3DINTERNAL_SELF_MANAGED&maxResults=500`,
    '',
  ],
  [
    'compute.backendServices.getHealth',
    requests.getBackendHealth('demo-mesh', 'catalog-service', GROUP),
    'POST',
    `${COMPUTE}/global/backendServices/catalog-service/getHealth`,
    JSON.stringify({ group: GROUP }),
  ],
  [
    'serviceusage.services.get',
    requests.getApi('123456789012', 'trafficdirector.googleapis.com'),
    'GET',
    '/serviceusage.googleapis.com/v1/projects/123456789012/services/trafficdirector.googleapis.com',
    '',
  ],
  [
    'cloudresourcemanager.projects.getIamPolicy',
    requests.getProjectPolicy('demo-mesh'),
    'POST',
    '/cloudresourcemanager.googleapis.com/v3/projects/demo-mesh:getIamPolicy',
    '{"options":{"requestedPolicyVersion":3}}',
  ],
  [
    'networkservices.projects.locations.meshes.list',
    requests.listMeshResources('demo-mesh', 'meshes'),
    'GET',
    '/networkservices.googleapis.com/v1/projects/demo-mesh/locations/global/meshes?pageSize=100',
    '',
  ],
  [
    'networkservices.projects.locations.gateways.list',
    requests.listMeshResources('demo-mesh', 'gateways'),
    'GET',
    '/networkservices.googleapis.com/v1/projects/demo-mesh/locations/global/gateways?pageSize=100',
    '',
  ],
  [
    'monitoring.projects.timeSeries.list',
    listAgentActivity('demo-mesh', NOW_MS),
    'GET',
    '/monitoring.googleapis.com/v3/projects/demo-mesh/timeSeries?filter=metric.type%3D%22logging.googleapis.com%2Flog_entry_count%22+AND+resource.type%3D%22gce_instance%22+AND+metric.labels.log%3D%22service-proxy-agent%22&interval.startTime=2026-10-30T10%3A00%3A00.000Z&interval.endTime=2026-11-01T10%3A00%3A00.000Z&aggregation.alignmentPeriod=10800s&aggregation.perSeriesAligner=ALIGN_SUM&aggregation.crossSeriesReducer=REDUCE_SUM&aggregation.groupByFields=resource.labels.instance_id&pageSize=20000',
    '',
  ],
];

test.for(WIRE)('%s: method, path, parameters and body', async ([, request, method, url, body]) => {
  expect((await bench.api().ask(request)).kind).toBe('body');
  expect(seen).toEqual([{ method, url, body }]);
});

test('no check asks anything that is not in that table', async () => {
  const known = new Set(
    WIRE.map(([, { service, method, path }]) => `${service} ${method} ${path.split('/').at(-1)}`),
  );
  for (const check of CHECKS)
    for (const fields of [
      { kind: 'network', name: 'x' },
      { kind: 'mesh', name: 'x' },
      { kind: 'scope', name: 'x' },
    ])
      for (const one of (await runCheck(check, aSubject({ fields }), bench.api())).asked) {
        const last = one.path.split('/').at(-1)?.replace('123456789012', 'demo-mesh');
        expect(known).toContain(`${one.service} ${one.method} ${last}`);
      }
});

test.for([
  {
    service: 'compute',
    method: 'POST',
    path: 'compute/v1/projects/p/zones/z/instances/i/reset',
    query: {},
    body: {},
  },
  { service: 'compute', method: 'POST', path: 'compute/v1/projects/p/getHealth/x', query: {}, body: {} },
  {
    service: 'cloudresourcemanager',
    method: 'POST',
    path: 'v3/projects/p:setIamPolicy',
    query: {},
    body: {},
  },
  { service: 'compute', method: 'GET', path: 'compute/v1/projects/p', query: {}, body: {} },
] satisfies GoogleRequest[])('$path never leaves the house', async (request) => {
  expect((await bench.api().ask(request)).kind).toBe('failed');
  expect(seen).toEqual([]);
});

test('pages are followed by their tokens and joined', async () => {
  for (let n = 0; n < 7; n += 1)
    bench.google.world.forwardingRules.push({ name: `rule-${n}`, network: `net-${n}`, address: '0.0.0.0' });
  const request = requests.listForwardingRules('demo-mesh');
  const small = { ...request, query: { ...request.query, maxResults: '3' } };
  const answer = await bench.api().ask(small);
  const items = answer.kind === 'body' && JSON.parse(JSON.stringify(answer.body)).items;
  expect(items).toHaveLength(8);
  expect(seen.map(({ url }) => new URL(url, 'http://x').searchParams.get('pageToken'))).toEqual([
    null,
    'Mw',
    'Ng',
  ]);
});

test('more pages than the bound make a list incomplete', async () => {
  for (let n = 0; n < 7; n += 1)
    bench.google.world.forwardingRules.push({ name: `rule-${n}`, network: `net-${n}`, address: '0.0.0.0' });
  const request = requests.listForwardingRules('demo-mesh');
  const small = { ...request, query: { ...request.query, maxResults: '2' } };
  const answer = await bench.api({ pagesMax: 2 }).ask(small);
  expect(answer).toMatchObject({ kind: 'body', partial: ['more than 2 pages'] });
  expect(await bench.api({ pagesMax: 4 }).ask(small)).toMatchObject({ partial: [] });
});

test('what Google could not reach is handed on', async () => {
  bench.google.before = (_, response) => {
    response.end(JSON.stringify({ items: [], unreachables: ['zones/europe-west3-a'] }));
    return true;
  };
  const answer = await bench.api().ask(requests.listForwardingRules('demo-mesh'));
  expect(answer).toEqual({ kind: 'body', body: { items: [] }, partial: ['zones/europe-west3-a'] });
});

function waiting(limits = {}) {
  const waits: number[] = [];
  const api = createGoogleRest({
    apiBase: bench.google.apiBase,
    nowMs: () => NOW_MS,
    limits,
    wait: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  });
  return { api, waits };
}

const refuseTimes = (times: number, retryAfter: string): void => {
  let left = times;
  bench.google.before = (request, response) => {
    seen.push(request);
    if (left === 0) return false;
    left -= 1;
    response.writeHead(429, { 'retry-after': retryAfter }).end('{}');
    return true;
  };
};

test('429 is waited for as long as it says, then the answer comes', async () => {
  refuseTimes(2, '3');
  const { api, waits } = waiting();
  expect((await api.ask(requests.getInstance(proxy))).kind).toBe('body');
  expect(waits).toEqual([3_000, 3_000]);
});

test.for([
  ['4', 3],
  ['5', 1],
] as const)('Retry-After %s s: %i tries', async ([retryAfter, tries]) => {
  refuseTimes(9, retryAfter);
  const { api } = waiting();
  expect((await api.ask(requests.getInstance(proxy))).kind).toBe('busy');
  expect(seen).toHaveLength(tries);
});

test('a 403 that is a quota is no missing permission', async () => {
  bench.google.before = TROUBLES.quota;
  expect((await bench.api().ask(requests.getInstance(proxy))).kind).toBe('busy');
  bench.google.before = TROUBLES.refused;
  expect((await bench.api().ask(requests.getInstance(proxy))).kind).toBe('refused');
});

test('nobody there: a failure, never a rejection', async () => {
  const api = createGoogleRest({
    apiBase: 'http://127.0.0.1:9/',
    nowMs: () => NOW_MS,
    wait: () => Promise.resolve(),
  });
  expect((await api.ask(requests.getInstance(proxy))).kind).toBe('failed');
});

test('the budget of a minute is kept by region, and comes back with the next minute', async () => {
  let nowMs = NOW_MS;
  const api = createGoogleRest({
    apiBase: bench.google.apiBase,
    nowMs: () => nowMs,
    limits: { perMinuteMax: 3 },
  });
  const ask = async (zone: string) =>
    (await api.ask(requests.getInstance({ ...proxy, location: zone }))).kind;
  expect([
    await ask('europe-west3-a'),
    await ask('europe-west3-b'),
    await ask('europe-west3-b'),
  ]).not.toContain('busy');
  expect(await ask('europe-west3-c')).toBe('busy');
  expect(await ask('us-central1-a')).not.toBe('busy');
  expect(seen).toHaveLength(4);
  nowMs += 60_000;
  expect(await ask('europe-west3-b')).toBe('body');
});

test.for([
  [2, 3],
  [3, 3],
  [4, 4],
] as const)(
  'counted on for %i reads a minute, a budget of 3 lets %i through',
  async ([readsPerMinute, passed]) => {
    const api = createGoogleRest({
      apiBase: bench.google.apiBase,
      nowMs: () => NOW_MS,
      readsPerMinute,
      limits: { perMinuteMax: 3 },
    });
    const answers = await Promise.all(Array.from({ length: 6 }, () => api.ask(requests.getInstance(proxy))));
    expect(answers.filter(({ kind }) => kind !== 'busy')).toHaveLength(passed);
  },
);

test('never more in flight than the bound', async () => {
  const held: ServerResponse[] = [];
  let most = 0;
  let answered = 0;
  bench.google.before = (_, response) => {
    held.push(response);
    most = Math.max(most, held.length);
    // Once the bound is reached there is time enough for one more to come, if it could.
    if (held.length === 4)
      void sleep(20).then(() => {
        for (const one of held.splice(0)) one.end('{}');
      });
    answered += 1;
    return true;
  };
  const api = bench.api({ inFlightMax: 4 });
  await Promise.all(Array.from({ length: 16 }, () => api.ask(requests.getInstance(proxy))));
  expect({ most, answered }).toEqual({ most: 4, answered: 16 });
});
