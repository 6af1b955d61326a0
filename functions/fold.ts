// One folding transaction: the waiting sightings of one target go into its incident or ledger, and away.
// It decides nothing itself: what to read and what to write comes from shared/incident.
import { emptyHour, countIds, hourOf, pagesNeeded, type Counted } from '#shared/incident/id-book.ts';
import { foldEvidence, PROXIES_MAX } from '#shared/incident/fold.ts';
import { onEvidence, onTime, unborn, type Advance } from '#shared/incident/lifecycle.ts';
import { addToPages, route, type PagesChange } from '#shared/incident/packed-set.ts';
import { foldLedger } from '#shared/incident/ledger.ts';
import type { Incident } from '#shared/model/incident.ts';
import type { Sighting } from '#shared/model/sighting.ts';
import type { FoldTransaction, Store } from './ports.ts';

/** Sightings that one transaction takes in; more wait for the next one. */
export const FOLD_SIGHTINGS_MAX = 200;

export interface FoldResult {
  readonly incident: Incident | undefined;
  /** How many sightings were taken in. */
  readonly folded: number;
}

async function count(transaction: FoldTransaction, sightings: readonly Sighting[]): Promise<Counted> {
  const slices = sightings.flatMap((sighting) => sighting.slices);
  const numbers = [...new Set(slices.map((slice) => hourOf(slice.minute)))];
  const stored = await transaction.hours(numbers);
  const hours = new Map(stored.map((hour) => [hour.hour, hour]));
  for (const hour of numbers) if (!hours.has(hour)) hours.set(hour, emptyHour(hour));
  const pages = await transaction.pages('ids', pagesNeeded(hours, slices));
  return countIds({ hours, pages }, slices);
}

async function countProxies(
  transaction: FoldTransaction,
  incident: Incident,
  sightings: readonly Sighting[],
): Promise<PagesChange> {
  const { proxyLeaves: leaves, proxiesCapped } = incident.evidence;
  const none: PagesChange = { leaves, written: new Map(), removed: [], added: 0 };
  if (proxiesCapped || incident.evidence.proxyCount >= PROXIES_MAX) return none;
  const ids = new Uint8Array(sightings.reduce((sum, { proxyIds }) => sum + proxyIds.length, 0));
  let offset = 0;
  for (const { proxyIds } of sightings) {
    ids.set(proxyIds, offset);
    offset += proxyIds.length;
  }
  if (ids.length === 0) return none;
  const pages = await transaction.pages('proxies', [...route(leaves, ids).keys()]);
  return addToPages({ leaves, pages }, ids);
}

const firstOf = (sightings: readonly Sighting[]): number =>
  Math.min(...sightings.map((sighting) => sighting.firstSeenMs));
const lastOf = (sightings: readonly Sighting[]): number =>
  Math.max(...sightings.map((sighting) => sighting.lastSeenMs));

async function foldIncident(
  transaction: FoldTransaction,
  waiting: readonly { readonly id: string; readonly sighting: Sighting }[],
  at: { readonly id: string; readonly nowMs: number; readonly quietAfterMs: (pattern: string) => number },
): Promise<FoldResult> {
  const sightings = waiting.map(({ sighting }) => sighting);
  const [first] = sightings;
  const known = await transaction.incident();
  if (first === undefined && known === undefined) return { incident: undefined, folded: 0 };
  const before = known ?? unborn(at.id, first?.pattern ?? '', first?.scope ?? {});
  const counted = await count(transaction, sightings);
  const proxies = await countProxies(transaction, before, sightings);
  let advance: Advance = { incident: before, timeline: [] };
  if (first !== undefined) {
    const evidence = foldEvidence(before.evidence, sightings, {
      entries: counted.added,
      labels: counted.labels,
      proxies: proxies.added,
      proxyLeaves: proxies.leaves,
    });
    // Entries that had been counted before are no news: a late repeat reopens nothing.
    advance =
      counted.added === 0
        ? { incident: { ...before, evidence }, timeline: [] }
        : onEvidence(before, { evidence, firstMs: firstOf(sightings), lastMs: lastOf(sightings) }, at.nowMs);
  }
  const timed = onTime(advance.incident, at.quietAfterMs(before.pattern), at.nowMs);
  const timeline = [...advance.timeline, ...timed.timeline];
  if (sightings.length > 0 || timeline.length > 0)
    transaction.write({
      incident: timed.incident,
      hours: counted.hours.values(),
      idPages: counted.pages,
      removedIdPages: counted.removed,
      proxyPages: proxies.written,
      removedProxyPages: proxies.removed,
      minutes: counted.minutes,
      timeline,
      folded: waiting.map(({ id }) => id),
    });
  return { incident: timed.incident, folded: waiting.length };
}

async function foldIntoLedger(
  transaction: FoldTransaction,
  waiting: readonly { readonly id: string; readonly sighting: Sighting }[],
  at: { readonly id: string; readonly nowMs: number },
): Promise<FoldResult> {
  if (waiting.length === 0) return { incident: undefined, folded: 0 };
  const sightings = waiting.map(({ sighting }) => sighting);
  const ledger = await transaction.ledger();
  const counted = await count(transaction, sightings);
  transaction.write({
    ledger: foldLedger(ledger, sightings, { id: at.id, counted, nowMs: at.nowMs }),
    hours: counted.hours.values(),
    idPages: counted.pages,
    removedIdPages: counted.removed,
    proxyPages: new Map(),
    removedProxyPages: [],
    minutes: counted.minutes,
    timeline: [],
    folded: waiting.map(({ id }) => id),
  });
  return { incident: undefined, folded: waiting.length };
}

/**
 * Folds what waits for one target, at most FOLD_SIGHTINGS_MAX sightings, and lets time pass for an incident. The waiting
 * ones are listed outside the transaction, because a query inside would lock the range that `classify` writes to;
 * inside, exactly those documents are read again, so that another reconciler's work is seen.
 */
export async function foldTarget(
  store: Pick<Store, 'waitingFor' | 'fold'>,
  target: { readonly kind: 'incident' | 'ledger'; readonly id: string },
  at: { readonly nowMs: number; readonly quietAfterMs: (pattern: string) => number },
): Promise<FoldResult> {
  const ids = await store.waitingFor(target.id, FOLD_SIGHTINGS_MAX);
  if (ids.length === 0 && target.kind === 'ledger') return { incident: undefined, folded: 0 };
  return store.fold(target, async (transaction) => {
    const waiting = await transaction.sightings(ids);
    return target.kind === 'ledger'
      ? foldIntoLedger(transaction, waiting, { id: target.id, nowMs: at.nowMs })
      : foldIncident(transaction, waiting, { id: target.id, ...at });
  });
}
