// What is known of a VM → what its heartbeat means, and the texts by which the store keeps the fleet in order.
// Depends on the state alone and on no clock: what was written of a VM stays true until something is written again.
import type { ProxyState } from './fleet.ts';
import { parseMoment } from './moment.ts';

/** The guide: a heartbeat older than this means that the agent is stuck. */
export const HEARTBEAT_STALE_AFTER_MS = 5 * 60_000;

/** Digits of each part of a version: longer ones are no version of Envoy. */
const PART_DIGITS_MAX = 4;

/** Versions that can't be told come last: letters stand behind digits. */
const NO_VERSION = 'unknown';

export type Beat =
  | 'beats'
  /** It stood still when the VM was looked at. */
  | 'silent'
  | 'never'
  /** What stands there is no time. */
  | 'no-time'
  /** It was seen once, and its own clock says that this was long ago: the clock may be wrong, or the agent stands. */
  | 'odd-clock'
  | 'unreadable'
  | 'stopped';

type Known = Pick<ProxyState, 'beatAtMs' | 'heartbeat' | 'seenAtMs' | 'unreadable' | 'unreadableSinceMs'> & {
  readonly vm: Pick<ProxyState['vm'], 'isRunning'>;
};

/**
 * What the heartbeat meant when the state was made. One that goes on is not written each time: as long as nothing else is
 * written, one that beat still beats, and one that stood still has been silent ever since.
 */
export function beatOf({ vm, unreadable, beatAtMs, heartbeat, seenAtMs }: Known): Beat {
  if (!vm.isRunning) return 'stopped';
  if (unreadable !== '') return 'unreadable';
  if (beatAtMs === 0) return heartbeat === '' ? 'never' : 'no-time';
  if (seenAtMs - beatAtMs > HEARTBEAT_STALE_AFTER_MS) return 'silent';
  const claimedMs = parseMoment(heartbeat);
  return claimedMs !== undefined && beatAtMs - claimedMs > HEARTBEAT_STALE_AFTER_MS ? 'odd-clock' : 'beats';
}

const since = (timeMs: number): string => (timeMs > 0 ? ` ${new Date(timeMs).toISOString()}` : '');

/**
 * Sorts by who needs somebody most: agents that never beat, silent ones by how long, VMs of which nothing can be said,
 * those that beat, stopped ones.
 */
export function attentionOf(state: Known): string {
  switch (beatOf(state)) {
    case 'never':
      return '1 silent';
    case 'silent':
      return `1 silent${since(state.beatAtMs)}`;
    case 'unreadable':
      return `2 unknown${since(state.unreadableSinceMs)}`;
    case 'no-time':
    case 'odd-clock':
      return '2 unknown';
    case 'beats':
      return '3 beats';
    case 'stopped':
      return '4 stopped';
  }
}

const VERSION = new RegExp(`(?:^|/)(\\d{1,${PART_DIGITS_MAX}}(?:\\.\\d{1,${PART_DIGITS_MAX}}){2})(?!\\d)`);

/** `1.29.7` out of `hash/1.29.7/Clean/RELEASE/BoringSSL`; undefined where there is none. */
export const versionIn = (proxyVersion: string): string | undefined => VERSION.exec(proxyVersion)?.[1];

/** Sorts as versions do: `0001.0029.0007`; `unknown` where there is none. */
export function versionKeyOf(proxyVersion: string): string {
  const parts = versionIn(proxyVersion)?.split('.');
  return parts?.map((part) => part.padStart(PART_DIGITS_MAX, '0')).join('.') ?? NO_VERSION;
}
