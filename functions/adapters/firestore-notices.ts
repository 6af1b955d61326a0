// Silences and maintenance windows in `silences/{id}`, what was held back in `ledgers/{id}`, and lists of incidents. The
// list of silences is kept for half a minute, for it is asked at every look at every incident.
import { type Firestore, type Query, type QuerySnapshot, Timestamp } from '@google-cloud/firestore';
import { z } from 'zod';
import type { Incident } from '#shared/model/incident.ts';
import type { Silence } from '#shared/model/notification.ts';
import type { Log, Notices } from '../ports.ts';
import {
  ONCE,
  READ_LIMITS,
  SILENCES_LIMITS,
  TRANSACTION_LIMITS,
  tryAgain,
  type Connect,
} from './firestore-calls.ts';
import { readIncident, readLedger } from './firestore-documents.ts';
import { time, toTime } from './firestore-values.ts';

/** A silence is heard of by every instance after this long. */
export const SILENCES_KEPT_MS = 30_000;

/** Where Firestore does not answer, an older list is used up to this age: it is right about most silences. */
export const SILENCES_STALE_MS_MAX = 10 * 60_000;

/** After a failure nobody waits for the list again for this long. */
export const SILENCES_AGAIN_MS = 10_000;

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
  const latest = (query: Query): Promise<QuerySnapshot> =>
    tryAgain(READ_LIMITS, () => query.orderBy('lastSeenAt', 'desc').limit(limit).get());
  const found =
    which === 'all'
      ? [await latest(all)]
      : await Promise.all(NOT_OVER.map((state) => latest(all.where('state', '==', state))));
  return found
    .flatMap(({ docs }) => docs.map((document) => readIncident(document.data())))
    .toSorted((a, b) => b.evidence.lastSeenMs - a.evidence.lastSeenMs)
    .slice(0, limit);
}

interface NoticeSettings {
  /** The process's one client; nothing here closes it. */
  readonly db: Connect;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** A document that makes no sense keeps nothing quiet, and nothing else from being kept quiet. */
async function readSilences({ db, nowMs, log }: NoticeSettings): Promise<readonly Silence[]> {
  const query = db()
    .collection('silences')
    .where('until', '>', Timestamp.fromMillis(nowMs()))
    .orderBy('until')
    .limit(SILENCES_MAX);
  const found = await tryAgain(SILENCES_LIMITS, () => query.get());
  return found.docs.flatMap((document) => {
    const parsed = silenceSchema.safeParse(document.data());
    if (parsed.success) return [parsed.data];
    log.write('ERROR', 'a silence of unknown form is not heard', { silence: document.id });
    return [];
  });
}

interface SilenceList {
  readonly get: () => Promise<readonly Silence[]>;
  /** Makes the next `get` read it. */
  readonly drop: () => void;
}

/** The list, read again when it is older than SILENCES_KEPT_MS. `get` rejects if it could not be read for long. */
function keepSilences(settings: NoticeSettings): SilenceList {
  const { nowMs } = settings;
  let kept: { readonly silences: readonly Silence[]; readonly atMs: number } | undefined;
  let failure: { readonly error: unknown; readonly untilMs: number } | undefined;
  let reading: Promise<readonly Silence[]> | undefined;

  const read = (): Promise<readonly Silence[]> => {
    const atMs = nowMs();
    const mine: Promise<readonly Silence[]> = readSilences(settings).then(
      (silences) => {
        failure = undefined;
        // What was dropped meanwhile may lack what was just added.
        if (reading === mine) kept = { silences, atMs };
        if (reading === mine) reading = undefined;
        return silences;
      },
      (error: unknown) => {
        failure = { error, untilMs: nowMs() + SILENCES_AGAIN_MS };
        if (reading === mine) reading = undefined;
        throw error;
      },
    );
    reading = mine;
    return mine;
  };

  const orStale = (error: unknown): readonly Silence[] => {
    if (kept !== undefined && nowMs() < kept.atMs + SILENCES_STALE_MS_MAX) return kept.silences;
    throw error;
  };

  return {
    get: async () => {
      const atMs = nowMs();
      if (kept !== undefined && atMs < kept.atMs + SILENCES_KEPT_MS) return kept.silences;
      if (failure !== undefined && atMs < failure.untilMs) return orStale(failure.error);
      try {
        return await (reading ?? read());
      } catch (error) {
        return orStale(error);
      }
    },
    drop: () => {
      kept = undefined;
      reading = undefined;
    },
  };
}

/** What people asked to keep quiet, and what was held back anyway. */
export function createFirestoreNotices(settings: NoticeSettings): Notices {
  const { db } = settings;
  const list = keepSilences(settings);
  const silences = () => db().collection('silences');
  return {
    silences: list.get,
    addSilence: async (silence) => {
      const document = silenceDocument(silence);
      await tryAgain(TRANSACTION_LIMITS, () => silences().doc(silence.id).set(document));
      list.drop();
    },
    endSilence: async (id, nowMs) => {
      const ended = await tryAgain(TRANSACTION_LIMITS, () =>
        db().runTransaction(async (transaction) => {
          const found = await transaction.get(silences().doc(id));
          if (found.exists) transaction.update(found.ref, { until: toTime(nowMs) });
          return found.exists;
        }, ONCE),
      );
      list.drop();
      return ended;
    },
    incidents: (which, limit) => latestIncidents(db(), which, limit),
    ledgers: async () => {
      const found = await tryAgain(READ_LIMITS, () => db().collection('ledgers').limit(LEDGERS_MAX).get());
      return found.docs.map((document) => readLedger(document.data()));
    },
    ledger: async (id) => {
      const document = await tryAgain(READ_LIMITS, () => db().collection('ledgers').doc(id).get());
      return document.exists ? readLedger(document.data()) : undefined;
    },
  };
}
