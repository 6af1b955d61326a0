// A stand-in for the Google REST APIs that mesh-triage reads: Compute, Service Usage, Resource Manager, Network Services.
// In: a made-up project (world.ts). Out: a server on 127.0.0.1 that answers as the discovery documents say. It knows only
// questions, and refuses parameters that a method does not have, as Google does.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as resources from './resources.ts';
import type { GoogleWorld, WorldVm } from './world.ts';

export interface SeenRequest {
  readonly method: string;
  /** Host of the service, then path and query as they were sent. */
  readonly url: string;
  readonly body: string;
}

export interface LocalGoogle {
  /** Base address for GOOGLE_API_BASE. */
  readonly apiBase: string;
  readonly world: GoogleWorld;
  /** Requests so far. */
  readonly count: () => number;
  /** Called for every request before it is answered; may answer it itself. */
  before: ((request: SeenRequest, response: ServerResponse) => boolean) | undefined;
  readonly stop: () => Promise<void>;
}

interface Question {
  readonly world: GoogleWorld;
  readonly nowMs: number;
  readonly query: URLSearchParams;
  readonly parts: readonly string[];
  readonly body: string;
}

type Answered = { readonly status: number; readonly json: unknown };

interface Method {
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

function failure(status: number, message: string, reason: string): Answered {
  const error = { code: status, message, errors: [{ message, domain: 'global', reason }], status: reason };
  return { status, json: { error } };
}

const notFound = (message: string): Answered => failure(404, message, 'notFound');

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

const METHODS: readonly Method[] = [
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
];

function answer(world: GoogleWorld, nowMs: number, seen: SeenRequest): Answered {
  const url = new URL(seen.url, 'http://127.0.0.1');
  for (const { method, pattern, parameters, answer: reply } of METHODS) {
    const match = pattern.exec(url.pathname);
    if (match === null || method !== seen.method) continue;
    const parts = match.slice(1).map(decodeURIComponent);
    const unknown = [...url.searchParams.keys()].find((name) => !parameters.includes(name));
    if (unknown !== undefined) return failure(400, `Unknown parameter «${unknown}»`, 'badRequest');
    if (parts[0] !== world.project.id && parts[0] !== world.project.number)
      return failure(403, `The caller does not have permission on project ${parts[0]}`, 'forbidden');
    return reply({ world, nowMs, query: url.searchParams, parts, body: seen.body });
  }
  return notFound(`No such method here: ${seen.method} ${url.pathname}`);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** Starts the stand-in; `port` 0 takes a free one. */
export async function startGoogle(
  world: GoogleWorld,
  options: { readonly port: number; readonly nowMs: () => number },
): Promise<LocalGoogle> {
  let count = 0;
  const server = createServer((request, response) => {
    void (async () => {
      count += 1;
      const seen = { method: request.method ?? '', url: request.url ?? '', body: await bodyOf(request) };
      if (google.before?.(seen, response) === true) return;
      const { status, json } = answer(world, options.nowMs(), seen);
      response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
      response.end(JSON.stringify(json));
    })().catch(() => response.destroy());
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const google: LocalGoogle = {
    apiBase: `http://127.0.0.1:${port}/`,
    world,
    count: () => count,
    before: undefined,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return google;
}
