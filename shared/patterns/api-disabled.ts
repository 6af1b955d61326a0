// A Google API that the proxies or their agents call is not enabled in the project (status 7, reason SERVICE_DISABLED).
// The guide, «make sure that the Cloud Service Mesh API is enabled for your project».
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'api' | 'projectNumber' | 'method';

const CONTROL_PLANE_API = 'trafficdirector.googleapis.com';

/** What the message calls an API, where it does not give the service's name as well. */
const SERVICE_OF_TITLE: Readonly<Record<string, string>> = {
  'Traffic Director': CONTROL_PLANE_API,
  'Cloud Service Mesh': CONTROL_PLANE_API,
  'Network Services': 'networkservices.googleapis.com',
  'Network Security': 'networksecurity.googleapis.com',
  'Mesh Configuration': 'meshconfig.googleapis.com',
  'Mesh Certificate Authority': 'meshca.googleapis.com',
  'Cloud Logging': 'logging.googleapis.com',
  Logging: 'logging.googleapis.com',
  'Stackdriver Logging': 'logging.googleapis.com',
  'Cloud Monitoring': 'monitoring.googleapis.com',
  'Stackdriver Monitoring': 'monitoring.googleapis.com',
  'Compute Engine': 'compute.googleapis.com',
  'Cloud OS Config': 'osconfig.googleapis.com',
  'OS Config': 'osconfig.googleapis.com',
};

const TITLE_CHARS_MAX = 80;
/** The words in front of «API»: they begin after a colon, a quote or a number. */
const TITLE = /(?:^|[^\w '&()-] {0,2}|\d )(?:[Tt]he )?([A-Z][\w '&()-]{1,60}) $/;
const SERVICE = /\b([a-z][a-z-]{1,40}\.googleapis\.com)(?:\/overview|[\s"'\]|]|$)/;
const PROJECT =
  /\bprojects?(?:\/|=|: ?|%2F| )(?:number:)?["'[]?(\d{6,20}|[a-z][a-z0-9-]{4,28}[a-z0-9])(?![\w.])/;

function readNames(record: LogRecord, found: Found<Name>): Found<Name> {
  const { text } = record;
  const at = Math.max(text.search(/API (?:has not|is (?:disabled|not enabled))/), 0);
  const title = TITLE.exec(text.slice(Math.max(at - TITLE_CHARS_MAX, 0), at))?.[1] ?? '';
  const near = text.slice(at, at + 1_000);
  const named = SERVICE_OF_TITLE[title] ?? (title === '' ? '' : `${title} API`);
  const byMethod = found.method === undefined ? '' : CONTROL_PLANE_API;
  return {
    ...found,
    api: found.api ?? SERVICE.exec(near)?.[1] ?? (named === '' ? byMethod : named),
    projectNumber: found.projectNumber ?? PROJECT.exec(near)?.[1] ?? '',
  };
}

export const apiDisabled = definePattern<Name>()({
  id: 'api-disabled',
  title: 'An API that the mesh needs is disabled',
  severity: 'critical',
  fields: ['api', 'projectNumber', 'method'],
  signs: [
    {
      kind: 'text',
      name: 'stream',
      contains: ['API has not been used', 'it is disabled', 'SERVICE_DISABLED', 'not enabled'],
      regexp:
        /^(?:(?<method>\w{1,60}) )?(?:gRPC config )?stream (?:to \S{1,300} )?closed(?: since \d{1,9}s ago)?: ?\d{1,2}\b(?=.{0,2000}(?:API has not been used in project|SERVICE_DISABLED|API (?:is )?not enabled))/i,
      read: readNames,
    },
    {
      // Google's clients, gcloud and REST write the same sentence, the error's reason, or both.
      kind: 'text',
      name: 'client',
      contains: [
        'API has not',
        'isabled',
        'DISABLED',
        'nabled',
        'ccessNotConfigured',
        'Access Not Configured',
      ],
      sources: ['service-proxy-agent', 'agent', 'serial-port', 'guest-attributes', 'unknown'],
      regexp:
        /API has not been used in project|\bSERVICE_DISABLED\b|\baccessNotConfigured\b|Access Not Configured|has not enabled the API|\bAPI \[(?<api>[\w.-]{1,100})\] (?:is )?not enabled|\bAPI (?:is|has been) (?:disabled|not enabled)|\bAPI (?:has )?not (?:been )?enabled|googleapis\.com["'\])]{0,2}(?: API)? (?:is|has been|has not been|not)(?: not| currently)? (?:disabled|enabled) (?:for|in|on)\b|\b(?:Log|Mon|Trace)ApiDisabledErr\b/,
      read: readNames,
    },
  ],
  scope: (found, record) => ({
    project: or(found.projectNumber, record.proxy.project),
    api: found.api ?? '',
  }),
  headline: ({ scope }) =>
    `${or(scope['api'], 'An API')} is disabled in project ${or(scope['project'], '(unnamed)')}`,
  cause: ({ fields, scope }) =>
    `${or(fields.api, 'The API that was called')} is not enabled in project ${or(scope['project'], '(unnamed)')}, so Google refuses every call to it.`,
  checks: ['api-state', 'project-policy'],
  remedy: ({ fields, scope }) => {
    const named = fields.api ?? scope['api'] ?? '';
    const api = named.endsWith('.googleapis.com') ? named : 'API_NAME.googleapis.com';
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'list',
        say: 'See what is enabled.',
        run: sh`gcloud services list --enabled --project=${project}`,
      },
      { id: 'enable', say: 'Enable the API.', run: sh`gcloud services enable ${api} --project=${project}` },
      {
        id: 'routing',
        say: 'Service routing needs its own two APIs beside the control plane.',
        run: sh`gcloud services enable ${CONTROL_PLANE_API} networkservices.googleapis.com networksecurity.googleapis.com --project=${project}`,
      },
      { id: 'wait', say: 'Wait a few minutes: proxies try again by themselves, no restart is needed.' },
    ];
  },
  explains: ['config-not-found', 'permission-denied', 'agent-failure', 'agent-silent', 'bootstrap-failed'],
  yieldsTo: [],
  gone: { quietAfterMs: HOUR_MS / 2, proof: 'the API is enabled and no new line comes' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'https://cloud.google.com/service-usage/docs/enable-disable',
    'envoy: source/extensions/config_subscription/grpc/grpc_stream.h',
  ],
});
