// Every check, and which of them an incident gets: those its pattern names, as far as they apply.
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { apiState } from './api-state.ts';
import { backendHealth } from './backend-health.ts';
import type { Check, Subject } from './check.ts';
import { egressFirewall } from './egress-firewall.ts';
import { egressRoute } from './egress-route.ts';
import { envoyConfig } from './envoy-config.ts';
import { forwardingRules } from './forwarding-rules.ts';
import { envoyVersions, guestAttributes } from './guest-attributes.ts';
import { instanceGroup } from './instance-group.ts';
import { meshes } from './meshes.ts';
import { projectPolicy } from './project-policy.ts';
import { serviceProxyMetadata } from './service-proxy-metadata.ts';
import { vmScopes } from './vm-scopes.ts';

/** Alphabetical by id. */
export const CHECKS: readonly Check[] = [
  apiState,
  backendHealth,
  egressFirewall,
  egressRoute,
  envoyConfig,
  envoyVersions,
  forwardingRules,
  guestAttributes,
  instanceGroup,
  meshes,
  projectPolicy,
  serviceProxyMetadata,
  vmScopes,
];

/** Ids of the checks that the pattern names; none for an error that no pattern knows. */
function namedBy(pattern: string): readonly string[] {
  return CATALOGUE.find(({ id }) => id === pattern)?.checks ?? [];
}

/** Whether there is anything to check for incidents of this pattern. */
export const hasChecks = (pattern: string): boolean => namedBy(pattern).length > 0;

/** The checks of one incident, most telling first. */
export function checksOf(subject: Subject): readonly Check[] {
  return namedBy(subject.pattern)
    .map((id) => CHECKS.find((check) => check.id === id))
    .filter((check) => check !== undefined)
    .filter((check) => check.applies(subject));
}
