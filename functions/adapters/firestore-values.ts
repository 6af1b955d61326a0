// Times, states and maps of numbers as Firestore documents hold them, and back. «Never» is null there and 0 here.
import { Timestamp } from '@google-cloud/firestore';
import { z } from 'zod';

export const time = z.instanceof(Timestamp).transform((value) => value.toMillis());

export const timeOrNever = z
  .instanceof(Timestamp)
  .nullable()
  .transform((value) => value?.toMillis() ?? 0);

/** The same for a field that documents written earlier lack. */
export const laterTimeOrNever = z
  .instanceof(Timestamp)
  .nullable()
  .default(null)
  .transform((value) => value?.toMillis() ?? 0);

export const incidentState = z.enum(['open', 'acknowledged', 'muted', 'resolved']);

export const severity = z.enum(['info', 'warning', 'error', 'critical']);

/** A map whose names are numbers: Firestore's names are texts. */
export const numbered = <Value>(record: Readonly<Record<string, Value>>): Map<number, Value> =>
  new Map(Object.entries(record).map(([name, value]) => [Number(name), value]));

/** Unix milliseconds as Firestore keeps times. */
export const toTime = (milliseconds: number): Timestamp => Timestamp.fromMillis(Math.round(milliseconds));

export const toTimeOrNever = (milliseconds: number): Timestamp | null =>
  milliseconds === 0 ? null : toTime(milliseconds);
