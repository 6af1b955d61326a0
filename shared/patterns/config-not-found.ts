// The control plane answers, but has no configuration under the name the proxy asks for (gRPC status 5).
// The guide, «error messages in the Envoy log that indicate a configuration problem».
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'kind' | 'name' | 'projectNumber';

function thing(found: Found<Name>): string {
  return found.name === undefined ? 'what the proxies ask for' : `${found.kind} "${found.name}"`;
}

function remedyForNetwork(found: Found<Name>, project: string) {
  const network = or(found.name, 'VPC_NAME');
  return [
    {
      id: 'rules',
      say: 'List the forwarding rules that proxies can be served from, and note their networks.',
      run: sh`gcloud compute forwarding-rules list --global --project=${project} --filter=loadBalancingScheme=INTERNAL_SELF_MANAGED --format=${'table(name,network.basename(),IPAddress,target.basename())'}`,
    },
    {
      id: 'network',
      say: `If no rule names ${network}, create one there, or give the proxies the network that a rule does name.`,
    },
    {
      id: 'automatic',
      say: 'Automatic deployment: compare the network in the instance template with the rule.',
      run: sh`gcloud compute instance-templates describe TEMPLATE_NAME --project=${project} --format=${'value(properties.metadata.items.filter("key:gce-service-proxy"))'}`,
    },
    {
      id: 'manual',
      say: 'Manual deployment: TRAFFICDIRECTOR_NETWORK_NAME in the bootstrap must be that network, and TRAFFICDIRECTOR_GCP_PROJECT_NUMBER must be set.',
    },
    { id: 'gke', say: 'GKE: check project number and network name in the sidecar injector configuration.' },
  ] as const;
}

function remedyForMesh(found: Found<Name>, project: string) {
  return [
    {
      id: 'mesh',
      say: `No forwarding rule helps here: ${thing(found)} must exist as a Mesh or Gateway resource.`,
      run: sh`gcloud network-services meshes list --location=global --project=${project}`,
    },
    {
      id: 'gateway',
      say: 'For gateways, the scope of the Gateway resource must be the one that the proxies send.',
      run: sh`gcloud network-services gateways list --location=global --project=${project} --format=${'table(name.basename(),type,scope)'}`,
    },
    {
      id: 'new-mesh',
      say: 'A new managed mesh answers like this for its first 3 to 10 minutes; wait that long first.',
    },
  ] as const;
}

export const configNotFound = definePattern<Name>()({
  id: 'config-not-found',
  title: 'The control plane has no configuration for the proxies',
  severity: 'critical',
  fields: ['kind', 'name', 'projectNumber'],
  signs: [
    {
      kind: 'text',
      name: 'named',
      contains: ['onfiguration was not found for'],
      regexp:
        /(?:Cloud Service Mesh|Traffic Director) configuration was not found for (?<kind>network|mesh|scope) ?"(?<name>[^"]{1,200})"(?: in project ?"?(?<projectNumber>[\w:.-]{1,64})"?)?/i,
    },
    {
      kind: 'text',
      name: 'bare',
      contains: ['onfiguration was not found'],
      regexp:
        /(?:Cloud Service Mesh|Traffic Director) configuration was not found(?! for (?:network|mesh|scope) ?")/i,
    },
    {
      kind: 'text',
      name: 'status-5',
      contains: ['losed: 5, ', 's ago: 5, '],
      // LRS and old Envoys write «stream closed», newer ones «stream to X closed [since Ns ago]».
      regexp:
        /gRPC config stream (?:to \S+ )?closed(?: since \d+s ago)?: 5, (?!.*configuration was not found)/i,
    },
    {
      // The same status as other xDS clients write it: grpc-go, gRPC in C and Java, ztunnel.
      kind: 'text',
      name: 'client',
      weight: 'weak',
      contains: ['code = NotFound', 'NOT_FOUND:', 'status: NotFound'],
      regexp:
        /^(?=.{0,300}(?:\bADS stream\b|\bx[dD]S\b|\bxds|\bXDS\b|upstream \[\d|upstream grpc client))(?!.*configuration was not found)(?:.{0,600}\W)?(?:code = NotFound desc = |NOT_FOUND:|status: NotFound\b)/,
      sources: ['agent', 'service-proxy-agent', 'serial-port', 'unknown'],
    },
  ],
  scope: (found, record) =>
    found.name === undefined || found.kind === undefined
      ? { project: record.proxy.project }
      : { [found.kind]: found.name, project: found.projectNumber ?? record.proxy.project },
  headline: ({ fields, scope }) =>
    `No mesh configuration for ${fields.name === undefined ? 'the proxies' : thing(fields)}${scope['project'] === undefined ? '' : ` in project ${scope['project']}`}`,
  cause: ({ fields }) =>
    fields.kind === 'mesh' || fields.kind === 'scope'
      ? `The proxies ask for ${thing(fields)}, and no Mesh or Gateway resource of that name serves them.`
      : fields.name === undefined
        ? 'The control plane has nothing under the name that the proxies send: most often no forwarding rule with scheme INTERNAL_SELF_MANAGED names their network.'
        : `The proxies ask for ${thing(fields)}, and no forwarding rule with scheme INTERNAL_SELF_MANAGED names it.`,
  checks: ['forwarding-rules', 'meshes', 'service-proxy-metadata'],
  remedy: ({ fields, scope }) => {
    const project = or(scope['project'], 'PROJECT_ID');
    return fields.kind === 'mesh' || fields.kind === 'scope'
      ? remedyForMesh(fields, project)
      : remedyForNetwork(fields, project);
  },
  explains: [],
  yieldsTo: [],
  gone: {
    quietAfterMs: HOUR_MS / 2,
    proof: 'a forwarding rule, mesh or gateway of that name exists and no new line comes',
  },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'envoy: source/extensions/config_subscription/grpc/grpc_stream.h',
    'envoy: source/common/upstream/load_stats_reporter.cc',
  ],
});
