// The book of counted ids: hours while sparse, minutes once full; the count is the number of distinct ids.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countIds, hourOf, pagesNeeded, type HourPage, type IdsOfMinute } from '#shared/incident/id-book.ts';
import { ID_BYTES } from '#shared/incident/packed-set.ts';

const pack = (ids: readonly bigint[]): Uint8Array => new Uint8Array(BigUint64Array.from(ids).buffer);

/** A book as a store would keep it; only what `pagesNeeded` names is handed to `countIds`. */
function createBook(pageBytesMax: number) {
  const hours = new Map<number, HourPage>();
  const pages = new Map<string, Uint8Array>();
  return {
    hours,
    pages,
    count: (slices: readonly IdsOfMinute[]) => {
      const read = new Map(
        slices.flatMap(({ minute }) => {
          const hour = hours.get(hourOf(minute));
          return hour === undefined ? [] : [[hour.hour, hour] as const];
        }),
      );
      const needed = pagesNeeded(read, slices);
      const known = new Map(
        needed.flatMap((name) => {
          const page = pages.get(name);
          return page === undefined ? [] : [[name, page] as const];
        }),
      );
      const counted = countIds({ hours: read, pages: known }, slices, pageBytesMax);
      for (const [number, hour] of counted.hours) hours.set(number, hour);
      for (const name of counted.removed) pages.delete(name);
      for (const [name, page] of counted.pages) pages.set(name, page);
      return counted;
    },
  };
}

// The minute follows from the id, as an entry's minute follows from the entry.
const slices = fc.array(
  fc.array(fc.bigInt({ min: 0n, max: 400n }), { maxLength: 30 }).map((ids): IdsOfMinute[] =>
    [...Map.groupBy(ids, (id) => Number(id % 150n))].map(([minute, some]) => ({
      minute,
      label: 'sure',
      // Spread over all 64 bits, as hashes are.
      ids: pack(some.map((id) => (id * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn)),
    })),
  ),
  { maxLength: 12 },
);

test('the count is the number of distinct ids, however often and in whatever order they come', () => {
  fc.assert(
    fc.property(slices, fc.constantFrom(3, 6, 40), (batches, idsPerPage) => {
      const forwards = createBook(idsPerPage * ID_BYTES);
      const backwards = createBook(idsPerPage * ID_BYTES);
      const distinct = new Set(
        batches.flat().flatMap(({ ids }) => [...new BigUint64Array(ids.slice().buffer)]),
      );
      const count = (book: ReturnType<typeof createBook>, list: readonly (readonly IdsOfMinute[])[]) =>
        list.reduce((sum, batch) => sum + book.count(batch).added, 0);
      expect(count(forwards, batches)).toBe(distinct.size);
      expect(count(backwards, batches.toReversed())).toBe(distinct.size);
      expect(count(forwards, batches)).toBe(0);
      for (const page of forwards.pages.values())
        expect(page.length).toBeLessThanOrEqual(idsPerPage * ID_BYTES);
    }),
  );
});

test('a sparse week touches one document an hour', () => {
  const book = createBook(256 * 1024);
  for (let hour = 0; hour < 168; hour += 1)
    book.count([{ minute: hour * 60 + (hour % 60), label: 'sure', ids: pack([BigInt(hour)]) }]);
  expect(book.hours.size).toBe(168);
  expect(book.pages.size).toBe(0);
});

test('what is new is told by label and by minute', () => {
  const book = createBook(256 * 1024);
  book.count([{ minute: 61, label: 'sure', ids: pack([1n, 2n]) }]);
  const counted = book.count([
    { minute: 61, label: 'sure', ids: pack([2n, 3n]) },
    { minute: 62, label: 'weak', ids: pack([4n]) },
  ]);
  expect([...counted.labels]).toEqual([
    ['sure', 1],
    ['weak', 1],
  ]);
  expect([...counted.minutes]).toEqual([
    [61, 1],
    [62, 1],
  ]);
});

test('600,000 entries of one minute in one fold stay within a page bound and a transaction of 10 MiB', () => {
  const book = createBook(256 * 1024);
  const ids = BigUint64Array.from(
    { length: 600_000 },
    (_, index) => (BigInt(index + 1) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn,
  );
  const counted = book.count([{ minute: 7, label: 'sure', ids: new Uint8Array(ids.buffer) }]);
  expect(counted.added).toBe(600_000);
  const sizes = [...counted.pages.values()].map((page) => page.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * 1024);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(10 * 1_048_576);
});
