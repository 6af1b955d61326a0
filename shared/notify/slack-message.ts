// Incident → the Slack message it deserves: blocks, plain-text fallback, metadata, and a key of what it shows.
// Within Slack's limits by construction: parts are left out whole, from the least useful on.
import type { Severity } from '#shared/model/finding.ts';
import type { Incident, IncidentState } from '#shared/model/incident.ts';
import type { Pattern, Step } from '#shared/patterns/pattern.ts';
import { episodeCount } from './decide.ts';
import { code, commandBlock, cut, moment, plain } from './slack-text.ts';

/** Slack refuses a message whose blocks pass about 13,200 characters in all; this leaves room. */
export const MESSAGE_CHARS_MAX = 10_000;
export const HEADER_CHARS_MAX = 150;
export const PROOF_CHARS_MAX = 900;
export const PROXIES_SHOWN_MAX = 8;
const COMMAND_CHARS_MAX = 1_200;

/** The block kinds the message uses, as Slack's Block Kit names them. */
export type SlackBlock =
  | { readonly type: 'header'; readonly text: { readonly type: 'plain_text'; readonly text: string } }
  | { readonly type: 'section'; readonly text: { readonly type: 'mrkdwn'; readonly text: string } }
  | {
      readonly type: 'context';
      readonly elements: readonly { readonly type: 'mrkdwn'; readonly text: string }[];
    }
  | { readonly type: 'divider' };

export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  readonly metadata: {
    readonly event_type: 'mesh_triage_incident';
    readonly event_payload: Readonly<Record<string, string | number>>;
  };
}

const SEVERITY_MARK: Readonly<Record<Severity, string>> = {
  critical: '🔴',
  error: '🟠',
  warning: '🟡',
  info: '🔵',
};

const STATE_WORD: Readonly<Record<IncidentState, string>> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  muted: 'Muted',
  resolved: 'Resolved',
};

const section = (text: string): SlackBlock => ({ type: 'section', text: { type: 'mrkdwn', text } });
const context = (text: string): SlackBlock => ({ type: 'context', elements: [{ type: 'mrkdwn', text }] });

const number = (value: number): string => value.toLocaleString('en-US');
const many = (count: number, one: string, more: string): string =>
  `${number(count)} ${count === 1 ? one : more}`;

/** What the message says that does not change with the clock: as long as it is the same, there is nothing to edit. */
export function contentKey(incident: Incident): string {
  const { evidence } = incident;
  return [incident.episode, incident.state, evidence.count, evidence.proxyCount, evidence.severity].join(' ');
}

function headlineOf(incident: Incident, pattern: Pattern | undefined): string {
  if (pattern === undefined) return `Unrecognised error: ${incident.scope['shape'] ?? ''}`;
  return pattern.headline({
    fields: incident.evidence.fields,
    scope: incident.scope,
    proxies: incident.evidence.proxies,
  });
}

function stateLine(incident: Incident): string {
  const mark = incident.state === 'resolved' ? '✅' : SEVERITY_MARK[incident.evidence.severity];
  const again = incident.episode > 1 ? ` · came back, episode ${incident.episode}` : '';
  const over =
    incident.state === 'resolved' ? ` by ${incident.resolvedBy} ${moment(incident.resolvedAtMs)}` : '';
  return `${mark} *${STATE_WORD[incident.state]}*${over} · ${incident.evidence.severity}${again}`;
}

function countLine(incident: Incident): string {
  const { evidence } = incident;
  const count = episodeCount(incident);
  const spanMinutes = Math.max((evidence.lastSeenMs - incident.openedAtMs) / 60_000, 1);
  const rate = Math.max(1, Math.round(count / spanMinutes));
  const proxies = many(evidence.proxyCount, 'proxy', 'proxies');
  const before = incident.countBefore > 0 ? ` (${number(evidence.count)} over all episodes)` : '';
  return (
    `*${many(count, 'entry', 'entries')}*${before} from *${evidence.proxiesCapped ? 'at least ' : ''}${proxies}*, ` +
    `about ${number(rate)} a minute\nsince ${moment(incident.openedAtMs)}, last ${moment(evidence.lastSeenMs)}`
  );
}

function proxyLine(incident: Incident): string {
  const { proxies, proxyCount } = incident.evidence;
  if (proxies.length === 0) return '';
  const shown = proxies.slice(0, PROXIES_SHOWN_MAX).map((proxy) => `\`${code(proxy.displayName, 60)}\``);
  const groups = [...new Set(proxies.map((proxy) => proxy.group).filter((group) => group !== ''))];
  const rest = proxyCount - shown.length;
  const from =
    groups.length === 0
      ? ''
      : ` · ${groups
          .slice(0, 3)
          .map((group) => plain(group, 60))
          .join(', ')}`;
  return `${shown.join(' ')}${rest > 0 ? ` and ${number(rest)} more` : ''}${from}`;
}

/** Logs Explorer, filtered to this proof line's log around its time. */
export function logsLink(incident: Incident): string {
  const sample = incident.evidence.samples[0];
  const project = incident.evidence.projects[0];
  if (sample === undefined || project === undefined || sample.logName === '') return '';
  const query = `logName="${sample.logName.replaceAll(/["\\\n]/g, '')}"`;
  const from = new Date(incident.openedAtMs - 60_000).toISOString();
  const to = new Date(incident.evidence.lastSeenMs + 60_000).toISOString();
  return (
    `https://console.cloud.google.com/logs/query;query=${encodeLink(query)};timeRange=${encodeLink(`${from}/${to}`)}` +
    `?project=${encodeLink(project)}`
  );
}

function encodeLink(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

function proof(incident: Incident): string {
  const sample = incident.evidence.samples.at(-1);
  if (sample === undefined) return '';
  const link = logsLink(incident);
  const where = link === '' ? '' : `<${link}|Logs Explorer>`;
  return `*Proof* ${where}\n\`\`\`${code(sample.message, PROOF_CHARS_MAX)}\`\`\``;
}

function stepText(step: Step, index: number): string {
  const say = `*${index + 1}.* ${plain(step.say, 400)}`;
  return step.run === undefined || step.run.length > COMMAND_CHARS_MAX
    ? say
    : `${say}\n${commandBlock(step.run)}`;
}

function lengthOf(blocks: readonly SlackBlock[]): number {
  return JSON.stringify(blocks).length;
}

/** Adds whole blocks as long as the budget lasts; says so when some were left out. */
function fit(blocks: readonly SlackBlock[]): readonly SlackBlock[] {
  const kept: SlackBlock[] = [];
  const more = context('More in the incident history.');
  for (const block of blocks) {
    if (lengthOf([...kept, block, more]) > MESSAGE_CHARS_MAX) return [...kept, more];
    kept.push(block);
  }
  return kept;
}

/** The whole message. `pattern` is undefined for `unrecognised`. */
export function slackMessage(incident: Incident, pattern: Pattern | undefined): SlackMessage {
  const about = {
    fields: incident.evidence.fields,
    scope: incident.scope,
    proxies: incident.evidence.proxies,
  };
  const headline = headlineOf(incident, pattern);
  const cause =
    pattern?.cause(about) ?? 'No pattern knows this line yet; lines of the same shape are counted together.';
  const steps = pattern?.remedy(about) ?? [];
  const header = cut(headline.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), HEADER_CHARS_MAX);
  const parts: (SlackBlock | undefined)[] = [
    { type: 'header', text: { type: 'plain_text', text: header === '' ? incident.pattern : header } },
    section(`${stateLine(incident)}\n${plain(cause, 600)}`),
    section(`${countLine(incident)}\n${proxyLine(incident)}`.trim()),
    proof(incident) === '' ? undefined : section(proof(incident)),
    steps.length === 0 ? undefined : { type: 'divider' },
    ...steps.map((step, index) => section(stepText(step, index))),
    context(`\`${incident.id}\``),
  ];
  const text = `${STATE_WORD[incident.state]}: ${plain(headline, 200)} · ${many(episodeCount(incident), 'entry', 'entries')}, ${many(incident.evidence.proxyCount, 'proxy', 'proxies')}`;
  return {
    text,
    blocks: fit(parts.filter((part) => part !== undefined)),
    metadata: {
      event_type: 'mesh_triage_incident',
      event_payload: { incident: incident.id, episode: incident.episode },
    },
  };
}
