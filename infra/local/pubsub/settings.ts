// What a subscription is configured to do: reads, checks and updates google.pubsub.v1.Subscription.
// In: the resource from the wire. Out: the resource with its defaults and the numbers drawn from it. No state.
import { status } from '@grpc/grpc-js';
import { parseFilter, type Matches } from './filter.ts';
import { invalid, StatusError, unimplemented } from './grpc.ts';
import { msToWireTime, wireTimeToMs, type WirePushConfig, type WireSubscription } from './wire.ts';

const ACK_DEADLINE_DEFAULT_SECONDS = 10;
const ACK_DEADLINE_MAX_SECONDS = 600;
const RETENTION_DEFAULT_MS = 7 * 24 * 3_600_000;
const RETENTION_MIN_MS = 10 * 60_000;
const RETENTION_MAX_MS = 31 * 24 * 3_600_000;
const BACKOFF_MIN_DEFAULT_MS = 10_000;
const BACKOFF_MAX_MS = 600_000;
const ATTEMPTS_DEFAULT = 5;
const ATTEMPTS_MIN = 5;
const ATTEMPTS_MAX = 100;

/** Where pushes may go: this server is for one machine and must not become a way out of it. */
const PUSH_HOSTS: readonly string[] = ['127.0.0.1', 'localhost'];

/** What a pull subscription shows as its push configuration. */
const NO_PUSH: WirePushConfig = {
  pushEndpoint: '',
  attributes: {},
  oidcToken: null,
  pubsubWrapper: null,
  noWrapper: null,
};

export interface Settings {
  readonly resource: WireSubscription;
  readonly matches: Matches;
  readonly ackDeadlineMs: number;
  readonly retentionMs: number;
  /** The delays between attempts; undefined is immediate redelivery. */
  readonly retry: { readonly minimumMs: number; readonly maximumMs: number } | undefined;
  readonly deadLetter: { readonly topic: string; readonly attemptsMax: number } | undefined;
  /** Undefined for a pull subscription. */
  readonly pushEndpoint: URL | undefined;
}

const MUTABLE: ReadonlyMap<string, keyof WireSubscription> = new Map([
  ['ack_deadline_seconds', 'ackDeadlineSeconds'],
  ['dead_letter_policy', 'deadLetterPolicy'],
  ['expiration_policy', 'expirationPolicy'],
  ['labels', 'labels'],
  ['message_retention_duration', 'messageRetentionDuration'],
  ['push_config', 'pushConfig'],
  ['retry_policy', 'retryPolicy'],
] as const);

function refuseUnsupported(wire: WireSubscription): void {
  const unsupported = {
    'exactly-once delivery': wire.enableExactlyOnceDelivery,
    retainAckedMessages: wire.retainAckedMessages,
    bigqueryConfig: wire.bigqueryConfig !== null,
    bigtableConfig: wire.bigtableConfig !== null,
    cloudStorageConfig: wire.cloudStorageConfig !== null,
    messageTransforms: wire.messageTransforms.length > 0,
    'noWrapper (push without the JSON wrapper)': (wire.pushConfig?.noWrapper ?? null) !== null,
  };
  for (const [name, asked] of Object.entries(unsupported)) if (asked) throw unimplemented(name);
}

function endpointOf(wire: WireSubscription): URL | undefined {
  const source = wire.pushConfig?.pushEndpoint ?? '';
  if (source === '') return undefined;
  const url = URL.canParse(source) ? new URL(source) : undefined;
  if (url?.protocol === 'http:' && PUSH_HOSTS.includes(url.hostname)) return url;
  throw invalid(
    `the embedded Pub/Sub pushes only to http://127.0.0.1 and http://localhost: push_endpoint ${source}`,
  );
}

function within(name: string, value: number, [minimum, maximum]: readonly [number, number]): number {
  if (value >= minimum && value <= maximum) return value;
  throw invalid(
    `The value for ${name} is out of bounds. You passed ${value} in the request, but the value must be between ${minimum} and ${maximum}.`,
  );
}

/** An empty policy block means the default delays; no block at all means no delay. */
function retryOf(wire: WireSubscription): Settings['retry'] {
  const policy = wire.retryPolicy;
  if (policy === null) return undefined;
  const minimum =
    policy.minimumBackoff === null ? BACKOFF_MIN_DEFAULT_MS : wireTimeToMs(policy.minimumBackoff);
  const maximum = policy.maximumBackoff === null ? BACKOFF_MAX_MS : wireTimeToMs(policy.maximumBackoff);
  within('minimum_backoff in ms', minimum, [0, BACKOFF_MAX_MS]);
  within('maximum_backoff in ms', maximum, [minimum, BACKOFF_MAX_MS]);
  return { minimumMs: minimum, maximumMs: maximum };
}

/** Google answers OUT_OF_RANGE, not INVALID_ARGUMENT, where the attempts are. */
function deadLetterOf(wire: WireSubscription): Settings['deadLetter'] {
  const policy = wire.deadLetterPolicy;
  if (policy === null || policy.deadLetterTopic === '') return undefined;
  const attempts = policy.maxDeliveryAttempts === 0 ? ATTEMPTS_DEFAULT : policy.maxDeliveryAttempts;
  if (attempts < ATTEMPTS_MIN || attempts > ATTEMPTS_MAX)
    throw new StatusError(
      status.OUT_OF_RANGE,
      `The value for max_delivery_attempts is out of bounds. You passed ${attempts} in the request, but the value must be between ${ATTEMPTS_MIN} and ${ATTEMPTS_MAX}.`,
    );
  return { topic: policy.deadLetterTopic, attemptsMax: attempts };
}

/** Checks a subscription and fills its defaults. Throws INVALID_ARGUMENT, OUT_OF_RANGE or UNIMPLEMENTED. */
export function readSettings(wire: WireSubscription, ackDeadlineMinimumSeconds: number): Settings {
  refuseUnsupported(wire);
  const deadline = wire.ackDeadlineSeconds === 0 ? ACK_DEADLINE_DEFAULT_SECONDS : wire.ackDeadlineSeconds;
  within('ack_deadline_seconds', deadline, [ackDeadlineMinimumSeconds, ACK_DEADLINE_MAX_SECONDS]);
  const asked = wire.messageRetentionDuration;
  const retentionMs = asked === null ? RETENTION_DEFAULT_MS : wireTimeToMs(asked);
  within('message_retention_duration in ms', retentionMs, [RETENTION_MIN_MS, RETENTION_MAX_MS]);
  const retry = retryOf(wire);
  const deadLetter = deadLetterOf(wire);
  return {
    resource: {
      ...wire,
      pushConfig: wire.pushConfig ?? NO_PUSH,
      ackDeadlineSeconds: deadline,
      messageRetentionDuration: msToWireTime(retentionMs),
      retryPolicy:
        retry === undefined
          ? null
          : {
              minimumBackoff: msToWireTime(retry.minimumMs),
              maximumBackoff: msToWireTime(retry.maximumMs),
            },
      deadLetterPolicy:
        deadLetter === undefined
          ? null
          : {
              deadLetterTopic: deadLetter.topic,
              maxDeliveryAttempts: deadLetter.attemptsMax,
            },
    },
    matches: parseFilter(wire.filter),
    ackDeadlineMs: deadline * 1000,
    retentionMs,
    retry,
    deadLetter,
    pushEndpoint: endpointOf(wire),
  };
}

/** The resource with the fields of the mask taken from `wanted`. Throws INVALID_ARGUMENT for a fixed field. */
export function merged(
  current: WireSubscription,
  wanted: WireSubscription,
  paths: readonly string[],
): WireSubscription {
  if (paths.length === 0) throw invalid('the update_mask is empty');
  return paths.reduce((result: WireSubscription, path) => {
    const field = MUTABLE.get(path);
    if (field !== undefined) return { ...result, [field]: wanted[field] };
    throw invalid(
      `Invalid update_mask: ${path} is not a field of a subscription that can be updated; whole fields only: ${[...MUTABLE.keys()].join(', ')}`,
    );
  }, current);
}
