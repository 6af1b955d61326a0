// A proxy or agent has no valid credentials: status 16, HTTP 401, or no token from the metadata server or an exchange.
// Whether it may do something is another question: that is permission-denied and insufficient-scopes.
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'method' | 'reason';

/** What went wrong with the credentials, most telling first; the name is part of the incident's key. */
const REASONS = [
  [
    'workload-identity-pool',
    /federated token|invalid_target|\bworkload identity (?:pool|federation)|sts\.googleapis/i,
  ],
  [
    'no-service-account',
    /service-accounts\/\S{0,200} not defined|[Mm]etadata (?:server|service).{0,80}\b404\b|\/service-accounts\/[\w.@%?=&/-]{0,80}\S{0,2} .{0,20}?status(?: code)?:? ?404\b|\bReceived 404\b|does not have any service accounts? (?:attached|configured)|[Ss]ervice account not enabled|no (?:default )?service account (?:found|attached|configured)/,
  ],
  [
    'key-refused',
    /invalid_grant|invalid_client|Invalid JWT|\bJWT\b.{0,40}(?:expired|invalid)|account (?:not found|is disabled)/i,
  ],
  [
    'no-credentials',
    /default credentials|DefaultCredentialsError|DefaultCredentialsException|active account selected|automatically determine credentials|Anonymous caller|missing required authentication|unregistered callers/i,
  ],
  ['certificate-request', /\bCSR\b|create certificate|sign(?:ing)? (?:the )?certificate/i],
  [
    'metadata-server',
    /metadata (?:server|service)|metadata\.google\.internal|169\.254\.169\.254|GCE metadata/i,
  ],
] as const satisfies readonly (readonly [string, RegExp])[];

export type CredentialsReason = (typeof REASONS)[number][0] | 'credentials-refused';

function readReason(record: LogRecord, found: Found<Name>): Found<Name> {
  const text = record.text.slice(0, 8_000);
  const reason: CredentialsReason =
    REASONS.find(([, regexp]) => regexp.test(text))?.[0] ?? 'credentials-refused';
  return { ...found, reason };
}

const CAUSES: Readonly<Record<string, string>> = {
  'workload-identity-pool':
    'The token exchange of workload identity fails: the pool or provider in its audience does not exist or is disabled.',
  'no-service-account': 'The VM runs without a service account, so the metadata server has no token for it.',
  'key-refused': 'The key or account that the token is asked for with is expired, deleted or disabled.',
  'no-credentials': 'The program finds no credentials at all and calls as nobody.',
  'certificate-request':
    'The certificate authority does not accept the token that proves who the workload is.',
  'metadata-server':
    'The metadata server, which hands out the tokens, does not answer or answers with an error.',
};

const CLIENT_SOURCES = [
  'service-proxy-agent',
  'agent',
  'serial-port',
  'guest-attributes',
  'unknown',
] as const;

export const unauthenticated = definePattern<Name>()({
  id: 'unauthenticated',
  title: 'The proxies have no valid credentials',
  severity: 'critical',
  fields: ['method', 'reason'],
  signs: [
    {
      kind: 'text',
      name: 'stream',
      contains: ['closed: 16', 'ago: 16', 'closed:16', 'ago:16'],
      regexp:
        /^(?:(?<method>\w{1,60}) )?(?:gRPC config )?stream (?:to \S{1,300} )?closed(?: since \d{1,9}s ago)?: ?16\b/i,
      read: readReason,
    },
    {
      // Another status outside (an agent in between), the missing credentials inside; a lasting 14 counts, a single one doesn't.
      kind: 'text',
      name: 'stream-nested',
      contains: ['Unauthenticated', 'UNAUTHENTICATED', 'creds failed', 'metadata from plugin', 'fetch token'],
      regexp:
        /^(?:(?<method>\w{1,60}) )?(?:gRPC config )?stream (?:to \S{1,300} )?closed(?: since \d{1,9}s ago: ?\d|: ?(?!14|16|0\b)\d)\d?\b(?=.{0,2000}(?:code = Unauthenticated|\bUNAUTHENTICATED\b|per-RPC creds failed|metadata from plugin failed|cannot fetch token))/i,
      read: readReason,
    },
    {
      kind: 'text',
      name: 'stream-token',
      weight: 'weak',
      contains: ['creds failed', 'metadata from plugin', 'fetch token', 'Unauthenticated'],
      regexp:
        /^(?:(?<method>\w{1,60}) )?(?:gRPC config )?stream (?:to \S{1,300} )?closed: ?14\b(?=.{0,2000}(?:code = Unauthenticated|per-RPC creds failed|metadata from plugin failed|cannot fetch token))/i,
      read: readReason,
    },
    {
      kind: 'text',
      name: 'status',
      contains: ['nauthenticated', 'UNAUTHENTICATED', ' 401', ':401', '=401', 'tus401', 'ode401'],
      sources: CLIENT_SOURCES,
      regexp:
        /code ?[=:] ?\\{0,2}"?Unauthenticated\b|\bUNAUTHENTICATED\b|status: Unauthenticated\b|\bUnauthenticated: 401\b|\b(?:HTTP|Http)?Error:? 401\b|\bException: 401\b|\b(?:bad status|response code|status code)[:=]{0,2} ?401\b|\b(?:Log|Mon|Trace)ApiUnauthenticatedErr\b/,
      read: readReason,
    },
    {
      kind: 'text',
      name: 'refused',
      contains: ['uthenticat', 'redential', 'caller', 'nvalid', 'ederated token'],
      sources: CLIENT_SOURCES,
      regexp:
        /invalid authentication credentials?|does not have valid authentication credentials|missing required authentication credential|Anonymous caller does not have|unregistered callers|\bInvalid Credentials\b|\binvalid_(?:grant|client|target)\b|\bInvalid JWT\b|federated token response does not|request authenticate failure|(?:[Uu]nable|[Ff]ailed) to authenticate (?:request|client|with)|authentication failure\b|credentials are invalid/,
      read: readReason,
    },
    {
      // One failed attempt at a token heals by itself: only repetition tells.
      kind: 'text',
      name: 'no-token',
      weight: 'weak',
      contains: [
        'oken',
        'redential',
        'metadata from plugin',
        'creds failed',
        'active account',
        'RefreshError',
      ],
      sources: CLIENT_SOURCES,
      regexp:
        /(?:cannot|could not|can't|failed to|unable to|error|problem|fail to) (?:fetch|get|obtain|retriev|refresh|generat|acquir|exchang|access|read)(?:e|ing|es)?(?: the| an?| your| current| new){0,3} (?:\w{1,20} ){0,3}(?:token|credentials)|\b(?:fetch|gett|obtain|retriev|refresh|request)ing (?:an? |the )?(?:access |id |identity |initial )?token failed|trying to get (?:security )?access token|metadata from plugin failed|per-RPC creds failed|could not find default credentials|default credentials were not found|Could not (?:automatically determine|load the default) credentials|\bDefaultCredentialsError\b|exceptions\.RefreshError\b|not currently have an active account/i,
      read: readReason,
    },
    {
      // What clients say when the metadata server has no account or no token for them.
      kind: 'text',
      name: 'metadata-server',
      weight: 'weak',
      contains: [
        'GCE metadata',
        'ervice account',
        'ervice Account',
        'oken',
        'Compute Engine',
        '/service-accounts/',
      ],
      sources: CLIENT_SOURCES,
      regexp:
        /GCE metadata \\?"[^"]{1,300}" not defined|service account not enabled on this instance|failed to authorize with service account|\/service-accounts\/[\w.@%?=&/-]{0,80}\S{0,2} .{0,20}?status(?: code)?:? ?[45]\d\d\b|Metadata server.{0,40}(?:no|without|not have).{0,20}(?:service account|token)|Failed to retrieve http:\/\/(?:metadata|169)\S{1,200} from the Google Compute Engine/i,
      read: readReason,
    },
  ],
  scope: (found, record) => ({ project: record.proxy.project, reason: found.reason ?? '' }),
  headline: ({ scope }) =>
    `The proxies have no valid credentials${scope['reason'] === undefined ? '' : ` (${scope['reason'].replaceAll('-', ' ')})`}`,
  cause: ({ fields }) =>
    CAUSES[fields.reason ?? ''] ??
    'The other side does not accept the credentials that the proxies or their agents present.',
  checks: ['vm-scopes', 'project-policy', 'guest-attributes'],
  remedy: ({ fields, scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    const pool = {
      id: 'pool',
      say: 'The pool and provider of the audience must exist and be enabled; re-register the cluster if they were deleted.',
      run: sh`gcloud container fleet memberships list --project=${project}`,
    } as const;
    return [
      {
        id: 'account',
        say: 'See whether the VM has a service account, and which.',
        run: sh`gcloud compute instances describe ${instance} --zone=${zone} --project=${project} --format=${'yaml(serviceAccounts)'}`,
      },
      {
        id: 'token',
        say: 'See whether the metadata server hands out a token (the status is shown, the token is not).',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${"curl -s -o /dev/null -w '%{http_code}\\n' -H Metadata-Flavor:Google http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"}`,
      },
      ...(fields.reason === 'workload-identity-pool' || fields.reason === 'certificate-request'
        ? [pool]
        : []),
      {
        id: 'exists',
        say: 'See whether that account still exists and is enabled.',
        run: sh`gcloud iam service-accounts list --project=${project} --format=${'table(email,disabled)'}`,
      },
    ];
  },
  explains: ['agent-failure', 'agent-silent', 'bootstrap-failed'],
  yieldsTo: ['api-disabled', 'insufficient-scopes'],
  gone: { quietAfterMs: HOUR_MS / 2, proof: 'tokens are handed out again and no new line comes' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'https://cloud.google.com/compute/docs/access/authenticate-workloads',
    'envoy: source/extensions/config_subscription/grpc/grpc_stream.h',
    'grpc-go: internal/transport/http2_client.go',
  ],
});
