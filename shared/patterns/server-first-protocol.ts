// A protocol in which the server speaks first (MySQL, SMTP) is sent through Envoy, which waits for the client's first bytes.
// The guide, «connections with server-first protocols»: Cloud Service Mesh does not support them.
import { definePattern, HOUR_MS } from './pattern.ts';
import { or, sh } from './shell.ts';

/** The protocols that are told apart. */
export type ServerFirstProtocol = 'mail' | 'mysql';

type Name = 'timeoutMs' | 'protocol';

export const serverFirstProtocol = definePattern<Name>()({
  id: 'server-first-protocol',
  title: 'A server-first protocol goes through the mesh',
  severity: 'warning',
  fields: ['timeoutMs', 'protocol'],
  signs: [
    {
      // Any client that connects and stays silent (a probe, a scanner) makes Envoy write it: weak.
      kind: 'text',
      name: 'filter-timeout',
      contains: ['listener filter time'],
      regexp:
        /^(?:\[[^\]]{1,80}\] ?){0,3}listener filter time(?:s|d) out(?: after (?<timeoutMs>\d{1,9}) ?ms)?/,
      weight: 'weak',
    },
    {
      kind: 'text',
      name: 'fallback',
      contains: ['fallback to default listener filter'],
      regexp: /^(?:\[[^\]]{1,80}\] ?){0,3}fallback to default listener filter/,
      weight: 'weak',
    },
    {
      // A server that is down looks the same to its client: weak.
      kind: 'text',
      name: 'mysql-client',
      contains: [
        'Lost connection to ',
        'has not received any packets from the server',
        'Handshake inactivity timeout',
        'PROTOCOL_SEQUENCE_TIMEOUT',
        'initial handshake packet',
        'initial communication packet',
      ],
      regexp:
        /Lost connection to (?:MySQL |MariaDB )?(?:server|backend) at '[^']{0,40}(?:initial communication packet|authorization packet|connect information)|(?:reading|waiting for) initial (?:communication|handshake) packet|driver has not received any packets from the server|Handshake inactivity timeout|PROTOCOL_SEQUENCE_TIMEOUT/i,
      weight: 'weak',
      read: (record, found) =>
        record.level === 'trace' || record.level === 'debug'
          ? undefined
          : { ...found, protocol: 'mysql' satisfies ServerFirstProtocol },
    },
    {
      kind: 'text',
      name: 'mail-client',
      contains: ['reeting'],
      regexp:
        /receiving the initial server greeting|(?:waiting for|reading|receive|did not get)(?: the)?(?: initial)? (?:SMTP |server |IMAP |FTP )?greeting|greeting never received/i,
      weight: 'weak',
      read: (record, found) =>
        record.level === 'trace' || record.level === 'debug'
          ? undefined
          : { ...found, protocol: 'mail' satisfies ServerFirstProtocol },
    },
  ],
  scope: (found, record) => ({ project: record.proxy.project, protocol: found.protocol ?? '' }),
  headline: ({ scope }) =>
    `Connections wait for a server that speaks first (${or(scope['protocol'], 'protocol unknown')})`,
  cause: () =>
    'The client waits for the first bytes of the server while Envoy waits for the first bytes of the client, which Cloud Service Mesh does not support.',
  checks: ['service-proxy-metadata', 'envoy-config'],
  remedy: ({ scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'ports',
        say: 'Find the ports whose connections time out before a filter chain is chosen (on the machine).',
        run: sh`curl -s ${'localhost:15000/stats?filter=downstream_pre_cx_timeout'}`,
      },
      {
        id: 'exclude',
        say: 'Keep that port out of interception: look at which addresses and ports the VM redirects, then leave the database or mail server out of them.',
        run: sh`gcloud compute instances describe ${instance} --zone=${zone} --project=${project} --format=${'value(metadata.items.filter("key:gce-service-proxy"))'}`,
      },
      {
        id: 'gke',
        say: 'On GKE, exclude the port with the annotation traffic.sidecar.istio.io/excludeOutboundPorts (3306, 25).',
      },
      {
        id: 'name',
        say: 'In a mesh with mutual TLS, name the port tcp or mysql, so that no protocol is detected on it.',
      },
    ];
  },
  explains: [],
  yieldsTo: [],
  gone: { quietAfterMs: 2 * HOUR_MS, proof: 'no connection times out before its first bytes' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'envoy: source/common/listener_manager/active_tcp_socket.cc',
  ],
});
