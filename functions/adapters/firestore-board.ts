// The document `boards/{channel}` and back: what one channel was told lately, and its digest.
import { z } from 'zod';
import type { Board } from '#shared/model/notification.ts';
import { time, timeOrNever, toTime, toTimeOrNever } from './firestore-values.ts';

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

export const boardSchema = z.object({
  channel: z.string(),
  recent: z.array(recent),
  digest: digest.nullable(),
  summaryDay: z.string().default(''),
});

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
export function boardDocument(board: Board): Record<string, unknown> {
  return {
    channel: board.channel,
    summaryDay: board.summaryDay,
    recent: board.recent.map(({ atMs, ...rest }) => ({ ...rest, at: toTime(atMs) })),
    digest: board.digest === null ? null : digestDocument(board.digest),
  };
}

/** A channel that was told nothing yet. */
export const emptyBoard = (channel: string): Board => ({ channel, recent: [], digest: null, summaryDay: '' });
