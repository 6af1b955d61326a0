// The function `diagnose`: verdicts on the incident, proof once a fault has passed, bounded and repeated until then.
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { CONTEXT_LINES_MAX } from '#shared/model/diagnosis.ts';
import type { GoogleAnswer, GoogleRequest } from '#shared/model/google-api.ts';
import type { Incident } from '#shared/model/incident.ts';
import { createCloudLogging } from '../../functions/adapters/cloud-logging.ts';
import {
  CONTEXT_AFTER_MS,
  CONTEXT_BEFORE_MS,
  CONTEXT_ENTRIES_MAX,
  VERSION_BEFORE_MS,
} from '../../functions/diagnose-context.ts';
import { AGAIN_MS_MAX, createDiagnose, QUESTIONS_MAX, RUN_MS_MAX } from '../../functions/diagnose.ts';
import type { GoogleApi, LogReader } from '../../functions/ports.ts';
import { plantForwardingRule } from '../../infra/local/google/project.ts';
import { startLogging } from '../../infra/local/logging/server.ts';
import { lacksDiagnosis } from '#shared/diagnose/schedule.ts';
import { makeWorld, planVms, proxyOf, startBench, TROUBLES, type Bench } from '../diagnose/world.ts';
import { createMemoryFleet } from '../fakes/fleet-store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { anOpenIncident, T0_MS } from '../fakes/sightings.ts';
import { createFakeClock, createFakeLog, createFakeNudges } from '../fakes/world.ts';

const ID = 'config-not-found-0123456789abcdef';
const AGAIN_MS = 60_000;
const SETTLE_MS = 120_000;

const push = (incident: string) => ({
  message: { attributes: { incident, kind: 'diagnose' }, messageId: '1', data: 'bG9vaw==' },
  subscription: 's',
});

let bench: Bench;
beforeEach(async () => {
  bench = await startBench(makeWorld());
});
afterEach(() => bench.stop());

function setUp(more: { google?: GoogleApi; logs?: LogReader } = {}) {
  const store = createMemoryStore();
  const fleet = createMemoryFleet();
  const clock = createFakeClock(T0_MS + 1_000);
  const nudges = createFakeNudges();
  const log = createFakeLog();
  const { evidence } = anOpenIncident(ID, 'config-not-found');
  const incident: Incident = {
    ...anOpenIncident(ID, 'config-not-found'),
    scope: { network: 'prod-vpc', project: '123456789012' },
    evidence: {
      ...evidence,
      count: 3,
      firstSeenMs: T0_MS,
      lastSeenMs: T0_MS,
      fields: { kind: 'network', name: 'prod-vpc', projectNumber: '123456789012' },
      proxies: planVms(2).map(proxyOf),
      proxyCount: 2,
      projects: ['demo-mesh'],
    },
  };
  const shelf = store.shelf(ID);
  shelf.incident = incident;
  const diagnose = createDiagnose({
    store,
    diagnoses: fleet,
    google: more.google ?? bench.api(),
    ...(more.logs === undefined ? {} : { logs: more.logs }),
    nudges,
    clock,
    log,
    settings: { againAfterMs: AGAIN_MS, settleMs: SETTLE_MS },
  });
  const change = (changes: Partial<Incident>): void => {
    shelf.incident = { ...incident, ...shelf.incident, ...changes };
  };
  return { store, shelf, fleet, clock, nudges, log, diagnose, change };
}

test('the verdicts and the conclusion are stored, and reconcile is nudged', async () => {
  const { shelf, nudges, diagnose, fleet } = setUp();
  expect(await diagnose(push(ID))).toEqual({ status: 204 });
  expect(shelf.incident?.conclusion).toBe(
    'no rule names prod-vpc; the only INTERNAL_SELF_MANAGED rule names default',
  );
  expect(shelf.incident?.conclusionZhCn).toBe(
    '没有规则引用 prod-vpc；唯一的 INTERNAL_SELF_MANAGED 规则引用 default',
  );
  expect(shelf.incident?.checks?.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
    'forwarding-rules fault',
    'service-proxy-metadata fault',
  ]);
  expect(shelf.incident?.checks?.[0]).toMatchObject({
    zhCn: {
      expected: '引用 prod-vpc 的 INTERNAL_SELF_MANAGED 转发规则',
      found: '没有规则引用 prod-vpc；唯一的 INTERNAL_SELF_MANAGED 规则引用 default',
    },
    how: 'GET compute.googleapis.com/compute/v1/projects/123456789012/global/forwardingRules?filter=loadBalancingScheme=INTERNAL_SELF_MANAGED&maxResults=500',
    atMs: T0_MS + 1_000,
  });
  expect(nudges.published).toEqual([ID]);
  expect(fleet.diagnoses.get(ID)).toMatchObject({ runs: 1, dueAtMs: T0_MS + 1_000 + AGAIN_MS });
});

test.for([
  ['opened by a clock that runs ahead', 20 * 3_600_000],
  ['opened by a backlog', -20 * 3_600_000],
] as const)('an episode %s is checked once, and the next one again', async ([, aheadMs]) => {
  const { shelf, diagnose, change } = setUp();
  const lacks = () => shelf.incident !== undefined && lacksDiagnosis(shelf.incident);
  change({ openedAtMs: T0_MS + aheadMs });
  expect(lacks()).toBe(true);
  await diagnose(push(ID));
  expect(lacks()).toBe(false);
  change({ episode: 2, openedAtMs: T0_MS + aheadMs + 60_000 });
  expect(lacks()).toBe(true);
  await diagnose(push(ID));
  expect(lacks()).toBe(false);
});

test('a fault that passes resolves by proof and says what changed, once its lines have stopped', async () => {
  const { shelf, clock, diagnose, fleet, nudges } = setUp();
  await diagnose(push(ID));
  plantForwardingRule(bench.google.world);
  await clock.advance(AGAIN_MS);
  await diagnose(push(ID));
  expect(shelf.incident?.state).toBe('open');
  expect(fleet.diagnoses.get(ID)?.dueAtMs).toBe(T0_MS + SETTLE_MS);
  await clock.advance(T0_MS + SETTLE_MS - clock.nowMs());
  await diagnose(push(ID));
  expect(shelf.incident).toMatchObject({
    state: 'resolved',
    resolvedBy: 'proof',
    resolvedAtMs: T0_MS + SETTLE_MS,
  });
  expect(shelf.timeline.at(-1)).toMatchObject({
    kind: 'resolved',
    who: 'mesh-triage',
    why: 'rule mesh-prod names prod-vpc; before: no rule names prod-vpc; the only INTERNAL_SELF_MANAGED rule names default',
  });
  expect(shelf.incident?.checks?.every(({ verdict }) => verdict === 'ok')).toBe(true);
  expect(fleet.diagnoses.get(ID)?.dueAtMs).toBe(0);
  expect(nudges.published).toEqual([ID, ID, ID]);
});

test('lines that still come keep the incident open, however well the checks look', async () => {
  const { shelf, clock, diagnose, change } = setUp();
  await diagnose(push(ID));
  plantForwardingRule(bench.google.world);
  await clock.advance(10 * SETTLE_MS);
  const { evidence } = shelf.incident ?? {};
  if (evidence !== undefined)
    change({ evidence: { ...evidence, lastSeenMs: clock.nowMs() - SETTLE_MS + 1 } });
  await diagnose(push(ID));
  expect(shelf.incident?.state).toBe('open');
});

test('checks that never found a fault prove nothing', async () => {
  const { shelf, clock, diagnose } = setUp();
  plantForwardingRule(bench.google.world);
  await clock.advance(10 * SETTLE_MS);
  await diagnose(push(ID));
  await clock.advance(10 * SETTLE_MS);
  await diagnose(push(ID));
  expect(shelf.incident?.state).toBe('open');
});

test('a fault that can’t be read any more is not gone', async () => {
  const { shelf, clock, diagnose } = setUp();
  await diagnose(push(ID));
  bench.google.before = TROUBLES.refused;
  await clock.advance(10 * SETTLE_MS);
  await diagnose(push(ID));
  expect(shelf.incident?.state).toBe('open');
  expect(shelf.incident?.conclusion).toBe('Nothing could be read: needs compute.globalForwardingRules.list');
});

test('a fault of the episode before proves nothing in the next one', async () => {
  const { shelf, clock, diagnose, change } = setUp();
  await diagnose(push(ID));
  plantForwardingRule(bench.google.world);
  change({ episode: 2 });
  await clock.advance(10 * SETTLE_MS);
  await diagnose(push(ID));
  expect(shelf.incident?.state).toBe('open');
});

test('a few VMs that are fine prove nothing about the others', async () => {
  const { shelf, clock, diagnose, change } = setUp();
  const { world } = bench.google;
  for (const vm of world.vms)
    vm.guestAttributes['agent-heartbeat'] = new Date(T0_MS - 3_600_000).toISOString();
  const { evidence } = shelf.incident ?? {};
  if (evidence === undefined) throw new Error('no incident');
  change({ pattern: 'stale-heartbeat', evidence: { ...evidence, proxyCount: 11 } });
  await diagnose(push(ID));
  for (const vm of world.vms)
    vm.guestAttributes['agent-heartbeat'] = new Date(T0_MS + 86_400_000).toISOString();
  await clock.advance(10 * SETTLE_MS);
  await diagnose(push(ID));
  expect(shelf.incident?.state).toBe('open');
  change({ evidence: { ...evidence, proxyCount: 10 } });
  await clock.advance(10 * SETTLE_MS);
  await diagnose(push(ID));
  expect(shelf.incident?.state).toBe('resolved');
});

test('runs come ever more rarely, and a resolved incident is left alone', async () => {
  const { fleet, clock, diagnose, change } = setUp();
  const pauses: number[] = [];
  for (let run = 0; run < 6; run += 1) {
    await diagnose(push(ID));
    const due = fleet.diagnoses.get(ID)?.dueAtMs ?? 0;
    pauses.push(due - clock.nowMs());
    await clock.advance(due - clock.nowMs());
  }
  expect(pauses).toEqual([1, 2, 4, 8, 15, 15].map((minutes) => minutes * 60_000));
  expect(AGAIN_MS_MAX).toBe(15 * 60_000);
  const asked = bench.google.count();
  change({ state: 'resolved', resolvedAtMs: clock.nowMs() });
  await diagnose(push(ID));
  expect(bench.google.count()).toBe(asked);
  expect(fleet.diagnoses.get(ID)?.dueAtMs).toBe(0);
});

test('repeated requests at once cost one run', async () => {
  const { fleet, diagnose } = setUp();
  await diagnose(push(ID));
  const asked = bench.google.count();
  await diagnose(push(ID));
  await diagnose(push(ID));
  expect(bench.google.count()).toBe(asked);
  expect(fleet.diagnoses.get(ID)?.runs).toBe(1);
});

test('equal questions of several checks are asked once', async () => {
  const { diagnose } = setUp();
  const urls: string[] = [];
  bench.google.before = ({ url }) => {
    urls.push(url);
    return false;
  };
  await diagnose(push(ID));
  expect(urls).toHaveLength(2);
  expect(new Set(urls).size).toBe(2);
});

test('verdicts that stay the same nudge nobody', async () => {
  const { clock, diagnose, nudges } = setUp();
  await diagnose(push(ID));
  await clock.advance(AGAIN_MS);
  await diagnose(push(ID));
  expect(nudges.published).toEqual([ID]);
});

test('past its time a run ends with what it has', async () => {
  const clock = createFakeClock(T0_MS);
  const slow: GoogleApi = {
    ask: async (): Promise<GoogleAnswer> => {
      await clock.advance(RUN_MS_MAX);
      return { kind: 'body', body: { name: 'vm', networkInterfaces: [] }, partial: [] };
    },
  };
  const { store, shelf } = setUp();
  const diagnose = createDiagnose({
    store,
    diagnoses: createMemoryFleet(),
    google: slow,
    nudges: createFakeNudges(),
    clock,
    log: createFakeLog(),
    settings: { againAfterMs: AGAIN_MS, settleMs: SETTLE_MS },
  });
  const pattern = 'control-plane-unreachable';
  if (shelf.incident !== undefined) shelf.incident = { ...shelf.incident, pattern };
  await diagnose(push(ID));
  expect(shelf.incident?.checks?.map(({ found }) => found)).toContainEqual(
    expect.stringContaining(`${RUN_MS_MAX} ms`),
  );
});

test('one incident never asks more than its bound', async () => {
  const asked: GoogleRequest[] = [];
  const endless: GoogleApi = {
    ask: (request) => {
      asked.push(request);
      const services = Array.from({ length: 9 }, (_, n) => ({
        name: `service-${n}`,
        backends: Array.from({ length: 99 }, (_unused, group) => ({ group: `g${n}-${group}` })),
      }));
      return Promise.resolve({ kind: 'body', body: { items: services, healthStatus: [] }, partial: [] });
    },
  };
  const { diagnose, change } = setUp({ google: endless });
  change({ pattern: 'unhealthy-backends' });
  await diagnose(push(ID));
  expect(asked.length).toBeGreaterThan(20);
  expect(asked.length).toBeLessThanOrEqual(QUESTIONS_MAX);
});

/** An entry of the first VM, so many seconds after the incident opened. */
const entry = (seconds: number, message: string) => ({
  logName: 'projects/demo-mesh/logs/envoy_err',
  timestamp: new Date(T0_MS + seconds * 1_000).toISOString(),
  insertId: `${seconds}`,
  severity: 'WARNING',
  resource: {
    type: 'gce_instance',
    labels: { project_id: 'demo-mesh', zone: 'europe-west3-b', instance_id: '7000000000000000' },
  },
  jsonPayload: { message },
});

/** A Logging API with these entries, and the reader that asks it over its socket. */
async function startLog(entries: readonly object[], readsPerMinute = 60) {
  let nowMs = 0;
  const api = await startLogging({
    port: 0,
    entries: entries.map((one) => ({ ...one })),
    readsPerMinute,
    nowMs: () => nowMs,
  });
  onTestFinished(api.stop);
  const logs = createCloudLogging({ project: 'demo-mesh', endpoint: api.host });
  return { logs, requests: api.requests, nextMinute: () => (nowMs += 60_000) };
}

const VERSION_LINE = `Envoy Version: ${'a'.repeat(40)}/1.29.7/Clean/RELEASE/BoringSSL`;

test('the lines around the first one of its proxy are kept, redacted and bounded, with Envoy’s last version', async () => {
  const { logs, requests } = await startLog([
    entry(-50, VERSION_LINE),
    ...Array.from({ length: 40 }, (_, n) =>
      entry(n - 20, `authorization: Bearer ya29.secretsecretsecretsecret ${n}`),
    ),
    entry(CONTEXT_AFTER_MS / 1_000 + 1, 'too late'),
    entry(-CONTEXT_BEFORE_MS / 1_000 - 1, 'too early'),
    {
      ...entry(0, 'another VM'),
      insertId: 'b',
      resource: { type: 'gce_instance', labels: { instance_id: '7' } },
    },
  ]);
  const { fleet, diagnose, clock, shelf } = setUp({ logs });
  await diagnose(push(ID));
  await clock.advance(AGAIN_MS);
  await diagnose(push(ID));
  // Before, after, and nothing more, however often the checks run.
  expect(requests).toHaveLength(2);
  const kept = fleet.diagnoses.get(ID);
  expect(kept?.context).toHaveLength(CONTEXT_LINES_MAX);
  expect(kept?.envoyVersion).toBe('1.29.7');
  expect(kept?.context.map(({ message }) => message).join()).not.toMatch(/too late|too early|another VM/);
  expect(JSON.stringify(kept)).not.toContain('secretsecret');
  expect(shelf.incident?.context).toMatchObject({
    episode: 1,
    proxy: 'checkout-0000',
    envoyVersion: '1.29.7',
  });
  const shown = shelf.incident?.context?.lines.map(({ atMs }) => (atMs - T0_MS) / 1_000);
  expect(shown).toEqual([-1, 0, 1]);
});

test('however much a proxy writes, what it wrote nearest to the first line is read', async () => {
  const many = Array.from({ length: 3 * CONTEXT_ENTRIES_MAX }, (_, n) => entry(n / 10 - 15, `line ${n}`));
  const { logs, requests } = await startLog([entry(-60, VERSION_LINE), ...many]);
  const { fleet, diagnose } = setUp({ logs });
  await diagnose(push(ID));
  expect(requests.map(({ pageSize }) => pageSize)).toEqual([CONTEXT_ENTRIES_MAX, CONTEXT_ENTRIES_MAX, 1]);
  const times = fleet.diagnoses.get(ID)?.context.map(({ atMs }) => Math.abs(atMs - T0_MS)) ?? [];
  expect(Math.max(...times)).toBeLessThanOrEqual(CONTEXT_LINES_MAX * 50);
});

test('the line that the message shows as proof is no context', async () => {
  const { logs } = await startLog([entry(0, 'what it is about'), entry(4, 'what came next')]);
  const { diagnose, shelf, change } = setUp({ logs });
  const sample = {
    timeMs: T0_MS,
    entry: '0'.repeat(16),
    proxy: 'checkout-0000',
    logName: 'l',
    message: 'what it is about',
  };
  if (shelf.incident !== undefined) change({ evidence: { ...shelf.incident.evidence, samples: [sample] } });
  await diagnose(push(ID));
  expect(shelf.incident?.context?.lines.map(({ message }) => message)).toEqual(['what came next']);
});

test.for([
  [VERSION_BEFORE_MS, '1.29.7'],
  [VERSION_BEFORE_MS + 1_000, ''],
] as const)('a version that was announced %i ms before is «%s»', async ([beforeMs, version]) => {
  const { logs } = await startLog([entry(-beforeMs / 1_000, VERSION_LINE), entry(0, 'no version')]);
  const { fleet, diagnose } = setUp({ logs });
  await diagnose(push(ID));
  expect(fleet.diagnoses.get(ID)).toMatchObject({
    envoyVersion: version,
    context: [{ message: 'no version' }],
  });
});

test('a log that refuses for its quota is asked again with the next run; the checks do not wait for it', async () => {
  // Somebody else has spent this minute's reads.
  const { logs, nextMinute } = await startLog([entry(0, 'a line')], 3);
  const wanted = {
    project: 'demo-mesh',
    instance: '7',
    fromMs: 0,
    toMs: 1,
    entriesMax: 1,
    keep: 'first',
  } as const;
  for (let read = 0; read < 3; read += 1) expect((await logs.read(wanted)).kind).toBe('entries');
  const { fleet, diagnose, clock, shelf } = setUp({ logs });
  await diagnose(push(ID));
  expect(shelf.incident?.checks).toHaveLength(2);
  expect(shelf.incident?.context).toBeUndefined();
  expect(fleet.diagnoses.get(ID)).toMatchObject({ contextAtMs: 0, context: [] });
  nextMinute();
  await clock.advance(AGAIN_MS);
  await diagnose(push(ID));
  expect(fleet.diagnoses.get(ID)).toMatchObject({ context: [{ message: 'a line' }], runs: 2 });
  expect(shelf.incident?.context?.lines).toHaveLength(1);
});

test.for([undefined, {}, { message: {} }, push('')])('%j names no incident and is dropped', async (body) => {
  const { diagnose, log } = setUp();
  expect(await diagnose(body)).toEqual({ status: 204 });
  expect(log.lines).toHaveLength(1);
});

test('an incident that nobody knows, and one without checks, cost nothing', async () => {
  const { diagnose, change, fleet } = setUp();
  await diagnose(push('nobody'));
  change({ pattern: 'unrecognised' });
  await diagnose(push(ID));
  expect(bench.google.count()).toBe(0);
  expect(fleet.diagnoses.size).toBe(0);
});

test('a store that fails makes Pub/Sub deliver again', async () => {
  const { diagnose, store } = setUp();
  store.breakNext('incident', 'before');
  expect((await diagnose(push(ID))).status).toBe(503);
  expect((await diagnose(push(ID))).status).toBe(204);
});
