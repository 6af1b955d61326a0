// A nudge from topic `incident-changes` → the incident as it should be, and Slack equal to it.
// Level-triggered: the nudge says only where to look, so lost, repeated, late or reordered nudges change nothing.
import { isLedgerId } from '#shared/incident/ledger.ts';
import { quietAtMs } from '#shared/incident/lifecycle.ts';
import { readPush } from '#shared/intake/push.ts';
import type { Incident } from '#shared/model/incident.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { foldTarget, FOLD_SIGHTINGS_MAX } from './fold.ts';
import type { Answer, Clock, Log, Slack, Store } from './ports.ts';
import { tellSlack } from './tell-slack.ts';

/** An unrecognised error counts as over after this long without its shape. */
export const UNRECOGNISED_QUIET_MS = 3_600_000;

/** Two folds of one incident on one instance lie at least this far apart: what comes in between shares the second. */
export const FOLD_SPACING_MS = 1_000;

/** Incidents whose last look this instance remembers. */
export const LOOKS_REMEMBERED_MAX = 10_000;

export interface ReconcileNeeds {
  readonly store: Pick<Store, 'waitingFor' | 'fold' | 'incident' | 'changeIncident'>;
  readonly slack: Slack;
  readonly channel: string;
  readonly editAfterMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export const quietAfterMs = (pattern: string): number =>
  CATALOGUE.find(({ id }) => id === pattern)?.gone.quietAfterMs ?? UNRECOGNISED_QUIET_MS;

/** When somebody has to look again although nothing new comes: the earlier of quiet and what the notification waits for. */
function nextLook(incident: Incident, notificationMs: number): number {
  const times = [quietAtMs(incident, quietAfterMs(incident.pattern)), notificationMs].filter(
    (time) => time > 0,
  );
  return times.length === 0 ? 0 : Math.min(...times);
}

async function lookAgain(needs: ReconcileNeeds, incident: Incident, notificationMs: number): Promise<void> {
  const lookAtMs = nextLook(incident, notificationMs);
  if (lookAtMs === incident.lookAtMs) return;
  await needs.store.changeIncident(incident.id, (now) =>
    now.lookAtMs === lookAtMs ? undefined : { ...now, lookAtMs },
  );
}

async function reconcile(needs: ReconcileNeeds, id: string): Promise<void> {
  const target = { kind: isLedgerId(id) ? 'ledger' : 'incident', id } as const;
  let listed: number;
  let incident: Incident | undefined;
  do {
    ({ listed, incident } = await foldTarget(needs.store, target, {
      nowMs: needs.clock.nowMs(),
      quietAfterMs,
    }));
  } while (listed === FOLD_SIGHTINGS_MAX);
  if (incident === undefined) return;
  const told = await tellSlack({ ...needs, quietAfterMs }, incident);
  await lookAgain(needs, told.incident, told.lookAtMs);
}

/** The handler: 204 when the incident is as it should be, 503 when the store or the network failed. */
export function createReconcile(needs: ReconcileNeeds): (body: unknown) => Promise<Answer> {
  /** When this instance last listed what waits for an incident. */
  const looks = new Map<string, number>();

  const look = async (id: string, publishTimeMs: number): Promise<void> => {
    const last = looks.get(id) ?? 0;
    // The sighting was committed before the nudge was published, so a later look has already seen it.
    if (publishTimeMs > 0 && publishTimeMs < last) return;
    const spacing = last + FOLD_SPACING_MS - needs.clock.nowMs();
    if (spacing > 0) await needs.clock.wait(spacing);
    if (looks.size >= LOOKS_REMEMBERED_MAX) looks.clear();
    looks.set(id, needs.clock.nowMs());
    await reconcile(needs, id);
  };

  return async (body) => {
    const push = readPush(body);
    const id = push.kind === 'push' ? push.attributes['incident'] : undefined;
    if (push.kind === 'unreadable' || id === undefined || id === '') {
      needs.log.write('ERROR', 'a nudge that names no incident; dropped');
      return { status: 204 };
    }
    try {
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
