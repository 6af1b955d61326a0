// The VMs of the fleet, kept for a while: those that Compute's aggregated list names by their label, page by page, and those
// that entries were seen of. Part of the sweep. Where something fails the list is incomplete, and says so: then nobody
// counts as gone.
import { readFleetPage } from '#shared/diagnose/fleet-list.ts';
import { INSTANCE_PERMISSION } from '#shared/diagnose/instance.ts';
import { listFleet } from '#shared/diagnose/requests.ts';
import type { FleetVm } from '#shared/model/fleet.ts';
import type { GoogleAnswer } from '#shared/model/google-api.ts';
import { createSeenVms } from './seen-vms.ts';
import type { SweepNeeds } from './sweep.ts';

/** Pages of one project; 500 VMs each. */
const PAGES_MAX = 200;

export interface FleetList {
  readonly vms: readonly FleetVm[];
  /** False where something is missing: a VM that is not in it may still exist. */
  readonly isComplete: boolean;
  /** Projects whose VMs can't be listed, and why. */
  readonly unread: readonly { readonly project: string; readonly why: string }[];
}

type ListNeeds = Pick<SweepNeeds, 'google' | 'clock' | 'log' | 'settings' | 'fleet'>;

/** Why an answer is no list, in the words that `fleet-unreadable` reads. */
export function whyUnread(answer: GoogleAnswer, permission: string): string {
  if (answer.kind === 'refused') return `needs ${permission}`;
  return answer.kind === 'body' ? 'the answer has an unknown form' : `Google’s API fails (${answer.kind})`;
}

async function listProject(needs: ListNeeds, project: string): Promise<FleetList> {
  const vms: FleetVm[] = [];
  let isComplete = true;
  let token = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await needs.google.ask(listFleet(project, token));
    const read = answer.kind === 'body' ? readFleetPage(answer.body, project) : undefined;
    if (read === undefined) {
      const why = whyUnread(answer, 'compute.instances.list');
      needs.log.write('WARNING', `the list of the fleet can't be read: ${why}`, { project, page });
      return { vms, isComplete: false, unread: [{ project, why }] };
    }
    vms.push(...read.vms);
    if (read.isPartial) isComplete = false;
    token = read.nextPageToken;
    if (token === '') return { vms, isComplete, unread: [] };
  }
  return { vms, isComplete: false, unread: [] };
}

/** The list; read anew once it is too old, or was incomplete. An incomplete one is filled up with what was known. */
export function createFleetList(needs: ListNeeds): () => Promise<FleetList> {
  const lookUp = createSeenVms(needs);
  let known: FleetList = { vms: [], isComplete: false, unread: [] };
  let untilMs = 0;
  return async () => {
    const nowMs = needs.clock.nowMs();
    if (known.isComplete && nowMs < untilMs) return known;
    const lists = await Promise.all(needs.settings.projects.map((project) => listProject(needs, project)));
    const listed = lists.flatMap((list) => list.vms);
    const seen = await lookUp(new Set(listed.map(({ id }) => id)));
    const vms = [...listed, ...seen.vms];
    const isComplete = seen.isComplete && lists.every((list) => list.isComplete);
    const found = new Set(vms.map(({ id }) => id));
    const kept = isComplete ? [] : known.vms.filter(({ id }) => !found.has(id));
    const refused = seen.refused.map((project) => ({ project, why: `needs ${INSTANCE_PERMISSION}` }));
    known = {
      vms: [...vms, ...kept],
      isComplete,
      unread: [...lists.flatMap(({ unread }) => unread), ...refused],
    };
    untilMs = nowMs + needs.settings.listKeptMs;
    return known;
  };
}
