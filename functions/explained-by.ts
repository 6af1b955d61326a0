// Sets and clears `explainedBy` of one incident. Part of `reconcile`; never on the way of an entry.
// In: an incident as it was just folded. Out: the same, hanging under the open incident that explains it, if any does.
import {
  chooseExplainer,
  EXPLAINERS_MAX,
  explainingPatterns,
  type Explainer,
} from '#shared/incident/explained-by.ts';
import { onExplained } from '#shared/incident/lifecycle.ts';
import type { Incident } from '#shared/model/incident.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import type { Clock, Log, Store } from './ports.ts';

/** An answer of the store is used again for this long by the same instance. */
export const EXPLAINERS_KEPT_MS = 5_000;

/** Answers that an instance keeps at most. */
const EXPLAINERS_KEPT_MAX = 1_000;

/** Projects of one incident in which causes are looked for. */
const EXPLAINED_PROJECTS_MAX = 3;

/** An incident that hangs under another one is looked at this often: its cause may be over without its knowing. */
export const EXPLAINED_LOOK_MS = 60_000;

export interface ExplainNeeds {
  readonly store: Pick<Store, 'explainers' | 'advanceIncident'>;
  readonly clock: Clock;
  readonly log: Log;
}

export type Explain = (incident: Incident) => Promise<Incident>;

/** Makes the step, with a memory of a few seconds for what is open in which project. */
export function createExplain(needs: ExplainNeeds): Explain {
  const kept = new Map<string, { readonly untilMs: number; readonly found: readonly Explainer[] }>();

  const explainersIn = async (
    project: string,
    patterns: readonly string[],
  ): Promise<readonly Explainer[]> => {
    const key = `${project} ${patterns.join(' ')}`;
    const nowMs = needs.clock.nowMs();
    const known = kept.get(key);
    if (known !== undefined && nowMs < known.untilMs) return known.found;
    const found = await needs.store.explainers({ project, patterns, limit: EXPLAINERS_MAX });
    if (kept.size >= EXPLAINERS_KEPT_MAX) kept.clear();
    kept.set(key, { untilMs: nowMs + EXPLAINERS_KEPT_MS, found });
    return found;
  };

  return async (incident) => {
    const patterns = explainingPatterns(incident.pattern, CATALOGUE);
    if (incident.state === 'resolved' || patterns.length === 0) return incident;
    const projects = incident.evidence.projects.slice(0, EXPLAINED_PROJECTS_MAX);
    try {
      const found = await Promise.all(projects.map((project) => explainersIn(project, patterns)));
      const by = chooseExplainer(incident, found.flat());
      if (by === incident.explainedBy) return incident;
      const nowMs = needs.clock.nowMs();
      const changed = await needs.store.advanceIncident(incident.id, (now) =>
        now.state === 'resolved' || now.explainedBy === by ? undefined : onExplained(now, by, nowMs),
      );
      return changed ?? incident;
    } catch (error) {
      // What explains it is of use, but no reason to keep the incident itself from being told.
      needs.log.write('WARNING', 'no answer to what explains an incident; the next look asks again', {
        incident: incident.id,
        error: error instanceof Error ? error.message : String(error),
      });
      return incident;
    }
  };
}
