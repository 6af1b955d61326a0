// Decoded documents of whole collections, least recently scanned collections dropped first.
// In: what the store reads and commits. Out: scans without decoding. It never holds more than its bound.
import type { StoredDocument } from './stored-document.ts';

/** Roughly how much memory decoded collections may hold in all. */
export const CACHE_BYTES_MAX = 64 * 1024 * 1024;

/** A decoded document takes about this many times its encoded size, and at least the base. */
const DECODED_FACTOR = 4;
const DECODED_BASE_BYTES = 500;

interface CachedCollection {
  readonly documents: Map<string, StoredDocument>;
  bytes: number;
}

/** What a decoded document counts for. */
export function cachedBytes(document: StoredDocument): number {
  return DECODED_BASE_BYTES + document.encodedBytes * DECODED_FACTOR;
}

/** The cache itself; a collection is in it whole or not at all. */
export class CollectionCache {
  readonly #collections = new Map<string, CachedCollection>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The collection's documents by id, or undefined when it is not cached; counts as a use. */
  get(collection: string): ReadonlyMap<string, StoredDocument> | undefined {
    const found = this.#collections.get(collection);
    if (found === undefined) return undefined;
    this.#collections.delete(collection);
    this.#collections.set(collection, found);
    return found.documents;
  }

  /** Takes in a whole collection, in place of others if need be. */
  load(collection: string, documents: Map<string, StoredDocument>): void {
    let bytes = 0;
    for (const document of documents.values()) bytes += cachedBytes(document);
    this.#drop(collection);
    this.#collections.set(collection, { documents, bytes });
    this.#bytes += bytes;
    this.#shrink();
  }

  /** Keeps a cached collection true after a commit; `after` is undefined for a deleted document. */
  change(collection: string, id: string, after: StoredDocument | undefined): void {
    const found = this.#collections.get(collection);
    if (found === undefined) return;
    const before = found.documents.get(id);
    const difference =
      (after === undefined ? 0 : cachedBytes(after)) - (before === undefined ? 0 : cachedBytes(before));
    if (after === undefined) found.documents.delete(id);
    else found.documents.set(id, after);
    found.bytes += difference;
    this.#bytes += difference;
    this.#shrink();
  }

  #drop(collection: string): void {
    this.#bytes -= this.#collections.get(collection)?.bytes ?? 0;
    this.#collections.delete(collection);
  }

  #shrink(): void {
    for (const oldest of this.#collections.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#drop(oldest);
    }
  }
}
