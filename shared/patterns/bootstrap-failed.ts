// A proxy never came to be: Envoy refuses its own start-up configuration, or the scripts that install it failed.
// The guide, «bootstrap-status FAILED» and «bootstrap-last-failure»; the serial port has the scripts' own words.
import type { LogRecord } from '#shared/model/record.ts';
import { normaliseReason } from './listener-rejected.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'path' | 'reason' | 'stage' | 'group';
type Read = (record: LogRecord, found: Found<Name>) => Found<Name> | undefined;

const NOT_ENVOY = ['service-proxy-agent', 'agent', 'serial-port', 'guest-attributes', 'unknown'] as const;
const NO_VALUE = /^(?:\[?none\]?|null|-|n\/a)?$/i;
const FAILED = /^failed$/i;

const readEnvoy: Read = (_record, found) => {
  const reason = found.reason ?? '';
  // A port that is taken is another fault, whatever breaks because of it.
  if (/address already in use/i.test(reason)) return undefined;
  // Three options are joined: a marker for the first may stand before the path.
  return { path: (found.path ?? '').trim().replace(/^goo\.gle\/\S* /, ''), reason, stage: 'envoy' };
};

const readVm: Read = (record, found) => ({ ...found, stage: 'vm', group: record.proxy.group });

const why = (found: Found<Name>): string =>
  found.reason === undefined ? '' : ` (${normaliseReason(found.reason)})`;

export const bootstrapFailed = definePattern<Name>()({
  id: 'bootstrap-failed',
  title: 'The proxy was not set up',
  severity: 'critical',
  fields: ['path', 'reason', 'stage', 'group'],
  signs: [
    {
      kind: 'attribute',
      name: 'last-failure',
      attribute: 'bootstrap-last-failure',
      // The attribute stays when a later attempt succeeds: then it is history.
      read: (record) => {
        const reason = (record.attributes['bootstrap-last-failure'] ?? '').trim();
        const status = record.attributes['bootstrap-status'] ?? 'FAILED';
        return NO_VALUE.test(reason) || !FAILED.test(status.trim()) ? undefined : readVm(record, { reason });
      },
    },
    {
      kind: 'attribute',
      name: 'status',
      attribute: 'bootstrap-status',
      read: (record) =>
        FAILED.test((record.attributes['bootstrap-status'] ?? '').trim()) ? readVm(record, {}) : undefined,
    },
    {
      kind: 'text',
      name: 'envoy-config',
      contains: ['rror initializing config'],
      // Until 1.32 «configuration»; the blanks inside the quotes come from joining three options.
      regexp: /^error initializing config(?:uration)? '(?<path>[^']{0,300})'?:? ?(?<reason>.{0,2000})/i,
      read: readEnvoy,
    },
    {
      kind: 'text',
      name: 'envoy-config-reason-first',
      contains: ['` initializing config'],
      regexp: /^error `(?<reason>[^`]{1,2000})` initializing config(?:uration)? '?(?<path>[^']{0,300})/,
      read: readEnvoy,
    },
    {
      // Envoy says goodbye and repeats the reason below; a plain «exiting» is an ordinary end.
      kind: 'text',
      name: 'exiting',
      contains: ['exiting '],
      sources: ['envoy'],
      regexp: /^exiting (?!\[)(?<reason>\S.{3,2000})/,
      read: (record, found) => (record.component === 'main' ? readEnvoy(record, found) : undefined),
    },
    {
      // The reason without any prefix, as it is printed once more at the end; what names a listener is a rejection.
      kind: 'text',
      name: 'last-words',
      contains: ['unable to ', 'Unable to ', 'bootstrap.v', 'Invalid path: ', '--config-', 'PARSE ERROR: '],
      regexp:
        /^(?<reason>(?:unable to open file '[^']{1,200}': [A-Z]|[Uu]nable to read file: \S|Invalid path: \/|PARSE ERROR: Argument: |At least one of --config-path|Unable to (?:parse|convert) (?:JSON|YAML) as (?:proto|JSON)\b|(?:Unable to (?:parse|convert)|Protobuf message|Proto constraint|Failed to parse).{0,300}\benvoy\.config\.bootstrap\.v\d).{0,1500})/,
      read: (record, found) => (record.bare ? readEnvoy(record, found) : undefined),
    },
    {
      // pilot-agent, consul-dataplane and ESPv2 write the configuration that Envoy is to start with.
      kind: 'text',
      name: 'generator',
      contains: ['bootstrap', 'nvoy', 'GLIBC_'],
      sources: NOT_ENVOY,
      regexp:
        /(?<reason>(?:failed|unable|error|could not|cannot) ?(?:to )?(?:(?:generat|creat|writ|render|read|pars|load|fetch|get|build)(?:e|ing)? (?:the |initial |envoy |proxy |gRPC |xds ){0,3}bootstrap(?!-)|bootstrap (?:envoy|proxy|xds))\b.{0,1500}|\bfailed to start (?:the )?envoy\b.{0,500}|\bexec: "\S{0,100}envoy\S{0,20}": .{0,500}|\bGLIBC_[\d.]{1,8}' not found.{0,200})/i,
      read: readEnvoy,
    },
    {
      // Who runs the script says how it ended.
      kind: 'text',
      name: 'script',
      contains: ['script', 'tartup Scripts', '/var/lib/cloud', 'eturn code '],
      sources: NOT_ENVOY,
      regexp:
        /(?:^|: |\] ?|\]: )(?<reason>startup-script(?:-url)? exit status [1-9]\d{0,2}|Return code [1-9]\d{0,2}\.?$|Script "startup-script(?:-url)?" failed with error: .{1,500}|Failed to start .{0,40}(?:[Ss]tartup [Ss]cripts|google-startup-scripts).{0,100}|google-startup-scripts\.service: (?:Failed with result '|Main process exited, code=exited, status=[1-9]|Unit entered failed state|Start request repeated too quickly).{0,100}|Failed (?:running|to run) (?:module )?(?:\/var\/lib\/cloud|scripts-user).{0,200}|Running module scripts-user .{0,100}failed.{0,100})/,
      read: readVm,
    },
    {
      // The shell that reads the script.
      kind: 'text',
      name: 'shell',
      contains: ['not found', 'annot execute', 'bad interpreter', 'No such file', 'Permission denied'],
      sources: NOT_ENVOY,
      regexp:
        /(?:^|: |\] ?|\]: )(?<reason>\/usr\/bin\/env: .{1,100}: (?:No such file or directory|Permission denied)|(?:\/\S{1,200}|(?:ba|da)?sh): (?:line )?\d{1,6}: .{1,200}(?:not found|cannot execute|bad interpreter|No such file or directory|Permission denied).{0,200})/,
      read: readVm,
    },
    {
      kind: 'text',
      name: 'apt',
      contains: [
        'E: Un',
        'E: Fa',
        'E: Co',
        'E: Su',
        'E: Pa',
        'E: Th',
        'E: So',
        'E: Ve',
        'dpkg: error',
        'dpkg was',
      ],
      sources: NOT_ENVOY,
      regexp:
        /(?:^|: )(?<reason>(?:E: (?:Unable|Failed|Could|Sub-process|Package|The|Some|Version) |(?:E: )?dpkg(?:: error| was interrupted)).{0,500})/,
      read: readVm,
    },
    {
      kind: 'text',
      name: 'download',
      contains: [
        'No package',
        'a match',
        'baseurl',
        'for repo',
        'tar: ',
        'gzip: ',
        'URLs',
        'd not be',
        ' 404',
        'curl: (',
        'ownloading',
        'bad status',
        'manifest for',
      ],
      sources: NOT_ENVOY,
      regexp:
        /(?:^|: )(?<reason>(?:No package \S{1,100} available|(?:Error: )?Unable to find a match|Cannot find a valid baseurl|(?:Error: )?Failed to download metadata for repo|tar: (?:Error is not|Child returned)|gzip: stdin: (?:not in|unexpected)|CommandException: (?:No URLs matched|\d{1,6} files?\/objects? could not be)|The following URLs matched no objects|(?:Bucket)?NotFoundException: 404|curl: \((?:18|22|23|56)\)|ERROR 404: |Errors? (?:during )?downloading (?:metadata|packages)|GET "\S{1,300}", bad status: [45]0\d|Error response from daemon: manifest for ).{0,500})/,
      read: readVm,
    },
    {
      // OS Config carries out the recipe by which a template with a service proxy installs the agent.
      kind: 'text',
      name: 'recipe',
      contains: ['rror running step', 'obtain artifacts', 'recipe', 'service-proxy-agent-bootstrap'],
      sources: NOT_ENVOY,
      regexp:
        /(?<reason>\berror running step \d{1,4} \(\w{1,40}\).{0,500}|\bfailed to obtain artifacts: .{0,500}|\b(?:error|failed)\b.{0,60}\b(?:software )?recipe\b.{0,500}|service-proxy-agent-bootstrap\.sh: .{0,300}(?:not found|No such|denied|failed|error).{0,100})/i,
      read: readVm,
    },
    {
      // A script that waits for a value which nobody sets never ends; one that waits for a moment does.
      kind: 'text',
      name: 'waiting-for-metadata',
      weight: 'weak',
      contains: ['aiting for metadata'],
      sources: NOT_ENVOY,
      regexp: /^(?<reason>waiting for metadata\b.{0,200})/i,
      read: readVm,
    },
  ],
  // One broken set-up of a group writes many lines: they are one incident, and its first line is the telling one.
  scope: (found, record) => ({
    project: record.proxy.project,
    group: found.group ?? '',
    reason: found.stage === 'envoy' ? normaliseReason(found.reason ?? '') : '',
  }),
  headline: ({ fields, scope }) => `The proxy was not set up on ${or(scope['group'], 'a VM')}${why(fields)}`,
  cause: ({ fields }) =>
    fields.stage === 'envoy'
      ? `Envoy cannot use the configuration it is to start with${why(fields)}, so there is no proxy at all.`
      : `The script or installer that sets up the proxy failed${why(fields)}, so there is no working proxy.`,
  checks: ['guest-attributes', 'vm-scopes', 'service-proxy-metadata', 'egress-firewall'],
  remedy: ({ fields, scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const validate = `sudo envoy --mode validate -c '${or(fields.path, '/etc/envoy/envoy.yaml').replaceAll("'", '')}'`;
    return [
      fields.stage === 'envoy'
        ? {
            id: 'validate',
            say: 'Let Envoy read the configuration without starting: it prints the whole reason.',
            run: sh`gcloud compute ssh ${instance} --zone=${zone} --command=${validate}`,
          }
        : {
            id: 'serial-port',
            say: 'Read what the scripts wrote: the first error counts. A download needs a way out and the scope cloud-platform.',
            run: sh`gcloud compute instances get-serial-port-output ${instance} --zone=${zone}`,
          },
      {
        id: 'status',
        say: 'Automatic deployment: read status and last failure of the bootstrap.',
        run: sh`gcloud compute instances get-guest-attributes ${instance} --query-path=gce-service-proxy/ --zone=${zone}`,
      },
      {
        id: 'replace',
        say: 'Correct template, script or configuration, then replace the VMs: the bootstrap runs once, when a VM is made.',
        run: sh`gcloud compute instance-groups managed rolling-action replace ${or(scope['group'], 'INSTANCE_GROUP')} --zone=${zone} --max-unavailable=1`,
      },
    ];
  },
  explains: ['bootstrap-stuck', 'interception-failed', 'agent-silent', 'stale-heartbeat'],
  yieldsTo: [
    'api-disabled',
    'dns-failure',
    'insufficient-scopes',
    'interception-failed',
    'permission-denied',
    'resource-exhaustion',
    'unauthenticated',
  ],
  gone: { quietAfterMs: HOUR_MS, proof: 'bootstrap-status is FINISHED on every VM of the group' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'envoy: source/server/server.cc',
    'GoogleCloudPlatform/guest-agent: google_metadata_script_runner/main.go',
    'GoogleCloudPlatform/osconfig: policies/recipes/installrecipe.go',
  ],
});
