// Instances of one function as Cloud Run runs them: each takes so many requests at once on one vCPU, another one starts
// when those there are get full, and one is billed while it has a request. In: requests. Out: their answers, seconds billed.
import type { Answer } from '../../../functions/ports.ts';
import { COLD_START_MS, CONCURRENCY, CPU_MS_PER_ENTRY, FULL_AT } from './limits.ts';
import type { VirtualClock } from './virtual-clock.ts';

type Handler = (body: unknown) => Promise<Answer>;

interface Instance {
  readonly handle: Handler;
  readonly readyMs: number;
  inFlight: number;
  /** Its one vCPU is busy until then. */
  busyUntilMs: number;
  billedFromMs: number;
}

/** Work that waits for an instance's vCPU beyond this asks for another instance. An assumption. */
const CPU_QUEUE_MS = 50;

export interface Instances {
  /** Resolves to the answer's status; waits where every instance is full. */
  readonly serve: (body: unknown) => Promise<number>;
  readonly count: () => number;
  readonly billedMs: () => number;
}

interface Site {
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly instancesMax: number;
}

export function createInstances(
  { clock, random, instancesMax }: Site,
  createHandler: () => Handler,
): Instances {
  const instances: Instance[] = [];
  const waiting: (() => void)[] = [];
  let billedMs = 0;

  const start = (): void => {
    const readyMs = clock.nowMs() + COLD_START_MS;
    instances.push({ handle: createHandler(), readyMs, inFlight: 0, busyUntilMs: 0, billedFromMs: 0 });
    clock.at(readyMs, () => {
      for (const go of waiting.splice(0)) go();
    });
  };

  /** As many as the requests at once ask for, and one more while those there have no time left. */
  const scale = (): void => {
    const requests = waiting.length + instances.reduce((sum, { inFlight }) => sum + inFlight, 0);
    const byRequests = Math.max(1, Math.ceil(requests / (CONCURRENCY * FULL_AT)));
    const nowMs = clock.nowMs();
    const isStarting = instances.some(({ readyMs }) => readyMs > nowMs);
    const isBusy = instances.every(({ busyUntilMs }) => busyUntilMs - nowMs > CPU_QUEUE_MS);
    const byTime = isBusy && !isStarting ? instances.length + 1 : 0;
    const wanted = Math.min(Math.max(byRequests, byTime), instancesMax);
    while (instances.length < wanted) start();
  };

  /** Any instance that has room: Google does not say how it chooses. */
  const free = (): Instance | undefined => {
    const nowMs = clock.nowMs();
    const roomy = instances.filter((one) => one.readyMs <= nowMs && one.inFlight < CONCURRENCY);
    return roomy[Math.floor(random() * roomy.length)];
  };

  const enter = async (): Promise<Instance> => {
    for (;;) {
      scale();
      const instance = free();
      if (instance !== undefined) return instance;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await promise;
    }
  };

  return {
    count: () => instances.length,
    billedMs: () => billedMs,
    serve: async (body) => {
      const instance = await enter();
      if (instance.inFlight === 0) instance.billedFromMs = clock.nowMs();
      instance.inFlight += 1;
      instance.busyUntilMs = Math.max(instance.busyUntilMs, clock.nowMs()) + CPU_MS_PER_ENTRY;
      const queueMs = instance.busyUntilMs - clock.nowMs();
      // Shorter than a step would round up to one and slow every request down.
      if (queueMs >= 1) await clock.wait(queueMs);
      const { status } = await instance.handle(body);
      instance.inFlight -= 1;
      if (instance.inFlight === 0) billedMs += clock.nowMs() - instance.billedFromMs;
      waiting.shift()?.();
      return status;
    },
  };
}
