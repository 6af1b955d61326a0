// Episodes of an incident: which of them a change of the incident makes or changes. Mere counting makes none.
// In: the incident before and after. Out: the documents `episodes/{incident}-{episode}` to be written.
import type { Episode } from './history.ts';
import type { Incident } from './incident.ts';

/** Document id of an episode. */
export const episodeId = (incident: string, episode: number): string => `${incident}-${episode}`;

function episodeOf(incident: Incident): Episode {
  const { evidence } = incident;
  return {
    incident: incident.id,
    episode: incident.episode,
    pattern: incident.pattern,
    scope: incident.scope,
    severity: evidence.severity,
    state: incident.state,
    openedAtMs: incident.openedAtMs,
    acknowledgedAtMs: incident.acknowledgedAtMs,
    resolvedAtMs: incident.resolvedAtMs,
    resolvedBy: incident.resolvedBy,
    count: evidence.count - incident.countBefore,
    proxyCount: evidence.proxyCount,
  };
}

function sameStage(before: Incident, after: Incident): boolean {
  return (
    before.state === after.state &&
    before.acknowledgedAtMs === after.acknowledgedAtMs &&
    before.resolvedAtMs === after.resolvedAtMs &&
    before.resolvedBy === after.resolvedBy &&
    before.evidence.severity === after.evidence.severity
  );
}

/**
 * The episodes that changed between two forms of an incident: the current one where its state or severity did, and the
 * one before where a relapse ends it for good, because entries may have been counted late to it.
 */
export function changedEpisodes(before: Incident | undefined, after: Incident): readonly Episode[] {
  if (after.episode === 0) return [];
  const current = episodeOf(after);
  if (before === undefined || before.episode === 0) return [current];
  if (before.episode === after.episode) return sameStage(before, after) ? [] : [current];
  return [{ ...episodeOf(before), count: after.countBefore - before.countBefore }, current];
}
