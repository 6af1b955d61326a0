// A ledger: what was held back in one project, by reason. Folded exactly like an incident, but it never speaks.
import type { Ledger } from '#shared/model/incident.ts';
import type { Sighting } from '#shared/model/sighting.ts';
import type { Counted } from './id-book.ts';

/** The ledger after these sightings; `counted` holds what of them was new. */
export function foldLedger(
  before: Ledger | undefined,
  sightings: readonly Sighting[],
  at: { readonly id: string; readonly counted: Counted; readonly nowMs: number },
): Ledger {
  const labels: Record<string, number> = { ...before?.labels };
  for (const [label, count] of at.counted.labels) labels[label] = (labels[label] ?? 0) + count;
  return {
    id: at.id,
    project: sightings[0]?.scope['project'] ?? before?.project ?? '',
    count: (before?.count ?? 0) + at.counted.added,
    labels,
    firstSeenMs: Math.min(
      before?.firstSeenMs ?? Number.POSITIVE_INFINITY,
      ...sightings.map((s) => s.firstSeenMs),
    ),
    lastSeenMs: Math.max(before?.lastSeenMs ?? 0, ...sightings.map((s) => s.lastSeenMs)),
    updatedAtMs: at.nowMs,
    version: 1,
  };
}

/** True if this id is a ledger's and not an incident's. */
export const isLedgerId = (id: string): boolean => id.startsWith('ledger-');
