// How a backfill shows that it goes on: a bar that is drawn over itself in a terminal, a line every so often elsewhere.
import type { BackfillState } from './backfill-state.ts';

/** Without a terminal one line in this time is enough. */
export const LINE_EVERY_MS = 10_000;

const BAR_CHARS = 24;
const COLUMNS_DEFAULT = 80;

/** What of a terminal it needs; `process.stderr` is one. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** Share of the span of time that lies behind, from 0 to 1. */
function shareOf({ fromMs, toMs, cursorMs }: BackfillState): number {
  return toMs <= fromMs ? 1 : Math.min(1, Math.max(0, (cursorMs - fromMs) / (toMs - fromMs)));
}

/** `1 entry`, `25,000 entries` */
export const entriesText = (count: number): string =>
  `${count.toLocaleString('en')} ${count === 1 ? 'entry' : 'entries'}`;

/** `[######------]  50 %  25,000 entries, up to 2026-11-01 10:00` */
function progressText(state: BackfillState): string {
  const share = shareOf(state);
  const filled = Math.floor(share * BAR_CHARS);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR_CHARS - filled)}]`;
  const upTo = new Date(state.cursorMs).toISOString().slice(0, 16).replace('T', ' ');
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  return `${bar} ${percent}  ${entriesText(state.entries)}, up to ${upTo}`;
}

export interface Progress {
  readonly show: (state: BackfillState) => void;
  /** Says why nothing happens for a while. */
  readonly say: (text: string) => void;
  /** Takes the bar away. */
  readonly end: () => void;
}

/** Draws on `screen`. */
export function createProgress(screen: Screen, nowMs: () => number): Progress {
  const isTerminal = screen.isTTY === true;
  const columns = screen.columns ?? COLUMNS_DEFAULT;
  const over = (text: string): void => {
    // A line that wraps could not be drawn over.
    screen.write(`\r\u001B[K${text.slice(0, columns - 1)}`);
  };
  let last = '';
  let saidMs = nowMs();
  return {
    show: (state) => {
      last = progressText(state);
      if (isTerminal) over(last);
      else if (nowMs() - saidMs >= LINE_EVERY_MS) {
        saidMs = nowMs();
        screen.write(`${last}\n`);
      }
    },
    say: (text) => {
      if (isTerminal) over(last === '' ? text : `${text}  ${last}`);
      else screen.write(`${text}\n`);
    },
    end: () => {
      if (isTerminal) over('');
    },
  };
}
