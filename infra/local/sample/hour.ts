// A made-up hour of a made-up fleet: 40 VMs in three groups, three faults, routine noise, a few unreadable messages.
// In: a seed and the moment it ends. Out: the messages in the order of their time. Nothing here is anybody's data.
import { seeded } from '../seeded.ts';

/** One message for the sink's topic: a LogEntry, or bytes that are none. */
export type SampleMessage =
  | { readonly kind: 'entry'; readonly atMs: number; readonly entry: Readonly<Record<string, unknown>> }
  | { readonly kind: 'bytes'; readonly atMs: number; readonly bytes: Uint8Array };

/** The made-up project of the fleet; the stand-in for Google's APIs knows it too. */
export const SAMPLE_PROJECT = { id: 'demo-mesh', number: '123456789012' } as const;
const PROJECT = SAMPLE_PROJECT.id;
const PROJECT_NUMBER = SAMPLE_PROJECT.number;
const HOUR_MS = 3_600_000;

export interface Vm {
  readonly name: string;
  readonly id: string;
  readonly zone: string;
  readonly group: string;
}

function letters(random: () => number, count: number): string {
  const alphabet = '0123456789bcdfghjklmnpqrstvwxz';
  return Array.from({ length: count }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}

/** The 40 VMs. */
export function sampleFleet(): readonly Vm[] {
  // The fleet is the same at every start, so that a second run finds its incidents again.
  const random = seeded(40);
  const groups = [
    { group: 'web-frontend', vms: 18, zone: 'europe-west3-a' },
    { group: 'checkout', vms: 12, zone: 'europe-west3-b' },
    { group: 'catalog', vms: 10, zone: 'europe-west3-c' },
  ];
  return groups.flatMap(({ group, vms, zone }) =>
    Array.from({ length: vms }, () => ({
      name: `${group}-${letters(random, 4)}`,
      id: String(Math.floor(1e18 + random() * 8e18)),
      zone,
      group,
    })),
  );
}

interface Line {
  readonly vm: Vm;
  readonly atMs: number;
  readonly log: 'envoy_err' | 'service-proxy-agent';
  readonly payload: Readonly<Record<string, string>>;
  readonly severity?: string;
}

const ENVOY_LEVEL = { warning: 'warning', info: 'info', error: 'error' } as const;

/** A line as Envoy 1.29 writes it to its error log and the Ops Agent ships it, unparsed. */
function envoyLine(
  vm: Vm,
  atMs: number,
  text: {
    readonly level: keyof typeof ENVOY_LEVEL;
    readonly component: string;
    readonly source: string;
    readonly message: string;
  },
): Line {
  const time = new Date(atMs).toISOString().replace('T', ' ').replace('Z', '');
  const prefix = `[${time}][${1_000 + (Number(vm.id.slice(-3)) % 900)}][${text.level}][${text.component}] [${text.source}]`;
  return { vm, atMs, log: 'envoy_err', payload: { message: `${prefix} ${text.message}` } };
}

const STREAM = 'external/envoy/source/extensions/config_subscription/grpc/grpc_stream.h:189';
const LRS = 'external/envoy/source/common/upstream/load_stats_reporter.cc:145';
const SUBSCRIPTION =
  'external/envoy/source/extensions/config_subscription/grpc/grpc_subscription_impl.cc:138';

/** The instance template of `checkout` was given a network name that no forwarding rule knows. */
function wrongNetwork(vm: Vm, atMs: number): readonly Line[] {
  const reason = `5, Traffic Director configuration was not found for network "prod-vpc" in project "${PROJECT_NUMBER}".`;
  return [
    envoyLine(vm, atMs, {
      level: 'warning',
      component: 'config',
      source: STREAM,
      message: `StreamAggregatedResources gRPC config stream to trafficdirector.googleapis.com:443 closed: ${reason}`,
    }),
    envoyLine(vm, atMs + 40, {
      level: 'warning',
      component: 'upstream',
      source: LRS,
      message: `StreamLoadStats gRPC config stream closed: ${reason}`,
    }),
  ];
}

/** Somebody's hardening took Envoy's user the right to write the access log of `web-frontend`. */
function accessLogDenied(vm: Vm, atMs: number): readonly Line[] {
  return [
    envoyLine(vm, atMs, {
      level: 'warning',
      component: 'config',
      source: SUBSCRIPTION,
      message:
        'gRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) ' +
        "TRAFFICDIRECTOR_INTERCEPTION_PORT: unable to open file '/var/log/envoy/access.log': Permission denied",
    }),
  ];
}

/** How long before the hour's end the agents stopped. */
export const STOPPED_BEFORE_END_MS = 35 * 60_000;

/** The VMs whose agent stopped. */
export const stoppedVms = (fleet: readonly Vm[]): readonly Vm[] =>
  fleet.filter(({ group }) => group === 'catalog').slice(0, 2);

/** The agent of two `catalog` VMs stopped; somebody ships the guest attributes to the log. */
function stoppedAgent(vm: Vm, atMs: number, stoppedAtMs: number): Line {
  return {
    vm,
    atMs,
    log: 'service-proxy-agent',
    severity: 'INFO',
    payload: { message: 'guest attributes', 'agent-heartbeat': new Date(stoppedAtMs).toISOString() },
  };
}

/** What a healthy proxy writes in an hour: its version once, streams that rotate, deprecations, drains. */
function routine(vm: Vm, startMs: number, random: () => number): readonly Line[] {
  const at = (): number => startMs + Math.floor(random() * HOUR_MS);
  const rotation = (): Line =>
    envoyLine(vm, at(), {
      level: 'warning',
      component: 'config',
      source: STREAM,
      message:
        'StreamAggregatedResources gRPC config stream to trafficdirector.googleapis.com:443 closed: 13, ',
    });
  const deprecated = envoyLine(vm, at(), {
    level: 'warning',
    component: 'misc',
    source: 'external/envoy/source/common/protobuf/message_validator_impl.cc:21',
    message:
      "Deprecated field: type envoy.config.route.v3.HeaderMatcher Using deprecated option 'envoy.config.route.v3.HeaderMatcher.exact_match' from file route_components.proto. This configuration will be removed from Envoy soon.",
  });
  const updates = Array.from({ length: 20 }, () =>
    envoyLine(vm, at(), {
      level: 'info',
      component: 'upstream',
      source: 'external/envoy/source/common/upstream/cds_api_helper.cc:32',
      message: 'cds: add 4 cluster(s), remove 0 cluster(s)',
    }),
  );
  const version: Line = {
    vm,
    atMs: at(),
    log: 'service-proxy-agent',
    severity: 'INFO',
    payload: {
      message: 'Envoy Version: 2c3b1f8f5cf0a1e5d3b8b5b0e8c6a1d2e3f4a5b6/1.29.7/Clean/RELEASE/BoringSSL',
    },
  };
  return [rotation(), rotation(), deprecated, version, ...updates];
}

function toEntry(line: Line, insertId: string): Readonly<Record<string, unknown>> {
  return {
    insertId,
    logName: `projects/${PROJECT}/logs/${line.log}`,
    timestamp: new Date(line.atMs).toISOString(),
    receiveTimestamp: new Date(line.atMs + 900).toISOString(),
    resource: {
      type: 'gce_instance',
      labels: { project_id: PROJECT, zone: line.vm.zone, instance_id: line.vm.id },
    },
    labels: { 'compute.googleapis.com/resource_name': line.vm.name },
    jsonPayload: line.payload,
    ...(line.severity === undefined ? {} : { severity: line.severity }),
  };
}

/** What a broken exporter once sent: text, half a LogEntry, bytes that are no UTF-8, an entry without payload. */
function unreadable(startMs: number, random: () => number, run: string): readonly SampleMessage[] {
  const text = new TextEncoder();
  const bytes = [
    text.encode(`plain text, no JSON ${run}`),
    text.encode(`{"insertId":"${run}cut","logName":"projects/${PROJECT}/logs/envoy_err","jsonPay`),
    new Uint8Array([...text.encode(run), 0xc3, 0x28]),
    text.encode(JSON.stringify({ insertId: `${run}empty`, logName: `projects/${PROJECT}/logs/envoy_err` })),
  ];
  return bytes.map((one) => ({
    kind: 'bytes',
    atMs: startMs + Math.floor(random() * HOUR_MS),
    bytes: one,
  }));
}

/** The hour that ends at `endMs`. Times and insertIds are new at every call; the fleet and its faults are the same. */
export function sampleHour(options: {
  readonly seed: number;
  readonly endMs: number;
  readonly run: string;
}): readonly SampleMessage[] {
  const random = seeded(options.seed);
  const startMs = options.endMs - HOUR_MS;
  const fleet = sampleFleet();
  const lines: Line[] = fleet.flatMap((vm) => [...routine(vm, startMs, random)]);
  const repeat = (fromMs: number, everyMs: number, make: (atMs: number) => void): void => {
    for (
      let atMs = fromMs + random() * everyMs;
      atMs < options.endMs;
      atMs += everyMs * (0.7 + 0.6 * random())
    )
      make(Math.floor(atMs));
  };
  for (const vm of fleet.filter(({ group }) => group === 'checkout'))
    repeat(options.endMs - 25 * 60_000, 90_000, (atMs) => lines.push(...wrongNetwork(vm, atMs)));
  for (const vm of fleet.filter(({ group }) => group === 'web-frontend'))
    repeat(options.endMs - 40 * 60_000, 300_000, (atMs) => lines.push(...accessLogDenied(vm, atMs)));
  for (const vm of stoppedVms(fleet)) {
    const stoppedAtMs = options.endMs - STOPPED_BEFORE_END_MS;
    repeat(stoppedAtMs + 6 * 60_000, 60_000, (atMs) => lines.push(stoppedAgent(vm, atMs, stoppedAtMs)));
  }
  const entries = lines.map((line, index): SampleMessage => {
    const insertId = `${options.run}${index.toString(36)}`;
    return { kind: 'entry', atMs: line.atMs, entry: toEntry(line, insertId) };
  });
  return [...entries, ...unreadable(startMs, random, options.run)].sort((a, b) => a.atMs - b.atMs);
}
