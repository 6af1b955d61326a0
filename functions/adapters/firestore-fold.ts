// One folding transaction in Firestore: the documents it reads, and everything it changes.
import {
  FieldPath,
  FieldValue,
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
  type Transaction,
} from '@google-cloud/firestore';
import { changedEpisodes } from '#shared/model/episode.ts';
import type { Incident, TimelineEntry } from '#shared/model/incident.ts';
import type { FoldChange, FoldTransaction, PageKind } from '../ports.ts';
import {
  hourDocument,
  incidentDocument,
  ledgerDocument,
  pageDocument,
  readHour,
  readIncident,
  readLedger,
  readPage,
} from './firestore-documents.ts';
import { writeEpisodes } from './firestore-roll-up.ts';
import { toTime } from './firestore-values.ts';

const DAY_MS = 86_400_000;

/** Ids outlive Pub/Sub's longest default retention, so that a late repeat is still known. */
export const IDS_KEPT_MS = 8 * DAY_MS;

/** The page of an hour must not expire before the minute pages that it names: it is kept longer once this much is gone. */
const HOUR_RENEWED_AFTER_MS = DAY_MS / 2;

const MINUTES_PER_HOUR = 60;

export interface FoldContext {
  readonly transaction: Transaction;
  readonly db: Firestore;
  /** The incident or the ledger. */
  readonly document: DocumentReference;
  readonly nowMs: number;
}

/** The name of a proxy page is its bits, and the first page has none; a document needs a name. */
const pageId = (kind: PageKind, name: string): string => (kind === 'proxies' ? `p${name}` : name);
const pageName = (kind: PageKind, id: string): string => (kind === 'proxies' ? id.slice(1) : id);

/** The lines of a story, each under its number. */
export function writeTimeline(
  transaction: Transaction,
  incident: DocumentReference,
  timeline: readonly TimelineEntry[],
): void {
  for (const { atMs, ...rest } of timeline)
    transaction.set(incident.collection('timeline').doc(String(rest.n)), { ...rest, at: toTime(atMs) });
}

/** What `Store.fold` hands to its work. */
export function foldTransaction(context: FoldContext): FoldTransaction {
  const { transaction, db, document } = context;
  /** Hours that were read, with the time at which they expire. */
  const expiry = new Map<number, number>();
  let before: Incident | undefined;
  const read = async (references: readonly DocumentReference[]): Promise<DocumentSnapshot[]> => {
    if (references.length === 0) return [];
    const found = await transaction.getAll(...references);
    return found.filter((one) => one.exists);
  };
  return {
    incident: async () => {
      const [found] = await read([document]);
      before = found === undefined ? undefined : readIncident(found.data());
      return before;
    },
    ledger: async () => {
      const [found] = await read([document]);
      return found === undefined ? undefined : readLedger(found.data());
    },
    hours: async (hours) => {
      const found = await read(hours.map((hour) => document.collection('ids').doc(`h${hour}`)));
      return found.map((one) => {
        const { expireAtMs, ...hour } = readHour(one.data());
        expiry.set(hour.hour, expireAtMs);
        return hour;
      });
    },
    pages: async (kind, names) => {
      const found = await read(names.map((name) => document.collection(kind).doc(pageId(kind, name))));
      return new Map(found.map((one) => [pageName(kind, one.id), readPage(one.data())]));
    },
    write: (change) => {
      writeFold(context, change);
      if (change.incident !== undefined)
        writeEpisodes(transaction, db, changedEpisodes(before, change.incident));
      renewHours(context, change, expiry);
    },
  };
}

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
      { startsAt: toTime(hour * MINUTES_PER_HOUR * 60_000), counts, toRoll: true },
      {
        mergeFields: [
          'startsAt',
          'toRoll',
          ...Object.keys(counts).map((minute) => new FieldPath('counts', minute)),
        ],
      },
    );
  writeTimeline(transaction, document, change.timeline);
  for (const id of change.folded) transaction.delete(db.collection('sightings').doc(id));
}

/** The hours whose minute pages are written although they themselves are not. */
function renewHours(context: FoldContext, change: FoldChange, expiry: ReadonlyMap<number, number>): void {
  const written = new Set([...change.hours].map(({ hour }) => hour));
  const minutes = [...change.idPages.keys()].map((name) => Number(/^m(\d+)-/.exec(name)?.[1]));
  for (const hour of new Set(minutes.map((minute) => Math.floor(minute / MINUTES_PER_HOUR)))) {
    const expireAtMs = expiry.get(hour);
    if (expireAtMs === undefined || written.has(hour)) continue;
    const renewed = context.nowMs + IDS_KEPT_MS;
    if (renewed - expireAtMs < HOUR_RENEWED_AFTER_MS) continue;
    const page = context.document.collection('ids').doc(`h${hour}`);
    context.transaction.update(page, { expireAt: toTime(renewed) });
  }
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
