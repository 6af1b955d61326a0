// Incident → what the checks may look at.
import type { Incident } from '#shared/model/incident.ts';
import type { Subject } from './check.ts';

const METHOD = /\b(StreamAggregatedResources|DeltaAggregatedResources|StreamLoadStats)\b/;

/** Reads an incident; whatever is missing is ``. */
export function subjectOf(incident: Incident, nowMs: number): Subject {
  const { evidence, scope, pattern } = incident;
  const project = evidence.proxies[0]?.project ?? evidence.projects[0] ?? scope['project'] ?? '';
  return {
    pattern,
    scope,
    fields: evidence.fields,
    project,
    meshProject: scope['project'] ?? project,
    proxies: evidence.proxies,
    proxyCount: evidence.proxyCount,
    method:
      evidence.samples.map(({ message }) => METHOD.exec(message)?.[1] ?? '').find((one) => one !== '') ?? '',
    nowMs,
  };
}
