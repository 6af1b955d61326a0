// The store in Firestore: sightings, incidents, ledgers, id sets. One method, one commit or one query.
import {
  FieldPath,
  FieldValue,
  Firestore,
  type DocumentReference,
  type Transaction,
} from '@google-cloud/firestore';
import type { ParkedMessage } from '#shared/model/sighting.ts';
import type { Batch, FoldChange, FoldTransaction, PageKind, Store } from '../ports.ts';
import {
  hourDocument,
  incidentDocument,
  ledgerDocument,
  pageDocument,
  readHour,
  readIncident,
  readLedger,
  readPage,
  readSighting,
  sightingDocument,
  toTime,
} from './firestore-documents.ts';

const DAY_MS = 86_400_000;

/** Ids outlive Pub/Sub's longest default retention, so that a late repeat is still known. */
export const IDS_KEPT_MS = 8 * DAY_MS;

/** Parked messages are kept this long for a person to look at. */
export const PARKED_KEPT_MS = 30 * DAY_MS;

/** Parked messages share a document up to this many characters; a document may hold 1 MiB. */
export const PARKED_DOCUMENT_CHARS_MAX = 200_000;

const MINUTES_PER_HOUR = 60;
const ALREADY_EXISTS = 6;

function hasCode(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

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

/** The client connects at the first use. FIRESTORE_EMULATOR_HOST is honoured by the SDK itself. */
export function createFirestoreStore(settings: {
  readonly project: string;
  readonly database: string;
  readonly nowMs: () => number;
}): Store {
  let client: Firestore | undefined;
  const db = (): Firestore =>
    (client ??= new Firestore({ projectId: settings.project, databaseId: settings.database }));
  const root = (target: { readonly kind: 'incident' | 'ledger'; readonly id: string }): DocumentReference =>
    db()
      .collection(target.kind === 'incident' ? 'incidents' : 'ledgers')
      .doc(target.id);

  const saveBatch = async ({ sightings, parked, atMs }: Batch): Promise<void> => {
    const batch = db().batch();
    for (const sighting of sightings)
      batch.create(db().collection('sightings').doc(), sightingDocument(sighting, atMs));
    for (const messages of shareOut(parked))
      batch.create(db().collection('parked').doc(), {
        messages,
        count: messages.length,
        createdAt: toTime(atMs),
        expireAt: toTime(atMs + PARKED_KEPT_MS),
      });
    try {
      await batch.commit();
    } catch (error) {
      // The ids are random: if they exist, an earlier try of this very commit took effect.
      if (!hasCode(error, ALREADY_EXISTS)) throw error;
    }
  };

  const ids = async (query: FirebaseFirestore.Query): Promise<readonly string[]> =>
    (await query.select().get()).docs.map(({ id }) => id);

  return {
    saveBatch,
    waitingFor: (target, limit) =>
      ids(db().collection('sightings').where('target', '==', target).limit(limit)),
    waitingTargets: async (limit) => {
      const waiting = await db().collection('sightings').limit(limit).select('target').get();
      return [...new Set(waiting.docs.map((document) => String(document.get('target'))))];
    },
    fold: (target, work) =>
      db().runTransaction((transaction) =>
        work(foldTransaction({ transaction, db: db(), document: root(target), nowMs: settings.nowMs() })),
      ),
    incident: async (id) => {
      const document = await root({ kind: 'incident', id }).get();
      return document.exists ? readIncident(document.data()) : undefined;
    },
    changeIncident: (id, change) =>
      db().runTransaction(async (transaction) => {
        const document = await transaction.get(root({ kind: 'incident', id }));
        if (!document.exists) return undefined;
        const changed = change(readIncident(document.data()));
        if (changed !== undefined) transaction.set(document.ref, incidentDocument(changed));
        return changed;
      }),
    due: (nowMs, limit) =>
      ids(db().collection('incidents').where('lookAt', '<=', toTime(nowMs)).orderBy('lookAt').limit(limit)),
  };
}

interface FoldContext {
  readonly transaction: Transaction;
  readonly db: Firestore;
  readonly document: DocumentReference;
  readonly nowMs: number;
}

function foldTransaction(context: FoldContext): FoldTransaction {
  const { transaction, db, document } = context;
  const read = async (
    references: readonly DocumentReference[],
  ): Promise<FirebaseFirestore.DocumentSnapshot[]> => {
    if (references.length === 0) return [];
    const found = await transaction.getAll(...references);
    return found.filter((one) => one.exists);
  };
  return {
    sightings: async (wanted) => {
      const found = await read(wanted.map((id) => db.collection('sightings').doc(id)));
      return found.map((one) => ({ id: one.id, sighting: readSighting(one.data()) }));
    },
    incident: async () => {
      const [found] = await read([document]);
      return found === undefined ? undefined : readIncident(found.data());
    },
    ledger: async () => {
      const [found] = await read([document]);
      return found === undefined ? undefined : readLedger(found.data());
    },
    hours: async (hours) => {
      const found = await read(hours.map((hour) => document.collection('ids').doc(`h${hour}`)));
      return found.map((one) => readHour(one.data()));
    },
    pages: async (kind: PageKind, names) => {
      const found = await read(names.map((name) => document.collection(kind).doc(pageId(kind, name))));
      return new Map(found.map((one) => [pageName(kind, one.id), readPage(one.data())]));
    },
    write: (change) => writeFold(context, change),
  };
}

/** The name of a proxy page is its bits, and the first page has none; a document needs a name. */
const pageId = (kind: PageKind, name: string): string => (kind === 'proxies' ? `p${name}` : name);
const pageName = (kind: PageKind, id: string): string => (kind === 'proxies' ? id.slice(1) : id);

function writeFold({ transaction, db, document, nowMs }: FoldContext, change: FoldChange): void {
  if (change.incident !== undefined) transaction.set(document, incidentDocument(change.incident));
  if (change.ledger !== undefined) transaction.set(document, ledgerDocument(change.ledger));
  const expireAtMs = nowMs + IDS_KEPT_MS;
  const idsOf = document.collection('ids');
  const proxiesOf = document.collection('proxies');
  for (const hour of change.hours)
    transaction.set(idsOf.doc(`h${hour.hour}`), hourDocument(hour, expireAtMs));
  for (const [name, page] of change.idPages) transaction.set(idsOf.doc(name), pageDocument(page, expireAtMs));
  for (const name of change.removedIdPages) transaction.delete(idsOf.doc(name));
  for (const [name, page] of change.proxyPages)
    transaction.set(proxiesOf.doc(pageId('proxies', name)), pageDocument(page, undefined));
  for (const name of change.removedProxyPages) transaction.delete(proxiesOf.doc(pageId('proxies', name)));
  for (const [hour, counts] of byHour(change.minutes))
    transaction.set(
      document.collection('minutes').doc(`h${hour}`),
      { startsAt: toTime(hour * MINUTES_PER_HOUR * 60_000), counts },
      { mergeFields: ['startsAt', ...Object.keys(counts).map((minute) => new FieldPath('counts', minute))] },
    );
  for (const entry of change.timeline) {
    const { atMs, ...rest } = entry;
    transaction.set(document.collection('timeline').doc(String(entry.n)), { ...rest, at: toTime(atMs) });
  }
  for (const id of change.folded) transaction.delete(db.collection('sightings').doc(id));
}

/** Minute of the hour → increment, by hour: the plot's documents are added to, never read. */
function byHour(minutes: ReadonlyMap<number, number>): Map<number, Record<string, FieldValue>> {
  const hours = new Map<number, Record<string, FieldValue>>();
  for (const [minute, count] of minutes) {
    const hour = Math.floor(minute / MINUTES_PER_HOUR);
    const counts = hours.get(hour) ?? {};
    counts[String(minute % MINUTES_PER_HOUR)] = FieldValue.increment(count);
    hours.set(hour, counts);
  }
  return hours;
}
