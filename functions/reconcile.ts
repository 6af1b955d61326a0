// A nudge from topic `incident-changes` → the incident as it should be, and Slack equal to it.
// Level-triggered: the nudge says only where to look, so lost, repeated, late or reordered nudges change nothing.
import { patternOfId } from '#shared/incident/key.ts';
import { isLedgerId } from '#shared/incident/ledger.ts';
import { quietAtMs } from '#shared/incident/lifecycle.ts';
import { lacksDiagnosis } from '#shared/diagnose/schedule.ts';
import { readPush } from '#shared/intake/push.ts';
import type { Incident } from '#shared/model/incident.ts';
import { USER_ID } from '#shared/patterns/user-pattern.ts';
import { createExplain, EXPLAINED_LOOK_MS, type Explain, type ExplainNeeds } from './explained-by.ts';
import { foldTarget, type FoldAt } from './fold.ts';
import { CATALOGUE_BOOK } from './pattern-book.ts';
import type { Answer, Nudges, Store } from './ports.ts';
import { createPace, type Pace } from './slack-pace.ts';
import type { TellNeeds } from './tell-message.ts';
import { tellSlack } from './tell-slack.ts';
import { SUMMARY_NUDGE } from './tell-summary.ts';

/** An unrecognised error counts as over after this long without its shape. */
const UNRECOGNISED_QUIET_MS = 3_600_000;

/** Two folds of one incident on one instance lie at least this far apart: what comes in between shares the second. */
export const FOLD_SPACING_MS = 1_000;

/** While nudges keep coming the spacing doubles up to this: a storm is counted in few writes. */
export const FOLD_SPACING_MS_MAX = 4_000;

/** One nudge folds for this long at most; Pub/Sub waits 60 s for the answer, and the tick nudges again. */
export const FOLDING_MS_MAX = 20_000;

/** Incidents whose last look this instance remembers. */
const LOOKS_REMEMBERED_MAX = 10_000;

export interface ReconcileNeeds extends Omit<TellNeeds, 'quietAfterMs' | 'pace'> {
  /** What this instance knows of Slack's limits; its own alone if absent. */
  readonly pace?: Pace;
  readonly store: Pick<Store, 'waitingFor' | 'fold'> & TellNeeds['store'] & ExplainNeeds['store'];
  /** Asks `diagnose` for its checks; absent where nothing is diagnosed. */
  readonly nudges?: Nudges;
  /** Posts the daily summary; absent = there is none. */
  readonly summary?: () => Promise<void>;
}

const quietOf =
  ({ patterns = CATALOGUE_BOOK }: ReconcileNeeds) =>
  (pattern: string): number =>
    patterns.find(pattern)?.gone.quietAfterMs ?? UNRECOGNISED_QUIET_MS;

/** When somebody has to look again although nothing new comes: the earliest of quiet, a cause that ends, a notification. */
function nextLook(incident: Incident, notificationMs: number, at: FoldAt): number {
  const hangs = incident.explainedBy !== '' && incident.state !== 'resolved';
  const times = [
    quietAtMs(incident, at.quietAfterMs(incident.pattern)),
    notificationMs,
    hangs ? at.nowMs + EXPLAINED_LOOK_MS : 0,
  ].filter((time) => time > 0);
  return times.length === 0 ? 0 : Math.min(...times);
}

/**
 * Makes the next appointment. One that comes earlier than needed costs a look and no write, so it is moved only when it
 * is too late or over; and never later than somebody else has set it meanwhile.
 */
async function lookAgain(needs: ReconcileNeeds, incident: Incident, notificationMs: number): Promise<void> {
  const nowMs = needs.clock.nowMs();
  const lookAtMs = nextLook(incident, notificationMs, { nowMs, quietAfterMs: quietOf(needs) });
  const isEarlier = (one: number, other: number): boolean => one > 0 && (other === 0 || one < other);
  const isOver = incident.lookAtMs > 0 && incident.lookAtMs <= nowMs;
  if (!isEarlier(lookAtMs, incident.lookAtMs) && !(isOver && lookAtMs !== incident.lookAtMs)) return;
  await needs.store.changeIncident(incident.id, (now) => {
    const changed = now.lookAtMs !== incident.lookAtMs && !isEarlier(lookAtMs, now.lookAtMs);
    return changed || now.lookAtMs === lookAtMs ? undefined : { ...now, lookAtMs };
  });
}

/** The checks of an episode are asked for until their verdicts are there; a request that fails is made again. */
async function askForChecks(needs: ReconcileNeeds, incident: Incident): Promise<void> {
  if (needs.nudges === undefined || !lacksDiagnosis(incident)) return;
  try {
    await needs.nudges.publish([incident.id], 'diagnose');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    needs.log.write('WARNING', 'checks not asked for', { incident: incident.id, error: why });
  }
}

async function reconcile(
  needs: ReconcileNeeds & { readonly pace: Pace },
  explain: Explain,
  id: string,
): Promise<void> {
  const target = { kind: isLedgerId(id) ? 'ledger' : 'incident', id } as const;
  const endMs = needs.clock.nowMs() + FOLDING_MS_MAX;
  let more = true;
  let folded: Incident | undefined;
  while (more && needs.clock.nowMs() < endMs) {
    const at = { nowMs: needs.clock.nowMs(), quietAfterMs: quietOf(needs) };
    ({ more, incident: folded } = await foldTarget(needs.store, target, at));
  }
  if (folded === undefined) return;
  await askForChecks(needs, folded);
  const told = await tellSlack({ ...needs, quietAfterMs: quietOf(needs) }, await explain(folded));
  await lookAgain(needs, told.incident, told.lookAtMs);
}

/** When this instance last listed what waits for an incident, and how long it keeps away from it. */
interface Look {
  readonly atMs: number;
  readonly spacingMs: number;
}

/** The spacing after a look: doubled while one look follows the other, short again after a pause. */
function spacingAfter(last: Look | undefined, nowMs: number): number {
  if (last === undefined || nowMs - last.atMs >= 2 * last.spacingMs) return FOLD_SPACING_MS;
  return Math.min(2 * last.spacingMs, FOLD_SPACING_MS_MAX);
}

/** The handler: 204 when the incident is as it should be, 503 when the store or the network failed. */
export function createReconcile(needs: ReconcileNeeds): (body: unknown) => Promise<Answer> {
  const { pace = createPace(needs) } = needs;
  const looks = new Map<string, Look>();
  const explain = createExplain(needs);

  const look = async (id: string, publishTimeMs: number): Promise<void> => {
    const last = looks.get(id);
    // The sighting was committed before the nudge was published, so a later look has already seen it.
    if (last !== undefined && publishTimeMs > 0 && publishTimeMs < last.atMs) return;
    const waitMs = (last?.atMs ?? 0) + (last?.spacingMs ?? 0) - needs.clock.nowMs();
    if (waitMs > 0) await needs.clock.wait(waitMs);
    if (looks.size >= LOOKS_REMEMBERED_MAX) looks.clear();
    const nowMs = needs.clock.nowMs();
    looks.set(id, { atMs: nowMs, spacingMs: spacingAfter(last, nowMs) });
    // Another instance may know a pattern of the user's own that this one has not read yet.
    const pattern = patternOfId(id);
    await needs.patterns?.refresh(USER_ID.test(pattern) ? pattern : undefined);
    await reconcile({ ...needs, pace }, explain, id);
  };

  return async (body) => {
    const push = readPush(body);
    const id = push.kind === 'push' ? push.attributes['incident'] : undefined;
    if (push.kind === 'unreadable' || id === undefined || id === '') {
      needs.log.write('ERROR', 'a nudge that names no incident; dropped');
      return { status: 204 };
    }
    // What is meant for `diagnose` must not come round in a circle where a subscription lacks its filter.
    if (push.attributes['kind'] === 'diagnose') return { status: 204 };
    try {
      if (id === SUMMARY_NUDGE) {
        await needs.summary?.();
        return { status: 204 };
      }
      await look(id, push.publishTimeMs);
      return { status: 204 };
    } catch (error) {
      looks.delete(id);
      needs.log.write('ERROR', 'incident not reconciled; Pub/Sub delivers again', {
        incident: id,
        error: error instanceof Error ? error.message : String(error),
      });
      return { status: 503, body: 'not reconciled' };
    }
  };
}
