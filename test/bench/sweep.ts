// `npm run bench:sweep`: one round over the fleet, with the real client over real sockets against the stand-in of Google's
// APIs, both in this process. Does the ten-thousandth VM cost what the thousandth does? `-- --short`, `-- --json`.
import { parseArgs } from 'node:util';
import { createSweep } from '../../functions/sweep.ts';
import { makeWorld, planVms, PROJECT, startBench } from '../diagnose/world.ts';
import { createMemoryFleet } from '../fakes/fleet-store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { createFakeNudges } from '../fakes/world.ts';

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});

const SIZES = values.short ? [100, 200] : [1_000, 10_000];
/** Google's quota of reads holds in each region, and the stand-in keeps to it: ten of them take 10,000 VMs in a minute. */
const ZONES = Array.from({ length: 10 }, (_, region) => `europe-west${region + 1}-a`);

interface Round {
  readonly vms: number;
  readonly microsecondsEach: number;
  readonly seconds: number;
  readonly written: number;
  /** Of this process, the stand-in and its world included. */
  readonly memoryMib: number;
}

async function sweepOf(vms: number): Promise<Round> {
  const nowMs = Date.now();
  const bench = await startBench(makeWorld(planVms(vms, ZONES), nowMs), () => nowMs);
  const fleet = createMemoryFleet();
  try {
    const sweep = createSweep({
      store: createMemoryStore(),
      fleet,
      google: bench.api(),
      nudges: createFakeNudges(),
      clock: { nowMs: () => Date.now(), wait: () => Promise.resolve() },
      log: { write: () => undefined },
      // Nothing but the work itself: no quota, no end of a tick.
      settings: { projects: [PROJECT.id], readsPerMinute: 100_000, tickMs: 600_000, listKeptMs: 600_000 },
    });
    const started = performance.now();
    const before = process.cpuUsage();
    await sweep();
    const { user, system } = process.cpuUsage(before);
    const written = fleet.states.size;
    if (written !== vms) throw new Error(`${vms} VMs, of which ${written} were looked at`);
    const seconds = (performance.now() - started) / 1_000;
    const memoryMib = Math.round(process.memoryUsage().rss / 1_048_576);
    return { vms, microsecondsEach: (user + system) / vms, seconds, written, memoryMib };
  } finally {
    await bench.stop();
  }
}

// So that no row pays for the compiler.
await sweepOf(SIZES[0] ?? 100);
let base: number | undefined;
for (const size of SIZES) {
  const round = await sweepOf(size);
  base ??= round.microsecondsEach;
  const ratio = round.microsecondsEach / base;
  console.log(
    values.json
      ? JSON.stringify({ name: 'sweep', ...round, ratio })
      : `sweep of ${size.toLocaleString('en-US').padStart(6)} VMs: ${Math.round(round.microsecondsEach)} µs of processor time each, the stand-in's included ` +
          `(${ratio.toFixed(2)} of the first row), ${round.seconds.toFixed(1)} s in all, ${round.memoryMib} MiB`,
  );
}
