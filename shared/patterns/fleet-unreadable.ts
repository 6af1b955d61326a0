// Part of the fleet can't be looked at: guest attributes are off, a permission is missing, Google's API fails. What writes
// no line is not seen there. No entry says so: `watch` makes one a VM, with fleet-unreadable, the reason in words.
import { definePattern, HOUR_MS } from './pattern.ts';
import { or, sh } from './shell.ts';

const PERMISSION = /^needs (?<permission>[a-z]{1,40}\.[a-zA-Z]{1,40}\.[a-zA-Z]{1,40})$/;

/** The smallest predefined role that holds what `watch` asks for. */
const roleFor = (permission: string): string =>
  permission.startsWith('monitoring.') ? 'roles/monitoring.viewer' : 'roles/compute.viewer';

export const fleetUnreadable = definePattern<'kind' | 'permission' | 'reason'>()({
  id: 'fleet-unreadable',
  title: 'Part of the fleet can’t be looked at',
  severity: 'warning',
  fields: ['kind', 'permission', 'reason'],
  signs: [
    {
      kind: 'attribute',
      name: 'reason',
      attribute: 'fleet-unreadable',
      read: ({ attributes }) => {
        const reason = (attributes['fleet-unreadable'] ?? '').trim();
        const permission = PERMISSION.exec(reason)?.groups?.['permission'] ?? '';
        if (permission !== '') return { kind: 'permission', permission, reason };
        if (/^guest attributes are off/i.test(reason)) return { kind: 'off', reason };
        return /^(?:Google’s API fails|the answer has an unknown form)/.test(reason)
          ? { kind: 'failing', reason }
          : undefined;
      },
    },
  ],
  scope: ({ kind, permission }, record) => ({
    project: record.proxy.project,
    reason: permission ?? kind ?? '',
  }),
  headline: ({ fields, scope }) => {
    const where = `in project ${or(scope['project'], 'unknown')}`;
    if (fields.kind === 'permission')
      return `VMs can’t be looked at ${where}: mesh-triage lacks ${or(fields.permission, 'a permission')}`;
    return fields.kind === 'off'
      ? `VMs can’t be looked at ${where}: guest attributes are off`
      : `VMs can’t be looked at ${where}: Google’s API fails`;
  },
  cause: ({ fields }) => {
    const unseen =
      'failures that write no line (a stale heartbeat, a set-up that is stuck) are not seen there';
    if (fields.kind === 'permission')
      return `The service account of \`watch\` lacks ${or(fields.permission, 'a permission')}; until it has it, ${unseen}.`;
    return fields.kind === 'off'
      ? `Guest attributes are off on these VMs, or nothing was ever written to them; until they are on, ${unseen}.`
      : `Google’s API did not answer, or not in a known form; until it does, ${unseen}.`;
  },
  checks: [],
  remedy: ({ fields, scope, proxies }) => {
    const project = or(scope['project'], 'PROJECT_ID');
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    if (fields.kind === 'permission')
      return [
        {
          id: 'roles',
          say: 'See which roles the service account of the function `watch` has in the project.',
          run: sh`gcloud projects get-iam-policy ${project} --flatten=bindings --filter=bindings.members:WATCH_SERVICE_ACCOUNT --format=${'value(bindings.role)'}`,
        },
        {
          id: 'grant',
          say: `Grant it a role with ${or(fields.permission, 'the permission')}; a custom role with this permission alone does too.`,
          run: sh`gcloud projects add-iam-policy-binding ${project} --member=serviceAccount:WATCH_SERVICE_ACCOUNT --role=${roleFor(or(fields.permission, ''))}`,
        },
      ];
    const look = {
      id: 'look',
      say: 'Read the attributes of one VM yourself: what gcloud says is what `watch` is told.',
      run: sh`gcloud compute instances get-guest-attributes ${instance} --query-path=gce-service-proxy/ --zone=${zone} --project=${project}`,
    } as const;
    if (fields.kind !== 'off') return [look];
    return [
      {
        id: 'metadata',
        say: 'Turn guest attributes on for all VMs of the project; agents write to them at their next beat.',
        run: sh`gcloud compute project-info add-metadata --metadata=enable-guest-attributes=TRUE --project=${project}`,
      },
      {
        id: 'policy',
        say: 'They stay off: an organisation policy may forbid them.',
        run: sh`gcloud resource-manager org-policies describe compute.disableGuestAttributesAccess --effective --project=${project}`,
      },
      look,
    ];
  },
  explains: [],
  yieldsTo: [],
  gone: { quietAfterMs: HOUR_MS, proof: 'all of it can be looked at again' },
  references: [
    'https://cloud.google.com/compute/docs/metadata/manage-guest-attributes',
    'https://cloud.google.com/compute/docs/access/iam',
  ],
});
