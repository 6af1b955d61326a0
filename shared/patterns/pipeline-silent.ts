// No log entry of any kind reaches mesh-triage any more, from a fleet that always writes. No entry can say so: `watch`
// makes one, with pipeline-silent-seconds and the longest gap that there was before.
import { definePattern, HOUR_MS } from './pattern.ts';
import { or, sh } from './shell.ts';

/** Less than this is no silence, however talkative the fleet usually is. */
export const PIPELINE_SILENT_AFTER_MS = HOUR_MS;
/** So many times the longest gap so far is unusual. */
export const PIPELINE_SILENT_FACTOR = 3;

const WHOLE_SECONDS = /^\d{1,10}$/;

export const pipelineSilent = definePattern<'silentSeconds' | 'usualSeconds'>()({
  id: 'pipeline-silent',
  title: 'No log entry reaches mesh-triage any more',
  severity: 'error',
  fields: ['silentSeconds', 'usualSeconds'],
  signs: [
    {
      kind: 'attribute',
      name: 'no-entry',
      attribute: 'pipeline-silent-seconds',
      read: ({ attributes }) => {
        const silent = attributes['pipeline-silent-seconds'] ?? '';
        const usual = attributes['pipeline-usual-gap-seconds'] ?? '';
        if (!WHOLE_SECONDS.test(silent) || !WHOLE_SECONDS.test(usual)) return undefined;
        const isUnusual =
          Number(silent) * 1_000 > PIPELINE_SILENT_AFTER_MS &&
          Number(silent) > PIPELINE_SILENT_FACTOR * Number(usual);
        return isUnusual ? { silentSeconds: silent, usualSeconds: usual } : undefined;
      },
    },
  ],
  scope: (_found, record) => ({ project: record.proxy.project }),
  headline: ({ scope }) => `No log entry arrives any more (project ${or(scope['project'], 'unknown')})`,
  cause: ({ fields }) =>
    `Nothing came for more than an hour and three times the longest gap so far${fields.usualSeconds === undefined ? '' : ` (${fields.usualSeconds} s)`}: the sink, its right to publish, the topic or the push subscription is broken, and no failure of the fleet is seen until it is mended.`,
  checks: [],
  remedy: ({ scope }) => {
    const project = or(scope['project'], 'PROJECT_ID');
    const format = 'yaml(name,destination,filter,exclusions,disabled,writerIdentity)';
    return [
      {
        id: 'sink',
        say: 'In each project of the fleet the sink must be there and not disabled, its destination be the topic log-entries, and its filter and exclusions let envoy_err and service-proxy-agent through.',
        run: sh`gcloud logging sinks list --project=${project} --format=${format}`,
      },
      {
        id: 'writer-identity',
        say: 'The writer identity of every sink must have roles/pubsub.publisher on the topic; a sink without it is there and drops everything.',
        run: sh`gcloud pubsub topics get-iam-policy log-entries --project=${project}`,
      },
      {
        id: 'subscription',
        say: 'A subscription of the topic must be ACTIVE and push to the address of `classify`.',
        run: sh`gcloud pubsub subscriptions list --project=${project} --filter=topic:log-entries --format=${'yaml(name,state,pushConfig,deadLetterPolicy)'}`,
      },
      {
        id: 'oldest-unacked',
        say: 'Age of the oldest message that nobody acknowledged: if it grows, entries arrive and `classify` does not take them; if it is 0, none arrives.',
        run: sh`curl -sS -G https://monitoring.googleapis.com/v3/projects/${project}/timeSeries -H "Authorization: Bearer $(gcloud auth print-access-token)" --data-urlencode ${'filter=metric.type="pubsub.googleapis.com/subscription/oldest_unacked_message_age"'} -d "interval.startTime=$(date -u -d '15 minutes ago' +%FT%TZ)" -d "interval.endTime=$(date -u +%FT%TZ)"`,
      },
      {
        id: 'classify',
        say: 'It grows: read what `classify` writes.',
        run: sh`gcloud logging read ${'resource.type="cloud_run_revision" AND resource.labels.service_name="classify" AND severity>=WARNING'} --freshness=2h --limit=20 --project=${project}`,
      },
    ];
  },
  explains: [],
  yieldsTo: [],
  gone: { quietAfterMs: 2 * HOUR_MS, proof: 'log entries arrive again' },
  references: [
    'https://cloud.google.com/logging/docs/export/troubleshoot',
    'https://cloud.google.com/pubsub/docs/monitoring',
  ],
});
