// A push from topic `log-entries` → sightings. Acknowledges an entry only once the sighting that holds it is committed.
// For an entry it reads nothing and locks nothing: it creates documents under random ids, many entries a commit.
import { createClassifier, type Classifier } from '#shared/classify/classify.ts';
import { intakeMessage } from '#shared/intake/log-entry.ts';
import { readPush } from '#shared/intake/push.ts';
import { redact } from '#shared/intake/redaction.ts';
import { PARKED_DATA_CHARS_MAX, type ParkedMessage } from '#shared/model/sighting.ts';
import type { Unreadable } from '#shared/model/record.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { tally, type TallyItem } from '#shared/tally/tally.ts';
import { createBatcher, type BatchLimits } from './batch.ts';
import type { Answer, Clock, Decode, Log, Nudges, Store } from './ports.ts';

/** hold + commit stays well under the second that Pub/Sub's push window asks for. */
export const BATCH_LIMITS: BatchLimits = {
  itemsMax: 500,
  holdMsMax: 400,
  waitingMax: 5_000,
  holdFromItems: 8,
};

/** A nudge that can't be published is given up soon: the sightings are safe and the tick repairs it. */
export const NUDGE_TRIES_MAX = 2;

export interface ClassifyNeeds {
  readonly store: Pick<Store, 'saveBatch'>;
  readonly nudges: Nudges;
  readonly decode: Decode;
  readonly clock: Clock;
  readonly log: Log;
}

interface Arrived {
  readonly item: TallyItem;
  readonly parked?: ParkedMessage;
}

function park(unreadable: Unreadable, body: unknown, origin: Partial<ParkedMessage>): ParkedMessage {
  const data = origin.data ?? JSON.stringify(body) ?? '';
  return {
    reason: unreadable.reason,
    detail: unreadable.detail,
    messageId: origin.messageId ?? '',
    subscription: origin.subscription ?? '',
    publishTime: origin.publishTime ?? '',
    data: redact(data.slice(0, PARKED_DATA_CHARS_MAX)),
    dataChars: data.length,
  };
}

/** One push body → its record with a verdict, or what to park. Never throws. */
function read(body: unknown, needs: ClassifyNeeds, classifier: Classifier): Arrived {
  const push = readPush(body);
  if (push.kind === 'unreadable')
    return { item: { kind: 'unreadable', unreadable: push }, parked: park(push, body, {}) };
  const timed = push.publishTimeMs > 0 ? push : { ...push, publishTimeMs: needs.clock.nowMs() };
  const intake = intakeMessage(timed, needs.decode);
  if (intake.kind === 'record')
    return { item: { kind: 'record', record: intake.record, verdict: classifier.classify(intake.record) } };
  const decoded = needs.decode(push.data.slice(0, PARKED_DATA_CHARS_MAX));
  const origin = {
    data: decoded.kind === 'text' ? decoded.text : push.data,
    messageId: push.messageId,
    subscription: push.subscription,
    publishTime: new Date(push.publishTimeMs).toISOString(),
  };
  return { item: { kind: 'unreadable', unreadable: intake }, parked: park(intake, body, origin) };
}

async function nudge(needs: ClassifyNeeds, incidentIds: readonly string[]): Promise<void> {
  for (let attempt = 1; attempt <= NUDGE_TRIES_MAX; attempt += 1) {
    try {
      await needs.nudges.publish(incidentIds);
      return;
    } catch (error) {
      if (attempt === NUDGE_TRIES_MAX)
        needs.log.write('WARNING', 'nudge not published; the next tick repairs it', {
          incidents: incidentIds.length,
          error: error instanceof Error ? error.message : String(error),
        });
    }
  }
}

/** The handler: 204 once committed, 429 when memory is full, 503 when the store can't be written. */
export function createClassify(needs: ClassifyNeeds): (body: unknown) => Promise<Answer> {
  const classifier = createClassifier(CATALOGUE);

  const commit = async (arrived: readonly Arrived[]): Promise<void> => {
    const atMs = needs.clock.nowMs();
    const sightings = tally(
      arrived.map(({ item }) => item),
      atMs,
    );
    const parked = arrived.flatMap(({ parked: message }) => (message === undefined ? [] : [message]));
    await needs.store.saveBatch({ sightings, parked, atMs });
    // Ledgers are nobody's emergency: the tick folds them.
    const incidents = sightings.filter(({ kind }) => kind === 'incident').map(({ target }) => target);
    if (incidents.length > 0) await nudge(needs, incidents);
  };

  const batcher = createBatcher(needs.clock, BATCH_LIMITS, commit);

  return async (body) => {
    try {
      const added = await batcher.add(read(body, needs, classifier));
      return added.kind === 'busy' ? { status: 429, body: 'too many entries waiting' } : { status: 204 };
    } catch (error) {
      needs.log.write('ERROR', 'sightings not committed; Pub/Sub delivers again', {
        error: error instanceof Error ? error.message : String(error),
      });
      return { status: 503, body: 'not committed' };
    }
  };
}
