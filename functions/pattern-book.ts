// The patterns a function works with: the user's own, read from the store now and then, before the catalogue's.
// Read when an instance starts and again every few minutes, while a request is open; never for a single entry.
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import type { Pattern } from '#shared/patterns/pattern.ts';
import { readUserPatterns } from '#shared/patterns/user-pattern.ts';
import type { Clock, Log, UserPatterns } from './ports.ts';

/** User-made patterns are read again after this long. */
export const PATTERNS_KEPT_MS = 5 * 60_000;

/** A pattern that somebody asks for and nobody knows is looked for again this soon at the earliest. */
export const PATTERN_UNKNOWN_AGAIN_MS = 5_000;

/** After a reading that failed, the next one comes this soon. */
export const PATTERNS_AGAIN_MS = 30_000;

export interface PatternBook {
  /**
   * Reads again what is too old, or what lacks the pattern that is asked for; call it once a request. Never rejects:
   * without the store the catalogue is enough.
   */
  readonly refresh: (wanted?: string) => Promise<void>;
  /** All patterns, the user's own first. The same list as long as nothing changed. */
  readonly patterns: () => readonly Pattern[];
  readonly find: (id: string) => Pattern | undefined;
}

/** The catalogue alone: for what runs without a store. */
export const CATALOGUE_BOOK: PatternBook = {
  refresh: () => Promise.resolve(),
  patterns: () => CATALOGUE,
  find: (id) => CATALOGUE.find((pattern) => pattern.id === id),
};

export function createPatternBook(needs: {
  readonly userPatterns: UserPatterns;
  readonly clock: Clock;
  readonly log: Log;
}): PatternBook {
  let patterns: readonly Pattern[] = CATALOGUE;
  let documents = '[]';
  let dueMs = 0;
  let readAtMs = 0;
  let reading: Promise<void> | undefined;

  const use = (values: readonly unknown[]): void => {
    const text = JSON.stringify(values);
    if (text === documents) return;
    documents = text;
    const results = readUserPatterns(values);
    for (const result of results)
      if (result.kind === 'faults')
        needs.log.write('ERROR', 'a pattern of your own is not used', {
          pattern: result.id,
          faults: result.faults.join('; '),
        });
    const own = results.flatMap((result) => (result.kind === 'pattern' ? [result.pattern] : []));
    patterns = [...own, ...CATALOGUE];
  };

  const read = async (): Promise<void> => {
    readAtMs = needs.clock.nowMs();
    try {
      use(await needs.userPatterns.read());
      dueMs = needs.clock.nowMs() + PATTERNS_KEPT_MS;
    } catch (error) {
      dueMs = needs.clock.nowMs() + PATTERNS_AGAIN_MS;
      needs.log.write('WARNING', 'patterns of your own not read; those known are used', {
        error: error instanceof Error ? error.message : String(error),
      });
    } finally {
      reading = undefined;
    }
  };

  const find = (id: string): Pattern | undefined => patterns.find((pattern) => pattern.id === id);

  return {
    refresh: (wanted) => {
      const nowMs = needs.clock.nowMs();
      const lacks = wanted !== undefined && find(wanted) === undefined;
      const again = lacks && nowMs >= readAtMs + PATTERN_UNKNOWN_AGAIN_MS;
      if (nowMs < dueMs && !again) return Promise.resolve();
      reading ??= read();
      return reading;
    },
    patterns: () => patterns,
    find,
  };
}
