import type { PatternSamples } from './sample.ts';

export const samples: PatternSamples = {
  matches: [
    {
      line: '2026-11-01T10:00:00.000000Z\tdebug\tenvoy conn_handler\tlistener filter times out after 15000 ms',
      route: 'gke',
      why: 'a client that waits for the server',
      sign: 'filter-timeout',
      fields: {
        timeoutMs: '15000',
      },
      scope: {
        project: 'demo-project',
      },
      weight: 'weak',
    },
    {
      line: '[2026-11-01 10:00:00.000][31][debug][conn_handler] [source/server/connection_handler_impl.cc:1] fallback to default listener filter',
      route: 'ops-agent',
      why: 'the line behind it',
      sign: 'fallback',
      fields: {},
      scope: {
        project: 'demo-project',
      },
      weight: 'weak',
    },
    {
      line: "ERROR 2013 (HY000): Lost connection to MySQL server at 'waiting for initial communication packet', system error: 110",
      route: 'ops-agent',
      why: 'the mysql client, no greeting came',
      sign: 'mysql-client',
      fields: {
        protocol: 'mysql',
      },
      scope: {
        project: 'demo-project',
        protocol: 'mysql',
      },
      weight: 'weak',
    },
    {
      line: 'Communications link failure. The last packet sent successfully to the server was 0 milliseconds ago. The driver has not received any packets from the server.',
      route: 'ops-agent',
      why: 'Connector/J',
      sign: 'mysql-client',
      fields: {
        protocol: 'mysql',
      },
      scope: {
        project: 'demo-project',
        protocol: 'mysql',
      },
      weight: 'weak',
    },
    {
      line: 'Nov  1 10:00:00 web-1 postfix/smtp[88]: conversation with mail.example.com[192.0.2.25] timed out while receiving the initial server greeting',
      route: 'serial',
      why: 'mail, the other usual one',
      sign: 'mail-client',
      fields: {
        protocol: 'mail',
      },
      scope: {
        project: 'demo-project',
        protocol: 'mail',
      },
      weight: 'weak',
    },
  ],
  nearMisses: [
    {
      line: 'ERROR 2013 (HY000): Lost connection to MySQL server during query',
      route: 'ops-agent',
      why: 'the greeting had come long ago',
      verdict: 'unrecognised',
    },
    {
      line: '2026-11-01T10:00:00.000000Z\tdebug\tenvoy filter\toriginal_dst: set destination to 192.0.2.9:3306',
      route: 'gke',
      why: 'a listener filter at work',
      verdict: 'ignored',
    },
    {
      line: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 200 - via_upstream - "-" 0 0 1 1 "-" "listener filter times out after 1 ms" "6d0e1a0e-0000-4000-8000-000000000000" "shop.example.com" "192.0.2.7:8080" outbound|80||shop.example.com 198.51.100.4:33606 192.0.2.7:80 198.51.100.4:59778 - default',
      route: 'gke',
      why: 'a client writes the words into its user agent',
      verdict: 'routine',
      hostile: true,
    },
    {
      line: "[2026-11-01 10:00:00.000][31][warning][lua] [source/extensions/filters/http/lua/lua_filter.cc:914] script log: Lost connection to MySQL server at 'reading initial communication packet'",
      route: 'ops-agent',
      why: 'a script that logs what a client sent',
      verdict: 'routine',
      hostile: true,
    },
  ],
};
