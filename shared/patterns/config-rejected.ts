// Envoy refuses a resource that is no listener: a cluster, routes, endpoints, a secret, a runtime layer, an extension.
// It keeps the old one and refuses the new one at every push until somebody corrects it.
import type { LogRecord } from '#shared/model/record.ts';
import { normaliseReason } from './listener-rejected.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'type' | 'resource' | 'reason';

const TYPES: Readonly<Record<string, string>> = {
  CDS: 'Cluster',
  RDS: 'RouteConfiguration',
  SRDS: 'ScopedRouteConfiguration',
  VHDS: 'VirtualHost',
  EDS: 'ClusterLoadAssignment',
  SDS: 'Secret',
  RTDS: 'Runtime',
  ECDS: 'TypedExtensionConfig',
};

/** `type.googleapis.com/envoy.config.cluster.v3.Cluster`, `envoy.api.v2.Cluster` and `CDS` are all `Cluster`. */
function shortType(type: string): string {
  return TYPES[type] ?? type.slice(type.lastIndexOf('.') + 1);
}

const NAMED =
  /^(?:Error adding\/updating (?:cluster|route|secret|resource)(?:\(s\))? (?<resource>[^ ]{1,200}): )?(?<reason>.{0,2000})/;
const IN_ROUTE = / in route (?<resource>\S{1,200})/;

function readReason(_record: LogRecord, found: Found<Name>): Found<Name> {
  const named = NAMED.exec(found.reason ?? '')?.groups ?? {};
  const reason = named['reason'] ?? '';
  const resource = found.resource ?? named['resource'] ?? IN_ROUTE.exec(reason)?.groups?.['resource'] ?? '';
  return { type: shortType(found.type ?? ''), resource, reason };
}

export const configRejected = definePattern<Name>()({
  id: 'config-rejected',
  title: 'Envoy rejects configuration from the control plane',
  severity: 'error',
  fields: ['type', 'resource', 'reason'],
  signs: [
    {
      kind: 'text',
      name: 'nack',
      contains: ['rejected: ', 'rejected:'],
      regexp:
        /^(?:gRPC|REST|delta) config for (?:type\.googleapis\.com\/)?(?<type>(?!(?:[\w.]{0,80}\.)?Listener )[\w.]{1,100}) (?:update )?rejected: ?(?<reason>.{0,2000})/i,
      read: readReason,
    },
    {
      kind: 'text',
      name: 'cds-reason',
      contains: ['Error adding/updating '],
      regexp:
        /^Error adding\/updating (?<type>cluster|route|secret)(?:\(s\))? (?<resource>[^ ]{1,200}): (?<reason>.{0,2000})/,
      read: (record, found) => ({
        ...readReason(record, found),
        type: found.type === 'cluster' ? 'Cluster' : (found.type ?? ''),
      }),
    },
    {
      // The control plane's own view of a rejection.
      kind: 'text',
      name: 'ack-error',
      contains: [': ACK ERROR '],
      regexp:
        /^(?:ADS:)?(?<type>CDS|EDS|RDS|SRDS|VHDS|SDS|RTDS|ECDS|NDS|PCDS): ACK ERROR \S{1,300} (?:\w{1,30}:)?(?<reason>.{0,2000})/,
      read: readReason,
    },
    {
      kind: 'text',
      name: 'file',
      contains: ['Filesystem config update '],
      regexp: /^Filesystem config update (?:rejected|failure): ?(?<reason>.{0,2000})/,
      read: readReason,
    },
    {
      // Before rejections had a form of their own; without a reason it is the fetch itself that failed.
      kind: 'text',
      name: 'fetch-failure',
      contains: ['ds: fetch failure: '],
      regexp: /^(?<type>cds|rds|eds|sds): fetch failure: (?<reason>.{1,2000})/,
      read: (record, found) => readReason(record, { ...found, type: (found.type ?? '').toUpperCase() }),
    },
    {
      // Istio's readiness probe has the counters: a rejection that is counted is no start-up matter.
      kind: 'text',
      name: 'counted',
      contains: ['but was rejected'],
      regexp:
        /^(?:Envoy proxy is NOT ready: )?config received from [\w ]{1,40}, but was rejected(?:: (?<reason>.{0,300}))?/,
      read: readReason,
    },
  ],
  scope: (found, record) => ({
    project: record.proxy.project,
    type: found.type ?? '',
    resource: found.resource ?? '',
    reason: normaliseReason(found.reason ?? ''),
  }),
  headline: ({ scope }) =>
    `Envoy rejects ${or(scope['type'], 'configuration')}${scope['resource'] === undefined ? '' : ` ${scope['resource']}`}: ${or(scope['reason'], 'no reason given')}`,
  cause: ({ scope }) =>
    `The ${or(scope['type'], 'resource')} that the control plane sent is not valid for this Envoy, which keeps its old one if it has any.`,
  checks: ['envoy-config', 'envoy-versions'],
  remedy: ({ proxies, scope }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'dump',
        say: 'Read what Envoy refused, with its full error, in `error_state` of the configuration dump.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'curl -s localhost:15000/config_dump | grep -A8 error_state'}`,
      },
      {
        id: 'source',
        say: 'Correct the resource it was made from: backend service for a Cluster, URL map or route for a RouteConfiguration, EnvoyFilter or extension where the reason names one.',
        run: sh`gcloud compute backend-services list --global --project=${project} --filter=${'loadBalancingScheme=INTERNAL_SELF_MANAGED'}`,
      },
      {
        id: 'upgrade',
        say: 'If the reason names an unknown field or extension, the proxies are older than the configuration: upgrade Envoy.',
      },
    ];
  },
  explains: [],
  yieldsTo: [],
  gone: { quietAfterMs: HOUR_MS, proof: 'the next push is accepted: no new rejection while pushes go on' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'envoy: source/extensions/config_subscription/grpc/grpc_subscription_impl.cc',
    'envoy: source/extensions/config_subscription/grpc/delta_subscription_state.cc',
    'istio: pilot/pkg/xds/ads.go',
  ],
});
