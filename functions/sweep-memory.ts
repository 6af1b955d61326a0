// What the sweep remembers while its process lives: the states of the VMs, the cursors, and the minute's budget of reads.
import { regionOf } from '#shared/diagnose/requests.ts';
import type { FleetVm, ProxyState } from '#shared/model/fleet.ts';
import { compareText } from '#shared/model/sighting.ts';

/** States that one instance keeps in memory, so that a healthy VM costs no read of the store. */
const STATES_MAX = 50_000;

const MINUTE_MS = 60_000;

/** The VMs of one quota in the order of their ids, those behind the cursor first: who was read last comes last. */
export function rotate(vms: readonly FleetVm[], cursor: string): readonly FleetVm[] {
  const sorted = vms.toSorted((a, b) => compareText(a.id, b.id));
  const at = sorted.findIndex(({ id }) => id > cursor);
  return at <= 0 ? sorted : [...sorted.slice(at), ...sorted.slice(0, at)];
}

/** VMs by the quota that reading them counts against: project and region. */
export function byQuota(vms: readonly FleetVm[]): ReadonlyMap<string, readonly FleetVm[]> {
  const groups = new Map<string, FleetVm[]>();
  for (const vm of vms) {
    const key = `${vm.project} ${regionOf(vm.zone)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [vm]);
    else group.push(vm);
  }
  return groups;
}

/** Mutable: guards that no minute takes more reads of a quota than it has. */
export class SweepMemory {
  readonly states = new Map<string, ProxyState>();
  cursors: Record<string, string> = {};
  #minute = 0;
  readonly #spent = new Map<string, number>();

  /** How many of `wanted` reads the budget of this minute still allows; they count as spent. */
  take(quota: string, wanted: number, at: { readonly nowMs: number; readonly perMinuteMax: number }): number {
    const minute = Math.floor(at.nowMs / MINUTE_MS);
    if (minute !== this.#minute) this.#spent.clear();
    this.#minute = minute;
    const spent = this.#spent.get(quota) ?? 0;
    const allowed = Math.max(0, Math.min(wanted, at.perMinuteMax - spent));
    this.#spent.set(quota, spent + allowed);
    return allowed;
  }

  know(states: readonly ProxyState[]): void {
    if (this.states.size + states.length > STATES_MAX) this.states.clear();
    for (const state of states) this.states.set(state.vm.id, state);
  }
}
