import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '[2026-11-01 10:00:00.000][31][critical][assert] [source/common/network/tcp_listener_impl.cc:70] panic: listener accept failure: Too many open files',
      route: 'ops-agent',
      why: 'accept fails, Envoy ends itself',
      sign: 'open-files',
      fields: {
        resource: 'open files',
      },
      scope: {
        project: 'demo-project',
        resource: 'open files',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\tcritical\tenvoy assert\tassert failure: SOCKET_VALID(fd). Details: socket(2) failed, got error: Too many open files',
      route: 'gke',
      why: 'the cause of a crash',
      sign: 'open-files',
      fields: {
        resource: 'open files',
      },
      scope: {
        project: 'demo-project',
        resource: 'open files',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\terror\taccept tcp [::]:15021: accept4: too many open files; retrying in 5ms',
      route: 'gke',
      why: 'an agent in Go',
      sign: 'open-files',
      fields: {
        resource: 'open files',
      },
      scope: {
        project: 'demo-project',
        resource: 'open files',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][info][main] [source/server/overload_manager_impl.cc:200] Overload action envoy.overload_actions.stop_accepting_connections became active',
      route: 'ops-agent',
      why: 'up to about 1.15',
      sign: 'overload-action',
      fields: {
        action: 'envoy.overload_actions.stop_accepting_connections',
        resource: 'overload manager',
      },
      scope: {
        project: 'demo-project',
        resource: 'overload manager',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][debug][main] [source/server/overload_manager_impl.cc:620] Overload action envoy.overload_actions.shrink_heap became saturated',
      route: 'ops-agent',
      why: 'newer: at debug only',
      sign: 'overload-action',
      fields: {
        action: 'envoy.overload_actions.shrink_heap',
        resource: 'overload manager',
      },
      scope: {
        project: 'demo-project',
        resource: 'overload manager',
      },
    },
    {
      line: 'external/com_github_google_tcmalloc/tcmalloc/system-alloc.cc:625] MmapAligned() failed - unable to allocate with tag (hint, size, alignment) 0x1 1073741824 1073741824',
      route: 'ops-agent',
      why: 'tcmalloc',
      sign: 'allocation',
      fields: {
        resource: 'memory',
      },
      scope: {
        project: 'demo-project',
        resource: 'memory',
      },
    },
    {
      line: "terminate called after throwing an instance of 'std::bad_alloc'",
      route: 'ops-agent',
      why: 'out of memory, not a fault of Envoy',
      sign: 'allocation',
      fields: {
        resource: 'memory',
      },
      scope: {
        project: 'demo-project',
        resource: 'memory',
      },
    },
    {
      line: 'tcmalloc: large alloc 1073741824 bytes == 0x7f00 @',
      route: 'ops-agent',
      why: 'gperftools warns of a large piece',
      sign: 'large-allocation',
      fields: {
        resource: 'memory',
      },
      scope: {
        project: 'demo-project',
        resource: 'memory',
      },
      weight: 'weak',
    },
    {
      line: '[ 1900.200300] nf_conntrack: nf_conntrack: table full, dropping packet',
      route: 'serial',
      why: 'the kernel drops connections',
      sign: 'connection-tracking',
      fields: {
        resource: 'connection tracking',
      },
      scope: {
        project: 'demo-project',
        resource: 'connection tracking',
      },
    },
    {
      line: 'Nov  1 10:00:00 web-1 startup.sh[4]: runtime/cgo: pthread_create failed: Resource temporarily unavailable',
      route: 'serial',
      why: 'limit of processes',
      sign: 'threads',
      fields: {
        resource: 'threads',
      },
      scope: {
        project: 'demo-project',
        resource: 'threads',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][error][file] [source/common/filesystem/file.cc:1] cannot write: No space left on device',
      route: 'ops-agent',
      why: 'the disk of the access log is full',
      sign: 'disk',
      fields: {
        resource: 'disk',
      },
      scope: {
        project: 'demo-project',
        resource: 'disk',
      },
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 503 OM overload - "-" 0 91 3 - "-" "curl/8.9.1" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" - 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'the overload manager answers',
      sign: 'shed-load',
      fields: {
        resource: 'overload manager',
      },
      scope: {
        project: 'demo-project',
        resource: 'overload manager',
      },
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 503 UO upstream_reset_before_response_started{overflow} - "-" 0 91 3 - "-" "curl/8.9.1" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||cart.shop.svc.cluster.local 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a circuit breaker is open',
      sign: 'breaker',
      fields: {
        resource: 'circuit breaker',
      },
      scope: {
        project: 'demo-project',
        resource: 'circuit breaker',
      },
      weight: 'weak',
    },
  ],
  nearMisses: [
    {
      line: '[2026-11-01 10:00:00.000][31][info][main] [source/server/overload_manager_impl.cc:200] Overload action envoy.overload_actions.shrink_heap became inactive',
      route: 'ops-agent',
      why: 'recovery',
      verdict: 'routine',
    },
    {
      line: "[2026-11-01 10:00:00.000][31][warning][config] [source/x.cc:1] gRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) ingress: unable to open file '/var/log/a.log': Too many open files",
      route: 'ops-agent',
      why: 'a rejection stays a rejection',
      verdict: 'listener-rejected',
    },
    {
      line: '[ 1900.200300] Memory cgroup out of memory: Killed process 811 (envoy) total-vm:1264844kB',
      route: 'serial',
      why: 'killed by the kernel',
      verdict: 'envoy-crash',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 200 - via_upstream - "-" 0 0 1 1 "-" "Too many open files EMFILE" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||shop.example.com 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a client writes the words into its user agent',
      verdict: 'routine',
      hostile: true,
    },
    {
      line: '[2026-11-01 10:00:00.000][31][warning][lua] [source/extensions/filters/http/lua/lua_filter.cc:914] script log: accept: Too many open files',
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
