// When the checks of an incident run: asked for when it opens or comes back, then again until its fault has passed.
import type { Diagnosis } from '#shared/model/diagnosis.ts';
import type { Incident } from '#shared/model/incident.ts';
import { hasChecks } from './checks.ts';

/** Two runs for one incident lie at least this far apart, however often somebody asks. */
const RUN_SPACING_MS = 1_500;

/**
 * Whether the running episode has never been checked: then `reconcile` asks for it. Times tell it only where the episode
 * was not written down: those of entries may lie before or behind any run.
 */
export function lacksDiagnosis(incident: Incident): boolean {
  if (incident.state === 'resolved' || incident.episode === 0 || !hasChecks(incident.pattern)) return false;
  if (incident.checkedEpisode !== undefined) return incident.checkedEpisode !== incident.episode;
  const lastMs = Math.max(0, ...(incident.checks ?? []).map(({ atMs }) => atMs));
  return lastMs === 0 || lastMs < incident.openedAtMs;
}

/** Whether a request for a diagnosis is followed now: not right after a run in the same episode. */
export function isAsked(incident: Incident, before: Diagnosis | undefined, nowMs: number): boolean {
  if (before?.episode !== incident.episode) return true;
  return nowMs - before.ranAtMs >= RUN_SPACING_MS;
}

/** From when on a check that passes proves the end: the lines of the fault must have stopped for a while. */
export function settleAtMs(incident: Incident, settleMs: number): number {
  return incident.evidence.lastSeenMs + settleMs;
}
