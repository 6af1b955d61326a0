// When Slack may be called: a «not before» for each channel and kind of call, known to the whole instance and, through the
// channel's board, to every other one. In: work that calls Slack. Out: its result, or until when it has to wait.
import type { SlackCall } from '#shared/model/notification.ts';
import type { Boards, Clock, Log } from './ports.ts';

/** Slack asked to wait and named no time: so long at first, twice as long each further time … */
export const BACKOFF_MS = 15_000;
/** … up to this. */
export const BACKOFF_MS_MAX = 120_000;

/** A wish to wait longer than this is not believed: no alert is kept back for longer without asking again. */
export const RETRY_AFTER_MS_MAX = 15 * 60_000;

/** After a wish to wait, calls of that kind go one after the other for so long: one finds out for all. */
export const CAREFUL_FOR_MS = 60_000;

/** Whoever has stood in that line for so long comes again later: Pub/Sub waits for an answer. */
export const IN_LINE_MS_MAX = 10_000;

/** What other instances were asked is heard of after so long; a pause that is over by then is not written down. */
export const BOARD_HEARD_AFTER_MS = 2_000;

/** Wishes that come this close together are one: the board is not written for each. */
const SAME_WISH_MS = 1_000;

/** One limit of Slack: this kind of call in this channel. */
export interface SlackLane {
  readonly channel: string;
  readonly call: SlackCall;
}

/** Not now: nothing was done. */
export interface Pause {
  readonly kind: 'pause';
  readonly untilMs: number;
}

export interface Pace {
  /** Does the work if Slack may be called now. The work calls Slack once, and `asked` if Slack asks to wait. */
  readonly when: <Result>(lane: SlackLane, work: () => Promise<Result>) => Promise<Result | Pause>;
  /** Slack asked to wait that long (0: it named no time) → until when nobody calls it. */
  readonly asked: (lane: SlackLane, afterMs: number) => Promise<number>;
}

/** What one instance knows of one limit. */
interface LaneState {
  notBeforeMs: number;
  /** Wishes without a time, one after the other. */
  strikes: number;
  /** What the board says, as far as this instance has written or read it. */
  boardMs: number;
  /** The end of the line of careful calls. */
  last: Promise<unknown>;
}

export interface PaceNeeds {
  /** Absent = other instances are not told. */
  readonly boards?: Boards;
  readonly clock: Clock;
  readonly log: Log;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** How long to wait, and how often in a row Slack has named no time. */
function pauseOf(state: LaneState, afterMs: number): { readonly pauseMs: number; readonly strikes: number } {
  if (afterMs > 0) return { pauseMs: Math.min(afterMs, RETRY_AFTER_MS_MAX), strikes: 0 };
  const pauseMs = Math.min(BACKOFF_MS * 2 ** state.strikes, BACKOFF_MS_MAX);
  return { pauseMs, strikes: state.strikes + 1 };
}

/** Does the work after all that stand in line before it, unless one of them has found out that Slack is not to be called. */
async function inLine<Result>(
  clock: Clock,
  state: LaneState,
  work: () => Promise<Result>,
): Promise<Awaited<Result> | Pause> {
  const sinceMs = clock.nowMs();
  const turn = state.last.then(async (): Promise<Awaited<Result> | Pause> => {
    const nowMs = clock.nowMs();
    if (nowMs < state.notBeforeMs) return { kind: 'pause', untilMs: state.notBeforeMs };
    if (nowMs - sinceMs > IN_LINE_MS_MAX) return { kind: 'pause', untilMs: nowMs };
    return await work();
  });
  state.last = turn.catch(() => undefined);
  return turn;
}

/** The memory of one instance. A board that can't be read or written keeps nobody from speaking. */
export function createPace({ boards, clock, log }: PaceNeeds): Pace {
  const lanes = new Map<string, LaneState>();
  const stateOf = ({ channel, call }: SlackLane): LaneState => {
    const key = `${call} ${channel}`;
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const fresh = { notBeforeMs: 0, strikes: 0, boardMs: 0, last: Promise.resolve() };
    lanes.set(key, fresh);
    return fresh;
  };

  const hear = async ({ channel, call }: SlackLane, state: LaneState): Promise<void> => {
    if (boards === undefined) return;
    try {
      const { notBeforeMs } = await boards.read(channel, BOARD_HEARD_AFTER_MS);
      state.boardMs = Math.max(state.boardMs, notBeforeMs[call] ?? 0);
      state.notBeforeMs = Math.max(state.notBeforeMs, state.boardMs);
    } catch (error) {
      log.write('WARNING', 'what Slack asked others is not known', { channel, error: messageOf(error) });
    }
  };

  const tell = async ({ channel, call }: SlackLane, state: LaneState): Promise<void> => {
    const { notBeforeMs: untilMs } = state;
    const isShort = untilMs - clock.nowMs() <= BOARD_HEARD_AFTER_MS;
    if (boards === undefined || isShort || untilMs < state.boardMs + SAME_WISH_MS) return;
    state.boardMs = untilMs;
    try {
      await boards.change(channel, (board) =>
        (board.notBeforeMs[call] ?? 0) >= untilMs
          ? board
          : { ...board, notBeforeMs: { ...board.notBeforeMs, [call]: untilMs } },
      );
    } catch (error) {
      log.write('WARNING', 'others were not told what Slack asks', { channel, error: messageOf(error) });
    }
  };

  return {
    when: async (lane, work) => {
      const state = stateOf(lane);
      await hear(lane, state);
      const nowMs = clock.nowMs();
      if (nowMs < state.notBeforeMs) return { kind: 'pause', untilMs: state.notBeforeMs };
      const isCareful = state.notBeforeMs > 0 && nowMs < state.notBeforeMs + CAREFUL_FOR_MS;
      return isCareful ? inLine(clock, state, work) : work();
    },
    asked: async (lane, afterMs) => {
      const state = stateOf(lane);
      const nowMs = clock.nowMs();
      if (nowMs >= state.notBeforeMs + CAREFUL_FOR_MS + BACKOFF_MS_MAX) state.strikes = 0;
      // Calls that were under way together hear the same «no»: it counts once.
      const isKnown = nowMs < state.notBeforeMs;
      if (isKnown && afterMs === 0) return state.notBeforeMs;
      const { pauseMs, strikes } = pauseOf(state, afterMs);
      state.notBeforeMs = Math.max(state.notBeforeMs, nowMs + pauseMs);
      state.strikes = strikes;
      await tell(lane, state);
      return state.notBeforeMs;
    },
  };
}
