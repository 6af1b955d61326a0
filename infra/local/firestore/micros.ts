// Times as the store keeps them: microseconds since 1970 as a number, exact until the year 2255.
import type { Timestamp } from './proto.ts';

/** The wire's form of a time in microseconds. */
export function timestampOf(micros: number): Timestamp {
  const seconds = Math.floor(micros / 1e6);
  return { seconds: String(seconds), nanos: (micros - seconds * 1e6) * 1000 };
}

/** Microseconds of a time on the wire; what is finer is cut off. */
export function microsOf(time: Timestamp): number {
  return Number(time.seconds) * 1e6 + Math.floor(time.nanos / 1000);
}
