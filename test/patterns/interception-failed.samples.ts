import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: "ip6tables v1.8.9 (legacy): can't initialize ip6tables table `nat': Table does not exist (do you need to insmod?)\nPerhaps ip6tables or your kernel needs to be upgraded.",
      route: 'serial',
      why: 'the guide: a VM made in the console, before its first restart',
      sign: 'table',
      fields: {
        tool: 'ip6tables',
        table: 'nat',
        reason: 'IPv6 module missing',
      },
      scope: {
        project: 'demo-project',
        reason: 'IPv6 module missing',
      },
    },
    {
      line: 'startup-script: iptables v1.8.7 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)',
      route: 'serial',
      why: 'not run as root',
      sign: 'rules',
      fields: {
        tool: 'iptables',
        reason: 'not permitted',
      },
      scope: {
        project: 'demo-project',
        reason: 'not permitted',
      },
    },
    {
      line: "2026-11-01T10:00:00.000000Z\terror\tCommand error output: xtables parameter problem: iptables-restore: unable to initialize table 'mangle'",
      route: 'gke',
      why: 'istio-iptables on a node without the module',
      sign: 'table',
      fields: {
        tool: 'iptables',
        table: 'mangle',
        reason: 'kernel module missing',
      },
      scope: {
        project: 'demo-project',
        reason: 'kernel module missing',
      },
    },
    {
      line: 'line 7: RULE_APPEND failed (No such file or directory): rule in chain ISTIO_OUTPUT in table nat of iptables-nft-restore',
      route: 'ops-agent',
      why: 'nft flavour: xt_owner or xt_REDIRECT is missing',
      sign: 'rules',
      fields: {
        reason: 'rules refused',
      },
      scope: {
        project: 'demo-project',
        reason: 'rules refused',
      },
    },
    {
      line: 'iptables-restore v1.8.4 (legacy): line 12 failed',
      route: 'ops-agent',
      why: 'a second run over chains that exist',
      sign: 'rules',
      fields: {
        tool: 'iptables',
        reason: 'rules refused',
      },
      scope: {
        project: 'demo-project',
        reason: 'rules refused',
      },
    },
    {
      line: 'iptables: No chain/target/match by that name.',
      route: 'serial',
      why: 'also printed while old rules are cleaned up',
      sign: 'nothing-there',
      fields: {
        tool: 'iptables',
        reason: 'rules refused',
      },
      scope: {
        project: 'demo-project',
        reason: 'rules refused',
      },
      weight: 'weak',
    },
    {
      line: 'Perhaps iptables or your kernel needs to be upgraded.',
      route: 'serial',
      why: 'the second line of a refusal, as an entry of its own',
      sign: 'advice',
      fields: {
        tool: 'iptables',
        reason: 'kernel module missing',
      },
      scope: {
        project: 'demo-project',
        reason: 'kernel module missing',
      },
    },
    {
      line: "Try `ip6tables-restore -h' or 'ip6tables-restore --help' for more information.",
      route: 'serial',
      why: 'the last line of a refusal',
      sign: 'advice',
      fields: {
        reason: 'rules refused',
      },
      scope: {
        project: 'demo-project',
        reason: 'rules refused',
      },
    },
    {
      line: 'Another app is currently holding the xtables lock; still 9s 0us time ahead to have a chance to grab the lock...',
      route: 'serial',
      why: 'it waits, and mostly gets it',
      sign: 'nothing-there',
      fields: {
        reason: 'lock held',
      },
      scope: {
        project: 'demo-project',
        reason: 'lock held',
      },
      weight: 'weak',
    },
    {
      line: 'Another app is currently holding the xtables lock. Stopped waiting after 5s.',
      route: 'serial',
      why: 'it gave up',
      sign: 'rules',
      fields: {
        reason: 'lock held',
      },
      scope: {
        project: 'demo-project',
        reason: 'lock held',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\terror\tiptables validation failed; workload is not ready for Istio.',
      route: 'gke',
      why: 'istio-validation, with the CNI plug-in',
      sign: 'driver',
      fields: {
        reason: 'rules refused',
      },
      scope: {
        project: 'demo-project',
        reason: 'rules refused',
      },
    },
    {
      line: 'modprobe: FATAL: Module ip6table_nat not found in directory /lib/modules/6.1.0-28-cloud-amd64',
      route: 'serial',
      why: 'kernel updated, not yet restarted',
      sign: 'module',
      fields: {
        module: 'ip6table_nat',
        reason: 'IPv6 module missing',
      },
      scope: {
        project: 'demo-project',
        reason: 'IPv6 module missing',
      },
    },
    {
      line: "modprobe: ERROR: ../libkmod/libkmod.c:514 lookup_builtin_file() could not open moddep file '/lib/modules/5.10.0-1-cloud-amd64/modules.dep.bin'",
      route: 'serial',
      why: 'modules of another kernel than the one that runs',
      sign: 'module',
      fields: {
        reason: 'kernel module missing',
      },
      scope: {
        project: 'demo-project',
        reason: 'kernel module missing',
      },
    },
    {
      line: "Nov  1 10:00:00 web-1 systemd-modules-load[311]: Failed to find module 'xt_REDIRECT'",
      route: 'serial',
      why: 'a module list for a kernel without it',
      sign: 'module',
      fields: {
        module: 'xt_REDIRECT',
        reason: 'kernel module missing',
      },
      scope: {
        project: 'demo-project',
        reason: 'kernel module missing',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\terror\tFailed to execute: ip6tables-restore --noflush /tmp/ip6tables-rules-1793527200.txt12, exit status 3',
      route: 'gke',
      why: 'istio-iptables gives up',
      sign: 'command',
      fields: {
        tool: 'ip6tables',
        reason: 'rules refused',
      },
      scope: {
        project: 'demo-project',
        reason: 'rules refused',
      },
    },
    {
      line: 'Nov  1 10:00:00 web-1 service-proxy-agent-bootstrap.sh[511]: /opt/proxy/setup.sh: line 41: iptables: command not found',
      route: 'serial',
      why: 'an image without iptables',
      sign: 'command',
      fields: {
        reason: 'tool missing',
      },
      scope: {
        project: 'demo-project',
        reason: 'tool missing',
      },
    },
    {
      line: 'panic: exit status 4goroutine 1 [running]:\nistio.io/istio/tools/istio-iptables/pkg/dependencies/implementation.go:44 +0x96',
      route: 'gke',
      why: 'istio-iptables up to 1.9 panics',
      sign: 'driver',
      fields: {
        reason: 'rules refused',
      },
      scope: {
        project: 'demo-project',
        reason: 'rules refused',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\terror\tCommand error output: xtables resource problem: exited without saying why',
      route: 'gke',
      why: 'exit status 4 of iptables',
      sign: 'driver',
      fields: {
        reason: 'rules refused',
      },
      scope: {
        project: 'demo-project',
        reason: 'rules refused',
      },
    },
    {
      line: 'internal:0:0-0: Error: Could not process rule: Operation not supported',
      route: 'serial',
      why: 'nft on a kernel without nf_nat',
      sign: 'nft',
      fields: {
        tool: 'nft',
        reason: 'kernel module missing',
      },
      scope: {
        project: 'demo-project',
        reason: 'kernel module missing',
      },
    },
    {
      line: 'Nov  1 10:00:00 web-1 service-proxy-agent[511]: Failed to configure traffic interception for port 80',
      route: 'serial',
      why: 'what an agent says of itself',
      sign: 'said',
      fields: {
        reason: 'rules refused',
      },
      scope: {
        project: 'demo-project',
        reason: 'rules refused',
      },
    },
    {
      line: "startup-script: Fatal: can't lock /run/xtables.lock: Resource temporarily unavailable",
      route: 'serial',
      why: 'another program is changing the rules',
      sign: 'nothing-there',
      weight: 'weak',
      fields: { reason: 'lock held' },
      scope: { project: 'demo-project', reason: 'lock held' },
    },
    {
      line: 'startup-script: Warning: Extension owner revision 0 not supported, missing kernel module?',
      route: 'serial',
      why: 'iptables 1.8 on a kernel without xt_owner',
      sign: 'module',
      fields: { reason: 'kernel module missing' },
      scope: { project: 'demo-project', reason: 'kernel module missing' },
    },
  ],
  nearMisses: [
    {
      line: '-A ISTIO_OUTPUT -m owner --uid-owner 1006 -j RETURN',
      route: 'serial',
      why: 'a rule that is printed, not refused',
      verdict: 'routine',
    },
    {
      line: 'modprobe: FATAL: Module nvidia_uvm not found in directory /lib/modules/6.1.0-28-cloud-amd64',
      route: 'serial',
      why: 'a module that has nothing to do with packets',
      verdict: 'unrecognised',
    },
    {
      line: '2026-11-01T10:00:00.000000Z\tinfo\tRunning command: iptables-restore --noflush /tmp/iptables-rules-1793527200.txt12',
      route: 'gke',
      why: 'the command that is about to run',
      verdict: 'ignored',
    },
    {
      line: "startup-script: + echo 'could not set up iptables'",
      route: 'serial',
      why: 'a script that shows a line it may never reach',
      verdict: 'routine',
    },
    {
      line: "[2026-11-01 10:00:00.000][31][warning][lua] [source/extensions/filters/http/lua/lua_filter.cc:914] script log: ip6tables v1.8.9 (legacy): can't initialize ip6tables table `nat': Table does not exist",
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'unrecognised',
      hostile: true,
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 200 - via_upstream - "-" 0 0 1 1 "-" "modprobe: FATAL: Module ip6_tables not found" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||shop.example.com 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a client writes the words into its user agent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
