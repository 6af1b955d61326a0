// A proxy announces an Envoy that is older than Cloud Service Mesh supports, or lacks the same fix on a newer line.
// The guide asks for 1.24.9 or later: the release that mends CVE-2023-35945, as 1.25.8 and 1.26.3 do on their lines.
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'version' | 'line';

/** First patch of each release line that carries the fix; lines above the last one carry it from their start. */
const FIRST_FIXED: Readonly<Record<number, number>> = { 24: 9, 25: 8, 26: 3 };
const OLDEST_LINE = 24;
const NEWEST_FIXED_LINE = 26;

/** `undefined` if the text is no version; otherwise whether Cloud Service Mesh supports that Envoy. */
export function isSupported(version: string): boolean | undefined {
  const parts = /^(\d{1,4})\.(\d{1,4})\.(\d{1,4})/.exec(version);
  if (parts === null) return undefined;
  const [major, minor, patch] = parts.slice(1).map(Number);
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  if (major !== 1) return major > 1;
  if (minor < OLDEST_LINE) return false;
  if (minor > NEWEST_FIXED_LINE) return true;
  return patch >= (FIRST_FIXED[minor] ?? 0);
}

function judge(found: Found<Name>): Found<Name> | undefined {
  const version = found.version ?? '';
  if (isSupported(version) !== false) return undefined;
  return { version, line: version.split('.').slice(0, 2).join('.') };
}

export const envoyVersionUnsupported = definePattern<Name>()({
  id: 'envoy-version-unsupported',
  title: 'Proxies run an Envoy that Cloud Service Mesh does not support',
  severity: 'warning',
  fields: ['version', 'line'],
  signs: [
    {
      kind: 'text',
      name: 'announcement',
      contains: ['ersion: ', 'ERSION: '],
      // Inside a crash dump Envoy prints the same words at level critical: that is no announcement.
      regexp:
        /^(?:\S{0,200}\/)?envoy version: [0-9a-f]{7,64}\/(?<version>\d{1,4}\.\d{1,4}\.\d{1,4})[\w.+-]{0,40}\//i,
      read: (record, found) =>
        record.level === 'critical' || record.component === 'backtrace' ? undefined : judge(found),
    },
    {
      kind: 'text',
      name: 'build-string',
      contains: ['/RELEASE/', '/DEBUG/', 'ersion:', 'ersion":'],
      // Bare, or as the admin interface and people who report something name it.
      regexp:
        /^(?:"?version"?: ?"?)?[0-9a-f]{40}\/(?<version>\d{1,4}\.\d{1,4}\.\d{1,4})[\w.+-]{0,40}(?:\/[\w-]{1,60}\/(?:RELEASE|DEBUG)\/\w+"?,?)?$/i,
      read: (_record, found) => judge(found),
    },
    {
      kind: 'attribute',
      name: 'guest-attribute',
      attribute: 'proxy-version',
      read: (record) => judge({ version: (record.attributes['proxy-version'] ?? '').split('/')[1] ?? '' }),
    },
  ],
  scope: (found, record) => ({ project: record.proxy.project, line: found.line ?? '' }),
  headline: ({ fields, scope }) =>
    `Envoy ${or(fields.version, scope['line'] ?? '')} is older than Cloud Service Mesh supports`,
  cause: ({ fields }) =>
    `Envoy ${or(fields.version, 'of this line')} lacks the fixes of 1.24.9, 1.25.8 and 1.26.3, the oldest releases supported.`,
  checks: ['envoy-versions'],
  remedy: ({ scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'version',
        say: 'Confirm the version that runs.',
        run: sh`gcloud compute instances get-guest-attributes ${instance} --query-path=gce-service-proxy/proxy-version --zone=${zone} --project=${project}`,
      },
      {
        id: 'automatic',
        say: 'Automatic deployment installs the current Envoy when a VM is made: replace the VMs of the group, a few at a time.',
        run: sh`gcloud compute instance-groups managed rolling-action replace ${or(proxies[0]?.group, 'INSTANCE_GROUP')} --zone=${zone} --project=${project} --max-unavailable=1`,
      },
      {
        id: 'manual',
        say: 'Manual deployment: put a supported Envoy into the image or the start-up script and roll it out.',
      },
    ];
  },
  explains: [],
  yieldsTo: ['envoy-crash'],
  gone: {
    // A version is announced at start only, so silence says little: a day without a new old proxy.
    quietAfterMs: 24 * HOUR_MS,
    proof: 'every proxy of the project announces a supported version',
  },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'https://cloud.google.com/service-mesh/docs/release-notes',
  ],
});
