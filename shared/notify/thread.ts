// Incident → the next line its thread deserves, or none, with the named reason. What was said is remembered on the
// incident, so a lost, repeated or late look says nothing twice. In: incident, clock, language. Out: one note at a time.
import type { Severity } from '#shared/model/finding.ts';
import type { Incident } from '#shared/model/incident.ts';
import type { Note, ThreadDecision } from '#shared/model/notification.ts';
import type { Pattern } from '#shared/patterns/pattern.ts';
import { isTold } from './decide.ts';
import { code, moment, plain } from './slack-text.ts';
import { TEXTS } from './texts/tables.ts';
import type { Language, Texts } from './texts/texts.ts';
import { actor, headlineOf } from './words.ts';

/** Numbers of affected proxies that are worth a line. */
export const MILESTONES = [10, 100, 1_000] as const;

/** A critical incident that nobody acknowledged is called to mind after these times from its message on. */
export const REMIND_AFTER_MS = [30 * 60_000, 2 * 3_600_000, 8 * 3_600_000] as const;

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2, critical: 3 };

const milestoneKey = (proxies: number): string => `proxies:${proxies}`;
const severityKey = (severity: Severity): string => `severity:${severity}`;
const reminderKey = (index: number): string => `reminder:${index + 1}`;

const severitiesUpTo = (severity: Severity): readonly string[] =>
  (['info', 'warning', 'error', 'critical'] as const)
    .filter((one) => RANK[one] <= RANK[severity])
    .map(severityKey);

/** What a message says itself when it is posted: its thread need not repeat it. */
export function saidByMessage(incident: Incident): readonly string[] {
  const { proxyCount, severity } = incident.evidence;
  return [
    ...severitiesUpTo(severity),
    ...MILESTONES.filter((milestone) => proxyCount >= milestone).map(milestoneKey),
    ...(incident.state === 'acknowledged' ? [`acknowledged:${incident.acknowledgedAtMs}`] : []),
  ];
}

/** Days, hours and minutes in words; less than a minute is said as one. */
export function durationText(milliseconds: number, words: Texts['thread']): string {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  return words.duration(Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24, minutes % 60);
}

export interface ThreadAt {
  readonly nowMs: number;
  readonly language: Language;
  readonly pattern: Pattern | undefined;
  /** A silence or a maintenance window covers the incident: only its end is told. */
  readonly silenced: boolean;
}

interface Wanted {
  readonly reason: Note['reason'];
  readonly key: string;
  readonly covers?: readonly string[];
  readonly text: string;
  /** Shown in the channel too: nobody is told of an edit, and of a reply only those who follow the thread. */
  readonly broadcast?: boolean;
}

function closing(incident: Incident, words: Texts['thread']): Wanted {
  const duration = durationText(incident.resolvedAtMs - incident.openedAtMs, words);
  const by = incident.resolvedBy === '' ? 'quiet' : incident.resolvedBy;
  return {
    reason: 'resolved',
    key: 'resolved',
    text: words.closed(duration, words.closedWhy[by], by === 'person' ? actor(incident) : ''),
  };
}

const CONTEXT_KEY = 'context';

/** A line of context longer than this is cut. */
export const CONTEXT_LINE_CHARS_MAX = 400;

/** What the proxy of the episode's first line wrote around it; `` as long as the checks have not read it, or found nothing. */
function contextText({ context, episode }: Incident, words: Texts['thread']): string {
  if (context === undefined || context.episode !== episode || context.lines.length === 0) return '';
  const lines = context.lines.map(({ atMs, level, message }) => {
    const time = new Date(atMs).toISOString().slice(11, 23);
    return code(`${time} ${level} ${message.replaceAll(/\s+/g, ' ')}`, CONTEXT_LINE_CHARS_MAX);
  });
  const version = context.envoyVersion === '' ? '' : plain(context.envoyVersion, 40);
  const title = words.context(`\`${code(context.proxy, 100)}\``, version);
  return `${title}\n\`\`\`${lines.join('\n')}\`\`\``;
}

/** What happened to it since its message was posted, the most telling first. */
function happened(incident: Incident, texts: Texts): readonly Wanted[] {
  const { severity, proxyCount, proxiesCapped } = incident.evidence;
  const words = texts.thread;
  const reached = MILESTONES.filter((milestone) => proxyCount >= milestone);
  const highest = reached.at(-1);
  const wanted: Wanted[] = [
    {
      reason: 'severity-rose',
      key: severityKey(severity),
      covers: severitiesUpTo(severity),
      text: words.severityRose(texts.message.severity[severity]),
      broadcast: severity === 'critical',
    },
  ];
  if (highest !== undefined)
    wanted.push({
      reason: 'milestone',
      key: milestoneKey(highest),
      covers: reached.map(milestoneKey),
      text: words.milestone(texts.message.proxies(proxyCount, proxiesCapped)),
    });
  const around = contextText(incident, words);
  if (around !== '') wanted.push({ reason: 'context', key: CONTEXT_KEY, text: around });
  if (incident.state === 'acknowledged')
    wanted.push({
      reason: 'acknowledged',
      key: `acknowledged:${incident.acknowledgedAtMs}`,
      text: words.acknowledged(actor(incident)),
    });
  return wanted;
}

/** The reminder that is due, or when the next one will be. */
function reminder(incident: Incident, at: ThreadAt): Wanted | number {
  const { spoken } = incident;
  if (incident.state !== 'open' || incident.evidence.severity !== 'critical') return 0;
  const postedAtMs = Math.round(Number(spoken.ts) * 1000);
  const next = REMIND_AFTER_MS.findIndex((_, index) => !spoken.said.includes(reminderKey(index)));
  const afterMs = REMIND_AFTER_MS[next];
  if (afterMs === undefined || !Number.isFinite(postedAtMs)) return 0;
  if (at.nowMs < postedAtMs + afterMs) return postedAtMs + afterMs;
  const overdue = REMIND_AFTER_MS.filter((after) => at.nowMs >= postedAtMs + after);
  return {
    reason: 'unacknowledged',
    key: reminderKey(overdue.length - 1),
    covers: overdue.map((_, index) => reminderKey(index)),
    broadcast: true,
    text: TEXTS[at.language].thread.reminder(Math.round((at.nowMs - postedAtMs) / 60_000)),
  };
}

/**
 * A digest's thread is shared: of what happens to its incidents the digest tells by its lines, and the thread only calls a
 * critical one to mind that nobody acknowledged, by its name.
 */
function inDigest(incident: Incident, at: ThreadAt): ThreadDecision {
  const remind = at.silenced || incident.explainedBy !== '' ? 0 : reminder(incident, at);
  if (typeof remind === 'number') return { kind: 'quiet', lookAtMs: remind };
  const { channel, thread: ts } = incident.spoken;
  const text = `*${plain(headlineOf(incident, at.pattern, at.language), 200)}*\n${remind.text}`;
  const note = { ...remind, text, covers: remind.covers ?? [], place: { channel, ts }, broadcast: false };
  return { kind: 'say', note };
}

/** The next line for a thread of this incident. Deciding again after it was said gives the next one, at last none. */
export function nextNote(incident: Incident, at: ThreadAt): ThreadDecision {
  const { spoken } = incident;
  if (!isTold(incident)) return { kind: 'quiet', lookAtMs: 0 };
  // What follows from another incident speaks by its own message in the cause's thread, and by nothing else.
  if (spoken.thread !== '') return spoken.inDigest ? inDigest(incident, at) : { kind: 'quiet', lookAtMs: 0 };
  const texts = TEXTS[at.language];
  const said = new Set(spoken.said);
  const here = { channel: spoken.channel, ts: spoken.ts };
  const say = (wanted: Wanted): ThreadDecision => ({
    kind: 'say',
    note: { ...wanted, covers: wanted.covers ?? [], place: here, broadcast: wanted.broadcast ?? false },
  });
  if (spoken.previous !== null && !said.has('came-back')) {
    const text = texts.thread.cameBackBroadcast(
      plain(headlineOf(incident, at.pattern, at.language), 200),
      incident.episode,
    );
    const note = { reason: 'came-back', key: 'came-back', covers: [], text } as const;
    return { kind: 'say', note: { ...note, place: spoken.previous, broadcast: true } };
  }
  if (incident.state === 'resolved') {
    const last = closing(incident, texts.thread);
    return said.has(last.key) ? { kind: 'quiet', lookAtMs: 0 } : say(last);
  }
  if (incident.state === 'muted') {
    const key = `muted:${incident.mutedUntilMs}`;
    const text = texts.thread.muted(moment(incident.mutedUntilMs), actor(incident));
    return said.has(key) ? { kind: 'quiet', lookAtMs: 0 } : say({ reason: 'muted', key, text });
  }
  // What follows from another incident says what happens in its cause's thread; here it only says its end.
  if (at.silenced || incident.explainedBy !== '') return { kind: 'quiet', lookAtMs: 0 };
  const next = happened(incident, texts).find(({ key }) => !said.has(key));
  if (next !== undefined) return say(next);
  const remind = reminder(incident, at);
  return typeof remind === 'number' ? { kind: 'quiet', lookAtMs: remind } : say(remind);
}
