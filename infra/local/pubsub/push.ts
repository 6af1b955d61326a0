// Push delivery: one HTTP POST per message to the endpoint of a subscription, the status is the ack or the nack.
// In: deliveries. Out: outcomes. Never follows redirects, sends no token, connects to 127.0.0.1 only.
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { Alarm } from './alarm.ts';
import type { Environment } from './environment.ts';
import { PushWindow } from './push-window.ts';
import type { Consumer, Delivery, Outcome, Subscription } from './subscription.ts';

/** Exactly these acknowledge; every other status, 203 and 206 too, is a nack. */
const ACK_STATUSES: ReadonlySet<number> = new Set([102, 200, 201, 202, 204]);
const PROCESSING = 102;

/** The body of a push. As in JSON of protobuf, fields that are empty are absent. */
function bodyOf(subscription: Subscription, delivery: Delivery): string {
  const { message } = delivery;
  const publishTime = new Date(message.publishedMs).toISOString();
  return JSON.stringify({
    message: {
      ...(message.data.length > 0 && { data: message.data.toString('base64') }),
      ...(Object.keys(message.attributes).length > 0 && { attributes: message.attributes }),
      messageId: message.messageId,
      message_id: message.messageId,
      publishTime,
      publish_time: publishTime,
      ...(message.orderingKey !== '' && { orderingKey: message.orderingKey }),
    },
    subscription: subscription.name,
    ...(subscription.settings.deadLetter !== undefined && { deliveryAttempt: delivery.attempt }),
  });
}

function outcomeOf(statusCode: number): Outcome {
  return ACK_STATUSES.has(statusCode) ? { kind: 'acked' } : { kind: 'nacked', reason: `HTTP ${statusCode}` };
}

/** Sends a subscription's messages to `endpoint` until it is closed. */
export function pushConsumer(subscription: Subscription, endpoint: URL, environment: Environment): Consumer {
  const window = new PushWindow(environment.pushBackoff, environment.pushOutstandingMax);
  const requests = new Map<string, ClientRequest>();
  const resume = new Alarm(() => subscription.dispatch());

  function post(delivery: Delivery): void {
    const body = Buffer.from(bodyOf(subscription, delivery));
    const settle = (outcome: Outcome): void => subscription.settle(delivery.ackId, outcome);
    const sent = request({
      agent: environment.agent,
      // A fixed address: a name could be made to resolve to another machine.
      host: '127.0.0.1',
      port: endpoint.port === '' ? 80 : endpoint.port,
      path: `${endpoint.pathname}${endpoint.search}`,
      method: 'POST',
      headers: { host: endpoint.host, 'content-type': 'application/json', 'content-length': body.length },
    });
    requests.set(delivery.ackId, sent);
    sent.on('information', ({ statusCode }) => {
      if (statusCode === PROCESSING) settle(outcomeOf(statusCode));
    });
    sent.on('response', (response: IncomingMessage) => {
      response.resume();
      // The status is decided, but the connection is free for the next push only after the end.
      response.once('close', () => settle(outcomeOf(response.statusCode ?? 0)));
    });
    sent.on('error', (error) => settle({ kind: 'nacked', reason: error.message }));
    sent.end(body);
  }

  return {
    ackDeadlineMs: undefined,
    room: () => {
      const nowMs = performance.now();
      if (nowMs < window.pausedUntilMs) resume.set(window.pausedUntilMs);
      return window.room(nowMs);
    },
    deliver: (deliveries) => {
      for (const delivery of deliveries) {
        window.started();
        post(delivery);
      }
    },
    settled: (ackId, outcome) => {
      if (outcome.kind === 'acked') window.acked();
      else window.failed(performance.now());
      // After the deadline nobody listens to the answer any more.
      if (outcome.kind === 'expired') requests.get(ackId)?.destroy();
      requests.delete(ackId);
    },
    closed: () => {
      resume.clear();
      for (const sent of requests.values()) sent.destroy();
      requests.clear();
    },
  };
}
