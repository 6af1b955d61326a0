// Sightings and incidents for tests: small, whole, and easily changed.
import { onEvidence, unborn } from '#shared/incident/lifecycle.ts';
import { NO_EVIDENCE } from '#shared/incident/fold.ts';
import type { Evidence, Incident } from '#shared/model/incident.ts';
import type { Sighting } from '#shared/model/sighting.ts';

/** 2026-11-01T10:00:00Z. */
export const T0_MS = Date.UTC(2026, 10, 1, 10, 0, 0);
export const MINUTE_MS = 60_000;

/** Packed ids as a sighting holds them. */
export const pack = (ids: readonly bigint[]): Uint8Array =>
  new Uint8Array(BigUint64Array.from(ids.map((id) => BigInt.asUintN(64, id))).buffer);

/** Spreads small numbers over all 64 bits, as hashes are. */
export const spread = (n: number): bigint => BigInt.asUintN(64, BigInt(n + 1) * 0x9e3779b97f4a7c15n);

/** A sighting of incident `target` with these entries, one minute's worth; `entries` are small numbers. */
export function aSighting(entries: readonly number[], changes: Partial<Sighting> & { minute?: number } = {}) {
  const { minute = T0_MS / MINUTE_MS, ...rest } = changes;
  const atMs = minute * MINUTE_MS;
  const sighting: Sighting = {
    kind: 'incident',
    target: 'config-not-found-0123456789abcdef',
    pattern: 'config-not-found',
    scope: { network: 'prod-vpc', project: '1' },
    severity: 'critical',
    fields: { kind: 'network', name: 'prod-vpc' },
    projects: ['demo-project'],
    firstSeenMs: atMs,
    lastSeenMs: atMs + 1_000,
    slices: [{ minute, label: 'sure', ids: pack(entries.map(spread)) }],
    proxyIds: pack(entries.map((entry) => spread(entry % 3))),
    proxies: [
      {
        id: '9e3779b97f4a7c15',
        project: 'demo-project',
        location: 'europe-west3-b',
        name: '4242424242424242424',
        displayName: 'checkout-x2x4',
        group: 'checkout',
      },
    ],
    samples: [
      {
        timeMs: atMs,
        entry: '0000000000000001',
        proxy: 'checkout-x2x4',
        logName: 'projects/demo-project/logs/envoy_err',
        message: 'Traffic Director configuration was not found for network "prod-vpc"',
      },
    ],
    ...rest,
  };
  return sighting;
}

/** The ledger's own kind of sighting. */
export function aLedgerSighting(entries: readonly number[], label = 'routine:stream-rotation'): Sighting {
  const { slices, ...sighting } = aSighting(entries, {
    kind: 'ledger',
    target: 'ledger-demo-project',
    pattern: '',
    scope: { project: 'demo-project' },
    severity: 'info',
    fields: {},
    proxyIds: new Uint8Array(),
    proxies: [],
    samples: [],
  });
  return { ...sighting, slices: slices.map((slice) => ({ ...slice, label })) };
}

/** An open incident that one entry made. */
export function anOpenIncident(
  id: string,
  pattern: string,
  changes: Partial<Incident> & { readonly seen?: Partial<Evidence> } = {},
): Incident {
  const { seen, ...rest } = changes;
  const evidence: Evidence = {
    ...NO_EVIDENCE,
    count: 1,
    labels: { sure: 1 },
    firstSeenMs: T0_MS,
    lastSeenMs: T0_MS,
    projects: ['demo-project'],
    fieldsTimeMs: T0_MS,
    severity: 'critical',
    ...seen,
  };
  const fresh = { evidence, firstMs: T0_MS, lastMs: T0_MS };
  const { incident } = onEvidence(unborn(id, pattern, { project: 'demo-project' }), fresh, T0_MS);
  return { ...incident, ...rest };
}
