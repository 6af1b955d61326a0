// The made-up project → resources in the form that Google's APIs answer with.
import type { GoogleWorld, WorldFirewall, WorldVm } from './world.ts';

type Json = Record<string, unknown>;

const COMPUTE = 'https://www.googleapis.com/compute/v1/projects';
const BEAT_EVERY_MS = 30_000;

const global = (world: GoogleWorld, kind: string, name: string): string =>
  `${COMPUTE}/${world.project.id}/global/${kind}/${name}`;

export function instance(world: GoogleWorld, vm: WorldVm): Json {
  const items = [
    ...(vm.createdBy === '' ? [] : [{ key: 'created-by', value: vm.createdBy }]),
    ...(vm.hasGuestAttributes ? [{ key: 'enable-guest-attributes', value: 'TRUE' }] : []),
    ...(vm.serviceProxy === undefined
      ? []
      : [{ key: 'gce-service-proxy', value: JSON.stringify(vm.serviceProxy) }]),
  ];
  const access = vm.hasExternalAddress ? [{ type: 'ONE_TO_ONE_NAT', natIP: '192.0.2.1' }] : [];
  return {
    kind: 'compute#instance',
    id: vm.id,
    name: vm.name,
    zone: `${COMPUTE}/${world.project.id}/zones/${vm.zone}`,
    status: vm.status,
    creationTimestamp: new Date(vm.startedAtMs).toISOString(),
    lastStartTimestamp: new Date(vm.startedAtMs).toISOString(),
    labels: vm.labels,
    tags: { items: vm.tags },
    metadata: { kind: 'compute#metadata', items },
    serviceAccounts: vm.account === '' ? [] : [{ email: vm.account, scopes: vm.scopes }],
    networkInterfaces: [
      {
        network: global(world, 'networks', vm.network),
        subnetwork: `${COMPUTE}/${world.project.id}/regions/${world.region}/subnetworks/${vm.subnetwork}`,
        ...(access.length === 0 ? {} : { accessConfigs: access }),
      },
    ],
  };
}

/** Undefined where nothing was ever written: Google answers 404 then. */
export function guestAttributes(vm: WorldVm, nowMs: number): Json | undefined {
  const names = Object.keys(vm.guestAttributes);
  if (names.length === 0) return undefined;
  const beat = new Date(nowMs - (nowMs % BEAT_EVERY_MS)).toISOString();
  return {
    kind: 'compute#guestAttributes',
    queryPath: 'gce-service-proxy/',
    queryValue: {
      items: names.map((key) => {
        const value = vm.guestAttributes[key] ?? '';
        return { namespace: 'gce-service-proxy', key, value: value === 'beating' ? beat : value };
      }),
    },
  };
}

export const forwardingRules = (world: GoogleWorld): Json[] =>
  world.forwardingRules.map(({ name, network, address }) => ({
    kind: 'compute#forwardingRule',
    name,
    loadBalancingScheme: 'INTERNAL_SELF_MANAGED',
    IPAddress: address,
    network: global(world, 'networks', network),
  }));

export const firewalls = (world: GoogleWorld): Json[] =>
  world.firewalls.map(({ action, protocols, network, ...rest }: WorldFirewall) => ({
    kind: 'compute#firewall',
    direction: 'EGRESS',
    disabled: false,
    ...rest,
    network: global(world, 'networks', network),
    [action]: protocols,
  }));

export const routes = (world: GoogleWorld): Json[] =>
  world.routes.map(({ name, network, destRange }) => ({
    kind: 'compute#route',
    name,
    destRange,
    network: global(world, 'networks', network),
    nextHopGateway: global(world, 'gateways', 'default-internet-gateway'),
  }));

export const routers = (world: GoogleWorld, region: string): Json[] =>
  world.routers
    .filter((router) => router.region === region)
    .map(({ name, network, nats }) => ({
      kind: 'compute#router',
      name,
      network: global(world, 'networks', network),
      nats: Array.from({ length: nats }, (_, index) => ({ name: `nat-${index}` })),
    }));

export const backendServices = (world: GoogleWorld): Json[] =>
  world.backendServices.map(({ name, id, groups }) => ({
    kind: 'compute#backendService',
    name,
    id,
    loadBalancingScheme: 'INTERNAL_SELF_MANAGED',
    backends: groups.map(({ group }) => ({
      group: `${COMPUTE}/${world.project.id}/zones/${world.region}-a/instanceGroups/${group}`,
    })),
  }));

/** Undefined for a service or a group that does not exist. */
export function backendHealth(world: GoogleWorld, service: string, groupUrl: string): Json | undefined {
  const name = groupUrl.slice(groupUrl.lastIndexOf('/') + 1);
  const found = world.backendServices
    .find((one) => one.name === service)
    ?.groups.find(({ group }) => group === name);
  if (found === undefined) return undefined;
  return {
    kind: 'compute#backendServiceGroupHealth',
    healthStatus: Array.from({ length: found.total }, (_, index) => ({
      healthState: index < found.healthy ? 'HEALTHY' : 'UNHEALTHY',
      port: 80,
    })),
  };
}
