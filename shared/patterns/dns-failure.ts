// A name does not resolve: that of the control plane, of the metadata server, of a package server or of a backend.
// The guide names DNS next to the firewall as the reason why proxies do not connect.
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'host' | 'resolver';

/** Where clients name the host when it does not stand next to their complaint. */
const HOST =
  /(?:resolving|host address|resolve (?:host(?:name)?|proxy)?:?|bad address|UnknownHostException:|server at|[Ff]ailed to resolve(?: host(?:name)?)?|\bhost=|connecting to) ?['"‘(]?((?:https?:\/\/)?(?!host\b|address\b)[\w-][\w.-]{1,200})/;

/** A name as resolvers know it: lower case, without scheme, port, path and final dot. */
function readHost(record: LogRecord, found: Found<Name>): Found<Name> | undefined {
  // `sudo` complains about the name of its own machine and goes on.
  if (record.component === 'sudo') return undefined;
  const host = (found.host || (HOST.exec(record.text)?.[1] ?? ''))
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[:/].*$/s, '');
  return { ...found, host: host.replace(/\.+$/, '').slice(0, 200) };
}

export const dnsFailure = definePattern<Name>()({
  id: 'dns-failure',
  title: 'A name does not resolve',
  severity: 'error',
  fields: ['host', 'resolver'],
  signs: [
    {
      // Go: the lookup comes first, its i/o timeout behind it.
      kind: 'text',
      name: 'go',
      contains: ['lookup '],
      regexp:
        /\blookup (?<host>[\w.-]{1,200})(?:\\?<[\w .-]{1,40}\\?>[\w.-]{0,100})?(?: on (?<resolver>\[?[\da-fA-F.:]{3,45}\]?:\d{1,5}))?: (?:no such host|no answer|server misbehaving|i\/o timeout|operation was canceled|connection refused|Temporary failure|Try again|(?:read|write|dial) (?:udp|tcp)|cannot unmarshal DNS|device or resource busy|getaddrinfow|context deadline exceeded|no DNS servers|invalid DNS)/,
      read: readHost,
    },
    {
      // Python, Java, Node, Rust and C++ clients.
      kind: 'text',
      name: 'client',
      contains: [
        'getaddrinfo',
        'gaierror',
        'UnknownHostException',
        'nable to find the server at',
        'NameResolutionError',
        'failed to lookup address information',
        'nodename nor servname',
        'ailed to resolve ',
        'Host not found (',
      ],
      regexp:
        /(?:getaddrinfo(?: for host ?=? ?(?:'|")?[\w.-]{1,200}(?:'|")?)?(?: has)?(?:\(\))? ?:? ?(?:failed|ENOTFOUND|EAI_AGAIN|error)(?: (?<host>[\w.-]{1,200}))?|gaierror|UnknownHostException|[Uu]nable to find the server at |NameResolutionError|failed to lookup address information|nodename nor servname provided|[Ff]ailed to resolve (?:host|address|name|DNS|'|")|Host not found \()/,
      read: readHost,
    },
    {
      // curl, wget, apt, busybox, git, dnf, OpenSSH, and the shell around them.
      kind: 'text',
      name: 'tool',
      contains: [
        'ould not resolve',
        'ouldn’t resolve',
        "ouldn't resolve",
        'Temporary failure resolving',
        'nable to resolve',
        'Resolving timed out',
        'emporary failure in name resolution',
        'ame or service not known',
        'bad address ',
      ],
      regexp:
        /^(?!sudo: |.{0,200}\bsudo(?:\[\d{1,9}\])?: )(?:.{0,600}?[^\w])?(?:[Cc]ould(?:n['’]t| not) resolve (?:host(?:name)?|proxy)?:? ?['"‘]?(?<host>(?!address)[\w.:/-]{0,200})|Temporary failure resolving ['"‘]?(?:[\w.-]{1,200})|[Uu]nable to resolve (?:host(?:name)?|host address|proxy|address)|Resolving timed out after|(?:wget|ping|nc|telnet): bad address |[Tt]emporary failure in name resolution|[Nn]ame or service not known)/,
      read: readHost,
    },
    {
      // gRPC C-core, with and without c-ares.
      kind: 'text',
      name: 'grpc',
      contains: [
        'DNS resolution failed',
        'ARES_SUCCESS',
        'ame resolution failure',
        'DNS query cancelled',
        'Domain name not found',
        'esolver transient failure',
        'Could not contact DNS servers',
        'produced zero addresses',
      ],
      regexp:
        /(?:DNS resolution failed|C-ares status is not ARES_SUCCESS|Name resolution failure|name resolution failure|DNS query cancelled|Domain name not found|Could not contact DNS servers|name resolver error: produced zero addresses|[Rr]esolver transient failure)(?: (?:for service|for|with target name)?:? ?['"]?(?<host>(?!is\b|errors\b|qtype)[\w.-]{0,200}))?/,
      read: readHost,
    },
    {
      // Envoy's resolvers speak at debug only, and a backend's name may be gone for good reasons.
      kind: 'text',
      name: 'envoy',
      weight: 'weak',
      contains: ['NS resolution for ', 'ns resolution for ', 'NS failure for ', 'ns failure for '],
      regexp:
        /^(?:async )?(?:DNS|dns) (?:resolution|failure) for (?<host>[\w.-]{1,200})(?: (?:failed|timed out|returned error)\b|: )/,
      read: readHost,
    },
    {
      kind: 'access',
      name: 'forward-proxy',
      weight: 'weak',
      matches: ({ flags, details }) => flags.includes('DF') || details.startsWith('dns_resolution_failure'),
    },
  ],
  scope: (found, record) => ({ project: record.proxy.project, host: found.host ?? '' }),
  headline: ({ scope }) => `${or(scope['host'], 'A name')} does not resolve`,
  cause: ({ fields, scope }) =>
    `${fields.resolver === undefined ? 'The resolver' : `The resolver ${fields.resolver}`} gives no address for ${or(scope['host'], 'a name that the proxies need')}: the name is wrong, or the resolver is not reached or not allowed to answer.`,
  checks: ['egress-firewall', 'egress-route', 'service-proxy-metadata'],
  remedy: ({ scope, proxies }) => {
    const host = or(scope['host'], 'HOST_NAME');
    const project = or(scope['project'], 'PROJECT_ID');
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    return [
      {
        id: 'lookup',
        say: 'Ask for the name on one of the machines, and see which resolver it uses.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${`getent ahosts ${host.replaceAll(/[^\w.-]/g, '')}; cat /etc/resolv.conf`}`,
      },
      {
        id: 'private-zone',
        say: 'Look for a private zone or a response policy that hides the name from this network.',
        run: sh`gcloud dns managed-zones list --project=${project} --filter=${'visibility=private'}`,
      },
      {
        id: 'google-names',
        say: 'Names of Google need 169.254.169.254 as resolver (or one that forwards to it); a policy that blocks it blocks the metadata server too.',
        run: sh`gcloud dns response-policies list --project=${project}`,
      },
      {
        id: 'gke',
        say: 'On GKE, see that kube-dns or CoreDNS runs and that a network policy allows port 53.',
      },
    ];
  },
  explains: ['control-plane-unreachable'],
  yieldsTo: ['unauthenticated'],
  gone: { quietAfterMs: HOUR_MS / 2, proof: 'the name resolves: no new line while the machines live' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'https://cloud.google.com/dns/docs/troubleshooting',
    'envoy: source/extensions/network/dns_resolver/cares/dns_impl.cc',
    'go: src/net/dnsclient_unix.go',
  ],
});
