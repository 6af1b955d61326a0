// Sightings → evidence. Folding any sightings, any number of times, in any order, gives the same evidence.
// In: what was known, the sightings, and how many of their entries and proxies were new. Out: what is known now.
import type { Fields, Severity } from '#shared/model/finding.ts';
import type { Evidence } from '#shared/model/incident.ts';
import { compareText, keepProxies, keepSamples, type Sighting } from '#shared/model/sighting.ts';

/** Affected proxies are counted exactly up to here. */
export const PROXIES_MAX = 100_000;

/** Projects named on one incident. */
export const PROJECTS_MAX = 50;

export const SEVERITY_ORDER: readonly Severity[] = ['info', 'warning', 'error', 'critical'];

/** What nobody has seen yet: the neutral element of folding. */
export const NO_EVIDENCE: Evidence = {
  count: 0,
  labels: {},
  firstSeenMs: Number.POSITIVE_INFINITY,
  lastSeenMs: Number.NEGATIVE_INFINITY,
  proxyCount: 0,
  proxiesCapped: false,
  proxyLeaves: [''],
  proxies: [],
  projects: [],
  samples: [],
  severity: 'info',
  fields: {},
  fieldsTimeMs: Number.POSITIVE_INFINITY,
};

function worse(a: Severity, b: Severity): Severity {
  return SEVERITY_ORDER.indexOf(a) >= SEVERITY_ORDER.indexOf(b) ? a : b;
}

/** The fields of the earliest finding; of two at the same time, the smaller text, so that order never matters. */
function earlierFields(
  a: { fields: Fields; timeMs: number },
  b: { fields: Fields; timeMs: number },
): { fields: Fields; timeMs: number } {
  if (a.timeMs !== b.timeMs) return a.timeMs < b.timeMs ? a : b;
  return compareText(canonical(a.fields), canonical(b.fields)) <= 0 ? a : b;
}

function canonical(fields: Fields): string {
  return JSON.stringify(
    Object.keys(fields)
      .sort()
      .map((name) => [name, fields[name]]),
  );
}

/** What counting found to be new. */
export interface News {
  readonly entries: number;
  readonly labels: ReadonlyMap<string, number>;
  readonly proxies: number;
  readonly proxyLeaves: readonly string[];
}

function addLabels(
  labels: Readonly<Record<string, number>>,
  news: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  const sum = { ...labels };
  for (const [label, count] of news) sum[label] = (sum[label] ?? 0) + count;
  return sum;
}

/**
 * When the last entry came by itself. Absent as long as all did, so that what was stored before there were backfills
 * means the same.
 */
function lastLive(evidence: Evidence, sighting: Sighting): { readonly lastLiveMs?: number } {
  const quiet = sighting.quiet === true;
  if (evidence.lastLiveMs === undefined && !quiet) return {};
  const beforeMs = evidence.lastLiveMs ?? evidence.lastSeenMs;
  return { lastLiveMs: Math.max(0, beforeMs, quiet ? 0 : sighting.lastSeenMs) };
}

/** Everything but the counts: bounds and selections, each of which is idempotent, commutative and associative. */
function joinSighting(evidence: Evidence, sighting: Sighting): Evidence {
  const { fields, timeMs } = earlierFields(
    { fields: evidence.fields, timeMs: evidence.fieldsTimeMs },
    { fields: sighting.fields, timeMs: sighting.firstSeenMs },
  );
  return {
    ...evidence,
    firstSeenMs: Math.min(evidence.firstSeenMs, sighting.firstSeenMs),
    lastSeenMs: Math.max(evidence.lastSeenMs, sighting.lastSeenMs),
    ...lastLive(evidence, sighting),
    severity: worse(evidence.severity, sighting.severity),
    samples: keepSamples([...evidence.samples, ...sighting.samples]),
    proxies: keepProxies([...evidence.proxies, ...sighting.proxies]),
    projects: [...new Set([...evidence.projects, ...sighting.projects])].sort().slice(0, PROJECTS_MAX),
    fields,
    fieldsTimeMs: timeMs,
  };
}

/** Evidence after these sightings; `news` comes from counting their ids against the incident's id sets. */
export function foldEvidence(before: Evidence, sightings: readonly Sighting[], news: News): Evidence {
  const joined = sightings.reduce(joinSighting, before);
  const proxies = before.proxyCount + news.proxies;
  return {
    ...joined,
    count: before.count + news.entries,
    labels: addLabels(before.labels, news.labels),
    // Past the bound nothing is counted any more, and the same number stands there whatever came in which order.
    proxyCount: Math.min(proxies, PROXIES_MAX),
    proxiesCapped: before.proxiesCapped || proxies > PROXIES_MAX,
    proxyLeaves: news.proxyLeaves,
  };
}
