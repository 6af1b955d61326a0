// The digest of a channel in Slack: posted once, edited as incidents come and change. Part of telling Slack.
// In: the incident that is to be told, or whose line changed. Out: where its message goes, or when to look again.
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
import { CLAIM_HELD_MS, UNSURE_AGAIN_MS, type SpeakNeeds } from './speak.ts';

export interface DigestNeeds extends Pick<SpeakNeeds, 'slack' | 'clock' | 'log'> {
  readonly boards: Boards;
  readonly language: Language;
  readonly patterns: PatternBook;
  /** So many new incidents at once are told by themselves; the next ones go into a digest. */
  readonly burstFrom: number;
}

export type Placed =
  | { readonly kind: 'channel' }
  | { readonly kind: 'digest'; readonly ts: string }
  | { readonly kind: 'wait'; readonly untilMs: number };

const lineOf = (incident: Incident, { patterns, language }: DigestNeeds): string =>
  digestLine(incident, patterns.find(incident.pattern), language);

const sameDigest = (digest: Digest) => (board: Board) => board.digest?.openedAtMs === digest.openedAtMs;

async function changeDigest(
  needs: DigestNeeds,
  at: { readonly channel: string; readonly digest: Digest },
  change: Partial<Digest>,
): Promise<void> {
  await needs.boards.change(at.channel, (board) =>
    board.digest !== null && sameDigest(at.digest)(board)
      ? { ...board, digest: { ...board.digest, ...change } }
      : board,
  );
}

/** Posts the digest, once: claimed on the board, found again by its metadata after a crash. */
async function postDigest(needs: DigestNeeds, channel: string, digest: Digest): Promise<Placed> {
  const nowMs = needs.clock.nowMs();
  if (digest.claimedAtMs > 0) {
    if (nowMs - digest.claimedAtMs < CLAIM_HELD_MS)
      return { kind: 'wait', untilMs: digest.claimedAtMs + CLAIM_HELD_MS };
    const found = await needs.slack.find(
      { channel, thread: '' },
      { incident: digestMark(digest), episode: 0, note: '', sinceMs: digest.claimedAtMs },
    );
    if (found.kind === 'unknown' || found.kind === 'refused')
      return { kind: 'wait', untilMs: nowMs + UNSURE_AGAIN_MS };
    if (found.kind === 'found') {
      await changeDigest(needs, { channel, digest }, { ts: found.ts, claimedAtMs: 0 });
      return { kind: 'digest', ts: found.ts };
    }
  }
  let mine = false;
  await needs.boards.change(channel, (board) => {
    const now = board.digest;
    mine =
      now !== null && sameDigest(digest)(board) && now.ts === '' && now.claimedAtMs === digest.claimedAtMs;
    return mine && now !== null ? { ...board, digest: { ...now, claimedAtMs: nowMs } } : board;
  });
  if (!mine) return { kind: 'wait', untilMs: nowMs + DIGEST_EDIT_AFTER_MS };
  const content = digestMessage(digest, needs.language);
  const answer = await needs.slack.post({ channel, thread: '', broadcast: false }, content);
  if (answer.kind === 'sent') {
    const shown = { ts: answer.ts, claimedAtMs: 0, shownKey: digestKey(digest), shownAtMs: nowMs };
    await changeDigest(needs, { channel, digest }, shown);
    return { kind: 'digest', ts: answer.ts };
  }
  const why = answer.why;
  needs.log.write('WARNING', 'the digest was not posted', { channel, why });
  if (answer.kind === 'unsure') return { kind: 'wait', untilMs: nowMs + CLAIM_HELD_MS };
  await changeDigest(needs, { channel, digest }, { claimedAtMs: 0 });
  return { kind: 'wait', untilMs: nowMs + (answer.kind === 'later' ? answer.afterMs : UNSURE_AGAIN_MS) };
}

/** Where the message of a new incident goes. */
export async function placeNew(needs: DigestNeeds, incident: Incident, channel: string): Promise<Placed> {
  const at = {
    line: lineOf(incident, needs),
    nowMs: needs.clock.nowMs(),
    burstFrom: needs.burstFrom,
  };
  let inDigest = false;
  const board = await needs.boards.change(channel, (before) => {
    const admitted = admit(before, incident, at);
    inDigest = admitted.inDigest;
    return admitted.board;
  });
  if (!inDigest || board.digest === null) return { kind: 'channel' };
  if (board.digest.ts !== '') return { kind: 'digest', ts: board.digest.ts };
  return postDigest(needs, channel, board.digest);
}

/** Makes the digest show what its incidents are now. Out: when to look again; 0 = it shows it. */
export async function refreshDigest(needs: DigestNeeds, incident: Incident): Promise<number> {
  const { channel, thread } = incident.spoken;
  const line = lineOf(incident, needs);
  const board = await needs.boards.change(channel, (before) => withLine(before, incident, line));
  const { digest } = board;
  if (digest === null || digest.ts !== thread) return 0;
  const key = digestKey(digest);
  const nowMs = needs.clock.nowMs();
  if (digest.shownKey === key) return 0;
  if (nowMs < digest.shownAtMs + DIGEST_EDIT_AFTER_MS) return digest.shownAtMs + DIGEST_EDIT_AFTER_MS;
  const answer = await needs.slack.update({ channel, ts: digest.ts }, digestMessage(digest, needs.language));
  if (answer.kind === 'sent') {
    await changeDigest(needs, { channel, digest }, { shownKey: key, shownAtMs: nowMs });
    return 0;
  }
  needs.log.write('WARNING', 'the digest was not edited', { channel, why: answer.why });
  // A digest that a person deleted has said what it had to say: the messages in its thread are gone with it.
  if (answer.kind === 'gone') return 0;
  return nowMs + (answer.kind === 'later' ? answer.afterMs : UNSURE_AGAIN_MS);
}
