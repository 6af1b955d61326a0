// The access scopes of a VM do not allow a call, whatever its service account may do (status 7 or HTTP 403).
// The guide, «confirm that the API access scope of the VM is set to allow full access to the Google Cloud APIs».
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'api' | 'method' | 'group';

const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform';
const SERVICE = /\b([a-z][a-z-]{1,40})\.googleapis\.com\b(?!\/auth)|googleapis\.com\/auth\/([a-z]{2,30})\./;

/** The service whose call was refused, as far as the line tells. */
function readApi(record: LogRecord, found: Found<Name>): Found<Name> {
  const text = record.text.slice(0, 4_000);
  const service = SERVICE.exec(text);
  const named = service?.[1] ?? service?.[2] ?? '';
  const isStorage = /AccessDeniedException|\bgs:\/\/|storage\/v1/.test(text);
  const guessed = isStorage ? 'storage' : named === 'www' ? '' : named;
  return {
    ...found,
    api: found.method === undefined ? guessed : 'trafficdirector',
    // A pod runs with the scopes of its node pool, whatever workload it belongs to.
    group: record.proxy.name.includes('/') ? '' : record.proxy.group,
  };
}

export const insufficientScopes = definePattern<Name>()({
  id: 'insufficient-scopes',
  title: 'The access scopes of the VMs are too narrow',
  severity: 'critical',
  fields: ['api', 'method', 'group'],
  signs: [
    {
      kind: 'text',
      name: 'stream',
      contains: ['scopes', 'SCOPE_INSUFFICIENT'],
      regexp:
        /^(?:(?<method>\w{1,60}) )?(?:gRPC config )?stream (?:to \S{1,300} )?closed(?: since \d{1,9}s ago)?: ?\d{1,2}\b(?=.{0,2000}(?:insufficient authentication scopes|ACCESS_TOKEN_SCOPE_INSUFFICIENT))/i,
      read: readApi,
    },
    {
      kind: 'text',
      name: 'client',
      contains: ['scope', 'SCOPE', 'ScopeErr', 'nsufficient'],
      sources: ['service-proxy-agent', 'agent', 'serial-port', 'guest-attributes', 'unknown'],
      regexp:
        /insufficient authentication scopes?|\bACCESS_TOKEN_SCOPE_INSUFFICIENT\b|Provided scope\(s\) are not authorized|Insufficient OAuth ?2?(?:\.0)? scope|\bInsufficient Permission\b(?!\w)|error\\{0,3}"?[:=] ?\\{0,3}"?insufficient_scope\b|insufficient scopes? (?:for|to)\b|specified scopes during VM creation are not enough|\b(?:Log|Mon|Trace)ApiScopeErr\b|missing the https:\/\/www\.googleapis\.com\/auth\/[\w.]{1,60} scope/i,
      read: readApi,
    },
  ],
  // Scopes come with the instance template, so the group that it makes is the cause's name.
  scope: (found, record) => ({ project: record.proxy.project, group: found.group ?? '' }),
  headline: ({ scope }) =>
    `The access scopes of ${scope['group'] === undefined ? 'the VMs' : scope['group']} are too narrow`,
  cause: ({ fields }) =>
    `The VMs were made without a scope that allows calls to ${or(fields.api, 'the Google APIs')}, so those calls are refused whatever the service account may do.`,
  checks: ['vm-scopes', 'project-policy'],
  remedy: ({ scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'scopes',
        say: 'See service account and scopes of a VM.',
        run: sh`gcloud compute instances describe ${instance} --zone=${zone} --project=${project} --format=${'yaml(serviceAccounts)'}`,
      },
      {
        id: 'template',
        say: 'Make an instance template with the scope cloud-platform (IAM roles limit the calls from then on) and set it for the group.',
        run: sh`gcloud compute instance-templates create NEW_TEMPLATE --project=${project} --service-account=SERVICE_ACCOUNT --scopes=${CLOUD_PLATFORM}`,
      },
      {
        id: 'replace',
        say: 'Replace the VMs of the group by that template, a few at a time.',
        run: sh`gcloud compute instance-groups managed rolling-action start-update ${or(scope['group'], 'INSTANCE_GROUP')} --version=template=NEW_TEMPLATE --zone=${zone} --project=${project} --max-unavailable=1`,
      },
      {
        id: 'single',
        say: 'A single VM: stop it, set the scope, start it; scopes cannot be changed while it runs. GKE: make a node pool with the scope, or use workload identity.',
        run: sh`gcloud compute instances set-service-account ${instance} --zone=${zone} --project=${project} --scopes=${CLOUD_PLATFORM}`,
      },
    ];
  },
  explains: ['permission-denied', 'agent-failure', 'agent-silent', 'bootstrap-failed', 'bootstrap-stuck'],
  yieldsTo: ['api-disabled'],
  gone: { quietAfterMs: HOUR_MS, proof: 'the VMs run with the scope cloud-platform and no new line comes' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'https://cloud.google.com/compute/docs/access/service-accounts#scopes_best_practice',
    'envoy: source/extensions/config_subscription/grpc/grpc_stream.h',
  ],
});
