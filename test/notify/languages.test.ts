// Every language says the same: same steps, same commands, its own words; Chinese with Chinese punctuation.
import { expect, test } from 'vitest';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import { explainReply, incidentsReply, whyReply } from '#shared/notify/replies.ts';
import { TEXTS } from '#shared/notify/texts/tables.ts';
import { wordingOf } from '#shared/notify/words.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import type { About, Pattern } from '#shared/patterns/pattern.ts';
import { readUserPattern } from '#shared/patterns/user-pattern.ts';
import { entryOf, type PatternSamples } from '../patterns/sample.ts';
import { exampleIncident } from './example-incident.ts';

const classifier = createClassifier(CATALOGUE);
const NOTHING: About = { fields: {}, scope: {}, proxies: [] };

/** What the texts may speak of: nothing at all, and all that the pattern's samples hold. */
async function aboutsOf(pattern: Pattern): Promise<readonly About[]> {
  const { samples }: { samples: PatternSamples } = await import(`../patterns/${pattern.id}.samples.ts`);
  const found = samples.matches.flatMap((sample): readonly About[] => {
    const intake = intakeEntry(entryOf(sample), { publishTimeMs: 0 });
    if (intake.kind !== 'record') return [];
    const verdict = classifier.classify(intake.record);
    if (verdict.kind !== 'finding') return [];
    return [{ fields: verdict.fields, scope: verdict.scope, proxies: [{ id: '', ...intake.record.proxy }] }];
  });
  expect(found.length).toBe(samples.matches.length);
  return [NOTHING, ...found];
}

const HAN = /\p{Script=Han}/u;
/** Punctuation of Latin texts beside a Chinese character, or a blank beside Chinese punctuation. */
const WRONG_SIGNS = /\p{Script=Han}[,:;!?()]|[,:;!?()]\p{Script=Han}| [，。：；（）]|[，。：；（）] /u;
/** A name needs no translation; so many lower-case words in a row are a sentence that nobody translated. */
const ENGLISH = /\b[a-z]{2,}(?: [a-z]{2,}){3,}/;

test.for(CATALOGUE)('$id has the same steps with the same commands in Chinese', async (pattern) => {
  for (const about of await aboutsOf(pattern)) {
    const english = wordingOf(pattern, 'en').steps(about);
    const chinese = wordingOf(pattern, 'zh-CN').steps(about);
    expect(chinese.map(({ id, run }) => [id, run])).toEqual(english.map(({ id, run }) => [id, run]));
    for (const { say } of chinese) expect(say).toMatch(HAN);
  }
});

test.for(CATALOGUE)('no step of $id comes twice', async (pattern) => {
  for (const about of await aboutsOf(pattern)) {
    const ids = pattern.remedy(about).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test.for(CATALOGUE)('$id speaks whole Chinese sentences', async (pattern) => {
  const { title, headline, cause, gone, steps } = wordingOf(pattern, 'zh-CN');
  for (const about of await aboutsOf(pattern)) {
    const sentences = [cause(about), ...steps(about).map(({ say }) => say)];
    for (const sentence of sentences) expect(sentence).toMatch(/。$/);
    const names = [title, headline(about), gone];
    for (const name of names) expect(name).not.toMatch(/。$/);
    for (const text of [...sentences, ...names]) {
      expect(text).toMatch(HAN);
      expect(text).not.toMatch(WRONG_SIGNS);
      expect(text).not.toMatch(/undefined|\[object| {2}|^ | $/);
      if (about === NOTHING) expect(text).not.toMatch(ENGLISH);
    }
  }
});

test.for(CATALOGUE)('people who ask about $id in Chinese get Chinese answers', async (pattern) => {
  const incident = await exampleIncident(pattern);
  const { scope, id, evidence } = incident;
  const { fields, severity } = evidence;
  const asked = { reason: TEXTS['zh-CN'].replies.why.sure, language: 'zh-CN' as const };
  const why = JSON.stringify(whyReply(incident, pattern, asked));
  expect(why).toContain(wordingOf(pattern, 'zh-CN').title);
  expect(why).toContain(wordingOf(pattern, 'zh-CN').gone);
  expect(why).not.toContain(pattern.title);
  expect(why).not.toContain(pattern.gone.proof);
  const verdict = { kind: 'finding', pattern: pattern.id, sign: '', fields, scope, severity } as const;
  const finding = { ...verdict, weight: 'sure', incidentId: id } as const;
  const explained = JSON.stringify(explainReply(finding, pattern, 'zh-CN'));
  for (const { say } of pattern.remedy({ ...NOTHING, fields, scope })) expect(explained).not.toContain(say);
});

test('a list of incidents and the end of one are Chinese to the last comma', async () => {
  const [pattern] = CATALOGUE;
  if (pattern === undefined) throw new Error('no pattern');
  const incident = await exampleIncident(pattern);
  const list = incidentsReply([incident], () => pattern, { what: 'open', language: 'zh-CN' });
  expect(JSON.stringify(list)).toContain('240 条日志，12 个代理');
  const { closed, closedWhy } = TEXTS['zh-CN'].thread;
  expect(closed('2 小时', closedWhy.person, '<@U1>')).toBe('历时 *2 小时*，由人工标记为已解决（<@U1>）。');
  expect(closed('2 小时', closedWhy.quiet, '')).toBe('历时 *2 小时*，已解决：不再出现新的日志。');
});

test('a pattern that users wrote speaks their words in every language', () => {
  const result = readUserPattern({
    id: 'custom-redis-filter',
    title: 'The Redis filter fails',
    severity: 'error',
    contains: ['redis'],
    regexp: 'redis failed',
    headline: 'Redis fails',
    cause: 'Nobody knows.',
    remedy: [{ say: 'Look at it.', run: 'redis-cli ping' }],
  });
  if (result.kind !== 'pattern') throw new Error(result.faults.join());
  const { steps, title } = wordingOf(result.pattern, 'zh-CN');
  expect(title).toBe('The Redis filter fails');
  expect(steps(NOTHING)).toEqual([{ id: '1', say: 'Look at it.', run: 'redis-cli ping' }]);
});
