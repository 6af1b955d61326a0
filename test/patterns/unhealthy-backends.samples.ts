import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '[2026-11-01T10:00:00.000Z] "GET /cart HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 91 3 - "-" "curl/8.9.1" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80|v2|cart.shop.svc.cluster.local 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'no endpoint is healthy',
      sign: 'none-healthy',
      fields: {
        cluster: 'cart.shop.svc.cluster.local:80',
        status: '503',
        flags: 'UH',
        details: 'no_healthy_upstream',
      },
      scope: {
        project: 'demo-project',
        cluster: 'cart.shop.svc.cluster.local:80',
      },
      weight: 'weak',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "POST /shop.Cart/Get HTTP/2" 200 UH no_healthy_upstream - "-" 0 91 3 - "-" "curl/8.9.1" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||cart.shop.svc.cluster.local 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a gRPC error in a 200',
      sign: 'none-healthy',
      fields: {
        cluster: 'cart.shop.svc.cluster.local:80',
        status: '200',
        flags: 'UH',
        details: 'no_healthy_upstream',
      },
      scope: {
        project: 'demo-project',
        cluster: 'cart.shop.svc.cluster.local:80',
      },
      weight: 'weak',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 503 UF,URX upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_111} - "-" 0 91 3 - "-" "curl/8.9.1" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" inbound|8080|| 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'the workload beside the proxy refuses',
      sign: 'refused',
      fields: {
        cluster: 'cart:8080',
        status: '503',
        flags: 'UF,URX',
        details:
          'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_111}',
      },
      scope: {
        project: 'demo-project',
        cluster: 'cart:8080',
      },
      weight: 'weak',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "- - -" 0 UF,URX - - "-" 0 0 3 - "-" "-" "-" "-" "192.0.2.9:5432" outbound|5432||db.example.com - 192.0.2.9:5432 198.51.100.4:59778 - -',
      route: 'gke',
      why: 'TCP',
      sign: 'refused',
      fields: {
        cluster: 'db.example.com:5432',
        status: '0',
        flags: 'UF,URX',
      },
      scope: {
        project: 'demo-project',
        cluster: 'db.example.com:5432',
      },
      weight: 'weak',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 503 UC upstream_reset_before_response_started{connection_termination} - "-" 0 91 3 - "-" "curl/8.9.1" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" web-7c9d8b6f5-x2x4z.example.com 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'broken off; a pod name in the cluster',
      sign: 'broken-off',
      fields: {
        cluster: 'web.example.com',
        status: '503',
        flags: 'UC',
        details: 'upstream_reset_before_response_started{connection_termination}',
      },
      scope: {
        project: 'demo-project',
        cluster: 'web.example.com',
      },
      weight: 'weak',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 502 - via_upstream - "-" 0 91 3 - "-" "curl/8.9.1" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" PassthroughCluster 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'the backend itself answers so',
      sign: 'answered-5xx',
      fields: {
        cluster: 'PassthroughCluster',
        status: '502',
        details: 'via_upstream',
      },
      scope: {
        project: 'demo-project',
        cluster: 'PassthroughCluster',
      },
      weight: 'weak',
    },
    {
      line: '2026-11-01T10:00:00.000000Z\tdebug\tenvoy upstream\tno healthy host for TCP connection pool',
      route: 'gke',
      why: 'what Envoy says at debug',
      sign: 'no-healthy-host',
      fields: {},
      scope: {
        project: 'demo-project',
      },
      weight: 'weak',
    },
    {
      line: 'no healthy upstream',
      route: 'ops-agent',
      why: 'the body of the answer, in an application',
      sign: 'no-healthy-host',
      fields: {},
      scope: {
        project: 'demo-project',
      },
      weight: 'weak',
    },
    {
      line: 'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused',
      route: 'ops-agent',
      why: 'the body of the answer, newer wording',
      sign: 'connect-error',
      fields: {
        error: 'Connection refused',
      },
      scope: {
        project: 'demo-project',
      },
      weight: 'weak',
    },
    {
      line: '2026-11-01T10:00:00.000000Z\terror\tRequest to probe app failed: Get "http://192.0.2.9:8080/healthz": dial tcp 192.0.2.9:8080: connect: connection refused',
      route: 'gke',
      why: 'pilot-agent asks the workload',
      sign: 'probe',
      fields: {
        error: 'connection refused',
        cluster: 'cart',
      },
      scope: {
        project: 'demo-project',
        cluster: 'cart',
      },
      weight: 'weak',
    },
    {
      line: '{"health_checker_type":"HTTP","host":{"socket_address":{"address":"192.0.2.9","port_value":80}},"cluster_name":"outbound|80||cart.shop.svc.cluster.local","eject_unhealthy_event":{"failure_type":"NETWORK"}}',
      route: 'gke',
      why: "Envoy's health check event log",
      sign: 'health-check',
      fields: {
        cluster: 'cart.shop.svc.cluster.local:80',
      },
      scope: {
        project: 'demo-project',
        cluster: 'cart.shop.svc.cluster.local:80',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\terror\taccess\tconnection complete\tsrc.addr=192.0.2.9:58592 src.workload="web" dst.addr=192.0.2.10:15008 dst.service="cart.shop.svc.cluster.local" direction="outbound" bytes_sent=0 bytes_recv=0 duration="10001ms" error="io error: Connection refused (os error 111)"',
      route: 'agent',
      why: 'the access log of ztunnel',
      sign: 'ztunnel',
      weight: 'weak',
      fields: { error: 'io error: Connection refused' },
      scope: { project: 'demo-project' },
    },
  ],
  nearMisses: [
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 404 NR route_not_found - "-" 0 91 3 - "-" "curl/8.9.1" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" - 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'no route is no matter of health',
      verdict: 'unrecognised',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 503 UF upstream_reset_before_response_started{connection_failure,TLS_error:_268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED} - "-" 0 91 3 - "-" "curl/8.9.1" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||cart.shop.svc.cluster.local 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a handshake that fails',
      verdict: 'tls-certificate',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 200 - via_upstream - "-" 0 91 3 - "-" "curl/8.9.1" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||cart.shop.svc.cluster.local 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a healthy answer',
      verdict: 'routine',
    },
    {
      line: '2026-11-01T10:00:00.000000Z\twarning\tenvoy config\tStreamAggregatedResources gRPC config stream to xds-grpc closed since 40s ago: 14, no healthy upstream',
      route: 'gke',
      why: 'the control plane has no host',
      verdict: 'control-plane-unreachable',
    },
    {
      line: '[2026-11-01 10:00:00.000][31][debug][connection] [source/common/network/connection_impl.cc:696] [C7] delayed connect error: 111',
      route: 'ops-agent',
      why: 'one attempt of many, at debug',
      verdict: 'ignored',
    },
    {
      line: 'rpc error: code = Unavailable desc = upstream connect error or disconnect/reset before headers. reset reason: connection failure',
      route: 'ops-agent',
      why: 'why it failed is not said',
      verdict: 'unrecognised',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET /503+UH+no_healthy_upstream HTTP/1.1" 200 - via_upstream - "-" 0 0 1 1 "-" "503 UH no_healthy_upstream" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||shop.example.com 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a client writes the words into path and user agent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
