// The message: within Slack's limits, saying what matters, and immune to what a log can write.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Incident } from '#shared/model/incident.ts';
import { HEADER_CHARS_MAX, MESSAGE_CHARS_MAX, type SlackMessage } from '#shared/notify/slack-blocks.ts';
import {
  CHECKS_SHOWN_MAX,
  COMMAND_CHARS_MAX,
  heldBackLine,
  slackMessage,
  stepText,
} from '#shared/notify/slack-message.ts';
import { code, cut, plain } from '#shared/notify/slack-text.ts';
import { TEXTS } from '#shared/notify/texts/tables.ts';
import { LANGUAGES } from '#shared/notify/texts/texts.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { exampleIncident, STATES } from './example-incident.ts';
import { anIncident, OPENED_MS } from './incident.ts';
import { limitFaults, liveParts, mrkdwnTexts } from './slack-limits.ts';

const patternOf = (id: string) => CATALOGUE.find((pattern) => pattern.id === id);
const textsOf = (message: SlackMessage): readonly string[] => mrkdwnTexts(message).slice(0, -1);

const english = CATALOGUE.flatMap((pattern) =>
  Object.keys(STATES).map((state) => ({ pattern, state, language: 'en' as const })),
);
const chinese = [
  ...CATALOGUE.map((pattern) => ({ pattern, state: 'open', language: 'zh-CN' as const })),
  // Every other state once: its words are the same for every pattern.
  ...CATALOGUE.filter(({ id }) => id === 'config-not-found').flatMap((pattern) =>
    Object.keys(STATES)
      .filter((state) => state !== 'open')
      .map((state) => ({ pattern, state, language: 'zh-CN' as const })),
  ),
];

test.for([...english, ...chinese])(
  'the message of $pattern.id, $state, in $language is the golden one',
  async ({ pattern, state, language }) => {
    const incident = STATES[state]?.(await exampleIncident(pattern));
    if (incident === undefined) throw new Error(`no state ${state}`);
    const message = slackMessage(incident, pattern, { language, historyUrl: 'https://history.example.com/' });
    expect(limitFaults(message)).toEqual([]);
    expect(liveParts(mrkdwnTexts(message))).toEqual([]);
    const name = `${pattern.id}.${state}${language === 'en' ? '' : `.${language.toLowerCase()}`}`;
    await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(`../golden/slack/${name}.json`);
  },
);

test('the message of an unrecognised error is the golden one', async () => {
  const shape = 'something odd happened to cluster <name>: code <n>';
  const message = slackMessage(
    anIncident({ incident: { pattern: 'unrecognised', scope: { shape, project: 'demo-project' } } }),
    undefined,
  );
  expect(limitFaults(message)).toEqual([]);
  await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(
    '../golden/slack/unrecognised.open.json',
  );
});

const CHECKED: Partial<Incident> = {
  conclusion: 'no rule names prod-vpc; the only INTERNAL_SELF_MANAGED rule names default',
  conclusionZhCn: '没有规则引用 prod-vpc；唯一的 INTERNAL_SELF_MANAGED 规则引用 default',
  checks: [
    {
      id: 'forwarding-rules',
      verdict: 'fault',
      expected: 'a forwarding rule with scheme INTERNAL_SELF_MANAGED that names prod-vpc',
      found: 'no rule names prod-vpc; the only INTERNAL_SELF_MANAGED rule names default',
      zhCn: {
        expected: '引用 prod-vpc 的 INTERNAL_SELF_MANAGED 转发规则',
        found: '没有规则引用 prod-vpc；唯一的 INTERNAL_SELF_MANAGED 规则引用 default',
      },
      how: 'compute.forwardingRules.list',
      atMs: OPENED_MS,
    },
    {
      id: 'service-proxy-metadata',
      verdict: 'ok',
      expected: 'metadata gce-service-proxy that fits the mesh',
      found: 'the metadata names mesh sidecar',
      zhCn: { expected: '与网格相符的元数据 gce-service-proxy', found: '元数据指定了 Mesh sidecar' },
      how: 'compute.instances.get',
      atMs: OPENED_MS,
    },
    {
      id: 'api-state',
      verdict: 'unreadable',
      expected: 'trafficdirector.googleapis.com is enabled',
      found: 'needs serviceusage.services.get',
      zhCn: {
        expected: 'trafficdirector.googleapis.com 已启用',
        found: '需要权限 serviceusage.services.get',
      },
      how: '',
      atMs: OPENED_MS,
    },
  ],
};

test('verdicts of checks, what was held back and the cause are shown where they are known', async () => {
  const message = slackMessage(
    anIncident({ incident: { ...CHECKED, explainedBy: 'api-disabled-0123456789abcdef' } }),
    patternOf('config-not-found'),
    {
      language: 'en',
      cause: 'API trafficdirector.googleapis.com is disabled',
      ledger: {
        id: 'ledger-demo-project',
        project: 'demo-project',
        count: 430,
        labels: { 'routine:stream-closed': 412, 'ignored:information': 18 },
        firstSeenMs: 0,
        lastSeenMs: 0,
        updatedAtMs: 0,
        version: 1,
      },
    },
  );
  expect(limitFaults(message)).toEqual([]);
  await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(
    '../golden/slack/config-not-found.checked.json',
  );
});

test('verdicts that were stored in English alone are shown in English', () => {
  const checks = [
    { id: 'meshes', verdict: 'ok', expected: '', found: 'Mesh a exists', how: '', atMs: 0 },
  ] as const;
  const incident = anIncident({ incident: { checks, conclusion: 'one check passes' } });
  const message = slackMessage(incident, patternOf('config-not-found'), { language: 'zh-CN' });
  expect(textsOf(message).find((text) => text.startsWith('*检查结果*'))).toBe(
    '*检查结果* one check passes\n✅ `meshes` Mesh a exists',
  );
});

test('the same message in Chinese is the golden one', async () => {
  const incident = anIncident({ incident: { ...CHECKED, state: 'acknowledged', actedBy: 'U0PERSON' } });
  const message = slackMessage(incident, patternOf('config-not-found'), { language: 'zh-CN' });
  expect(limitFaults(message)).toEqual([]);
  await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(
    '../golden/slack/config-not-found.checked.zh-cn.json',
  );
});

test.for([
  [COMMAND_CHARS_MAX - 1, true],
  [COMMAND_CHARS_MAX, true],
  [COMMAND_CHARS_MAX + 1, false],
] as const)('a command of %i characters with its fences is shown: %s', ([length, isShown]) => {
  const run = 'x'.repeat(length - '```'.length * 2);
  expect(stepText({ say: 'do', run }, 0).includes(run)).toBe(isShown);
});

test('a command whose escapes make it too long is left out whole', () => {
  expect(stepText({ say: 'do', run: '&'.repeat(COMMAND_CHARS_MAX / 2) }, 0)).toBe('*1.* do');
});

test('what was held back counts routine lines only', () => {
  expect(heldBackLine(undefined, TEXTS.en.message)).toBe('');
});

test.for(CATALOGUE)('$id speaks Chinese within the limits, with its commands', async (pattern) => {
  const incident = await exampleIncident(pattern);
  const message = slackMessage(incident, pattern, { language: 'zh-CN' });
  expect(limitFaults(message)).toEqual([]);
  const [first = ''] = textsOf(message);
  expect(first).toMatch(/\p{Script=Han}/u);
  expect(message.text).toMatch(/\p{Script=Han}/u);
});

test('a resolved incident says so at a glance', () => {
  const incident = anIncident({
    incident: { state: 'resolved', resolvedBy: 'quiet', resolvedAtMs: Date.UTC(2026, 10, 1, 11) },
  });
  const message = slackMessage(incident, patternOf('config-not-found'));
  expect(textsOf(message)[0]).toMatch(/^\*Resolved\* · by quiet at <!date\^\d+\^/);
  expect(message.text).toMatch(/^✅ Resolved: /);
  expect(JSON.stringify(message.blocks[0])).toContain('✅');
});

const EVIL = [
  '<!channel>',
  '<@U123>',
  '<https://evil.example|ok>',
  '```',
  '*bold*',
  '\u202Eevil',
  '&amp;<!here>',
  '@channel',
  'https://evil.example/x',
  'x'.repeat(40_000),
  '&'.repeat(400),
  '<'.repeat(400),
  'a\u0000b',
  '😀',
];
const SCOPE_NAMES =
  'project network shape group line listener reason type resource api host kind cluster port protocol failure how'.split(
    ' ',
  );
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...EVIL), fc.string({ unit: 'binary' })), { maxLength: 400 })
  .map((parts) => parts.join(''));

test('hostile text in every field pings nobody, forges no link, breaks no block and passes no limit', () => {
  fc.assert(
    fc.property(
      hostile,
      fc.constantFrom(...CATALOGUE, undefined),
      fc.constantFrom(...LANGUAGES),
      (text, pattern, language) => {
        const names = pattern?.fields ?? ['shape'];
        const message = slackMessage(
          anIncident({
            incident: {
              scope: Object.fromEntries(SCOPE_NAMES.map((name) => [name, text])),
              explainedBy: 'api-disabled-0123456789abcdef',
              conclusion: text,
              checks: Array.from({ length: CHECKS_SHOWN_MAX + 1 }, (_, index) => ({
                id: text,
                verdict: index % 2 === 0 ? 'fault' : 'unreadable',
                expected: text,
                found: text,
                how: text,
                atMs: 0,
              })),
            },
            evidence: {
              fields: Object.fromEntries(names.map((name) => [name, text])),
              projects: [text],
              proxies: [
                { id: '1', project: text, location: text, name: text, displayName: text, group: text },
              ],
              samples: [{ timeMs: 0, entry: '', proxy: text, logName: text, message: text }],
            },
          }),
          pattern,
          { language, cause: text },
        );
        expect(limitFaults(message)).toEqual([]);
        expect(liveParts(mrkdwnTexts(message))).toEqual([]);
        expect(JSON.stringify(message)).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
      },
    ),
    { numRuns: 400 },
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
  const step = { id: 'long', say: 'x'.repeat(350), run: 'gcloud '.repeat(100) };
  const message = slackMessage(anIncident(), {
    ...pattern,
    remedy: () => [step, ...Array.from({ length: 20 }, () => step)],
  });
  expect(JSON.stringify(message.blocks).length).toBeLessThanOrEqual(MESSAGE_CHARS_MAX);
  expect(textsOf(message).at(-1)).toBe('More in the incident history.');
  expect(message.blocks.some(({ type }) => type === 'actions')).toBe(true);
});
