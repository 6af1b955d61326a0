// What `watch` observed itself → what is tallied, and its road into the store: record → finding → sighting → nudge, as for
// every entry. Part of the sweep. What no pattern recognises leaves no trace.
import type { Classifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import type { Finding } from '#shared/model/finding.ts';
import type { Hash64 } from '#shared/model/hash.ts';
import type { LogRecord } from '#shared/model/record.ts';
import { tally } from '#shared/tally/tally.ts';
import type { SweepNeeds } from './sweep.ts';

export interface ObservedFinding {
  readonly kind: 'record';
  readonly record: LogRecord;
  readonly verdict: Finding;
}

/** A LogEntry-like value, counted under its id; undefined where no pattern recognises it. */
export function findingOf(
  entry: { readonly value: object; readonly id: Hash64 },
  classifier: Classifier,
  nowMs: number,
): ObservedFinding | undefined {
  const intake = intakeEntry(entry.value, { publishTimeMs: nowMs });
  if (intake.kind !== 'record') return undefined;
  const record = { ...intake.record, idHigh: entry.id.high, idLow: entry.id.low };
  const verdict = classifier.classify(record);
  // A VM that is well leaves no trace: what was not found is nobody's noise.
  return verdict.kind === 'finding' ? { kind: 'record', record, verdict } : undefined;
}

/** Commits what was found; resolves to the incidents that are to be nudged. Rejects where the store fails. */
export async function saveFindings(
  needs: Pick<SweepNeeds, 'store' | 'clock'>,
  findings: readonly ObservedFinding[],
): Promise<readonly string[]> {
  const nowMs = needs.clock.nowMs();
  const sightings = tally(findings, nowMs);
  if (sightings.length > 0) await needs.store.saveBatch({ sightings, parked: [], atMs: nowMs });
  return sightings.map(({ target }) => target);
}

/** Commits what was found and nudges its incidents. Rejects where the store or the bus fails. */
export async function reportFindings(
  needs: Pick<SweepNeeds, 'store' | 'nudges' | 'clock'>,
  findings: readonly ObservedFinding[],
): Promise<void> {
  const targets = await saveFindings(needs, findings);
  if (targets.length > 0) await needs.nudges.publish(targets);
}
