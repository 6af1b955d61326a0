// A tick, each minute → nudges: for whatever was left unfolded or unsent, and for incidents whose time has come.
// It folds the ledgers and rolls days up itself, for nobody waits for those. It tells nobody anything.
import { isLedgerId } from '#shared/incident/ledger.ts';
import { foldTarget } from './fold.ts';
import type { Answer, Clock, DiagnosisStore, Log, Nudges, Store } from './ports.ts';
import type { Swept } from './sweep.ts';

/** Sightings that one tick looks at; what is left waits for the next. */
export const TICK_SIGHTINGS_MAX = 1_000;

/** Incidents that one tick nudges because their time has come. */
export const TICK_DUE_MAX = 500;

/** A tick stops folding after this long: the next one comes within a minute. */
const TICK_MS_MAX = 30_000;

export interface WatchNeeds {
  readonly store: Pick<Store, 'waitingTargets' | 'waitingFor' | 'fold' | 'due'>;
  /** Absent where nothing is diagnosed. */
  readonly diagnoses?: Pick<DiagnosisStore, 'diagnosesDue'>;
  /** Looks at the fleet; absent where no project of a fleet is set. */
  readonly sweep?: () => Promise<Swept>;
  /** Adds what was counted and what ended to the days of the overview, for a bounded time. */
  readonly rollUp?: () => Promise<void>;
  readonly nudges: Nudges;
  readonly clock: Clock;
  readonly log: Log;
}

/** Folds one ledger until nothing waits or the time is up; what is left waits for the next tick. */
async function foldLedger(needs: WatchNeeds, id: string, endMs: number): Promise<void> {
  let more = true;
  while (more && needs.clock.nowMs() < endMs) {
    const at = { nowMs: needs.clock.nowMs(), quietAfterMs: () => 0 };
    ({ more } = await foldTarget(needs.store, { kind: 'ledger', id }, at));
  }
}

/** Every part is tried, whatever becomes of the others; the first failure is thrown at the end. */
async function tick(needs: WatchNeeds): Promise<void> {
  const nowMs = needs.clock.nowMs();
  const failures: unknown[] = [];
  const attempt = async <Result>(work: () => Promise<Result>, otherwise: Result): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      failures.push(error);
      return otherwise;
    }
  };
  const waiting = await attempt(() => needs.store.waitingTargets(TICK_SIGHTINGS_MAX), []);
  const due = await attempt(() => needs.store.due(nowMs, TICK_DUE_MAX), []);
  const nudged = [...new Set([...waiting.filter((id) => !isLedgerId(id)), ...due])];
  if (nudged.length > 0) await attempt(() => needs.nudges.publish(nudged), undefined);
  const checked = await attempt(async () => needs.diagnoses?.diagnosesDue(nowMs, TICK_DUE_MAX) ?? [], []);
  if (checked.length > 0) await attempt(() => needs.nudges.publish(checked, 'diagnose'), undefined);
  for (const id of waiting.filter(isLedgerId))
    await attempt(() => foldLedger(needs, id, nowMs + TICK_MS_MAX), undefined);
  await attempt(async () => needs.rollUp?.(), undefined);
  await attempt(async () => {
    await needs.sweep?.();
  }, undefined);
  if (failures.length > 0)
    throw new Error(`${failures.length} part(s) of the tick failed`, { cause: failures[0] });
}

/** The handler for Cloud Scheduler: 204, or 503 so that the run counts as failed and is seen. */
export function createWatch(needs: WatchNeeds): () => Promise<Answer> {
  return async () => {
    try {
      await tick(needs);
      return { status: 204 };
    } catch (error) {
      needs.log.write('ERROR', 'the tick failed; the next one carries on', {
        error: error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error),
      });
      return { status: 503, body: 'tick failed' };
    }
  };
}
