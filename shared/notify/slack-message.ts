// Incident → the Slack message it deserves: blocks, plain-text fallback, metadata, and a key of what it shows.
// Within Slack's limits by construction: parts are left out whole, from the least useful on.
import type { Severity } from '#shared/model/finding.ts';
import type { Incident, Ledger } from '#shared/model/incident.ts';
import type { Pattern, Step } from '#shared/patterns/pattern.ts';
import { buttons } from './buttons.ts';
import { episodeCount } from './decide.ts';
import { logsLink } from './logs-link.ts';
import {
  context,
  HEADER_CHARS_MAX,
  lengthOf,
  MESSAGE_CHARS_MAX,
  plainText,
  section,
  type SlackBlock,
  type SlackMessage,
} from './slack-blocks.ts';
import { code, commandBlock, cut, moment, plain } from './slack-text.ts';
import { TEXTS } from './texts/tables.ts';
import type { Language, Texts } from './texts/texts.ts';
import { aboutOf, actor, causeOf, checkWords, conclusionOf, headlineOf, wordingOf } from './words.ts';

export const PROOF_CHARS_MAX = 900;
export const PROXIES_SHOWN_MAX = 8;
export const CHECKS_SHOWN_MAX = 8;
const GROUPS_SHOWN_MAX = 3;
const REASONS_SHOWN_MAX = 3;

/** A command longer than this, its escapes included, is left to the history: half a command is worse than none. */
export const COMMAND_CHARS_MAX = 2_000;

export interface MessageOptions {
  readonly language: Language;
  /** Address of the incident history; no button without it. */
  readonly historyUrl?: string;
  /** What was held back in the incident's project. */
  readonly ledger?: Ledger;
  /** The incident that this one follows from, by its headline. */
  readonly cause?: string;
  /** Budget for the blocks, in characters. */
  readonly charsMax?: number;
}

const SEVERITY_MARK: Readonly<Record<Severity, string>> = {
  critical: '🔴',
  error: '🟠',
  warning: '🟡',
  info: '🔵',
};

/** Severity and state in one sign: a severity while somebody has to act, a state when nobody has to. */
export function mark(incident: Incident): string {
  switch (incident.state) {
    case 'open':
      return SEVERITY_MARK[incident.evidence.severity];
    case 'acknowledged':
      return '👀';
    case 'muted':
      return '🔕';
    case 'resolved':
      return '✅';
  }
}

const grouped = (value: number): string => value.toLocaleString('en-US');

/** What the message says that does not change with the clock: as long as it is the same, there is nothing to edit. */
export function contentKey(incident: Incident, language: Language = 'en'): string {
  const { evidence } = incident;
  const checks = (incident.checks ?? []).map(({ id, verdict }) => `${id}:${verdict}`).join(',');
  return [
    incident.episode,
    incident.state,
    evidence.count,
    evidence.proxyCount,
    evidence.severity,
    incident.mutedUntilMs,
    incident.explainedBy,
    checks,
    incident.conclusion ?? '',
    language,
  ].join(' ');
}

function stateLine(incident: Incident, words: Texts['message'], cause: string | undefined): string {
  const parts = [`*${words.state[incident.state]}*`];
  if (incident.state === 'resolved' && incident.resolvedBy !== '')
    parts.push(words.resolvedBy[incident.resolvedBy](moment(incident.resolvedAtMs)));
  if (incident.state === 'muted' && incident.mutedUntilMs > 0)
    parts.push(words.until(moment(incident.mutedUntilMs)));
  if (incident.state === 'acknowledged' && incident.acknowledgedAtMs > 0)
    parts.push(words.at(moment(incident.acknowledgedAtMs)));
  const byPerson =
    incident.state === 'resolved' ? incident.resolvedBy === 'person' : incident.state !== 'open';
  if (byPerson && actor(incident) !== '') parts.push(actor(incident));
  parts.push(words.severity[incident.evidence.severity]);
  if (incident.episode > 1) parts.push(words.cameBack(incident.episode));
  const line = parts.join(' · ');
  return cause === undefined ? line : `${line}\n↳ ${words.explainedBy(`*${plain(cause, 150)}*`)}`;
}

function countLines(incident: Incident, words: Texts['message']): string {
  const { evidence } = incident;
  const count = episodeCount(incident);
  const spanMinutes = Math.max((evidence.lastSeenMs - incident.openedAtMs) / 60_000, 1);
  const counted = words.counted({
    entries: words.entries(count),
    proxies: words.proxies(evidence.proxyCount, evidence.proxiesCapped),
    perMinute: grouped(Math.max(1, Math.round(count / spanMinutes))),
    overAll: incident.countBefore > 0 ? words.overAll(evidence.count) : '',
  });
  return `${counted}\n${words.seen(moment(incident.openedAtMs), moment(evidence.lastSeenMs))}`;
}

function proxyLine(incident: Incident, words: Texts['message']): string {
  const { proxies, proxyCount, fields } = incident.evidence;
  if (proxies.length === 0) return '';
  const shown = proxies.slice(0, PROXIES_SHOWN_MAX).map((proxy) => `\`${code(proxy.displayName, 60)}\``);
  const groups = [...new Set(proxies.map((proxy) => proxy.group).filter((group) => group !== ''))];
  const rest = proxyCount - shown.length;
  const parts = [
    `${shown.join(' ')}${rest > 0 ? ` ${words.moreProxies(rest)}` : ''}`,
    groups.length === 0
      ? ''
      : words.groups(
          groups
            .slice(0, GROUPS_SHOWN_MAX)
            .map((group) => plain(group, 60))
            .join(', '),
        ),
    fields['version'] === undefined ? '' : words.version(plain(fields['version'], 60)),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function proof(incident: Incident, pattern: Pattern | undefined, words: Texts['message']): string {
  const sample = incident.evidence.samples.at(-1);
  if (sample === undefined) return '';
  const link = logsLink(incident, pattern);
  const where = link === '' ? '' : ` <${link}|${words.logsExplorer}>`;
  return `*${words.proof}*${where}\n\`\`\`${code(sample.message, PROOF_CHARS_MAX)}\`\`\``;
}

const CHECK_MARK = { ok: '✅', fault: '❌', unreadable: '❔' } as const;

function checksText(incident: Incident, language: Language): string {
  const words = TEXTS[language].message;
  const checks = incident.checks ?? [];
  if (checks.length === 0) return '';
  const lines = checks.slice(0, CHECKS_SHOWN_MAX).map((check) => {
    const inWords = checkWords(check, language);
    const found = plain(inWords.found, 120);
    const said = {
      ok: words.checkOk(found),
      fault: words.checkFault(plain(inWords.expected, 80), found),
      unreadable: words.checkUnreadable(found),
    }[check.verdict];
    return `${CHECK_MARK[check.verdict]} \`${code(check.id, 40)}\` ${said}`;
  });
  const conclusion = conclusionOf(incident, language);
  const title = conclusion === '' ? '' : ` ${plain(conclusion, 300)}`;
  return `*${words.checks}*${title}\n${lines.join('\n')}`;
}

/** A step in words, with its command where that fits whole. */
export function stepText(step: Pick<Step, 'say' | 'run'>, index: number): string {
  const say = `*${index + 1}.* ${plain(step.say, 400)}`;
  const command = step.run === undefined ? '' : commandBlock(step.run);
  return command === '' || command.length > COMMAND_CHARS_MAX ? say : `${say}\n${command}`;
}

/** «412 routine lines»: what was not told, so that nobody wonders. */
export function heldBackLine(ledger: Ledger | undefined, words: Texts['message']): string {
  const routine = Object.entries(ledger?.labels ?? {})
    .filter(([label, count]) => label.startsWith('routine:') && count > 0)
    .sort(([, a], [, b]) => b - a);
  if (routine.length === 0) return '';
  const reasons = routine
    .slice(0, REASONS_SHOWN_MAX)
    .map(([label]) => plain(label.slice('routine:'.length), 60));
  const more = routine.length > REASONS_SHOWN_MAX ? ', …' : '';
  return words.heldBack(
    routine.reduce((sum, [, count]) => sum + count, 0),
    `${reasons.join(', ')}${more}`,
  );
}

/** A part of the message; `keep` is higher the more useful it is. */
interface Part {
  readonly block: SlackBlock;
  readonly keep: number;
}

/** Leaves out whole parts, the least useful first, until the budget holds, and says so. */
function fit(parts: readonly Part[], charsMax: number, leftOut: string): readonly SlackBlock[] {
  const blocks = (kept: readonly Part[]): readonly SlackBlock[] => kept.map(({ block }) => block);
  if (lengthOf(blocks(parts)) <= charsMax) return blocks(parts);
  const note = context(leftOut);
  let kept = parts;
  while (kept.length > 1 && lengthOf([...blocks(kept), note]) > charsMax) {
    const least = Math.min(...kept.map(({ keep }) => keep));
    const last = kept.findLastIndex(({ keep }) => keep === least);
    kept = kept.filter((_, index) => index !== last);
  }
  return [...blocks(kept), note];
}

/** The one line of a header: no line break, nothing invisible, within Slack's limit. */
function headerText(text: string): string {
  return cut(text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), HEADER_CHARS_MAX);
}

function partsOf(incident: Incident, pattern: Pattern | undefined, options: MessageOptions): readonly Part[] {
  const { language } = options;
  const words = TEXTS[language].message;
  const headline = headlineOf(incident, pattern, language);
  const steps =
    incident.explainedBy === '' && pattern !== undefined
      ? wordingOf(pattern, language).steps(aboutOf(incident))
      : [];
  const checks = checksText(incident, language);
  const line = proof(incident, pattern, words);
  const held = heldBackLine(options.ledger, words);
  const parts: readonly (Part | undefined)[] = [
    { block: { type: 'header', text: plainText(headerText(`${mark(incident)} ${headline}`)) }, keep: 100 },
    {
      block: section(
        `${stateLine(incident, words, options.cause)}\n${plain(causeOf(incident, pattern, language), 600)}`,
      ),
      keep: 90,
    },
    {
      block: section(`${countLines(incident, words)}\n${proxyLine(incident, words)}`.trim()),
      keep: 80,
    },
    line === '' ? undefined : { block: section(line), keep: 50 },
    checks === '' ? undefined : { block: section(checks), keep: 60 },
    steps.length === 0 ? undefined : { block: { type: 'divider' }, keep: 5 },
    ...steps.map((step, index) => ({ block: section(stepText(step, index)), keep: 40 - index })),
    held === '' ? undefined : { block: context(held), keep: 4 },
    { block: buttons(incident, TEXTS[language].buttons, options.historyUrl), keep: 95 },
    { block: context(`\`${code(incident.id, 100)}\``), keep: 85 },
  ];
  return parts.filter((part) => part !== undefined);
}

/** What a notification on a phone shows: state, what, how much. */
function fallbackText(incident: Incident, pattern: Pattern | undefined, language: Language): string {
  const words = TEXTS[language].message;
  const { evidence } = incident;
  const said = words.fallback({
    state: words.state[incident.state],
    headline: plain(headlineOf(incident, pattern, language), 200),
    entries: words.entries(episodeCount(incident)),
    proxies: words.proxies(evidence.proxyCount, evidence.proxiesCapped),
  });
  return `${mark(incident)} ${said}`;
}

/** The whole message. `pattern` is undefined for `unrecognised`. */
export function slackMessage(
  incident: Incident,
  pattern: Pattern | undefined,
  options: MessageOptions = { language: 'en' },
): SlackMessage {
  const charsMax = options.charsMax ?? MESSAGE_CHARS_MAX;
  return {
    text: fallbackText(incident, pattern, options.language),
    blocks: fit(partsOf(incident, pattern, options), charsMax, TEXTS[options.language].message.leftOut),
    metadata: {
      event_type: 'mesh_triage_incident',
      event_payload: { incident: incident.id, episode: incident.episode, note: '' },
    },
  };
}
