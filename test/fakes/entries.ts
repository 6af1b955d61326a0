// Pushes of log entries for tests: what the sink publishes and Pub/Sub delivers.
import { Buffer } from 'node:buffer';
import { T0_MS } from './sightings.ts';

const FAULT = 'Traffic Director configuration was not found for network "prod-vpc" in project "1".';
export const ROUTINE =
  'StreamAggregatedResources gRPC config stream to trafficdirector.googleapis.com:443 closed: 13, ';

export interface EntryOptions {
  readonly message?: string;
  readonly vm?: number;
  readonly atMs?: number;
  readonly project?: string;
}

/** A LogEntry of one line of Envoy's error log. */
export function anEntry(n: number, options: EntryOptions = {}): Readonly<Record<string, unknown>> {
  const { message = FAULT, vm = n % 3, atMs = T0_MS + n, project = 'demo-project' } = options;
  const time = new Date(atMs).toISOString();
  const prefix = `[${time.replace('T', ' ').replace('Z', '')}][12][warning][config] [a/grpc_stream.h:1]`;
  return {
    insertId: `entry-${n}`,
    logName: `projects/${project}/logs/envoy_err`,
    timestamp: time,
    receiveTimestamp: time,
    resource: {
      type: 'gce_instance',
      labels: { project_id: project, zone: 'europe-west3-b', instance_id: `${1_000 + vm}` },
    },
    jsonPayload: { message: `${prefix} ${message}` },
  };
}

/** The body of a push with this data. */
export function aPush(data: string | Uint8Array, messageId = '1'): object {
  return {
    message: {
      data: Buffer.from(data).toString('base64'),
      messageId,
      publishTime: new Date(T0_MS + 60_000).toISOString(),
    },
    subscription: 'projects/p/subscriptions/log-entries-to-classify',
  };
}

export const entryPush = (n: number, options: EntryOptions = {}): object =>
  aPush(JSON.stringify(anEntry(n, options)), String(n));

/** The body of a nudge. */
export function aNudge(incident: string, publishTimeMs = 0): object {
  return {
    message: {
      data: 'bG9vaw==',
      attributes: { incident },
      messageId: '1',
      ...(publishTimeMs === 0 ? {} : { publishTime: new Date(publishTimeMs).toISOString() }),
    },
    subscription: 'projects/p/subscriptions/incident-changes-to-reconcile',
  };
}
