// One folding transaction: the waiting sightings of one target go into its incident or ledger, and away.
// It decides nothing itself: what to read and what to write comes from shared/incident.
import {
  countIds,
  emptyHour,
  hourOf,
  pagesNeeded,
  type Book,
  type Counted,
} from '#shared/incident/id-book.ts';
import { foldLedger } from '#shared/incident/ledger.ts';
import { unborn } from '#shared/incident/lifecycle.ts';
import { route } from '#shared/incident/packed-set.ts';
import { countsProxies, proxyIdsOf, takeIn } from '#shared/incident/take-in.ts';
import type { Incident } from '#shared/model/incident.ts';
import type { Sighting } from '#shared/model/sighting.ts';
import type { FoldTransaction, Store, WaitingSighting } from './ports.ts';

/** Sightings that one transaction takes in; more wait for the next one. */
export const FOLD_SIGHTINGS_MAX = 200;

/** What came of one transaction's work, and how many of its sightings did not fit. */
interface Folded {
  readonly incident: Incident | undefined;
  readonly left: number;
}

/** What one transaction may write of id sets; Firestore takes 10 MiB in one request. */
export const FOLD_BYTES_MAX = 8 * 1_048_576;

export interface FoldResult {
  /** The incident as it is now; undefined for a ledger and for an id that nobody knows. */
  readonly incident: Incident | undefined;
  /** True when this transaction could not take in everything that waits. */
  readonly more: boolean;
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

function sizeOf(pages: Iterable<Uint8Array>): number {
  let bytes = 0;
  for (const page of pages) bytes += page.length;
  return bytes;
}

function bytesOf({ hours, pages }: Counted): number {
  let bytes = sizeOf(pages.values());
  for (const { minutes } of hours.values()) bytes += sizeOf(minutes.values());
  return bytes;
}

/**
 * Takes in as many sightings as one transaction can write: a backfill may touch a full page in each of many hours. What
 * does not fit waits for the next transaction; a lone sighting is tried whatever it weighs.
 */
function asManyAsFit<Result>(
  all: number,
  take: (some: number) => { readonly result: Result; readonly bytes: number },
): { readonly taken: Result; readonly count: number } {
  for (let count = all; ; count = Math.floor(count / 2)) {
    const { result, bytes } = take(count);
    if (bytes <= FOLD_BYTES_MAX || count <= 1) return { taken: result, count };
  }
}

async function foldIncident(
  transaction: FoldTransaction,
  waiting: readonly WaitingSighting[],
  at: FoldAt & { readonly id: string },
): Promise<Folded> {
  const sightings = waiting.map(({ sighting }) => sighting);
  const [first] = sightings;
  const known = await transaction.incident();
  if (first === undefined && known === undefined) return { incident: undefined, left: 0 };
  const before = known ?? unborn(at.id, first?.pattern ?? '', first?.scope ?? {});
  const book = await readBook(transaction, sightings);
  const proxyPages = await readProxies(transaction, before, sightings);
  const { taken, count } = asManyAsFit(sightings.length, (some) => {
    const result = takeIn(before, {
      sightings: sightings.slice(0, some),
      book,
      proxyPages,
      quietAfterMs: at.quietAfterMs(before.pattern),
      nowMs: at.nowMs,
    });
    return { result, bytes: bytesOf(result.counted) + sizeOf(result.proxies.written.values()) };
  });
  const folded = { incident: taken.incident, left: sightings.length - count };
  if (sightings.length === 0 && taken.timeline.length === 0) return folded;
  transaction.write({
    incident: taken.incident,
    hours: taken.counted.hours.values(),
    idPages: taken.counted.pages,
    removedIdPages: taken.counted.removed,
    proxyPages: taken.proxies.written,
    removedProxyPages: taken.proxies.removed,
    minutes: taken.counted.minutes,
    timeline: taken.timeline,
    folded: waiting.slice(0, count).map(({ id }) => id),
  });
  return folded;
}

async function foldIntoLedger(
  transaction: FoldTransaction,
  waiting: readonly WaitingSighting[],
  at: { readonly id: string; readonly nowMs: number },
): Promise<Folded> {
  if (waiting.length === 0) return { incident: undefined, left: 0 };
  const sightings = waiting.map(({ sighting }) => sighting);
  const before = await transaction.ledger();
  const book = await readBook(transaction, sightings);
  const { taken: counted, count } = asManyAsFit(sightings.length, (some) => {
    const slices = sightings.slice(0, some).flatMap((sighting) => sighting.slices);
    const result = countIds(book, slices);
    return { result, bytes: bytesOf(result) };
  });
  transaction.write({
    ledger: foldLedger(before, sightings.slice(0, count), { id: at.id, counted, nowMs: at.nowMs }),
    hours: counted.hours.values(),
    idPages: counted.pages,
    removedIdPages: counted.removed,
    proxyPages: new Map(),
    removedProxyPages: [],
    minutes: counted.minutes,
    timeline: [],
    folded: waiting.slice(0, count).map(({ id }) => id),
  });
  return { incident: undefined, left: sightings.length - count };
}

/**
 * Folds what waits for one target, at most FOLD_SIGHTINGS_MAX sightings, and lets time pass for an incident. They are
 * listed outside the transaction, because a query inside would lock the range that `classify` writes to, and not read
 * again inside: a sighting never changes, and one that another reconciler has folded meanwhile counts nothing twice.
 */
export async function foldTarget(
  store: Pick<Store, 'waitingFor' | 'fold'>,
  target: { readonly kind: 'incident' | 'ledger'; readonly id: string },
  at: FoldAt,
): Promise<FoldResult> {
  const waiting = await store.waitingFor(target.id, FOLD_SIGHTINGS_MAX);
  if (waiting.length === 0 && target.kind === 'ledger') return { incident: undefined, more: false };
  return store.fold(target, async (transaction) => {
    const folded =
      target.kind === 'ledger'
        ? await foldIntoLedger(transaction, waiting, { id: target.id, nowMs: at.nowMs })
        : await foldIncident(transaction, waiting, { id: target.id, ...at });
    return { incident: folded.incident, more: waiting.length === FOLD_SIGHTINGS_MAX || folded.left > 0 };
  });
}
