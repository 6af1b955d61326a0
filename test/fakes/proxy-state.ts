// What the sweep knows of one VM, for tests: whole, and easily changed.
import type { ProxyState } from '#shared/model/fleet.ts';
import { T0_MS } from './sightings.ts';

/** What the sweep knows of a VM that runs and beats. */
export const aProxyState = (id: string, changes: Partial<ProxyState> = {}): ProxyState => ({
  vm: {
    id,
    project: 'demo-mesh',
    zone: 'europe-west3-b',
    number: '42',
    name: 'checkout-0000',
    group: 'checkout',
    groupPlace: 'zones/europe-west3-b',
    isRunning: true,
    startedAtMs: T0_MS - 5_000,
    hasGuestAttributes: true,
    isManaged: true,
  },
  heartbeat: '2026-11-01T10:00:00Z',
  beatAtMs: T0_MS,
  bootstrapStatus: 'FINISHED',
  proxyVersion: '',
  lastFailure: 'none of your business',
  failureSinceMs: 0,
  unreadable: '',
  unreadableSinceMs: 0,
  incidents: [],
  seenAtMs: T0_MS + 1,
  lookedAtMs: T0_MS + 1,
  ...changes,
});
