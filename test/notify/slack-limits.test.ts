// The validator itself: at, below and above each of Slack's limits.
import { expect, test } from 'vitest';
import { limitFaults, liveParts } from './slack-limits.ts';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } });
const message = (...blocks: readonly object[]) => ({ text: 'fallback', blocks });

test.for([
  ['a header of 150', message({ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(150) } }), true],
  [
    'a header of 151',
    message({ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }),
    false,
  ],
  ['a section of 3,000', message(section('x'.repeat(3_000))), true],
  ['a section of 3,001', message(section('x'.repeat(3_001))), false],
  ['an empty section', message(section('')), false],
  ['50 blocks', message(...Array.from({ length: 50 }, () => ({ type: 'divider' }))), true],
  ['51 blocks', message(...Array.from({ length: 51 }, () => ({ type: 'divider' }))), false],
  ['blocks of 15,000 in all', message(...Array.from({ length: 5 }, () => section('x'.repeat(2_990)))), false],
  ['a code block that stays open', message(section('```x')), false],
  ['no text at all', { text: '', blocks: [] }, false],
  ['a field that Slack does not know', message({ type: 'divider', color: 'red' }), false],
] as const)('%s: allowed is %s', ([, given, allowed]) => {
  expect(limitFaults(given).length === 0).toBe(allowed);
});

test('mentions and foreign links are seen as live, our dates and links are not', () => {
  expect(
    liveParts([
      '<!channel> <@U1> <https://evil|ok> <!date^1^{date}|then> <https://console.cloud.google.com/x|Logs Explorer>',
    ]),
  ).toEqual(['<!channel>', '<@U1>', '<https://evil|ok>']);
});
