// Many new incidents at once in one channel → one digest message that is edited as they come; each incident's own message
// stands in its thread. Pure: the board of the channel and the clock come in, the new board comes out.
import type { Incident } from '#shared/model/incident.ts';
import type { Board, Digest, DigestMember } from '#shared/model/notification.ts';
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
import { headlineOf } from './words.ts';

/** New incidents within this time count as «at once». */
export const BURST_WITHIN_MS = 2 * 60_000;

/** A digest takes in new incidents until none came for this long. */
export const DIGEST_CLOSES_AFTER_MS = 5 * 60_000;

/** Edits of a digest come no closer together than this. */
export const DIGEST_EDIT_AFTER_MS = 5_000;

/** Incidents whose lines one digest keeps: more than a message holds. */
export const DIGEST_LINES_MAX = 100;

/** Incidents that one digest remembers, so that none is counted twice; of more it knows only the number. */
export const DIGEST_MEMBERS_MAX = 1_000;

/** The line of an incident in a digest. */
export function digestLine(incident: Incident, pattern: Pattern | undefined, language: Language): string {
  const words = TEXTS[language].message;
  const { proxyCount, proxiesCapped } = incident.evidence;
  return (
    `${mark(incident)} ${plain(headlineOf(incident, pattern, language), 120)} · ` +
    words.proxies(proxyCount, proxiesCapped)
  );
}

const isSame = (incident: Incident) => (one: { readonly id: string; readonly episode: number }) =>
  one.id === incident.id && one.episode === incident.episode;

function join(digest: Digest, member: DigestMember, nowMs: number): Digest {
  const { members } = digest;
  const kept = members.length < DIGEST_LINES_MAX ? member : { ...member, line: '' };
  const known = members.length < DIGEST_MEMBERS_MAX ? [...members, kept] : members;
  return { ...digest, members: known, count: digest.count + 1, lastJoinedMs: nowMs };
}

/** Where a new incident is told: by itself, or in the digest of the board that comes back. Asking again changes nothing. */
export function admit(
  board: Board,
  incident: Incident,
  at: { readonly line: string; readonly nowMs: number; readonly burstFrom: number },
): { readonly board: Board; readonly inDigest: boolean } {
  const { nowMs } = at;
  const recent = board.recent.filter(({ atMs }) => nowMs - atMs < BURST_WITHIN_MS);
  if (recent.some(isSame(incident))) return { board, inDigest: false };
  const { digest } = board;
  if (digest?.members.some(isSame(incident)) === true) return { board, inDigest: true };
  const member = { id: incident.id, episode: incident.episode, line: at.line };
  if (digest !== null && nowMs - digest.lastJoinedMs < DIGEST_CLOSES_AFTER_MS)
    return { board: { ...board, recent, digest: join(digest, member, nowMs) }, inDigest: true };
  if (recent.length < at.burstFrom) {
    const told = { id: incident.id, episode: incident.episode, atMs: nowMs };
    return { board: { ...board, recent: [...recent, told], digest: null }, inDigest: false };
  }
  const opened: Digest = {
    ts: '',
    openedAtMs: nowMs,
    lastJoinedMs: nowMs,
    claimedAtMs: 0,
    members: [],
    count: 0,
    shownKey: '',
    shownAtMs: 0,
  };
  return { board: { ...board, recent, digest: join(opened, member, nowMs) }, inDigest: true };
}

/** The board with what the incident's line says now; the same board if it says so already. */
export function withLine(board: Board, incident: Incident, line: string): Board {
  const { digest } = board;
  const isOld = ({ id, episode, line: old }: DigestMember): boolean =>
    isSame(incident)({ id, episode }) && old !== '' && old !== line;
  if (digest === null || !digest.members.some(isOld)) return board;
  const members = digest.members.map((member) => (isOld(member) ? { ...member, line } : member));
  return { ...board, digest: { ...digest, members } };
}

/** Those that have a line; they are the first. */
const shownMembers = (members: readonly DigestMember[]): readonly DigestMember[] =>
  members.slice(0, DIGEST_LINES_MAX);

/** Key of what the digest would show. */
export const digestKey = ({ count, members }: Digest): string =>
  `${count} ${shownMembers(members)
    .map(({ line }) => line)
    .join('|')}`;

/** What finds a digest again after a crash. */
export const digestMark = ({ openedAtMs }: Digest): string => `digest-${openedAtMs}`;

/** The digest: what it is, and a line for each incident as long as they fit. */
export function digestMessage(digest: Digest, language: Language): SlackMessage {
  const words = TEXTS[language].digest;
  const head: readonly SlackBlock[] = [
    { type: 'header', text: plainText(`📋 ${words.title(digest.count)}`) },
    context(words.says(DIGEST_CLOSES_AFTER_MS / 60_000)),
  ];
  const note = (left: number): readonly SlackBlock[] => (left > 0 ? [context(words.moreLines(left))] : []);
  const lines: SlackBlock[] = [];
  let text = '';
  let shown = 0;
  for (const { line } of shownMembers(digest.members)) {
    const longer = text === '' ? line : `${text}\n${line}`;
    const whole = [...head, ...lines, section(longer), ...note(digest.count)];
    if (longer.length > 2_900 || lengthOf(whole) > MESSAGE_CHARS_MAX) break;
    text = longer;
    shown += 1;
  }
  if (text !== '') lines.push(section(text));
  return {
    text: `📋 ${words.title(digest.count)}`,
    blocks: [...head, ...lines, ...note(digest.count - shown)],
    metadata: {
      event_type: 'mesh_triage_note',
      event_payload: { incident: digestMark(digest), episode: 0, note: '' },
    },
  };
}
