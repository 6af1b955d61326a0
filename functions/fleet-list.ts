// The VMs of the fleet by Compute's aggregated list, page by page, kept for a while. Part of the sweep.
// Where a page fails or Google reaches only some zones the list is incomplete, and says so: then nobody counts as gone.
import { readFleetPage } from '#shared/diagnose/fleet-list.ts';
import { listFleet } from '#shared/diagnose/requests.ts';
import type { FleetVm } from '#shared/model/fleet.ts';
import type { SweepNeeds } from './sweep.ts';

/** Pages of one project; 500 VMs each. */
const PAGES_MAX = 200;

export interface FleetList {
  readonly vms: readonly FleetVm[];
  /** False where something is missing: a VM that is not in it may still exist. */
  readonly isComplete: boolean;
}

type ListNeeds = Pick<SweepNeeds, 'google' | 'clock' | 'log' | 'settings'>;

async function listProject(needs: ListNeeds, project: string): Promise<FleetList> {
  const vms: FleetVm[] = [];
  let isComplete = true;
  let token = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await needs.google.ask(listFleet(project, token));
    const read = answer.kind === 'body' ? readFleetPage(answer.body, project) : undefined;
    if (read === undefined) {
      const why = answer.kind === 'refused' ? 'needs compute.instances.list' : answer.kind;
      needs.log.write('WARNING', `the list of the fleet can't be read: ${why}`, { project, page });
      return { vms, isComplete: false };
    }
    vms.push(...read.vms);
    if (read.isPartial) isComplete = false;
    token = read.nextPageToken;
    if (token === '') return { vms, isComplete };
  }
  return { vms, isComplete: false };
}

/** The list; read anew once it is too old, or was incomplete. An incomplete one is filled up with what was known. */
export function createFleetList(needs: ListNeeds): () => Promise<FleetList> {
  let known: FleetList = { vms: [], isComplete: false };
  let untilMs = 0;
  return async () => {
    const nowMs = needs.clock.nowMs();
    if (known.isComplete && nowMs < untilMs) return known;
    const lists = await Promise.all(needs.settings.projects.map((project) => listProject(needs, project)));
    const vms = lists.flatMap((list) => list.vms);
    const isComplete = lists.every((list) => list.isComplete);
    const found = new Set(vms.map(({ id }) => id));
    const kept = isComplete ? [] : known.vms.filter(({ id }) => !found.has(id));
    known = { vms: [...vms, ...kept], isComplete };
    untilMs = nowMs + needs.settings.listKeptMs;
    return known;
  };
}
