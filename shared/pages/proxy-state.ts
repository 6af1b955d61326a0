// What the sweep wrote of one VM → what it means now: heartbeat, bootstrap, Envoy version, each with a verdict.
import type { ProxyState } from '#shared/model/fleet.ts';
import { parseMoment } from '#shared/model/moment.ts';
import { isSupported } from '#shared/patterns/envoy-version-unsupported.ts';
import { HEARTBEAT_STALE_AFTER_MS } from '#shared/patterns/stale-heartbeat.ts';
import { duration } from './when.ts';

export interface Judged {
  readonly verdict: 'good' | 'bad' | 'unknown';
  readonly text: string;
}

/** The guide's minimum; later lines have minimums of their own. */
export const oldestSupported = '1.24.9';

/** True where the heartbeat stood still when the VM was looked at last. */
function stoodStill(state: ProxyState): boolean {
  return state.beatAtMs > 0 && state.seenAtMs - state.beatAtMs > HEARTBEAT_STALE_AFTER_MS;
}

/**
 * A heartbeat that goes on is not written each time: as long as nothing was written since, a fresh one still beats. One
 * that stood still when it was written has been silent ever since.
 */
export function heartbeatOf(state: ProxyState, nowMs: number): Judged {
  if (!state.vm.isRunning) return { verdict: 'unknown', text: 'VM is stopped' };
  if (state.unreadable !== '') return { verdict: 'unknown', text: `not readable: ${state.unreadable}` };
  if (state.beatAtMs === 0)
    return state.heartbeat === ''
      ? { verdict: 'bad', text: 'never beat' }
      : { verdict: 'unknown', text: `no time: ${state.heartbeat}` };
  if (stoodStill(state)) return { verdict: 'bad', text: `silent for ${duration(nowMs - state.beatAtMs)}` };
  // A heartbeat that was seen once counts from then on, whatever it says: the VM's clock may be wrong, or it may stand.
  const claimedMs = parseMoment(state.heartbeat);
  if (claimedMs !== undefined && state.beatAtMs - claimedMs > HEARTBEAT_STALE_AFTER_MS)
    return { verdict: 'unknown', text: `${duration(nowMs - claimedMs)} old by its own clock` };
  return { verdict: 'good', text: 'beats' };
}

/** The agent's own word for how starting the proxy went. */
export function bootstrapOf({ bootstrapStatus, unreadable }: ProxyState): Judged {
  if (bootstrapStatus === '' || unreadable !== '')
    return { verdict: 'unknown', text: bootstrapStatus === '' ? '–' : bootstrapStatus };
  if (/^finished$/i.test(bootstrapStatus)) return { verdict: 'good', text: bootstrapStatus };
  if (/^fail/i.test(bootstrapStatus)) return { verdict: 'bad', text: bootstrapStatus };
  return { verdict: 'unknown', text: bootstrapStatus };
}

/** `1.29.7` out of `hash/1.29.7/Clean/RELEASE/BoringSSL`, against the minimum. */
export function versionOf({ proxyVersion }: Pick<ProxyState, 'proxyVersion'>): Judged {
  if (proxyVersion === '') return { verdict: 'unknown', text: '–' };
  const version = /(?:^|\/)(\d{1,4}\.\d{1,4}\.\d{1,4})/.exec(proxyVersion)?.[1];
  if (version === undefined) return { verdict: 'unknown', text: proxyVersion };
  return isSupported(version) === false
    ? { verdict: 'bad', text: `${version}, too old` }
    : { verdict: 'good', text: version };
}
