// Names of documents and collections: `projects/P/databases/D/documents/COLLECTION/ID/...`.
// Text in, parts out; refuses what is not a name of the wanted kind.
import { invalidArgument } from './firestore-error.ts';

const ROOT_PARTS = 5;
const RESERVED = /^__.*__$/;
const NUMERIC = /^__id-?\d+__$/;

/** Where a document's name stands in the tree. */
export interface NameParts {
  /** The name of the collection that holds the document. */
  readonly collection: string;
  /** The last part of the collection's name. */
  readonly kind: string;
  readonly id: string;
}

/** Splits a document's name at its last slashes; the name is not checked. */
export function splitName(name: string): NameParts {
  const slash = name.lastIndexOf('/');
  const collection = name.slice(0, slash);
  return { collection, kind: collection.slice(collection.lastIndexOf('/') + 1), id: name.slice(slash + 1) };
}

/** Throws INVALID_ARGUMENT unless `name` is a document's name in `database` that may be written. */
export function checkDocumentName(name: string, database: string): void {
  const parts = name.split('/');
  if (!name.startsWith(`${database}/documents/`)) {
    throw invalidArgument(`Document name "${name}" is not in the database "${database}".`);
  }
  if (parts.length <= ROOT_PARTS || parts.length % 2 !== 1 || parts.includes('')) {
    throw invalidArgument(`Document name "${name}" is not a valid document name.`);
  }
  for (const part of parts.slice(ROOT_PARTS)) {
    if (RESERVED.test(part) && !NUMERIC.test(part)) {
      throw invalidArgument(`Resource id "${part}" is invalid because it is reserved.`);
    }
  }
}

/** Whether a field's name is kept for Firestore itself. */
export function isReservedField(name: string): boolean {
  return RESERVED.test(name);
}

/** The bytes that a document's name counts for in the limits. */
export function nameBytes(name: string): number {
  let bytes = 16;
  for (const part of name.split('/').slice(ROOT_PARTS)) bytes += Buffer.byteLength(part) + 1;
  return bytes;
}
