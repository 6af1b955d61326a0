// Sentences of checks in every language: the same values in each, none read as a template, Chinese that is Chinese.
import { expect, test } from 'vitest';
import { listNames } from '#shared/diagnose/check.ts';
import { asIs, inRow, say } from '#shared/diagnose/say.ts';
import { EN } from '#shared/diagnose/texts/en.ts';
import { ZH_CN } from '#shared/diagnose/texts/zh-cn.ts';

const placesOf = (template: string): readonly string[] =>
  [...template.matchAll(/\{(\w+)\}/g)].map(([, place = '']) => place).toSorted();

/** What was wrong before is not kept in Chinese: that sentence says what was found now. */
const SAYS_LESS = new Set(['conclude-gone']);

const sentences = Object.entries(ZH_CN).map(([id, chinese]) => ({ id, chinese }));

test.for(sentences)('$id has the same values in both languages', ({ id, chinese }) => {
  const english = new Map<string, string>(Object.entries(EN)).get(id) ?? '';
  const places = placesOf(chinese);
  if (SAYS_LESS.has(id)) expect(placesOf(english)).toEqual(expect.arrayContaining([...places]));
  else expect(places).toEqual(placesOf(english));
});

test.for(sentences)('$id is written in Chinese, with Chinese punctuation', ({ chinese }) => {
  const withoutValues = chinese.replaceAll(/\{\w+\}/g, '');
  if (/[a-z]{4,} [a-z]{3,}/.test(withoutValues)) expect(withoutValues).toMatch(/\p{Script=Han}/u);
  expect(chinese).not.toMatch(
    /\p{Script=Han}[,:;!?()]|[,:;!?()]\p{Script=Han}| [，。：；（）]|[，。：；（）] /u,
  );
  expect(chinese).not.toMatch(/[a-z]{2,}(?: [a-z]{2,}){3,}/);
});

test('a sentence of a sentence is in the language of the whole', () => {
  const rules = say('rules-one', { networks: 'default' });
  expect(say('rule-missing', { network: 'prod-vpc', rules })).toEqual({
    en: 'no rule names prod-vpc; the only INTERNAL_SELF_MANAGED rule names default',
    zhCn: '没有规则引用 prod-vpc；唯一的 INTERNAL_SELF_MANAGED 规则引用 default',
  });
});

test('a value is never read as a template', () => {
  const evil = '{name} {why} $& $1';
  expect(say('mesh-exists', { name: evil })).toEqual({
    en: `Mesh ${evil} exists`,
    zhCn: `Mesh ${evil} 存在`,
  });
});

test.for([
  [[], '', ''],
  [['a'], 'a', 'a'],
  [['b', 'a', 'b'], 'a and b', 'a 和 b'],
  [['d', 'c', 'b', 'a'], 'a, b, c and d', 'a、b、c 和 d'],
  [['e', 'd', 'c', 'b', 'a'], 'a, b, c, d and 1 more', 'a、b、c、d（另有 1 个）'],
] as const)('the names %j in a sentence are «%s»', ([names, en, zhCn]) => {
  expect(listNames(names)).toEqual({ en, zhCn });
});

test('what stands in a row has the marks of its language between', () => {
  expect(inRow(['a', 1, asIs('c')])).toEqual({ en: 'a, 1, c', zhCn: 'a、1、c' });
});
