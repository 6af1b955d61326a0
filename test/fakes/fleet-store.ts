// Diagnoses and fleet in memory: keeps the contract of ports.DiagnosisStore and ports.FleetStore for the tests of functions.
import type { Diagnosis } from '#shared/model/diagnosis.ts';
import type { PipelineState, ProxyState, SweepState } from '#shared/model/fleet.ts';
import type { NamedProxy } from '#shared/model/sighting.ts';
import type { DiagnosisStore, FleetStore } from '../../functions/ports.ts';

export interface MemoryFleet extends DiagnosisStore, FleetStore {
  readonly diagnoses: Map<string, Diagnosis>;
  readonly states: Map<string, ProxyState>;
  /** Documents written so far. */
  readonly writes: () => number;
  /** When the last entry arrived. */
  arrivedAtMs: number;
  /** When the last entry arrived that was part of an incident. */
  foundAtMs: number;
  /** Proxies that incidents name. */
  seenProxies: readonly NamedProxy[];
  /** The next call of this method rejects. */
  breakNext: keyof FleetStore | '';
}

export function createMemoryFleet(): MemoryFleet {
  const diagnoses = new Map<string, Diagnosis>();
  const states = new Map<string, ProxyState>();
  let sweep: SweepState | undefined;
  let writes = 0;
  let pipeline: PipelineState | undefined;
  const check = (method: keyof FleetStore): void => {
    if (fleet.breakNext !== method) return;
    fleet.breakNext = '';
    throw new Error(`${method} is broken`);
  };
  const fleet: MemoryFleet = {
    diagnoses,
    states,
    writes: () => writes,
    breakNext: '',
    arrivedAtMs: 0,
    lastArrivalMs: () => Promise.resolve(fleet.arrivedAtMs),
    foundAtMs: 0,
    lastFindingMs: () => Promise.resolve(fleet.foundAtMs),
    seenProxies: [],
    seen: () => Promise.resolve(fleet.seenProxies),
    pipeline: () => Promise.resolve(pipeline),
    savePipeline: (state) => {
      pipeline = state;
      return Promise.resolve();
    },
    diagnosis: (incident) => Promise.resolve(diagnoses.get(incident)),
    saveDiagnosis: (diagnosis) => {
      writes += 1;
      diagnoses.set(diagnosis.incident, diagnosis);
      return Promise.resolve();
    },
    diagnosesDue: (nowMs, limit) =>
      Promise.resolve(
        [...diagnoses.values()]
          .filter(({ dueAtMs }) => dueAtMs > 0 && dueAtMs <= nowMs)
          .map(({ incident }) => incident)
          .slice(0, limit),
      ),
    sweep: () => Promise.resolve(sweep),
    saveSweep: async (next) => {
      check('saveSweep');
      writes += 1;
      sweep = next;
    },
    proxies: (ids) => Promise.resolve(ids.map((id) => states.get(id)).filter((state) => state !== undefined)),
    saveProxies: async (all) => {
      check('saveProxies');
      writes += all.length;
      // As the store does: what is only in memory is not kept.
      for (const state of all) states.set(state.vm.id, { ...state, lookedAtMs: state.seenAtMs });
    },
    ailing: (limit) =>
      Promise.resolve([...states.values()].filter(({ incidents }) => incidents.length > 0).slice(0, limit)),
    isAiling: (incident) =>
      Promise.resolve([...states.values()].some(({ incidents }) => incidents.includes(incident))),
  };
  return fleet;
}
