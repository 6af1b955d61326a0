// Documents in SQLite: lookups, scans and atomic commits that survive a crash of the process.
// In: names and whole documents. Out: the same. It knows nothing of transactions, queries or the wire.
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { CACHE_BYTES_MAX, CollectionCache, cachedBytes } from './collection-cache.ts';
import { splitName } from './document-name.ts';
import { IndexStore } from './index-store.ts';
import type { IndexForm } from './index-form.ts';
import type { Codec } from './codec.ts';
import type { DocumentChange, StoredDocument } from './stored-document.ts';

/** A query that has to look at more documents than this gets an index, which the next one of its form uses. */
const SCANNED_MAX = 500;

type Row = Readonly<Record<string, SQLOutputValue>>;

// An index of (collection, id) is the primary key; the other one finds the collections of one kind.
const SCHEMA = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS documents (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (collection, id)
  );
  CREATE INDEX IF NOT EXISTS documents_by_kind ON documents (kind, collection);
`;

/** The documents of one data file; only one process may have the file open. */
export class DocumentStore {
  readonly indexes: IndexStore;
  readonly #database: DatabaseSync;
  readonly #codec: Codec;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #cache = new CollectionCache(CACHE_BYTES_MAX);
  readonly #scannedMax: number;
  #lastMicros: number;
  #lastCommitMicros: number;

  constructor(dataFile: string, codec: Codec, scannedMax = SCANNED_MAX) {
    this.#scannedMax = scannedMax;
    this.#database = new DatabaseSync(dataFile);
    this.#database.exec(SCHEMA);
    this.#codec = codec;
    this.#statements = prepare(this.#database);
    this.indexes = new IndexStore(this.#database);
    const newest = this.#database.prepare('SELECT max(updated) AS newest FROM documents').get();
    this.#lastMicros = Number(newest?.['newest'] ?? 0);
    this.#lastCommitMicros = this.#lastMicros;
  }

  /** The time of the newest commit, in microseconds. */
  get lastCommitMicros(): number {
    return this.#lastCommitMicros;
  }

  /** The present in microseconds: later than every time handed out before. */
  nextMicros(): number {
    this.#lastMicros = Math.max(this.#lastMicros + 1, Date.now() * 1000);
    return this.#lastMicros;
  }

  get(name: string): StoredDocument | undefined {
    const { collection, id } = splitName(name);
    const cached = this.#cache.get(collection);
    if (cached !== undefined) return cached.get(id);
    const row = this.#statements.get.get(collection, id);
    return row === undefined ? undefined : this.#decode(collection, row);
  }

  /** Every document of one collection, in no particular order. */
  *scan(collection: string): Generator<StoredDocument> {
    const cached = this.#cache.get(collection);
    if (cached !== undefined) {
      yield* cached.values();
      return;
    }
    // What fits is kept for the next scan; what does not is only streamed.
    const loading = new Map<string, StoredDocument>();
    let bytes = 0;
    for (const row of this.#statements.scan.iterate(collection)) {
      const document = this.#decode(collection, row);
      bytes += cachedBytes(document);
      if (bytes <= CACHE_BYTES_MAX) loading.set(String(row['id']), document);
      else loading.clear();
      yield document;
    }
    if (bytes <= CACHE_BYTES_MAX) this.#cache.load(collection, loading);
  }

  /** The ids of one collection's documents in the order of their bytes. */
  ids(collection: string): string[] {
    return this.#statements.ids.all(collection).map((row) => String(row['id']));
  }

  /** The first name of a collection that holds documents, from `from` on and below `below`. */
  nextCollection(from: string, below: string): string | undefined {
    const found = this.#statements.nextCollection.get(from, below)?.['collection'];
    return typeof found === 'string' ? found : undefined;
  }

  /** All collections below `parent` that hold documents; only those named `kind` unless it is empty. */
  *collectionsBelow(parent: string, kind: string): Generator<string> {
    const below = `${parent}0`;
    let found = `${parent}/`;
    for (;;) {
      const row =
        kind === ''
          ? this.#statements.nextCollection.get(found, below)
          : this.#statements.nextOfKind.get(kind, found, below);
      if (row === undefined) return;
      found = String(row['collection']);
      yield found;
      found += '\0';
    }
  }

  /** Writes all changes or none; a name without a document is deleted. */
  commit(changes: ReadonlyMap<string, DocumentChange | undefined>, atMicros: number): void {
    const stored = [...changes].map(([name, change]) => {
      if (change === undefined) return { name, data: undefined, document: undefined };
      const data = this.#codec.encodeFields(change.fields);
      return { name, data, document: { ...change, encodedBytes: data.length } };
    });
    const inOne = stored.length > 1 || stored.some(({ name }) => this.indexes.covers(splitName(name).kind));
    if (inOne) this.#statements.begin.run();
    try {
      for (const { name, data, document } of stored) {
        if (this.indexes.covers(splitName(name).kind)) this.indexes.change(name, this.get(name), document);
        this.#write(name, data, document);
      }
      if (inOne) this.#statements.commit.run();
    } catch (error) {
      if (inOne) this.#statements.rollback.run();
      throw error;
    }
    this.#lastCommitMicros = atMicros;
    for (const { name, document } of stored) {
      const { collection, id } = splitName(name);
      this.#cache.change(collection, id, document);
    }
  }

  /** Makes the index of a form if a query without it had to look at too many documents. */
  wantIndex(form: IndexForm, scanned: number): void {
    if (scanned <= this.#scannedMax || this.indexes.state(form) !== 'none') return;
    this.indexes.build(form, this.#ofKind(form.kind));
  }

  close(): void {
    this.#database.close();
  }

  *#ofKind(kind: string): Generator<StoredDocument> {
    for (const { collection } of this.#statements.collectionsOfKind.all(kind)) {
      const name = String(collection);
      for (const row of this.#statements.scan.iterate(name)) yield this.#decode(name, row);
    }
  }

  #write(name: string, data: Buffer | undefined, document: StoredDocument | undefined): void {
    const { collection, id, kind } = splitName(name);
    if (data === undefined || document === undefined) this.#statements.remove.run(collection, id);
    else {
      const { createdMicros, updatedMicros } = document;
      this.#statements.put.run(collection, id, kind, createdMicros, updatedMicros, data);
    }
  }

  #decode(collection: string, row: Row): StoredDocument {
    const data = row['data'];
    if (!(data instanceof Uint8Array)) throw new Error(`the data file holds no document in ${collection}`);
    return {
      name: `${collection}/${String(row['id'])}`,
      fields: this.#codec.decodeFields(Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
      createdMicros: Number(row['created']),
      updatedMicros: Number(row['updated']),
      encodedBytes: data.byteLength,
    };
  }
}

function prepare(database: DatabaseSync) {
  return {
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK'),
    get: database.prepare('SELECT id, created, updated, data FROM documents WHERE collection = ? AND id = ?'),
    scan: database.prepare('SELECT id, created, updated, data FROM documents WHERE collection = ?'),
    ids: database.prepare('SELECT id FROM documents WHERE collection = ? ORDER BY id'),
    put: database.prepare(
      `INSERT INTO documents (collection, id, kind, created, updated, data) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (collection, id) DO UPDATE SET
         created = excluded.created, updated = excluded.updated, data = excluded.data`,
    ),
    remove: database.prepare('DELETE FROM documents WHERE collection = ? AND id = ?'),
    nextCollection: database.prepare(
      'SELECT collection FROM documents WHERE collection >= ? AND collection < ? ORDER BY collection LIMIT 1',
    ),
    collectionsOfKind: database.prepare('SELECT DISTINCT collection FROM documents WHERE kind = ?'),
    nextOfKind: database.prepare(
      `SELECT collection FROM documents
       WHERE kind = ? AND collection >= ? AND collection < ? ORDER BY collection LIMIT 1`,
    ),
  };
}
