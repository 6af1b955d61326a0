// The incident history in Firestore, for readers: lists and single incidents. Never writes.
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { z } from 'zod';
import type { Incident, IncidentState, TimelineEntry } from '#shared/model/incident.ts';
import { readIncident } from './firestore-documents.ts';

/** Lines of one story that are read at most. */
const TIMELINE_MAX = 500;

const timelineSchema = z
  .object({
    n: z.number(),
    at: z.instanceof(Timestamp).transform((value) => value.toMillis()),
    kind: z.enum([
      'opened',
      'reopened',
      'acknowledged',
      'muted',
      'unmuted',
      'resolved',
      'severity',
      'explained',
      'unexplained',
      'told',
    ]),
    who: z.string(),
    why: z.string(),
  })
  .transform(({ at, ...rest }): TimelineEntry => ({ ...rest, atMs: at }));

export interface History {
  /** Incidents, the latest seen first. */
  readonly list: (wanted: {
    readonly state: IncidentState | 'all';
    readonly limit: number;
  }) => Promise<readonly Incident[]>;
  readonly show: (
    id: string,
  ) => Promise<{ readonly incident: Incident; readonly timeline: readonly TimelineEntry[] } | undefined>;
  readonly close: () => Promise<void>;
}

/** FIRESTORE_EMULATOR_HOST is honoured by the SDK itself. */
export function createFirestoreHistory(settings: {
  readonly project: string;
  readonly database: string;
}): History {
  const db = new Firestore({ projectId: settings.project, databaseId: settings.database });
  const incidents = db.collection('incidents');
  return {
    list: async ({ state, limit }) => {
      const filtered = state === 'all' ? incidents : incidents.where('state', '==', state);
      const found = await filtered.orderBy('lastSeenAt', 'desc').limit(limit).get();
      return found.docs.map((document) => readIncident(document.data()));
    },
    show: async (id) => {
      // An id with a slash would be a path into somewhere else.
      if (id === '' || id.includes('/')) return undefined;
      const document = await incidents.doc(id).get();
      if (!document.exists) return undefined;
      const timeline = await document.ref.collection('timeline').orderBy('n').limit(TIMELINE_MAX).get();
      return {
        incident: readIncident(document.data()),
        timeline: timeline.docs.map((entry) => timelineSchema.parse(entry.data())),
      };
    },
    close: () => db.terminate(),
  };
}
