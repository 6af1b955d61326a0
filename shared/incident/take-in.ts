// Takes sightings into one incident or ledger: counts their ids and proxies, joins the evidence, advances the state.
// Pure: the pages come in as they were read, and go out as they are to be written.
import type { Incident, TimelineEntry } from '#shared/model/incident.ts';
import type { Sighting } from '#shared/model/sighting.ts';
import { foldEvidence } from './fold.ts';
import { countIds, type Book, type Counted } from './id-book.ts';
import { lookAfterNewsMs, onEvidence, onTime, type Advance } from './lifecycle.ts';
import { addToPages, type PagesChange } from './packed-set.ts';

/** Ids of all proxies that these sightings name. */
export function proxyIdsOf(sightings: readonly Sighting[]): Uint8Array {
  const ids = new Uint8Array(sightings.reduce((sum, { proxyIds }) => sum + proxyIds.length, 0));
  let offset = 0;
  for (const { proxyIds } of sightings) {
    ids.set(proxyIds, offset);
    offset += proxyIds.length;
  }
  return ids;
}

/** True while affected proxies are still counted: past PROXIES_MAX the pages are left alone. */
export const countsProxies = (incident: Incident): boolean => !incident.evidence.proxiesCapped;

export interface TakeIn {
  readonly sightings: readonly Sighting[];
  /** The hours and pages that `pagesNeeded` names. */
  readonly book: Book;
  /** Pages of proxies by leaf, as `route` names them. */
  readonly proxyPages: ReadonlyMap<string, Uint8Array>;
  readonly quietAfterMs: number;
  readonly nowMs: number;
}

export interface TakenIn {
  readonly incident: Incident;
  readonly counted: Counted;
  readonly proxies: PagesChange;
  readonly timeline: readonly TimelineEntry[];
}

/** The incident after these sightings and the time that passed; with no sightings only time passes. */
export function takeIn(before: Incident, given: TakeIn): TakenIn {
  const { sightings, nowMs } = given;
  const counted = countIds(
    given.book,
    sightings.flatMap(({ slices }) => slices),
  );
  const leaves = before.evidence.proxyLeaves;
  const proxies: PagesChange = countsProxies(before)
    ? addToPages({ leaves, pages: given.proxyPages }, proxyIdsOf(sightings))
    : { leaves, written: new Map(), removed: [], added: 0 };
  const evidence = foldEvidence(before.evidence, sightings, {
    entries: counted.added,
    labels: counted.labels,
    proxies: proxies.added,
    proxyLeaves: proxies.leaves,
  });
  const seen =
    counted.added > 0
      ? see(before, { ...given, evidence, fresh: counted.minutes })
      : unchanged({ ...before, evidence });
  const timed = onTime(seen.incident, given.quietAfterMs, nowMs);
  const timeline = [...seen.timeline, ...timed.timeline];
  const isNews = counted.added > 0 || timeline.length > 0;
  const lookAtMs = isNews
    ? lookAfterNewsMs(timed.incident, given.quietAfterMs, nowMs)
    : timed.incident.lookAtMs;
  return { incident: { ...timed.incident, lookAtMs }, counted, proxies, timeline };
}

const unchanged = (incident: Incident): Advance => ({ incident, timeline: [] });

const MINUTE_MS = 60_000;

/**
 * When the new entries happened. A sighting may hold old ids beside new ones: its span is cut to the minutes that have
 * new ids, so that a repeat of a late entry reopens nothing.
 */
function freshSpan(sightings: readonly Sighting[], fresh: ReadonlyMap<number, number>) {
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { firstSeenMs, lastSeenMs, slices } of sightings)
    for (const { minute } of slices) {
      if (!fresh.has(minute)) continue;
      // Minute 0 holds the ids of entries without a usable time of their own: it bounds nothing.
      const startMs = minute === 0 ? firstSeenMs : minute * MINUTE_MS;
      const endMs = minute === 0 ? lastSeenMs : startMs + MINUTE_MS - 1;
      firstMs = Math.min(firstMs, Math.max(firstSeenMs, startMs));
      lastMs = Math.max(lastMs, Math.min(lastSeenMs, endMs));
    }
  return { firstMs, lastMs };
}

/** Only entries that were not counted before are news: a late repeat reopens nothing. */
function see(
  before: Incident,
  given: TakeIn & { readonly evidence: Incident['evidence']; readonly fresh: ReadonlyMap<number, number> },
): Advance {
  const span = freshSpan(given.sightings, given.fresh);
  return onEvidence(before, { evidence: given.evidence, ...span }, given.nowMs);
}
