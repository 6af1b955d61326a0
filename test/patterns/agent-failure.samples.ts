import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '{"message":"guest attributes","agent-last-failure":"cannot parse the forwarding rules of demo-project"}',
      route: 'attributes',
      why: 'nothing that heals by itself',
      sign: 'last-failure',
      fields: {
        failure: 'cannot parse the forwarding rules of demo-project',
        agent: 'service-proxy-agent',
        group: 'web-frontend',
      },
      scope: {
        project: 'demo-project',
        group: 'web-frontend',
        failure: 'cannot parse the forwarding rules of demo-project',
      },
    },
    {
      line: '{"message":"guest attributes","agent-last-failure":"Cannot reach the Cloud Service Mesh API server"}',
      route: 'attributes',
      why: 'the guide’s example: perhaps transient',
      sign: 'last-failure-transient',
      fields: {
        failure: 'Cannot reach the Cloud Service Mesh API server',
        agent: 'service-proxy-agent',
        group: 'web-frontend',
      },
      scope: {
        project: 'demo-project',
        group: 'web-frontend',
        failure: 'Cannot reach the Cloud Service Mesh API server',
      },
      weight: 'weak',
    },
    {
      line: 'Cannot reach the Traffic Director API server: timeout',
      route: 'agent',
      why: 'the same in the agent’s log, older product name',
      sign: 'api-server',
      fields: {
        failure: 'Cannot reach the Traffic Director API server: timeout',
        agent: 'service-proxy-agent',
        group: 'web-frontend',
      },
      scope: {
        project: 'demo-project',
        group: 'web-frontend',
        failure: 'Cannot reach the Traffic Director API server: timeout',
      },
      weight: 'weak',
    },
    {
      line: 'Nov  1 10:00:00 web-frontend-x2x4 systemd[1]: service-proxy-agent.service: Main process exited, code=exited, status=2/INVALIDARGUMENT',
      route: 'serial',
      why: 'systemd',
      sign: 'unit',
      fields: {
        failure: 'service-proxy-agent.service: Main process exited, code=exited, status=2/INVALIDARGUMENT',
        agent: 'service-proxy-agent',
        group: 'web-frontend',
      },
      scope: {
        project: 'demo-project',
        group: 'web-frontend',
        failure: 'service-proxy-agent.service: Main process exited, code=exited, status=#/INVALIDARGUMENT',
      },
    },
    {
      line: 'Nov  1 10:00:00 web-frontend-x2x4 systemd[1]: Failed to start Service Proxy Agent.',
      route: 'serial',
      why: 'systemd, by the description of the unit',
      sign: 'unit',
      fields: { failure: 'Failed to start Service Proxy Agent.', group: 'web-frontend' },
      scope: {
        project: 'demo-project',
        group: 'web-frontend',
        failure: 'Failed to start Service Proxy Agent.',
      },
    },
    {
      line: '2026-11-01T10:00:00.0000Z service-proxy-agent Error agent.go:44: cannot update the chain for 203.0.113.7: exit status 4',
      route: 'serial',
      why: 'the agent’s own error on the serial port',
      sign: 'own-error',
      fields: {
        failure: 'cannot update the chain for 203.0.113.7: exit status 4',
        agent: 'service-proxy-agent',
        group: 'web-frontend',
      },
      scope: {
        project: 'demo-project',
        group: 'web-frontend',
        failure: 'cannot update the chain for #: exit status #',
      },
      weight: 'weak',
    },
    {
      line: 'Nov  1 10:00:00 web-frontend-x2x4 OSConfigAgent[88]: 2026-11-01T10:00:00.0000Z OSConfigAgent Error main.go:154: unexpected end of metadata',
      route: 'serial',
      why: 'OS Config agent',
      sign: 'own-error',
      fields: { failure: 'unexpected end of metadata', agent: 'OSConfigAgent', group: 'web-frontend' },
      scope: { project: 'demo-project', group: 'web-frontend', failure: 'unexpected end of metadata' },
      weight: 'weak',
    },
    {
      line: '{"message":"cannot update the chain for 203.0.113.7: exit status 4","localTimestamp":"2026-11-01T10:00:00.0000Z","severity":"ERROR"}',
      route: 'agent',
      why: 'the agent’s own log, as Google’s library writes it',
      sign: 'own-error',
      fields: {
        failure: 'cannot update the chain for 203.0.113.7: exit status 4',
        agent: 'service-proxy-agent',
        group: 'web-frontend',
      },
      scope: {
        project: 'demo-project',
        group: 'web-frontend',
        failure: 'cannot update the chain for #: exit status #',
      },
      weight: 'weak',
    },
  ],
  nearMisses: [
    {
      line: '{"message":"guest attributes","agent-last-failure":"[none]","agent-heartbeat":"2026-11-01T09:59:30Z"}',
      route: 'attributes',
      why: 'no failure',
      verdict: 'ignored',
    },
    {
      line: '2026-11-01T10:00:00.0000Z service-proxy-agent Info: no error found, interception is up to date',
      route: 'serial',
      why: 'information',
      verdict: 'ignored',
    },
    {
      line: 'Nov  1 10:00:00 web-frontend-x2x4 systemd[1]: service-proxy-agent.service: Main process exited, code=exited, status=0/SUCCESS',
      route: 'serial',
      why: 'an ordinary end',
      verdict: 'ignored',
    },
    {
      line: '{"message":"no error found","localTimestamp":"2026-11-01T10:00:00.0000Z","severity":"INFO"}',
      route: 'agent',
      why: 'information in its own log',
      verdict: 'ignored',
    },
    {
      line: 'Reached the Cloud Service Mesh API server after 2 attempts',
      route: 'agent',
      why: 'it works',
      verdict: 'ignored',
    },
    {
      line: '[2026-11-01 10:00:00.000][812][error][lua] [source/extensions/filters/http/lua/lua_filter.cc:917] script log: Cannot reach the Cloud Service Mesh API server',
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'unrecognised',
      hostile: true,
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 403 - via_upstream - "-" 0 0 1 1 "-" "Cannot reach the Cloud Service Mesh API server" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||shop.example.com 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a client writes the words into its user agent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
