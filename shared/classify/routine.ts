// Known noise: lines that look bad and are not. Each has a named reason, under which it is counted and told.
// In: a record that no pattern recognised. Out: the reason, or undefined.
import type { AccessLog, LogLevel, LogRecord } from '#shared/model/record.ts';
import { saysError } from './says-error.ts';

interface RoutineRule {
  readonly reason: string;
  /** Tried on `record.text`; anchored, because Envoy's and the agents' own messages begin the text. */
  readonly regexp: RegExp;
  /** Restricts the rule to lines that their writer calls harmless itself. */
  readonly quietOnly?: true;
}

const STREAM = String.raw`^(?:\w{1,60} )?gRPC config stream (?:to \S{1,300} )?closed(?: since \d{1,9}s ago)?: ?`;

/** Order matters only for speed: the commonest first. */
const RULES: readonly RoutineRule[] = [
  {
    // The server ends streams at its maximum age (13 with an empty message, about every 30 minutes) or by itself (0).
    reason: 'stream-rotation',
    regexp: new RegExp(
      `${STREAM}(?:0\\b|13,? ?$|13, (?:(?:Stream removed|Received RST_STREAM with error code 0)\\b|$)|1, ?(?:$|[Cc]ancell?ed|context canceled|CANCELLED)|14,? ?(?:$|(?:rpc error: code = Unavailable desc = )?(?:the connection is draining|transport is closing|GOAWAY received(?:; Error code: 0|$))|.{0,400}received prior goaway: code: NO_ERROR|.{0,200}max_age))`,
    ),
  },
  {
    reason: 'stream-rotation',
    regexp:
      /^(?:upstream (?:\[\d{1,9}\] )?terminated with unexpected error|(?:dis)?connected (?:from|to) upstream XDS server|ADS: "\S{1,200}" \S{1,200} terminated|resource:\S{1,200} connection is terminated).{0,300}(?:code = Canceled|context canceled|transport is closing|the connection is draining|NO_ERROR|code = Unavailable desc = error reading from server: EOF)/,
  },
  {
    reason: 'deprecation',
    regexp:
      /^(?:\[?external\S{1,200} )?(?:Using deprecated (?:option|extension name|value|default value|field)|Deprecated field: type|Using the default now-deprecated value|Usage of the deprecated runtime key|Ignoring match_subject_alt_names|Unable to use runtime singleton|Skipping unsupported runtime layer|failed to disable invalid extension name|v2 xDS transport protocol is deprecated|.{0,300}\b(?:is deprecated|has been deprecated|now-deprecated|will be (?:removed|changed) (?:from|in)|existing default behaviou?r))\b/,
  },
  {
    reason: 'drain',
    regexp:
      /^(?:shutting down parent after drain|(?:closing|draining|stopping|removing)(?: and draining)? (?:drained )?(?:\d{1,6} )?listener|caught (?:ENVOY_)?SIG(?:TERM|INT|HUP|CHLD)\b|shutting down (?:admin )?due to |terminating parent process|main dispatch loop exited|(?:parent )?shutdown (?:complete|request)|Graceful termination|Agent draining|Received (?:signal:? )?(?:terminated|interrupt|SIG(?:TERM|INT)\b)|Epoch \d{1,6} (?:exited normally|aborted normally)|Aborting proxy|Aborted proxy instance|Status server has successfully terminated|hot-?restart(?:er)?[ :]|hot restarting|starting hot-?restarter|forking and execing|no new connections? will be accepted|exiting$|http: Server closed$|(?:Envoy proxy is NOT ready: )?server is terminated: )/i,
  },
  {
    reason: 'cancelled',
    regexp:
      /^(?!.{0,600}(?:Unavailable|Permission|Unauthenticated)).{0,300}(?:rpc error: code = Canceled|\bcontext canceled$)/,
  },
  {
    reason: 'no-connection-limit',
    regexp: /^[Tt]here is no configured limit to the number of allowed active (?:downstream )?connections/,
  },
  {
    reason: 'advice',
    regexp:
      /^(?:mTLS PERMISSIVE mode is used|Un(?:known|expected) field: type |failed to read pod (?:labels|annotations): |No admin address given|adding listener '[^']{0,200}': filter chain match rules require TLS Inspector|This platform does not support tcmalloc|gRPC (?:xDS )?config: .{0,100} is not (?:recommended|secure)|[Cc]onsider (?:upgrading|switching)|You are using (?:an )?(?:insecure|unverified)|envoy\.\S{1,100} is (?:work in progress|experimental|alpha)|message '[^']{1,200}' is contained in proto file|field '[^']{1,200}' (?:of type .{0,100} )?is (?:marked as )?work-in-progress)/,
  },
  {
    reason: 'xds-update',
    regexp:
      /^(?:(?:cds|lds|rds|eds|sds|srds|rtds|ecds|vhds|odcds)(?: [^:]{0,100})?: |(?:add|remov|updat|warm)(?:e|ing|ed)? (?:new )?(?:warming |active )?(?:cluster|listener|route)|cm init: |all (?:dependencies|clusters) initialized|(?:dis)?connected (?:to|from) (?:upstream )?XDS server|(?:ADS|XDS|CDS|LDS|RDS|EDS|SDS|NDS|ECDS): (?:PUSH|new connection|REQ|ACK(?! ERROR)|Incremental|Pushing|"|new delta)|resource:\S{1,300} (?:pushed|new connection|connection is terminated|close)|Push(?:ed|ing) |Establishing new gRPC bidi stream|gRPC update for \S{1,200} failed$|Received gRPC message for |gRPC config for \S{1,200} accepted|Sending DiscoveryRequest|Pausing discovery requests|Resuming discovery requests|shared target |init manager |target \S{1,200} initialized)/i,
    quietOnly: true,
  },
  {
    // The echo of every stream that closes, whose own line says why; the first Envoys wrote it at warning.
    reason: 'stream-rotation',
    regexp: /^gRPC update for \S{1,200} failed$/,
  },
  {
    reason: 'not-ready-yet',
    regexp:
      /^(?:Envoy proxy is NOT ready: |Readiness probe failed: )?(?:config (?:not fully received|received)|.{0,60}(?:LDS|listeners|workers) (?:not|have not|hasn't)|.{0,200}\b0 rejected)(?!.{0,300}but was rejected)/,
  },
  { reason: 'ready', regexp: /^(?:Envoy proxy is ready|Readiness succeeded|Initialization took )/ },
  {
    reason: 'overload-over',
    regexp: /^Overload action \S{1,200} (?:became inactive|is no longer active|deactivated)/,
  },
  {
    reason: 'script-succeeded',
    regexp:
      /^(?:(?:startup|shutdown|specialize)-script(?:-url)?:? (?:exit status 0|Return code 0)|(?:Finished running|Starting|Found|No) (?:startup|shutdown)[ -]script|Script "[\w-]{1,60}" succeeded|Return code 0\b)/i,
  },
  { reason: 'shell-trace', regexp: /^\++ \S/ },
  {
    reason: 'iptables-listing',
    regexp:
      /^(?:(?:ip6?tables(?:-restore)?(?: -t \w{1,20})? )?-[ADINPF] [A-Z_]{3,60}\b|:[A-Z_]{3,60} (?:ACCEPT|DROP|-) \[|Chain [A-Z_]{3,60} \(|\*(?:nat|filter|mangle|raw)$|COMMIT$|(?:target|pkts bytes target) +prot opt)/,
  },
  {
    // A plug-in that guards applications writes its findings at the highest level: they are about clients.
    reason: 'firewall-event',
    regexp: /^wasm log\b.{0,200}(?:Coraza|ModSecurity|\[id "\d{3,9}"\])/,
  },
  {
    reason: 'resolver-fallback',
    regexp:
      /^(?:Server returned error NXDOMAIN, mitigating|Using degraded feature set|sudo: unable to resolve host )/,
  },
  { reason: 'agent-flags', regexp: /^FLAG: --/ },
  {
    // Errors by their level only: keys that grow old, services that a machine does not have.
    reason: 'guest-agent',
    regexp: /^(?:invalid ssh key entry - expired key|Error restarting service: Failed to try-restart )/,
  },
  {
    // The first Envoys wrote their own start at warning.
    reason: 'startup',
    regexp:
      /^(?:initializing epoch \d|starting main dispatch loop|(?:cm init: )?all (?:clusters|dependencies) initialized\b)/,
  },
  {
    // What package tools grumble about in every start-up script, because nobody sits at the terminal.
    reason: 'package-tools',
    regexp:
      /^(?:(?:Get|Hit|Ign):\d|(?:Setting up|Unpacking|Preparing to unpack|Selecting previously unselected|Processing triggers for) |debconf: |dpkg-preconfigure: unable to re-open stdin|invoke-rc\.d: could not determine|perl: warning: |update-alternatives: |(?:W: |Warning: )?apt-key is deprecated|WARNING: apt does not have a stable CLI|locale: Cannot set |update-rc\.d: warning)/,
  },
  // Istio's agent begins with a token and gets its first certificate by it.
  { reason: 'token', regexp: /^cannot load key pair, using token instead/ },
  {
    reason: 'startup',
    regexp:
      /^(?:initializing epoch |starting main dispatch loop|statically linked extensions|loading (?:\d{1,6} |tracing|stats|bootstrap)|admin address: |Starting admin HTTP server|all workers? |starting workers|runtime: |base_id|HTTP header map info|max open files|Envoy command: |Starting proxy agent|Version |Proxy role |Effective config|Opening status port|(?:Starting|Start) (?:Istio )?SDS|Workload SDS socket not found|SDS server for workload)/i,
    quietOnly: true,
  },
  {
    reason: 'token',
    regexp:
      /^(?:Prepared federated token|(?:Downloading|Fetched|Refreshed|Got) (?:credentials|token|access token)|generated new workload certificate|root cert has changed|recreated connection|returned workload (?:trust anchor|certificate))/i,
    quietOnly: true,
  },
];

const QUIET: ReadonlySet<LogLevel> = new Set(['info', 'debug', 'trace', 'unknown']);

/** What people's scripts and plug-ins print, at whatever level they like: only their words can say that something failed. */
const PLUGIN_LOG = /^(?:wasm|script) log\b/;
/** What Lua says of a script that does not run. */
const LUA_ERROR = /:\d{1,6}: |\battempt to |\bbad argument /;

function isPluginLog({ text }: LogRecord): boolean {
  return PLUGIN_LOG.test(text) && !LUA_ERROR.test(text) && !saysError(text);
}

/** Why this line is nothing to worry about; undefined where nothing is known about it. */
export function routineReason(record: LogRecord): string | undefined {
  const quiet = QUIET.has(record.level);
  const rule = RULES.find(
    ({ quietOnly, regexp }) => (quiet || quietOnly !== true) && regexp.test(record.text),
  );
  return rule?.reason ?? (isPluginLog(record) ? 'plugin-log' : undefined);
}

/** Flags that say what a client or a policy did; all others say that Envoy itself could not serve. */
const CALLERS_FLAGS: ReadonlySet<string> = new Set('DC DR DI FI RL UAEX SI IH'.split(' '));

/** Why an access log line that no pattern claims is ordinary; undefined where Envoy reports a failure of its own. */
export function routineAccess(access: AccessLog): string | undefined {
  const { flags, status } = access;
  if (!flags.every((flag) => CALLERS_FLAGS.has(flag))) return undefined;
  if (flags.length > 0) return 'access-caller';
  if (status >= 500) return 'access-server-error';
  return status >= 400 ? 'access-client-error' : 'access-ok';
}
