// Folding without a store: what `analyze` reports and tests compare with. In: sightings. Out: incidents and ledgers.
import type { Incident, Ledger } from '#shared/model/incident.ts';
import type { Sighting } from '#shared/model/sighting.ts';
import { countIds, emptyHour, hourOf, type Counted, type HourPage } from './id-book.ts';
import { foldLedger } from './ledger.ts';
import { unborn } from './lifecycle.ts';
import { takeIn } from './take-in.ts';

/** Everything of one target: its hours, its pages, its proxies. */
interface Shelf {
  readonly hours: Map<number, HourPage>;
  readonly pages: Map<string, Uint8Array>;
  readonly proxies: Map<string, Uint8Array>;
}

export interface Memory {
  readonly fold: (sightings: readonly Sighting[], nowMs: number) => void;
  readonly incidents: () => readonly Incident[];
  readonly ledgers: () => readonly Ledger[];
}

/** `quietAfterMs` gives the quiet of a pattern. */
export function createMemory(quietAfterMs: (pattern: string) => number): Memory {
  const incidents = new Map<string, Incident>();
  const ledgers = new Map<string, Ledger>();
  const shelves = new Map<string, Shelf>();

  const shelfOf = (target: string): Shelf => {
    const shelf = shelves.get(target) ?? { hours: new Map(), pages: new Map(), proxies: new Map() };
    shelves.set(target, shelf);
    return shelf;
  };

  const keep = (shelf: Shelf, counted: Counted): void => {
    for (const [hour, page] of counted.hours) shelf.hours.set(hour, page);
    for (const name of counted.removed) shelf.pages.delete(name);
    for (const [name, page] of counted.pages) shelf.pages.set(name, page);
  };

  const bookFor = (shelf: Shelf, sightings: readonly Sighting[]) => {
    for (const { minute } of sightings.flatMap(({ slices }) => slices)) {
      const hour = hourOf(minute);
      if (!shelf.hours.has(hour)) shelf.hours.set(hour, emptyHour(hour));
    }
    return { hours: shelf.hours, pages: shelf.pages };
  };

  const foldIncident = (target: string, sightings: readonly Sighting[], nowMs: number): void => {
    const shelf = shelfOf(target);
    const [first] = sightings;
    const before = incidents.get(target) ?? unborn(target, first?.pattern ?? '', first?.scope ?? {});
    const taken = takeIn(before, {
      sightings,
      book: bookFor(shelf, sightings),
      proxyPages: shelf.proxies,
      quietAfterMs: quietAfterMs(before.pattern),
      nowMs,
    });
    keep(shelf, taken.counted);
    for (const name of taken.proxies.removed) shelf.proxies.delete(name);
    for (const [name, page] of taken.proxies.written) shelf.proxies.set(name, page);
    incidents.set(target, taken.incident);
  };

  const foldTarget = (target: string, sightings: readonly Sighting[], nowMs: number): void => {
    if (sightings[0]?.kind !== 'ledger') {
      foldIncident(target, sightings, nowMs);
      return;
    }
    const shelf = shelfOf(target);
    const counted = countIds(
      bookFor(shelf, sightings),
      sightings.flatMap(({ slices }) => slices),
    );
    keep(shelf, counted);
    ledgers.set(target, foldLedger(ledgers.get(target), sightings, { id: target, counted, nowMs }));
  };

  return {
    fold: (sightings, nowMs) => {
      for (const [target, group] of Map.groupBy(sightings, (sighting) => sighting.target))
        foldTarget(target, group, nowMs);
    },
    incidents: () => [...incidents.values()],
    ledgers: () => [...ledgers.values()],
  };
}
