// Packed id sets: counting again changes nothing, whatever the order, and pages split without losing an id.
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addToPages,
  ID_BYTES,
  PAGE_BYTES_MAX,
  route,
  splitPage,
  unite,
  type Pages,
} from '#shared/incident/packed-set.ts';

const pack = (ids: readonly bigint[]): Uint8Array => new Uint8Array(BigUint64Array.from(ids).buffer);
const unpack = (bytes: Uint8Array): bigint[] => [...new BigUint64Array(bytes.slice().buffer)];
const sorted = (ids: Iterable<bigint>): bigint[] => [...new Set(ids)].sort((a, b) => (a < b ? -1 : 1));

const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
// A few ids that repeat often, and any others.
const ids = fc.array(fc.oneof(id, fc.constantFrom(0n, 1n, 2n ** 63n, 2n ** 64n - 1n)), { maxLength: 60 });

test('a united set holds every id once, sorted, and says how many were new', () => {
  fc.assert(
    fc.property(ids, ids, (old, more) => {
      const set = pack(sorted(old));
      const united = unite(set, pack(more));
      expect(unpack(united.set)).toEqual(sorted([...old, ...more]));
      expect(united.added).toBe(new Set([...old, ...more]).size - new Set(old).size);
      expect(unite(united.set, pack(more)).added).toBe(0);
    }),
  );
});

test('a set may be a view into a pool that others use: it is read right and left as it was', () => {
  const pool = new Uint8Array(64).fill(7);
  const view = Buffer.from(pool.buffer, 20, 16);
  view.set(pack([5n, 3n]));
  const before = pool.slice();
  expect(unpack(unite(new Uint8Array(), view).set)).toEqual([3n, 5n]);
  expect(pool).toEqual(before);
});

/** Adds batches to a paged set with tiny pages, keeping the pages as a store would. */
function fill(batches: readonly (readonly bigint[])[], bytesMax: number): { set: Pages; added: number } {
  const store = new Map<string, Uint8Array>();
  let leaves: readonly string[] = [''];
  let added = 0;
  for (const batch of batches) {
    const change = addToPages({ leaves, pages: store }, pack(batch), bytesMax);
    for (const name of change.removed) store.delete(name);
    for (const [name, page] of change.written) store.set(name, page);
    leaves = change.leaves;
    added += change.added;
  }
  return { set: { leaves, pages: store }, added };
}

test('a paged set counts each id once, in any order of batches, and no page passes its bound', () => {
  fc.assert(
    fc.property(fc.array(ids, { maxLength: 8 }), (batches) => {
      const bytesMax = 4 * ID_BYTES;
      const { set, added } = fill(batches, bytesMax);
      const back = fill(batches.toReversed(), bytesMax);
      expect(added).toBe(new Set(batches.flat()).size);
      expect(back.added).toBe(added);
      expect(sorted([...set.pages.values()].flatMap(unpack))).toEqual(sorted(batches.flat()));
      for (const page of set.pages.values()) expect(page.length).toBeLessThanOrEqual(bytesMax);
    }),
  );
});

test('every id is routed to exactly one of the leaves', () => {
  fc.assert(
    fc.property(ids, (some) => {
      const leaves = ['00', '010', '011', '1'];
      const shares = route(leaves, pack(some));
      expect([...shares.values()].flatMap(unpack).length).toBe(some.length);
      for (const [leaf, share] of shares)
        for (const one of unpack(share))
          expect(one.toString(2).padStart(64, '0').startsWith(leaf)).toBe(true);
    }),
  );
});

test.for([
  [-1, 1],
  [0, 1],
  [1, 2],
])('a page of the bound %i ids past makes %i page(s)', ([past, pages]) => {
  const bytesMax = 8 * ID_BYTES;
  // Evenly spread ids, as hashes are.
  const some = Array.from({ length: 8 + (past ?? 0) }, (_, index) => BigInt(index) << 60n);
  expect(splitPage('', pack(some), bytesMax)).toHaveLength(pages ?? 0);
});

test('a page as large as production allows stays within a Firestore document', () => {
  expect(PAGE_BYTES_MAX).toBeLessThan(1_048_576 / 2);
});
