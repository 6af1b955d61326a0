// An incident for tests of what is said: open, told to nobody, easily changed.
import { NO_EVIDENCE } from '#shared/incident/fold.ts';
import { NOBODY_TOLD, unborn } from '#shared/incident/lifecycle.ts';
import type { Evidence, Incident, Spoken } from '#shared/model/incident.ts';

export const OPENED_MS = Date.UTC(2026, 10, 1, 10, 0, 0);

interface Changes {
  readonly incident?: Partial<Incident>;
  readonly evidence?: Partial<Evidence>;
  readonly spoken?: Partial<Spoken>;
}

export function anIncident(changes: Changes = {}): Incident {
  return {
    ...unborn('config-not-found-0123456789abcdef', 'config-not-found', {
      network: 'prod-vpc',
      project: '123456789012',
    }),
    episode: 1,
    openedAtMs: OPENED_MS,
    evidence: {
      ...NO_EVIDENCE,
      count: 240,
      labels: { sure: 240 },
      firstSeenMs: OPENED_MS,
      lastSeenMs: OPENED_MS + 120_000,
      proxyCount: 12,
      proxies: [
        {
          id: '0000000000000001',
          project: 'demo-project',
          location: 'europe-west3-b',
          name: '4242424242424242424',
          displayName: 'checkout-x2x4',
          group: 'checkout',
        },
      ],
      projects: ['demo-project'],
      samples: [
        {
          timeMs: OPENED_MS,
          entry: '00000000000000aa',
          proxy: 'checkout-x2x4',
          logName: 'projects/demo-project/logs/envoy_err',
          message:
            'StreamAggregatedResources gRPC config stream to trafficdirector.googleapis.com:443 closed: 5, Traffic Director configuration was not found for network "prod-vpc" in project "123456789012".',
        },
      ],
      severity: 'critical',
      fields: { kind: 'network', name: 'prod-vpc', projectNumber: '123456789012' },
      fieldsTimeMs: OPENED_MS,
      ...changes.evidence,
    },
    spoken: { ...NOBODY_TOLD, ...changes.spoken },
    ...changes.incident,
  };
}
