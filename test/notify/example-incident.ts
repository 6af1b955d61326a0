// An example incident of any pattern, made from the pattern's own first sample by the real intake and classifier.
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import type { Incident } from '#shared/model/incident.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import type { Pattern } from '#shared/patterns/pattern.ts';
import { entryOf, type PatternSamples } from '../patterns/sample.ts';
import { anIncident, OPENED_MS } from './incident.ts';

const classifier = createClassifier(CATALOGUE);

/** The LogEntry of the pattern's first sample. */
export async function exampleEntry(pattern: Pattern): Promise<Readonly<Record<string, unknown>>> {
  const { samples }: { samples: PatternSamples } = await import(`../patterns/${pattern.id}.samples.ts`);
  const [sample] = samples.matches;
  if (sample === undefined) throw new Error(`${pattern.id} has no sample`);
  return entryOf(sample);
}

/** Open, told to nobody, with 240 entries of 12 proxies in two minutes. */
export async function exampleIncident(pattern: Pattern): Promise<Incident> {
  const intake = intakeEntry(await exampleEntry(pattern), { publishTimeMs: 0 });
  if (intake.kind !== 'record') throw new Error(`no record of ${pattern.id}`);
  const verdict = classifier.classify(intake.record);
  if (verdict.kind !== 'finding') throw new Error(`no finding of ${pattern.id}`);
  const { proxy, message, logName } = intake.record;
  const base = anIncident();
  return {
    ...base,
    id: verdict.incidentId,
    pattern: pattern.id,
    scope: verdict.scope,
    evidence: {
      ...base.evidence,
      labels: { [verdict.weight]: 240 },
      severity: verdict.severity,
      fields: verdict.fields,
      projects: [proxy.project],
      proxies: [{ id: '0000000000000001', ...proxy }],
      samples: [{ timeMs: OPENED_MS, entry: '00000000000000aa', proxy: proxy.displayName, logName, message }],
    },
  };
}

/** The same incident in each of its states. */
export const STATES: Readonly<Record<string, (incident: Incident) => Incident>> = {
  open: (incident) => incident,
  acknowledged: (incident) => ({
    ...incident,
    state: 'acknowledged',
    acknowledgedAtMs: OPENED_MS + 300_000,
  }),
  muted: (incident) => ({ ...incident, state: 'muted', mutedUntilMs: OPENED_MS + 3_600_000 }),
  resolved: (incident) => ({
    ...incident,
    state: 'resolved',
    resolvedBy: 'quiet',
    resolvedAtMs: OPENED_MS + 7_200_000,
  }),
  reopened: (incident) => ({ ...incident, episode: 2, countBefore: 40 }),
};
