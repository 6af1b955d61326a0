// Has the VM a way to Google's APIs: a route, and an external address, Private Google Access or Cloud NAT?
import { ask, fault, ok, unreadable, type Asking, type Check, type Reading } from './check.ts';
import { askInstance, firstVm, hasVm, INSTANCE_PERMISSION, type Instance } from './instance.ts';
import { lastSegment, objectsOf, textOf, type JsonObject } from './json.ts';
import { getSubnetwork, isName, listRouters, listRoutes, regionOf } from './requests.ts';
import { say } from './say.ts';

const ROUTES_PERMISSION = 'compute.routes.list';
const SUBNETWORK_PERMISSION = 'compute.subnetworks.get';
const ROUTERS_PERMISSION = 'compute.routers.list';
const EXPECTED = say('route-expected', {});
const TO_GOOGLE = /^(?:0\.0\.0\.0\/0|::\/0|199\.36\.15[23]\.\d{1,3}\/\d{1,2})$/;

interface Route {
  readonly network: string;
  readonly range: string;
  readonly isUsable: boolean;
}

const readRoutes = (body: JsonObject): readonly Route[] | undefined =>
  objectsOf(body['items'])?.map((route) => ({
    network: lastSegment(textOf(route['network'])),
    range: textOf(route['destRange']),
    isUsable: Object.keys(route).some((name) => name.startsWith('nextHop')),
  }));

const readAccess = (body: JsonObject): 'on' | 'off' | undefined =>
  textOf(body['name']) === '' ? undefined : body['privateIpGoogleAccess'] === true ? 'on' : 'off';

const readNats =
  (network: string) =>
  (body: JsonObject): number | undefined =>
    objectsOf(body['items'])
      ?.filter((router) => lastSegment(textOf(router['network'])) === network)
      .reduce((sum, router) => sum + (objectsOf(router['nats'])?.length ?? 0), 0);

function* readAddress(vm: Instance, host: string): Asking<Reading> {
  if (vm.hasExternalAddress) return ok(EXPECTED, say('route-external', { vm: vm.name }));
  const region = regionOf(vm.zone);
  const access = yield* ask(getSubnetwork(host, region, vm.subnetwork), SUBNETWORK_PERMISSION, readAccess);
  if (access.kind !== 'read') return unreadable(EXPECTED, access.why);
  if (access.value === 'on') return ok(EXPECTED, say('route-private-access', { subnetwork: vm.subnetwork }));
  const nats = yield* ask(listRouters(host, region), ROUTERS_PERMISSION, readNats(vm.network));
  if (nats.kind !== 'read') return unreadable(EXPECTED, nats.why);
  if (nats.value > 0) return ok(EXPECTED, say('route-nat', { network: vm.network, region }));
  return fault(EXPECTED, say('route-no-way', { vm: vm.name, subnetwork: vm.subnetwork, region }));
}

export const egressRoute: Check = {
  id: 'egress-route',
  asks: 'routes of the VM’s network, its external address, Private Google Access and Cloud NAT',
  permissions: [ROUTES_PERMISSION, SUBNETWORK_PERMISSION, ROUTERS_PERMISSION, INSTANCE_PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const vm = firstVm(subject);
    if (vm === undefined) return unreadable(EXPECTED, say('no-vm', {}));
    const instance = yield* askInstance(vm);
    if (instance.kind !== 'read') return unreadable(EXPECTED, instance.why);
    const { network, networkProject, subnetwork } = instance.value;
    const host = isName(networkProject) ? networkProject : vm.project;
    const routes = yield* ask(listRoutes(host), ROUTES_PERMISSION, readRoutes);
    if (routes.kind !== 'read') return unreadable(EXPECTED, routes.why);
    const way = routes.value.find(
      (route) => route.network === network && route.isUsable && TO_GOOGLE.test(route.range),
    );
    if (way === undefined) return fault(EXPECTED, say('route-none', { network }));
    if (!instance.value.hasExternalAddress && !isName(subnetwork))
      return unreadable(EXPECTED, say('route-no-subnetwork', {}));
    return yield* readAddress(instance.value, host);
  },
};
