import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '[2026-11-01 10:00:00.000][17][debug][upstream] [source/extensions/clusters/original_dst/upstream/original_dst_cluster.cc:60] Created host original_dst_cluster127.0.0.1:15001 127.0.0.1:15001.',
      route: 'ops-agent',
      why: 'the original destination is Envoy itself',
      sign: 'destination',
      fields: { address: '127.0.0.1:15001', port: '15001' },
      scope: { project: 'demo-project', group: 'web-frontend', port: '15001' },
      weight: 'weak',
    },
    {
      line: '[2026-11-01 10:00:00.000][17][debug][client] [source/common/network/connection_impl.cc:1009] [Tags: "ConnectionId":"812"] connecting to 127.0.0.1:15006',
      route: 'ops-agent',
      why: 'Envoy dials its own inbound port',
      sign: 'destination',
      fields: { address: '127.0.0.1:15006', port: '15006' },
      scope: { project: 'demo-project', group: 'web-frontend', port: '15006' },
      weight: 'weak',
    },
    {
      line: '[2026-11-01 10:00:00.000][17][warning][config] [external/envoy/source/extensions/config_subscription/grpc/grpc_stream.h:193] StreamAggregatedResources gRPC config stream to xds_cluster closed since 40s ago: 14, upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused|remote address:127.0.0.1:15001',
      route: 'ops-agent',
      why: 'the stream to the control plane ends at Envoy’s own port',
      sign: 'upstream',
      fields: { address: '127.0.0.1:15001', port: '15001' },
      scope: { project: 'demo-project', group: 'web-frontend', port: '15001' },
    },
  ],
  nearMisses: [
    {
      line: '[2026-11-01 10:00:00.000][17][debug][client] [source/common/network/connection_impl.cc:1009] [C812] connecting to 127.0.0.1:15000',
      route: 'ops-agent',
      why: 'the admin port',
      verdict: 'ignored',
    },
    {
      line: '[2026-11-01 10:00:00.000][17][debug][client] [source/common/network/connection_impl.cc:1009] [C812] connecting to 127.0.0.1:8080',
      route: 'ops-agent',
      why: 'the workload beside Envoy',
      verdict: 'ignored',
    },
    {
      line: 'startup-script: -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001',
      route: 'serial',
      why: 'a listing of the rules',
      verdict: 'routine',
    },
    {
      line: "[2026-11-01 10:00:00.000][1][info][upstream] [source/common/listener_manager/lds_api.cc:99] lds: add/update listener '127.0.0.1:15001'",
      route: 'ops-agent',
      why: 'the interception listener itself',
      verdict: 'routine',
    },
    {
      line: '[2026-11-01 10:00:00.000][31][error][lua] [source/extensions/filters/http/lua/lua_filter.cc:917] script log: connecting to 127.0.0.1:15001',
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'routine',
      hostile: true,
    },
    {
      line: '[2026-11-01 10:00:00.000][17][warning][config] [external/envoy/source/extensions/config_subscription/grpc/grpc_stream.h:193] StreamAggregatedResources gRPC config stream to xds_cluster closed: 14, upstream connect error or disconnect/reset before headers. reset reason: overflow',
      route: 'ops-agent',
      why: 'overflow alone does not prove a loop',
      verdict: 'control-plane-unreachable',
    },
  ],
};
