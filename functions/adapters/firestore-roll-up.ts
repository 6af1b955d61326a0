// Episodes and days in Firestore, and the transaction that rolls up: see docs/schema.md for the documents.
// What waits is listed outside the transaction, because a query inside would lock what folds write to.
import {
  FieldValue,
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
  type Transaction,
} from '@google-cloud/firestore';
import { z } from 'zod';
import { episodeId } from '#shared/model/episode.ts';
import type { Day, Episode } from '#shared/model/history.ts';
import type { EpisodeToRoll, HourPlace, RolledEnd, RolledEnds, RollUpChange } from '#shared/model/roll-up.ts';
import type { RollUps, RollUpTransaction } from '../ports.ts';
import { ONCE, READ_LIMITS, TRANSACTION_LIMITS, tryAgain, type Connect } from './firestore-calls.ts';
import {
  incidentState,
  numbered,
  severity,
  time,
  timeOrNever,
  toTime,
  toTimeOrNever,
} from './firestore-values.ts';

const DAY_MS = 86_400_000;

/** The end of an episode that is not over: later than any time, so that one order tells what overlaps a range. */
export const NOT_OVER_MS = Date.UTC(9999, 11, 31);

const rolledEnd = z.object({ day: z.number(), afterMs: z.number() }).nullable().default(null);
const rolledEnds = z
  .object({ acknowledged: rolledEnd, resolved: rolledEnd })
  .default({ acknowledged: null, resolved: null });

const episodeSchema = z.object({
  incident: z.string(),
  episode: z.number(),
  pattern: z.string(),
  scope: z.record(z.string(), z.string()),
  severity,
  state: incidentState,
  openedAt: time,
  acknowledgedAt: timeOrNever,
  resolvedAt: timeOrNever,
  resolvedBy: z.enum(['person', 'proof', 'quiet', '']),
  count: z.number(),
  proxyCount: z.number(),
  rolled: rolledEnds,
  version: z.literal(1),
});

function readEpisodeToRoll(data: unknown): EpisodeToRoll {
  const { openedAt, acknowledgedAt, resolvedAt, rolled, version: _, ...rest } = episodeSchema.parse(data);
  const times = { openedAtMs: openedAt, acknowledgedAtMs: acknowledgedAt, resolvedAtMs: resolvedAt };
  return { episode: { ...rest, ...times }, rolled };
}

/** An episode out of its document. */
export const readEpisode = (data: unknown): Episode => readEpisodeToRoll(data).episode;

/** Document of `episodes/{incident}-{episode}`, without what roll-ups keep in it. */
export function episodeDocument({
  openedAtMs,
  acknowledgedAtMs,
  resolvedAtMs,
  ...rest
}: Episode): Record<string, unknown> {
  return {
    ...rest,
    openedAt: toTime(openedAtMs),
    acknowledgedAt: toTimeOrNever(acknowledgedAtMs),
    resolvedAt: toTimeOrNever(resolvedAtMs),
    endsAt: toTime(resolvedAtMs === 0 ? NOT_OVER_MS : resolvedAtMs),
    version: 1,
  };
}

/** Writes episodes in the transaction that changes their incident; an end that has come waits to be rolled up. */
export function writeEpisodes(transaction: Transaction, db: Firestore, episodes: readonly Episode[]): void {
  for (const episode of episodes) {
    const hasEnd = episode.acknowledgedAtMs > 0 || episode.resolvedAtMs > 0;
    transaction.set(
      db.collection('episodes').doc(episodeId(episode.incident, episode.episode)),
      { ...episodeDocument(episode), ...(hasEnd ? { toRoll: true } : {}) },
      { merge: true },
    );
  }
}

const counts = z.record(z.string(), z.number()).transform(numbered);
const hourSchema = z.object({ counts, rolled: counts.default(new Map()) });

const ends = z.object({
  acknowledged: z.number(),
  acknowledgedMs: z.number(),
  resolved: z.number(),
  resolvedMs: z.number(),
});
const daySchema = z.object({
  day: z.number(),
  slots: z.record(z.string(), counts),
  ends: z.record(z.string(), ends),
  version: z.literal(1),
});

/** A day out of its document. */
export function readDay(data: unknown): Day {
  const { version: _, ...day } = daySchema.parse(data);
  return day;
}

/** Document of `days/{days since 1970}`. */
export function dayDocument({ day, slots, ends: ended }: Day): object {
  const sparse = Object.entries(slots).map(([key, ofKey]) => [key, Object.fromEntries(ofKey)]);
  return { day, startsAt: toTime(day * DAY_MS), slots: Object.fromEntries(sparse), ends: ended, version: 1 };
}

const rolledEndDocument = (end: RolledEnd | null): object | null => (end === null ? null : { ...end });
const rolledEndsDocument = ({ acknowledged, resolved }: RolledEnds): object => ({
  acknowledged: rolledEndDocument(acknowledged),
  resolved: rolledEndDocument(resolved),
});

const hourId = (hour: number): string => `h${hour}`;

/** `incidents/{id}/minutes/h{hour}`, or the same below `ledgers`. */
function placeOf(reference: DocumentReference): HourPlace | undefined {
  const target = reference.parent.parent;
  const hour = Number(reference.id.slice(1));
  if (target === null || !Number.isInteger(hour)) return undefined;
  return { kind: target.parent.id === 'ledgers' ? 'ledger' : 'incident', target: target.id, hour };
}

const referenceOf = (db: Firestore, { kind, target, hour }: HourPlace): DocumentReference =>
  db
    .collection(kind === 'ledger' ? 'ledgers' : 'incidents')
    .doc(target)
    .collection('minutes')
    .doc(hourId(hour));

function rollUpTransaction(transaction: Transaction, db: Firestore): RollUpTransaction {
  const read = async (references: readonly DocumentReference[]): Promise<DocumentSnapshot[]> => {
    if (references.length === 0) return [];
    return (await transaction.getAll(...references)).filter(({ exists }) => exists);
  };
  return {
    hours: async (places) =>
      (await read(places.map((place) => referenceOf(db, place)))).flatMap((document) => {
        const place = placeOf(document.ref);
        return place === undefined ? [] : [{ place, ...hourSchema.parse(document.data()) }];
      }),
    episodes: async (ids) =>
      (await read(ids.map((id) => db.collection('episodes').doc(id)))).map((document) =>
        readEpisodeToRoll(document.data()),
      ),
    days: async (days) =>
      (await read(days.map((day) => db.collection('days').doc(String(day))))).map((document) =>
        readDay(document.data()),
      ),
    write: (change) => writeRollUp(transaction, db, change),
  };
}

function writeRollUp(transaction: Transaction, db: Firestore, change: RollUpChange): void {
  for (const day of change.days)
    transaction.set(db.collection('days').doc(String(day.day)), dayDocument(day));
  for (const { place, rolled } of change.hours)
    transaction.update(referenceOf(db, place), {
      rolled: Object.fromEntries(rolled),
      toRoll: FieldValue.delete(),
    });
  for (const { id, rolled } of change.episodes)
    transaction.update(db.collection('episodes').doc(id), {
      rolled: rolledEndsDocument(rolled),
      toRoll: FieldValue.delete(),
    });
}

/** `db` is the process's one client; nothing here closes it. */
export function createFirestoreRollUps(db: Connect): RollUps {
  return {
    hoursToRoll: (limit) =>
      tryAgain(READ_LIMITS, async () => {
        const flagged = db().collectionGroup('minutes').where('toRoll', '==', true).limit(limit);
        return (await flagged.select().get()).docs.flatMap(({ ref }) => placeOf(ref) ?? []);
      }),
    episodesToRoll: (limit) =>
      tryAgain(READ_LIMITS, async () => {
        const flagged = db().collection('episodes').where('toRoll', '==', true).limit(limit);
        return (await flagged.select().get()).docs.map(({ id }) => id);
      }),
    rollUp: (work) =>
      tryAgain(TRANSACTION_LIMITS, () =>
        db().runTransaction((transaction) => work(rollUpTransaction(transaction, db())), ONCE),
      ),
  };
}
