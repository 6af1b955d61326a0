// How far a backfill has come, in a small file: written after each page that Pub/Sub has acknowledged, read by the next run
// with the same arguments, removed at the end. A file that is missing, broken or another backfill's is none.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

const HOUR_MS = 3_600_000;

/** One that has stood still for longer is not carried on: by now «7d» means other days. */
export const RESUME_WITHIN_MS = 24 * HOUR_MS;

export interface BackfillState {
  readonly version: 1;
  /** Hash of everything that makes it another backfill. */
  readonly key: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Everything before this time has been published, by the entries' own time. */
  readonly cursorMs: number;
  /** Entries that were handed over, those too that an interruption made it hand over again. */
  readonly entries: number;
  /** How often it was carried on. */
  readonly resumed: number;
  readonly savedMs: number;
  /** Time that all runs took so far, in milliseconds. */
  readonly spentMs: number;
}

const NUMBERS = [
  'fromMs',
  'toMs',
  'cursorMs',
  'entries',
  'resumed',
  'savedMs',
  'spentMs',
] as const satisfies readonly (keyof BackfillState)[];

function isState(value: unknown): value is BackfillState {
  if (typeof value !== 'object' || value === null) return false;
  const field = (name: string): unknown => Reflect.get(value, name);
  return (
    field('version') === 1 &&
    typeof field('key') === 'string' &&
    NUMBERS.every((name) => Number.isSafeInteger(field(name)))
  );
}

export interface StateFile {
  readonly path: string;
  /** What an earlier run left behind; undefined if there is nothing that can be carried on. */
  readonly read: (key: string, nowMs: number) => BackfillState | undefined;
  /** Whole or not at all, whenever the process ends. Throws UsageError where no file can be written. */
  readonly write: (state: BackfillState) => void;
  readonly remove: () => void;
}

/** The file at `path`. */
export function openStateFile(path: string): StateFile {
  return {
    path,
    read: (key, nowMs) => {
      try {
        const state: unknown = JSON.parse(readFileSync(path, 'utf8'));
        return isState(state) && state.key === key && nowMs - state.savedMs <= RESUME_WITHIN_MS
          ? state
          : undefined;
      } catch {
        return undefined;
      }
    },
    write: (state) => {
      try {
        writeFileSync(`${path}.new`, `${JSON.stringify(state)}\n`);
        renameSync(`${path}.new`, path);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new UsageError(`can't write ${path} (${why}); choose another --state`, { cause: error });
      }
    },
    remove: () => {
      rmSync(path, { force: true });
    },
  };
}
