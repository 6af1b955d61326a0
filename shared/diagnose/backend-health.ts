// What the health checks say of the mesh's backends, with the guide's rule: once 99 % of a service's endpoints are
// unhealthy, Cloud Service Mesh ignores health and sends traffic to all of them.
import { ask, fault, listNames, ok, unreadable, type Asking, type Check } from './check.ts';
import { lastSegment, objectsOf, textOf, type JsonObject } from './json.ts';
import { getBackendHealth, isName, listBackendServices } from './requests.ts';
import { inRow, say, type Said } from './say.ts';

const LIST_PERMISSION = 'compute.backendServices.list';
const HEALTH_PERMISSION = 'compute.backendServices.get';
const EXPECTED = say('health-expected', {});

/** Services and groups asked of one incident, so that a large mesh costs no more than a small one. */
const SERVICES_MAX = 5;
const GROUPS_MAX = 4;
/** The guide: from this share on, health is ignored. */
const IGNORED_FROM = 0.99;

interface Service {
  readonly name: string;
  readonly id: string;
  readonly groups: readonly string[];
}

const readServices = (body: JsonObject): readonly Service[] | undefined =>
  objectsOf(body['items'])?.map((service) => ({
    name: textOf(service['name']),
    id: textOf(service['id']),
    groups: (objectsOf(service['backends']) ?? []).map((backend) => textOf(backend['group'])),
  }));

interface Health {
  readonly healthy: number;
  readonly total: number;
}

const readHealth = (body: JsonObject): Health | undefined => {
  const states = objectsOf(body['healthStatus']);
  return states === undefined
    ? undefined
    : {
        healthy: states.filter((one) => textOf(one['healthState']) === 'HEALTHY').length,
        total: states.length,
      };
};

interface Summed extends Health {
  readonly name: string;
  readonly why: Said | undefined;
}

function* sumUp(project: string, service: Service): Asking<Summed> {
  let healthy = 0;
  let total = 0;
  for (const group of service.groups.slice(0, GROUPS_MAX)) {
    const got = yield* ask(getBackendHealth(project, service.name, group), HEALTH_PERMISSION, readHealth);
    if (got.kind !== 'read') return { name: service.name, healthy, total, why: got.why };
    healthy += got.value.healthy;
    total += got.value.total;
  }
  return { name: service.name, healthy, total, why: undefined };
}

/** Envoy names a cluster after the service's number, with the project's: `cloud_mp_PROJECT_SERVICE` or the name itself. */
function isMeant(service: Service, cluster: string): boolean {
  return cluster.includes(service.name) || (service.id !== '' && cluster.includes(service.id));
}

function inWords({ name, healthy, total }: Summed): Said {
  const sick = total - healthy;
  return say(sick / total >= IGNORED_FROM ? 'health-ignored' : 'health-sick', { service: name, sick, total });
}

export const backendHealth: Check = {
  id: 'backend-health',
  asks: 'health of the backends of INTERNAL_SELF_MANAGED services, up to 5 services of 4 groups',
  permissions: [LIST_PERMISSION, HEALTH_PERMISSION],
  applies: ({ meshProject }) => isName(meshProject),
  run: function* ({ meshProject, scope }) {
    const got = yield* ask(listBackendServices(meshProject), LIST_PERMISSION, readServices);
    if (got.kind !== 'read') return unreadable(EXPECTED, got.why);
    const named = got.value.filter((service) => isName(service.name) && service.groups.length > 0);
    const meant = named.filter((service) => isMeant(service, lastSegment(scope['cluster'] ?? '')));
    const asked = (meant.length > 0 ? meant : named).slice(0, SERVICES_MAX);
    if (asked.length === 0) return unreadable(EXPECTED, say('health-no-backends', {}));
    const sums: Summed[] = [];
    for (const service of asked) sums.push(yield* sumUp(meshProject, service));
    const sick = sums.filter(({ healthy, total }) => healthy < total);
    if (sick.length > 0) return fault(EXPECTED, inRow(sick.map(inWords), { en: '; ', zhCn: '；' }));
    for (const { name: service, why } of sums)
      if (why !== undefined) return unreadable(EXPECTED, say('health-unread', { service, why }));
    const total = sums.reduce((sum, one) => sum + one.total, 0);
    const services = listNames(sums.map(({ name }) => name));
    return total === 0
      ? unreadable(EXPECTED, say('health-unknown', { services }))
      : ok(EXPECTED, say('health-fine', { total, services }));
  },
};
