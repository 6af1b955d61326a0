// A service account lacks a permission, or a control plane refuses who the proxy says it is (status 7, HTTP 403).
// The guide, «confirm that the service account has the right permissions»; which one is missing is told by the stream.
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'method' | 'status' | 'permission' | 'service' | 'verb' | 'resource';

const CLIENT_ROLE = 'roles/trafficdirector.client';
const PERMISSION = /[Pp]ermissions?:? [\\"'`[]{0,4}([a-z][A-Za-z]{1,40}(?:\.[A-Za-z]{1,60}){1,3})\b/;
const NEEDED =
  /(?:does not have|[Rr]equire[ds]|[Mm]issing|lacks)(?: the)?(?: required)? [\\"'`]{0,4}([a-z][A-Za-z]{1,40}(?:\.[A-Za-z]{1,60}){1,3})\b/;
const MAPPED = /\bpermission[\\"']{0,2}[:=] ?[\\"']{0,4}([a-z][A-Za-z]{1,40}(?:\.[A-Za-z]{1,60}){1,3})\b/;
const SERVICE = /\b([a-z][a-z-]{1,40})\.googleapis\.com\b/;
/** What control planes that know nothing of IAM write when they refuse a client. */
const OWN_RULES =
  /authorization failed|unknown (?:remote )?node|no identities|not authorized|unauthorized|lacks permission|\bACL\b|RBAC/i;

/** The load report needs the one permission of the role, everything else the other. */
function permissionOfMethod(method: string): string {
  return method === 'StreamLoadStats'
    ? 'trafficdirector.networks.reportMetrics'
    : 'trafficdirector.networks.getConfigs';
}

function readPermission(record: LogRecord, found: Found<Name>): Found<Name> {
  const text = record.text.slice(0, 8_000);
  if (found.verb !== undefined)
    return { permission: `${found.verb} ${or(found.resource, 'resource')}`, service: 'kubernetes' };
  const named = (PERMISSION.exec(text) ?? MAPPED.exec(text) ?? NEEDED.exec(text))?.[1];
  if (named !== undefined)
    return { ...found, permission: named, service: named.slice(0, named.indexOf('.')) };
  if (/AccessDeniedException|\bgs:\/\/|Cloud Storage/.test(text)) return { ...found, service: 'storage' };
  const service = SERVICE.exec(text)?.[1];
  if (service !== undefined && service !== 'iam' && service !== 'www') return { ...found, service };
  return /\blogging client\b/.test(text) ? { ...found, service: 'logging' } : found;
}

/** A stream to the control plane: the method tells what IAM denied, unless the control plane has its own rules. */
function readStream(record: LogRecord, found: Found<Name>): Found<Name> {
  const read = readPermission(record, found);
  // Inside another status it was an agent's call that was refused, not the stream itself.
  if (read.permission !== undefined || found.status === undefined) return read;
  if (found.method === undefined || OWN_RULES.test(record.text))
    return { ...found, service: 'control-plane' };
  return { ...found, permission: permissionOfMethod(found.method), service: 'trafficdirector' };
}

function grant(found: Found<Name>, project: string) {
  if (found.service === 'control-plane')
    return [
      {
        id: 'own-rules',
        say: 'The control plane has rules of its own: compare the identity in the line with those it allows, and the node id in the bootstrap.',
      },
    ] as const;
  if (found.service === 'kubernetes') {
    const [verb = 'VERB', resource = 'RESOURCE'] = (found.permission ?? '').split(' ');
    return [
      {
        id: 'kubernetes',
        say: 'Ask the cluster what the service account may do, then bind a role that allows it.',
        run: sh`kubectl auth can-i ${verb} ${resource} --as=system:serviceaccount:NAMESPACE:SERVICE_ACCOUNT`,
      },
    ] as const;
  }
  if (found.service === 'trafficdirector')
    return [
      {
        id: 'client-role',
        say: `Grant ${CLIENT_ROLE}, which is ${permissionOfMethod('')} and ${permissionOfMethod('StreamLoadStats')}.`,
        run: sh`gcloud projects add-iam-policy-binding ${project} --member=serviceAccount:SERVICE_ACCOUNT --role=${CLIENT_ROLE}`,
      },
    ] as const;
  return [
    {
      id: 'role',
      say: 'Grant a role that contains the permission.',
      run: sh`gcloud projects add-iam-policy-binding ${project} --member=serviceAccount:SERVICE_ACCOUNT --role=ROLE`,
    },
  ] as const;
}

const NOT_ENVOY = ['service-proxy-agent', 'agent', 'serial-port', 'guest-attributes', 'unknown'] as const;

/** The status alone: gRPC's name for it, or 403. */
const STATUS =
  /code ?[=:] ?\\{0,2}"?PermissionDenied\b|(?:\b|_)PERMISSION_DENIED\b|\bPermissionDenied: 403\b|status: PermissionDenied\b|\bAccessDeniedException: 403\b|\bException: 403 (?:Access denied|Forbidden)|\bexceptions\.Forbidden: 403\b|\bError 403: |\bHttpError 403\b|\bHttpError accessing <[^>]{0,200}>.{0,40}'403'|\bHTTPError:? 403\b|\b(?:status(?: code)?|response code|HTTP)[:=]{0,2} ?\[?403\b|requested URL returned error: 403\b|\b403 Client Error: Forbidden|\b(?:Log|Mon|Trace)ApiPermissionErr\b/;
/** What lacks, in the words of Google's services and of Consul. */
const WORDS =
  /[Tt]he caller does not have permission|\bPermission [\\"'`[]{0,4}[\w.]{1,120}[\\"'`\]]{0,4} (?:is )?denied\b|\bPermission denied (?:on|for|by) (?:resource|project|'locations|bucket)|\bRequired [\\"'`]{0,4}[\w.]{1,120}[\\"'`]{0,4} permission\b|does not have (?:the )?[\w]{1,40}\.[\w.]{1,80} (?:access|permission)|does not have (?:the )?permissions? (?:to|for|on)\b|prohibited by organization's policy|missing the roles\/[\w.]{1,60} role|\brpc error making call: (?:rpc error: code = \w{1,30} desc = )?[Pp]ermission denied|\blacks permission [\\"'`]{0,4}\w/;

export const permissionDenied = definePattern<Name>()({
  id: 'permission-denied',
  title: 'A service account lacks a permission',
  severity: 'critical',
  fields: ['method', 'status', 'permission', 'service', 'verb', 'resource'],
  signs: [
    {
      kind: 'text',
      name: 'stream',
      contains: [
        'closed: 7',
        'ago: 7',
        'ago:7',
        'closed:7',
        'PermissionDenied',
        'PERMISSION_DENIED',
        'have permission',
      ],
      // Status 7, or another one from an agent in between with the refusal inside.
      regexp:
        /^(?:(?<method>\w{1,60}) )?(?:gRPC config )?stream (?:to \S{1,300} )?closed(?: since \d{1,9}s ago)?: ?(?:(?<status>7)\b|\d{1,2}\b(?=.{0,2000}(?:code = PermissionDenied|\bPERMISSION_DENIED\b|caller does not have permission)))/i,
      read: readStream,
    },
    {
      kind: 'text',
      name: 'kubernetes',
      contains: ['is forbidden: '],
      sources: NOT_ENVOY,
      regexp:
        /is forbidden: [\w ]{0,20}[Uu]ser \\{0,3}["'][^"'\\]{1,200}\\{0,3}["'] cannot (?<verb>[a-z]{2,20}) (?:resource \\{0,3}["'])?(?<resource>[\w./-]{1,80})/,
      read: readPermission,
    },
    {
      kind: 'text',
      name: 'status',
      contains: [
        'PermissionDenied',
        'PERMISSION_DENIED',
        ' 403',
        ':403',
        '=403',
        '[403',
        "'403'",
        'tus403',
        'ode403',
        'TTP403',
        '403 Client Error',
        'ApiPermissionErr',
      ],
      sources: NOT_ENVOY,
      regexp: STATUS,
      read: readPermission,
    },
    {
      kind: 'text',
      name: 'client',
      contains: ['ermission', 'does not have ', 'the roles/', 's policy'],
      sources: NOT_ENVOY,
      regexp: WORDS,
      read: readPermission,
    },
  ],
  scope: (found, record) => ({ project: record.proxy.project, service: found.service ?? '' }),
  headline: ({ fields }) =>
    `${or(fields.permission, 'A permission')} is denied${fields.service === undefined ? '' : ` by ${fields.service}`}`,
  cause: ({ fields }) =>
    fields.service === 'control-plane'
      ? 'The control plane does not allow the identity or node that the proxies present.'
      : `The service account of the proxies has no role with ${or(fields.permission, 'the permission that the call needs')}.`,
  checks: ['project-policy', 'vm-scopes'],
  remedy: ({ fields, scope, proxies }) => {
    const project = or(scope['project'], 'PROJECT_ID');
    const account = {
      id: 'account',
      say: 'See which service account the VM runs as.',
      run: sh`gcloud compute instances describe ${or(proxies[0]?.displayName, 'INSTANCE_NAME')} --zone=${or(proxies[0]?.location, 'ZONE')} --project=${project} --format=${'value(serviceAccounts[].email)'}`,
    } as const;
    const steps = grant(fields, project);
    return fields.service === 'kubernetes' || fields.service === 'control-plane'
      ? steps
      : [
          account,
          {
            id: 'roles',
            say: 'See which roles that account has in the project; folders and groups may add more.',
            run: sh`gcloud projects get-iam-policy ${project} --flatten=${'bindings[].members'} --filter=bindings.members:SERVICE_ACCOUNT --format=${'value(bindings.role)'}`,
          },
          ...steps,
        ];
  },
  explains: ['agent-failure', 'agent-silent', 'bootstrap-failed', 'bootstrap-stuck'],
  yieldsTo: ['api-disabled', 'insufficient-scopes', 'unauthenticated'],
  gone: { quietAfterMs: HOUR_MS, proof: 'the role is granted and no new line comes' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'https://cloud.google.com/iam/docs/roles-permissions/trafficdirector',
    'envoy: source/extensions/config_subscription/grpc/grpc_stream.h',
    'envoy: source/common/upstream/load_stats_reporter.cc',
  ],
});
