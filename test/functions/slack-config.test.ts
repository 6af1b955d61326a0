// Slack's settings: what is wrong is named before anything starts.
import { expect, test } from 'vitest';
import { readConfig } from '#functions/config.ts';

const base = {
  FUNCTION_TARGET: 'reconcile',
  GOOGLE_CLOUD_PROJECT: 'p',
  INCIDENT_CHANGES_TOPIC: 'incident-changes',
  SLACK_TOKEN: 'xoxb-1',
  SLACK_CHANNEL: 'C0123456789',
};

test('routes, language, digest and debounce have their defaults', () => {
  expect(readConfig(base)).toMatchObject({
    SLACK_ROUTES: [],
    LANGUAGE: 'en',
    SLACK_DIGEST_FROM: 5,
    SLACK_EDIT_AFTER_SECONDS: 30,
  });
});

test('routes are read from JSON', () => {
  const route = { severity: ['critical'], scope: { network: 'prod-*' }, channel: 'C0123ONCALL' };
  expect(readConfig({ ...base, SLACK_ROUTES: JSON.stringify([route]) })).toMatchObject({
    SLACK_ROUTES: [route],
  });
});

test.for([
  ['SLACK_ROUTES', '[', /SLACK_ROUTES.*JSON/],
  ['SLACK_ROUTES', '{}', /SLACK_ROUTES/],
  ['SLACK_ROUTES', '[{"channel":"#alerts"}]', /SLACK_ROUTES.*id of a channel/],
  ['SLACK_ROUTES', '[{"chanel":"C0123456789"}]', /SLACK_ROUTES/],
  ['SLACK_ROUTES', '[{"severity":["bad"],"channel":"C0123456789"}]', /SLACK_ROUTES/],
  ['SLACK_CHANNEL', 'mesh-alerts', /SLACK_CHANNEL.*id of a channel/],
  ['LANGUAGE', 'de', /LANGUAGE/],
  ['SLACK_DIGEST_FROM', '-1', /SLACK_DIGEST_FROM/],
] as const)('%s=%s is refused by name', ([name, value, message]) => {
  expect(() => readConfig({ ...base, [name]: value })).toThrow(message);
});

const slack = { ...base, FUNCTION_TARGET: 'slack', SLACK_SIGNING_SECRET: '0123456789abcdef' };

test.for([
  ['SLACK_SIGNING_SECRET', '0123456789abcde', /SLACK_SIGNING_SECRET/],
  ['SLACK_SIGNING_SECRET', '', /SLACK_SIGNING_SECRET is missing/],
  ['TIME_ZONE', 'Mars/Olympus', /TIME_ZONE.*time zone/],
] as const)('the function slack refuses %s=%s', ([name, value, message]) => {
  expect(readConfig(slack)).toMatchObject({ TIME_ZONE: 'UTC' });
  expect(() => readConfig({ ...slack, [name]: value })).toThrow(message);
});
