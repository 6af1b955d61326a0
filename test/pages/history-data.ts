// A made-up fleet's last month as the reader would hand it out: for tests of the pages and for their pictures.
// Everything is the same at every call; every text can be replaced, so that a test can plant its own.
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { incidentId } from '#shared/incident/key.ts';
import type { ContextLine } from '#shared/model/diagnosis.ts';
import type { Scope, Severity } from '#shared/model/finding.ts';
import type { ProxyState } from '#shared/model/fleet.ts';
import { attentionOf } from '#shared/model/fleet-order.ts';
import {
  HELD_BACK,
  SLOTS_PER_DAY,
  type Day,
  type DayEnds,
  type Episode,
  type FleetData,
  type HistoryRange,
  type HourOfMinutes,
  type IncidentData,
  type ListData,
  type OverviewData,
} from '#shared/model/history.ts';
import type { CheckVerdict, Incident, IncidentState, TimelineEntry } from '#shared/model/incident.ts';
import { compareText, type NamedProxy } from '#shared/model/sighting.ts';
import type { PageContext } from '#shared/pages/layout.ts';
import { seeded } from '../../infra/local/seeded.ts';
import { anIncident } from '../notify/incident.ts';

export const NOW_MS = Date.UTC(2026, 10, 22, 3, 17, 0);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a text of the data becomes: itself, or what a test plants. */
export type Plant = (text: string) => string;
const asItIs: Plant = (text) => text;

export const pageContext = (more: Partial<PageContext> = {}): PageContext => ({
  root: './',
  assets: { styleVersion: 'style0', scriptVersion: 'script0' },
  patterns: CATALOGUE,
  language: 'en',
  ...more,
});

const GROUPS = ['checkout', 'web-frontend', 'catalog', 'payments'] as const;

function namedProxy(index: number, plant: Plant): NamedProxy {
  const group = GROUPS[index % GROUPS.length] ?? 'checkout';
  return {
    id: `${'0'.repeat(14)}${(16 + index).toString(16)}`,
    project: plant('demo-mesh'),
    location: plant('europe-west3-b'),
    name: plant(String(4_242_424_242 + index)),
    displayName: plant(`${group}-x${index}z4`),
    group: plant(group),
  };
}

interface Kind {
  readonly pattern: string;
  readonly severity: Severity;
  readonly scope: Scope;
  readonly fields: Readonly<Record<string, string>>;
  readonly line: string;
}

const KINDS: readonly Kind[] = [
  {
    pattern: 'config-not-found',
    severity: 'critical',
    scope: { network: 'prod-vpc', project: '123456789012' },
    fields: { kind: 'network', name: 'prod-vpc', projectNumber: '123456789012' },
    line: 'StreamAggregatedResources gRPC config stream to trafficdirector.googleapis.com:443 closed: 5, Traffic Director configuration was not found for network "prod-vpc" in project "123456789012".',
  },
  {
    pattern: 'listener-rejected',
    severity: 'error',
    scope: {
      listener: 'TRAFFICDIRECTOR_INTERCEPTION_PORT',
      project: 'demo-mesh',
      reason: 'unable to open file',
    },
    fields: { listener: 'TRAFFICDIRECTOR_INTERCEPTION_PORT', path: '/var/log/envoy/access.log' },
    line: "gRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) TRAFFICDIRECTOR_INTERCEPTION_PORT: unable to open file '/var/log/envoy/access.log': Permission denied",
  },
  {
    pattern: 'stale-heartbeat',
    severity: 'error',
    scope: { project: 'demo-mesh', location: 'europe-west3-c', group: 'catalog' },
    fields: { heartbeat: '2026-11-22T02:31:00.000Z', ageSeconds: '2760', group: 'catalog' },
    line: 'guest attributes: agent-heartbeat=2026-11-22T02:31:00.000Z, bootstrap-status=FINISHED',
  },
  {
    pattern: 'permission-denied',
    severity: 'critical',
    scope: { project: 'demo-mesh', account: 'mesh-vm@demo-mesh.iam.gserviceaccount.com' },
    fields: { permission: 'trafficdirector.networks.getConfigs' },
    line: "gRPC config stream to trafficdirector.googleapis.com:443 closed: 7, Permission 'trafficdirector.networks.getConfigs' denied on resource '//trafficdirector.googleapis.com/projects/123456789012/networks/prod-vpc'",
  },
  {
    pattern: 'unhealthy-backends',
    severity: 'warning',
    scope: { project: 'demo-mesh', cluster: 'cloud-internal-istio:cloud_mp_123456789012_checkout' },
    fields: { cluster: 'checkout' },
    line: '[2026-11-22T03:10:11.120Z] "GET /cart HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 19 0 - "cloud-internal-istio:cloud_mp_123456789012_checkout"',
  },
  {
    pattern: 'dns-failure',
    severity: 'warning',
    scope: { project: 'demo-mesh', host: 'trafficdirector.googleapis.com' },
    fields: { host: 'trafficdirector.googleapis.com' },
    line: 'DNS resolution failed for trafficdirector.googleapis.com: C-ares status is not ARES_SUCCESS',
  },
  {
    pattern: 'envoy-version-unsupported',
    severity: 'warning',
    scope: { project: 'demo-mesh', line: '1.22' },
    fields: { version: '1.22.2', line: '1.22' },
    line: 'Envoy Version: 2c3b1f8f5cf0a1e5d3b8b5b0e8c6a1d2e3f4a5b6/1.22.2/Clean/RELEASE/BoringSSL',
  },
  {
    pattern: 'unrecognised',
    severity: 'error',
    scope: { project: 'demo-mesh', shape: 'wasm: plugin <str> trapped at <hex> after <num> calls' },
    fields: { shape: 'wasm: plugin <str> trapped at <hex> after <num> calls' },
    line: 'wasm: plugin "quota" trapped at 0x7fa3 after 17 calls',
  },
];

function kindAt(index: number): Kind {
  const kind = KINDS[index % KINDS.length];
  if (kind === undefined) throw new Error('no kind of incident');
  return kind;
}

interface Made {
  readonly state?: IncidentState;
  readonly openedMs?: number;
  readonly count?: number;
  readonly proxies?: number;
  readonly episode?: number;
  readonly plant?: Plant;
}

const planted = (values: Readonly<Record<string, string>>, plant: Plant): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [plant(name), plant(value)]));

/** The incident of one kind. */
function incidentOf(index: number, made: Made = {}): Incident {
  const kind = kindAt(index);
  const plant = made.plant ?? asItIs;
  const openedAtMs = made.openedMs ?? NOW_MS - (index + 1) * 47 * MINUTE_MS;
  const state = made.state ?? 'open';
  const count = made.count ?? 1_812 + ((index * 613) % 3_000);
  const lastSeenMs = state === 'resolved' ? openedAtMs + 40 * MINUTE_MS : NOW_MS - (index + 1) * 40_000;
  return anIncident({
    incident: {
      id: incidentId(kind.pattern, kind.scope),
      pattern: kind.pattern,
      scope: plant === asItIs ? kind.scope : planted(kind.scope, plant),
      state,
      episode: made.episode ?? 1,
      openedAtMs,
      countBefore: made.episode === undefined ? 0 : 900,
      acknowledgedAtMs: state === 'acknowledged' ? openedAtMs + 9 * MINUTE_MS : 0,
      mutedUntilMs: state === 'muted' ? NOW_MS + 5 * HOUR_MS : 0,
      resolvedAtMs: state === 'resolved' ? openedAtMs + 55 * MINUTE_MS : 0,
      resolvedBy: state === 'resolved' ? 'proof' : '',
      ...(state === 'open' ? {} : { actedBy: plant('U0ONCALL7') }),
    },
    evidence: {
      count,
      labels: { sure: count },
      firstSeenMs: made.episode === undefined ? openedAtMs : openedAtMs - 9 * DAY_MS,
      lastSeenMs,
      severity: kind.severity,
      fields: plant === asItIs ? kind.fields : planted(kind.fields, plant),
      proxyCount: made.proxies ?? 12,
      proxies: Array.from({ length: Math.min(6, made.proxies ?? 12) }, (_, one) => namedProxy(one, plant)),
      projects: [plant('demo-mesh')],
      samples: [
        {
          timeMs: openedAtMs,
          entry: '00000000000000aa',
          proxy: plant('checkout-x0z4'),
          logName: plant('projects/demo-mesh/logs/envoy_err'),
          message: plant(kind.line),
        },
        {
          timeMs: lastSeenMs,
          entry: '00000000000000ab',
          proxy: plant('checkout-x4z4'),
          logName: plant('projects/demo-mesh/logs/envoy_err'),
          message: plant(kind.line),
        },
      ],
    },
    spoken: { channel: 'C0INCIDENTS', ts: '1795316400.004200', episode: made.episode ?? 1 },
  });
}

function episodeOf(incident: Incident, more: Partial<Episode> = {}): Episode {
  const { id, pattern, scope, state, evidence } = incident;
  return {
    incident: id,
    episode: incident.episode,
    pattern,
    scope,
    severity: evidence.severity,
    state,
    openedAtMs: incident.openedAtMs,
    acknowledgedAtMs: incident.acknowledgedAtMs,
    resolvedAtMs: incident.resolvedAtMs,
    resolvedBy: incident.resolvedBy,
    count: evidence.count,
    proxyCount: evidence.proxyCount,
    ...more,
  };
}

const ENDS: DayEnds = { acknowledged: 0, acknowledgedMs: 0, resolved: 0, resolvedMs: 0 };

/** Days with a storm now and then, and a steady murmur of what was held back. */
function daysUntil(nowMs: number, count: number, plant: Plant): readonly Day[] {
  const random = seeded(7);
  const last = Math.floor(nowMs / DAY_MS);
  return Array.from({ length: count }, (_, index): Day => {
    const day = last - count + 1 + index;
    const slots: Record<string, Map<number, number>> = { [HELD_BACK]: new Map() };
    const slotMax = day === last ? Math.floor((nowMs % DAY_MS) / (10 * MINUTE_MS)) : SLOTS_PER_DAY - 1;
    for (let slot = 0; slot <= slotMax; slot += 1)
      slots[HELD_BACK]?.set(slot, Math.round(700 + random() * 300));
    const ends: Record<string, DayEnds> = {};
    for (const [kindIndex, { pattern }] of KINDS.entries()) {
      if (random() > 0.45 && day !== last) continue;
      const start = day === last ? Math.max(0, slotMax - 4 - kindIndex * 2) : Math.floor(random() * 130);
      const length = 2 + Math.floor(random() * 12);
      const height = 40 + Math.floor(random() * 700) / (1 + kindIndex * 0.6);
      const own = new Map<number, number>();
      for (let slot = start; slot < Math.min(start + length, slotMax + 1); slot += 1)
        own.set(slot, Math.round(height * (0.4 + random() * 0.6)));
      slots[plant(pattern)] = own;
      ends[plant(pattern)] = {
        ...ENDS,
        acknowledged: 1,
        acknowledgedMs: (3 + random() * 20) * MINUTE_MS,
        resolved: 1,
        resolvedMs: (25 + random() * 160) * MINUTE_MS,
      };
    }
    return { day, slots, ends };
  });
}

/** The overview of a night with four incidents. */
export function overviewData(range: HistoryRange = '24h', plant: Plant = asItIs): OverviewData {
  const hours = { '24h': 24, '7d': 168, '30d': 720 }[range];
  const open = [
    incidentOf(0, { plant, openedMs: NOW_MS - 38 * MINUTE_MS, proxies: 137 }),
    incidentOf(2, { plant, openedMs: NOW_MS - 41 * MINUTE_MS, proxies: 2, count: 84 }),
    incidentOf(1, {
      plant,
      state: 'acknowledged',
      openedMs: NOW_MS - 55 * MINUTE_MS,
      proxies: 18,
      count: 1_922,
    }),
    incidentOf(6, { plant, state: 'muted', openedMs: NOW_MS - 20 * HOUR_MS, proxies: 31, count: 31 }),
  ];
  const past = [3, 4, 5, 7, 1, 4].map((kind, index) => {
    const incident = incidentOf(kind, {
      plant,
      state: 'resolved',
      openedMs: NOW_MS - ((index + 0.7) / 6.4) * hours * HOUR_MS,
      proxies: 3 + index * 7,
      episode: index === 4 ? 2 : 1,
    });
    return episodeOf(incident, {
      acknowledgedAtMs: index % 2 === 0 ? incident.openedAtMs + 11 * MINUTE_MS : 0,
      resolvedAtMs: incident.openedAtMs + (0.35 + index * 0.02 * hours) * HOUR_MS,
      resolvedBy: index % 3 === 0 ? 'person' : index % 3 === 1 ? 'proof' : 'quiet',
    });
  });
  return {
    nowMs: NOW_MS,
    range,
    open,
    openCut: false,
    episodes: [...open.map((incident) => episodeOf(incident)), ...past].sort(
      (a, b) => b.openedAtMs - a.openedAtMs,
    ),
    episodesCut: false,
    days: daysUntil(NOW_MS, hours / 24 + 1, plant),
  };
}

export function listData(plant: Plant = asItIs): ListData {
  const states: readonly IncidentState[] = ['open', 'open', 'acknowledged', 'resolved', 'resolved', 'muted'];
  return {
    nowMs: NOW_MS,
    filter: { text: plant('prod-vpc'), project: plant('demo-mesh'), pattern: plant('config-not-found') },
    incidents: Array.from({ length: 14 }, (_, index) =>
      incidentOf(index, {
        plant,
        state: states[index % states.length] ?? 'open',
        openedMs: NOW_MS - (index + 1) * 5.3 * HOUR_MS,
        ...(index % 5 === 3 ? { episode: 3 } : {}),
      }),
    ),
    next: 'bmV4dC1wYWdl',
    searchedOn: false,
  };
}

const CHECKS: readonly CheckVerdict[] = [
  {
    id: 'forwarding-rules',
    verdict: 'fault',
    expected: 'a forwarding rule with scheme INTERNAL_SELF_MANAGED on network prod-vpc',
    found: 'rules on networks: default, staging-vpc',
    how: 'gcloud compute forwarding-rules list --global --project=demo-mesh',
    atMs: NOW_MS - 3 * MINUTE_MS,
  },
  {
    id: 'meshes',
    verdict: 'ok',
    expected: 'no mesh is asked for by name',
    found: 'no mesh in the project',
    how: 'gcloud network-services meshes list --location=global --project=demo-mesh',
    atMs: NOW_MS - 3 * MINUTE_MS,
  },
  {
    id: 'service-proxy-metadata',
    verdict: 'unreadable',
    expected: 'the network of the rule in gce-service-proxy',
    found: 'needs compute.instances.get',
    how: 'gcloud compute instances describe checkout-x0z4 --zone=europe-west3-b --project=demo-mesh',
    atMs: NOW_MS - 3 * MINUTE_MS,
  },
];

function timelineOf(incident: Incident, plant: Plant): readonly TimelineEntry[] {
  const at = (minutes: number): number => incident.openedAtMs + minutes * MINUTE_MS;
  const before = -9 * 24 * 60;
  const entries: readonly Omit<TimelineEntry, 'n'>[] = [
    { atMs: at(before), kind: 'opened', who: 'mesh-triage', why: 'first seen on checkout-x0z4' },
    { atMs: at(before + 55), kind: 'resolved', who: 'mesh-triage', why: 'forwarding-rules passes now' },
    { atMs: at(0), kind: 'reopened', who: 'mesh-triage', why: 'new entries after the resolution' },
    { atMs: at(3), kind: 'severity', who: 'mesh-triage', why: 'critical, it was error' },
    { atMs: at(9), kind: 'acknowledged', who: 'U0ONCALL7', why: 'by button' },
  ];
  return entries.map((entry, index) => ({
    ...entry,
    who: plant(entry.who),
    why: plant(entry.why),
    n: index + 1,
  }));
}

function hoursFrom(fromMs: number, count: number): readonly HourOfMinutes[] {
  const random = seeded(11);
  const first = Math.floor(fromMs / HOUR_MS);
  return Array.from({ length: count }, (_, index) => {
    const counts = new Map<number, number>();
    for (let minute = 0; minute < 60; minute += 1) {
      const atMs = (first + index) * HOUR_MS + minute * MINUTE_MS;
      if (atMs >= fromMs && atMs <= NOW_MS && random() > 0.12)
        counts.set(minute, Math.round(20 + random() * 90 * Math.exp(-index / 2)));
    }
    return { hour: first + index, counts };
  });
}

/** The state of one VM; `index` decides what is wrong with it. */
export function proxyState(index: number, plant: Plant = asItIs): ProxyState {
  const group = GROUPS[index % GROUPS.length] ?? 'checkout';
  const silent = index < 3;
  const lookMs = NOW_MS - (index * 37 + 2) * MINUTE_MS;
  const beatAtMs = silent ? NOW_MS - (46 + index * 61) * MINUTE_MS : lookMs - 30_000;
  return {
    vm: {
      id: namedProxy(index, asItIs).id,
      project: plant('demo-mesh'),
      zone: plant('europe-west3-b'),
      number: String(4_242_424_242 + index),
      name: plant(`${group}-x${index}z4`),
      group: plant(group),
      groupPlace: 'regions/europe-west3',
      isRunning: index !== 9,
      startedAtMs: NOW_MS - 40 * DAY_MS,
      hasGuestAttributes: true,
      isManaged: true,
    },
    heartbeat: plant(new Date(beatAtMs).toISOString()),
    beatAtMs,
    bootstrapStatus: plant(index === 4 ? 'FAILED' : index === 5 ? 'IN PROGRESS' : 'FINISHED'),
    proxyVersion: plant(
      `2c3b1f8f5cf0a1e5d3b8b5b0e8c6a1d2e3f4a5b6/${index % 6 === 3 ? '1.22.2' : '1.29.7'}/Clean/RELEASE/BoringSSL`,
    ),
    lastFailure: plant(index === 4 ? 'Failed to fetch the bootstrap: 403 from the metadata server' : ''),
    failureSinceMs: index === 4 ? NOW_MS - 3 * HOUR_MS : 0,
    unreadable: index === 11 ? plant('needs compute.instances.getGuestAttributes') : '',
    unreadableSinceMs: index === 11 ? NOW_MS - 2 * HOUR_MS : 0,
    incidents: silent ? [incidentOf(2).id] : index % 6 === 3 ? [incidentOf(6).id] : [],
    seenAtMs: silent ? beatAtMs + 6 * MINUTE_MS : lookMs,
    lookedAtMs: NOW_MS,
  };
}

export function incidentData(plant: Plant = asItIs): IncidentData {
  const openedMs = NOW_MS - 205 * MINUTE_MS;
  const base = incidentOf(0, {
    plant,
    openedMs,
    proxies: 137,
    episode: 2,
    count: 4_812,
    state: 'acknowledged',
  });
  const incident: Incident = {
    ...base,
    checks: CHECKS.map((check) => ({
      ...check,
      id: plant(check.id),
      expected: plant(check.expected),
      found: plant(check.found),
      how: plant(check.how),
    })),
    conclusion: plant('No forwarding rule with scheme INTERNAL_SELF_MANAGED names network prod-vpc.'),
  };
  const explains = incidentOf(4, { plant });
  const around: readonly ContextLine[] = [
    {
      atMs: openedMs - 4_000,
      level: 'info',
      logName: 'envoy_err',
      message: 'cds: add 4 cluster(s), remove 0 cluster(s)',
    },
    {
      atMs: openedMs - 900,
      level: 'warning',
      logName: 'envoy_err',
      message: 'StreamLoadStats gRPC config stream closed: 5, …',
    },
  ];
  const past = episodeOf(
    { ...base, episode: 1, openedAtMs: openedMs - 9 * DAY_MS },
    {
      state: 'resolved',
      resolvedAtMs: openedMs - 9 * DAY_MS + 55 * MINUTE_MS,
      resolvedBy: 'proof',
      count: 900,
    },
  );
  const related = ({ id, pattern, state, scope, evidence }: Incident) => ({
    id,
    pattern,
    state,
    scope,
    lastSeenMs: evidence.lastSeenMs,
  });
  return {
    nowMs: NOW_MS,
    incident,
    timeline: timelineOf(incident, plant),
    hours: hoursFrom(openedMs, 4),
    proxies: new Map(
      incident.evidence.proxies.map(({ id }, index) => [id, proxyState(index === 0 ? 1 : index + 2, plant)]),
    ),
    episodes: [episodeOf(incident), past],
    explainedBy: undefined,
    explains: [related(explains)],
    context: around.map((line) => ({
      ...line,
      level: plant(line.level),
      logName: plant(line.logName),
      message: plant(line.message),
    })),
  };
}

export function fleetData(plant: Plant = asItIs): FleetData {
  return {
    nowMs: NOW_MS,
    sort: 'heartbeat',
    // As the store orders it: by what stands there when nothing is planted.
    proxies: Array.from({ length: 16 }, (_, index) => index)
      .sort((a, b) => compareText(attentionOf(proxyState(a)), attentionOf(proxyState(b))))
      .map((index) => proxyState(index, plant)),
    next: 'bmV4dA',
  };
}
