import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '2026-11-01T10:00:00.000000Z\tcritical\tenvoy backtrace\tCaught Segmentation fault, suspect faulting address 0x10',
      route: 'gke',
      why: 'the first line of a dump',
      sign: 'signal',
      fields: {
        signal: 'Segmentation fault',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: 'ActiveStream 0x1f, stream_id_: 2026-11-01T10:00:00.000000Z\tcritical\tenvoy backtrace\tCaught Aborted, suspect faulting address 0x53900000001',
      route: 'gke',
      why: 'two threads write one line',
      sign: 'signal',
      fields: {
        signal: 'Aborted',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][critical][backtrace] [./source/server/backtrace.h:104] Caught Bus error, suspect faulting address 0x7f00',
      route: 'ops-agent',
      why: 'a signal that is rarer',
      sign: 'signal',
      fields: {
        signal: 'Bus error',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][critical][backtrace] [source/server/backtrace.h:91] Backtrace (use tools/stack_decode.py to get line numbers):',
      route: 'ops-agent',
      why: 'dump',
      sign: 'backtrace',
      fields: {
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][critical][backtrace] [source/server/backtrace.h:96] #3: Envoy::Http::ConnectionManagerImpl::onData() [0x5581c0ffee00]',
      route: 'ops-agent',
      why: 'a frame with its symbol',
      sign: 'backtrace',
      fields: {
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][critical][backtrace] [source/server/backtrace.h:98] #4: [0x5581c0ffee10]',
      route: 'ops-agent',
      why: 'a frame without a symbol',
      sign: 'backtrace',
      fields: {
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][critical][backtrace] [source/server/backtrace.h:86] thr<31> #2 0x4aa5a7 (unknown)',
      route: 'ops-agent',
      why: 'a frame of Envoy 1.6',
      sign: 'backtrace',
      fields: {
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\tcritical\tenvoy backtrace\tEnvoy version: 0123456789abcdef0123456789abcdef01234567/1.22.11/Clean/RELEASE/BoringSSL',
      route: 'gke',
      why: 'inside a dump this is no announcement',
      sign: 'version-in-dump',
      fields: {
        version: '1.22.11',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '[2018-11-01 10:00:00.000][31][critical][assert] source/common/network/address_impl.cc:112] assert failure: fd != -1',
      route: 'ops-agent',
      why: 'Envoy before 1.10',
      sign: 'assert',
      fields: {
        condition: 'fd != -1',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][critical][assert] [source/common/http/codec.cc:70] assert failure: !in_flight_. Details: connection closed twice.',
      route: 'ops-agent',
      why: 'newer wording with details',
      sign: 'assert',
      fields: {
        condition: '!in_flight_. Details: connection closed twice.',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: 'E1101 10:00:00.000000 31 ref_counted.h:77] assertion failed: prior > 0',
      route: 'ops-agent',
      why: 'gRPC core in Envoy',
      sign: 'assert',
      fields: {
        condition: 'prior > 0',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][critical][assert] [source/common/common/assert.h:88] panic: not reached',
      route: 'ops-agent',
      why: 'PANIC in Envoy',
      sign: 'panic',
      fields: {
        condition: 'not reached',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '[2026-11-01 10:00:00.000][31][error][envoy_bug] [source/common/http/codec.cc:90] envoy bug failure: !stream_reset_. Details: reset after end of stream.',
      route: 'ops-agent',
      why: 'ENVOY_BUG: reported, then Envoy goes on',
      sign: 'bug',
      fields: {
        condition: '!stream_reset_. Details: reset after end of stream.',
        kind: 'bug',
      },
      scope: {
        project: 'demo-project',
        kind: 'bug',
      },
      weight: 'weak',
    },
    {
      line: '[2026-11-01 10:00:00.000][31][critical][main] [source/exe/terminate_handler.cc:26] std::terminate called! Uncaught EnvoyException, see trace.',
      route: 'ops-agent',
      why: 'an exception that nobody caught',
      sign: 'terminate',
      fields: {
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: 'run-proxy.sh: line 12: 611 Segmentation fault (core dumped) /usr/local/bin/envoy -c /etc/envoy.yaml',
      route: 'ops-agent',
      why: 'the shell that started Envoy',
      sign: 'terminate',
      fields: {
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: "Nov  1 10:00:00 web-1 systemd[1]: envoy.service: Failed with result 'exit-code'.",
      route: 'serial',
      why: 'systemd, after an exit with an error',
      sign: 'host',
      fields: {
        exit: "envoy.service: Failed with result 'exit-code'.",
        kind: 'exit',
      },
      scope: {
        project: 'demo-project',
        kind: 'exit',
      },
    },
    {
      line: 'double free or corruption (fasttop)',
      route: 'ops-agent',
      why: 'glibc, on standard error',
      sign: 'terminate',
      fields: {
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\terror\tEpoch 0 exited with error: signal: segmentation fault',
      route: 'gke',
      why: 'pilot-agent sees Envoy go',
      sign: 'exit',
      fields: {
        exit: 'signal: segmentation fault',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\twarn\tEpoch 1 terminated with an error: signal: killed',
      route: 'gke',
      why: 'pilot-agent until 1.4',
      sign: 'exit',
      fields: {
        exit: 'signal: killed',
        kind: 'out of memory',
      },
      scope: {
        project: 'demo-project',
        kind: 'out of memory',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\terror\tEnvoy exited with error: exit status 1',
      route: 'gke',
      why: 'istio from 1.18 on: look at what Envoy said before',
      sign: 'exit',
      fields: {
        exit: 'Envoy exited with error: exit status 1',
        kind: 'exit',
      },
      scope: {
        project: 'demo-project',
        kind: 'exit',
      },
    },
    {
      line: 'PID=611 exited with code=-11',
      route: 'ops-agent',
      why: 'hot-restarter.py',
      sign: 'exit',
      fields: {
        exit: 'PID=611 exited with code=-11',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: 'Nov  1 10:00:00 web-1 systemd[1]: envoy.service: Main process exited, code=killed, status=11/SEGV',
      route: 'serial',
      why: 'systemd',
      sign: 'host',
      fields: {
        exit: 'envoy.service: Main process exited, code=killed, status=11/SEGV',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '[  912.100200] wrk:worker_1[811]: segfault at 10 ip 000055d0c0ffee00 sp 00007ffd00000000 error 4 in envoy[55d0c0000000+2c00000]',
      route: 'serial',
      why: 'the kernel names a worker thread',
      sign: 'host',
      fields: {
        exit: 'wrk:worker_1[811]: segfault at 10 ip 000055d0c0ffee00 sp 00007ffd00000000 error 4 in envoy[55d0c0000000+2c00000]',
        kind: 'crash',
      },
      scope: {
        project: 'demo-project',
        kind: 'crash',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\twarn\tEnvoy may have been out of memory killed. Check memory usage and limits.',
      route: 'gke',
      why: 'pilot-agent guesses',
      sign: 'out-of-memory',
      fields: {
        kind: 'out of memory',
      },
      scope: {
        project: 'demo-project',
        kind: 'out of memory',
      },
    },
    {
      line: '[ 1900.200300] Out of memory: Kill process 811 (envoy) score 900 or sacrifice child',
      route: 'serial',
      why: 'kernel up to 4.x',
      sign: 'out-of-memory',
      fields: {
        kind: 'out of memory',
      },
      scope: {
        project: 'demo-project',
        kind: 'out of memory',
      },
    },
    {
      line: '[ 1900.200300] Memory cgroup out of memory: Killed process 811 (wrk:worker_0) total-vm:1264844kB, anon-rss:18812kB',
      route: 'serial',
      why: 'kernel 5 and later, cgroup limit',
      sign: 'out-of-memory',
      fields: {
        kind: 'out of memory',
      },
      scope: {
        project: 'demo-project',
        kind: 'out of memory',
      },
    },
    {
      line: '[ 1900.200300] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=abc,mems_allowed=0,oom_memcg=/kubepods/pod1,task_memcg=/kubepods/pod1/c1,task=envoy,pid=811,uid=1337',
      route: 'serial',
      why: 'kernel 5 and later, the summary',
      sign: 'out-of-memory',
      fields: {
        kind: 'out of memory',
      },
      scope: {
        project: 'demo-project',
        kind: 'out of memory',
      },
    },
    {
      line: '[ 1900.200300] Task in /kubepods/burstable/pod1/c1 killed as a result of limit of /kubepods/burstable/pod1',
      route: 'serial',
      why: 'the cgroup form names no process',
      sign: 'maybe-out-of-memory',
      fields: {
        kind: 'out of memory',
      },
      scope: {
        project: 'demo-project',
        kind: 'out of memory',
      },
      weight: 'weak',
    },
    {
      line: '2026-11-01T10:00:00.000000Z\tinfo\tNo more active epochs, terminating',
      route: 'gke',
      why: 'also at the end of an ordinary stop',
      sign: 'agent-ends',
      fields: {
        kind: 'exit',
      },
      scope: {
        project: 'demo-project',
        kind: 'exit',
      },
      weight: 'weak',
    },
    {
      line: '[2026-11-01 10:00:00.000][31][critical][backtrace] [./source/server/backtrace.h:129] Caught Abort trap: 6, suspect faulting address 0x1a2b3c',
      route: 'ops-agent',
      why: 'a system that numbers its signals',
      sign: 'signal',
      fields: { signal: 'Abort trap: 6', kind: 'crash' },
      scope: { project: 'demo-project', kind: 'crash' },
    },
  ],
  nearMisses: [
    {
      line: '[ 1900.200300] Memory cgroup out of memory: Killed process 912 (java) total-vm:9264844kB, anon-rss:8800000kB',
      route: 'serial',
      why: 'another process was killed',
      verdict: 'ignored',
    },
    {
      line: '2026-11-01T10:00:00.000000Z\tinfo\tEnvoy exited with error: <nil>',
      route: 'gke',
      why: 'no error at all',
      verdict: 'ignored',
    },
    {
      line: '2026-11-01T10:00:00.000000Z\tinfo\tEpoch 0 exited normally',
      route: 'gke',
      why: 'an ordinary end',
      verdict: 'routine',
    },
    {
      line: 'Nov  1 10:00:00 web-1 systemd[1]: nginx.service: Main process exited, code=killed, status=11/SEGV',
      route: 'serial',
      why: 'another program',
      verdict: 'unrecognised',
    },
    {
      line: "[2026-11-01 10:00:00.000][31][critical][wasm] [source/extensions/common/wasm/context.cc:1227] wasm log: panicked at 'assert failure: x', src/lib.rs:74:10",
      route: 'ops-agent',
      why: 'a plug-in panics, Envoy lives on',
      verdict: 'unrecognised',
      hostile: true,
    },
    {
      line: "[2026-11-01 10:00:00.000][31][debug][http] [source/common/http/conn_manager_impl.cc:1087] [C1][S2] request headers complete: ':path', '/' 'user-agent', 'Caught Aborted, suspect faulting address 0x0'",
      route: 'ops-agent',
      why: 'a client writes the words into its user agent',
      verdict: 'ignored',
      hostile: true,
    },
    {
      line: '2026-11-01T10:00:00.000000Z\twarn\thealth\tHealth check failed: connection refused',
      route: 'gke',
      why: '«check failed» of another kind',
      verdict: 'unrecognised',
    },
  ],
};
