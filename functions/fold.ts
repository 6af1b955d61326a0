// One folding transaction: the waiting sightings of one target go into its incident or ledger, and away.
// It decides nothing itself: what to read and what to write comes from shared/incident.
import { countIds, emptyHour, hourOf, pagesNeeded, type Book } from '#shared/incident/id-book.ts';
import { foldLedger } from '#shared/incident/ledger.ts';
import { unborn } from '#shared/incident/lifecycle.ts';
import { route } from '#shared/incident/packed-set.ts';
import { countsProxies, proxyIdsOf, takeIn } from '#shared/incident/take-in.ts';
import type { Incident } from '#shared/model/incident.ts';
import type { Sighting } from '#shared/model/sighting.ts';
import type { FoldTransaction, Store, WaitingSighting } from './ports.ts';

/** Sightings that one transaction takes in; more wait for the next one. */
export const FOLD_SIGHTINGS_MAX = 200;

export interface FoldResult {
  /** The incident as it is now; undefined for a ledger and for an id that nobody knows. */
  readonly incident: Incident | undefined;
  /** How many sightings were listed: FOLD_SIGHTINGS_MAX means that more may wait. */
  readonly listed: number;
}

export interface FoldAt {
  readonly nowMs: number;
  /** The quiet that resolves incidents of a pattern, in milliseconds. */
  readonly quietAfterMs: (pattern: string) => number;
}

async function readBook(transaction: FoldTransaction, sightings: readonly Sighting[]): Promise<Book> {
  const slices = sightings.flatMap((sighting) => sighting.slices);
  const numbers = [...new Set(slices.map((slice) => hourOf(slice.minute)))];
  const stored = await transaction.hours(numbers);
  const hours = new Map(numbers.map((hour) => [hour, emptyHour(hour)]));
  for (const hour of stored) hours.set(hour.hour, hour);
  return { hours, pages: await transaction.pages('ids', pagesNeeded(hours, slices)) };
}

async function readProxies(
  transaction: FoldTransaction,
  incident: Incident,
  sightings: readonly Sighting[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (!countsProxies(incident)) return new Map();
  const leaves = [...route(incident.evidence.proxyLeaves, proxyIdsOf(sightings)).keys()];
  return transaction.pages('proxies', leaves);
}

async function foldIncident(
  transaction: FoldTransaction,
  waiting: readonly WaitingSighting[],
  at: FoldAt & { readonly id: string },
): Promise<Incident | undefined> {
  const sightings = waiting.map(({ sighting }) => sighting);
  const [first] = sightings;
  const known = await transaction.incident();
  if (first === undefined && known === undefined) return undefined;
  const before = known ?? unborn(at.id, first?.pattern ?? '', first?.scope ?? {});
  const taken = takeIn(before, {
    sightings,
    book: await readBook(transaction, sightings),
    proxyPages: await readProxies(transaction, before, sightings),
    quietAfterMs: at.quietAfterMs(before.pattern),
    nowMs: at.nowMs,
  });
  if (sightings.length === 0 && taken.timeline.length === 0) return taken.incident;
  transaction.write({
    incident: taken.incident,
    hours: taken.counted.hours.values(),
    idPages: taken.counted.pages,
    removedIdPages: taken.counted.removed,
    proxyPages: taken.proxies.written,
    removedProxyPages: taken.proxies.removed,
    minutes: taken.counted.minutes,
    timeline: taken.timeline,
    folded: waiting.map(({ id }) => id),
  });
  return taken.incident;
}

async function foldIntoLedger(
  transaction: FoldTransaction,
  waiting: readonly WaitingSighting[],
  at: { readonly id: string; readonly nowMs: number },
): Promise<undefined> {
  if (waiting.length === 0) return;
  const sightings = waiting.map(({ sighting }) => sighting);
  const before = await transaction.ledger();
  const counted = countIds(
    await readBook(transaction, sightings),
    sightings.flatMap(({ slices }) => slices),
  );
  transaction.write({
    ledger: foldLedger(before, sightings, { id: at.id, counted, nowMs: at.nowMs }),
    hours: counted.hours.values(),
    idPages: counted.pages,
    removedIdPages: counted.removed,
    proxyPages: new Map(),
    removedProxyPages: [],
    minutes: counted.minutes,
    timeline: [],
    folded: waiting.map(({ id }) => id),
  });
}

/**
 * Folds what waits for one target, at most FOLD_SIGHTINGS_MAX sightings, and lets time pass for an incident. The waiting
 * ones are listed outside the transaction, because a query inside would lock the range that `classify` writes to;
 * inside, exactly those documents are read again, so that another reconciler's work is seen.
 */
export async function foldTarget(
  store: Pick<Store, 'waitingFor' | 'fold'>,
  target: { readonly kind: 'incident' | 'ledger'; readonly id: string },
  at: FoldAt,
): Promise<FoldResult> {
  const ids = await store.waitingFor(target.id, FOLD_SIGHTINGS_MAX);
  if (ids.length === 0 && target.kind === 'ledger') return { incident: undefined, listed: 0 };
  const incident = await store.fold(target, async (transaction) => {
    const waiting = await transaction.sightings(ids);
    return target.kind === 'ledger'
      ? foldIntoLedger(transaction, waiting, { id: target.id, nowMs: at.nowMs })
      : foldIncident(transaction, waiting, { id: target.id, ...at });
  });
  return { incident, listed: ids.length };
}
