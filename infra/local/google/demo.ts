// The stand-ins for Google's APIs as the one-machine run uses them: the sample's project with its three faults and its log,
// and what is repaired while people look on.
import { startLogging } from '../logging/server.ts';
import {
  SAMPLE_PROJECT,
  sampleFleet,
  STOPPED_BEFORE_END_MS,
  stoppedVms,
  type SampleMessage,
} from '../sample/hour.ts';
import { madeUpProject, plantForwardingRule, restartAgents } from './project.ts';
import { startGoogle } from './server.ts';

const VM_AGE_MS = 3 * 86_400_000;

export interface Demo {
  /** What the stack needs to diagnose with it. */
  readonly google: {
    readonly apiBase: string;
    readonly projects: readonly string[];
    readonly logging: string;
  };
  /** The wrong network gets its forwarding rule. */
  readonly repairNetwork: () => void;
  /** The VMs whose agents stopped are recreated. */
  readonly repairAgents: () => void;
  readonly stop: () => Promise<void>;
}

/** Starts it; `endMs` is when the made-up hour ends, `hour` what its log holds. */
export async function startDemo(endMs: number, hour: readonly SampleMessage[]): Promise<Demo> {
  const fleet = sampleFleet();
  const names = stoppedVms(fleet).map(({ name }) => name);
  const world = madeUpProject({
    project: SAMPLE_PROJECT,
    fleet,
    stopped: { names, atMs: endMs - STOPPED_BEFORE_END_MS },
    startedAtMs: endMs - VM_AGE_MS,
  });
  const { apiBase, stop } = await startGoogle(world, { port: 0, nowMs: () => Date.now() });
  const entries = hour.flatMap((message) => (message.kind === 'entry' ? [message.entry] : []));
  const logging = await startLogging({ port: 0, entries });
  return {
    google: { apiBase, projects: [SAMPLE_PROJECT.id], logging: logging.host },
    repairNetwork: () => plantForwardingRule(world),
    repairAgents: () => restartAgents(world, names),
    stop: async () => {
      await logging.stop();
      await stop();
    },
  };
}
