// Which open incident explains another one: the patterns say what they explain, a shared project makes it so.
// In: an incident and the open incidents that may explain it. Out: the id it hangs under; `` if it stands for itself.
import type { Incident } from '#shared/model/incident.ts';
import type { Pattern } from '#shared/patterns/pattern.ts';
import { compareText } from '#shared/model/sighting.ts';

/** Open incidents of one project that are looked at as causes; more than that is not one cause any more. */
export const EXPLAINERS_MAX = 50;

/** What has to be known of an open incident that may explain others. */
export interface Explainer {
  readonly id: string;
  readonly pattern: string;
  readonly explainedBy: string;
  readonly openedAtMs: number;
}

/** Ids of the patterns that explain this one. */
export function explainingPatterns(pattern: string, catalogue: readonly Pattern[]): readonly string[] {
  return catalogue.filter(({ explains }) => explains.includes(pattern)).map(({ id }) => id);
}

/**
 * The cause that the incident hangs under. It stays where it is while that holds, so that its message does not wander;
 * otherwise the earliest candidate. A candidate that hangs under another one passes its own cause on: threads have no
 * threads.
 */
export function chooseExplainer(incident: Incident, candidates: readonly Explainer[]): string {
  const causes = candidates
    .filter(({ id, explainedBy }) => id !== incident.id && explainedBy !== incident.id)
    .toSorted((a, b) => a.openedAtMs - b.openedAtMs || compareText(a.id, b.id))
    .map(({ id, explainedBy }) => (explainedBy === '' ? id : explainedBy));
  return causes.includes(incident.explainedBy) ? incident.explainedBy : (causes[0] ?? '');
}
