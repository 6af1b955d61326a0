// A sentence by its id and values → the same sentence in every language, so that who shows it picks the reader's.
// Values are names, numbers or sentences of their own; they stand as they are and may hold anything.
import { EN } from './texts/en.ts';
import { ZH_CN } from './texts/zh-cn.ts';

/** One sentence in every language. */
export interface Said {
  readonly en: string;
  readonly zhCn: string;
}

type Value = string | number | Said;
type SentenceId = keyof typeof EN;

/** The names in braces of a template. */
type Places<Template extends string> = Template extends `${string}{${infer Place}}${infer Rest}`
  ? Place | Places<Rest>
  : never;

/** The same text in every language: commands, names, what Google answered. */
export const asIs = (text: string): Said => ({ en: text, zhCn: text });

export const NOTHING_SAID = asIs('');

const said = (value: Value): Said => (typeof value === 'object' ? value : asIs(String(value)));

/** Fills the places of a template; a value is never read as a template itself. */
function fill(template: string, values: Readonly<Record<string, Value>>, language: keyof Said): string {
  return template.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : said(value)[language];
  });
}

/** The sentence of that id, in every language. */
export function say<Id extends SentenceId>(
  id: Id,
  values: Readonly<Record<Places<(typeof EN)[Id]>, Value>>,
): Said {
  const all: Readonly<Record<string, Value>> = values;
  return { en: fill(EN[id], all, 'en'), zhCn: fill(ZH_CN[id], all, 'zhCn') };
}

/** Several in a row, with the comma, or another mark, of each language between them. */
export function inRow(parts: readonly Value[], mark: Said = { en: ', ', zhCn: '、' }): Said {
  const all = parts.map(said);
  return {
    en: all.map(({ en }) => en).join(mark.en),
    zhCn: all.map(({ zhCn }) => zhCn).join(mark.zhCn),
  };
}

/** At most so many characters in each language. */
export const cutSaid = ({ en, zhCn }: Said, charsMax: number): Said => ({
  en: en.slice(0, charsMax),
  zhCn: zhCn.slice(0, charsMax),
});
