// Says where the fleet is larger than what its quota lets be read in time. Part of the sweep.
import type { SweepNeeds } from './sweep.ts';

/** A fleet is meant to be read within this: a heartbeat that stops is old after five minutes. */
const ROUND_MINUTES_MAX = 5;

/** Says once of each region that holds more VMs than are read in time; how to mend it is in docs/checks.md. */
export function createSlowWarning({
  log,
  settings,
}: Pick<SweepNeeds, 'log' | 'settings'>): (quota: string, vms: number) => void {
  const said = new Set<string>();
  return (quota, vms) => {
    const isSlow = vms > ROUND_MINUTES_MAX * settings.readsPerMinute;
    if (!isSlow) said.delete(quota);
    if (!isSlow || said.has(quota)) return;
    said.add(quota);
    log.write('WARNING', 'a region holds more VMs than are read in five minutes: raise its quota', {
      region: quota,
      vms,
      readsPerMinute: settings.readsPerMinute,
    });
  };
}
