// The store in Firestore: sightings, incidents, ledgers, id sets. One method, one commit or one query.
import { Firestore, type DocumentReference, type Query } from '@google-cloud/firestore';
import { z } from 'zod';
import { changedEpisodes } from '#shared/model/episode.ts';
import type { ParkedMessage } from '#shared/model/sighting.ts';
import type { Batch, Store } from '../ports.ts';
import {
  codeOf,
  ONCE,
  READ_LIMITS,
  SAVE_LIMITS,
  TRANSACTION_LIMITS,
  tryAgain,
  type Connect,
} from './firestore-calls.ts';
import { incidentDocument, readIncident, readSighting, sightingDocument } from './firestore-documents.ts';
import { foldTransaction, writeTimeline } from './firestore-fold.ts';
import { writeEpisodes } from './firestore-roll-up.ts';
import { time, toTime } from './firestore-values.ts';

/** Parked messages are kept this long for a person to look at. */
const PARKED_KEPT_MS = 30 * 86_400_000;

/** Parked messages share a document up to this many characters; a document may hold 1 MiB. */
const PARKED_DOCUMENT_CHARS_MAX = 200_000;

/** Firestore takes 30 alternatives in one query: these patterns in three states. */
const EXPLAINING_PATTERNS_MAX = 10;

const UNRESOLVED = ['open', 'acknowledged', 'muted'];
const ALREADY_EXISTS = 6;

const explainerSchema = z
  .object({ id: z.string(), pattern: z.string(), explainedBy: z.string().default(''), openedAt: time })
  .transform(({ openedAt, ...rest }) => ({ ...rest, openedAtMs: openedAt }));

function shareOut(parked: readonly ParkedMessage[]): readonly (readonly ParkedMessage[])[] {
  const documents: ParkedMessage[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const message of parked) {
    const size = message.data.length + message.detail.length + 500;
    if (chars + size > PARKED_DOCUMENT_CHARS_MAX) {
      documents.push([]);
      chars = 0;
    }
    documents.at(-1)?.push(message);
    chars += size;
  }
  return documents;
}

/** What a batch creates, each under a random id that stays the same however often it is tried. */
function documentsOf(db: Firestore, { sightings, parked, atMs }: Batch) {
  return [
    ...sightings.map((sighting) => ({
      reference: db.collection('sightings').doc(),
      data: sightingDocument(sighting, atMs),
    })),
    ...shareOut(parked).map((messages) => ({
      reference: db.collection('parked').doc(),
      data: {
        messages,
        count: messages.length,
        createdAt: toTime(atMs),
        expireAt: toTime(atMs + PARKED_KEPT_MS),
      },
    })),
  ];
}

const idsOf = (query: Query): Promise<readonly string[]> =>
  tryAgain(READ_LIMITS, async () => (await query.select().get()).docs.map(({ id }) => id));

const dueQuery = (db: Firestore, nowMs: number): Query =>
  db.collection('incidents').where('lookAt', '<=', toTime(nowMs)).orderBy('lookAt');

const findExplainers: (
  db: Firestore,
  wanted: Parameters<Store['explainers']>[0],
) => ReturnType<Store['explainers']> = async (db, { project, patterns, limit }) => {
  if (patterns.length === 0) return [];
  const query = db
    .collection('incidents')
    .where('projects', 'array-contains', project)
    .where('pattern', 'in', patterns.slice(0, EXPLAINING_PATTERNS_MAX))
    .where('state', 'in', UNRESOLVED)
    .limit(limit)
    .select('id', 'pattern', 'explainedBy', 'openedAt');
  const found = await tryAgain(READ_LIMITS, () => query.get());
  return found.docs.map((document) => explainerSchema.parse(document.data()));
};

const createAll = (db: Firestore, documents: ReturnType<typeof documentsOf>): Promise<void> =>
  tryAgain(SAVE_LIMITS, async () => {
    try {
      // Without a read the SDK starts no transaction and sends one plain commit; unlike WriteBatch.commit it then
      // keeps to the deadline of our settings and leaves trying again to us.
      await db.runTransaction((commit) => {
        for (const { reference, data } of documents) commit.create(reference, data);
        return Promise.resolve();
      }, ONCE);
    } catch (error) {
      // The ids are random: if they exist, an earlier try of this very commit took effect.
      if (codeOf(error) !== ALREADY_EXISTS) throw error;
    }
  });

/** `db` is the process's one client; nothing here closes it. */
export function createFirestoreStore(settings: {
  readonly db: Connect;
  readonly nowMs: () => number;
}): Store {
  const { db } = settings;
  const root = (target: { readonly kind: 'incident' | 'ledger'; readonly id: string }): DocumentReference =>
    db()
      .collection(target.kind === 'incident' ? 'incidents' : 'ledgers')
      .doc(target.id);
  const advanceIncident: Store['advanceIncident'] = (id, change) =>
    tryAgain(TRANSACTION_LIMITS, () =>
      db().runTransaction(async (transaction) => {
        const document = await transaction.get(root({ kind: 'incident', id }));
        if (!document.exists) return undefined;
        const before = readIncident(document.data());
        const advance = change(before);
        if (advance === undefined) return undefined;
        transaction.set(document.ref, incidentDocument(advance.incident));
        writeTimeline(transaction, document.ref, advance.timeline);
        writeEpisodes(transaction, db(), changedEpisodes(before, advance.incident));
        return advance.incident;
      }, ONCE),
    );

  return {
    saveBatch: (batch) => createAll(db(), documentsOf(db(), batch)),
    waitingFor: (target, limit) =>
      tryAgain(READ_LIMITS, async () => {
        const waiting = await db().collection('sightings').where('target', '==', target).limit(limit).get();
        return waiting.docs.map((one) => ({ id: one.id, sighting: readSighting(one.data()) }));
      }),
    waitingTargets: (limit) =>
      tryAgain(READ_LIMITS, async () => {
        const waiting = await db().collection('sightings').limit(limit).select('target').get();
        return [...new Set(waiting.docs.map((document) => String(document.get('target'))))];
      }),
    fold: (target, work) =>
      tryAgain(TRANSACTION_LIMITS, () =>
        db().runTransaction(
          (transaction) =>
            work(foldTransaction({ transaction, db: db(), document: root(target), nowMs: settings.nowMs() })),
          ONCE,
        ),
      ),
    incident: (id) =>
      tryAgain(READ_LIMITS, async () => {
        const document = await root({ kind: 'incident', id }).get();
        return document.exists ? readIncident(document.data()) : undefined;
      }),
    advanceIncident,
    changeIncident: (id, change) =>
      advanceIncident(id, (now) => {
        const incident = change(now);
        return incident === undefined ? undefined : { incident, timeline: [] };
      }),
    due: (nowMs, limit) => idsOf(dueQuery(db(), nowMs).limit(limit)),
    explainers: (wanted) => findExplainers(db(), wanted),
  };
}
