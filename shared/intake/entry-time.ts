// The times that an entry carries in, the time it counts under out.
// A clock that is absurdly wrong is not believed; the minute never depends on when the entry was published.
import { EARLIEST_MS, LATEST_MS, parseMoment } from '../model/moment.ts';

/** How far a VM's clock may run ahead of the time at which Cloud Logging received its entry. */
const CLOCK_AHEAD_MAX_MS = 86_400_000;
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

const UTC = 90;
const DASH = 45;

/**
 * Whether both are dates in UTC and the first is the lesser text: then it is not the later time by more than the digits
 * of a second, whatever the clocks say. Nearly every entry is settled by this, and its second time is never read.
 */
function isInOrder(timestamp: unknown, receiveTimestamp: unknown): boolean {
  return (
    typeof timestamp === 'string' &&
    typeof receiveTimestamp === 'string' &&
    timestamp <= receiveTimestamp &&
    timestamp.charCodeAt(4) === DASH &&
    timestamp.charCodeAt(timestamp.length - 1) === UTC &&
    receiveTimestamp.charCodeAt(receiveTimestamp.length - 1) === UTC
  );
}

/** `timestamp` if plausible, else `receiveTimestamp`, else `publishTimeMs` with minute 0. */
export function entryTime(timestamp: unknown, receiveTimestamp: unknown, publishTimeMs: number): EntryTime {
  const ownMs = momentOf(timestamp) ?? Number.NaN;
  const isPossible = ownMs >= EARLIEST_MS && ownMs < LATEST_MS;
  if (isPossible && isInOrder(timestamp, receiveTimestamp)) return ownTime(ownMs);
  const receivedMs = momentOf(receiveTimestamp) ?? Number.NaN;
  const isReceived = receivedMs >= EARLIEST_MS && receivedMs < LATEST_MS;
  if (isPossible && !(isReceived && ownMs > receivedMs + CLOCK_AHEAD_MAX_MS)) return ownTime(ownMs);
  return isReceived ? ownTime(receivedMs) : { timeMs: publishTimeMs, minute: 0 };
}
