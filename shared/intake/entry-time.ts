// The times that an entry carries in, the time it counts under out.
// A clock that is absurdly wrong is not believed; the minute never depends on when the entry was published.
import { EARLIEST_MS, LATEST_MS, parseMoment } from '../model/moment.ts';

/** How far a VM's clock may run ahead of the time at which Cloud Logging received its entry. */
export const CLOCK_AHEAD_MAX_MS = 86_400_000;
const MS_PER_MINUTE = 60_000;

export interface EntryTime {
  readonly timeMs: number;
  /** Minutes since 1970, 0 when the entry itself has no usable time. */
  readonly minute: number;
}

function momentOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseMoment(value) : undefined;
}

/** The time of `ownMs` if it is usable, with its minute. */
export function ownTime(ownMs: number): EntryTime {
  return { timeMs: ownMs, minute: Math.floor(ownMs / MS_PER_MINUTE) };
}

/** `timestamp` if plausible, else `receiveTimestamp`, else `publishTimeMs` with minute 0. */
export function entryTime(timestamp: unknown, receiveTimestamp: unknown, publishTimeMs: number): EntryTime {
  const receivedMs = momentOf(receiveTimestamp);
  const received = receivedMs !== undefined && receivedMs >= EARLIEST_MS && receivedMs < LATEST_MS;
  const latestMs = received ? receivedMs + CLOCK_AHEAD_MAX_MS : LATEST_MS - 1;
  const ownMs = momentOf(timestamp);
  if (ownMs !== undefined && ownMs >= EARLIEST_MS && ownMs <= latestMs) return ownTime(ownMs);
  return received ? ownTime(receivedMs) : { timeMs: publishTimeMs, minute: 0 };
}
