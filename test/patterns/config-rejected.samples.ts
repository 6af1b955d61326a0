import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '[2026-11-01 10:00:00.000][17][warning][config] [source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:138] gRPC config for type.googleapis.com/envoy.config.route.v3.RouteConfiguration rejected: Only unique values for domains are permitted. Duplicate entry of domain shop.example.com in route http.80',
      route: 'ops-agent',
      why: 'v3 routes',
      sign: 'nack',
      fields: {
        type: 'RouteConfiguration',
        resource: 'http.80',
        reason:
          'Only unique values for domains are permitted. Duplicate entry of domain shop.example.com in route http.80',
      },
      scope: {
        project: 'demo-project',
        type: 'RouteConfiguration',
        resource: 'http.80',
        reason:
          'Only unique values for domains are permitted. Duplicate entry of domain shop.example.com in route http.#',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][17][warning][config] [source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:138] gRPC config for type.googleapis.com/envoy.api.v2.Cluster rejected: Error adding/updating cluster(s) outbound|80||cart: Unexpected connect timeout 0',
      route: 'ops-agent',
      why: 'v2 cluster, named',
      sign: 'nack',
      fields: { type: 'Cluster', resource: 'outbound|80||cart', reason: 'Unexpected connect timeout 0' },
      scope: {
        project: 'demo-project',
        type: 'Cluster',
        resource: 'outbound|80||cart',
        reason: 'Unexpected connect timeout #',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\twarning\tenvoy config external/envoy/source/extensions/config_subscription/grpc/delta_subscription_state.cc:283\tdelta config for type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret rejected: Failed to load certificate chain from <inline>\tthread=17',
      route: 'gke',
      why: 'delta xDS; a secret that is refused is no handshake',
      sign: 'nack',
      fields: { type: 'Secret', reason: 'Failed to load certificate chain from <inline>' },
      scope: { project: 'demo-project', type: 'Secret', reason: 'Failed to load certificate chain from' },
    },
    {
      line: '[2026-11-01 10:00:00.000][17][warning][config] [source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:138] gRPC config for type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment update rejected: Malformed IP address: cart.example.com. Consider setting resolver_name or setting cluster type to STRICT_DNS',
      route: 'ops-agent',
      why: 'until 1.9 «update rejected»',
      sign: 'nack',
      fields: {
        type: 'ClusterLoadAssignment',
        reason:
          'Malformed IP address: cart.example.com. Consider setting resolver_name or setting cluster type to STRICT_DNS',
      },
      scope: {
        project: 'demo-project',
        type: 'ClusterLoadAssignment',
        reason:
          'Malformed IP address: cart.example.com. Consider setting resolver_name or setting cluster type to STRICT_DNS',
      },
    },
    {
      line: 'Error adding/updating cluster(s) cart: duplicate cluster cart found',
      route: 'ops-agent',
      why: 'the second line of a rejection that was split',
      sign: 'cds-reason',
      fields: { type: 'Cluster', resource: 'cart', reason: 'duplicate cluster cart found' },
      scope: {
        project: 'demo-project',
        type: 'Cluster',
        resource: 'cart',
        reason: 'duplicate cluster cart found',
      },
    },
    {
      line: "2026-11-01T10:00:00.000000Z\twarn\tads\tADS:RDS: ACK ERROR cart-6d5f8b7c9d-x2x4z.shop-14 Internal:route: unknown cluster 'outbound|80||gone.example.com'",
      route: 'gke',
      why: 'istiod’s view',
      sign: 'ack-error',
      fields: {
        type: 'RouteConfiguration',
        reason: "route: unknown cluster 'outbound|80||gone.example.com'",
      },
      scope: { project: 'demo-project', type: 'RouteConfiguration', reason: "route: unknown cluster '…'" },
    },
    {
      line: '[2026-11-01 10:00:00.000][17][warning][config] [source/extensions/config_subscription/filesystem/filesystem_subscription_impl.cc:65] Filesystem config update rejected: Unable to convert YAML as JSON: no such field',
      route: 'ops-agent',
      why: 'xDS from a file',
      sign: 'file',
      fields: { reason: 'Unable to convert YAML as JSON: no such field' },
      scope: { project: 'demo-project', reason: 'Unable to convert YAML as JSON: no such field' },
    },
    {
      line: '[2026-11-01 10:00:00.000][12][warning][upstream] external/envoy/source/common/upstream/cds_subscription.cc:55] cds: fetch failure: unable to parse JSON as proto',
      route: 'ops-agent',
      why: 'the first Envoys, over REST',
      sign: 'fetch-failure',
      fields: { type: 'Cluster', reason: 'unable to parse JSON as proto' },
      scope: { project: 'demo-project', type: 'Cluster', reason: 'unable to parse JSON as proto' },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\twarn\tEnvoy proxy is NOT ready: config received from XDS server, but was rejected: cds updates: 1 successful, 2 rejected; lds updates: 1 successful, 0 rejected',
      route: 'gke',
      why: 'the readiness probe',
      sign: 'counted',
      fields: { reason: 'cds updates: 1 successful, 2 rejected; lds updates: 1 successful, 0 rejected' },
      scope: {
        project: 'demo-project',
        reason: 'cds updates: # successful, # rejected; lds updates: # successful, # rejected',
      },
    },
  ],
  nearMisses: [
    {
      line: "gRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) http: route: unknown cluster 'cart'",
      route: 'ops-agent',
      why: 'a listener, although its reason speaks of clusters',
      verdict: 'listener-rejected',
    },
    {
      line: '2026-11-01T10:00:00.000000Z\tinfo\tEnvoy proxy is NOT ready: config not fully received from XDS server: cds updates: 1 successful, 0 rejected; lds updates: 0 successful, 0 rejected',
      route: 'gke',
      why: 'says «rejected», counts none',
      verdict: 'routine',
    },
    {
      line: '[2026-11-01 10:00:00.000][17][debug][config] [source/common/config/grpc_subscription_impl.cc:88] gRPC config for type.googleapis.com/envoy.config.cluster.v3.Cluster accepted with 4 resources with version 7',
      route: 'ops-agent',
      why: 'accepted',
      verdict: 'routine',
    },
    {
      line: '[2026-11-01 10:00:00.000][31][error][lua] [source/extensions/filters/http/lua/lua_filter.cc:917] script log: gRPC config for type.googleapis.com/envoy.config.cluster.v3.Cluster rejected: x',
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'unrecognised',
      hostile: true,
    },
  ],
};
