// Patterns of the user's own: documents of `patterns/{id}`, in the form that docs/patterns.md tells. Reads only.
// Every request waits for this reading when it is due, so it has the deadlines of all other calls.
import type { UserPatterns } from '../ports.ts';
import { READ_LIMITS, tryAgain, type Connect } from './firestore-calls.ts';

/** More documents than this are not read: the reader of patterns refuses so many. */
const DOCUMENTS_MAX = 101;

/** `db` is the process's one client; nothing here closes it. */
export function createFirestorePatterns(db: Connect): UserPatterns {
  return {
    read: () =>
      tryAgain(READ_LIMITS, async () => {
        const found = await db().collection('patterns').limit(DOCUMENTS_MAX).get();
        return found.docs.map((document) => document.data());
      }),
  };
}
