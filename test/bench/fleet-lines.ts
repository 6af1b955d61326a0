// A seed in, LogEntries of a noisy fleet out, as base64 of their JSON: what proxies write all day, in the proportions in
// which they write it. Machines, threads and times differ from entry to entry; what else differs in a message is chosen.
import { hash64 } from '#shared/model/hash.ts';
import { seeded } from '../../infra/local/seeded.ts';

/** `as-written`: numbers and names vary as in a real fleet. `each-its-own`: no two messages are the same. */
export type Variety = 'as-written' | 'each-its-own';

interface Kind {
  /** Of a thousand entries. */
  readonly share: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly component: string;
  readonly source: string;
  /** `own` differs in each message of `each-its-own`, and takes few values otherwise; `count` always varies. */
  readonly message: (own: string, count: number) => string;
}

const GRPC = 'external/envoy/source/extensions/config_subscription/grpc/grpc_stream.h:189';
const NACK = 'external/envoy/source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:138';

const stream = (share: number, closed: (own: string, count: number) => string): Kind => ({
  share,
  level: 'warning',
  component: 'config',
  source: GRPC,
  message: (own, count) =>
    `StreamAggregatedResources gRPC config stream to ${own}.trafficdirector.googleapis.com:443 closed: ${closed(own, count)}`,
});

/** Mostly streams that rotate, then information, warnings about old options, and one entry in six a fault. */
const KINDS: readonly Kind[] = [
  stream(420, () => '13, '),
  stream(60, () => '0, '),
  stream(40, () => '14, GOAWAY received; Error code: 0; Debug Text: max_age'),
  {
    share: 110,
    level: 'info',
    component: 'upstream',
    source: 'external/envoy/source/common/upstream/cds_api_helper.cc:32',
    message: (own, count) => `cds: add ${count % 9} cluster(s), remove 0 cluster(s) of ${own}`,
  },
  {
    share: 70,
    level: 'info',
    component: 'upstream',
    source: 'external/envoy/source/server/lds_api.cc:109',
    message: (own, count) => `lds: add/update listener 'TRAFFICDIRECTOR_INTERCEPTION_PORT_${own}_${count}'`,
  },
  {
    share: 50,
    level: 'warning',
    component: 'misc',
    source: 'external/envoy/source/common/protobuf/message_validator_impl.cc:21',
    message: (own) =>
      `Deprecated field: type envoy.config.route.v3.HeaderMatcher Using deprecated option 'envoy.config.route.v3.HeaderMatcher.${own}' from file route_components.proto. This configuration will be removed from Envoy soon.`,
  },
  {
    share: 40,
    level: 'info',
    component: 'main',
    source: 'external/envoy/source/server/drain_manager_impl.cc:171',
    message: (own) => `shutting down parent after drain of ${own}`,
  },
  stream(
    80,
    (own) =>
      `5, Traffic Director configuration was not found for network "${own}" in project "123456789012".`,
  ),
  {
    share: 40,
    level: 'warning',
    component: 'config',
    source: NACK,
    message: (own) =>
      'gRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) ' +
      `TRAFFICDIRECTOR_INTERCEPTION_PORT: unable to open file '/var/log/envoy/${own}.log': Permission denied`,
  },
  stream(
    40,
    (own) =>
      `14, upstream connect error or disconnect/reset before headers. reset reason: connection timeout to ${own}`,
  ),
  {
    share: 30,
    level: 'error',
    component: 'filter',
    source: 'external/envoy/source/extensions/filters/http/common/nobody.cc:77',
    message: (own, count) => `a filter that nobody knows failed on ${own} after ${count} requests`,
  },
  {
    share: 20,
    level: 'info',
    component: 'http',
    source: 'external/envoy/source/common/http/conn_manager_impl.cc:1',
    message: (own, count) => `[Tags: "ConnectionId":"${count}"] request of ${own} ended`,
  },
];

const NAMES = ['prod', 'staging', 'edge', 'batch'] as const;
const VMS = 40;
const HOUR_MS = 3_600_000;

function kindOf(place: number): Kind | undefined {
  let from = 0;
  return KINDS.find(({ share }) => (from += share) > place);
}

/** `count` entries, by their time. */
export function fleetLines(count: number, variety: Variety): readonly string[] {
  const random = seeded(7);
  const total = KINDS.reduce((sum, { share }) => sum + share, 0);
  const endMs = Date.UTC(2026, 10, 1, 10);
  return Array.from({ length: count }, (_one, index) => {
    const atMs = endMs - HOUR_MS + Math.floor((index * HOUR_MS) / count);
    const time = new Date(atMs).toISOString();
    const vm = Math.floor(random() * VMS);
    const kind = kindOf(random() * total);
    if (kind === undefined) throw new Error('the shares leave a gap');
    const few = NAMES[Math.floor(random() * NAMES.length)] ?? NAMES[0];
    const own = variety === 'each-its-own' ? `${few}-${index.toString(36)}` : few;
    const thread = 1_000 + vm * 7 + Math.floor(random() * 4);
    const prefix = `[${time.replace('T', ' ').replace('Z', '')}][${thread}][${kind.level}][${kind.component}] [${kind.source}] `;
    const entry = {
      insertId: hash64(String(index)).high.toString(36) + index.toString(36),
      logName: 'projects/demo-mesh/logs/envoy_err',
      timestamp: time.replace('Z', '123456Z'),
      receiveTimestamp: new Date(atMs + 900).toISOString().replace('Z', '654321Z'),
      resource: {
        type: 'gce_instance',
        labels: {
          project_id: 'demo-mesh',
          zone: 'europe-west3-a',
          instance_id: `90721856142811500${10 + vm}`,
        },
      },
      labels: { 'compute.googleapis.com/resource_name': `checkout-x2${(36 + vm).toString(36)}` },
      jsonPayload: { message: prefix + kind.message(own, Math.floor(random() * 1_000)) },
    };
    return Buffer.from(JSON.stringify(entry)).toString('base64');
  });
}
