// The message: within Slack's limits, saying what matters, and immune to what a log can write.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  HEADER_CHARS_MAX,
  MESSAGE_CHARS_MAX,
  slackMessage,
  type SlackBlock,
  type SlackMessage,
} from '#shared/notify/slack-message.ts';
import { code, cut, plain } from '#shared/notify/slack-text.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { anIncident } from './incident.ts';

const patternOf = (id: string) => CATALOGUE.find((pattern) => pattern.id === id);

function textsOf(blocks: readonly SlackBlock[]): readonly string[] {
  return blocks.flatMap((block) => {
    if (block.type === 'divider') return [];
    return block.type === 'context' ? block.elements.map(({ text }) => text) : [block.text.text];
  });
}

/** Slack's published limits for the blocks that the message uses. */
function faultsOf(message: SlackMessage): readonly string[] {
  const faults: string[] = [];
  if (message.blocks.length > 50) faults.push('more than 50 blocks');
  if (message.text.length > 40_000 || message.text === '') faults.push('text');
  if (JSON.stringify(message.blocks).length > 13_200) faults.push('blocks too long in all');
  for (const block of message.blocks) {
    if (block.type === 'header' && (block.text.text.length > 150 || block.text.text === ''))
      faults.push('header');
    if (block.type === 'section' && (block.text.text.length > 3_000 || block.text.text === ''))
      faults.push('section');
    if (
      block.type === 'context' &&
      (block.elements.length > 10 || block.elements.some(({ text }) => text === ''))
    )
      faults.push('context');
  }
  return faults;
}

test('the message of an incident says what, where, how much, since when, the proof and the commands', async () => {
  const message = slackMessage(anIncident(), patternOf('config-not-found'));
  expect(faultsOf(message)).toEqual([]);
  await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(
    '../golden/slack/config-not-found.open.json',
  );
});

test('a resolved incident says so at a glance', () => {
  const incident = anIncident({
    incident: { state: 'resolved', resolvedBy: 'quiet', resolvedAtMs: Date.UTC(2026, 10, 1, 11) },
  });
  const [, state] = textsOf(slackMessage(incident, patternOf('config-not-found')).blocks);
  expect(state).toMatch(/^✅ \*Resolved\* by quiet <!date\^\d+\^/);
});

const EVIL = [
  '<!channel>',
  '<@U123>',
  '<https://evil.example|ok>',
  '```',
  '*bold*',
  '\u202Eevil',
  '&amp;<!here>',
  'a\u0000b',
  '😀',
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...EVIL), fc.string({ unit: 'binary' })), { maxLength: 400 })
  .map((parts) => parts.join(''));

/** Everything between angle brackets is live in mrkdwn: only our own dates and links may be. */
function liveParts(texts: readonly string[]): readonly string[] {
  return texts
    .flatMap((text) => text.match(/<[^>]*>?/g) ?? [])
    .filter((part) => !/^<!date\^\d+\^[^<>|]*\|[^<>]*>$/.test(part))
    .filter((part) => !/^<https:\/\/console\.cloud\.google\.com\/[^<>|\s]*\|Logs Explorer>$/.test(part));
}

test('hostile text in every field pings nobody, forges no link, breaks no block and passes no limit', () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom(...CATALOGUE, undefined), (text, pattern) => {
      const names = pattern?.fields ?? ['shape'];
      const message = slackMessage(
        anIncident({
          incident: {
            scope: { project: text, network: text, shape: text, group: text, line: text, listener: text },
          },
          evidence: {
            fields: Object.fromEntries(names.map((name) => [name, text])),
            projects: [text],
            proxies: [{ id: '1', project: text, location: text, name: text, displayName: text, group: text }],
            samples: [{ timeMs: 0, entry: '', proxy: text, logName: text, message: text }],
          },
        }),
        pattern,
      );
      expect(faultsOf(message)).toEqual([]);
      const mrkdwn = message.blocks.filter(({ type }) => type !== 'header');
      expect(liveParts([...textsOf(mrkdwn), message.text])).toEqual([]);
      for (const shown of textsOf(mrkdwn)) expect((shown.match(/```/g) ?? []).length % 2).toBe(0);
      expect(JSON.stringify(message)).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
    }),
    { numRuns: 300 },
  );
});

test.for([
  [HEADER_CHARS_MAX - 1, false],
  [HEADER_CHARS_MAX, false],
  [HEADER_CHARS_MAX + 1, true],
] as const)('a text of %i characters in the header is cut: %s', ([length, isCut]) => {
  const shown = cut('x'.repeat(length), HEADER_CHARS_MAX);
  expect(shown.endsWith('…')).toBe(isCut);
  expect(shown.length).toBeLessThanOrEqual(HEADER_CHARS_MAX);
});

test('no cut goes through an escape or a surrogate pair', () => {
  for (let max = 1; max < 30; max += 1) {
    expect(plain('<&>'.repeat(20), max)).toMatch(/^(?:&lt;|&amp;|&gt;)*…?$/);
    expect(code('😀'.repeat(20), max)).toMatch(/^(?:😀)*…$/u);
  }
});

test('a message that would be too long leaves out whole parts and says so', () => {
  const pattern = patternOf('config-not-found');
  if (pattern === undefined) throw new Error('no such pattern');
  const step = { say: 'x'.repeat(350), run: 'gcloud '.repeat(100) };
  const message = slackMessage(anIncident(), {
    ...pattern,
    remedy: () => [step, ...Array.from({ length: 20 }, () => step)],
  });
  expect(JSON.stringify(message.blocks).length).toBeLessThanOrEqual(MESSAGE_CHARS_MAX);
  expect(textsOf(message.blocks).at(-1)).toBe('More in the incident history.');
});
