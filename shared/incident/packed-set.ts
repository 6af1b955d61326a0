// Packed sets of 64-bit ids: sorted, 8 bytes each, little-endian, in pages small enough for one document each.
// A set that outgrows a page splits it by the next bit of the id; the names of the pages are their bits.

export const ID_BYTES = 8;

/** A page never grows past this: a Firestore document may hold 1 MiB, and a quarter of it still reads quickly. */
export const PAGE_BYTES_MAX = 256 * 1024;

export interface United {
  /** Sorted, distinct. */
  readonly set: Uint8Array;
  /** How many ids were not in the set before. */
  readonly added: number;
}

/** Adds ids (any order, maybe repeated) to a sorted packed set. Adding again changes nothing. */
export function unite(set: Uint8Array, more: Uint8Array): United {
  const old = Math.floor(set.length / ID_BYTES);
  const ids = new BigUint64Array(old + Math.floor(more.length / ID_BYTES));
  // Copied byte by byte into memory of its own: what a client hands over may be a view into a pool that others use.
  const bytes = new Uint8Array(ids.buffer);
  bytes.set(set.subarray(0, old * ID_BYTES));
  bytes.set(more.subarray(0, ids.byteLength - old * ID_BYTES), old * ID_BYTES);
  ids.sort();
  const length = dropRepeats(new Uint32Array(ids.buffer));
  return { set: bytes.slice(0, length * ID_BYTES), added: length - old };
}

/** Moves the distinct ones of sorted ids to the front and counts them; by halves, for a BigInt each would cost memory. */
function dropRepeats(halves: Uint32Array): number {
  let length = 0;
  for (let at = 0; at < halves.length; at += 2) {
    const low = halves[at] ?? 0;
    const high = halves[at + 1] ?? 0;
    if (at > 0 && halves[length - 2] === low && halves[length - 1] === high) continue;
    halves[length] = low;
    halves[length + 1] = high;
    length += 2;
  }
  return length / 2;
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
