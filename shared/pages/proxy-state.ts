// What the sweep wrote of one VM → what it means now: heartbeat, bootstrap, Envoy version, each with a verdict.
import type { ProxyState } from '#shared/model/fleet.ts';
import { beatOf, versionIn } from '#shared/model/fleet-order.ts';
import { parseMoment } from '#shared/model/moment.ts';
import { isSupported } from '#shared/patterns/envoy-version-unsupported.ts';
import { duration } from './when.ts';

export interface Judged {
  readonly verdict: 'good' | 'bad' | 'unknown';
  readonly text: string;
}

/** The guide's minimum; later lines have minimums of their own. */
export const oldestSupported = '1.24.9';

/** What the heartbeat means; `beatOf` says why a state that was written weeks ago still tells. */
export function heartbeatOf(state: ProxyState, nowMs: number): Judged {
  switch (beatOf(state)) {
    case 'stopped':
      return { verdict: 'unknown', text: 'VM is stopped' };
    case 'unreadable':
      return { verdict: 'unknown', text: `not readable: ${state.unreadable}` };
    case 'never':
      return { verdict: 'bad', text: 'never beat' };
    case 'no-time':
      return { verdict: 'unknown', text: `no time: ${state.heartbeat}` };
    case 'silent':
      return { verdict: 'bad', text: `silent for ${duration(nowMs - state.beatAtMs)}` };
    case 'odd-clock': {
      const claimedMs = parseMoment(state.heartbeat) ?? nowMs;
      return { verdict: 'unknown', text: `${duration(nowMs - claimedMs)} old by its own clock` };
    }
    case 'beats':
      return { verdict: 'good', text: 'beats' };
  }
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
  const version = versionIn(proxyVersion);
  if (version === undefined) return { verdict: 'unknown', text: proxyVersion };
  return isSupported(version) === false
    ? { verdict: 'bad', text: `${version}, too old` }
    : { verdict: 'good', text: version };
}
