// A document as the server holds it in memory, between the store and the wire.
// Plain data; the fields are shared between readers, so they are never changed in place.
import type { Fields } from './proto.ts';

/** A document that exists; times are microseconds since 1970. */
export interface StoredDocument {
  readonly name: string;
  readonly fields: Fields;
  readonly createdMicros: number;
  readonly updatedMicros: number;
  readonly encodedBytes: number;
}

/** A document to be written; the store works out how it is encoded. */
export type DocumentChange = Omit<StoredDocument, 'encodedBytes'>;
