// Has the VM a way to Google's APIs: a route, and an external address, Private Google Access or Cloud NAT?
import { ask, fault, ok, unreadable, type Asking, type Check, type Reading } from './check.ts';
import { askInstance, firstVm, hasVm, INSTANCE_PERMISSION, type Instance } from './instance.ts';
import { lastSegment, objectsOf, textOf, type JsonObject } from './json.ts';
import { getSubnetwork, isName, listRouters, listRoutes, regionOf } from './requests.ts';

const ROUTES_PERMISSION = 'compute.routes.list';
const SUBNETWORK_PERMISSION = 'compute.subnetworks.get';
const ROUTERS_PERMISSION = 'compute.routers.list';
const EXPECTED = 'a route to Google’s APIs, and an external address, Private Google Access or Cloud NAT';
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
  if (vm.hasExternalAddress) return ok(EXPECTED, `${vm.name} has an external address and a route`);
  const region = regionOf(vm.zone);
  const access = yield* ask(getSubnetwork(host, region, vm.subnetwork), SUBNETWORK_PERMISSION, readAccess);
  if (access.kind !== 'read') return unreadable(EXPECTED, access.why);
  if (access.value === 'on') return ok(EXPECTED, `Private Google Access is on in ${vm.subnetwork}`);
  const nats = yield* ask(listRouters(host, region), ROUTERS_PERMISSION, readNats(vm.network));
  if (nats.kind !== 'read') return unreadable(EXPECTED, nats.why);
  if (nats.value > 0) return ok(EXPECTED, `Cloud NAT serves ${vm.network} in ${region}`);
  return fault(
    EXPECTED,
    `${vm.name} has no external address, Private Google Access is off in ${vm.subnetwork}, and ${region} has no Cloud NAT`,
  );
}

export const egressRoute: Check = {
  id: 'egress-route',
  asks: 'routes of the VM’s network, its external address, Private Google Access and Cloud NAT',
  permissions: [ROUTES_PERMISSION, SUBNETWORK_PERMISSION, ROUTERS_PERMISSION, INSTANCE_PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const vm = firstVm(subject);
    if (vm === undefined) return unreadable(EXPECTED, 'no VM is known');
    const instance = yield* askInstance(vm);
    if (instance.kind !== 'read') return unreadable(EXPECTED, instance.why);
    const { network, networkProject, subnetwork } = instance.value;
    const host = isName(networkProject) ? networkProject : vm.project;
    const routes = yield* ask(listRoutes(host), ROUTES_PERMISSION, readRoutes);
    if (routes.kind !== 'read') return unreadable(EXPECTED, routes.why);
    const way = routes.value.find(
      (route) => route.network === network && route.isUsable && TO_GOOGLE.test(route.range),
    );
    if (way === undefined)
      return fault(EXPECTED, `no route of ${network} leads to 0.0.0.0/0 or to Google’s ranges`);
    if (!instance.value.hasExternalAddress && !isName(subnetwork))
      return unreadable(EXPECTED, 'the subnetwork of the VM is unknown');
    return yield* readAddress(instance.value, host);
  },
};
