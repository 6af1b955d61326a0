// VMs that entries were seen of and the label does not name: those that the latest incidents name, and those that are ill.
// Part of the sweep, off the hot path: incidents and `proxies` are read, and each VM is asked for by name, a few at a time.
import { readFleetVm } from '#shared/diagnose/fleet-list.ts';
import { isObject } from '#shared/diagnose/json.ts';
import { getInstance, isVm } from '#shared/diagnose/requests.ts';
import type { FleetVm } from '#shared/model/fleet.ts';
import type { NamedProxy } from '#shared/model/sighting.ts';
import type { SweepNeeds } from './sweep.ts';

/** Incidents whose proxies are looked up; each names 25 at most. */
export const SEEN_INCIDENTS_MAX = 20;

/** Ill VMs that are looked up because no list names them any more. */
export const SEEN_AILING_MAX = 2_000;

/** VMs that are asked for with one list of the fleet: what Google's 1,500 reads a minute leave beside the sweep's 1,300. */
export const SEEN_VMS_MAX = 200;

/** They are asked for one after the other, and no longer than this: the sweep, and what it tells, waits for them. */
export const SEEN_MS_MAX = 15_000;

/** VMs known to be gone that one instance remembers. */
const GONE_MAX = 20_000;

export interface SeenVms {
  readonly vms: readonly FleetVm[];
  /** False where some could not be asked for: they may still be there. */
  readonly isComplete: boolean;
  /** Projects that may not be asked. */
  readonly refused: readonly string[];
}

type SeenNeeds = Pick<SweepNeeds, 'google' | 'fleet' | 'settings' | 'clock'>;

const asProxy = ({ id, project, zone, number, name, group }: FleetVm): NamedProxy => ({
  id,
  project,
  location: zone,
  name: number,
  displayName: name,
  group,
});

/** Looks up what was seen and is not listed. Rejects where the store fails. */
export function createSeenVms(needs: SeenNeeds): (listed: ReadonlySet<string>) => Promise<SeenVms> {
  const gone = new Set<string>();
  return async (listed) => {
    const projects = new Set(needs.settings.projects);
    const [ailing, seen] = await Promise.all([
      needs.fleet.ailing(SEEN_AILING_MAX),
      needs.fleet.seen(SEEN_INCIDENTS_MAX),
    ]);
    const candidates = new Map([...ailing.map(({ vm }) => asProxy(vm)), ...seen].map((one) => [one.id, one]));
    const unknown = [...candidates.values()].filter(
      (one) => projects.has(one.project) && isVm(one) && !listed.has(one.id) && !gone.has(one.id),
    );
    const asked = unknown.slice(0, SEEN_VMS_MAX);
    const vms: FleetVm[] = [];
    const refused = new Set<string>();
    let isComplete = asked.length === unknown.length;
    const endMs = needs.clock.nowMs() + SEEN_MS_MAX;
    for (const proxy of asked) {
      if (needs.clock.nowMs() >= endMs) {
        isComplete = false;
        break;
      }
      const answer = await needs.google.ask(getInstance(proxy));
      const vm =
        answer.kind === 'body' && isObject(answer.body) ? readFleetVm(answer.body, proxy.project) : undefined;
      if (vm !== undefined) vms.push(vm);
      else if (answer.kind === 'absent') {
        if (gone.size >= GONE_MAX) gone.clear();
        gone.add(proxy.id);
      } else isComplete = false;
      if (answer.kind === 'refused') refused.add(proxy.project);
      // Google asks to wait: the rest is asked for with the next list.
      if (answer.kind === 'busy') break;
    }
    return { vms: vms.filter(({ id }) => !listed.has(id)), isComplete, refused: [...refused] };
  };
}
