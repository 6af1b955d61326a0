// The entries that the stand-in knows, in the order of their time, and one page of them at a time.
// An entry is known by log, time and insertId: adding it again changes nothing, as with Google.
import type { EntryTest, Span } from './filter.ts';
import { keep, orderEntries, type JsonObject, type KeptEntry } from './log-entry.ts';

export interface PageWanted {
  readonly projects: readonly string[];
  readonly test: EntryTest;
  readonly span: Span;
  readonly isDescending: boolean;
  readonly entriesMax: number;
  /** Entries that one page looks at; a page may be short, even empty, and yet not the last. */
  readonly scannedMax: number;
  /** Where the page before ended; undefined for the first. */
  readonly after: Place | undefined;
}

/** The last entry that a page looked at. */
export interface Place {
  readonly at: bigint;
  readonly insertId: string;
  readonly logName: string;
}

export interface Page {
  readonly entries: readonly KeptEntry[];
  /** Undefined on the last page. */
  readonly end: Place | undefined;
}

export interface LogStore {
  readonly add: (entries: Iterable<JsonObject>) => void;
  readonly size: () => number;
  readonly page: (wanted: PageWanted) => Page;
}

/** The first index whose entry does not lie before. */
function lowerBound(entries: readonly KeptEntry[], isBefore: (entry: KeptEntry) => boolean): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && isBefore(entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bounds(entries: readonly KeptEntry[], wanted: PageWanted): { first: number; behind: number } {
  const { span, after, isDescending } = wanted;
  const { from, to } = span;
  let first = from === undefined ? 0 : lowerBound(entries, ({ at }) => at < from);
  let behind = to === undefined ? entries.length : lowerBound(entries, ({ at }) => at <= to);
  if (after !== undefined) {
    const place: KeptEntry = { ...after, json: {} };
    if (isDescending)
      behind = Math.min(
        behind,
        lowerBound(entries, (one) => orderEntries(one, place) < 0),
      );
    else
      first = Math.max(
        first,
        lowerBound(entries, (one) => orderEntries(one, place) <= 0),
      );
  }
  return { first, behind };
}

/** An empty store. */
export function createLogStore(): LogStore {
  let entries: readonly KeptEntry[] = [];
  return {
    add: (more) => {
      const all = [...entries, ...Array.from(more, keep)].sort(orderEntries);
      entries = all.filter((entry, index) => {
        const before = all[index - 1];
        return before === undefined || orderEntries(before, entry) !== 0;
      });
    },
    size: () => entries.length,
    page: (wanted) => {
      const { first, behind } = bounds(entries, wanted);
      const found: KeptEntry[] = [];
      let scanned = 0;
      let last: KeptEntry | undefined;
      while (scanned < behind - first && found.length < wanted.entriesMax && scanned < wanted.scannedMax) {
        last = entries[wanted.isDescending ? behind - 1 - scanned : first + scanned];
        scanned += 1;
        if (last === undefined) break;
        const { logName, json } = last;
        if (wanted.projects.some((name) => logName.startsWith(`${name}/`)) && wanted.test(json))
          found.push(last);
      }
      const isLast = scanned >= behind - first || last === undefined;
      const end = isLast ? undefined : last;
      return {
        entries: found,
        end: end === undefined ? undefined : { at: end.at, insertId: end.insertId, logName: end.logName },
      };
    },
  };
}
