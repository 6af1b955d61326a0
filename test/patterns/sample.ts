// The form of a pattern's samples, and how one becomes the LogEntry that production would see.
// Samples are made up in the shapes that Envoy and its agents write; addresses and names are those of documentation.

/** How the line reaches Cloud Logging. */
export type Route =
  | 'ops-agent' // Envoy's error log on a VM, shipped unparsed
  | 'gke' // stdout of a sidecar, istio-agent's tabs
  | 'agent' // the log service-proxy-agent
  | 'serial' // the VM's serial port
  | 'attributes'; // guest attributes, as `watch` makes entries of them: `line` is JSON

interface Sample {
  readonly line: string;
  readonly route: Route;
  /** Where such a line comes from: source file, version, or situation. */
  readonly why: string;
  /** Severity of the entry; none if absent. */
  readonly severity?: string;
}

export interface Match extends Sample {
  /** Name of the sign that must decide. */
  readonly sign: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly scope: Readonly<Record<string, string>>;
  readonly weight?: 'weak';
}

export interface NearMiss extends Sample {
  /** `routine`, `ignored`, `unrecognised`, or the id of the pattern that must win instead. */
  readonly verdict: string;
  /** A text that users control quotes this pattern's words. */
  readonly hostile?: true;
}

export interface PatternSamples {
  readonly matches: readonly Match[];
  readonly nearMisses: readonly NearMiss[];
}

const PROJECT = 'demo-project';
const VM = {
  type: 'gce_instance',
  labels: { project_id: PROJECT, zone: 'europe-west3-a', instance_id: '4242424242424242424' },
};
const SIDECAR = {
  type: 'k8s_container',
  labels: {
    project_id: PROJECT,
    location: 'europe-west3',
    cluster_name: 'demo',
    namespace_name: 'shop',
    pod_name: 'cart-6d5f8b7c9d-x2x4z',
    container_name: 'istio-proxy',
  },
};

const LOGS: Readonly<Record<Route, string>> = {
  'ops-agent': 'envoy_err',
  gke: 'stdout',
  agent: 'service-proxy-agent',
  serial: 'serialconsole.googleapis.com%2Fserial_port_1_output',
  attributes: 'service-proxy-agent',
};

function payloadOf(sample: Sample): Readonly<Record<string, unknown>> {
  switch (sample.route) {
    case 'ops-agent':
    case 'agent':
      return { jsonPayload: { message: sample.line } };
    case 'gke':
    case 'serial':
      return { textPayload: sample.line };
    case 'attributes':
      return { jsonPayload: JSON.parse(sample.line) };
  }
}

/** When every sample's entry was written. */
const SAMPLE_TIME = '2026-11-01T10:00:00.000Z';

/** The LogEntry of a sample. */
export function entryOf(sample: Sample): Readonly<Record<string, unknown>> {
  return {
    insertId: 'sample',
    logName: `projects/${PROJECT}/logs/${LOGS[sample.route]}`,
    timestamp: SAMPLE_TIME,
    receiveTimestamp: SAMPLE_TIME,
    resource: sample.route === 'gke' ? SIDECAR : VM,
    labels: sample.route === 'gke' ? {} : { 'compute.googleapis.com/resource_name': 'web-frontend-x2x4' },
    ...(sample.severity === undefined ? {} : { severity: sample.severity }),
    ...payloadOf(sample),
  };
}
