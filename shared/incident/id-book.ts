// The book of counted entry ids of one incident: an hour is one document while it is sparse; once it is full its
// minutes move to documents of their own, split by id. In: ids by minute. Out: the pages to write, the ids that are new.
import { addToPages, PAGE_BYTES_MAX, route, unite } from './packed-set.ts';

const MINUTES_PER_HOUR = 60;

/** One hour as stored: either the ids themselves by minute of the hour, or the leaves of the minute's own pages. */
export interface HourPage {
  readonly hour: number;
  /** True once the hour was full: its minutes live in their own pages. */
  readonly split: boolean;
  /** Minute of the hour → packed ids; empty once split. */
  readonly minutes: ReadonlyMap<number, Uint8Array>;
  /** Minute of the hour → names of its pages; empty before the split. */
  readonly leaves: ReadonlyMap<number, readonly string[]>;
}

export const emptyHour = (hour: number): HourPage => ({
  hour,
  split: false,
  minutes: new Map(),
  leaves: new Map(),
});

/** Ids to count, grouped by minute (since 1970) and label. */
export interface IdsOfMinute {
  readonly minute: number;
  readonly label: string;
  readonly ids: Uint8Array;
}

export const hourOf = (minute: number): number => Math.floor(minute / MINUTES_PER_HOUR);

/** Name of the document of a minute's page. */
const minutePageName = (minute: number, leaf: string): string => `m${minute}-${leaf}`;

/** Which minute pages have to be read before `countIds`, by document name. */
export function pagesNeeded(
  hours: ReadonlyMap<number, HourPage>,
  slices: readonly IdsOfMinute[],
): readonly string[] {
  const names = new Set<string>();
  for (const { minute, ids } of slices) {
    const leaves = hours.get(hourOf(minute))?.leaves.get(minute % MINUTES_PER_HOUR);
    if (leaves === undefined) continue;
    for (const leaf of route(leaves, ids).keys()) names.add(minutePageName(minute, leaf));
  }
  return [...names];
}

/** The parts of the book that a fold has read. */
export interface Book {
  readonly hours: ReadonlyMap<number, HourPage>;
  /** Minute pages by document name. */
  readonly pages: ReadonlyMap<string, Uint8Array>;
}

export interface Counted {
  /** Hours to write. */
  readonly hours: ReadonlyMap<number, HourPage>;
  /** Minute pages to write, by document name. */
  readonly pages: ReadonlyMap<string, Uint8Array>;
  /** Minute pages to delete, by document name. */
  readonly removed: ReadonlySet<string>;
  /** Newly counted entries by label. */
  readonly labels: ReadonlyMap<string, number>;
  /** Newly counted entries by minute. */
  readonly minutes: ReadonlyMap<number, number>;
  readonly added: number;
}

interface Draft {
  readonly hours: Map<number, HourPage>;
  readonly changedHours: Set<number>;
  readonly pages: Map<string, Uint8Array>;
  readonly changedPages: Set<string>;
  readonly removed: Set<string>;
  readonly pageBytesMax: number;
}

function addToSplitHour(draft: Draft, hour: HourPage, slice: IdsOfMinute): number {
  const inHour = slice.minute % MINUTES_PER_HOUR;
  const leaves = hour.leaves.get(inHour) ?? [''];
  const known = new Map<string, Uint8Array>();
  for (const leaf of leaves) {
    const page = draft.pages.get(minutePageName(slice.minute, leaf));
    if (page !== undefined) known.set(leaf, page);
  }
  const change = addToPages({ leaves, pages: known }, slice.ids, draft.pageBytesMax);
  for (const leaf of change.removed) {
    const name = minutePageName(slice.minute, leaf);
    draft.pages.delete(name);
    draft.changedPages.delete(name);
    draft.removed.add(name);
  }
  for (const [leaf, page] of change.written) {
    const name = minutePageName(slice.minute, leaf);
    draft.pages.set(name, page);
    draft.changedPages.add(name);
    draft.removed.delete(name);
  }
  if (!hour.leaves.has(inHour) || change.leaves.length !== leaves.length) {
    const next = { ...hour, leaves: new Map(hour.leaves).set(inHour, change.leaves) };
    draft.hours.set(hour.hour, next);
    draft.changedHours.add(hour.hour);
  }
  return change.added;
}

/** Moves the ids of a full hour into pages of their minutes. */
function splitHour(draft: Draft, hour: HourPage): void {
  let next: HourPage = { ...hour, split: true, minutes: new Map() };
  draft.hours.set(hour.hour, next);
  for (const [inHour, ids] of hour.minutes) {
    addToSplitHour(draft, next, { minute: hour.hour * MINUTES_PER_HOUR + inHour, label: '', ids });
    next = draft.hours.get(hour.hour) ?? next;
  }
  draft.changedHours.add(hour.hour);
}

function addSlice(draft: Draft, slice: IdsOfMinute): number {
  const hour = draft.hours.get(hourOf(slice.minute)) ?? emptyHour(hourOf(slice.minute));
  if (hour.split) return addToSplitHour(draft, hour, slice);
  const inHour = slice.minute % MINUTES_PER_HOUR;
  const { set, added } = unite(hour.minutes.get(inHour) ?? new Uint8Array(), slice.ids);
  if (added === 0) return 0;
  const next = { ...hour, minutes: new Map(hour.minutes).set(inHour, set) };
  draft.hours.set(hour.hour, next);
  draft.changedHours.add(hour.hour);
  const bytes = [...next.minutes.values()].reduce((sum, page) => sum + page.length, 0);
  if (bytes > draft.pageBytesMax) splitHour(draft, next);
  return added;
}

/** One slice for each minute and label: a page is then read and written once, however many sightings touch it. */
function together(slices: readonly IdsOfMinute[]): readonly IdsOfMinute[] {
  const groups = Map.groupBy(slices, ({ minute, label }) => `${minute} ${label}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const ids = new Uint8Array(group.reduce((sum, slice) => sum + slice.ids.length, 0));
    let at = 0;
    for (const slice of group) {
      ids.set(slice.ids, at);
      at += slice.ids.length;
    }
    return [{ minute: first.minute, label: first.label, ids }];
  });
}

/** Counts ids: those that are in the book already change nothing. `book.pages` must hold what `pagesNeeded` named. */
export function countIds(
  book: Book,
  slices: readonly IdsOfMinute[],
  pageBytesMax: number = PAGE_BYTES_MAX,
): Counted {
  const draft: Draft = {
    hours: new Map(book.hours),
    changedHours: new Set(),
    pages: new Map(book.pages),
    changedPages: new Set(),
    removed: new Set(),
    pageBytesMax,
  };
  const labels = new Map<string, number>();
  const minutes = new Map<number, number>();
  let added = 0;
  for (const slice of together(slices)) {
    const fresh = addSlice(draft, slice);
    if (fresh === 0) continue;
    added += fresh;
    labels.set(slice.label, (labels.get(slice.label) ?? 0) + fresh);
    minutes.set(slice.minute, (minutes.get(slice.minute) ?? 0) + fresh);
  }
  return {
    hours: pick(draft.hours, draft.changedHours),
    pages: pick(draft.pages, draft.changedPages),
    removed: draft.removed,
    labels,
    minutes,
    added,
  };
}

function pick<Key, Value>(map: ReadonlyMap<Key, Value>, keys: Iterable<Key>): Map<Key, Value> {
  const picked = new Map<Key, Value>();
  for (const key of keys) {
    const value = map.get(key);
    if (value !== undefined) picked.set(key, value);
  }
  return picked;
}
