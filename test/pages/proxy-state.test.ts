// What the fleet's page makes of the state that was written of a VM.
import { expect, test } from 'vitest';
import type { ProxyState } from '#shared/model/fleet.ts';
import { attentionOf, versionKeyOf } from '#shared/model/fleet-order.ts';
import { bootstrapOf, heartbeatOf, oldestSupported, versionOf } from '#shared/pages/proxy-state.ts';
import { isSupported } from '#shared/patterns/envoy-version-unsupported.ts';
import { HEARTBEAT_STALE_AFTER_MS } from '#shared/model/fleet-order.ts';
import { NOW_MS, proxyState } from './history-data.ts';

const MINUTE_MS = 60_000;
const SEEN_MS = NOW_MS - 6 * 3_600_000;

function stateWith(changes: Partial<ProxyState>): ProxyState {
  const beatAtMs = changes.beatAtMs ?? SEEN_MS - 20_000;
  const heartbeat = beatAtMs === 0 ? '' : new Date(beatAtMs).toISOString();
  return { ...proxyState(6), seenAtMs: SEEN_MS, beatAtMs, heartbeat, ...changes };
}

test.for<readonly [string, Partial<ProxyState>, string, string]>([
  ['fresh when it was written', {}, 'good', 'beats'],
  ['just not too old then', { beatAtMs: SEEN_MS - HEARTBEAT_STALE_AFTER_MS }, 'good', 'beats'],
  ['too old then', { beatAtMs: SEEN_MS - HEARTBEAT_STALE_AFTER_MS - 1 }, 'bad', 'silent for 6 h 5 min'],
  ['never there', { beatAtMs: 0 }, 'bad', 'never beat'],
  ['no time', { beatAtMs: 0, heartbeat: 'soon' }, 'unknown', 'no time: soon'],
  ['not to be read', { unreadable: 'needs a role' }, 'unknown', 'not readable: needs a role'],
  ['of a stopped VM', { vm: { ...proxyState(6).vm, isRunning: false } }, 'unknown', 'VM is stopped'],
  [
    'seen once, and old by its own clock',
    { beatAtMs: SEEN_MS, heartbeat: new Date(SEEN_MS - 35 * MINUTE_MS).toISOString() },
    'unknown',
    '6 h 35 min old by its own clock',
  ],
])('a heartbeat that was %s', ([, changes, verdict, text]) => {
  expect(heartbeatOf(stateWith(changes), NOW_MS)).toEqual({ verdict, text });
});

test('the order of the fleet: silent agents by how long, then unknown ones, then those that beat, then stopped VMs', () => {
  const old = SEEN_MS - 60 * MINUTE_MS;
  const inOrder: readonly Partial<ProxyState>[] = [
    { beatAtMs: 0 },
    { beatAtMs: 1 },
    { beatAtMs: old - 1 },
    { beatAtMs: old },
    { beatAtMs: SEEN_MS - HEARTBEAT_STALE_AFTER_MS - 1 },
    { beatAtMs: 0, heartbeat: 'soon' },
    { unreadable: 'x', unreadableSinceMs: old },
    { unreadable: 'x', unreadableSinceMs: SEEN_MS },
    { beatAtMs: SEEN_MS - HEARTBEAT_STALE_AFTER_MS },
    { vm: { ...proxyState(6).vm, isRunning: false }, beatAtMs: 1 },
  ];
  const keys = inOrder.map((changes) => attentionOf(stateWith(changes)));
  expect(keys.toSorted()).toEqual(keys);
  expect(new Set(keys).size).toBe(keys.length);
  expect(attentionOf(stateWith({ beatAtMs: SEEN_MS - 1 }))).toBe(attentionOf(stateWith({})));
});

test('versions are ordered as versions, and what is none comes last', () => {
  const inOrder = [
    '1.9.30',
    'ffff/1.24.9/Clean/RELEASE/BoringSSL',
    'aaaa/1.24.10/Clean/RELEASE/BoringSSL',
    '0000/1.100.0/Clean',
    '1234.0.0',
    'envoy',
  ];
  const keys = inOrder.map(versionKeyOf);
  expect(keys.toSorted()).toEqual(keys);
  expect(new Set(keys).size).toBe(keys.length);
  expect(['', '12345.0.0', '1.2.30000', 'x1.2.3'].map(versionKeyOf)).toEqual(
    Array.from({ length: 4 }, () => versionKeyOf('envoy')),
  );
});

test.for([
  ['FINISHED', 'good'],
  ['FAILED', 'bad'],
  ['IN PROGRESS', 'unknown'],
  ['[none]', 'unknown'],
  ['', 'unknown'],
] as const)('bootstrap-status «%s» is %s', ([bootstrapStatus, verdict]) => {
  expect(bootstrapOf(stateWith({ bootstrapStatus }))).toMatchObject({ verdict });
});

test.for([
  ['2c3b1f8f/1.29.7/Clean/RELEASE/BoringSSL', 'good', '1.29.7'],
  ['2c3b1f8f/1.22.2/Clean/RELEASE/BoringSSL', 'bad', '1.22.2, too old'],
  ['1.24.9', 'good', '1.24.9'],
  ['envoy', 'unknown', 'envoy'],
  ['', 'unknown', '–'],
] as const)('proxy-version «%s» is %s', ([proxyVersion, verdict, text]) => {
  expect(versionOf({ proxyVersion })).toEqual({ verdict, text });
});

test('the minimum that the page names is the one that is judged by', () => {
  expect(isSupported(oldestSupported)).toBe(true);
  expect(isSupported('1.24.8')).toBe(false);
});
