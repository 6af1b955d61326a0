// The shapes of google.pubsub.v1 as they cross the gRPC boundary, and the conversions of its times.
// In and out: plain objects. Holds no state and never decides anything.

/** `google.protobuf.Timestamp` and `google.protobuf.Duration` look the same on the wire. */
export interface WireTime {
  readonly seconds: string;
  readonly nanos: number;
}

/** What a client may send in a field it does not set: proto3 gives null for messages. */
type Unset = null;

export type Labels = Readonly<Record<string, string>>;

export interface WireMessage {
  readonly data: Buffer;
  readonly attributes: Labels;
  readonly messageId: string;
  readonly publishTime: WireTime | Unset;
  readonly orderingKey: string;
}

export interface WireTopic {
  readonly name: string;
  readonly labels: Labels;
  readonly messageRetentionDuration: WireTime | Unset;
  readonly messageStoragePolicy: object | Unset;
  readonly kmsKeyName: string;
  readonly schemaSettings: object | Unset;
  readonly ingestionDataSourceSettings: object | Unset;
  readonly messageTransforms: readonly object[];
}

export interface WirePushConfig {
  readonly pushEndpoint: string;
  readonly attributes: Labels;
  readonly oidcToken: object | Unset;
  readonly pubsubWrapper: object | Unset;
  readonly noWrapper: object | Unset;
}

export interface WireSubscription {
  readonly name: string;
  readonly topic: string;
  readonly pushConfig: WirePushConfig | Unset;
  readonly ackDeadlineSeconds: number;
  readonly retainAckedMessages: boolean;
  readonly messageRetentionDuration: WireTime | Unset;
  readonly labels: Labels;
  readonly enableMessageOrdering: boolean;
  readonly expirationPolicy: { readonly ttl: WireTime | Unset } | Unset;
  readonly filter: string;
  readonly deadLetterPolicy:
    | {
        readonly deadLetterTopic: string;
        readonly maxDeliveryAttempts: number;
      }
    | Unset;
  readonly retryPolicy:
    | {
        readonly minimumBackoff: WireTime | Unset;
        readonly maximumBackoff: WireTime | Unset;
      }
    | Unset;
  readonly enableExactlyOnceDelivery: boolean;
  readonly bigqueryConfig: object | Unset;
  readonly bigtableConfig: object | Unset;
  readonly cloudStorageConfig: object | Unset;
  readonly messageTransforms: readonly object[];
}

export interface WireReceived {
  readonly ackId: string;
  readonly message: WireMessage;
  readonly deliveryAttempt: number;
}

interface UpdateMask {
  readonly paths: readonly string[];
}

export interface UpdateTopicRequest {
  readonly topic: WireTopic | Unset;
  readonly updateMask: UpdateMask | Unset;
}

export interface UpdateSubscriptionRequest {
  readonly subscription: WireSubscription | Unset;
  readonly updateMask: UpdateMask | Unset;
}

export interface PublishRequest {
  readonly topic: string;
  readonly messages: readonly WireMessage[];
}

export interface TopicRequest {
  readonly topic: string;
}

export interface SubscriptionRequest {
  readonly subscription: string;
}

export interface ListRequest {
  readonly project: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface ListOfTopicRequest {
  readonly topic: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface ModifyPushConfigRequest {
  readonly subscription: string;
  readonly pushConfig: WirePushConfig | Unset;
}

export interface PullRequest {
  readonly subscription: string;
  readonly returnImmediately: boolean;
  readonly maxMessages: number;
}

export interface PullResponse {
  readonly receivedMessages: readonly WireReceived[];
}

export interface AcknowledgeRequest {
  readonly subscription: string;
  readonly ackIds: readonly string[];
}

export interface ModifyAckDeadlineRequest {
  readonly subscription: string;
  readonly ackIds: readonly string[];
  readonly ackDeadlineSeconds: number;
}

export interface StreamingPullRequest {
  readonly subscription: string;
  readonly ackIds: readonly string[];
  readonly modifyDeadlineSeconds: readonly number[];
  readonly modifyDeadlineAckIds: readonly string[];
  readonly streamAckDeadlineSeconds: number;
  /** Numbers of 64 bits arrive as decimal text. */
  readonly maxOutstandingMessages: string;
}

export interface StreamingPullResponse {
  readonly receivedMessages?: readonly WireReceived[];
}

export type Empty = Readonly<Record<string, never>>;

export const EMPTY: Empty = {};

const MS_PER_SECOND = 1000;
const NANOS_PER_MS = 1_000_000;

/** Milliseconds of a duration or of a timestamp since 1970. */
export function wireTimeToMs(time: WireTime): number {
  return Number(time.seconds) * MS_PER_SECOND + time.nanos / NANOS_PER_MS;
}

/** A duration, or a timestamp since 1970, of so many milliseconds. */
export function msToWireTime(ms: number): WireTime {
  const seconds = Math.floor(ms / MS_PER_SECOND);
  return { seconds: String(seconds), nanos: Math.round((ms - seconds * MS_PER_SECOND) * NANOS_PER_MS) };
}
