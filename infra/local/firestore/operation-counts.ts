// Adds up what Firestore would bill, so that cost is seen and not guessed. In: observed operations. Out: sums.
import type { Observe } from './observed-operation.ts';

export interface OperationCounts {
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
  /** Transactions begun; a commit without a read needs none. */
  readonly transactions: number;
  /** Writes by the collection that the document lies in. */
  readonly writesTo: Readonly<Record<string, number>>;
}

/** `projects/p/databases/d/documents/incidents/x/ids/y` lies in `ids`. */
function collectionOf(name: string): string {
  return name.split('/').at(-2) ?? '';
}

/** Starts from zero. */
export function countOperations(): { readonly observe: Observe; readonly counts: () => OperationCounts } {
  const sums = { reads: 0, writes: 0, deletes: 0, transactions: 0 };
  const writesTo: Record<string, number> = {};
  return {
    observe: (operation) => {
      switch (operation.kind) {
        case 'read':
          sums.reads += 1;
          return;
        case 'query':
        case 'list':
          sums.reads += Math.max(operation.documents, 1);
          return;
        case 'aggregation':
          // Billed by index entries, a thousand at a time.
          sums.reads += Math.max(Math.ceil(operation.documents / 1_000), 1);
          return;
        case 'write': {
          const collection = collectionOf(operation.name);
          sums.writes += 1;
          writesTo[collection] = (writesTo[collection] ?? 0) + 1;
          return;
        }
        case 'delete':
          sums.deletes += 1;
          return;
        case 'transaction':
          sums.transactions += 1;
          return;
      }
    },
    counts: () => ({ ...sums, writesTo: { ...writesTo } }),
  };
}
