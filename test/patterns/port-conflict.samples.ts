import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: "2026-11-01T10:00:00.000000Z\terror\tenvoy config\tlistener 'virtualOutbound' failed to bind or apply socket options: cannot bind '0.0.0.0:15001': Address already in use",
      route: 'gke',
      why: 'the line before the rejection',
      sign: 'envoy-bind',
      fields: {
        listener: 'virtualOutbound',
        address: '0.0.0.0:15001',
        port: '15001',
      },
      scope: {
        project: 'demo-project',
        port: '15001',
      },
    },
    {
      line: "[2026-11-01 10:00:00.000][31][info][main] [source/server/server.cc:1] exiting\ncannot bind '[::1]:15000': Address already in use",
      route: 'ops-agent',
      why: 'last words of an Envoy whose admin port is taken',
      sign: 'envoy-bind',
      fields: {
        address: '[::1]:15000',
        port: '15000',
      },
      scope: {
        project: 'demo-project',
        port: '15000',
      },
    },
    {
      line: "[2026-11-01 10:00:00.000][31][critical][main] [source/server/server.cc:1] error initializing configuration '/etc/envoy/envoy.yaml': cannot bind '127.0.0.1:15000': Address already in use",
      route: 'ops-agent',
      why: 'the admin port, at start',
      sign: 'envoy-bind',
      fields: {
        address: '127.0.0.1:15000',
        port: '15000',
      },
      scope: {
        project: 'demo-project',
        port: '15000',
      },
    },
    {
      line: "ingress_http: cannot bind '0.0.0.0:8080': Address already in use",
      route: 'ops-agent',
      why: 'a line without a prefix',
      sign: 'envoy-bind',
      fields: {
        address: '0.0.0.0:8080',
        port: '8080',
      },
      scope: {
        project: 'demo-project',
        port: '8080',
      },
    },
    {
      line: 'unable to bind domain socket with base_id=3, id=0, errno=98 (see --base-id option)',
      route: 'ops-agent',
      why: 'a second Envoy on the machine',
      sign: 'hot-restart',
      fields: {
        baseId: '3',
        errno: '98',
      },
      scope: {
        project: 'demo-project',
        port: 'base-id 3',
      },
    },
    {
      line: 'unable to bind domain socket with id=0 (see --base-id option)',
      route: 'ops-agent',
      why: 'Envoy before 1.12',
      sign: 'hot-restart',
      fields: {
        baseId: '0',
      },
      scope: {
        project: 'demo-project',
        port: 'base-id 0',
      },
    },
    {
      line: '2026-11-01T10:00:00.000000Z\terror\tError listening on status port: listen tcp :15020: bind: address already in use',
      route: 'gke',
      why: 'pilot-agent',
      sign: 'go-listen',
      fields: {
        address: ':15020',
        port: '15020',
      },
      scope: {
        project: 'demo-project',
        port: '15020',
      },
    },
    {
      line: "OSError: [Errno 98] error while attempting to bind on address ('::1', 15090): address already in use",
      route: 'ops-agent',
      why: 'a helper in Python',
      sign: 'other-bind',
      fields: {
        address: ':15090',
        port: '15090',
      },
      scope: {
        project: 'demo-project',
        port: '15090',
      },
    },
    {
      line: 'nginx: [emerg] bind() to 0.0.0.0:8081 failed (98: Address already in use)',
      route: 'ops-agent',
      why: 'ESP, or a web server on the same VM',
      sign: 'other-bind',
      fields: {
        address: '0.0.0.0:8081',
        port: '8081',
      },
      scope: {
        project: 'demo-project',
        port: '8081',
      },
    },
    {
      line: "[2026-11-01 10:00:00.000][31][critical][config] [source/server/listener_manager_impl.cc:1] listener 'inbound_8080' failed to listen on address '127.0.0.1:8080' on worker",
      route: 'ops-agent',
      why: 'bound but not listening, Envoy 1.5 to 1.16',
      sign: 'listen',
      weight: 'weak',
      fields: { listener: 'inbound_8080', address: '127.0.0.1:8080', port: '8080' },
      scope: { project: 'demo-project', port: '8080' },
    },
  ],
  nearMisses: [
    {
      line: "2026-11-01T10:00:00.000000Z\twarning\tenvoy config\tgRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) ingress_http: cannot bind '0.0.0.0:8080': Address already in use",
      route: 'gke',
      why: 'inside a rejection',
      verdict: 'listener-rejected',
    },
    {
      line: "2026-11-01T10:00:00.000000Z\terror\tenvoy config\tlistener '0.0.0.0_80' failed to bind or apply socket options: cannot bind '0.0.0.0:80': Permission denied",
      route: 'gke',
      why: 'a privileged port',
      verdict: 'listener-rejected',
    },
    {
      line: 'unable to bind domain socket with base_id=3, id=0, errno=13 (see --base-id option)',
      route: 'ops-agent',
      why: 'not permitted, which is no conflict',
      verdict: 'unrecognised',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 200 - via_upstream - "-" 0 0 1 1 "-" "cannot bind \'0.0.0.0:1\': Address already in use" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||shop.example.com 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a client writes the words into its user agent',
      verdict: 'routine',
      hostile: true,
    },
    {
      line: "[2026-11-01 10:00:00.000][31][warning][lua] [source/extensions/filters/http/lua/lua_filter.cc:914] script log: cannot bind '0.0.0.0:1': Address already in use",
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'unrecognised',
      hostile: true,
    },
  ],
};
