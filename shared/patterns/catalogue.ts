// Every failure pattern, alphabetical by id. A new one is one file, one samples file and one line here.
import type { Pattern } from './pattern.ts';
import { configNotFound } from './config-not-found.ts';
import { envoyVersionUnsupported } from './envoy-version-unsupported.ts';
import { listenerRejected } from './listener-rejected.ts';
import { staleHeartbeat } from './stale-heartbeat.ts';

export const CATALOGUE: readonly Pattern[] = [
  configNotFound,
  envoyVersionUnsupported,
  listenerRejected,
  staleHeartbeat,
];

/** Ids that were used once and must never mean anything else. */
export const RETIRED_IDS: readonly string[] = [];
