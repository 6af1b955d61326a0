// The documents `boards/{channel}` and back: what one channel was told lately, its digest, and what Slack asked. Changes of
// one board that come together are one transaction: a document takes about one write a second.
import type { Transaction } from '@google-cloud/firestore';
import { z } from 'zod';
import { emptyBoard, type Board } from '#shared/model/notification.ts';
import type { Boards } from '../ports.ts';
import { BOARD_LIMITS, ONCE, READ_LIMITS, tryAgain, type Connect } from './firestore-calls.ts';
import { time, timeOrNever, toTime, toTimeOrNever } from './firestore-values.ts';

/** Boards that one instance remembers. */
const BOARDS_KEPT_MAX = 1_000;

const member = z.object({ id: z.string(), episode: z.number(), line: z.string() });

const digest = z
  .object({
    ts: z.string(),
    openedAt: time,
    lastJoinedAt: time,
    claimedAt: timeOrNever,
    members: z.array(member),
    count: z.number(),
    shownKey: z.string(),
    shownAt: timeOrNever,
  })
  .transform(({ openedAt, lastJoinedAt, claimedAt, shownAt, ...rest }) => ({
    ...rest,
    openedAtMs: openedAt,
    lastJoinedMs: lastJoinedAt,
    claimedAtMs: claimedAt,
    shownAtMs: shownAt,
  }));

const recent = z
  .object({ id: z.string(), episode: z.number(), at: time })
  .transform(({ at, ...rest }) => ({ ...rest, atMs: at }));

const notBefore = z
  .object({ post: time.exactOptional(), update: time.exactOptional(), find: time.exactOptional() })
  .default({});

const boardSchema = z
  .object({
    channel: z.string(),
    recent: z.array(recent),
    digest: digest.nullable(),
    summaryDay: z.string().default(''),
    notBefore,
  })
  .transform(({ notBefore: notBeforeMs, ...rest }): Board => ({ ...rest, notBeforeMs }));

function digestDocument(one: NonNullable<Board['digest']>): object {
  const { openedAtMs, lastJoinedMs, claimedAtMs, shownAtMs, ...rest } = one;
  return {
    ...rest,
    openedAt: toTime(openedAtMs),
    lastJoinedAt: toTime(lastJoinedMs),
    claimedAt: toTimeOrNever(claimedAtMs),
    shownAt: toTimeOrNever(shownAtMs),
  };
}

/** Document of `boards/{channel}`. */
function boardDocument(board: Board): Record<string, unknown> {
  const pauses = Object.entries(board.notBeforeMs).map(([call, untilMs]) => [call, toTime(untilMs)]);
  return {
    channel: board.channel,
    summaryDay: board.summaryDay,
    recent: board.recent.map(({ atMs, ...rest }) => ({ ...rest, at: toTime(atMs) })),
    digest: board.digest === null ? null : digestDocument(board.digest),
    notBefore: Object.fromEntries(pauses),
  };
}

interface Wish {
  readonly change: (board: Board) => Board;
  readonly resolve: (board: Board) => void;
  readonly reject: (error: unknown) => void;
}

/** `db` is the process's one client; nothing here closes it. */
export function createFirestoreBoards(settings: {
  readonly db: Connect;
  readonly nowMs: () => number;
}): Boards {
  const { db, nowMs } = settings;
  const kept = new Map<string, { readonly board: Promise<Board>; readonly atMs: number }>();
  /** Changes that wait while a transaction of the same board is under way. */
  const waiting = new Map<string, Wish[]>();

  const documentOf = (channel: string) => db().collection('boards').doc(channel);
  const keep = (channel: string, board: Promise<Board>, atMs: number): void => {
    if (kept.size >= BOARDS_KEPT_MAX) kept.clear();
    kept.set(channel, { board, atMs });
  };

  const transact = async (
    transaction: Transaction,
    channel: string,
    wishes: readonly Wish[],
  ): Promise<Board> => {
    const found = await transaction.get(documentOf(channel));
    const before = found.exists ? boardSchema.parse(found.data()) : emptyBoard(channel);
    let after = before;
    for (const { change } of wishes) after = change(after);
    if (after !== before) transaction.set(found.ref, boardDocument(after));
    return after;
  };

  /** Works off what waits, all of it in one transaction, until nothing more has come meanwhile. */
  const work = async (channel: string, line: Wish[]): Promise<void> => {
    while (line.length > 0) {
      const wishes = line.splice(0);
      try {
        const board = await tryAgain(BOARD_LIMITS, () =>
          db().runTransaction((transaction) => transact(transaction, channel, wishes), ONCE),
        );
        keep(channel, Promise.resolve(board), nowMs());
        for (const { resolve } of wishes) resolve(board);
      } catch (error) {
        for (const { reject } of wishes) reject(error);
      }
    }
    waiting.delete(channel);
  };

  return {
    read: (channel, ageMsMax) => {
      const known = kept.get(channel);
      const atMs = nowMs();
      if (known !== undefined && atMs - known.atMs < ageMsMax) return known.board;
      const board = tryAgain(READ_LIMITS, async () => {
        const found = await documentOf(channel).get();
        return found.exists ? boardSchema.parse(found.data()) : emptyBoard(channel);
      });
      keep(channel, board, atMs);
      // A board that could not be read is asked for again.
      board.catch(() => kept.get(channel)?.board === board && kept.delete(channel));
      return board;
    },
    change: (channel, change) => {
      const { promise, resolve, reject } = Promise.withResolvers<Board>();
      const wish = { change, resolve, reject };
      const line = waiting.get(channel);
      if (line !== undefined) line.push(wish);
      else {
        const first = [wish];
        waiting.set(channel, first);
        void work(channel, first);
      }
      return promise;
    },
  };
}
