// Work that somebody waits for → its result, or nothing when it failed or took too long; says so in the log.
import type { Clock, Log } from './ports.ts';

/** Slack waits three seconds; what is not done by then has failed for the person who waits. */
const ANSWER_WITHIN_MS = 2_300;

/** The work's result, or undefined (and a line in the log) if it failed or took too long. */
export async function inTime<Result>(
  needs: { readonly clock: Clock; readonly log: Log },
  work: Promise<Result>,
): Promise<{ readonly result: Result } | undefined> {
  const late = Symbol('late');
  try {
    const first = await Promise.race([work, needs.clock.wait(ANSWER_WITHIN_MS).then(() => late)]);
    if (typeof first !== 'symbol') return { result: first };
    work.catch(() => undefined);
    needs.log.write('ERROR', 'Slack’s request was not done in time', { withinMs: ANSWER_WITHIN_MS });
  } catch (error) {
    needs.log.write('ERROR', 'Slack’s request failed', {
      error: error instanceof Error ? error.message : String(error),
    });
  }
  return undefined;
}
