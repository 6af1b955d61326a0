import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: "gRPC config for type.googleapis.com/envoy.api.v2.Listener rejected:\nError adding/updating listener(s) TRAFFICDIRECTOR_INTERCEPTION_PORT:\nunable to open file '/var/log/envoy/access.log': Permission denied",
      route: 'ops-agent',
      why: 'the guide: access log that Envoy may not write; v2, hard-wrapped',
      sign: 'nack',
      fields: {
        listener: 'TRAFFICDIRECTOR_INTERCEPTION_PORT',
        reason: "unable to open file '/var/log/envoy/access.log': Permission denied",
        path: '/var/log/envoy/access.log',
      },
      scope: {
        project: 'demo-project',
        listener: 'TRAFFICDIRECTOR_INTERCEPTION_PORT',
        reason: "unable to open file '…': Permission denied",
      },
    },
    {
      line: "2026-11-01T10:00:00.000000Z\twarning\tenvoy config external/envoy/source/extensions/config_subscription/grpc/delta_subscription_state.cc:283\tdelta config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) 0.0.0.0_443: cannot bind '0.0.0.0:443': Permission denied\n\tthread=18",
      route: 'gke',
      why: 'delta xDS, v3, privileged port',
      sign: 'nack',
      fields: {
        listener: '0.0.0.0_443',
        reason: "cannot bind '0.0.0.0:443': Permission denied",
        address: '0.0.0.0:443',
      },
      scope: {
        project: 'demo-project',
        listener: '0.0.0.0_443',
        reason: "cannot bind '…': Permission denied",
      },
    },
    {
      line: "[2026-11-01 10:00:00.000][1][warning][upstream] [source/common/config/grpc_mux_impl.cc:226] gRPC config for type.googleapis.com/envoy.api.v2.Listener update rejected: Error adding/updating listener ingress_http: cannot bind '0.0.0.0:7014': Address already in use",
      route: 'ops-agent',
      why: 'Envoy up to 1.9 said «update rejected»; a port conflict inside a rejection stays here',
      sign: 'nack',
      fields: {
        listener: 'ingress_http',
        reason: "cannot bind '0.0.0.0:7014': Address already in use",
        address: '0.0.0.0:7014',
      },
      scope: {
        project: 'demo-project',
        listener: 'ingress_http',
        reason: "cannot bind '…': Address already in use",
      },
    },
    {
      line: 'Error adding/updating listener(s) virtualInbound: unknown cluster',
      route: 'ops-agent',
      why: 'the second line of a rejection that was split at its line breaks',
      sign: 'lds-reason',
      fields: { listener: 'virtualInbound', reason: 'unknown cluster' },
      scope: { project: 'demo-project', listener: 'virtualInbound', reason: 'unknown cluster' },
    },
    {
      line: "virtualOutbound: unable to open file '/dev/stdout': No such device or address",
      route: 'ops-agent',
      why: 'a further listener of the same rejection, as an entry of its own',
      sign: 'continuation',
      fields: {
        listener: 'virtualOutbound',
        reason: "unable to open file '/dev/stdout': No such device or address",
        path: '/dev/stdout',
      },
      scope: {
        project: 'demo-project',
        listener: 'virtualOutbound',
        reason: "unable to open file '…': No such device or address",
      },
    },
    {
      line: "[2026-11-01 10:00:00.000][1][error][config] [source/common/listener_manager/listener_manager_impl.cc:540] listener '0.0.0.0_443' failed to bind or apply socket options: cannot bind '0.0.0.0:443': Permission denied",
      route: 'ops-agent',
      why: 'the line before the rejection: the same incident',
      sign: 'bind',
      fields: {
        listener: '0.0.0.0_443',
        reason: "cannot bind '0.0.0.0:443': Permission denied",
        address: '0.0.0.0:443',
      },
      scope: {
        project: 'demo-project',
        listener: '0.0.0.0_443',
        reason: "cannot bind '…': Permission denied",
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\twarn\tads\tADS:LDS: ACK ERROR cart-6d5f8b7c9d-x2x4z.shop-9 Internal:Error adding/updating listener(s) virtualInbound: unknown cluster',
      route: 'gke',
      why: 'the same rejection as the control plane sees it',
      sign: 'ack-error',
      fields: { listener: 'virtualInbound', reason: 'unknown cluster' },
      scope: { project: 'demo-project', listener: 'virtualInbound', reason: 'unknown cluster' },
    },
    {
      line: "[2026-11-01 10:00:00.000][12][warning][upstream] external/envoy/source/server/lds_subscription.cc:65] lds: fetch failure: error adding listener: 'http_192.0.2.20_8080' has duplicate address '192.0.2.20:8080' as existing listener",
      route: 'ops-agent',
      why: 'the first Envoys, over REST',
      sign: 'fetch-failure',
      fields: {
        listener: 'http_192.0.2.20_8080',
        reason: "has duplicate address '192.0.2.20:8080' as existing listener",
      },
      scope: {
        project: 'demo-project',
        listener: 'http_192.0.2.20_8080',
        reason: "has duplicate address '…' as existing listener",
      },
    },
    {
      line: "error adding listener '0.0.0.0:8443': multiple filter chains with the same matching rules are defined",
      route: 'ops-agent',
      why: 'the reason once more, without any prefix',
      sign: 'lds-reason',
      fields: {
        listener: '0.0.0.0:8443',
        reason: 'multiple filter chains with the same matching rules are defined',
      },
      scope: {
        project: 'demo-project',
        listener: '0.0.0.0:8443',
        reason: 'multiple filter chains with the same matching rules are defined',
      },
    },
  ],
  nearMisses: [
    {
      line: "[2026-11-01 10:00:00.000][1][error][config] [source/common/listener_manager/listener_manager_impl.cc:540] listener 'ingress' failed to bind or apply socket options: cannot bind '0.0.0.0:8080': Address already in use",
      route: 'ops-agent',
      why: 'a port that is taken, outside a rejection',
      verdict: 'port-conflict',
    },
    {
      line: "[2026-11-01 10:00:00.000][1][info][upstream] [source/common/listener_manager/lds_api.cc:99] lds: add/update listener 'virtualInbound'",
      route: 'ops-agent',
      why: 'a listener that was accepted',
      verdict: 'routine',
    },
    {
      line: '2026-11-01T10:00:00.000000Z\tinfo\tEnvoy proxy is NOT ready: waiting; cds updates: 1 successful, 0 rejected; lds updates: 0 successful, 0 rejected',
      route: 'gke',
      why: 'readiness, says «rejected»',
      verdict: 'routine',
    },
    {
      line: '[2026-11-01 10:00:00.000][22][error][wasm] [source/extensions/common/wasm/context.cc:1227] wasm log: gRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) x: y',
      route: 'ops-agent',
      why: 'a plug-in that logs what a client sent',
      verdict: 'unrecognised',
      hostile: true,
    },
  ],
};
