// One scenario: so many entries a second from so many proxies, through Pub/Sub's push window onto instances of the real
// `classify`, and nudges onto the real `reconcile`. Only the world around them is modelled: see limits.ts.
// In: a scenario. Out: latency, writes, instances and cost. The same seed gives the same figures.
import { decode } from '../../../functions/adapters/decode.ts';
import { createClassify } from '../../../functions/classify.ts';
import type { Nudges } from '../../../functions/ports.ts';
import { createReconcile } from '../../../functions/reconcile.ts';
import { seeded } from '../../../infra/local/seeded.ts';
import { aNudge, entryPush } from '../../fakes/entries.ts';
import { createMemoryStore } from '../../fakes/memory-store.ts';
import { T0_MS } from '../../fakes/sightings.ts';
import { memoryLog, scriptedSlack, SETTINGS } from '../../functions/tell-slack-harness.ts';
import { createInstances } from './instances.ts';
import { COMMIT_MS, ENTRY_BYTES, INSTANCE, NETWORK_MS, PRICES, RAMP } from './limits.ts';
import { createPushWindow } from './push-window.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface Scenario {
  readonly perSecond: number;
  readonly proxies: number;
  readonly incidents: number;
  readonly instancesMax: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface Outcome {
  readonly scenario: Scenario;
  readonly entries: number;
  /** From publishing to the acknowledgement, in milliseconds; the first seconds are the cold start. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** The same without the first third of the run. */
  readonly warmP99Ms: number;
  readonly instances: number;
  readonly windowMax: number;
  readonly perThousand: { readonly reads: number; readonly writes: number; readonly deletes: number };
  /** US dollars for one million such entries, by part. */
  readonly perMillion: Readonly<Record<'pubsub' | 'requests' | 'compute' | 'firestore' | 'sum', number>>;
  /** Entries that were not acknowledged by the end: more came than the instances could take. */
  readonly left: number;
  /** Every acknowledged entry is counted, and none twice. */
  readonly isExact: boolean;
}

/** A commit's time: log-normal around the median. */
function commitTime(random: () => number): () => number {
  return () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return COMMIT_MS.median * Math.exp(COMMIT_MS.sigma * normal);
  };
}

/** Writes that a young collection takes: what comes faster waits its turn. */
function ramp(clock: VirtualClock, startMs: number): (writes: number) => number {
  let freeMs = startMs;
  return (writes) => {
    const steps = Math.floor((clock.nowMs() - startMs) / RAMP.everyMs);
    const perSecond = RAMP.perSecond * RAMP.growth ** steps;
    freeMs = Math.max(freeMs, clock.nowMs()) + (writes * 1_000) / perSecond;
    return freeMs - clock.nowMs() - (writes * 1_000) / perSecond;
  };
}

/** Pub/Sub with an ordering key: one nudge of an incident at a time, the others behind it. */
function orderedNudges(clock: VirtualClock, deliver: (id: string, atMs: number) => Promise<unknown>) {
  const lanes = new Map<string, Promise<unknown>>();
  let published = 0;
  const publish: Nudges['publish'] = (ids) => {
    for (const id of ids) {
      const atMs = clock.nowMs();
      published += 1;
      lanes.set(
        id,
        (lanes.get(id) ?? Promise.resolve()).then(() => deliver(id, atMs)),
      );
    }
    return Promise.resolve();
  };
  return { publish, published: () => published, ids: () => lanes.keys() };
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const ascending = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

/** Bytes of one id in a sighting. */
const ID_BYTES = 8;

/** After the last entry, folds and acknowledgements still come for so long. */
const DRAIN_MS = 30_000;

/** The functions as they are, with a store that takes its time. */
function build(scenario: Scenario) {
  const clock = createVirtualClock(T0_MS);
  const random = seeded(scenario.seed);
  const commitMs = commitTime(random);
  const rampMs = ramp(clock, T0_MS);
  const store = createMemoryStore();
  const log = memoryLog();
  const reconcile = createReconcile({
    store: {
      ...store,
      fold: async (target, work) => {
        await clock.wait(2 * commitMs());
        return store.fold(target, work);
      },
    },
    slack: scriptedSlack(clock).ports,
    notices: { silences: () => Promise.resolve([]), ledger: () => Promise.resolve(undefined) },
    settings: SETTINGS,
    clock,
    log,
  });
  const nudges = orderedNudges(clock, (id, atMs) => reconcile(aNudge(id, atMs)));
  const saveBatch: (typeof store)['saveBatch'] = async (batch) => {
    await clock.wait(commitMs() + rampMs(batch.sightings.length));
    return store.saveBatch(batch);
  };
  const { instancesMax } = scenario;
  const instances = createInstances({ clock, random, instancesMax }, () =>
    createClassify({ store: { saveBatch }, nudges, decode, clock, log }),
  );
  return { clock, random, store, nudges, instances };
}

type World = ReturnType<typeof build>;

interface Message {
  readonly body: object;
  readonly atMs: number;
}

/** Poisson arrivals: the gaps are exponential. Hands out what was published by now. */
function arrivals({ perSecond, proxies, incidents, seconds }: Scenario, random: () => number) {
  let entries = 0;
  let dueMs = T0_MS;
  const endMs = T0_MS + seconds * 1_000;
  const until = (nowMs: number): readonly Message[] => {
    const arrived: Message[] = [];
    while (dueMs <= nowMs && dueMs < endMs) {
      const network = Math.floor(random() * incidents);
      const vm = Math.floor(random() * proxies);
      const message = `Traffic Director configuration was not found for network "net-${network}" in project "1".`;
      arrived.push({ body: entryPush(entries, { message, vm, atMs: Math.floor(dueMs) }), atMs: dueMs });
      entries += 1;
      dueMs += (-Math.log(1 - random()) * 1_000) / perSecond;
    }
    return arrived;
  };
  return { until, entries: () => entries };
}

/** Publishes, delivers and waits until everything had time to be folded. */
async function play({ clock, random, instances }: World, scenario: Scenario) {
  const window = createPushWindow();
  const coming = arrivals(scenario, random);
  const queue: Message[] = [];
  const acknowledged: { readonly atMs: number; readonly tookMs: number }[] = [];
  let outstanding = 0;
  let pushes = 0;
  let windowMax = 0;

  const deliver = async (message: Message): Promise<void> => {
    outstanding += 1;
    pushes += 1;
    const sentMs = clock.nowMs();
    await clock.wait(NETWORK_MS);
    const status = await instances.serve(message.body);
    outstanding -= 1;
    if (status === 204) {
      window.acknowledged(clock.nowMs() - sentMs);
      acknowledged.push({ atMs: message.atMs, tookMs: clock.nowMs() - message.atMs });
    } else {
      window.refused(clock.nowMs());
      queue.push(message);
    }
  };

  let next = 0;
  const endMs = T0_MS + scenario.seconds * 1_000 + DRAIN_MS;
  while (clock.nowMs() < endMs) {
    queue.push(...coming.until(clock.nowMs()));
    while (outstanding < window.size() && clock.nowMs() >= window.pausedUntilMs()) {
      const message = queue[next];
      if (message === undefined) break;
      next += 1;
      void deliver(message);
    }
    windowMax = Math.max(windowMax, outstanding);
    await clock.step();
  }
  return { entries: coming.entries(), acknowledged, pushes, windowMax };
}

/** US dollars for one million of these entries: the formula of docs/scale.md. */
function costOf(world: World, { entries, pushes }: { readonly entries: number; readonly pushes: number }) {
  const { reads, writes, deletes } = world.store.operations;
  const nudges = world.nudges.published();
  const perMillion = (dollars: number): number => (dollars * 1e6) / entries;
  const entryBytes = Math.max(ENTRY_BYTES, PRICES.pubsubBytesMin);
  const bytes = (entries + pushes) * entryBytes + 2 * nudges * PRICES.pubsubBytesMin;
  const perSecond = INSTANCE.vcpu * PRICES.vcpuSecond + INSTANCE.gib * PRICES.gibSecond;
  const pubsub = perMillion(bytes * PRICES.pubsubPerByte);
  const requests = perMillion((pushes + nudges) * PRICES.request);
  const compute = perMillion((world.instances.billedMs() / 1_000) * perSecond);
  const firestore = perMillion(reads * PRICES.read + writes * PRICES.write + deletes * PRICES.delete);
  return { pubsub, requests, compute, firestore, sum: pubsub + requests + compute + firestore };
}

/** Plays one scenario. Rejects nothing: what went wrong shows in `isExact`. */
export async function simulate(scenario: Scenario): Promise<Outcome> {
  const world = build(scenario);
  const { entries, acknowledged, pushes, windowMax } = await play(world, scenario);
  const { reads, writes, deletes } = world.store.operations;
  const perThousand = (operations: number): number => (operations / entries) * 1_000;
  const all = ascending(acknowledged.map(({ tookMs }) => tookMs));
  const warmFromMs = T0_MS + (scenario.seconds * 1_000) / 3;
  const warm = ascending(acknowledged.filter(({ atMs }) => atMs >= warmFromMs).map(({ tookMs }) => tookMs));
  // What waits to be folded counts too: under overload the run ends before the last folds.
  const waiting = [...world.store.sightings.values()].flatMap(({ slices }) => slices);
  let counted = waiting.reduce((sum, { ids }) => sum + ids.length / ID_BYTES, 0);
  for (const id of world.nudges.ids()) counted += world.store.shelf(id).incident?.evidence.count ?? 0;
  return {
    scenario,
    entries,
    latencyMs: { p50: percentile(all, 0.5), p99: percentile(all, 0.99), max: all.at(-1) ?? 0 },
    warmP99Ms: percentile(warm, 0.99),
    instances: world.instances.count(),
    windowMax,
    perThousand: { reads: perThousand(reads), writes: perThousand(writes), deletes: perThousand(deletes) },
    perMillion: costOf(world, { entries, pushes }),
    left: entries - acknowledged.length,
    isExact: counted >= acknowledged.length && counted <= entries,
  };
}
