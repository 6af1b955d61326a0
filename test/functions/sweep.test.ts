// The sweep: what it sees of a VM and when it speaks, its budget, its order, and that it carries on where it was cut off.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  FAILURE_STAYS_MS,
  OFF_AFTER_MS,
  UNREADABLE_EVERY_MS,
  UNREADABLE_STAYS_MS,
} from '#shared/diagnose/observe.ts';
import { onEvidence, unborn } from '#shared/incident/lifecycle.ts';
import { NO_EVIDENCE } from '#shared/incident/fold.ts';
import type { GoogleAnswer } from '#shared/model/google-api.ts';
import type { FleetVm } from '#shared/model/fleet.ts';
import { hashHex } from '#shared/model/hash.ts';
import { staleHeartbeat } from '#shared/patterns/stale-heartbeat.ts';
import {
  createSeenVms,
  SEEN_AILING_MAX,
  SEEN_INCIDENTS_MAX,
  SEEN_MS_MAX,
  SEEN_VMS_MAX,
} from '../../functions/seen-vms.ts';
import { CHUNK_VMS, createSweep, type SweepSettings } from '../../functions/sweep.ts';
import { rotate } from '../../functions/sweep-memory.ts';
import * as resources from '../../infra/local/google/resources.ts';
import type { WorldVm } from '../../infra/local/google/world.ts';
import { makeWorld, planVms, PROJECT, proxyOf } from '../diagnose/world.ts';
import { createMemoryFleet } from '../fakes/fleet-store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { T0_MS } from '../fakes/sightings.ts';
import { createFakeClock, createFakeLog, createFakeNudges } from '../fakes/world.ts';

const MINUTE_MS = 60_000;

/** A heartbeat that stands from the first look on is stale with the seventh, a minute each. */
const UNTIL_STALE = 7;

interface Options {
  readonly vms?: number;
  readonly zones?: readonly string[];
  readonly settings?: Partial<SweepSettings>;
}

/** Answers as Google would, without a socket; every read is counted by minute and region. */
function setUp({ vms = 3, zones, settings = {} }: Options = {}) {
  const clock = createFakeClock(T0_MS);
  const world = makeWorld(planVms(vms, zones), T0_MS);
  const byName = new Map(world.vms.map((vm) => [vm.name, vm]));
  const reads: { readonly name: string; readonly minute: number; readonly region: string }[] = [];
  const store = createMemoryStore();
  const fleet = createMemoryFleet();
  const nudges = createFakeNudges();
  const log = createFakeLog();
  let trouble: ((name: string) => GoogleAnswer | undefined) | undefined;
  let isPartial: boolean | 'warning' = false;
  /** VM number → times at which its agent wrote. */
  const written = new Map<string, readonly number[]>();
  const activity = (): GoogleAnswer => {
    const timeSeries = [...written].map(([number, times]) => ({
      resource: { type: 'gce_instance', labels: { instance_id: number } },
      points: times.map((atMs) => ({
        interval: { endTime: new Date(atMs).toISOString() },
        value: { int64Value: '3' },
      })),
    }));
    return { kind: 'body', body: { timeSeries }, partial: isPartial === false ? [] : ['unreachable'] };
  };
  const refused = new Set<string>();
  const asked: string[] = [];
  const refusal: GoogleAnswer = { kind: 'refused', why: '403' };
  const list = (pageToken: string): GoogleAnswer => {
    if (refused.has('list')) return refusal;
    const from = Number(pageToken || '0');
    const labelled = world.vms.filter(({ labels }) => labels['gce-service-proxy'] === 'on');
    const shown = labelled.slice(from, from + 500);
    const items: Record<string, { instances: unknown[] }> = {};
    for (const vm of shown)
      (items[`zones/${vm.zone}`] ??= { instances: [] }).instances.push(resources.instance(world, vm));
    const more = from + 500 < labelled.length ? { nextPageToken: String(from + 500) } : {};
    const unreachables =
      isPartial === 'warning'
        ? { warning: { code: 'UNREACHABLE' } }
        : isPartial
          ? { unreachables: ['zones/x'] }
          : {};
    return { kind: 'body', body: { items, ...more, ...unreachables }, partial: [] };
  };
  const google = {
    ask: async ({
      path,
      query,
    }: {
      path: string;
      query: Readonly<Record<string, string>>;
    }): Promise<GoogleAnswer> => {
      if (path.endsWith('/aggregated/instances')) return list(query['pageToken'] ?? '');
      if (path.endsWith('/timeSeries')) return refused.has('monitoring') ? refusal : activity();
      const wanted = /instances\/([^/]+)$/.exec(path)?.[1];
      if (wanted !== undefined) {
        asked.push(wanted);
        const found = world.vms.find((one) => one.name === wanted);
        if (refused.has('get')) return refusal;
        return found === undefined
          ? { kind: 'absent', why: '404' }
          : { kind: 'body', body: resources.instance(world, found), partial: [] };
      }
      const name = /instances\/([^/]+)\/getGuestAttributes$/.exec(path)?.[1] ?? '';
      const vm = byName.get(name);
      const failed = trouble?.(name);
      if (failed !== undefined) return failed;
      reads.push({
        name,
        minute: Math.floor(clock.nowMs() / MINUTE_MS),
        region: (vm?.zone ?? '').slice(0, -2),
      });
      const body = vm === undefined ? undefined : resources.guestAttributes(vm, clock.nowMs());
      return body === undefined ? { kind: 'absent', why: '404' } : { kind: 'body', body, partial: [] };
    },
  };
  const all: SweepSettings = {
    projects: [PROJECT.id],
    readsPerMinute: 1_300,
    tickMs: 45_000,
    listKeptMs: 0,
    ...settings,
  };
  const begin = () => createSweep({ store, fleet, google, nudges, clock, log, settings: all });
  return {
    clock,
    world,
    store,
    fleet,
    nudges,
    log,
    reads,
    /** Names of VMs that were asked for one by one. */
    asked,
    /** What Google refuses from now on: `list`, `get`, `monitoring`. */
    refused,
    begin,
    sweep: begin(),
    vm: (index: number): WorldVm => {
      const found = world.vms[index];
      if (found === undefined) throw new Error(`no VM ${index}`);
      return found;
    },
    setTrouble: (next: typeof trouble) => (trouble = next),
    written,
    setPartial: (next: typeof isPartial) => (isPartial = next),
    patterns: () => [...store.sightings.values()].map(({ pattern }) => pattern),
  };
}

type World = ReturnType<typeof setUp>;

/** Opens what the sweep saw, as the fold would. */
function open({ store, fleet, clock }: World): readonly string[] {
  const ailing = [...fleet.states.values()].flatMap(({ incidents }) => incidents);
  const whole = [...store.sightings.values()].filter(({ proxies }) => proxies.length === 0);
  const ids = [...new Set([...ailing, ...whole.map(({ target }) => target)])];
  for (const id of ids) {
    const seen = { evidence: { ...NO_EVIDENCE, count: 1 }, firstMs: clock.nowMs(), lastMs: clock.nowMs() };
    const pattern = id.replace(/-[0-9a-f]{16}$/, '');
    store.shelf(id).incident ??= onEvidence(unborn(id, pattern, {}), seen, clock.nowMs()).incident;
  }
  return ids;
}

async function ticks(world: World, count: number, everyMs = MINUTE_MS): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await world.sweep();
    await world.clock.advance(everyMs);
  }
}

const stop = (vm: WorldVm, atMs: number): void => {
  vm.guestAttributes['agent-heartbeat'] = new Date(atMs).toISOString();
};

test('a healthy fleet makes no finding, and is written down once', async () => {
  const world = setUp();
  await ticks(world, 20);
  expect(world.patterns()).toEqual([]);
  expect(world.nudges.published).toEqual([]);
  expect(world.fleet.states.size).toBe(3);
  // One state each, and the cursor with each tick: twice, once behind the chunk and once at the end.
  expect(world.fleet.writes()).toBe(3 + 2 * 20);
});

test.for([
  [5 * MINUTE_MS, []],
  [5 * MINUTE_MS + 1, ['stale-heartbeat']],
] as const)('a heartbeat of %i ms is %j', async ([age, patterns]) => {
  const world = setUp();
  stop(world.vm(0), T0_MS);
  await world.sweep();
  await world.clock.advance(age);
  await world.sweep();
  expect(world.patterns()).toEqual(patterns);
});

test('a heartbeat that stops is a finding within one tick past five minutes', async () => {
  const world = setUp();
  await ticks(world, 3);
  const stoppedMs = world.clock.nowMs();
  stop(world.vm(0), stoppedMs);
  while (world.patterns().length === 0) await ticks(world, 1);
  const seenMs = world.clock.nowMs() - MINUTE_MS;
  expect(seenMs - stoppedMs).toBeGreaterThan(5 * MINUTE_MS);
  expect(seenMs - stoppedMs).toBeLessThanOrEqual(6 * MINUTE_MS);
});

test('VMs of one group are one incident, and each minute counts a VM once', async () => {
  const world = setUp({ vms: 4 });
  for (const vm of world.world.vms) stop(vm, T0_MS - 3_600_000);
  await ticks(world, UNTIL_STALE - 1);
  await ticks(world, 3, 10_000);
  expect(new Set([...world.store.sightings.values()].map(({ target }) => target)).size).toBe(1);
  const ids = new Set<string>();
  for (const { slices } of world.store.sightings.values())
    for (const { ids: packed } of slices)
      for (let at = 0; at < packed.length; at += 8) ids.add(packed.slice(at, at + 8).join());
  expect(ids.size).toBe(4);
});

test('the finding has the group whose command recreates the VM', async () => {
  const world = setUp({ vms: 1 });
  stop(world.vm(0), T0_MS - 3_600_000);
  await ticks(world, UNTIL_STALE);
  const [sighting] = [...world.store.sightings.values()];
  expect(sighting).toMatchObject({
    pattern: 'stale-heartbeat',
    scope: { project: 'demo-mesh', location: 'europe-west3-b', group: 'checkout' },
    fields: { group: 'checkout', heartbeat: '2026-11-01T10:00:00.000Z' },
    proxies: [{ name: '7000000000000000', displayName: 'checkout-0000', group: 'checkout' }],
  });
});

test('an agent whose clock is wrong by any amount is well as long as it beats', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: -86_400_000, max: 86_400_000 }),
      fc.integer({ min: 10_000, max: 4 * MINUTE_MS }),
      async (skewMs, everyMs) => {
        const world = setUp({ vms: 1 });
        for (let n = 0; n < 15; n += 1) {
          const beatMs = world.clock.nowMs() - (world.clock.nowMs() % everyMs);
          stop(world.vm(0), beatMs + skewMs);
          await world.sweep();
          await world.clock.advance(MINUTE_MS);
        }
        expect(world.patterns()).toEqual([]);
        // And once it stops it is found, whatever its clock says.
        await ticks(world, 10);
        expect(world.patterns()).toContain('stale-heartbeat');
      },
    ),
    { numRuns: 30 },
  );
});

test('a heartbeat that can’t be read as a time is unknown, never stale', async () => {
  const world = setUp({ vms: 1 });
  world.vm(0).guestAttributes['agent-heartbeat'] = 'soon';
  await ticks(world, 10);
  expect(world.patterns()).toEqual([]);
});

test('a fresh heartbeat is the proof, once every VM of the group has one', async () => {
  const world = setUp();
  stop(world.vm(0), T0_MS - 3_600_000);
  stop(world.vm(1), T0_MS - 3_600_000);
  await ticks(world, UNTIL_STALE);
  const [id = ''] = open(world);
  world.vm(0).guestAttributes['agent-heartbeat'] = 'beating';
  await ticks(world, 1);
  expect(world.store.shelf(id).incident?.state).toBe('open');
  world.vm(1).guestAttributes['agent-heartbeat'] = 'beating';
  await ticks(world, 1);
  expect(world.store.shelf(id).incident).toMatchObject({ state: 'resolved', resolvedBy: 'proof' });
  expect(world.store.shelf(id).timeline.at(-1)?.why).toMatch(/^the heartbeat is fresh again/);
  expect(world.nudges.published.at(-1)).toBe(id);
});

test('a proof that a broken store kept from being written down comes with the next tick', async () => {
  const world = setUp({ vms: 1 });
  stop(world.vm(0), T0_MS - 3_600_000);
  await ticks(world, UNTIL_STALE);
  const [id = ''] = open(world);
  world.vm(0).guestAttributes['agent-heartbeat'] = 'beating';
  world.fleet.breakNext = 'saveSweep';
  await expect(world.sweep()).rejects.toThrow('saveSweep');
  expect(world.store.shelf(id).incident?.state).toBe('open');
  await ticks(world, 1);
  expect(world.store.shelf(id).incident).toMatchObject({ state: 'resolved', resolvedBy: 'proof' });
});

test.for([
  ['deleted', true],
  ['deleted', 'warning'],
  ['stopped', true],
] as const)('a VM that was %s is no longer ill, once the list is whole (%s)', async ([how, partial]) => {
  const world = setUp();
  stop(world.vm(0), T0_MS - 3_600_000);
  await ticks(world, UNTIL_STALE);
  const [id = ''] = open(world);
  if (how === 'deleted') world.world.vms.splice(0, 1);
  else world.vm(0).status = 'TERMINATED';
  world.setPartial(partial);
  await ticks(world, 1);
  // Google could not reach a zone: what is missing may still be there.
  if (how === 'deleted') expect(world.store.shelf(id).incident?.state).toBe('open');
  world.setPartial(false);
  await ticks(world, 1);
  expect(world.store.shelf(id).incident?.state).toBe('resolved');
});

test('an unreadable VM neither accuses nor acquits', async () => {
  const world = setUp({ vms: 1 });
  stop(world.vm(0), T0_MS - 3_600_000);
  await ticks(world, UNTIL_STALE);
  const [id = ''] = open(world);
  world.setTrouble(() => ({ kind: 'refused', why: '403' }));
  await ticks(world, 2);
  expect(world.store.shelf(id).incident?.state).toBe('open');
});

test.for([
  [15 * MINUTE_MS, []],
  [15 * MINUTE_MS + 1_000, ['bootstrap-stuck']],
] as const)('set up for %i ms and not done: %j', async ([age, patterns]) => {
  const world = setUp({ vms: 1 });
  world.vm(0).guestAttributes = { 'bootstrap-status': 'IN PROGRESS' };
  world.vm(0).startedAtMs = T0_MS - age;
  await world.sweep();
  expect(world.patterns()).toEqual(patterns);
});

test('a set-up that failed is told at once', async () => {
  const world = setUp({ vms: 1 });
  world.vm(0).guestAttributes = {
    'bootstrap-status': 'FAILED',
    'bootstrap-last-failure': 'gsutil: no bucket',
  };
  await world.sweep();
  expect(world.patterns()).toEqual(['bootstrap-failed']);
});

test('an agent’s failure counts only once it has stayed', async () => {
  const world = setUp({ vms: 1 });
  const failure = 'Cannot reach the Cloud Service Mesh API server';
  world.vm(0).guestAttributes['agent-last-failure'] = failure;
  await world.sweep();
  await world.clock.advance(FAILURE_STAYS_MS - 1);
  await world.sweep();
  expect(world.patterns()).toEqual([]);
  await world.clock.advance(1);
  await world.sweep();
  expect(world.patterns()).toEqual(['agent-failure']);
});

test('a failure that changes begins anew', async () => {
  const world = setUp({ vms: 1 });
  for (let n = 0; n < 12; n += 1) {
    world.vm(0).guestAttributes['agent-last-failure'] = `failed to program iptables ${Math.floor(n / 4)}`;
    await ticks(world, 1);
  }
  expect(world.patterns()).toEqual([]);
});

test('an Envoy that is too old is found by its own announcement', async () => {
  const world = setUp();
  world.vm(1).guestAttributes['proxy-version'] = `${'a'.repeat(40)}/1.25.7/Clean/RELEASE/BoringSSL`;
  await world.sweep();
  expect(world.patterns()).toEqual(['envoy-version-unsupported']);
});

test('what can’t be read is said in the log plainly, and once', async () => {
  const world = setUp();
  world.setTrouble(() => ({ kind: 'refused', why: '403' }));
  await ticks(world, 5);
  expect(world.log.lines).toEqual([
    'WARNING guest attributes can\'t be read: needs compute.instances.getGuestAttributes {"vms":3}',
  ]);
  world.setTrouble(undefined);
  await ticks(world, 1);
  world.setTrouble(() => ({ kind: 'refused', why: '403' }));
  await ticks(world, 3);
  expect(world.log.lines).toHaveLength(2);
});

test('10,000 VMs: no minute and region passes the budget, and all are read before the fifth minute ends', async () => {
  const world = setUp({
    vms: 10_000,
    zones: ['europe-west3-b', 'us-central1-a'],
    settings: { listKeptMs: 600_000 },
  });
  const seen = new Set<string>();
  let minutes = 0;
  while (seen.size < 10_000 && minutes < 10) {
    await ticks(world, 1);
    for (const { name } of world.reads) seen.add(name);
    minutes += 1;
  }
  expect(minutes).toBeLessThan(5);
  const perMinute = new Map<string, number>();
  for (const { minute, region } of world.reads)
    perMinute.set(`${minute} ${region}`, (perMinute.get(`${minute} ${region}`) ?? 0) + 1);
  expect(Math.max(...perMinute.values())).toBe(1_300);
});

test.for([
  [50, []],
  [
    51,
    [
      'WARNING a region holds more VMs than are read in five minutes: raise its quota {"region":"demo-mesh europe-west3","vms":51,"readsPerMinute":10}',
    ],
  ],
] as const)('%i VMs in one region at 10 reads a minute: %j', async ([vms, lines]) => {
  const world = setUp({ vms, settings: { readsPerMinute: 10 } });
  await ticks(world, 3);
  expect(world.log.lines).toEqual(lines);
});

test('a tick that comes sooner than a minute spends no second budget', async () => {
  const world = setUp({ vms: 50, settings: { readsPerMinute: 20 } });
  await ticks(world, 5, 1_000);
  expect(world.reads).toHaveLength(20);
});

test('however it is cut off, every VM is read before any is read again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 450 }),
      fc.array(fc.constantFrom('on', 'dies', 'busy', 'new process'), { minLength: 1, maxLength: 12 }),
      async (vms, story) => {
        const world = setUp({ vms, settings: { readsPerMinute: 130 } });
        let sweep = world.sweep;
        for (const chapter of story) {
          const before = world.reads.length;
          if (chapter === 'dies') world.fleet.breakNext = 'saveSweep';
          if (chapter === 'busy')
            world.setTrouble(() =>
              world.reads.length - before >= 70 ? { kind: 'busy', why: '429' } : undefined,
            );
          await sweep().catch(() => undefined);
          world.setTrouble(undefined);
          if (chapter === 'dies' || chapter === 'new process') sweep = world.begin();
          await world.clock.advance(MINUTE_MS);
        }
        // How often each was read differs by the one round that is under way, and by what a death repeats.
        const counts = new Map(world.world.vms.map(({ name }) => [name, 0]));
        for (const { name } of world.reads) counts.set(name, (counts.get(name) ?? 0) + 1);
        const deaths = story.filter((chapter) => chapter === 'dies' || chapter === 'busy').length;
        const spread = Math.max(...counts.values()) - Math.min(...counts.values());
        expect(spread).toBeLessThanOrEqual(1 + deaths);
        if (deaths === 0) expect(spread).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 40 },
  );
});

test('a process that dies carries on behind its last chunk', async () => {
  const world = setUp({ vms: 3 * CHUNK_VMS, settings: { readsPerMinute: 2 * CHUNK_VMS } });
  await world.sweep();
  const first = new Set(world.reads.map(({ name }) => name));
  await world.clock.advance(MINUTE_MS);
  const next = world.begin();
  await next();
  const then = world.reads.slice(first.size).map(({ name }) => name);
  expect(then.slice(0, CHUNK_VMS).filter((name) => first.has(name))).toEqual([]);
});

test('rotating keeps every VM and begins behind the cursor', () => {
  const vm = (id: string): FleetVm => ({
    id,
    project: 'p',
    zone: 'z',
    number: '1',
    name: 'n',
    group: '',
    groupPlace: '',
    isRunning: true,
    startedAtMs: 0,
    hasGuestAttributes: true,
    isManaged: true,
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 20 }),
      fc.string({ maxLength: 3 }),
      (ids, cursor) => {
        const order = rotate(ids.map(vm), cursor).map(({ id }) => id);
        expect(order.toSorted()).toEqual(ids.toSorted());
        const behind = ids.filter((id) => id > cursor).length;
        if (behind > 0) expect(order.slice(0, behind).every((id) => id > cursor)).toBe(true);
      },
    ),
  );
});

test('a second tick while one still reads does nothing', async () => {
  const world = setUp({ vms: 2 });
  const [first, second] = await Promise.all([world.sweep(), world.sweep()]);
  expect([first.read, second.read]).toEqual([2, 0]);
});

test('hostile attributes stay text, bounded and redacted', async () => {
  const world = setUp({ vms: 1 });
  world.vm(0).guestAttributes = {
    'bootstrap-status': 'FAILED',
    'bootstrap-last-failure': `<!channel> password=hunter2hunter2 ${'x'.repeat(100_000)}`,
  };
  await world.sweep();
  const [sighting] = [...world.store.sightings.values()];
  const text = JSON.stringify(sighting?.samples);
  expect(text).not.toContain('hunter2hunter2');
  expect(text.length).toBeLessThan(5_000);
});

test('what is kept of a VM is redacted as every line is: pages show it', async () => {
  const world = setUp({ vms: 1 });
  const secret = 'password=hunter2hunter2 by jane.doe@example.com';
  for (const name of ['bootstrap-status', 'agent-last-failure', 'agent-heartbeat', 'proxy-version'])
    world.vm(0).guestAttributes[name] = secret;
  await world.sweep();
  const [state] = [...world.fleet.states.values()];
  expect(state?.lastFailure).toMatch(/^password=\[redacted/);
  expect(JSON.stringify(state)).not.toMatch(/hunter2|jane/);
});

const HOUR_MS = 3_600_000;
const every3Hours = (untilMs: number): readonly number[] =>
  Array.from({ length: 8 }, (_, n) => untilMs - n * 3 * HOUR_MS);

test.for([
  [9 * HOUR_MS, []],
  [9 * HOUR_MS + 1_000, ['agent-silent']],
] as const)(
  'an agent that wrote every three hours and is silent for %i ms: %j',
  async ([silentMs, patterns]) => {
    const world = setUp();
    world.written.set(world.vm(0).id, every3Hours(T0_MS - silentMs));
    world.written.set(world.vm(1).id, every3Hours(T0_MS));
    await world.sweep();
    expect(world.patterns()).toEqual(patterns);
  },
);

test('what Google could not count is not silence', async () => {
  const world = setUp();
  world.setPartial(true);
  world.written.set(world.vm(0).id, every3Hours(T0_MS - 20 * HOUR_MS));
  await world.sweep();
  expect(world.patterns()).toEqual([]);
});

test('a VM that is stopped may be silent, and one that nobody ever heard of too', async () => {
  const world = setUp();
  world.written.set(world.vm(0).id, every3Hours(T0_MS - 20 * HOUR_MS));
  world.vm(0).status = 'TERMINATED';
  await world.sweep();
  expect(world.patterns()).toEqual([]);
});

test('nothing arrives any more from a fleet that always writes: one finding about the pipeline itself', async () => {
  const world = setUp({ vms: 1 });
  for (let hour = 0; hour < 26; hour += 1) {
    world.fleet.arrivedAtMs = world.clock.nowMs() - 60_000;
    await ticks(world, 2, HOUR_MS / 2);
  }
  const lastMs = world.fleet.arrivedAtMs;
  while (world.patterns().length === 0) await ticks(world, 1, HOUR_MS / 4);
  // Three times the longest gap so far, which was an hour.
  expect(world.clock.nowMs() - HOUR_MS / 4 - lastMs).toBeGreaterThan(3 * HOUR_MS);
  expect(world.clock.nowMs() - lastMs).toBeLessThanOrEqual(4 * HOUR_MS);
  const [sighting] = [...world.store.sightings.values()];
  expect(sighting).toMatchObject({
    pattern: 'pipeline-silent',
    severity: 'error',
    scope: { project: 'demo-mesh' },
    fields: { usualSeconds: '3600' },
    proxies: [],
  });
  // The next entry is the proof.
  const [id = ''] = open(world);
  await ticks(world, 1);
  expect(world.store.shelf(id).incident?.state).toBe('open');
  world.fleet.arrivedAtMs = world.clock.nowMs();
  await ticks(world, 1);
  expect(world.store.shelf(id).incident).toMatchObject({ state: 'resolved', resolvedBy: 'proof' });
  expect(world.store.shelf(id).timeline.at(-1)?.why).toBe('log entries arrive again');
});

test('a pipeline that brings nothing but findings is not silent', async () => {
  const world = setUp({ vms: 1 });
  for (let hour = 0; hour < 40; hour += 1) {
    if (hour < 26) world.fleet.arrivedAtMs = world.clock.nowMs() - 60_000;
    world.fleet.foundAtMs = world.clock.nowMs() - 60_000;
    await ticks(world, 2, HOUR_MS / 2);
  }
  expect(world.patterns()).toEqual([]);
});

test('a finding of a clock that runs ahead makes no habit: once its time has come, silence is silence again', async () => {
  const world = setUp({ vms: 1 });
  for (let hour = 0; hour < 26; hour += 1) {
    world.fleet.arrivedAtMs = world.clock.nowMs() - 60_000;
    await ticks(world, 2, HOUR_MS / 2);
  }
  const lastMs = world.fleet.arrivedAtMs;
  world.fleet.foundAtMs = lastMs + 20 * HOUR_MS;
  while (world.patterns().length === 0 && world.clock.nowMs() < lastMs + 26 * HOUR_MS)
    await ticks(world, 1, HOUR_MS / 4);
  expect(world.patterns()).toContain('pipeline-silent');
});

/** Distinct entries of a pattern that were counted so far. */
function counted({ store }: World, pattern: string): number {
  const ids = new Set<string>();
  for (const sighting of store.sightings.values())
    if (sighting.pattern === pattern)
      for (const { ids: packed } of sighting.slices)
        for (let at = 0; at < packed.length; at += 8) ids.add(packed.slice(at, at + 8).join());
  return ids.size;
}

test.for([
  [UNREADABLE_STAYS_MS - 1, 0],
  [UNREADABLE_STAYS_MS, 1],
] as const)('what can’t be read for %i ms makes %i incident', async ([staysMs, incidents]) => {
  const world = setUp();
  world.setTrouble(() => ({ kind: 'refused', why: '403' }));
  await world.sweep();
  await world.clock.advance(staysMs);
  await world.sweep();
  expect(open(world)).toHaveLength(incidents);
});

test('VMs that can’t be read are one incident, each counted now and then; it is over once all can be read', async () => {
  const world = setUp({ vms: 30 });
  world.setTrouble(() => ({ kind: 'refused', why: '403' }));
  await ticks(world, 30);
  const [id = '', ...others] = open(world);
  expect(others).toEqual([]);
  const [sighting] = [...world.store.sightings.values()];
  expect(sighting).toMatchObject({
    target: id,
    pattern: 'fleet-unreadable',
    severity: 'warning',
    scope: { project: 'demo-mesh', reason: 'compute.instances.getGuestAttributes' },
  });
  expect(sighting?.proxyIds).toHaveLength(30 * 8);
  // Half an hour, every ten minutes and not every minute.
  expect(counted(world, 'fleet-unreadable')).toBeLessThanOrEqual(30 * 4);
  world.setTrouble((name) => (name === 'checkout-0007' ? { kind: 'refused', why: '403' } : undefined));
  await ticks(world, 1);
  expect(world.store.shelf(id).incident?.state).toBe('open');
  world.setTrouble(undefined);
  await ticks(world, 1);
  expect(world.store.shelf(id).incident).toMatchObject({ state: 'resolved', resolvedBy: 'proof' });
});

test('another reason is another incident, and ends the first', async () => {
  const world = setUp({ vms: 1 });
  world.setTrouble(() => ({ kind: 'refused', why: '403' }));
  await ticks(world, 7);
  const [first = ''] = open(world);
  world.setTrouble(() => ({ kind: 'timeout', why: '10 s' }));
  await ticks(world, 7);
  const [second = ''] = open(world);
  expect(second).not.toBe(first);
  expect(world.store.shelf(first).incident?.state).toBe('resolved');
  expect(world.store.shelf(second).incident?.state).toBe('open');
});

test.for([
  [OFF_AFTER_MS - 1_000, []],
  [OFF_AFTER_MS, ['fleet-unreadable']],
] as const)('guest attributes that are off on a VM that is up for %i ms: %j', async ([upMs, patterns]) => {
  const world = setUp({ vms: 1 });
  world.vm(0).guestAttributes = {};
  world.vm(0).hasGuestAttributes = false;
  world.vm(0).startedAtMs = T0_MS + UNREADABLE_STAYS_MS - upMs;
  await world.sweep();
  await world.clock.advance(UNREADABLE_STAYS_MS);
  await world.sweep();
  expect(world.patterns()).toEqual(patterns);
});

test('guest attributes that are turned off acquit nobody', async () => {
  const world = setUp({ vms: 1 });
  stop(world.vm(0), T0_MS - 3_600_000);
  await ticks(world, UNTIL_STALE);
  const [id = ''] = open(world);
  world.vm(0).guestAttributes = {};
  world.vm(0).hasGuestAttributes = false;
  await ticks(world, 2);
  expect(world.store.shelf(id).incident?.state).toBe('open');
});

test.for([
  ['list', 'compute.instances.list'],
  ['monitoring', 'monitoring.timeSeries.list'],
] as const)(
  'where %s is refused the project is told, once it stays; then proven over',
  async ([what, permission]) => {
    const world = setUp();
    world.refused.add(what);
    await ticks(world, UNREADABLE_STAYS_MS / MINUTE_MS);
    expect(world.patterns()).toEqual([]);
    await ticks(world, 1);
    const [sighting] = [...world.store.sightings.values()];
    expect(sighting).toMatchObject({
      pattern: 'fleet-unreadable',
      scope: { project: 'demo-mesh', reason: permission },
      fields: { permission },
    });
    const [id = ''] = open(world);
    // Another process carries on with what stands.
    const next = world.begin();
    await next();
    expect(world.store.shelf(id).incident?.state).toBe('open');
    world.refused.delete(what);
    await world.clock.advance(10 * MINUTE_MS);
    await next();
    expect(world.store.shelf(id).incident).toMatchObject({ state: 'resolved', resolvedBy: 'proof' });
  },
);

/** Takes the label off a VM and has an incident name it. */
function onlySeen(world: World, index: number): void {
  const vm = world.vm(index);
  vm.labels = {};
  const id = hashHex(`demo-mesh/${vm.zone}/${vm.id}`);
  const proxy = { project: 'demo-mesh', location: vm.zone, name: vm.id, displayName: vm.name, group: '' };
  world.fleet.seenProxies = [...world.fleet.seenProxies, { id, ...proxy }];
}

test('a VM without the label that entries were seen of is part of the fleet', async () => {
  const world = setUp({ vms: 2 });
  onlySeen(world, 1);
  stop(world.vm(1), T0_MS - 3_600_000);
  await ticks(world, UNTIL_STALE);
  expect(world.reads.filter(({ name }) => name === 'checkout-0001')).toHaveLength(UNTIL_STALE);
  expect(world.patterns()).toEqual(['stale-heartbeat']);
  // It stays while it is ill, whatever the incidents name by then, and goes once it is deleted.
  const [id = ''] = open(world);
  world.fleet.seenProxies = [];
  await ticks(world, 1);
  expect(world.store.shelf(id).incident?.state).toBe('open');
  world.world.vms.splice(1, 1);
  await ticks(world, 1);
  expect(world.store.shelf(id).incident?.state).toBe('resolved');
});

test('a VM whose Envoy somebody set up by hand owes no guest attributes', async () => {
  const world = setUp({ vms: 1 });
  onlySeen(world, 0);
  world.vm(0).serviceProxy = undefined;
  world.vm(0).guestAttributes = {};
  await ticks(world, 20);
  expect(world.patterns()).toEqual([]);
  expect(world.fleet.states.size).toBe(1);
});

test('a listed VM, one of another project and one that is gone are not asked for again', async () => {
  const world = setUp({ vms: 2 });
  const [listed, other] = planVms(2).map(proxyOf);
  if (listed === undefined || other === undefined) throw new Error('no proxy');
  world.fleet.seenProxies = [
    { ...listed, id: hashHex(`demo-mesh/${listed.location}/${listed.name}`) },
    { ...other, id: 'a', project: 'elsewhere' },
    { ...other, id: 'b', displayName: 'gone-0000' },
  ];
  await ticks(world, 3);
  expect(world.asked).toEqual(['gone-0000']);
});

test.for([
  [SEEN_VMS_MAX - 1, 'resolved'],
  [SEEN_VMS_MAX, 'open'],
] as const)(
  '%i VMs that are asked for before one that was deleted leave its incident %s',
  async ([others, state]) => {
    const world = setUp({ vms: 1 });
    const [proxy] = planVms(1).map(proxyOf);
    if (proxy === undefined) throw new Error('no proxy');
    stop(world.vm(0), T0_MS - 3_600_000);
    await ticks(world, UNTIL_STALE);
    const [id = ''] = open(world);
    world.world.vms.splice(0, 1);
    world.fleet.seenProxies = Array.from({ length: others }, (_, n) => ({
      ...proxy,
      id: `seen-${n}`,
      displayName: `seen-${n}`,
    }));
    await ticks(world, 1);
    expect(world.asked).toHaveLength(SEEN_VMS_MAX);
    expect(world.store.shelf(id).incident?.state).toBe(state);
    // What was left is asked for with the next list, and nobody twice.
    await ticks(world, 1);
    expect(world.asked).toHaveLength(others + 1);
    expect(world.store.shelf(id).incident?.state).toBe('resolved');
  },
);

test('what is looked up of incidents and of ill VMs is bounded', async () => {
  const world = setUp({ vms: 1 });
  const limits = new Map<string, number>();
  const { seen, ailing } = world.fleet;
  const fleet = {
    ...world.fleet,
    seen: (limit: number) => {
      limits.set('seen', limit);
      return seen(limit);
    },
    ailing: (limit: number) => {
      limits.set('ailing', limit);
      return ailing(limit);
    },
  };
  const settings = { projects: [PROJECT.id], readsPerMinute: 1, tickMs: 1, listKeptMs: 0 };
  await createSeenVms({
    google: { ask: () => Promise.reject(new Error('nobody is asked')) },
    fleet,
    settings,
    clock: world.clock,
  })(new Set());
  expect(Object.fromEntries(limits)).toEqual({ ailing: SEEN_AILING_MAX, seen: SEEN_INCIDENTS_MAX });
});

test.for([
  [SEEN_MS_MAX - 1, 2],
  [SEEN_MS_MAX, 1],
] as const)(
  'where Google takes %i ms to say nothing, %i VMs are looked up: the sweep goes on without the others',
  async ([tookMs, count]) => {
    const world = setUp({ vms: 3 });
    for (const index of [0, 1, 2]) onlySeen(world, index);
    let asked = 0;
    const google = {
      ask: async (): Promise<GoogleAnswer> => {
        asked += 1;
        await world.clock.advance(tookMs);
        return { kind: 'timeout', why: '5000 ms' };
      },
    };
    const settings = { projects: [PROJECT.id], readsPerMinute: 1, tickMs: 1, listKeptMs: 0 };
    const { clock, fleet } = world;
    const seen = await createSeenVms({ google, fleet, settings, clock })(new Set());
    expect(asked).toBe(count);
    expect(seen).toEqual({ vms: [], isComplete: false, refused: [] });
  },
);

test.for([
  [UNREADABLE_EVERY_MS - MINUTE_MS, 1],
  [UNREADABLE_EVERY_MS, 2],
] as const)(
  'a VM that can’t be read is counted again %i ms after it was counted first: %i',
  async ([laterMs, times]) => {
    const world = setUp({ vms: 1 });
    world.setTrouble(() => ({ kind: 'refused', why: '403' }));
    // The first count falls on the beginning of such a span.
    await world.clock.advance(UNREADABLE_EVERY_MS - (T0_MS % UNREADABLE_EVERY_MS) - UNREADABLE_STAYS_MS);
    await ticks(world, (UNREADABLE_STAYS_MS + laterMs) / MINUTE_MS);
    await world.sweep();
    expect(counted(world, 'fleet-unreadable')).toBe(times);
  },
);

test('VMs of a regional group are one incident, whose command names the region', async () => {
  const world = setUp({ vms: 2, zones: ['europe-west3-a', 'europe-west3-b'] });
  for (const vm of world.world.vms) {
    vm.createdBy = 'projects/123456789012/regions/europe-west3/instanceGroupManagers/checkout';
    stop(vm, T0_MS - 3_600_000);
  }
  await ticks(world, UNTIL_STALE);
  const sightings = [...world.store.sightings.values()];
  expect(new Set(sightings.map(({ target }) => target)).size).toBe(1);
  const [{ scope, fields, proxies } = { scope: {}, fields: {}, proxies: [] }] = sightings;
  const steps = staleHeartbeat.remedy({ scope, fields, proxies });
  expect(steps.at(-1)?.run).toContain(
    'recreate-instances checkout --instances=checkout-0000 --region=europe-west3 ',
  );
  expect(steps[0].run).toContain('--zone=europe-west3-a');
});

test('a pipeline that is known for less than a day, or never had an entry, has no habit to break', async () => {
  const world = setUp({ vms: 1 });
  await ticks(world, 60, HOUR_MS);
  expect(world.patterns()).toEqual([]);
  const young = setUp({ vms: 1 });
  young.fleet.arrivedAtMs = T0_MS;
  await ticks(young, 23, HOUR_MS);
  expect(young.patterns()).toEqual([]);
});

test('once Google asks to wait, that region is left alone until the next tick', async () => {
  const world = setUp({ vms: 4 * CHUNK_VMS });
  let refused = 0;
  world.setTrouble(() => {
    if (world.reads.length < 70) return undefined;
    refused += 1;
    return { kind: 'busy', why: '429' };
  });
  await world.sweep();
  expect(world.reads).toHaveLength(70);
  expect(refused).toBe(CHUNK_VMS - 70);
});
