// The set-up of a proxy has begun or not even that, and the VM has been up for longer than it ever takes.
// The guide, «bootstrap-status [none] or IN PROGRESS»; `watch` adds how old the VM is, for no entry says it by itself.
import { definePattern, groupLocation, MINUTE_MS } from './pattern.ts';
import { or, recreateCommand, sh } from './shell.ts';

/** The guide says «a few minutes»; a slow mirror takes ten. */
const BOOTSTRAP_STUCK_AFTER_MS = 15 * MINUTE_MS;

const WHOLE_SECONDS = /^\d{1,10}$/;

export const bootstrapStuck = definePattern<'status' | 'ageSeconds' | 'group'>()({
  id: 'bootstrap-stuck',
  title: 'The set-up of the proxy does not come to an end',
  severity: 'error',
  fields: ['status', 'ageSeconds', 'group'],
  signs: [
    {
      kind: 'attribute',
      name: 'unfinished',
      attribute: 'bootstrap-status',
      read: (record) => {
        const value = (record.attributes['bootstrap-status'] ?? '').trim();
        const age = record.attributes['vm-age-seconds'] ?? '';
        // FAILED is bootstrap-failed's; a word that the guide does not know proves nothing.
        const status = /^in[ _-]?progress$/i.test(value)
          ? 'IN PROGRESS'
          : /^\[?none\]?$/i.test(value)
            ? '[none]'
            : '';
        if (status === '' || !WHOLE_SECONDS.test(age)) return undefined;
        if (Number(age) * 1_000 <= BOOTSTRAP_STUCK_AFTER_MS) return undefined;
        return { status, ageSeconds: String(Number(age)), group: record.proxy.group };
      },
    },
  ],
  scope: (found, record) => ({
    project: record.proxy.project,
    location: groupLocation(record),
    group: or(record.proxy.group, record.proxy.displayName),
    status: found.status ?? '',
  }),
  headline: ({ scope }) => `The set-up of the proxy is stuck on ${or(scope['group'], 'a VM')}`,
  cause: ({ fields }) =>
    fields.status === '[none]'
      ? 'The bootstrap never began: OS Config is not running, or the VM has no way to the metadata server and Cloud Storage.'
      : 'The bootstrap began and does not end: it waits for a download, a lock or an answer that does not come.',
  checks: ['guest-attributes', 'egress-firewall', 'vm-scopes', 'service-proxy-metadata'],
  remedy: ({ fields, scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, or(scope['location'], 'ZONE'));
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'status',
        say: 'Look again: the status may have moved on.',
        run: sh`gcloud compute instances get-guest-attributes ${instance} --query-path=gce-service-proxy/ --zone=${zone} --project=${project}`,
      },
      {
        id: 'serial-port',
        say: 'Read the last lines of the serial port: they name the step that waits.',
        run: sh`gcloud compute instances get-serial-port-output ${instance} --zone=${zone} --project=${project}`,
      },
      {
        id: 'os-config',
        say: 'Never begun: the VM needs the metadata enable-osconfig and gce-software-declaration, and a running OS Config agent.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'sudo systemctl status google-osconfig-agent'}`,
      },
      {
        id: 'way-out',
        say: 'Without an external address the VM needs Private Google Access or Cloud NAT; afterwards recreate it.',
        run: recreateCommand({
          group: or(fields.group, 'INSTANCE_GROUP'),
          instance,
          place: or(scope['location'], 'ZONE'),
          project,
        }),
      },
    ];
  },
  explains: ['agent-silent'],
  yieldsTo: ['bootstrap-failed'],
  gone: { quietAfterMs: 15 * MINUTE_MS, proof: 'bootstrap-status is FINISHED' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'https://cloud.google.com/compute/docs/metadata/manage-guest-attributes',
  ],
});
