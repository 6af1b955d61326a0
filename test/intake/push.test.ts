// What a push request's body says, and what is no push.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPush } from '#shared/intake/push.ts';

const message = {
  data: 'e30=',
  attributes: { 'logging.googleapis.com/timestamp': '2026-11-01T12:30:15Z' },
  messageId: '136969346945',
  message_id: '136969346945',
  publishTime: '2026-11-01T12:30:15.5Z',
  publish_time: '2026-11-01T12:30:15.5Z',
};
const subscription = 'projects/demo-project/subscriptions/classify';

test('a push tells all it knows about its message', () => {
  const body = { message: { ...message, orderingKey: 'an-incident' }, subscription, deliveryAttempt: 3 };
  expect(readPush(body)).toEqual({
    kind: 'push',
    data: 'e30=',
    messageId: '136969346945',
    subscription,
    publishTimeMs: Date.UTC(2026, 10, 1, 12, 30, 15, 500),
    deliveryAttempt: 3,
    orderingKey: 'an-incident',
    attributes: { 'logging.googleapis.com/timestamp': '2026-11-01T12:30:15Z' },
  });
});

test('the names with underscores alone are enough', () => {
  const body = { message: { data: 'e30=', message_id: '7', publish_time: '2026-11-01T12:30:15Z' } };
  expect(readPush(body)).toMatchObject({
    kind: 'push',
    messageId: '7',
    publishTimeMs: Date.UTC(2026, 10, 1, 12, 30, 15),
  });
});

test('what is missing or of a wrong type is empty, not a reason to refuse', () => {
  const body = {
    message: { data: 'e30=', messageId: {}, publishTime: 'yesterday', attributes: { a: 'b', c: 5 } },
    subscription: 4,
    deliveryAttempt: -1,
  };
  expect(readPush(body)).toEqual({
    kind: 'push',
    data: 'e30=',
    messageId: '',
    subscription: '',
    publishTimeMs: 0,
    deliveryAttempt: 0,
    orderingKey: '',
    attributes: { a: 'b' },
  });
});

test.for<[what: string, body: unknown]>([
  ['nothing', undefined],
  ['a list', [message]],
  ['a text', 'message'],
  ['no message', { subscription }],
  ['a list for a message', { message: [message], subscription }],
  ['a message without data', { message: { attributes: { a: 'b' }, messageId: '1' }, subscription }],
  ['a message with empty data', { message: { ...message, data: '' }, subscription }],
  ['a message whose data is no text', { message: { ...message, data: 5 }, subscription }],
])('%s is no push, and says so', ([, body]) => {
  expect(readPush(body)).toMatchObject({ kind: 'unreadable', reason: 'push-body' });
});

test('the same unreadable body has the same id, another body another', () => {
  const first = readPush({ subscription });
  expect(readPush({ subscription })).toEqual(first);
  expect(readPush({ subscription: 'another' })).not.toEqual(first);
});

test('no body makes it throw', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (body, data) => {
      expect(['push', 'unreadable']).toContain(readPush(body).kind);
      expect(['push', 'unreadable']).toContain(readPush({ message: { data, attributes: body } }).kind);
    }),
  );
});
