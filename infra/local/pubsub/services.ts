// The methods of google.pubsub.v1.Publisher and Subscriber: each takes a request apart and asks `Topics`.
// In: requests. Out: responses or StatusErrors. Holds no state.
import { status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { invalid, StatusError, unary } from './grpc.ts';
import { modifyDeadline, pull, streamingPull } from './pull.ts';
import type { Subscription } from './subscription.ts';
import type { Topics } from './topics.ts';
import {
  EMPTY,
  type AcknowledgeRequest,
  type Empty,
  type ListOfTopicRequest,
  type ListRequest,
  type ModifyAckDeadlineRequest,
  type ModifyPushConfigRequest,
  type PublishRequest,
  type PullRequest,
  type PullResponse,
  type SubscriptionRequest,
  type TopicRequest,
  type UpdateSubscriptionRequest,
  type UpdateTopicRequest,
  type WireSubscription,
  type WireTopic,
} from './wire.ts';

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1000;

/** One page in order of name; a page token is the last name of the page before. */
function page<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  wanted: { readonly pageSize: number; readonly pageToken: string },
): { readonly items: readonly Item[]; readonly nextPageToken: string } {
  const rest = items
    .filter((item) => nameOf(item) > wanted.pageToken)
    .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const size = wanted.pageSize > 0 ? Math.min(wanted.pageSize, PAGE_SIZE_MAX) : PAGE_SIZE_DEFAULT;
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  return { items: shown, nextPageToken: rest.length > size && last !== undefined ? nameOf(last) : '' };
}

/** The handlers of the Publisher service by method name. */
export function publisherHandlers(topics: Topics): UntypedServiceImplementation {
  return {
    CreateTopic: unary<WireTopic, WireTopic>((topic) => topics.createTopic(topic)),
    GetTopic: unary<TopicRequest, WireTopic>(({ topic }) => topics.getTopic(topic)),
    UpdateTopic: unary<UpdateTopicRequest, WireTopic>(({ topic, updateMask }) => {
      if (topic === null) throw invalid('topic is missing');
      return topics.updateTopic(topic, updateMask?.paths ?? []);
    }),
    DeleteTopic: unary<TopicRequest, Empty>(({ topic }) => {
      topics.deleteTopic(topic);
      return EMPTY;
    }),
    ListTopics: unary<ListRequest, object>((request) => {
      const shown = page(topics.listTopics(request.project), ({ name }) => name, request);
      return { topics: shown.items, nextPageToken: shown.nextPageToken };
    }),
    ListTopicSubscriptions: unary<ListOfTopicRequest, object>((request) => {
      const shown = page(topics.topicSubscriptions(request.topic), (name) => name, request);
      return { subscriptions: shown.items, nextPageToken: shown.nextPageToken };
    }),
    Publish: unary<PublishRequest, object>(({ topic, messages }) => ({
      messageIds: topics.publish(topic, messages),
    })),
  };
}

/** The handlers of the Subscriber service by method name. */
export function subscriberHandlers(topics: Topics): UntypedServiceImplementation {
  const pullable = (name: string): Subscription => {
    const subscription = topics.subscription(name);
    if (subscription.settings.pushEndpoint === undefined) return subscription;
    throw new StatusError(status.FAILED_PRECONDITION, 'This method is not supported for push subscriptions');
  };
  return {
    CreateSubscription: unary<WireSubscription, WireSubscription>((wire) => topics.createSubscription(wire)),
    GetSubscription: unary<SubscriptionRequest, WireSubscription>(
      ({ subscription }) => topics.subscription(subscription).settings.resource,
    ),
    UpdateSubscription: unary<UpdateSubscriptionRequest, WireSubscription>(({ subscription, updateMask }) => {
      if (subscription === null) throw invalid('subscription is missing');
      return topics.updateSubscription(subscription, updateMask?.paths ?? []);
    }),
    DeleteSubscription: unary<SubscriptionRequest, Empty>(({ subscription }) => {
      topics.deleteSubscription(subscription);
      return EMPTY;
    }),
    ListSubscriptions: unary<ListRequest, object>((request) => {
      const shown = page(topics.listSubscriptions(request.project), ({ name }) => name, request);
      return { subscriptions: shown.items, nextPageToken: shown.nextPageToken };
    }),
    ModifyPushConfig: unary<ModifyPushConfigRequest, Empty>(({ subscription, pushConfig }) => {
      topics.modifyPushConfig(subscription, pushConfig);
      return EMPTY;
    }),
    Pull: unary<PullRequest, PullResponse>((request, call) =>
      pull(pullable(request.subscription), request, call),
    ),
    Acknowledge: unary<AcknowledgeRequest, Empty>(({ subscription, ackIds }) => {
      const one = topics.subscription(subscription);
      for (const ackId of ackIds) one.settle(ackId, { kind: 'acked' });
      return EMPTY;
    }),
    ModifyAckDeadline: unary<ModifyAckDeadlineRequest, Empty>((request) => {
      const one = topics.subscription(request.subscription);
      for (const ackId of request.ackIds) modifyDeadline(one, ackId, request.ackDeadlineSeconds);
      return EMPTY;
    }),
    StreamingPull: streamingPull(pullable),
  };
}
