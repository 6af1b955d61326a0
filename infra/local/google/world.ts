// What a project looks like to the stand-in: plain, mutable data. Whoever holds it plants and repairs faults by changing it.

export interface WorldVm {
  readonly name: string;
  readonly id: string;
  readonly zone: string;
  readonly group: string;
  status: string;
  network: string;
  subnetwork: string;
  hasExternalAddress: boolean;
  tags: string[];
  /** `` = no service account. */
  account: string;
  scopes: string[];
  /** Value of metadata `created-by`; `` = made by hand. */
  createdBy: string;
  /** Value of metadata `gce-service-proxy`; undefined = deployed by hand. */
  serviceProxy: Readonly<Record<string, unknown>> | undefined;
  startedAtMs: number;
  /** Its metadata turns guest attributes on. */
  hasGuestAttributes: boolean;
  labels: Record<string, string>;
  /** A heartbeat of `beating` is given the current time whenever it is read. */
  guestAttributes: Record<string, string>;
}

export interface WorldFirewall {
  name: string;
  network: string;
  priority: number;
  action: 'allowed' | 'denied';
  protocols: { IPProtocol: string; ports?: string[] }[];
  destinationRanges: string[];
  targetTags?: string[];
  disabled?: boolean;
}

export interface GoogleWorld {
  readonly project: { readonly id: string; readonly number: string };
  readonly region: string;
  readonly vms: WorldVm[];
  readonly groupManagers: { name: string; place: string }[];
  readonly forwardingRules: { name: string; network: string; address: string }[];
  readonly firewalls: WorldFirewall[];
  readonly routes: { name: string; network: string; destRange: string }[];
  readonly subnetworks: { name: string; region: string; privateIpGoogleAccess: boolean }[];
  readonly routers: { name: string; region: string; network: string; nats: number }[];
  readonly services: Record<string, string>;
  readonly bindings: { role: string; members: string[]; condition?: { title: string } }[];
  readonly meshes: string[];
  readonly gateways: { name: string; scope: string }[];
  readonly backendServices: {
    name: string;
    id: string;
    groups: { group: string; healthy: number; total: number }[];
  }[];
}
