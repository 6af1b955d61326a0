// The methods that the stand-in knows, each with its path and parameters as the discovery documents define them.
// In: a made-up project and a question. Out: status and JSON as Google would answer.
import * as resources from './resources.ts';
import type { GoogleWorld, WorldVm } from './world.ts';

interface Question {
  readonly world: GoogleWorld;
  readonly nowMs: number;
  readonly query: URLSearchParams;
  readonly parts: readonly string[];
  readonly body: string;
}

export type Answered = { readonly status: number; readonly json: unknown };

export interface Method {
  readonly method: 'GET' | 'POST';
  /** Host and path; groups are handed on. */
  readonly pattern: RegExp;
  readonly parameters: readonly string[];
  readonly answer: (question: Question) => Answered;
}

const LIST = ['filter', 'maxResults', 'orderBy', 'pageToken', 'returnPartialSuccess'];
const PAGE_MAX = 500;

const found = (json: unknown): Answered =>
  json === undefined ? notFound('The resource was not found') : { status: 200, json };

/** An error as Google words it. */
export function failure(status: number, message: string, reason: string): Answered {
  const error = { code: status, message, errors: [{ message, domain: 'global', reason }], status: reason };
  return { status, json: { error } };
}

export const notFound = (message: string): Answered => failure(404, message, 'notFound');

/** One page of items, with the token for the next one. */
function page<Item>(
  items: readonly Item[],
  query: URLSearchParams,
): { items: readonly Item[]; more: Record<string, string> } {
  const size = Math.min(Number(query.get('maxResults') ?? query.get('pageSize') ?? PAGE_MAX), PAGE_MAX);
  const from = Number(Buffer.from(query.get('pageToken') ?? '', 'base64url').toString('utf8') || '0');
  const next = from + size;
  const token = next < items.length ? { nextPageToken: Buffer.from(String(next)).toString('base64url') } : {};
  return { items: items.slice(from, next), more: token };
}

function list(kind: string, items: readonly unknown[], query: URLSearchParams): Answered {
  const { items: shown, more } = page(items, query);
  return found({ kind, ...(shown.length === 0 ? {} : { items: shown }), ...more });
}

function vmOf({ world, parts }: Question): WorldVm | undefined {
  const [, zone, name] = parts;
  return world.vms.find((vm) => vm.zone === zone && (vm.name === name || vm.id === name));
}

/** The VMs of all zones; zones without any on this page say so. */
function aggregated({ world, query }: Question): Answered {
  const isOn = (vm: WorldVm): boolean => vm.labels['gce-service-proxy'] === 'on';
  const { items, more } = page(world.vms.filter(isOn), query);
  const zones = [...new Set(world.vms.map(({ zone }) => zone))];
  const scoped = zones.map((zone) => {
    const instances = items.filter((vm) => vm.zone === zone).map((vm) => resources.instance(world, vm));
    const warning = { code: 'NO_RESULTS_ON_PAGE', message: `no results for zone ${zone}` };
    return [`zones/${zone}`, instances.length === 0 ? { warning } : { instances }];
  });
  return found({ kind: 'compute#instanceAggregatedList', items: Object.fromEntries(scoped), ...more });
}

function health({ world, parts, body }: Question): Answered {
  const { group }: { group?: unknown } = JSON.parse(body);
  return found(resources.backendHealth(world, parts[1] ?? '', String(group)));
}

const COMPUTE = '/compute\\.googleapis\\.com/compute/v1/projects/([^/]+)';
const compute = (rest: string): RegExp => new RegExp(`^${COMPUTE}${rest}$`);

export const METHODS: readonly Method[] = [
  {
    method: 'GET',
    pattern: compute('/aggregated/instances'),
    parameters: [...LIST, 'includeAllScopes', 'serviceProjectNumber'],
    answer: aggregated,
  },
  {
    method: 'GET',
    pattern: compute('/zones/([^/]+)/instances/([^/]+)'),
    parameters: [],
    answer: (question) => {
      const vm = vmOf(question);
      return found(vm === undefined ? undefined : resources.instance(question.world, vm));
    },
  },
  {
    method: 'GET',
    pattern: compute('/zones/([^/]+)/instances/([^/]+)/getGuestAttributes'),
    parameters: ['queryPath', 'variableKey'],
    answer: (question) => {
      const vm = vmOf(question);
      return found(vm === undefined ? undefined : resources.guestAttributes(vm, question.nowMs));
    },
  },
  {
    method: 'GET',
    pattern: compute('/((?:zones|regions)/[^/]+)/instanceGroupManagers/([^/]+)'),
    parameters: [],
    answer: ({ world, parts: [, place, name] }) =>
      found(world.groupManagers.find((one) => one.place === place && one.name === name)),
  },
  {
    method: 'GET',
    pattern: compute('/global/forwardingRules'),
    parameters: LIST,
    answer: ({ world, query }) => list('compute#forwardingRuleList', resources.forwardingRules(world), query),
  },
  {
    method: 'GET',
    pattern: compute('/global/firewalls'),
    parameters: LIST,
    answer: ({ world, query }) => list('compute#firewallList', resources.firewalls(world), query),
  },
  {
    method: 'GET',
    pattern: compute('/global/routes'),
    parameters: LIST,
    answer: ({ world, query }) => list('compute#routeList', resources.routes(world), query),
  },
  {
    method: 'GET',
    pattern: compute('/regions/([^/]+)/routers'),
    parameters: LIST,
    answer: ({ world, query, parts: [, region = ''] }) =>
      list('compute#routerList', resources.routers(world, region), query),
  },
  {
    method: 'GET',
    pattern: compute('/regions/([^/]+)/subnetworks/([^/]+)'),
    parameters: [],
    answer: ({ world, parts: [, region, name] }) =>
      found(world.subnetworks.find((one) => one.region === region && one.name === name)),
  },
  {
    method: 'GET',
    pattern: compute('/global/backendServices'),
    parameters: LIST,
    answer: ({ world, query }) => list('compute#backendServiceList', resources.backendServices(world), query),
  },
  {
    method: 'POST',
    pattern: compute('/global/backendServices/([^/]+)/getHealth'),
    parameters: [],
    answer: health,
  },
  {
    method: 'GET',
    pattern: /^\/serviceusage\.googleapis\.com\/v1\/projects\/([^/]+)\/services\/([^/]+)$/,
    parameters: [],
    answer: ({ world, parts: [, api = ''] }) =>
      found({
        name: `projects/${world.project.number}/services/${api}`,
        state: world.services[api] ?? 'DISABLED',
        parent: `projects/${world.project.number}`,
      }),
  },
  {
    method: 'POST',
    pattern: /^\/cloudresourcemanager\.googleapis\.com\/v3\/projects\/([^/:]+):getIamPolicy$/,
    parameters: [],
    answer: ({ world }) => found({ version: 3, etag: 'BwXhqDwQkzc=', bindings: world.bindings }),
  },
  {
    method: 'GET',
    pattern: /^\/networkservices\.googleapis\.com\/v1\/projects\/([^/]+)\/locations\/global\/meshes$/,
    parameters: ['pageSize', 'pageToken', 'returnPartialSuccess'],
    answer: ({ world, query }) => {
      const { items, more } = page(world.meshes, query);
      const name = `projects/${world.project.id}/locations/global/meshes/`;
      return found({ meshes: items.map((mesh) => ({ name: `${name}${mesh}` })), ...more });
    },
  },
  {
    method: 'GET',
    pattern: /^\/networkservices\.googleapis\.com\/v1\/projects\/([^/]+)\/locations\/global\/gateways$/,
    parameters: ['pageSize', 'pageToken'],
    answer: ({ world, query }) => {
      const { items, more } = page(world.gateways, query);
      return found({ gateways: items, ...more });
    },
  },
  {
    method: 'GET',
    pattern: /^\/monitoring\.googleapis\.com\/v3\/projects\/([^/]+)\/timeSeries$/,
    parameters: [
      'filter',
      'interval.startTime',
      'interval.endTime',
      'aggregation.alignmentPeriod',
      'aggregation.perSeriesAligner',
      'aggregation.crossSeriesReducer',
      'aggregation.groupByFields',
      'orderBy',
      'pageSize',
      'pageToken',
      'view',
    ],
    // Every agent wrote just now: silence is planted in the tests of the sweep.
    answer: ({ world, nowMs }) =>
      found({
        timeSeries: world.vms.map(({ id, zone }) => ({
          metric: { type: 'logging.googleapis.com/log_entry_count', labels: {} },
          resource: { type: 'gce_instance', labels: { instance_id: id, zone } },
          metricKind: 'DELTA',
          valueType: 'INT64',
          points: [{ interval: { endTime: new Date(nowMs).toISOString() }, value: { int64Value: '1' } }],
        })),
      }),
  },
];
