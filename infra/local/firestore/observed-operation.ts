// What Firestore bills for, as the server tells it to whoever counts.
// Plain data; one operation for each billed unit or query.

/** A billed operation; names are full names of documents. */
export type ObservedOperation =
  /** A document was looked up, whether it exists or not. */
  | { readonly kind: 'read'; readonly name: string }
  /** A query ran; each of its documents, those passed over by an offset too, is a read, and at least one is. */
  | QueryOperation<'query'>
  /** An aggregation ran over so many documents. */
  | QueryOperation<'aggregation'>
  /** Documents of a collection were listed. */
  | QueryOperation<'list'>
  | { readonly kind: 'write'; readonly name: string }
  | { readonly kind: 'delete'; readonly name: string }
  /** A transaction began. */
  | { readonly kind: 'transaction'; readonly mode: 'read-write' | 'read-only' };

interface QueryOperation<Kind extends string> {
  readonly kind: Kind;
  /** The document or database root at which it was asked. */
  readonly parent: string;
  /** Empty for a query over all collections. */
  readonly collectionId: string;
  readonly documents: number;
  /** Documents looked at to find them: not billed, but what the answer takes time for. */
  readonly scanned: number;
}

export type Observe = (operation: ObservedOperation) => void;
