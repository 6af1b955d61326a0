// Makes Slack equal to what an incident deserves: its message posted or edited, its thread told what happened. Part of
// `reconcile`. Level-triggered: what to do is decided anew from the incident, one step after the other.
import { quietFromMs } from '#shared/incident/lifecycle.ts';
import type { Incident, Spoken } from '#shared/model/incident.ts';
import type { Note, Silence } from '#shared/model/notification.ts';
import { decide, isBackfilled, isTold } from '#shared/notify/decide.ts';
import { noteMessage } from '#shared/notify/note-message.ts';
import { refusedBy } from '#shared/notify/refusals.ts';
import { silenceFor } from '#shared/notify/routes.ts';
import { contentKey } from '#shared/notify/slack-message.ts';
import { nextNote } from '#shared/notify/thread.ts';
import { heal, say, type Spoke } from './speak.ts';
import { refreshDigest } from './tell-digest.ts';
import {
  causeOf,
  digestNeeds,
  giveUpSize,
  healed,
  mustMove,
  patternOf,
  post,
  update,
  type TellNeeds,
} from './tell-message.ts';

/** Things that one look says at most; what is left waits for the next. */
const STEPS_MAX = 8;

/** A wait of up to this long is sat out: the next look comes with a tick, maybe a minute later. */
export const WAIT_HERE_MS_MAX = 3_000;

export interface Told {
  readonly incident: Incident;
  /** When to look again because of Slack; 0 = not because of Slack. */
  readonly lookAtMs: number;
}

function noted(note: Note) {
  return (spoken: Spoken): Spoken => ({
    ...spoken,
    said: [...new Set([...spoken.said, ...note.covers, note.key])],
    replies: spoken.replies + 1,
  });
}

const NEVER_MS = Number.POSITIVE_INFINITY;
const earliest = (...times: readonly number[]): number => {
  const next = Math.min(...times.map((time) => (time === 0 ? NEVER_MS : time)));
  return next === NEVER_MS ? 0 : next;
};

/** What people asked to keep quiet. Where nobody can tell, nothing is: a message too many is better than an alert unsaid. */
async function silencesOf(needs: TellNeeds, incident: Incident): Promise<readonly Silence[]> {
  try {
    return await needs.notices.silences();
  } catch (error) {
    needs.log.write('ERROR', 'silences can’t be read; spoken as if there were none', {
      incident: incident.id,
      error: error instanceof Error ? error.message : String(error),
    });
    return [];
  }
}

type Step = { readonly spoke: Spoke; readonly note?: Note } | { readonly lookAtMs: number };

/** Says the next line that the thread deserves; without one, brings the digest up to date. */
async function noteStep(
  needs: TellNeeds,
  incident: Incident,
  at: { readonly silence: Silence | undefined; readonly lookAtMs: number },
): Promise<Step> {
  const { silence } = at;
  const { language } = needs.settings;
  const nowMs = needs.clock.nowMs();
  const pattern = patternOf(needs, incident);
  const thread = nextNote(incident, { nowMs, language, pattern, silenced: silence !== undefined });
  if (thread.kind === 'quiet') {
    const digest = isTold(incident) && incident.spoken.inDigest ? digestNeeds(needs) : undefined;
    const digestMs = digest === undefined ? 0 : await refreshDigest(digest, incident);
    // What the thread was not told because of a silence, it is told when that ends.
    const silencedMs = silence === undefined || incident.state === 'resolved' ? 0 : silence.untilMs;
    return { lookAtMs: earliest(at.lookAtMs, thread.lookAtMs, digestMs, silencedMs) };
  }
  if (nowMs < incident.spoken.notBeforeMs) return { lookAtMs: incident.spoken.notBeforeMs };
  const { note } = thread;
  const target = { channel: note.place.channel, thread: note.place.ts, broadcast: note.broadcast };
  const spoke = await say(needs, incident, {
    note: note.key,
    target,
    content: noteMessage(incident, note),
    said: noted(note),
  });
  return { spoke, note };
}

/** Decides one step and takes it. */
async function step(needs: TellNeeds, incident: Incident): Promise<Step> {
  const { language, editAfterMs } = needs.settings;
  const nowMs = needs.clock.nowMs();
  const silence = silenceFor(incident, await silencesOf(needs, incident), nowMs);
  const cause = await causeOf(needs, incident);
  const quietOf = (one: Incident): number => quietFromMs(one, needs.quietAfterMs(one.pattern));
  const notification = decide(incident, {
    contentKey: contentKey(incident, language),
    nowMs,
    quietFromMs: quietOf(incident),
    editAfterMs,
    silencedUntilMs: silence?.untilMs ?? 0,
    // What follows from an incident that is not there any more, or that nobody will be told of, stands for itself.
    causeTold:
      cause === undefined || isTold(cause) || isBackfilled(cause, { nowMs, quietFromMs: quietOf(cause) }),
  });
  switch (notification.kind) {
    case 'post':
      return { spoke: await post(needs, incident) };
    case 'update':
      return { spoke: await (mustMove(needs, incident) ? post : update)(needs, incident) };
    case 'silent':
      return noteStep(needs, incident, { silence, lookAtMs: notification.lookAtMs });
  }
}

const isOfBefore = (note: Note | undefined, { spoken }: Incident): note is Note =>
  note !== undefined && note.place.ts !== spoken.ts;

/**
 * What is gone is forgotten, so that the next step posts it anew; a thread that is gone needs no more notes. `incident` is
 * what the step was decided on.
 */
function forget(needs: TellNeeds, incident: Incident, note: Note | undefined): Promise<Incident | undefined> {
  const ofBefore = isOfBefore(note, incident);
  return needs.store.changeIncident(incident.id, (now) => {
    if (ofBefore) {
      const said = [...now.spoken.said, note.key];
      return { ...now, spoken: { ...now.spoken, said, notBeforeMs: 0, refusal: '' } };
    }
    // What is gone may stand elsewhere already: then another instance has posted it anew.
    return now.spoken.ts === incident.spoken.ts ? { ...now, spoken: { ...now.spoken, ts: '' } } : undefined;
  });
}

/** The channel of the episode before takes nothing any more: its last line must not hold up what stands elsewhere. */
function isLostCause(spoke: Spoke, note: Note | undefined): boolean {
  const { incident } = spoke;
  if (spoke.kind !== 'wait' || !isOfBefore(note, incident)) return false;
  const { channel } = note.place;
  return channel !== incident.spoken.channel && refusedBy(incident.spoken.refusal, channel);
}

/** Tells Slack all that this incident deserves now. Sits out one short wait. */
export async function tellSlack(needs: TellNeeds, incident: Incident): Promise<Told> {
  const settledClaim = await heal(needs, incident, healed(incident, needs));
  if (settledClaim.kind === 'wait')
    return { incident: settledClaim.incident, lookAtMs: settledClaim.untilMs };
  let now = settledClaim.incident;
  let mayWait = true;
  for (let taken = 0; taken < STEPS_MAX; taken += 1) {
    const next = await step(needs, now);
    if (!('spoke' in next)) return { incident: now, lookAtMs: next.lookAtMs };
    const { note } = next;
    const decidedOn = now;
    const spoke = next.spoke.kind === 'too-long' ? await giveUpSize(needs, next.spoke.incident) : next.spoke;
    now = spoke.incident;
    if (spoke.kind === 'gone' || isLostCause(spoke, note))
      now = (await forget(needs, decidedOn, note)) ?? now;
    else if (spoke.kind === 'wait') {
      const waitMs = spoke.untilMs - needs.clock.nowMs();
      if (!mayWait || waitMs <= 0 || waitMs > WAIT_HERE_MS_MAX)
        return { incident: now, lookAtMs: spoke.untilMs };
      mayWait = false;
      await needs.clock.wait(waitMs);
    }
  }
  return { incident: now, lookAtMs: needs.clock.nowMs() };
}
