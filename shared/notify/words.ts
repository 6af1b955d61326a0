// What an incident is called and why it is, in the reader's language. In: incident, pattern, language. Out: raw text
// that may hold what a log wrote: whoever shows it makes it harmless first.
import type { Incident } from '#shared/model/incident.ts';
import type { About, Pattern } from '#shared/patterns/pattern.ts';
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

const translations: ReadonlyMap<string, (typeof PATTERNS_ZH_CN)['agent-failure']> = new Map(
  Object.entries(PATTERNS_ZH_CN),
);

/** Texts of a pattern in that language; the pattern's own, which are English, where there is no translation. */
export function patternTexts(pattern: Pattern, language: Language): Pick<Pattern, 'headline' | 'cause'> {
  return (language === 'zh-CN' ? translations.get(pattern.id) : undefined) ?? pattern;
}

/** What broke and where, in one line. */
export function headlineOf(incident: Incident, pattern: Pattern | undefined, language: Language): string {
  if (pattern === undefined) return TEXTS[language].message.unrecognised(incident.scope['shape'] ?? '');
  return patternTexts(pattern, language).headline(aboutOf(incident));
}

/** The cause, in one sentence. */
export function causeOf(incident: Incident, pattern: Pattern | undefined, language: Language): string {
  if (pattern === undefined) return TEXTS[language].message.unrecognisedCause;
  return patternTexts(pattern, language).cause(aboutOf(incident));
}

/** A mention of the person who acted last; `` where nobody did. An edit pings nobody, a thread line only that person. */
export function actor(incident: Incident): string {
  const who = incident.actedBy ?? '';
  return /^[UW][A-Z0-9]{2,30}$/.test(who) ? `<@${who}>` : '';
}
