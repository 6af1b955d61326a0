// The agent of a VM wrote to its log before and writes no more, although the VM runs. Silence makes no log entry:
// `watch` makes one, with agent-silent-seconds and, where it knows, the longest silence that is usual for that agent.
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, groupLocation, HOUR_MS, MINUTE_MS, type Found } from './pattern.ts';
import { or, recreateCommand, sh } from './shell.ts';

type Name = 'silentSeconds' | 'usualSeconds' | 'heartbeat' | 'group';

/** Less than this is no silence, however talkative the agent usually is. */
export const SILENT_AFTER_MS = HOUR_MS;
/** So many times the longest usual silence is unusual. */
const SILENT_FACTOR = 3;
/** Where nothing is known about its habits, a day. */
const SILENT_UNKNOWN_AFTER_MS = 24 * HOUR_MS;

function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function found(record: LogRecord, silent: number): Found<Name> {
  return {
    silentSeconds: String(silent),
    usualSeconds: record.attributes['agent-usual-gap-seconds'] ?? '',
    heartbeat: record.attributes['agent-heartbeat'] ?? '',
    group: record.proxy.group,
  };
}

export const agentSilent = definePattern<Name>()({
  id: 'agent-silent',
  title: 'The service-proxy agent writes no more',
  severity: 'warning',
  fields: ['silentSeconds', 'usualSeconds', 'heartbeat', 'group'],
  signs: [
    {
      kind: 'attribute',
      name: 'against-its-habit',
      attribute: 'agent-silent-seconds',
      read: (record) => {
        const silent = secondsOf(record.attributes['agent-silent-seconds']);
        const usual = secondsOf(record.attributes['agent-usual-gap-seconds']);
        if (silent === undefined || usual === undefined) return undefined;
        const isUnusual = silent * 1_000 > SILENT_AFTER_MS && silent > SILENT_FACTOR * usual;
        return isUnusual ? found(record, silent) : undefined;
      },
    },
    {
      // Agents that have nothing to say are silent as well: without a habit to compare with, only lasting tells.
      kind: 'attribute',
      name: 'for-a-day',
      weight: 'weak',
      attribute: 'agent-silent-seconds',
      read: (record) => {
        const silent = secondsOf(record.attributes['agent-silent-seconds']);
        if (silent === undefined || secondsOf(record.attributes['agent-usual-gap-seconds']) !== undefined)
          return undefined;
        return silent * 1_000 > SILENT_UNKNOWN_AFTER_MS ? found(record, silent) : undefined;
      },
    },
  ],
  scope: (_found, record) => ({
    project: record.proxy.project,
    location: groupLocation(record),
    group: or(record.proxy.group, record.proxy.displayName),
  }),
  headline: ({ scope }) => `The service-proxy agent writes no more on ${or(scope['group'], 'a VM')}`,
  cause: ({ fields }) =>
    fields.heartbeat === undefined
      ? 'The agent has stopped, or what it writes no longer reaches Cloud Logging (scope, role or API of logging).'
      : 'The agent still reports a heartbeat, so it runs, but what it writes no longer reaches Cloud Logging (scope, role or API of logging).',
  checks: ['guest-attributes', 'vm-scopes', 'api-state', 'project-policy'],
  remedy: ({ fields, scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, or(scope['location'], 'ZONE'));
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'heartbeat',
        say: 'See whether the agent is alive: its heartbeat must not be older than 5 minutes.',
        run: sh`gcloud compute instances get-guest-attributes ${instance} --query-path=gce-service-proxy/ --zone=${zone} --project=${project}`,
      },
      {
        id: 'logging',
        say: 'Alive but silent: the Logging API must be enabled, the scope logging.write and the role logging.logWriter granted; the library drops entries without a word.',
        run: sh`gcloud services list --enabled --project=${project} --filter=config.name=logging.googleapis.com`,
      },
      {
        id: 'recreate',
        say: 'Dead: recreate the VM.',
        run: recreateCommand({
          group: or(fields.group, 'INSTANCE_GROUP'),
          instance,
          place: or(scope['location'], 'ZONE'),
          project,
        }),
      },
    ];
  },
  explains: [],
  // What the same look at the VM says outright beats what its silence suggests.
  yieldsTo: ['agent-failure', 'bootstrap-failed', 'bootstrap-stuck', 'stale-heartbeat'],
  gone: { quietAfterMs: 30 * MINUTE_MS, proof: 'the agent writes to its log again' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'GoogleCloudPlatform/guest-logging-go: logger/logger.go',
  ],
});
