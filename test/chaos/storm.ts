// A storm of log entries as a bad hour makes it: few causes, many proxies, repeats, rubbish. The same for the same seed.
// In: a seed and sizes. Out: the messages in the order in which they are published, and what must come of them.
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { seeded } from '../../infra/local/seeded.ts';
import type { OutgoingMessage } from '../../infra/local/replay.ts';

export interface StormSize {
  readonly seed: number;
  /** Distinct entries. */
  readonly entries: number;
  readonly proxies: number;
  /** When the storm is published; its entries are up to three hours older. */
  readonly endMs: number;
}

/** What has to stand in the store when everything is over. */
export interface Expected {
  /** Incident id → distinct entries and distinct proxies. */
  readonly incidents: ReadonlyMap<string, { readonly count: number; readonly proxies: number }>;
  /** Entries that are no incident's: routine lines. */
  readonly heldBack: number;
  /** Distinct messages that can't be read. */
  readonly parked: number;
}

export interface Storm {
  readonly messages: readonly OutgoingMessage[];
  readonly expected: Expected;
}

const NETWORKS = 3;
const SKEW_MS_MAX = 10 * 60_000;
const HOUR_MS = 3_600_000;
/** Shares of all entries. */
const PUBLISHED_TWICE = 0.05;
const REPEATED_LATE = 0.03;
const ROUTINE = 0.1;
const MALFORMED = 0.002;

const STREAM = 'StreamAggregatedResources gRPC config stream to trafficdirector.googleapis.com:443 closed:';
const ROUTINE_LINE = `${STREAM} 13, `;

/** The four faults of one network. */
const FAULTS: readonly ((network: number) => string)[] = [
  (network) =>
    `${STREAM} 5, Traffic Director configuration was not found for network "net-${network}" in project "${1_000 + network}".`,
  () =>
    "gRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) TRAFFICDIRECTOR_INTERCEPTION_PORT: unable to open file '/var/log/envoy/access.log': Permission denied",
  (network) =>
    `${STREAM} 7, Traffic Director API has not been used in project ${1_000 + network} before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/trafficdirector.googleapis.com/overview?project=${1_000 + network} then retry.`,
  (network) =>
    `${STREAM} 7, Permission 'trafficdirector.networks.getConfigs' denied on resource '//trafficdirector.googleapis.com/projects/${1_000 + network}/networks/net-${network}' (or it may not exist).`,
];

interface Entry {
  readonly proxy: number;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Chance {
  readonly random: () => number;
  /** How far the clock of each proxy is off, in milliseconds. */
  readonly skews: readonly number[];
}

function makeEntry(size: StormSize, n: number, { random, skews }: Chance): Entry {
  const proxy = Math.floor(random() * size.proxies);
  const network = proxy % NETWORKS;
  // Most of it is now; the rest is spread over three hours, so that many hours and minutes are touched.
  const ageMs = random() < 0.7 ? random() * 10 * 60_000 : random() * 3 * HOUR_MS;
  const time = new Date(size.endMs - ageMs + (skews[proxy] ?? 0)).toISOString();
  const fault = FAULTS[Math.floor(random() * FAULTS.length)] ?? (() => '');
  const message = random() < ROUTINE ? ROUTINE_LINE : fault(network);
  const prefix = `[${time.replace('T', ' ').replace('Z', '')}][12][warning][config] [external/envoy/grpc_stream.h:1]`;
  const project = `mesh-${network}`;
  const value = {
    insertId: `storm-${size.seed}-${n}`,
    logName: `projects/${project}/logs/envoy_err`,
    timestamp: time,
    receiveTimestamp: new Date(size.endMs - ageMs + 900).toISOString(),
    resource: {
      type: 'gce_instance',
      labels: { project_id: project, zone: 'europe-west3-b', instance_id: String(10_000 + proxy) },
    },
    jsonPayload: { message: `${prefix} ${message}` },
  };
  return { proxy, value };
}

/** Reads each entry as the pipeline does and counts by sets: no id is packed, no sighting is made. */
function expect(entries: readonly Entry[], malformed: number, nowMs: number): Expected {
  const classifier = createClassifier(CATALOGUE);
  const incidents = new Map<string, { count: number; readonly proxies: Set<number> }>();
  let heldBack = 0;
  for (const { proxy, value } of entries) {
    const intake = intakeEntry(value, { publishTimeMs: nowMs });
    if (intake.kind !== 'record') throw new Error('the storm made an entry that can’t be read');
    const verdict = classifier.classify(intake.record);
    if (verdict.kind === 'routine' || verdict.kind === 'ignored') {
      heldBack += 1;
      continue;
    }
    const incident = incidents.get(verdict.incidentId) ?? { count: 0, proxies: new Set<number>() };
    incident.count += 1;
    incident.proxies.add(proxy);
    incidents.set(verdict.incidentId, incident);
  }
  const sums = [...incidents].map(
    ([id, { count, proxies }]) => [id, { count, proxies: proxies.size }] as const,
  );
  return { incidents: new Map(sums), heldBack, parked: malformed };
}

/** The whole storm. */
export function makeStorm(size: StormSize): Storm {
  const random = seeded(size.seed);
  const skews = Array.from({ length: size.proxies }, () => (2 * random() - 1) * SKEW_MS_MAX);
  const entries = Array.from({ length: size.entries }, (_, n) => makeEntry(size, n, { random, skews }));
  const text = new TextEncoder();
  const bodies = entries.map(({ value }) => text.encode(JSON.stringify(value)));
  const rubbish = Array.from({ length: Math.ceil(size.entries * MALFORMED) }, (_, n) =>
    text.encode(`{"insertId":"rubbish-${size.seed}-${n}","jsonPay`),
  );
  const messages: Uint8Array[] = [];
  for (const body of bodies) {
    messages.push(body);
    if (random() < PUBLISHED_TWICE) messages.push(body);
  }
  for (const body of rubbish) messages.splice(Math.floor(random() * messages.length), 0, body, body);
  // What the first part of the storm said is said again when all of it has long been counted.
  for (const body of bodies.slice(0, Math.ceil(size.entries * REPEATED_LATE))) messages.push(body);
  return {
    messages: messages.map((data) => ({ data, identity: Buffer.from(data).toString('latin1') })),
    expected: expect(entries, rubbish.length, size.endMs),
  };
}
