// The agent beside the proxy (service-proxy agent, OS Config, guest agent) reports a failure of its own.
// The guide, «agent-last-failure»: it may heal by the agent's next check, so only what lasts counts.
import type { LogRecord } from '#shared/model/record.ts';
import { normaliseReason } from './listener-rejected.ts';
import { definePattern, groupLocation, HOUR_MS, type Found } from './pattern.ts';
import { or, recreateCommand, sh } from './shell.ts';

type Name = 'failure' | 'agent' | 'group' | 'groupLocation';

/** What heals at the next check as a rule: the guide's own example, and everything else about reaching something. */
const TRANSIENT =
  /cannot (?:reach|connect)|(?:un|not |un-?)(?:reachable|available)|time(?:d)?[ -]?out|deadline exceeded|connection (?:refused|reset|closed)|temporar|try again|\bEOF\b|\b50[0234]\b|no such host|context canceled/i;
const NO_VALUE = /^(?:\[?none\]?|null|-|n\/a)?$/i;
const AGENTS =
  /^(?:service-proxy-agent|OSConfigAgent|GCEGuestAgent|google_guest_agent|google_osconfig_agent)$/;

/** Errors by name only: an agent that is told to end, keys that grow old, services that a machine does not have. */
const HARMLESS =
  /context canceled|expired key|Failed to try-(?:restart|reload)\S{0,40} \S{1,80}: Unit \S{1,80} not (?:found|loaded)/;

/** An agent's name stands in front of its line on the serial port; in its own log the log says whose line it is. */
function isOwnError(record: LogRecord): boolean {
  if (record.level !== 'error' && record.level !== 'critical') return false;
  if (HARMLESS.test(record.text.slice(0, 1000))) return false;
  if (AGENTS.test(record.component)) return true;
  return record.source === 'service-proxy-agent' && record.component === '' && !record.bare;
}

function lastFailure(record: LogRecord, transient: boolean): Found<Name> | undefined {
  const failure = (record.attributes['agent-last-failure'] ?? '').trim();
  if (NO_VALUE.test(failure) || TRANSIENT.test(failure) !== transient) return undefined;
  const where =
    record.attributes['group-place'] === undefined ? {} : { groupLocation: groupLocation(record) };
  return { failure, agent: 'service-proxy-agent', group: record.proxy.group, ...where };
}

export const agentFailure = definePattern<Name>()({
  id: 'agent-failure',
  title: 'The agent beside the proxy fails',
  severity: 'error',
  fields: ['failure', 'agent', 'group', 'groupLocation'],
  signs: [
    {
      kind: 'attribute',
      name: 'last-failure',
      attribute: 'agent-last-failure',
      read: (record) => lastFailure(record, false),
    },
    {
      kind: 'attribute',
      name: 'last-failure-transient',
      weight: 'weak',
      attribute: 'agent-last-failure',
      read: (record) => lastFailure(record, true),
    },
    {
      kind: 'text',
      name: 'api-server',
      weight: 'weak',
      contains: ['API server'],
      sources: ['service-proxy-agent', 'agent', 'serial-port', 'guest-attributes', 'unknown'],
      regexp:
        /(?<failure>\b(?:cannot|could not|can't|failed to|unable to) (?:reach|connect to|contact|access) (?:the )?(?:Cloud Service Mesh|Traffic Director|Google Cloud Service Mesh) API server.{0,200})/i,
      read: (record, found) => ({ ...found, agent: 'service-proxy-agent', group: record.proxy.group }),
    },
    {
      kind: 'text',
      name: 'unit',
      contains: [
        'service-proxy-agent.service',
        'google-guest-agent.service',
        'google-osconfig-agent.service',
        'roxy Agent',
        'roxy agent',
        'Google Guest Agent',
        'Google OSConfig Agent',
        'Google OS Config Agent',
      ],
      regexp:
        /(?<failure>\b(?<agent>service-proxy-agent|google-guest-agent|google-osconfig-agent)\.service: (?:Failed with result|Main process exited, code=(?:dumped|killed|exited, status=[1-9])|Start request repeated too quickly).{0,200}|\bUnit (?:service-proxy-agent|google-guest-agent|google-osconfig-agent)\.service entered failed state|\bFailed to start .{0,40}(?:[Ss]ervice[ -][Pp]roxy [Aa]gent|Google (?:Guest|OSConfig|OS Config) Agent).{0,40})/i,
      sources: ['agent', 'serial-port', 'service-proxy-agent', 'unknown'],
      read: (record, found) => ({ ...found, agent: found.agent ?? '', group: record.proxy.group }),
    },
    {
      // What Google's guest agents write at level error, to Cloud Logging or as `TIME AGENT Error FILE.go:12: …` to the serial port.
      kind: 'text',
      name: 'own-error',
      weight: 'weak',
      contains: [
        'rror',
        'fail',
        'Fail',
        'annot',
        'nable',
        'code: ',
        'imeout',
        'imed out',
        'nexpected',
        'nvalid',
      ],
      regexp: /^(?<failure>.{1,1000})/,
      read: (record, found) =>
        isOwnError(record)
          ? { ...found, agent: or(record.component, 'service-proxy-agent'), group: record.proxy.group }
          : undefined,
    },
  ],
  scope: (found, record) => ({
    project: record.proxy.project,
    group: found.group ?? '',
    failure: normaliseReason(found.failure ?? ''),
  }),
  headline: ({ fields, scope }) =>
    `${or(fields.agent, 'The agent')} fails on ${or(scope['group'], 'a VM')}: ${or(scope['failure'], 'no reason given')}`,
  cause: ({ fields }) =>
    `${or(fields.agent, 'The agent')} cannot do its work; until it can, new services get no interception on this VM.`,
  checks: ['guest-attributes', 'egress-firewall', 'vm-scopes', 'api-state'],
  remedy: ({ fields, scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'wait',
        say: 'Wait a few minutes and read the last failure again: many heal at the next check.',
        run: sh`gcloud compute instances get-guest-attributes ${instance} --query-path=gce-service-proxy/ --zone=${zone} --project=${project}`,
      },
      {
        id: 'connectivity',
        say: 'It stays: see whether the VM reaches the control plane.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'curl -sS -m 5 -o /dev/null https://trafficdirector.googleapis.com:443 && echo reachable; sudo journalctl -u service-proxy-agent.service -n 50 --no-pager'}`,
      },
      {
        id: 'recreate',
        say: 'Nothing helps: recreate the VM.',
        run: recreateCommand({
          group: or(fields.group, 'INSTANCE_GROUP'),
          instance,
          place: or(fields.groupLocation, zone),
          project,
        }),
      },
    ];
  },
  explains: ['agent-silent'],
  yieldsTo: [
    // Whatever names a cause beats the agent's complaint about it.
    'api-disabled',
    'bootstrap-failed',
    'config-not-found',
    'config-rejected',
    'control-plane-unreachable',
    'dns-failure',
    'envoy-crash',
    'envoy-version-unsupported',
    'insufficient-scopes',
    'interception-failed',
    'listener-rejected',
    'permission-denied',
    'port-conflict',
    'redirect-loop',
    'resource-exhaustion',
    'server-first-protocol',
    'stale-heartbeat',
    'tls-certificate',
    'unauthenticated',
    'unhealthy-backends',
  ],
  gone: { quietAfterMs: HOUR_MS / 2, proof: 'agent-last-failure is empty or older than the heartbeat' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'GoogleCloudPlatform/guest-logging-go: logger/logger.go',
  ],
});
