// A push from topic `log-entries` → sightings. Acknowledges an entry only once the sighting that holds it is committed.
// For an entry it reads nothing and locks nothing: it creates documents under random ids, many entries a commit.
import { createClassifier, type Classifier } from '#shared/classify/classify.ts';
import { intakeMessage } from '#shared/intake/log-entry.ts';
import { BACKFILL, QUIET, readPush, type Push } from '#shared/intake/push.ts';
import { redact } from '#shared/intake/redaction.ts';
import { hash64 } from '#shared/model/hash.ts';
import { PARKED_DATA_CHARS_MAX, type ParkedMessage } from '#shared/model/sighting.ts';
import type { Unreadable } from '#shared/model/record.ts';
import { tally, type TallyItem } from '#shared/tally/tally.ts';
import { createBatcher, type BatchLimits } from './batch.ts';
import { CATALOGUE_BOOK, type PatternBook } from './pattern-book.ts';
import {
  StoreRefusal,
  type Answer,
  type Clock,
  type Decode,
  type Log,
  type Nudges,
  type Store,
} from './ports.ts';

/** hold + commit stays well under the second that Pub/Sub's push window asks for. */
export const BATCH_LIMITS: BatchLimits = {
  itemsMax: 500,
  // What a batch writes is less than what arrived, plus ids; Firestore takes 10 MiB in one request.
  bytesMax: 4 * 1_048_576,
  holdMsMax: 400,
  pollMs: 10,
  waitingMax: 5_000,
  waitingBytesMax: 64 * 1_048_576,
  holdFromItems: 8,
  commitsMax: 4,
};

/** What an entry takes in memory beside its text. */
export const ENTRY_OVERHEAD_BYTES = 1_024;

/** A nudge that can't be published is given up soon: the sightings are safe and the tick repairs it. */
const NUDGE_TRIES_MAX = 2;

/** No push waits longer than this for its nudges. */
export const NUDGE_MS_MAX = 1_000;

export interface ClassifyNeeds {
  readonly store: Pick<Store, 'saveBatch'>;
  readonly nudges: Nudges;
  /** The catalogue alone if absent. */
  readonly patterns?: PatternBook;
  readonly decode: Decode;
  readonly clock: Clock;
  readonly log: Log;
}

type PushRead = ReturnType<typeof readPush>;

interface Reader {
  readonly needs: ClassifyNeeds;
  readonly classifier: Classifier;
}

interface Arrived {
  /** Kept until the commit, so that a message that the store refuses can still be parked. */
  readonly push: PushRead;
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

/** One push → its record with a verdict, or what to park. */
function read(push: PushRead, body: unknown, { needs, classifier }: Reader): Arrived {
  if (push.kind === 'unreadable')
    return { push, item: { kind: 'unreadable', unreadable: push }, parked: park(push, body, {}) };
  const timed = push.publishTimeMs > 0 ? push : { ...push, publishTimeMs: needs.clock.nowMs() };
  const intake = intakeMessage(timed, needs.decode);
  if (intake.kind === 'record') {
    const verdict = classifier.classify(intake.record);
    const item = { kind: 'record', record: intake.record, verdict } as const;
    return { push, item: push.attributes[BACKFILL] === QUIET ? { ...item, quiet: true } : item };
  }
  const origin = originOf(push, needs.decode);
  return { push, item: { kind: 'unreadable', unreadable: intake }, parked: park(intake, body, origin) };
}

/** What is known of where a message came from, and its beginning as text where it is text. */
function originOf(push: Push, decode: Decode): Partial<ParkedMessage> {
  const { messageId, subscription, publishTimeMs } = push;
  const decoded = decode(push.data.slice(0, PARKED_DATA_CHARS_MAX));
  const data = decoded.kind === 'text' ? decoded.text : push.data;
  return { data, messageId, subscription, publishTime: new Date(publishTimeMs).toISOString() };
}

/** A bug of ours in reading or classifying must not come back with every delivery: its message is parked as well. */
function readSafely(push: PushRead, body: unknown, reader: Reader): Arrived {
  try {
    return read(push, body, reader);
  } catch (error) {
    // Its message may quote the entry, which no log of ours does.
    const name = error instanceof Error ? error.name : typeof error;
    reader.needs.log.write('ERROR', 'a message that could not be classified; parked', { error: name });
    return setAside(reader.needs, push, body);
  }
}

/** Parks a message that nothing is known of but what arrived. */
function setAside(needs: ClassifyNeeds, push: PushRead, body: unknown): Arrived {
  const { high, low } = hash64(push.kind === 'push' ? push.data : (JSON.stringify(body) ?? ''));
  const unreadable: Unreadable = {
    kind: 'unreadable',
    reason: 'internal-error',
    detail: 'reading, classifying or storing it failed',
    idHigh: high,
    idLow: low,
  };
  const origin = push.kind === 'push' ? originSafely(push, needs.decode) : {};
  return { push, item: { kind: 'unreadable', unreadable }, parked: park(unreadable, body, origin) };
}

/** What even the decoder stumbles over is kept without its data: undecoded, nothing could be redacted. */
function originSafely(push: Push, decode: Decode): Partial<ParkedMessage> {
  try {
    return originOf(push, decode);
  } catch {
    return originOf(push, () => ({ kind: 'text', text: '' }));
  }
}

async function publish(needs: ClassifyNeeds, incidentIds: readonly string[]): Promise<void> {
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

/** Publishes the nudges, or gives up: nobody's entry waits for a message bus that hangs. */
async function nudge(needs: ClassifyNeeds, incidentIds: readonly string[]): Promise<void> {
  const publishing = publish(needs, incidentIds).then(() => 'done' as const);
  const ended = await Promise.race([publishing, needs.clock.wait(NUDGE_MS_MAX)]);
  if (ended !== 'done')
    needs.log.write('WARNING', 'nudge not published in time; the next tick repairs it', {
      incidents: incidentIds.length,
    });
}

/** Writes one batch; where the data of some entry is at fault, the others are written without it and it is parked. */
async function save(needs: ClassifyNeeds, arrived: readonly Arrived[]): Promise<readonly string[]> {
  const atMs = needs.clock.nowMs();
  const sightings = tally(
    arrived.map(({ item }) => item),
    atMs,
  );
  const parked = arrived.flatMap(({ parked: message }) => (message === undefined ? [] : [message]));
  try {
    await needs.store.saveBatch({ sightings, parked, atMs });
  } catch (error) {
    if (!(error instanceof StoreRefusal)) throw error;
    return saveRefused(needs, arrived);
  }
  // Ledgers are nobody's emergency: the tick folds them.
  return sightings.filter(({ kind }) => kind === 'incident').map(({ target }) => target);
}

async function saveRefused(needs: ClassifyNeeds, arrived: readonly Arrived[]): Promise<readonly string[]> {
  const [only, ...others] = arrived;
  if (only === undefined) return [];
  if (others.length > 0) {
    const half = Math.ceil(arrived.length / 2);
    const first = await save(needs, arrived.slice(0, half));
    return [...first, ...(await save(needs, arrived.slice(half)))];
  }
  // Refused even as a parked message: nothing of it can be kept, and it must not come for ever.
  if (only.item.kind === 'unreadable') {
    needs.log.write('ERROR', 'a message that can not even be parked; dropped');
    return [];
  }
  needs.log.write('ERROR', 'the store refuses an entry; parked');
  return save(needs, [setAside(needs, only.push, {})]);
}

/** The handler: 204 once committed, 429 when memory is full, 503 when the store can't be written. */
export function createClassify(needs: ClassifyNeeds): (body: unknown) => Promise<Answer> {
  const book = needs.patterns ?? CATALOGUE_BOOK;
  let known = book.patterns();
  let reader: Reader = { needs, classifier: createClassifier(known) };

  /** A classifier is compiled once for a list of patterns. */
  const readerNow = async (): Promise<Reader> => {
    await book.refresh();
    if (book.patterns() !== known) {
      known = book.patterns();
      reader = { needs, classifier: createClassifier(known) };
    }
    return reader;
  };

  const commit = async (arrived: readonly Arrived[]): Promise<void> => {
    const incidents = await save(needs, arrived);
    if (incidents.length > 0) await nudge(needs, [...new Set(incidents)]);
  };

  const batcher = createBatcher(needs.clock, BATCH_LIMITS, commit);

  return async (body) => {
    const push = readPush(body);
    const bytes = ENTRY_OVERHEAD_BYTES + (push.kind === 'push' ? push.data.length : PARKED_DATA_CHARS_MAX);
    const busy: Answer = { status: 429, body: 'too many entries waiting' };
    if (!batcher.hasRoom(bytes)) return busy;
    try {
      const added = await batcher.add(readSafely(push, body, await readerNow()), bytes);
      return added.kind === 'busy' ? busy : { status: 204 };
    } catch (error) {
      needs.log.write('ERROR', 'sightings not committed; Pub/Sub delivers again', {
        error: error instanceof Error ? error.message : String(error),
      });
      return { status: 503, body: 'not committed' };
    }
  };
}
