// The stream to the control plane does not come about or does not last: refused, silent, cut off, or TLS fails on the way.
// The guide, «the proxy does not connect»: firewall on 443, a wrong address, or a control plane that is down.
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'method' | 'target' | 'code' | 'sinceSeconds' | 'how' | 'resource';

const TLS = /TLS[ _]error|handshake|x509: |InvalidCertificate|SSL routines|CERTIFICATE_VERIFY|\btls: /i;
const SILENT = /initial fetch timed out|config not received/;

/** One of three causes, so that a control plane that is down is one incident whatever each proxy says about it. */
export type Unreachable = 'network' | 'silent' | 'tls';

function howOf(text: string): Unreachable {
  if (TLS.test(text)) return 'tls';
  return SILENT.test(text) ? 'silent' : 'network';
}

function read(record: LogRecord, found: Found<Name>): Found<Name> {
  return { ...found, how: howOf(record.text) };
}

const CAUSES: Readonly<Record<string, string>> = {
  tls: 'The proxies reach the control plane, but TLS between them fails: wrong authority, wrong name or an expired certificate.',
  silent: 'The control plane accepted the proxies but never sent them what they asked for.',
  network:
    'The proxies cannot hold a connection to the control plane: a firewall, a route, a wrong address, or a control plane that is down.',
};

export const controlPlaneUnreachable = definePattern<Name>()({
  id: 'control-plane-unreachable',
  title: 'The proxies cannot reach the control plane',
  severity: 'critical',
  fields: ['method', 'target', 'code', 'sinceSeconds', 'how', 'resource'],
  signs: [
    {
      // Envoy since about 1.21 speaks of these codes only once they have lasted longer than its longest pause.
      kind: 'text',
      name: 'damped',
      contains: ['closed since '],
      regexp:
        /^(?:(?<method>[A-Z]\w{2,60}) )?(?:gRPC config )?stream (?:to (?<target>\S{1,200}) )?closed since (?<sinceSeconds>\d{1,9})s ?ag ?o(?:: ?(?<code>4|8|14)\b| (?=connection error|upstream connect error))/,
      read,
    },
    {
      kind: 'text',
      name: 'changed',
      contains: ['(previously '],
      regexp:
        /^(?:(?<method>[A-Z]\w{2,60}) )?(?:gRPC config )?stream (?:to (?<target>\S{1,200}) )?closed: ?(?<code>4|8|14)\b.{0,2000}\(previously \d{1,2}, .{0,2000} since (?<sinceSeconds>\d{1,9})s ago\)/,
      read,
    },
    {
      // An old Envoy says the same of a single reconnection that works.
      kind: 'text',
      name: 'closed',
      weight: 'weak',
      contains: [
        ...(['closed: 4', 'closed: 8', 'closed: 14', 'closed:4', 'closed:8', 'closed:14'] as const),
        ...(['closed: upstream', 'closed:upstream', 'closed: connection', 'closed:connection'] as const),
      ],
      regexp:
        /^(?:(?<method>[A-Z]\w{2,60}) )?gRPC config stream (?:to (?<target>\S{1,200}) )?closed: ?(?:(?<code>4|8|14)\b(?!,? ?(?:$|(?:rpc error: code = Unavailable desc = )?(?:the connection is draining|transport is closing|GOAWAY received(?:; Error code: 0|$)|closing transport due to: .{0,400}received prior goaway: code: NO_ERROR)|.{0,200}max_age))(?!.{0,2000}\(previously \d)|(?=connection error: desc|upstream connect error))/,
      read,
    },
    {
      // Codes that say little by themselves: the transport's words behind them decide.
      kind: 'text',
      name: 'nested',
      weight: 'weak',
      contains: ['closed: 1', 'closed: 2', 'closed:1', 'closed:2'],
      regexp:
        /^(?:(?<method>[A-Z]\w{2,60}) )?gRPC config stream (?:to (?<target>\S{1,200}) )?closed: ?(?<code>1|2|13),? .{0,600}?(?:code = (?:Unavailable|DeadlineExceeded)|upstream connect error|connection (?:error|refused|reset|timed out)|RST_STREAM|Stream removed|handshake|[Dd]eadline [Ee]xceeded|status: 50[234]|\bEOF\b)/,
      read,
    },
    {
      kind: 'text',
      name: 'new-stream',
      contains: ['Unable to establish new stream', 'Failed to establish new stream'],
      regexp: /^(?:Unable|Failed) to establish new stream/,
      read,
    },
    {
      // What the listener or cluster list is for: without it the proxy serves nothing.
      kind: 'text',
      name: 'initial-fetch',
      contains: ['initial fetch timed out'],
      regexp:
        /^(?:gRPC|REST|delta) config: initial fetch timed out for (?:type\.googleapis\.com\/)?(?<resource>[\w.]{0,80}\b(?:Listener|Cluster))$/,
      read,
    },
    {
      // One name that the control plane does not know is enough for the rest.
      kind: 'text',
      name: 'initial-fetch-part',
      weight: 'weak',
      contains: ['initial fetch timed out'],
      regexp:
        /^(?:gRPC|REST|delta) config: initial fetch timed out for (?:type\.googleapis\.com\/)?(?<resource>(?!type\.|[\w.]{0,80}\b(?:Listener|Cluster|Secret)$)[\w.]{1,100})/,
      read,
    },
    {
      kind: 'text',
      name: 'not-ready',
      weight: 'weak',
      contains: ['config not received from'],
      regexp: /^(?:Envoy proxy is NOT ready: |Readiness probe failed: )?config not received from \w/,
      read,
    },
    {
      kind: 'text',
      name: 'retry',
      weight: 'weak',
      contains: ['stream/connection failure, will retry', 'REST update for ', 'ds: fetch failure'],
      regexp:
        /^(?:(?:Load reporter stats|HdsDelegate) stream\/connection failure, will retry in \d|REST update for \S{1,200} failed$|[clres]ds: fetch failure$)/,
      read,
    },
    {
      // grpc-go, in whatever agent it works: the words of its transport, which nothing else writes.
      kind: 'text',
      name: 'agent-dial',
      contains: ['transport: Error while dialing', 'transport: authentication handshake failed'],
      regexp:
        /^(?!(?:\S{1,60} )?(?:gRPC config )?stream (?:to |closed))(?!.{0,200}(?:telemetry|otel|trace|metric|monitoring|logging))(?:.{0,1000}\W)?transport: (?:Error while dialing|authentication handshake failed)/i,
      sources: ['agent', 'service-proxy-agent', 'serial-port', 'unknown', 'envoy'],
      read,
    },
    {
      kind: 'text',
      name: 'agent-stream',
      weight: 'weak',
      contains: ['code = Unavailable', 'code = DeadlineExceeded', 'ca request failed'],
      regexp:
        /^(?:ca request failed, starting attempt|(?=.{0,400}(?:upstream|XDS|xds|[Ii]stiod|[Pp]ilot|control plane|trafficdirector|meshconfig|meshca|certificate|CSR|root cert|dataplane|[Dd]iscovery))(?:.{0,1000}\W)?code = (?:Unavailable|DeadlineExceeded) desc = (?!transport is closing|closing transport due to: .{0,400}NO_ERROR|the connection is draining)(?!.{0,600}transport: (?:Error while dialing|authentication handshake failed)))/,
      sources: ['agent', 'service-proxy-agent', 'serial-port', 'unknown'],
      read,
    },
    {
      // gRPC in C and Java: its xDS client names the status in capitals.
      kind: 'text',
      name: 'other-client',
      weight: 'weak',
      contains: ['ADS stream closed', 'xDS call failed'],
      regexp:
        /^.{0,400}?\b(?:ADS stream closed with status|xDS call failed:(?: xDS channel for server \S{1,200}:)?) (?:UNAVAILABLE|DEADLINE_EXCEEDED)\b/,
      sources: ['agent', 'service-proxy-agent', 'serial-port', 'unknown'],
      read,
    },
    {
      kind: 'text',
      name: 'client',
      contains: ['XDS client', 'trafficdirector.', 'meshconfig.', 'meshca.', 'istiod', 'XDS server', 'xds:'],
      regexp:
        /^(?=.{0,300}(?<target>\b(?:trafficdirector|meshconfig|meshca)\.googleapis\.com\b|\bistiod\b|\bXDS (?:client|server)|\bxds:)).{0,600}?(?:[Cc]onnection (?:refused|timed out|reset by peer)|Failed to connect|failed to connect|Network is unreachable|[Nn]o route to host|network is unreachable|i\/o timeout|TLS handshake timeout|context deadline exceeded|gRPC connection error|InvalidCertificate|Failed connect to|timed out after \d)/,
      sources: ['agent', 'service-proxy-agent', 'serial-port', 'unknown'],
      read,
    },
  ],
  scope: (found, record) => ({ project: record.proxy.project, how: found.how ?? '' }),
  headline: ({ fields, scope }) =>
    `Proxies${scope['project'] === undefined ? '' : ` of ${scope['project']}`} cannot reach ${or(fields.target, 'the control plane')}${scope['how'] === 'tls' ? ' over TLS' : ''}`,
  cause: ({ scope }) =>
    CAUSES[scope['how'] ?? ''] ?? 'The proxies have no working stream to the control plane.',
  checks: ['egress-firewall', 'egress-route', 'api-state', 'instance-group'],
  remedy: ({ scope, proxies }) => {
    const project = or(scope['project'], 'PROJECT_ID');
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    return [
      {
        id: 'try',
        say: 'Try the way to the control plane from one of the proxies: DNS, TCP 443 and TLS in one go.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'curl -sv -o /dev/null --max-time 10 https://trafficdirector.googleapis.com:443'}`,
      },
      {
        id: 'firewall',
        say: 'If it times out, look for a firewall rule that denies egress on TCP 443, and for Cloud NAT or Private Google Access.',
        run: sh`gcloud compute firewall-rules list --project=${project} --filter=${'direction=EGRESS'} --format=${'table(name,network.basename(),priority,denied[].map().firewall_rule().list())'}`,
      },
      {
        id: 'tls',
        say: 'If TLS fails, compare the authority in the error with the one in the bootstrap; a proxy in the way, a wrong clock or an old root certificate shows here.',
      },
      {
        id: 'interception',
        say: "If only Envoy fails, see that Envoy's own user is exempt from interception.",
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'sudo iptables -t nat -S | grep uid-owner'}`,
      },
      {
        id: 'gke',
        say: 'On GKE, see that istiod or the managed control plane is up and that port 15012 is open to it.',
      },
    ];
  },
  explains: [],
  yieldsTo: [
    'api-disabled',
    'config-not-found',
    'dns-failure',
    'insufficient-scopes',
    'permission-denied',
    'redirect-loop',
    'unauthenticated',
  ],
  gone: { quietAfterMs: HOUR_MS / 4, proof: 'the proxies have a stream again: no new line while they live' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'envoy: source/extensions/config_subscription/grpc/grpc_stream.h',
    'envoy: source/extensions/config_subscription/grpc/grpc_subscription_impl.cc',
    'envoy: source/common/upstream/load_stats_reporter.cc',
    'https://grpc.github.io/grpc/core/md_doc_statuscodes.html',
  ],
});
