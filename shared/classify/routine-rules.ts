// Known noise: the rules by which lines that look bad and are not are told. Each has a named reason.
// Data only: which rules are tried on a text is decided by the prefilter, by their literals.
import type { Requirement } from './prefilter.ts';
import { saysError } from './says-error.ts';

export interface RoutineRule extends Requirement {
  readonly reason: string;
  /** Tried on `record.text`; anchored, because Envoy's and the agents' own messages begin the text. */
  readonly regexp: RegExp;
  /** Restricts the rule to lines that their writer calls harmless itself. */
  readonly quietOnly?: true;
  /** Judges what the expression can't. */
  readonly unless?: (text: string) => boolean;
}

/** What Lua says of a script that does not run. */
const LUA_ERROR = /:\d{1,6}: |\battempt to |\bbad argument /;

const STREAM = String.raw`^(?:\w{1,60} )?gRPC config stream (?:to \S{1,300} )?closed(?: since \d{1,9}s ago)?: ?`;

/** In the order in which they are tried: the first that matches names the reason. */
export const ROUTINE_RULES: readonly RoutineRule[] = [
  {
    // The server ends streams at its maximum age (13 with an empty message, about every 30 minutes) or by itself (0).
    reason: 'stream-rotation',
    contains: ['gRPC config stream '],
    regexp: new RegExp(
      `${STREAM}(?:0\\b|13,? ?$|13, (?:(?:Stream removed|Received RST_STREAM with error code 0)\\b|$)|1, ?(?:$|[Cc]ancell?ed|context canceled|CANCELLED)|14,? ?(?:$|(?:rpc error: code = Unavailable desc = )?(?:the connection is draining|transport is closing|GOAWAY received(?:; Error code: 0|$))|.{0,400}received prior goaway: code: NO_ERROR|.{0,200}max_age))`,
    ),
  },
  {
    reason: 'stream-rotation',
    contains: ['terminated', 'upstream XDS server'],
    regexp:
      /^(?:upstream (?:\[\d{1,9}\] )?terminated with unexpected error|(?:dis)?connected (?:from|to) upstream XDS server|ADS: "\S{1,200}" \S{1,200} terminated|resource:\S{1,200} connection is terminated).{0,300}(?:code = Canceled|context canceled|transport is closing|the connection is draining|NO_ERROR|code = Unavailable desc = error reading from server: EOF)/,
  },
  {
    reason: 'deprecation',
    contains: (
      'Using deprecated |Deprecated field: type|now-deprecated|deprecated runtime key|' +
      'Ignoring match_subject_alt_names|Unable to use runtime singleton|' +
      'Skipping unsupported runtime layer|failed to disable invalid extension name|is deprecated|' +
      'has been deprecated|will be removed |will be changed |existing default behavio'
    ).split('|'),
    regexp:
      /^(?:\[?external\S{1,200} )?(?:Using deprecated (?:option|extension name|value|default value|field)|Deprecated field: type|Using the default now-deprecated value|Usage of the deprecated runtime key|Ignoring match_subject_alt_names|Unable to use runtime singleton|Skipping unsupported runtime layer|failed to disable invalid extension name|v2 xDS transport protocol is deprecated|.{0,300}\b(?:is deprecated|has been deprecated|now-deprecated|will be (?:removed|changed) (?:from|in)|existing default behaviou?r))\b/,
  },
  {
    reason: 'drain',
    ignoreCase: true,
    contains: (
      'shutting down parent after drain|closing|draining|stopping|removing|caught sig|caught envoy_sig|' +
      'shutting down due to |shutting down admin due to |terminating parent process|' +
      'main dispatch loop exited|shutdown complete|shutdown request|graceful termination|' +
      'received signal|received terminated|received interrupt|received sig|exited normally|' +
      'aborted normally|aborting proxy|aborted proxy instance|status server has successfully|hotrestart|' +
      'hot-restart|hot restarting|forking and execing|no new connection|exiting|http: server closed|' +
      'server is terminated: '
    ).split('|'),
    regexp:
      /^(?:shutting down parent after drain|(?:closing|draining|stopping|removing)(?: and draining)? (?:drained )?(?:\d{1,6} )?listener|caught (?:ENVOY_)?SIG(?:TERM|INT|HUP|CHLD)\b|shutting down (?:admin )?due to |terminating parent process|main dispatch loop exited|(?:parent )?shutdown (?:complete|request)|Graceful termination|Agent draining|Received (?:signal:? )?(?:terminated|interrupt|SIG(?:TERM|INT)\b)|Epoch \d{1,6} (?:exited normally|aborted normally)|Aborting proxy|Aborted proxy instance|Status server has successfully terminated|hot-?restart(?:er)?[ :]|hot restarting|starting hot-?restarter|forking and execing|no new connections? will be accepted|exiting$|http: Server closed$|(?:Envoy proxy is NOT ready: )?server is terminated: )/i,
  },
  {
    reason: 'cancelled',
    contains: ['code = Canceled', 'context canceled'],
    regexp:
      /^(?!.{0,600}(?:Unavailable|Permission|Unauthenticated)).{0,300}(?:rpc error: code = Canceled|\bcontext canceled$)/,
  },
  {
    reason: 'no-connection-limit',
    contains: ['here is no configured limit'],
    regexp: /^[Tt]here is no configured limit to the number of allowed active (?:downstream )?connections/,
  },
  {
    reason: 'advice',
    contains: (
      'mTLS PERMISSIVE mode is used|known field: type |expected field: type |failed to read pod |' +
      'No admin address given|match rules require TLS Inspector|does not support tcmalloc|' +
      'is not recommended|is not secure|onsider upgrading|onsider switching|You are using |' +
      'is work in progress|is experimental|is alpha|is contained in proto file|work-in-progress'
    ).split('|'),
    regexp:
      /^(?:mTLS PERMISSIVE mode is used|Un(?:known|expected) field: type |failed to read pod (?:labels|annotations): |No admin address given|adding listener '[^']{0,200}': filter chain match rules require TLS Inspector|This platform does not support tcmalloc|gRPC (?:xDS )?config: .{0,100} is not (?:recommended|secure)|[Cc]onsider (?:upgrading|switching)|You are using (?:an )?(?:insecure|unverified)|envoy\.\S{1,100} is (?:work in progress|experimental|alpha)|message '[^']{1,200}' is contained in proto file|field '[^']{1,200}' (?:of type .{0,100} )?is (?:marked as )?work-in-progress)/,
  },
  {
    reason: 'xds-update',
    ignoreCase: true,
    contains: (
      'cds |cds: |lds |lds: |rds |rds: |eds |eds: |sds |sds: |tds |tds: |hds |hds: |ads: |xds: |nds: |' +
      'add |adde|addi|remov|updat|warm|cm init: |dependencies initialized|clusters initialized|' +
      'xds server|resource:|pushed |pushing |establishing new grpc bidi stream|grpc update for |' +
      'received grpc message for |grpc config for |sending discoveryrequest|discovery requests|' +
      'shared target |init manager | initialized'
    ).split('|'),
    regexp:
      /^(?:(?:cds|lds|rds|eds|sds|srds|rtds|ecds|vhds|odcds)(?: [^:]{0,100})?: |(?:add|remov|updat|warm)(?:e|ing|ed)? (?:new )?(?:warming |active )?(?:cluster|listener|route)|cm init: |all (?:dependencies|clusters) initialized|(?:dis)?connected (?:to|from) (?:upstream )?XDS server|(?:ADS|XDS|CDS|LDS|RDS|EDS|SDS|NDS|ECDS): (?:PUSH|new connection|REQ|ACK(?! ERROR)|Incremental|Pushing|"|new delta)|resource:\S{1,300} (?:pushed|new connection|connection is terminated|close)|Push(?:ed|ing) |Establishing new gRPC bidi stream|gRPC update for \S{1,200} failed$|Received gRPC message for |gRPC config for \S{1,200} accepted|Sending DiscoveryRequest|Pausing discovery requests|Resuming discovery requests|shared target |init manager |target \S{1,200} initialized)/i,
    quietOnly: true,
  },
  {
    // The echo of every stream that closes, whose own line says why; the first Envoys wrote it at warning.
    reason: 'stream-rotation',
    contains: ['gRPC update for '],
    regexp: /^gRPC update for \S{1,200} failed$/,
  },
  {
    reason: 'not-ready-yet',
    contains: 'config not fully received|config received|LDS |listeners |workers |0 rejected'.split('|'),
    regexp:
      /^(?:Envoy proxy is NOT ready: |Readiness probe failed: )?(?:config (?:not fully received|received)|.{0,60}(?:LDS|listeners|workers) (?:not|have not|hasn't)|.{0,200}\b0 rejected)(?!.{0,300}but was rejected)/,
  },
  {
    reason: 'ready',
    contains: ['Envoy proxy is ready', 'Readiness succeeded', 'Initialization took '],
    regexp: /^(?:Envoy proxy is ready|Readiness succeeded|Initialization took )/,
  },
  {
    reason: 'overload-over',
    contains: ['Overload action '],
    regexp: /^Overload action \S{1,200} (?:became inactive|is no longer active|deactivated)/,
  },
  {
    reason: 'script-succeeded',
    ignoreCase: true,
    contains: (
      'exit status 0|return code 0|startup script|startup-script|shutdown script|shutdown-script|' +
      '" succeeded'
    ).split('|'),
    regexp:
      /^(?:(?:startup|shutdown|specialize)-script(?:-url)?:? (?:exit status 0|Return code 0)|(?:Finished running|Starting|Found|No) (?:startup|shutdown)[ -]script|Script "[\w-]{1,60}" succeeded|Return code 0\b)/i,
  },
  { reason: 'shell-trace', contains: [], regexp: /^\++ \S/ },
  {
    reason: 'iptables-listing',
    contains: [],
    regexp:
      /^(?:(?:ip6?tables(?:-restore)?(?: -t \w{1,20})? )?-[ADINPF] [A-Z_]{3,60}\b|:[A-Z_]{3,60} (?:ACCEPT|DROP|-) \[|Chain [A-Z_]{3,60} \(|\*(?:nat|filter|mangle|raw)$|COMMIT$|(?:target|pkts bytes target) +prot opt)/,
  },
  {
    // A plug-in that guards applications writes its findings at the highest level: they are about clients.
    reason: 'firewall-event',
    contains: ['wasm log'],
    regexp: /^wasm log\b.{0,200}(?:Coraza|ModSecurity|\[id "\d{3,9}"\])/,
  },
  {
    reason: 'resolver-fallback',
    contains: [
      'Server returned error NXDOMAIN',
      'Using degraded feature set',
      'sudo: unable to resolve host ',
    ],
    regexp:
      /^(?:Server returned error NXDOMAIN, mitigating|Using degraded feature set|sudo: unable to resolve host )/,
  },
  { reason: 'agent-flags', contains: ['FLAG: --'], regexp: /^FLAG: --/ },
  {
    // Errors by their level only: keys that grow old, services that a machine does not have.
    reason: 'guest-agent',
    contains: ['invalid ssh key entry', 'Error restarting service'],
    regexp: /^(?:invalid ssh key entry - expired key|Error restarting service: Failed to try-restart )/,
  },
  {
    // The first Envoys wrote their own start at warning.
    reason: 'startup',
    contains:
      'initializing epoch |starting main dispatch loop|clusters initialized|dependencies initialized'.split(
        '|',
      ),
    regexp:
      /^(?:initializing epoch \d|starting main dispatch loop|(?:cm init: )?all (?:clusters|dependencies) initialized\b)/,
  },
  {
    // What package tools grumble about in every start-up script, because nobody sits at the terminal.
    reason: 'package-tools',
    contains: (
      'Get:|Hit:|Ign:|Setting up |Unpacking |Preparing to unpack |Selecting previously unselected |' +
      'Processing triggers for |debconf: |dpkg-preconfigure: unable|invoke-rc.d: could not|' +
      'perl: warning: |update-alternatives: |apt-key is deprecated|apt does not have a stable CLI|' +
      'locale: Cannot set |update-rc.d: warning'
    ).split('|'),
    regexp:
      /^(?:(?:Get|Hit|Ign):\d|(?:Setting up|Unpacking|Preparing to unpack|Selecting previously unselected|Processing triggers for) |debconf: |dpkg-preconfigure: unable to re-open stdin|invoke-rc\.d: could not determine|perl: warning: |update-alternatives: |(?:W: |Warning: )?apt-key is deprecated|WARNING: apt does not have a stable CLI|locale: Cannot set |update-rc\.d: warning)/,
  },
  // Istio's agent begins with a token and gets its first certificate by it.
  {
    reason: 'token',
    contains: ['cannot load key pair, using token'],
    regexp: /^cannot load key pair, using token instead/,
  },
  {
    reason: 'startup',
    ignoreCase: true,
    contains: (
      'initializing epoch |starting main dispatch loop|statically linked extensions|loading |' +
      'admin address: |starting admin http server|all worker|starting workers|runtime: |base_id|' +
      'http header map info|max open files|envoy command: |starting proxy agent|version |proxy role |' +
      'effective config|opening status port| sds|workload sds socket|sds server for workload'
    ).split('|'),
    regexp:
      /^(?:initializing epoch |starting main dispatch loop|statically linked extensions|loading (?:\d{1,6} |tracing|stats|bootstrap)|admin address: |Starting admin HTTP server|all workers? |starting workers|runtime: |base_id|HTTP header map info|max open files|Envoy command: |Starting proxy agent|Version |Proxy role |Effective config|Opening status port|(?:Starting|Start) (?:Istio )?SDS|Workload SDS socket not found|SDS server for workload)/i,
    quietOnly: true,
  },
  {
    reason: 'token',
    ignoreCase: true,
    contains: (
      'prepared federated token| credentials| token|generated new workload certificate|' +
      'root cert has changed|recreated connection|returned workload '
    ).split('|'),
    regexp:
      /^(?:Prepared federated token|(?:Downloading|Fetched|Refreshed|Got) (?:credentials|token|access token)|generated new workload certificate|root cert has changed|recreated connection|returned workload (?:trust anchor|certificate))/i,
    quietOnly: true,
  },
  {
    // What people's scripts and plug-ins print, at whatever level they like: only their words can say that something failed.
    reason: 'plugin-log',
    contains: ['wasm log', 'script log'],
    regexp: /^(?:wasm|script) log\b/,
    unless: (text) => LUA_ERROR.test(text) || saysError(text),
  },
];
