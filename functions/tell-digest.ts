// The digest of a channel in Slack: posted once, edited as incidents come and change. Part of telling Slack.
// In: the incident that is to be told, or whose line changed. Out: where its message goes, or when to look again. The board
// is a help, never a hurdle: an incident is told without it rather than not at all.
import type { Incident } from '#shared/model/incident.ts';
import type { Board, Digest } from '#shared/model/notification.ts';
import {
  admit,
  digestKey,
  digestLine,
  digestMark,
  digestMessage,
  DIGEST_EDIT_AFTER_MS,
  withLine,
} from '#shared/notify/digest.ts';
import type { Language } from '#shared/notify/texts/texts.ts';
import type { PatternBook } from './pattern-book.ts';
import type { Boards } from './ports.ts';
import type { SlackLane } from './slack-pace.ts';
import type { SlackAnswer } from './slack-port.ts';
import {
  CLAIM_HELD_MS,
  CLAIM_LATE_MS,
  SEARCH_GIVEN_UP_MS,
  UNSURE_AGAIN_MS,
  type SpeakNeeds,
} from './speak.ts';

export interface DigestNeeds extends Pick<SpeakNeeds, 'slack' | 'pace' | 'clock' | 'log'> {
  readonly boards: Boards;
  readonly language: Language;
  readonly patterns: PatternBook;
  /** So many new incidents at once are told by themselves; the next ones go into a digest. */
  readonly burstFrom: number;
}

type Wait = { readonly kind: 'wait'; readonly untilMs: number };
export type Placed = { readonly kind: 'channel' } | { readonly kind: 'digest'; readonly ts: string } | Wait;

/** A board of this age is good enough to see that nothing has changed. */
const BOARD_AGE_MS_MAX = 2_000;

const lineOf = (incident: Incident, { patterns, language }: DigestNeeds): string =>
  digestLine(incident, patterns.find(incident.pattern), language);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface At {
  readonly channel: string;
  readonly digest: Digest;
}

const isSame = (digest: Digest, board: Board): boolean => board.digest?.openedAtMs === digest.openedAtMs;

async function changeDigest(needs: DigestNeeds, at: At, change: Partial<Digest>): Promise<void> {
  await needs.boards.change(at.channel, (board) =>
    board.digest !== null && isSame(at.digest, board)
      ? { ...board, digest: { ...board.digest, ...change } }
      : board,
  );
}

const orWait = (placed: Placed | { readonly kind: 'pause'; readonly untilMs: number }): Placed =>
  placed.kind === 'pause' ? { kind: 'wait', untilMs: placed.untilMs } : placed;

/** When to try again what Slack did not take. */
async function againMs(
  needs: DigestNeeds,
  lane: SlackLane,
  no: { readonly answer: Extract<SlackAnswer, { why: string }>; readonly otherwiseMs: number },
): Promise<number> {
  const { answer, otherwiseMs } = no;
  if (answer.kind === 'later') return needs.pace.asked(lane, answer.afterMs);
  return needs.clock.nowMs() + otherwiseMs;
}

/** The claim of somebody who did not say what came of it: waited out, then looked up; undefined = it was never posted. */
async function findDigest(needs: DigestNeeds, { channel, digest }: At): Promise<Placed | undefined> {
  const nowMs = needs.clock.nowMs();
  if (nowMs - digest.claimedAtMs < CLAIM_HELD_MS)
    return { kind: 'wait', untilMs: digest.claimedAtMs + CLAIM_HELD_MS };
  const lane = { channel, call: 'find' } as const;
  const found = await needs.pace.when(lane, () =>
    needs.slack.find(
      { channel, thread: '' },
      { incident: digestMark(digest), episode: 0, note: '', sinceMs: digest.claimedAtMs },
    ),
  );
  switch (found.kind) {
    case 'none':
      return undefined;
    case 'found':
      await changeDigest(needs, { channel, digest }, { ts: found.ts, claimedAtMs: 0 });
      return { kind: 'digest', ts: found.ts };
    case 'pause':
      return { kind: 'wait', untilMs: found.untilMs };
    case 'later':
      return { kind: 'wait', untilMs: await needs.pace.asked(lane, found.afterMs) };
    case 'unknown':
    case 'refused':
      // As with an incident's own message: its incidents must not wait for ever for what Slack will never show.
      if (found.kind === 'refused' && nowMs - digest.claimedAtMs >= SEARCH_GIVEN_UP_MS) {
        const facts = { channel, why: found.why };
        needs.log.write(
          'ERROR',
          'Slack does not show whether a digest was posted; it is posted again',
          facts,
        );
        return undefined;
      }
      needs.log.write('WARNING', 'can’t look for a digest in Slack', { channel, why: found.why });
      return { kind: 'wait', untilMs: nowMs + UNSURE_AGAIN_MS };
  }
}

/** Claims the digest on the board and posts it, unless somebody else does. */
async function claimAndPost(needs: DigestNeeds, at: At): Promise<Placed> {
  const { channel, digest } = at;
  const nowMs = needs.clock.nowMs();
  let mine = false;
  const board = await needs.boards.change(channel, (before) => {
    const now = before.digest;
    mine = now !== null && isSame(digest, before) && now.ts === '' && now.claimedAtMs === digest.claimedAtMs;
    return mine && now !== null ? { ...before, digest: { ...now, claimedAtMs: nowMs } } : before;
  });
  const isLate = needs.clock.nowMs() - nowMs > CLAIM_LATE_MS;
  if (!mine || isLate || board.digest === null)
    return { kind: 'wait', untilMs: nowMs + (isLate ? CLAIM_HELD_MS : DIGEST_EDIT_AFTER_MS) };
  // The board may have taken in more since it was asked for this one's place.
  const shown = board.digest;
  const content = digestMessage(shown, needs.language);
  const answer = await needs.slack.post({ channel, thread: '', broadcast: false }, content);
  if (answer.kind === 'sent') {
    const { ts } = answer;
    await changeDigest(needs, at, { ts, claimedAtMs: 0, shownKey: digestKey(shown), shownAtMs: nowMs });
    return { kind: 'digest', ts };
  }
  needs.log.write('WARNING', 'the digest was not posted', { channel, why: answer.why });
  if (answer.kind === 'unsure') return { kind: 'wait', untilMs: nowMs + CLAIM_HELD_MS };
  await changeDigest(needs, at, { claimedAtMs: 0 });
  const lane = { channel, call: 'post' } as const;
  return { kind: 'wait', untilMs: await againMs(needs, lane, { answer, otherwiseMs: UNSURE_AGAIN_MS }) };
}

/** Posts the digest, once: claimed on the board, found again by its metadata after a crash. */
async function postDigest(needs: DigestNeeds, at: At): Promise<Placed> {
  if (at.digest.claimedAtMs > 0) {
    const found = await findDigest(needs, at);
    if (found !== undefined) return found;
  }
  const lane = { channel: at.channel, call: 'post' } as const;
  return orWait(await needs.pace.when(lane, () => claimAndPost(needs, at)));
}

/** Where the message of a new incident goes; in the channel where the board can't say. */
export async function placeNew(needs: DigestNeeds, incident: Incident, channel: string): Promise<Placed> {
  const { burstFrom } = needs;
  const at = { line: lineOf(incident, needs), nowMs: needs.clock.nowMs(), burstFrom };
  let inDigest = false;
  try {
    const board = await needs.boards.change(channel, (before) => {
      const admitted = admit(before, incident, at);
      inDigest = admitted.inDigest;
      return admitted.board;
    });
    if (!inDigest || board.digest === null) return { kind: 'channel' };
    if (board.digest.ts !== '') return { kind: 'digest', ts: board.digest.ts };
    return await postDigest(needs, { channel, digest: board.digest });
  } catch (error) {
    const facts = { incident: incident.id, channel, error: messageOf(error) };
    needs.log.write('ERROR', 'the board of the channel does not answer; told without it', facts);
    return { kind: 'channel' };
  }
}

interface Stale {
  readonly digest: Digest;
  /** This look is the one that edits it. */
  readonly mine: boolean;
}

/** The board with the line; and who edits the digest: one look, not all that find it out of date. */
async function claimEdit(needs: DigestNeeds, incident: Incident, line: string): Promise<Stale | undefined> {
  const { channel, thread } = incident.spoken;
  const nowMs = needs.clock.nowMs();
  const isStale = (board: Board): boolean =>
    board.digest !== null && board.digest.ts === thread && board.digest.shownKey !== digestKey(board.digest);
  // Most looks find that the board says it already: they cost no transaction.
  const known = await needs.boards.read(channel, BOARD_AGE_MS_MAX);
  if (known.digest?.ts !== thread) return undefined;
  if (withLine(known, incident, line) === known && !isStale(known)) return undefined;
  let mine = false;
  const { digest } = await needs.boards.change(channel, (before) => {
    const now = withLine(before, incident, line);
    mine = isStale(now) && now.digest !== null && nowMs >= now.digest.shownAtMs + DIGEST_EDIT_AFTER_MS;
    return mine && now.digest !== null ? { ...now, digest: { ...now.digest, shownAtMs: nowMs } } : now;
  });
  if (digest === null || digest.ts !== thread) return undefined;
  return mine || digest.shownKey !== digestKey(digest) ? { digest, mine } : undefined;
}

async function editDigest(needs: DigestNeeds, at: At): Promise<number> {
  const { channel, digest } = at;
  const lane = { channel, call: 'update' } as const;
  const message = { channel, ts: digest.ts };
  const answer = await needs.pace.when(lane, () =>
    needs.slack.update(message, digestMessage(digest, needs.language)),
  );
  if (answer.kind === 'pause') return answer.untilMs;
  if (answer.kind !== 'sent')
    needs.log.write('WARNING', 'the digest was not edited', { channel, why: answer.why });
  // A digest that a person deleted has said what it had to say: the messages in its thread are gone with it.
  if (answer.kind === 'sent' || answer.kind === 'gone') {
    await changeDigest(needs, at, { shownKey: digestKey(digest) });
    return 0;
  }
  return againMs(needs, lane, { answer, otherwiseMs: UNSURE_AGAIN_MS });
}

/** Makes the digest show what its incidents are now. Out: when to look again; 0 = it shows it. */
export async function refreshDigest(needs: DigestNeeds, incident: Incident): Promise<number> {
  const { channel } = incident.spoken;
  try {
    const stale = await claimEdit(needs, incident, lineOf(incident, needs));
    if (stale === undefined) return 0;
    const { digest, mine } = stale;
    return mine ? await editDigest(needs, { channel, digest }) : digest.shownAtMs + DIGEST_EDIT_AFTER_MS;
  } catch (error) {
    const facts = { incident: incident.id, channel, error: messageOf(error) };
    needs.log.write('WARNING', 'the digest was not brought up to date', facts);
    return needs.clock.nowMs() + UNSURE_AGAIN_MS;
  }
}
