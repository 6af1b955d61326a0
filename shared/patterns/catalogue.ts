// Every failure pattern, alphabetical by id. A new one is one file, one samples file and one line here.
import type { Pattern } from './pattern.ts';
import { agentFailure } from './agent-failure.ts';
import { agentSilent } from './agent-silent.ts';
import { apiDisabled } from './api-disabled.ts';
import { bootstrapFailed } from './bootstrap-failed.ts';
import { bootstrapStuck } from './bootstrap-stuck.ts';
import { configNotFound } from './config-not-found.ts';
import { configRejected } from './config-rejected.ts';
import { controlPlaneUnreachable } from './control-plane-unreachable.ts';
import { dnsFailure } from './dns-failure.ts';
import { envoyCrash } from './envoy-crash.ts';
import { envoyVersionUnsupported } from './envoy-version-unsupported.ts';
import { fleetUnreadable } from './fleet-unreadable.ts';
import { insufficientScopes } from './insufficient-scopes.ts';
import { interceptionFailed } from './interception-failed.ts';
import { listenerRejected } from './listener-rejected.ts';
import { permissionDenied } from './permission-denied.ts';
import { pipelineSilent } from './pipeline-silent.ts';
import { portConflict } from './port-conflict.ts';
import { redirectLoop } from './redirect-loop.ts';
import { resourceExhaustion } from './resource-exhaustion.ts';
import { serverFirstProtocol } from './server-first-protocol.ts';
import { staleHeartbeat } from './stale-heartbeat.ts';
import { tlsCertificate } from './tls-certificate.ts';
import { unauthenticated } from './unauthenticated.ts';
import { unhealthyBackends } from './unhealthy-backends.ts';

const PATTERNS = [
  agentFailure,
  agentSilent,
  apiDisabled,
  bootstrapFailed,
  bootstrapStuck,
  configNotFound,
  configRejected,
  controlPlaneUnreachable,
  dnsFailure,
  envoyCrash,
  envoyVersionUnsupported,
  fleetUnreadable,
  insufficientScopes,
  interceptionFailed,
  listenerRejected,
  permissionDenied,
  pipelineSilent,
  portConflict,
  redirectLoop,
  resourceExhaustion,
  serverFirstProtocol,
  staleHeartbeat,
  tlsCertificate,
  unauthenticated,
  unhealthyBackends,
] as const;

export const CATALOGUE: readonly Pattern[] = PATTERNS;

/** The patterns by type: each knows its id, its fields and the ids of its steps. */
export type CataloguePattern = (typeof PATTERNS)[number];

/** Ids that were used once and must never mean anything else. */
export const RETIRED_IDS: readonly string[] = [];
