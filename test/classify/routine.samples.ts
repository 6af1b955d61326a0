// Lines that look bad and are not, and the faults next to them: made up in the shapes that Envoy and its agents write.
import type { Route } from '../patterns/sample.ts';
import { envoy, istio } from './lines.ts';

const STREAM = 'StreamAggregatedResources gRPC config stream';
const XDS = 'https://www.envoyproxy.io/docs/envoy/latest/version_history/version_history';

/** Lines that are routine, with the reason they count under. */
export const ROUTINE: readonly (readonly [reason: string, line: string, route?: Route])[] = [
  ['stream-rotation', envoy('warning', 'config', 'gRPC config stream closed: 13, ')],
  ['stream-rotation', envoy('warning', 'config', `${STREAM} to xds_cluster closed: 13`)],
  ['stream-rotation', envoy('warning', 'upstream', 'StreamLoadStats gRPC config stream closed: 0, ')],
  ['stream-rotation', istio('warning', 'envoy config', `${STREAM} closed: 14, transport is closing`), 'gke'],
  [
    'stream-rotation',
    envoy('warning', 'config', `${STREAM} to xds-grpc closed: 14, the connection is draining`),
  ],
  [
    'stream-rotation',
    envoy('warning', 'config', `${STREAM} closed: 14, GOAWAY received; Error code: 0; Debug Text: max_age`),
  ],
  [
    'stream-rotation',
    istio(
      'warning',
      'envoy config',
      `${STREAM} closed: 14, closing transport due to: connection error: desc = "error reading from server: EOF", received prior goaway: code: NO_ERROR, debug data: "max_age"`,
    ),
    'gke',
  ],
  ['stream-rotation', envoy('debug', 'config', `${STREAM} to xds closed: 0, Envoy initiated close.`)],
  [
    'stream-rotation',
    istio(
      'warn',
      'xdsproxy',
      'upstream [7] terminated with unexpected error rpc error: code = Unavailable desc = transport is closing',
    ),
    'gke',
  ],
  [
    'deprecation',
    envoy(
      'warning',
      'misc',
      `Using deprecated option 'envoy.api.v2.Cluster.hosts' from file cluster.proto. Please see ${XDS} for details.`,
    ),
  ],
  [
    'deprecation',
    envoy(
      'warning',
      'misc',
      "Deprecated field: type envoy.config.core.v3.HeaderValueOption Using deprecated option 'envoy.config.core.v3.HeaderValueOption.append' from file base.proto.",
    ),
  ],
  [
    'deprecation',
    envoy(
      'warning',
      'main',
      'Usage of the deprecated runtime key overload.global_downstream_max_connections, consider switching.',
    ),
  ],
  [
    'deprecation',
    envoy(
      'warning',
      'runtime',
      'Unable to use runtime singleton for feature envoy.reloadable_features.example',
    ),
  ],
  ['drain', envoy('warning', 'main', 'caught SIGTERM')],
  ['drain', envoy('warning', 'main', 'caught ENVOY_SIGTERM')],
  ['drain', envoy('info', 'main', 'shutting down parent after drain')],
  ['drain', envoy('warning', 'main', 'shutting down admin due to child startup')],
  ['drain', envoy('warning', 'main', 'terminating parent process')],
  ['deprecation', envoy('warning', 'misc', "failed to disable invalid extension name ''")],
  ['drain', istio('warn', '', 'Aborting proxy'), 'gke'],
  [
    'cancelled',
    istio('error', 'sds', 'StreamSecrets ended: rpc error: code = Canceled desc = context canceled'),
    'gke',
  ],
  [
    'no-connection-limit',
    envoy(
      'warning',
      'main',
      'There is no configured limit to the number of allowed active downstream connections. Configure a limit.',
    ),
  ],
  [
    'no-connection-limit',
    envoy(
      'warning',
      'main',
      'there is no configured limit to the number of allowed active connections. Set a limit.',
    ),
  ],
  [
    'advice',
    envoy('warning', 'filter', 'mTLS PERMISSIVE mode is used, connection can be either plaintext or TLS.'),
  ],
  ['advice', envoy('warning', 'main', 'No admin address given, so no admin HTTP server started.')],
  ['xds-update', envoy('info', 'upstream', "cds: remove cluster 'cart'")],
  ['xds-update', envoy('info', 'upstream', "lds: add/update listener '192.0.2.1_80'")],
  ['xds-update', envoy('info', 'config', 'all dependencies initialized. starting workers')],
  [
    'xds-update',
    envoy('debug', 'config', 'gRPC update for type.googleapis.com/envoy.config.cluster.v3.Cluster failed'),
  ],
  ['xds-update', envoy('debug', 'init', 'shared target SdsApi default initialized, notifying init manager')],
  [
    'xds-update',
    istio('info', 'xdsproxy', 'connected to upstream XDS server: istiod.example.com:15012'),
    'gke',
  ],
  ['xds-update', istio('info', 'sds', 'resource:ROOTCA pushed root cert to proxy'), 'gke'],
  [
    'not-ready-yet',
    istio(
      'info',
      '',
      'Envoy proxy is NOT ready: config not fully received from XDS server: cds updates: 1 successful, 0 rejected; lds updates: 0 successful, 0 rejected',
    ),
    'gke',
  ],
  ['ready', istio('info', '', 'Envoy proxy is ready'), 'gke'],
  [
    'overload-over',
    envoy('info', 'main', 'Overload action envoy.overload_actions.shrink_heap became inactive'),
  ],
  [
    'script-succeeded',
    'Nov  1 10:00:00 web-1 google_metadata_script_runner[962]: startup-script exit status 0',
    'serial',
  ],
  [
    'script-succeeded',
    'Nov  1 10:00:00 web-1 google_metadata_script_runner[962]: Finished running startup scripts.',
    'serial',
  ],
  ['shell-trace', 'startup-script: + apt-get install -y no-such-package', 'serial'],
  ['iptables-listing', 'startup-script: -A ISTIO_OUTPUT -m owner --uid-owner 1006 -j RETURN', 'serial'],
  ['iptables-listing', 'startup-script: Chain SERVICE_PROXY_INBOUND (1 references)', 'serial'],
  [
    'firewall-event',
    envoy(
      'critical',
      'wasm',
      'wasm log waf: [client "198.51.100.7"] Coraza: Access denied (phase 1). [id "920350"]',
    ),
  ],
  ['package-tools', 'startup-script: debconf: unable to initialize frontend: Dialog', 'serial'],
  ['package-tools', 'startup-script: Setting up libgpg-error0:amd64 (1.38-2) ...', 'serial'],
  ['startup', envoy('warning', 'main', 'initializing epoch 0 (hot restart version=8.1)')],
  ['plugin-log', envoy('warning', 'lua', 'script log: basket of four')],
  ['plugin-log', envoy('critical', 'wasm', 'wasm log counter: tick 12')],
  [
    'stream-rotation',
    envoy('warning', 'config', 'gRPC update for type.googleapis.com/envoy.api.v2.Cluster failed'),
  ],
  [
    'deprecation',
    envoy('warning', 'misc', 'x_config is not set. This default will be changed in next release.'),
  ],
  [
    'drain',
    istio('warn', '', 'Envoy proxy is NOT ready: server is terminated: received signal: terminated'),
    'gke',
  ],
  [
    'advice',
    envoy(
      'warning',
      'misc',
      'Unknown field: type envoy.config.bootstrap.v3.Bootstrap with unknown field set {9}',
    ),
  ],
  [
    'guest-agent',
    'Nov  1 10:00:00 web-1 google_guest_agent[4]: ERROR accounts.go:217 invalid ssh key entry - expired key: demo',
    'serial',
  ],
  [
    'resolver-fallback',
    'Nov  1 10:00:00 web-1 systemd-resolved[301]: Server returned error NXDOMAIN, mitigating potential DNS violation',
    'serial',
  ],
  ['agent-flags', istio('info', '', 'FLAG: --proxyLogLevel="warning"'), 'gke'],
  ['startup', envoy('info', 'main', 'initializing epoch 0 (hot restart version=disabled)')],
  [
    'token',
    istio('info', 'token', 'Prepared federated token request for aud "identitynamespace:demo"'),
    'gke',
  ],
  [
    'token',
    istio(
      'warn',
      'citadelclient',
      'cannot load key pair, using token instead: open etc/certs/cert-chain.pem: no such file or directory',
    ),
    'gke',
  ],
];

/** Lines that stay a fault although they resemble routine. */
export const FAULTS: readonly (readonly [line: string, kind: string, route?: Route])[] = [
  [
    envoy('warning', 'config', `${STREAM} to xds closed: 13, Stream was reset for no known reason`),
    'unrecognised',
  ],
  [
    envoy('warning', 'config', `${STREAM} to xds closed: 14, no healthy upstream`),
    'control-plane-unreachable',
  ],
  [
    envoy('warning', 'config', `${STREAM} to xds closed since 61s ago: 14, transport is closing`),
    'control-plane-unreachable',
  ],
  [
    envoy(
      'warning',
      'config',
      `${STREAM} to xds closed: 14, GOAWAY received; Error code: 11; Debug Text: too_many_pings`,
    ),
    'control-plane-unreachable',
  ],
  [envoy('warning', 'upstream', 'cds: nobody knows this warning'), 'unrecognised'],
  [
    istio(
      'warn',
      '',
      'Envoy proxy is NOT ready: config received from XDS server, but was rejected: cds updates: 0 successful, 1 rejected',
    ),
    'config-rejected',
    'gke',
  ],
  [
    'Nov  1 10:00:00 web-1 google_metadata_script_runner[962]: startup-script exit status 1',
    'bootstrap-failed',
    'serial',
  ],
  [envoy('warning', 'lua', 'script log: the basket could not be read'), 'unrecognised'],
  [
    envoy(
      'error',
      'lua',
      'script log: [string "function envoy_on_request(h)..."]:3: attempt to index a nil value',
    ),
    'unrecognised',
  ],
  [envoy('critical', 'wasm', 'Plugin configured to fail closed failed to load'), 'unrecognised'],
];
