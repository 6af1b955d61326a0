// A tick, each minute → nudges: for whatever was left unfolded or unsent, and for incidents whose time has come.
// It folds the ledgers itself, for nobody waits for those. It tells nobody anything: that is reconcile's work.
import { isLedgerId } from '#shared/incident/ledger.ts';
import { foldTarget, FOLD_SIGHTINGS_MAX } from './fold.ts';
import type { Answer, Clock, Log, Nudges, Store } from './ports.ts';

/** Sightings that one tick looks at; what is left waits for the next. */
export const TICK_SIGHTINGS_MAX = 1_000;

/** Incidents that one tick nudges because their time has come. */
export const TICK_DUE_MAX = 500;

export interface WatchNeeds {
  readonly store: Pick<Store, 'waitingTargets' | 'waitingFor' | 'fold' | 'due'>;
  readonly nudges: Nudges;
  readonly clock: Clock;
  readonly log: Log;
}

async function tick(needs: WatchNeeds): Promise<void> {
  const nowMs = needs.clock.nowMs();
  const waiting = await needs.store.waitingTargets(TICK_SIGHTINGS_MAX);
  for (const id of waiting.filter(isLedgerId)) {
    let listed: number;
    do {
      ({ listed } = await foldTarget(needs.store, { kind: 'ledger', id }, { nowMs, quietAfterMs: () => 0 }));
    } while (listed === FOLD_SIGHTINGS_MAX);
  }
  const due = await needs.store.due(nowMs, TICK_DUE_MAX);
  const nudged = [...new Set([...waiting.filter((id) => !isLedgerId(id)), ...due])];
  if (nudged.length > 0) await needs.nudges.publish(nudged);
}

/** The handler for Cloud Scheduler: 204, or 503 so that the run counts as failed and is seen. */
export function createWatch(needs: WatchNeeds): () => Promise<Answer> {
  return async () => {
    try {
      await tick(needs);
      return { status: 204 };
    } catch (error) {
      needs.log.write('ERROR', 'the tick failed; the next one carries on', {
        error: error instanceof Error ? error.message : String(error),
      });
      return { status: 503, body: 'tick failed' };
    }
  };
}
