// Silences and maintenance windows in `silences/{id}`, and what was held back in `ledgers/{id}`. The list of silences is
// kept for half a minute, for it is asked at every look at every incident.
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { z } from 'zod';
import type { Incident } from '#shared/model/incident.ts';
import type { Silence } from '#shared/model/notification.ts';
import type { Boards, Notices } from '../ports.ts';
import { boardDocument, boardSchema, emptyBoard } from './firestore-board.ts';
import { readIncident, readLedger } from './firestore-documents.ts';
import { time, toTime } from './firestore-values.ts';

/** A silence is heard of by every instance after this long. */
export const SILENCES_KEPT_MS = 30_000;

/** More silences than this at once are no silences but a fault in how they are made. */
const SILENCES_MAX = 200;

/** Projects whose ledgers one summary adds up. */
const LEDGERS_MAX = 1_000;

const NOT_OVER = ['open', 'acknowledged', 'muted'] as const;

const silenceSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['silence', 'maintenance']),
    pattern: z.string(),
    project: z.string(),
    scope: z.record(z.string(), z.string()),
    from: time,
    until: time,
    reason: z.string(),
    by: z.string(),
  })
  .transform(({ from, until, ...rest }): Silence => ({ ...rest, fromMs: from, untilMs: until }));

/** Document of `silences/{id}`. */
function silenceDocument({ fromMs, untilMs, ...rest }: Silence): Record<string, unknown> {
  return { ...rest, from: toTime(fromMs), until: toTime(untilMs) };
}

/** Incidents, the latest seen first. One query per state: the same index serves the list of the history. */
async function latestIncidents(
  db: Firestore,
  which: 'open' | 'all',
  limit: number,
): Promise<readonly Incident[]> {
  const all = db.collection('incidents');
  const latest = (query: FirebaseFirestore.Query): Promise<FirebaseFirestore.QuerySnapshot> =>
    query.orderBy('lastSeenAt', 'desc').limit(limit).get();
  const found =
    which === 'all'
      ? [await latest(all)]
      : await Promise.all(NOT_OVER.map((state) => latest(all.where('state', '==', state))));
  return found
    .flatMap(({ docs }) => docs.map((document) => readIncident(document.data())))
    .toSorted((a, b) => b.evidence.lastSeenMs - a.evidence.lastSeenMs)
    .slice(0, limit);
}

/** The client connects at the first use. FIRESTORE_EMULATOR_HOST is honoured by the SDK itself. */
export function createFirestoreNotices(settings: {
  readonly project: string;
  readonly database: string;
  readonly nowMs: () => number;
}): Notices & { readonly boards: Boards } {
  let client: Firestore | undefined;
  const db = (): Firestore =>
    (client ??= new Firestore({ projectId: settings.project, databaseId: settings.database }));
  let known: { readonly silences: Promise<readonly Silence[]>; readonly untilMs: number } | undefined;

  const read = async (): Promise<readonly Silence[]> => {
    const found = await db()
      .collection('silences')
      .where('until', '>', Timestamp.fromMillis(settings.nowMs()))
      .orderBy('until')
      .limit(SILENCES_MAX)
      .get();
    return found.docs.map((document) => silenceSchema.parse(document.data()));
  };

  return {
    silences: () => {
      const nowMs = settings.nowMs();
      if (known === undefined || nowMs >= known.untilMs) {
        const silences = read();
        known = { silences, untilMs: nowMs + SILENCES_KEPT_MS };
        // A list that could not be read is asked for again at the next look.
        silences.catch(() => (known = undefined));
      }
      return known.silences;
    },
    addSilence: async (silence) => {
      await db().collection('silences').doc(silence.id).set(silenceDocument(silence));
      known = undefined;
    },
    endSilence: async (id, nowMs) => {
      const document = db().collection('silences').doc(id);
      const ended = await db().runTransaction(async (transaction) => {
        const found = await transaction.get(document);
        if (!found.exists) return false;
        transaction.update(document, { until: toTime(nowMs) });
        return true;
      });
      known = undefined;
      return ended;
    },
    incidents: (which, limit) => latestIncidents(db(), which, limit),
    boards: {
      change: (channel, change) =>
        db().runTransaction(async (transaction) => {
          const document = db().collection('boards').doc(channel);
          const found = await transaction.get(document);
          const before = found.exists ? boardSchema.parse(found.data()) : emptyBoard(channel);
          const after = change(before);
          if (after !== before) transaction.set(document, boardDocument(after));
          return after;
        }),
    },
    ledgers: async () => {
      const found = await db().collection('ledgers').limit(LEDGERS_MAX).get();
      return found.docs.map((document) => readLedger(document.data()));
    },
    ledger: async (id) => {
      const document = await db().collection('ledgers').doc(id).get();
      return document.exists ? readLedger(document.data()) : undefined;
    },
  };
}
