// Packed sets of 64-bit ids: sorted, 8 bytes each, little-endian, in pages small enough for one document each.
// A set that outgrows a page splits it by the next bit of the id; the names of the pages are their bits.

export const ID_BYTES = 8;

/** A page never grows past this: a Firestore document may hold 1 MiB, and a quarter of it still reads quickly. */
export const PAGE_BYTES_MAX = 256 * 1024;

/** The ids of packed bytes as sorted, distinct numbers. */
function sortedIds(bytes: Uint8Array): BigUint64Array {
  const ids = new BigUint64Array(Math.floor(bytes.length / ID_BYTES));
  // Copied byte by byte into memory of its own: what a client hands over may be a view into a pool that others use.
  new Uint8Array(ids.buffer).set(bytes.subarray(0, ids.byteLength));
  return ids.sort();
}

function toBytes(ids: BigUint64Array): Uint8Array {
  return new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
}

export interface United {
  /** Sorted, distinct. */
  readonly set: Uint8Array;
  /** How many ids were not in the set before. */
  readonly added: number;
}

/** Adds ids (any order, maybe repeated) to a sorted packed set. Adding again changes nothing. */
export function unite(set: Uint8Array, more: Uint8Array): United {
  const old = sortedIds(set);
  const fresh = sortedIds(more);
  const merged = new BigUint64Array(old.length + fresh.length);
  let length = 0;
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    const a = old[i];
    const b = fresh[j];
    const next = b === undefined || (a !== undefined && a <= b) ? a : b;
    if (next === undefined) break;
    if (next === a) i += 1;
    if (next === b) j += 1;
    if (length === 0 || merged[length - 1] !== next) {
      merged[length] = next;
      length += 1;
    }
  }
  const out = merged.slice(0, length);
  return { set: toBytes(out), added: length - old.length };
}

/** The bit of an id that a page of this name is split by next: the name's length counts from the highest bit. */
function bitAt(bytes: Uint8Array, offset: number, depth: number): '0' | '1' {
  const byte = bytes[offset + ID_BYTES - 1 - (depth >> 3)] ?? 0;
  return ((byte >> (7 - (depth & 7))) & 1) === 0 ? '0' : '1';
}

/** The one leaf that holds the id at this offset. */
function leafOf(leaves: ReadonlySet<string>, bytes: Uint8Array, offset: number): string {
  let name = '';
  while (!leaves.has(name)) {
    if (name.length >= 64) throw new Error(`no leaf among ${[...leaves].join(', ')} holds the id`);
    name += bitAt(bytes, offset, name.length);
  }
  return name;
}

/** Shares ids out to the leaves that hold them. */
export function route(leaves: readonly string[], ids: Uint8Array): Map<string, Uint8Array> {
  if (leaves.length === 1 && leaves[0] === '') return new Map(ids.length === 0 ? [] : [['', ids]]);
  const names = new Set(leaves);
  const offsets = new Map<string, number[]>();
  for (let offset = 0; offset + ID_BYTES <= ids.length; offset += ID_BYTES) {
    const leaf = leafOf(names, ids, offset);
    const list = offsets.get(leaf);
    if (list === undefined) offsets.set(leaf, [offset]);
    else list.push(offset);
  }
  return new Map(
    [...offsets].map(([leaf, list]) => {
      const share = new Uint8Array(list.length * ID_BYTES);
      for (const [index, offset] of list.entries())
        share.set(ids.subarray(offset, offset + ID_BYTES), index * ID_BYTES);
      return [leaf, share];
    }),
  );
}

/** Splits a sorted page until no part is larger than a page may be. The names say which ids are in which part. */
export function splitPage(
  name: string,
  set: Uint8Array,
  bytesMax: number,
): readonly (readonly [string, Uint8Array])[] {
  if (set.length <= bytesMax) return [[name, set]];
  let border = 0;
  while (border < set.length && bitAt(set, border, name.length) === '0') border += ID_BYTES;
  return [
    ...splitPage(`${name}0`, set.slice(0, border), bytesMax),
    ...splitPage(`${name}1`, set.slice(border), bytesMax),
  ];
}

export interface Pages {
  /** Names of all pages; `['']` is one page for everything. */
  readonly leaves: readonly string[];
  /** Content of the pages that are needed; a leaf that is missing here is read as empty. */
  readonly pages: ReadonlyMap<string, Uint8Array>;
}

export interface PagesChange {
  readonly leaves: readonly string[];
  /** Pages to write. */
  readonly written: ReadonlyMap<string, Uint8Array>;
  /** Pages that were split and have to go. */
  readonly removed: readonly string[];
  readonly added: number;
}

/** Adds ids to a paged set; every page that `route` names for them must be in `pages`. */
export function addToPages(set: Pages, ids: Uint8Array, bytesMax: number = PAGE_BYTES_MAX): PagesChange {
  const written = new Map<string, Uint8Array>();
  const removed: string[] = [];
  const leaves = new Set(set.leaves);
  let added = 0;
  for (const [leaf, share] of route(set.leaves, ids)) {
    const united = unite(set.pages.get(leaf) ?? new Uint8Array(), share);
    if (united.added === 0) continue;
    added += united.added;
    const parts = splitPage(leaf, united.set, bytesMax);
    if (parts.length > 1) {
      leaves.delete(leaf);
      if (set.pages.has(leaf)) removed.push(leaf);
    }
    for (const [name, bytes] of parts) {
      leaves.add(name);
      written.set(name, bytes);
    }
  }
  return { leaves: [...leaves].sort(), written, removed, added };
}
