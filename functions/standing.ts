// What is true of a whole project and of no VM: its list can't be read, its agents can't be listened to, nothing arrives
// from anywhere. It takes the road of every entry while it is true, and is proven gone once it is not. Part of the sweep.
import { projectEntryOf, UNREADABLE_STAYS_MS } from '#shared/diagnose/observe.ts';
import type { Classifier } from '#shared/classify/classify.ts';
import { findingOf, reportFindings } from './observed.ts';
import type { SweepNeeds } from './sweep.ts';

export interface Standing {
  readonly project: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A project's part of the fleet that can't be seen, and why. */
export const unreadableProject = (project: string, why: string): Standing => ({
  project,
  attributes: { 'fleet-unreadable': why },
});

/**
 * Reports what is true now; resolves to the ids of its incidents. What can't be read counts once it has stayed so for a
 * while, or was known before. Rejects where the store fails.
 */
export function createStanding(
  needs: Pick<SweepNeeds, 'store' | 'nudges' | 'clock'>,
  classifier: Classifier,
): (found: readonly Standing[], before: readonly string[]) => Promise<readonly string[]> {
  const sinceMs = new Map<string, number>();
  return async (found, before) => {
    const nowMs = needs.clock.nowMs();
    const keyOf = ({ project, attributes }: Standing): string =>
      `${project} ${attributes['fleet-unreadable'] ?? ''}`;
    const keys = new Set(found.map(keyOf));
    for (const key of sinceMs.keys()) if (!keys.has(key)) sinceMs.delete(key);
    const findings = found.flatMap((standing) => {
      const entry = projectEntryOf(standing.project, standing.attributes, nowMs);
      const finding = findingOf(entry, classifier, nowMs);
      if (finding === undefined) return [];
      const since = sinceMs.get(keyOf(standing)) ?? nowMs;
      sinceMs.set(keyOf(standing), since);
      const isUnreadable = standing.attributes['fleet-unreadable'] !== undefined;
      const isKnown = before.includes(finding.verdict.incidentId);
      return isUnreadable && !isKnown && nowMs - since < UNREADABLE_STAYS_MS ? [] : [finding];
    });
    await reportFindings(needs, findings);
    return [...new Set(findings.map(({ verdict }) => verdict.incidentId))];
  };
}
