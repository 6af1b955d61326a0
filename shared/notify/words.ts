// What an incident is called and why it is, in the reader's language. In: incident, pattern, language. Out: raw text
// that may hold what a log wrote: whoever shows it makes it harmless first.
import type { CheckVerdict, Incident } from '#shared/model/incident.ts';
import type { About, Pattern, Step } from '#shared/patterns/pattern.ts';
import type { PatternTexts } from './texts/pattern-texts.ts';
import { PATTERNS_ZH_CN } from './texts/patterns-zh-cn.ts';
import { TEXTS } from './texts/tables.ts';
import type { Language } from './texts/texts.ts';

/** What a pattern's texts may speak of, of this incident. */
export function aboutOf(incident: Incident): About {
  return {
    fields: incident.evidence.fields,
    scope: incident.scope,
    proxies: incident.evidence.proxies,
  };
}

const translations: Readonly<Record<Language, ReadonlyMap<string, PatternTexts>>> = {
  en: new Map(),
  'zh-CN': new Map(Object.entries<PatternTexts>(PATTERNS_ZH_CN)),
};

/** What a pattern says in one language; commands are the same in all. */
interface Wording extends Pick<Pattern, 'title' | 'headline' | 'cause'> {
  readonly steps: (about: About) => readonly Step[];
  /** What proves that it is gone. */
  readonly gone: string;
}

/**
 * The words for a pattern in that language. Every pattern of the catalogue has its own in every language, by its type;
 * one that users wrote speaks the words of its users.
 */
export function wordingOf(pattern: Pattern, language: Language): Wording {
  const { title, headline, cause, gone } = pattern;
  const texts = translations[language].get(pattern.id);
  if (texts === undefined) return { title, headline, cause, gone: gone.proof, steps: pattern.remedy };
  const steps = (about: About): readonly Step[] =>
    pattern.remedy(about).map((step) => {
      const say = texts.steps[step.id] ?? step.say;
      return { ...step, say: typeof say === 'string' ? say : say(about) };
    });
  return { ...texts, steps };
}

/** What broke and where, in one line. */
export function headlineOf(incident: Incident, pattern: Pattern | undefined, language: Language): string {
  if (pattern === undefined) return TEXTS[language].message.unrecognised(incident.scope['shape'] ?? '');
  return wordingOf(pattern, language).headline(aboutOf(incident));
}

/** The cause, in one sentence. */
export function causeOf(incident: Incident, pattern: Pattern | undefined, language: Language): string {
  if (pattern === undefined) return TEXTS[language].message.unrecognisedCause;
  return wordingOf(pattern, language).cause(aboutOf(incident));
}

/** What a check expected and found; verdicts that were stored without Chinese words keep their English ones. */
export function checkWords(
  check: CheckVerdict,
  language: Language,
): Pick<CheckVerdict, 'expected' | 'found'> {
  switch (language) {
    case 'en':
      return check;
    case 'zh-CN':
      return check.zhCn ?? check;
  }
}

/** What the checks prove, in one sentence; `` where they prove nothing. */
export function conclusionOf(incident: Incident, language: Language): string {
  const { conclusion = '', conclusionZhCn } = incident;
  switch (language) {
    case 'en':
      return conclusion;
    case 'zh-CN':
      return conclusionZhCn ?? conclusion;
  }
}

/** A mention of the person who acted last; `` where nobody did. An edit pings nobody, a thread line only that person. */
export function actor(incident: Incident): string {
  const who = incident.actedBy ?? '';
  return /^[UW][A-Z0-9]{2,30}$/.test(who) ? `<@${who}>` : '';
}
