// Requests find no healthy backend, or the backend refuses, breaks off or answers 5xx.
// Access logs are read by what Envoy decided only. One request proves little, so nearly every sign is weak.
import type { AccessLog, LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'cluster' | 'status' | 'flags' | 'details' | 'error';

/** Service and port of an upstream cluster, without what differs from pod to pod or subset to subset. */
function normaliseCluster(cluster: string, group: string): string {
  const [direction, port, , host] = cluster.split('|');
  if (port !== undefined && direction === 'inbound')
    return or(group, 'inbound') + (port === '' ? '' : `:${port}`);
  const name = port === undefined || host === undefined ? cluster : `${host}:${port}`;
  return name
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>')
    .replace(/-[0-9a-f]{6,10}-[0-9a-z]{5}(?=[.:]|$)/, '')
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '<address>');
}

function readAccess(record: LogRecord): Found<Name> {
  const { access } = record;
  return {
    cluster: access === undefined ? '' : normaliseCluster(access.upstreamCluster, record.proxy.group),
    status: String(access?.status ?? ''),
    flags: access?.flags.join(',') ?? '',
    details: access?.details ?? '',
  };
}

/** A failed handshake is a matter of certificates, not of health. */
function isTls(access: AccessLog): boolean {
  return /TLS_error|CERTIFICATE|Secret_is_not/i.test(access.details + access.transportFailure);
}

const REFUSED = /delayed_connect_error|immediate_connect_error|connection_failure/;
const BROKEN_OFF = new Set(['UC', 'UR', 'UT', 'LH', 'URX']);

export const unhealthyBackends = definePattern<Name>()({
  id: 'unhealthy-backends',
  title: 'Backends are unhealthy',
  severity: 'error',
  fields: ['cluster', 'status', 'flags', 'details', 'error'],
  signs: [
    {
      kind: 'access',
      name: 'none-healthy',
      matches: (access) => access.flags.includes('UH') || access.details.startsWith('no_healthy_upstream'),
      weight: 'weak',
      read: readAccess,
    },
    {
      kind: 'access',
      name: 'refused',
      matches: (access) =>
        (access.flags.includes('UF') || REFUSED.test(access.details + access.transportFailure)) &&
        !isTls(access),
      weight: 'weak',
      read: readAccess,
    },
    {
      kind: 'access',
      name: 'broken-off',
      matches: (access) =>
        access.status >= 500 && access.flags.some((flag) => BROKEN_OFF.has(flag)) && !isTls(access),
      weight: 'weak',
      read: readAccess,
    },
    {
      kind: 'access',
      name: 'answered-5xx',
      // Old formats have no details; a 5xx without a flag came from the backend there too.
      matches: (access) =>
        access.status >= 500 &&
        (access.details === 'via_upstream' || (access.details === '' && access.flags.length === 0)),
      weight: 'weak',
      read: readAccess,
    },
    {
      kind: 'text',
      name: 'no-healthy-host',
      contains: ['o healthy host', 'o healthy upstream'],
      // Behind a code (`14, no healthy upstream`) it is the control plane that has no host.
      regexp: /^(?:\[[^\]]{1,80}\] ?){0,3}no healthy (?:host|upstream)s?\b/i,
      weight: 'weak',
    },
    {
      kind: 'text',
      name: 'connect-error',
      contains: ['pstream connect error'],
      regexp:
        /^(?!.{0,200}(?:config stream|rejected:|CSR|xds))(?:.{0,200}\W)?upstream connect error or disconnect\/reset before headers.{0,200}(?:delayed|immediate)[ _]connect[ _]error: ?(?<error>[\w ]{1,60})/i,
      weight: 'weak',
    },
    {
      // ztunnel's access log; what a policy forbids is not here.
      kind: 'text',
      name: 'ztunnel',
      contains: ['connection complete', 'connection failed'],
      regexp:
        /^connection (?:complete|failed)\b.{0,1500} error="(?<error>connection timed out|io error: (?:Connection refused|No route to host|deadline has elapsed)|no healthy upstream|no service for target|http status: 503)/,
      weight: 'weak',
    },
    {
      kind: 'text',
      name: 'probe',
      contains: ['Request to probe app failed'],
      regexp:
        /^Request to probe app failed: .{0,400}?(?<error>connection refused|timeout|deadline exceeded|EOF|$)/i,
      weight: 'weak',
      read: (record, found) => ({ ...found, cluster: record.proxy.group }),
    },
    {
      kind: 'text',
      name: 'health-check',
      contains: ['health_check_failure_event', 'eject_unhealthy_event', 'ealthState', '"EJECT"'],
      regexp:
        /^\{.{0,4000}(?:"(?:health_check_failure|eject_unhealthy)_event":|"(?:detailedHealthState|healthState)": ?"(?:UNHEALTHY|TIMEOUT)|"action": ?"EJECT")/,
      read: (record, found) => {
        const name = /"cluster_name": ?"([^"]{1,200})"/.exec(record.text)?.[1] ?? '';
        return { ...found, cluster: normaliseCluster(name, record.proxy.group) };
      },
    },
  ],
  scope: (found, record) => ({ project: record.proxy.project, cluster: found.cluster ?? '' }),
  headline: ({ scope }) => `Backends of ${or(scope['cluster'], 'a service')} are unhealthy`,
  cause: ({ fields }) => {
    if (/UH|no_healthy/.test(`${fields.flags} ${fields.details}`))
      return 'Envoy knows no healthy endpoint of the service, or none at all.';
    if (fields.details === 'via_upstream') return `The backend itself answered ${or(fields.status, '5xx')}.`;
    return 'The backends refuse connections, break them off or answer too late.';
  },
  checks: ['backend-health', 'instance-group', 'egress-firewall'],
  remedy: ({ scope, proxies }) => {
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'health',
        say: 'Read what the health checks say of each backend.',
        run: sh`gcloud compute backend-services get-health BACKEND_SERVICE --global --project=${project}`,
      },
      {
        id: 'firewall',
        say: 'If all are unhealthy but serve, the firewall must let the health checkers in (35.191.0.0/16, 130.211.0.0/22) on the port that is checked.',
        run: sh`gcloud compute firewall-rules list --project=${project} --filter=${'sourceRanges:(35.191.0.0/16 130.211.0.0/22)'}`,
      },
      {
        id: 'endpoints',
        say: 'See which endpoints Envoy holds, and their health flags.',
        run: sh`gcloud compute ssh ${or(proxies[0]?.displayName, 'INSTANCE_NAME')} --zone=${or(proxies[0]?.location, 'ZONE')} --project=${project} --command=${'curl -s localhost:15000/clusters'}`,
      },
      {
        id: 'rules',
        say: 'Mind two things: once 99 % of the endpoints are unhealthy, health is ignored and traffic goes to all of them; before that, it goes to healthy ones in regions farther away, which only costs latency.',
      },
    ];
  },
  explains: [],
  yieldsTo: ['control-plane-unreachable', 'tls-certificate'],
  gone: { quietAfterMs: HOUR_MS / 4, proof: 'the health checks of the service pass' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage',
    'envoy: source/common/upstream/cluster_manager_impl.cc',
  ],
});
