// Indexes in SQLite, beside the documents: an index is made when a query over many documents first asks for its form.
// In: forms, changed documents, ranges of keys. Out: names in order. It is changed inside the caller's commit.
import type { DatabaseSync } from 'node:sqlite';
import { entriesOf, type IndexForm } from './index-form.ts';
import { splitName } from './document-name.ts';
import { compareText } from './values.ts';
import type { DocumentChange } from './stored-document.ts';

/** Forms of queries that get an index; a query of a further form looks at every document. */
export const INDEXES_MAX = 64;

/** Entries that are fetched at once. */
const ENTRIES_TOGETHER = 100;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS indexes (
    id INTEGER PRIMARY KEY,
    form TEXT NOT NULL UNIQUE,
    refused INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS entries (
    definition INTEGER NOT NULL,
    scope TEXT NOT NULL,
    key BLOB NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (definition, scope, key)
  ) WITHOUT ROWID;
`;

/** An index; one that is refused meets values that its keys can't order, and is not used any more. */
interface Index {
  readonly id: number;
  readonly form: IndexForm;
  isRefused: boolean;
}

/** The part of an index that a query has to look at: keys from `from`, below `below`. */
export interface KeyRange {
  readonly from: Buffer;
  readonly below: Buffer;
}

export interface IndexEntry {
  readonly key: Buffer;
  readonly name: string;
}

/** The indexes of one data file. */
export class IndexStore {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #indexes = new Map<string, Index>();
  readonly #ofKind = new Map<string, Index[]>();

  constructor(database: DatabaseSync) {
    database.exec(SCHEMA);
    this.#database = database;
    this.#statements = prepare(database);
    for (const row of this.#statements.all.all()) {
      const form: IndexForm = JSON.parse(String(row['form']));
      this.#know({ id: Number(row['id']), form, isRefused: Number(row['refused']) === 1 });
    }
  }

  /** Whether documents of this kind are in any index. */
  covers(kind: string): boolean {
    return this.#ofKind.has(kind);
  }

  /** Whether the form has an index: `none` = not yet, `never` = it can't have one. */
  state(form: IndexForm): 'ready' | 'none' | 'never' {
    const index = this.#indexes.get(JSON.stringify(form));
    if (index === undefined) return this.#indexes.size < INDEXES_MAX ? 'none' : 'never';
    return index.isRefused ? 'never' : 'ready';
  }

  /** Makes the index of a form from all documents of its kind. */
  build(form: IndexForm, documents: Iterable<DocumentChange>): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const text = JSON.stringify(form);
      const id = Number(this.#statements.add.run(text).lastInsertRowid);
      const index: Index = { id, form, isRefused: false };
      const entries = sortedEntries(form, documents);
      if (entries === 'no-key') this.#refuse(index);
      else for (const { scope, key, name } of entries) this.#statements.put.run(id, scope, key, name);
      this.#database.exec('COMMIT');
      this.#know(index);
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Keeps all indexes true to one changed document, inside the transaction that changes it. */
  change(name: string, before: DocumentChange | undefined, after: DocumentChange | undefined): void {
    for (const index of this.#ofKind.get(splitName(name).kind) ?? []) {
      if (index.isRefused) continue;
      const old = before === undefined ? undefined : entriesOf(index.form, before);
      const now = after === undefined ? undefined : entriesOf(index.form, after);
      if (now === 'no-key') {
        this.#refuse(index);
        continue;
      }
      const kept = new Set(now?.keys.map((key) => key.toString('latin1')));
      if (old !== undefined && old !== 'no-key')
        for (const key of old.keys) {
          if (!kept.delete(key.toString('latin1'))) this.#statements.remove.run(index.id, old.scope, key);
        }
      for (const key of now?.keys ?? [])
        if (kept.has(key.toString('latin1'))) this.#statements.put.run(index.id, now?.scope ?? '', key, name);
    }
  }

  /** The entries of one part of an index in the order of their keys, fetched as they are asked for. */
  *scan(form: IndexForm, scope: string, { from, below }: KeyRange): Generator<IndexEntry> {
    const id = this.#indexes.get(JSON.stringify(form))?.id;
    if (id === undefined) return;
    for (let start = from; ;) {
      const rows = this.#statements.scan.all(id, scope, start, below, ENTRIES_TOGETHER);
      for (const { key, name } of rows) {
        if (!(key instanceof Uint8Array)) throw new Error('the data file holds an index without keys');
        const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
        yield { key: bytes, name: String(name) };
        // The first key after this one.
        start = Buffer.concat([bytes, Buffer.of(0)]);
      }
      if (rows.length < ENTRIES_TOGETHER) return;
    }
  }

  #know(index: Index): void {
    this.#indexes.set(JSON.stringify(index.form), index);
    const { kind } = index.form;
    this.#ofKind.set(kind, [...(this.#ofKind.get(kind) ?? []), index]);
  }

  #refuse(index: Index): void {
    index.isRefused = true;
    this.#statements.refuse.run(index.id);
    this.#statements.clear.run(index.id);
  }
}

/** All entries of an index in the order in which the table keeps them: so it grows at its end only, which is quick. */
function sortedEntries(
  form: IndexForm,
  documents: Iterable<DocumentChange>,
): readonly (IndexEntry & { readonly scope: string })[] | 'no-key' {
  const all: (IndexEntry & { readonly scope: string })[] = [];
  for (const document of documents) {
    const entries = entriesOf(form, document);
    if (entries === 'no-key') return entries;
    for (const key of entries.keys) all.push({ scope: entries.scope, key, name: document.name });
  }
  return all.sort((a, b) => compareText(a.scope, b.scope) || Buffer.compare(a.key, b.key));
}

function prepare(database: DatabaseSync) {
  return {
    all: database.prepare('SELECT id, form, refused FROM indexes'),
    add: database.prepare('INSERT INTO indexes (form) VALUES (?)'),
    refuse: database.prepare('UPDATE indexes SET refused = 1 WHERE id = ?'),
    clear: database.prepare('DELETE FROM entries WHERE definition = ?'),
    put: database.prepare(
      'INSERT OR REPLACE INTO entries (definition, scope, key, name) VALUES (?, ?, ?, ?)',
    ),
    remove: database.prepare('DELETE FROM entries WHERE definition = ? AND scope = ? AND key = ?'),
    scan: database.prepare(
      `SELECT key, name FROM entries
       WHERE definition = ? AND scope = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`,
    ),
  };
}
