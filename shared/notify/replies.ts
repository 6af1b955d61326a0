// What one person gets back from a button or the slash command: lists and explanations that nobody else sees. Pure.
import type { Verdict } from '#shared/model/finding.ts';
import type { Incident } from '#shared/model/incident.ts';
import type { Silence } from '#shared/model/notification.ts';
import type { Pattern } from '#shared/patterns/pattern.ts';
import { lengthOf, MESSAGE_CHARS_MAX, pairs, section, type SlackBlock } from './slack-blocks.ts';
import { mark, stepText } from './slack-message.ts';
import { code, moment, plain } from './slack-text.ts';
import { TEXTS } from './texts/tables.ts';
import type { Language } from './texts/texts.ts';
import { headlineOf, wordingOf } from './words.ts';

/** An answer for one person, in the form that Slack takes as the answer to a command or at a response URL. */
export interface PrivateReply {
  readonly response_type: 'ephemeral';
  readonly replace_original: false;
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

/** Incidents that one answer lists. */
export const LISTED_MAX = 15;

/** Whole parts, as many as fit; each is a section of its own. */
export function privateReply(parts: readonly string[]): PrivateReply {
  const blocks: SlackBlock[] = [];
  for (const part of parts) {
    if (lengthOf([...blocks, section(part)]) > MESSAGE_CHARS_MAX) break;
    blocks.push(section(part));
  }
  return {
    response_type: 'ephemeral',
    replace_original: false,
    text: parts[0] ?? '',
    blocks,
  };
}

/** One line per incident, the latest seen first. */
export function incidentsReply(
  incidents: readonly Incident[],
  patternOf: (id: string) => Pattern | undefined,
  asked: { readonly what: string; readonly language: Language },
): PrivateReply {
  const texts = TEXTS[asked.language];
  if (incidents.length === 0) return privateReply([texts.replies.noIncidents]);
  const lines = incidents.slice(0, LISTED_MAX).map((incident) => {
    const { evidence } = incident;
    const headline = plain(headlineOf(incident, patternOf(incident.pattern), asked.language), 150);
    const { amounts, entries, proxies } = texts.message;
    const counts = amounts(entries(evidence.count), proxies(evidence.proxyCount, evidence.proxiesCapped));
    return `${mark(incident)} *${texts.message.state[incident.state]}* ${headline}\n${counts} · ${moment(evidence.lastSeenMs)} · \`${code(incident.id, 100)}\``;
  });
  const rest = incidents.length - lines.length;
  return privateReply([
    `*${texts.replies.incidentsTitle(incidents.length, plain(asked.what, 60))}*`,
    ...lines,
    ...(rest > 0 ? [texts.replies.moreIncidents(rest)] : []),
  ]);
}

/** True if the filter names the incident's pattern, or stands in its id or a value of its scope. */
export function isAsked(incident: Incident, filter: string): boolean {
  const wanted = filter.toLowerCase();
  return [incident.pattern, incident.id, ...Object.values(incident.scope)].some((value) =>
    value.toLowerCase().includes(wanted),
  );
}

/** Why a message is there: what was recognised, what makes it one incident, when it counts as gone. */
export function whyReply(
  incident: Incident,
  pattern: Pattern | undefined,
  asked: { readonly reason: string; readonly language: Language },
): PrivateReply {
  const words = TEXTS[asked.language].replies.why;
  const scope = plain(pairs(incident.scope), 400);
  const wording = pattern === undefined ? undefined : wordingOf(pattern, asked.language);
  const title = wording === undefined ? incident.pattern : words.named(incident.pattern, wording.title);
  const references = pattern?.references.map((reference) => `• ${plain(reference, 200)}`) ?? [];
  return privateReply([
    `*${words.title}*\n${plain(headlineOf(incident, pattern, asked.language), 200)}`,
    [
      words.recognised(plain(title, 200)),
      words.sameIncident(`\`${scope}\``),
      words.spoke(asked.reason),
      ...(wording === undefined ? [] : [words.gone(plain(wording.gone, 300))]),
    ].join('\n'),
    ...(references.length === 0 ? [] : [`*${words.references}*\n${references.join('\n')}`]),
  ]);
}

/** What a log line means, and what to do. */
export function explainReply(
  verdict: Verdict,
  pattern: Pattern | undefined,
  language: Language,
): PrivateReply {
  const words = TEXTS[language].replies.explain;
  switch (verdict.kind) {
    case 'routine':
      return privateReply([words.routine(plain(verdict.reason, 200))]);
    case 'ignored':
      return privateReply([words.ignored(plain(verdict.reason, 200))]);
    case 'unrecognised':
      return privateReply([words.unrecognised(`\`${code(verdict.shape, 300)}\``)]);
    case 'finding': {
      if (pattern === undefined) return privateReply([plain(verdict.pattern, 100)]);
      const about = { fields: verdict.fields, scope: verdict.scope, proxies: [] };
      const { headline, cause, steps } = wordingOf(pattern, language);
      return privateReply([
        `*${words.finding(plain(headline(about), 200))}*\n${plain(cause(about), 600)}`,
        ...steps(about).map(stepText),
        `\`${code(verdict.incidentId, 100)}\``,
      ]);
    }
  }
}

/** What a silence covers, in one line. */
function coverage(silence: Silence, everything: string): string {
  const what = silence.pattern === '' ? everything : silence.pattern;
  return `*${plain(what, 80)}* ${plain(pairs(silence.scope), 200)}`.trim();
}

/** One line for one silence. */
export function silenceLine(silence: Silence, language: Language): string {
  const words = TEXTS[language].replies;
  const from = silence.kind === 'maintenance' ? `${moment(silence.fromMs)} – ` : '';
  const line = words.silenced(
    coverage(silence, words.everything),
    `${from}${moment(silence.untilMs)}`,
    plain(silence.reason, 200),
  );
  return `${line} · <@${silence.by}> · \`${code(silence.id, 100)}\``;
}
