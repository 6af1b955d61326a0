// The service-proxy agent on a VM has stopped: its heartbeat, a guest attribute, is older than five minutes.
// The guide, «the agent on the VM is not running»: recreate the VM. No log line ever says so by itself.
import { HEARTBEAT_STALE_AFTER_MS } from '#shared/model/fleet-order.ts';
import { parseMoment } from '#shared/model/moment.ts';
import { definePattern, groupLocation, HOUR_MS } from './pattern.ts';
import { or, recreateCommand, sh } from './shell.ts';

export const staleHeartbeat = definePattern<'heartbeat' | 'ageSeconds' | 'group'>()({
  id: 'stale-heartbeat',
  title: 'The service-proxy agent has stopped',
  severity: 'error',
  fields: ['heartbeat', 'ageSeconds', 'group'],
  signs: [
    {
      kind: 'attribute',
      name: 'heartbeat',
      attribute: 'agent-heartbeat',
      // The value's format is documented nowhere: what can't be read as a time is unknown, never stale.
      read: (record) => {
        const value = record.attributes['agent-heartbeat'] ?? '';
        const beatMs = parseMoment(value);
        if (beatMs === undefined || record.timeMs - beatMs <= HEARTBEAT_STALE_AFTER_MS) return undefined;
        return {
          heartbeat: new Date(beatMs).toISOString(),
          ageSeconds: String(Math.round((record.timeMs - beatMs) / 1000)),
          group: record.proxy.group,
        };
      },
    },
  ],
  scope: (_found, record) => ({
    project: record.proxy.project,
    location: groupLocation(record),
    group: or(record.proxy.group, record.proxy.displayName),
  }),
  headline: ({ scope }) => `The service-proxy agent has stopped on ${or(scope['group'], 'a VM')}`,
  cause: ({ fields }) =>
    `The agent last acted at ${or(fields.heartbeat, 'an unknown time')}, more than 5 minutes before it was looked at; new services get no interception on this VM.`,
  checks: ['guest-attributes', 'instance-group'],
  remedy: ({ fields, scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, or(scope['location'], 'ZONE'));
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'confirm',
        say: 'Confirm that the heartbeat still stands, and read the last failure beside it.',
        run: sh`gcloud compute instances get-guest-attributes ${instance} --query-path=gce-service-proxy/ --zone=${zone} --project=${project}`,
      },
      {
        id: 'recreate',
        say: 'Recreate the VM: the guide knows no gentler way.',
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
  yieldsTo: [],
  gone: { quietAfterMs: HOUR_MS / 4, proof: 'the heartbeat is fresh again' },
  references: ['https://cloud.google.com/service-mesh/docs/troubleshooting'],
});
