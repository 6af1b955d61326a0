// Patterns of the user's own: documents of `patterns/{id}`, in the form that docs/patterns.md tells. Reads only.
import { Firestore } from '@google-cloud/firestore';
import type { UserPatterns } from '../ports.ts';

/** More documents than this are not read: the reader of patterns refuses so many. */
const DOCUMENTS_MAX = 101;

/** The client connects at the first use. FIRESTORE_EMULATOR_HOST is honoured by the SDK itself. */
export function createFirestorePatterns(settings: {
  readonly project: string;
  readonly database: string;
}): UserPatterns {
  let client: Firestore | undefined;
  return {
    read: async () => {
      client ??= new Firestore({ projectId: settings.project, databaseId: settings.database });
      const found = await client.collection('patterns').limit(DOCUMENTS_MAX).get();
      return found.docs.map((document) => document.data());
    },
  };
}
