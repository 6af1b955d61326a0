// Envoy's own connections are intercepted and come back to Envoy, which forwards them to itself.
// The guide: see that the user that runs the proxy is not redirected. Envoy has no line for it; its addresses tell.
import { definePattern, HOUR_MS } from './pattern.ts';
import { or, sh } from './shell.ts';

export const redirectLoop = definePattern<'address' | 'port'>()({
  id: 'redirect-loop',
  title: "Envoy's own traffic is intercepted and loops back to it",
  severity: 'critical',
  fields: ['address', 'port'],
  signs: [
    {
      // Nothing but interception listens on these ports, so a destination there is Envoy itself.
      kind: 'text',
      name: 'destination',
      weight: 'weak',
      contains: [':15001', ':15006'],
      regexp:
        /^(?:Created host |Adding host |Using existing host |original_dst: set destination to |connecting to |Creating connection to |(?:immediate|delayed) connect error: .{0,100}remote address:)(?:original_dst\S{0,100} )?(?<address>(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|\[::ffff:127\.0\.0\.1\]):(?<port>15001|15006))\b/,
      sources: ['envoy'],
    },
    {
      kind: 'text',
      name: 'upstream',
      contains: [':15001', ':15006'],
      regexp:
        /^(?:\w{3,60} )?gRPC config stream (?:to \S{1,200} )?closed(?: since \d{1,9}s ago)?: ?\d{1,2}, .{0,600}?\W(?<address>(?:127\.0\.0\.1|\[::1\]):(?<port>15001|15006))(?!\d)/,
    },
  ],
  scope: (found, record) => ({
    project: record.proxy.project,
    group: or(record.proxy.group, record.proxy.displayName),
    port: found.port ?? '',
  }),
  headline: ({ scope }) =>
    `Envoy forwards traffic to its own interception port ${or(scope['port'], '15001')} on ${or(scope['group'], 'some proxies')}`,
  cause: () =>
    "The rules that intercept traffic do not exempt the user that runs Envoy, so Envoy's connections are redirected to Envoy.",
  checks: ['service-proxy-metadata', 'envoy-config'],
  remedy: ({ proxies, scope }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'users',
        say: 'See which user is exempt (`--uid-owner … -j RETURN`) and which one runs Envoy: they must be the same.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'sudo iptables -t nat -S | grep uid-owner; ps -o uid=,user= -C envoy'}`,
      },
      {
        id: 'exempt',
        say: 'Exempt that user before the rule that redirects, in the script or image that makes the rules; ENVOY_UID is the number shown above.',
        run: sh`sudo iptables -t nat -I ISTIO_OUTPUT 1 -m owner --uid-owner ENVOY_UID -j RETURN`,
      },
      {
        id: 'restart',
        say: 'Restart Envoy afterwards: the connections that loop already are not freed by the rule.',
      },
    ];
  },
  explains: ['control-plane-unreachable'],
  yieldsTo: [],
  gone: { quietAfterMs: HOUR_MS / 4, proof: 'no new connection of Envoy to its own interception port' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'envoy: source/extensions/clusters/original_dst/original_dst_cluster.cc',
    'envoy: source/common/network/connection_impl.cc',
  ],
});
