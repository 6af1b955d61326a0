// Envoy refuses a listener that the control plane sent (a NACK of LDS); the old listener, if any, stays.
// The guide, «services unreachable when Envoy access logging is configured», and every other reason Envoy gives.
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'listener' | 'reason' | 'path' | 'address';

/** What differs from proxy to proxy is blanked, so that one cause is one incident. */
export function normaliseReason(reason: string): string {
  return reason
    .replace(/(?:\s*goo\.gle\/debug\w+|[{<]).*$/s, '')
    .replaceAll(/'[^']{0,200}'/g, "'…'")
    .replaceAll(/\b\d+(?:\.\d+)*(?::\d+)?\b/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
}

const FILE = /unable to open file '(?<path>[^']{1,200})'/i;
const BIND = /cannot bind '(?<address>[^']{1,80})'/i;

function readReason(found: Found<Name>): Found<Name> {
  const reason = found.reason ?? '';
  return {
    ...found,
    path: FILE.exec(reason)?.groups?.['path'] ?? '',
    address: BIND.exec(reason)?.groups?.['address'] ?? '',
  };
}

function cause(found: Found<Name>): string {
  if (found.path !== undefined)
    return `Envoy's user may not write the access log ${found.path}, so Envoy refuses the whole listener.`;
  if (found.address !== undefined && /permission denied/i.test(found.reason ?? ''))
    return `Envoy's user may not bind the privileged port of ${found.address}.`;
  if (found.address !== undefined && /assign requested address/i.test(found.reason ?? ''))
    return `The address ${found.address} is none of this machine's.`;
  if (found.address !== undefined) return `Another process already listens on ${found.address}.`;
  return 'The listener that the control plane sent is not valid for this Envoy, which keeps its old one if it has any.';
}

function remedyForFile(path: string, instance: string, zone: string) {
  const directory = path.slice(0, Math.max(path.lastIndexOf('/'), 1));
  return [
    {
      id: 'owner',
      say: 'See who owns the file and under which user Envoy runs.',
      run: sh`gcloud compute ssh ${instance} --zone=${zone} --command=${`sudo ls -ld -- '${directory.replaceAll("'", '')}' '${path.replaceAll("'", '')}'; ps -o user= -C envoy`}`,
    },
    {
      id: 'permission',
      say: 'Give that user the file, on every VM and in the image or start-up script that makes them.',
      run: sh`sudo install -o ENVOY_USER -m 0640 /dev/null ${path}`,
    },
    {
      id: 'move',
      say: 'Or point TRAFFICDIRECTOR_ACCESS_LOG_PATH (access-log in the service-proxy metadata) to a path that Envoy may write.',
    },
  ] as const;
}

export const listenerRejected = definePattern<Name>()({
  id: 'listener-rejected',
  title: 'Envoy rejects a listener from the control plane',
  severity: 'critical',
  fields: ['listener', 'reason', 'path', 'address'],
  signs: [
    {
      kind: 'text',
      name: 'nack',
      contains: ['Listener '],
      regexp:
        /^(?:gRPC|delta) config for (?:type\.googleapis\.com\/)?(?:envoy\.(?:api\.v2|config\.listener\.v3)\.)?Listener (?:update )?rejected: ?(?:Error adding\/updating listener(?:\(s\))? (?<listener>[^ ]{1,200}): )?(?<reason>.{0,2000})/i,
      read: (_record, found) => readReason(found),
    },
    {
      kind: 'text',
      name: 'lds-reason',
      contains: ['Error adding/updating listener', 'rror adding listener'],
      regexp:
        /^(?:Error adding\/updating listener(?:\(s\))? |error adding listener(?:| named|:) ')(?<listener>[^ ']{1,200})(?:: |':? )(?<reason>.{0,2000})/i,
      read: (_record, found) => readReason(found),
    },
    {
      // Written just before the rejection itself. A port that is taken is port-conflict's.
      kind: 'text',
      name: 'bind',
      contains: ['cannot bind'],
      regexp:
        /^(?:listener '(?<listener>[^']{1,200})' failed to bind or apply socket options: )?(?<reason>cannot bind '[^']{1,120}': (?!Address already in use)[A-Z].{0,200})/,
      read: (_record, found) => readReason(found),
    },
    {
      // The control plane's own view of a rejection.
      kind: 'text',
      name: 'ack-error',
      contains: [': ACK ERROR '],
      regexp:
        /^(?:ADS:)?LDS: ACK ERROR \S{1,300} (?:\w{1,30}:)?(?:Error adding\/updating listener(?:\(s\))? (?<listener>[^ ]{1,200}): )?(?<reason>.{0,2000})/,
      read: (_record, found) => readReason(found),
    },
    {
      // Before rejections had a form of their own.
      kind: 'text',
      name: 'fetch-failure',
      contains: ['lds: '],
      regexp:
        /^lds: (?:fetch failure|error|invalid|failed to (?:add|update)|update rejected):? ?(?:error (?:adding|updating) listener:? )?(?:'(?<listener>[^']{1,200})' )?(?<reason>.{0,2000})/,
      read: (_record, found) => readReason(found),
    },
    {
      // The rest of a rejection that was split at its line breaks, one listener a line.
      kind: 'text',
      name: 'continuation',
      contains: ['unable to open file', 'cannot bind'],
      regexp:
        /^(?<listener>[\w.:|-]{1,200}): (?<reason>(?:unable to open file '[^']{1,200}': [A-Z]|cannot bind '[^']{1,80}': (?!Address already)[A-Z]).{0,2000})/,
      read: (record, found) => (record.bare ? readReason(found) : undefined),
    },
  ],
  scope: (found, record) => ({
    project: record.proxy.project,
    listener: found.listener ?? '',
    reason: normaliseReason(found.reason ?? ''),
  }),
  headline: ({ fields, scope }) =>
    `Envoy rejects listener ${or(fields.listener, '(unnamed)')}: ${or(scope['reason'], 'no reason given')}`,
  cause: ({ fields }) => cause(fields),
  checks: ['service-proxy-metadata', 'envoy-config'],
  remedy: ({ fields, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    if (fields.path !== undefined) return remedyForFile(fields.path, instance, zone);
    return [
      {
        id: 'dump',
        say: 'Read the listener Envoy refused, with its full error, in `error_state` of the configuration dump.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --command=${'curl -s localhost:15000/config_dump?resource=dynamic_listeners'}`,
      },
      fields.address === undefined
        ? {
            id: 'source',
            say: 'Correct the resource that makes this listener (target proxy, URL map, EnvoyFilter); Envoy accepts the next push at once.',
          }
        : {
            id: 'holder',
            say: 'See who holds the port.',
            run: sh`gcloud compute ssh ${instance} --zone=${zone} --command=${'sudo ss -ltnp'}`,
          },
    ];
  },
  explains: [],
  yieldsTo: [],
  gone: { quietAfterMs: HOUR_MS, proof: 'the next push is accepted: no new rejection while pushes go on' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'envoy: source/common/listener_manager/lds_api.cc',
    'envoy: source/extensions/config_subscription/grpc/grpc_subscription_impl.cc',
    'envoy: source/extensions/config_subscription/grpc/delta_subscription_state.cc',
  ],
});
