// The last 24 hours in one message: what opened, what closed and how long it lasted, what is still open, what was held
// back. Pure: incidents, ledgers and the clock come in. Says so too when nothing happened, so that silence means a fault.
import type { Incident, Ledger } from '#shared/model/incident.ts';
import type { Pattern } from '#shared/patterns/pattern.ts';
import {
  context,
  lengthOf,
  MESSAGE_CHARS_MAX,
  plainText,
  section,
  type SlackBlock,
  type SlackMessage,
} from './slack-blocks.ts';
import { mark } from './slack-message.ts';
import { plain } from './slack-text.ts';
import { TEXTS } from './texts/tables.ts';
import type { Language } from './texts/texts.ts';
import { durationText } from './thread.ts';
import { headlineOf } from './words.ts';

const SUMMARY_OF_MS = 24 * 3_600_000;

/** Lines of one part of the summary; the rest is a number. */
export const SUMMARY_LINES_MAX = 10;

const REASONS_MAX = 5;

export interface SummaryOf {
  readonly incidents: readonly Incident[];
  readonly ledgers: readonly Ledger[];
  readonly patternOf: (id: string) => Pattern | undefined;
  readonly nowMs: number;
  readonly language: Language;
}

function lines(incidents: readonly Incident[], of: SummaryOf): string {
  const texts = TEXTS[of.language];
  const shown = incidents.slice(0, SUMMARY_LINES_MAX).map((incident) => {
    const lasted =
      incident.state === 'resolved'
        ? ` · ${texts.summary.lasted(durationText(incident.resolvedAtMs - incident.openedAtMs, texts.thread))}`
        : '';
    const headline = plain(headlineOf(incident, of.patternOf(incident.pattern), of.language), 120);
    const { proxyCount, proxiesCapped } = incident.evidence;
    return `${mark(incident)} ${headline} · ${texts.message.proxies(proxyCount, proxiesCapped)}${lasted}`;
  });
  const rest = incidents.length - shown.length;
  return [...shown, ...(rest > 0 ? [texts.replies.moreIncidents(rest)] : [])].join('\n');
}

/** Everything that was held back as routine, by reason, over all projects. */
function heldBack(ledgers: readonly Ledger[], language: Language): string {
  const sums = new Map<string, number>();
  for (const { labels } of ledgers)
    for (const [label, count] of Object.entries(labels))
      if (label.startsWith('routine:')) sums.set(label, (sums.get(label) ?? 0) + count);
  const most = [...sums].sort(([, a], [, b]) => b - a);
  if (most.length === 0) return '';
  const reasons = most.slice(0, REASONS_MAX).map(([label]) => plain(label.slice('routine:'.length), 60));
  const total = most.reduce((sum, [, count]) => sum + count, 0);
  return TEXTS[language].summary.heldBack(total, reasons.join(', '));
}

/** The summary. Its metadata carries the day, so that it is found again. */
export function summaryMessage(of: SummaryOf): SlackMessage {
  const words = TEXTS[of.language].summary;
  const sinceMs = of.nowMs - SUMMARY_OF_MS;
  // What was told in a digest's thread has no message in the channel, and is news all the same.
  const told = of.incidents.filter(({ spoken }) => spoken.posts > 0 || spoken.inDigest);
  const closed = told.filter(({ state, resolvedAtMs }) => state === 'resolved' && resolvedAtMs >= sinceMs);
  const opened = told.filter(({ openedAtMs }) => openedAtMs >= sinceMs);
  const still = told.filter(({ state }) => state !== 'resolved');
  const parts = [
    opened.length === 0 ? '' : `*${words.opened(opened.length)}*\n${lines(opened, of)}`,
    closed.length === 0 ? '' : `*${words.closed(closed.length)}*\n${lines(closed, of)}`,
    still.length === 0 ? '' : `*${words.still(still.length)}*\n${lines(still, of)}`,
  ].filter((part) => part !== '');
  const held = heldBack(of.ledgers, of.language);
  const blocks: SlackBlock[] = [
    { type: 'header', text: plainText(`🗞 ${words.title}`) },
    ...(opened.length + closed.length === 0 ? [section(words.nothing)] : []),
  ];
  for (const block of [...parts.map(section), ...(held === '' ? [] : [context(held)])])
    if (lengthOf([...blocks, block]) <= MESSAGE_CHARS_MAX) blocks.push(block);
  return {
    text: words.fallback({
      opened: words.opened(opened.length),
      closed: words.closed(closed.length),
      still: words.still(still.length),
    }),
    blocks,
    metadata: {
      event_type: 'mesh_triage_note',
      event_payload: { incident: `summary-${dayOf(of.nowMs)}`, episode: 0, note: '' },
    },
  };
}

/** The day that a summary is of: there is one a day. */
export const dayOf = (nowMs: number): string => new Date(nowMs).toISOString().slice(0, 10);
