// Pull delivery: the unary Pull and the stream that the SDK's subscription.on('message') opens.
// In: requests of a client. Out: received messages. Never decides what is delivered next.
import type { handleBidiStreamingCall, ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { invalid, statusOf } from './grpc.ts';
import { toWire } from './message.ts';
import type { Consumer, Delivery, Subscription } from './subscription.ts';
import type {
  PullRequest,
  PullResponse,
  StreamingPullRequest,
  StreamingPullResponse,
  WireReceived,
} from './wire.ts';

/** A Pull that finds nothing waits so long before it answers with nothing. */
const PULL_WAIT_MS = 5000;
/** Outstanding messages of a stream whose client names no limit. */
const STREAM_OUTSTANDING_DEFAULT = 1000;

function received(subscription: Subscription, deliveries: readonly Delivery[]): WireReceived[] {
  return deliveries.map(({ ackId, message, attempt }) => ({
    ackId,
    message: toWire(message),
    deliveryAttempt: subscription.settings.deadLetter === undefined ? 0 : attempt,
  }));
}

/** Changes deadlines as ModifyAckDeadline does: 0 seconds is a nack. */
export function modifyDeadline(subscription: Subscription, ackId: string, seconds: number): void {
  if (seconds === 0) subscription.settle(ackId, { kind: 'nacked', reason: 'deadline set to 0' });
  else subscription.extend(ackId, seconds * 1000);
}

/** Answers with up to `maxMessages` messages as soon as there is one, or with none after a while. */
export function pull(
  subscription: Subscription,
  request: PullRequest,
  call: ServerUnaryCall<PullRequest, PullResponse>,
): Promise<PullResponse> {
  if (request.maxMessages <= 0) throw invalid('max_messages must be greater than 0');
  return new Promise((resolve) => {
    let open = true;
    const finish = (deliveries: readonly Delivery[]): void => {
      open = false;
      clearTimeout(timer);
      subscription.removeConsumer(consumer);
      resolve({ receivedMessages: received(subscription, deliveries) });
    };
    const consumer: Consumer = {
      ackDeadlineMs: undefined,
      room: () => (open ? request.maxMessages : 0),
      deliver: finish,
      settled: () => undefined,
      closed: () => finish([]),
    };
    const timer = setTimeout(() => finish([]), request.returnImmediately ? 0 : PULL_WAIT_MS);
    call.on('cancelled', () => finish([]));
    subscription.addConsumer(consumer);
  });
}

function streamConsumer(
  subscription: Subscription,
  first: StreamingPullRequest,
  call: ServerDuplexStream<StreamingPullRequest, StreamingPullResponse>,
): Consumer {
  const outstandingMax = Number(first.maxOutstandingMessages) || STREAM_OUTSTANDING_DEFAULT;
  let outstanding = 0;
  return {
    ackDeadlineMs: first.streamAckDeadlineSeconds > 0 ? first.streamAckDeadlineSeconds * 1000 : undefined,
    room: () => (call.cancelled ? 0 : outstandingMax - outstanding),
    deliver: (deliveries) => {
      outstanding += deliveries.length;
      call.write({ receivedMessages: received(subscription, deliveries) });
    },
    settled: () => {
      outstanding -= 1;
    },
    closed: (reason) => call.emit('error', statusOf(reason)),
  };
}

function applyAcks(subscription: Subscription, request: StreamingPullRequest): void {
  for (const ackId of request.ackIds) subscription.settle(ackId, { kind: 'acked' });
  request.modifyDeadlineAckIds.forEach((ackId, index) =>
    modifyDeadline(subscription, ackId, request.modifyDeadlineSeconds[index] ?? 0),
  );
}

/** The handler of StreamingPull; `find` gives the pull subscription of a name or throws a StatusError. */
export function streamingPull(
  find: (name: string) => Subscription,
): handleBidiStreamingCall<StreamingPullRequest, StreamingPullResponse> {
  return (call) => {
    let open: { readonly subscription: Subscription; readonly consumer: Consumer } | undefined;
    const leave = (): void => open?.subscription.removeConsumer(open.consumer);
    call.on('data', (request: StreamingPullRequest) => {
      if (open !== undefined) {
        applyAcks(open.subscription, request);
        // The SDK pings each half minute and takes a stream that stays silent for dead.
        return void call.write({});
      }
      try {
        const subscription = find(request.subscription);
        open = { subscription, consumer: streamConsumer(subscription, request, call) };
        subscription.addConsumer(open.consumer);
      } catch (error) {
        call.emit('error', statusOf(error));
      }
    });
    call.on('cancelled', leave);
    call.on('end', () => {
      leave();
      call.end();
    });
  };
}
