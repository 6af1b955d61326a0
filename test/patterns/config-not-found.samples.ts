import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '[2026-11-01 10:00:00.000][812][warning][config] [external/envoy/source/extensions/config_subscription/grpc/grpc_stream.h:189] StreamAggregatedResources gRPC config stream to trafficdirector.googleapis.com:443 closed: 5, Traffic Director configuration was not found for network "prod-vpc" in project "123456789012".',
      route: 'ops-agent',
      why: 'Envoy 1.26 and later, ADS; what the backend says today',
      sign: 'named',
      fields: { kind: 'network', name: 'prod-vpc', projectNumber: '123456789012' },
      scope: { network: 'prod-vpc', project: '123456789012' },
    },
    {
      line: 'warning envoy upstream  StreamLoadStats gRPC config stream closed:\n5, Cloud Service Mesh configuration was not found for network "prod-vpc" in\nproject "123456789012".',
      route: 'ops-agent',
      why: 'LRS in the guide, hard-wrapped: the same incident as ADS',
      sign: 'named',
      fields: { kind: 'network', name: 'prod-vpc', projectNumber: '123456789012' },
      scope: { network: 'prod-vpc', project: '123456789012' },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\twarning\tenvoy config external/envoy/source/extensions/config_subscription/grpc/grpc_stream.h:155\tDeltaAggregatedResources gRPC config stream to xds-grpc closed: 5, Traffic Director configuration was not found for mesh "shop" in project "123456789012".\tthread=16',
      route: 'gke',
      why: 'service routing: a Mesh resource, not a forwarding rule',
      sign: 'named',
      fields: { kind: 'mesh', name: 'shop', projectNumber: '123456789012' },
      scope: { mesh: 'shop', project: '123456789012' },
    },
    {
      line: 'StreamAggregatedResources gRPC config stream to xds-grpc closed since 95s ago: 5, Traffic Director configuration was not found for scope "gw-scope" in project "123456789012".',
      route: 'ops-agent',
      why: 'a Gateway resource; damped form',
      sign: 'named',
      fields: { kind: 'scope', name: 'gw-scope', projectNumber: '123456789012' },
      scope: { scope: 'gw-scope', project: '123456789012' },
    },
    {
      line: 'Cloud Service Mesh configuration was not found.',
      route: 'ops-agent',
      why: 'the guide, bare',
      sign: 'bare',
      fields: {},
      scope: { project: 'demo-project' },
    },
    {
      line: 'warning envoy config    StreamAggregatedResources gRPC config stream closed:\n5, Requested entity was not found.',
      route: 'ops-agent',
      why: 'the guide; the backend names nothing',
      sign: 'status-5',
      fields: {},
      scope: { project: 'demo-project' },
    },
  ],
  nearMisses: [
    {
      line: '[2026-11-01 10:00:00.000][812][warning][config] [source/common/config/grpc_stream.h:91] StreamAggregatedResources gRPC config stream closed: 13, ',
      route: 'ops-agent',
      why: 'stream rotation, not status 5',
      verdict: 'routine',
    },
    {
      line: '[2026-11-01 10:00:00.000][31][error][lua] [source/extensions/filters/http/lua/lua_filter.cc:917] script log: Traffic Director configuration was not found for network "prod-vpc" in project "1".',
      route: 'ops-agent',
      why: 'a Lua script that logs what a client sent',
      verdict: 'unrecognised',
      hostile: true,
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET /?q=Traffic+Director+configuration+was+not+found HTTP/1.1" 404 - via_upstream - "-" 0 0 1 1 "-" "Traffic Director configuration was not found" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||shop.example.com 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a client writes the words into its user agent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
