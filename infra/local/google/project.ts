// The made-up project behind the stand-in for Google's APIs: its VMs, rules, policy and services, in one readable place.
// Three faults are planted, the same three that the made-up hour writes of; each can be repaired and planted again.
import type { GoogleWorld, WorldVm } from './world.ts';

/** What the sample fleet says of a VM. */
export interface PlannedVm {
  readonly name: string;
  readonly id: string;
  readonly zone: string;
  readonly group: string;
}

export interface ProjectPlan {
  readonly project: { readonly id: string; readonly number: string };
  readonly fleet: readonly PlannedVm[];
  /** Names of the VMs whose agent stopped, and when. */
  readonly stopped: { readonly names: readonly string[]; readonly atMs: number };
  readonly startedAtMs: number;
}

const REGION = 'europe-west3';
const ENVOY = '2c3b1f8f5cf0a1e5d3b8b5b0e8c6a1d2e3f4a5b6/1.29.7/Clean/RELEASE/BoringSSL';

function vmOf(plan: ProjectPlan, planned: PlannedVm): WorldVm {
  const account = `proxies@${plan.project.id}.iam.gserviceaccount.com`;
  const spec = {
    'proxy-port': 15_001,
    // Somebody gave the template of `checkout` the name of a network that no forwarding rule knows.
    network: planned.group === 'checkout' ? 'prod-vpc' : 'default',
    'project-number': plan.project.number,
    // And `web-frontend` an access log that Envoy's user may not write.
    ...(planned.group === 'web-frontend' ? { 'access-log': '/var/log/envoy/access.log' } : {}),
  };
  return {
    ...planned,
    status: 'RUNNING',
    network: 'default',
    subnetwork: 'default',
    hasExternalAddress: false,
    tags: ['mesh'],
    account,
    scopes: ['https://www.googleapis.com/auth/cloud-platform'],
    createdBy: `projects/${plan.project.number}/zones/${planned.zone}/instanceGroupManagers/${planned.group}`,
    serviceProxy: { 'api-version': '0.2', 'proxy-spec': spec, service: { 'serving-ports': [80] } },
    startedAtMs: plan.startedAtMs,
    hasGuestAttributes: true,
    labels: { 'gce-service-proxy': 'on' },
    guestAttributes: {
      'bootstrap-status': 'FINISHED',
      'proxy-version': ENVOY,
      'agent-heartbeat': plan.stopped.names.includes(planned.name)
        ? new Date(plan.stopped.atMs).toISOString()
        : 'beating',
    },
  };
}

/** The project as it is when the hour ends. */
export function madeUpProject(plan: ProjectPlan): GoogleWorld {
  const groups = [...new Set(plan.fleet.map(({ group }) => group))];
  return {
    project: plan.project,
    region: REGION,
    vms: plan.fleet.map((planned) => vmOf(plan, planned)),
    groupManagers: groups.map((name) => ({
      name,
      place: `zones/${plan.fleet.find(({ group }) => group === name)?.zone ?? ''}`,
    })),
    forwardingRules: [{ name: 'mesh-default', network: 'default', address: '0.0.0.0' }],
    firewalls: [],
    routes: [{ name: 'default-route', network: 'default', destRange: '0.0.0.0/0' }],
    subnetworks: [{ name: 'default', region: REGION, privateIpGoogleAccess: true }],
    routers: [],
    services: {
      'trafficdirector.googleapis.com': 'ENABLED',
      'networkservices.googleapis.com': 'ENABLED',
      'logging.googleapis.com': 'ENABLED',
    },
    bindings: [
      {
        role: 'roles/trafficdirector.client',
        members: [`serviceAccount:proxies@${plan.project.id}.iam.gserviceaccount.com`],
      },
    ],
    meshes: [],
    gateways: [],
    backendServices: [
      {
        name: 'catalog-service',
        id: '4711471147114711',
        groups: [{ group: 'catalog', healthy: 10, total: 10 }],
      },
    ],
  };
}

/** Mends the network of `checkout`: a rule for the network that its VMs name. */
export function plantForwardingRule(world: GoogleWorld): void {
  world.forwardingRules.push({ name: 'mesh-prod', network: 'prod-vpc', address: '0.0.0.0' });
}

/** Recreates the VMs whose agents stopped, as the group would: the agents beat again. */
export function restartAgents(world: GoogleWorld, names: readonly string[]): void {
  for (const vm of world.vms) if (names.includes(vm.name)) vm.guestAttributes['agent-heartbeat'] = 'beating';
}

/** Stops agents now: their heartbeats stand from this moment on. */
export function stopAgents(world: GoogleWorld, names: readonly string[], atMs: number): void {
  for (const vm of world.vms)
    if (names.includes(vm.name)) vm.guestAttributes['agent-heartbeat'] = new Date(atMs).toISOString();
}
