// A record: one log line after intake, whatever form it arrived in. Everything later reads records only.
// Its text is already redacted, so nothing downstream can leak what intake took out.

/** Envoy's own levels; istio-agent's `warn` and `fatal` are read as `warning` and `critical`. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'critical' | 'unknown';

/**
 * Who wrote the line: Envoy itself, Envoy's access log, Google's service-proxy-agent, another agent beside the
 * proxy (pilot-agent, consul-dataplane, guest agents), the VM's serial port or kernel, guest attributes.
 */
export type RecordSource =
  | 'envoy'
  | 'access-log'
  | 'service-proxy-agent'
  | 'agent'
  | 'serial-port'
  | 'guest-attributes'
  | 'unknown';

/** The proxy that a line is about. Empty strings mean «the entry does not say». */
export interface ProxyIdentity {
  /** Project id of the entry's resource, e.g. `demo-project`. */
  readonly project: string;
  /** Zone of a VM, location of a cluster. */
  readonly location: string;
  /** Instance id or name of a VM; `cluster/namespace/pod` on GKE. Unique together with project and location. */
  readonly name: string;
  /** What people call it: the VM's name where the entry says so, otherwise `name`. */
  readonly displayName: string;
  /** The instance group or workload that made it, as far as its name or labels tell; `` if unknown. */
  readonly group: string;
}

/** The parts of an Envoy access log line that Envoy itself decides; what clients can write is left out. */
export interface AccessLog {
  /** HTTP status, 0 for TCP. */
  readonly status: number;
  /** Response flags as Envoy abbreviates them, e.g. `['UF', 'URX']`; empty for `-`. */
  readonly flags: readonly string[];
  /** RESPONSE_CODE_DETAILS, e.g. `no_healthy_upstream`; `` if absent. */
  readonly details: string;
  /** UPSTREAM_TRANSPORT_FAILURE_REASON, e.g. `TLS_error:_Secret_is_not_supplied_by_SDS`; `` if absent. */
  readonly transportFailure: string;
  /** Cluster the request went to, e.g. `outbound|80||shop.example`; `` if absent. */
  readonly upstreamCluster: string;
}

/**
 * The guest attributes of namespace `gce-service-proxy` that the guide names, and what `watch` adds to them because no
 * log line and no attribute says it. Additions are whole numbers of seconds, as text; `watch` looks at running VMs only
 * and writes `[none]` for a bootstrap-status that a VM should have and has not.
 */
export type GuestAttribute =
  | 'bootstrap-status'
  | 'bootstrap-last-failure'
  | 'proxy-version'
  | 'agent-heartbeat'
  | 'agent-last-failure'
  /** How long ago the VM was last started (not created: a restart starts the clock anew). */
  | 'vm-age-seconds'
  /** How long ago the agent last wrote to its log; only for a VM whose agent did write to it before. */
  | 'agent-silent-seconds'
  /** The longest silence between two lines of that agent in the week before; absent where too few lines are known. */
  | 'agent-usual-gap-seconds'
  /** `regions/R` of a regional group that made the VM; absent where the group is in the VM's zone, or unknown. */
  | 'group-place'
  /** How long ago the last entry of any kind arrived, and the longest gap before: of the pipeline, not of a VM. */
  | 'pipeline-silent-seconds'
  | 'pipeline-usual-gap-seconds'
  /** Why the VM, or the project's list of VMs, could not be looked at, in words. */
  | 'fleet-unreadable';

export interface LogRecord {
  /** 64-bit hash of logName, timestamp and insertId, as two unsigned 32-bit halves: an entry counts once by it. */
  readonly idHigh: number;
  readonly idLow: number;
  /** When it happened, in Unix milliseconds: the entry's timestamp, or its receive or publish time if that is absurd. */
  readonly timeMs: number;
  /** The minute the id is kept under, in minutes since 1970; 0 when no time of the entry itself is usable. */
  readonly minute: number;
  readonly source: RecordSource;
  readonly level: LogLevel;
  /** Envoy's logger or the agent's scope: `config`, `upstream`, `main`, `lua`, `xdsproxy`; `` if the line has none. */
  readonly component: string;
  /** The message without its prefix, redacted, line breaks kept: what people are shown. */
  readonly message: string;
  /** The message with every run of white space made one blank: what signs are tried on. */
  readonly text: string;
  /** True when the line had no prefix and may be the continuation of the line before. */
  readonly bare: boolean;
  /** logName of the entry, for the Logs Explorer link. */
  readonly logName: string;
  readonly proxy: ProxyIdentity;
  /** Guest attributes that the entry carries; empty for nearly every entry. */
  readonly attributes: Readonly<Partial<Record<GuestAttribute, string>>>;
  readonly access?: AccessLog;
}

/** Input that can never become a record: parked with its reason, never refused, never thrown. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: UnreadableReason;
  /** What exactly was wrong, for a person; holds no more of the input than a few redacted characters. */
  readonly detail: string;
  /** Content hash of the input, so that a repeated unreadable message counts once too. */
  readonly idHigh: number;
  readonly idLow: number;
}

export type UnreadableReason =
  | 'push-body' // the HTTP body is no Pub/Sub push message
  | 'not-base64' // `message.data` is no base64
  | 'not-utf8' // the bytes are no UTF-8
  | 'not-json' // the text is no JSON
  | 'not-a-log-entry' // the JSON is no LogEntry
  | 'no-payload' // a LogEntry without text, JSON or proto payload
  | 'too-large' // longer than a LogEntry can be
  | 'internal-error'; // reading, classifying or storing it failed for ever: a fault of ours, kept so that it can be mended

/** What intake makes of one message. */
export type Intake = { readonly kind: 'record'; readonly record: LogRecord } | Unreadable;
