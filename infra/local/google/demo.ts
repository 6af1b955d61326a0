// The stand-in for Google's APIs as the one-machine run uses it: the sample's project with its three faults, and what is
// repaired while people look on.
import { SAMPLE_PROJECT, sampleFleet, STOPPED_BEFORE_END_MS, stoppedVms } from '../sample/hour.ts';
import { madeUpProject, plantForwardingRule, restartAgents } from './project.ts';
import { startGoogle } from './server.ts';

const VM_AGE_MS = 3 * 86_400_000;

export interface Demo {
  /** What the stack needs to diagnose with it. */
  readonly google: { readonly apiBase: string; readonly projects: readonly string[] };
  /** The wrong network gets its forwarding rule. */
  readonly repairNetwork: () => void;
  /** The VMs whose agents stopped are recreated. */
  readonly repairAgents: () => void;
  readonly stop: () => Promise<void>;
}

/** Starts it; `endMs` is when the made-up hour ends. */
export async function startDemo(endMs: number): Promise<Demo> {
  const fleet = sampleFleet();
  const names = stoppedVms(fleet).map(({ name }) => name);
  const world = madeUpProject({
    project: SAMPLE_PROJECT,
    fleet,
    stopped: { names, atMs: endMs - STOPPED_BEFORE_END_MS },
    startedAtMs: endMs - VM_AGE_MS,
  });
  const { apiBase, stop } = await startGoogle(world, { port: 0, nowMs: () => Date.now() });
  return {
    google: { apiBase, projects: [SAMPLE_PROJECT.id] },
    repairNetwork: () => plantForwardingRule(world),
    repairAgents: () => restartAgents(world, names),
    stop,
  };
}
