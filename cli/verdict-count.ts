// What a backfill would bring, without publishing anything: entries by what they are. In: LogEntries. Out: rows of a table.
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import type { Verdict } from '#shared/model/finding.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';

function nameOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'finding':
      return verdict.pattern;
    case 'unrecognised':
      return 'unrecognised';
    case 'routine':
    case 'ignored':
      return `${verdict.kind}:${verdict.reason}`;
  }
}

export interface VerdictCount {
  readonly add: (entries: readonly object[]) => void;
  /** Name and number, the most frequent first. */
  readonly rows: () => readonly (readonly [string, number])[];
}

/** Counts by the catalogue alone: patterns of the user's own are in Firestore, which is not asked. */
export function createVerdictCount(nowMs: number): VerdictCount {
  const classifier = createClassifier(CATALOGUE);
  const counts = new Map<string, number>();
  return {
    add: (entries) => {
      for (const entry of entries) {
        const intake = intakeEntry(entry, { publishTimeMs: nowMs });
        const name =
          intake.kind === 'record' ? nameOf(classifier.classify(intake.record)) : `parked:${intake.reason}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    },
    rows: () => [...counts].sort(([, a], [, b]) => b - a),
  };
}
