// Makes Slack equal to what an incident deserves: post, update or nothing. Part of `reconcile`.
// One message per episode: a post is claimed before and recorded after; a claim that stayed means that a crash came in
// between, and then the message is looked for by its metadata before anything is posted again.
import { quietFromMs } from '#shared/incident/lifecycle.ts';
import { decide } from '#shared/notify/decide.ts';
import { contentKey, slackMessage, type SlackMessage } from '#shared/notify/slack-message.ts';
import type { Incident, Spoken } from '#shared/model/incident.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import type { Clock, Log, Slack, SlackAnswer, Store } from './ports.ts';

/** A refusal that a person must mend is tried again after this long. */
export const REFUSED_AGAIN_MS = 10 * 60_000;

/** An answer that never came: looked up again after this long. */
export const UNSURE_AGAIN_MS = 10_000;

/** A claim younger than this may still be in another instance's hands. */
export const CLAIM_HELD_MS = 15_000;

export interface TellNeeds {
  /** The quiet that resolves incidents of a pattern, in milliseconds. */
  readonly quietAfterMs: (pattern: string) => number;
  readonly store: Pick<Store, 'changeIncident'>;
  readonly slack: Slack;
  readonly channel: string;
  readonly editAfterMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Told {
  readonly incident: Incident;
  /** When to look again because of Slack; 0 = not because of Slack. */
  readonly lookAtMs: number;
}

async function record(
  needs: TellNeeds,
  incident: Incident,
  change: (spoken: Spoken) => Spoken,
): Promise<Incident> {
  const changed = await needs.store.changeIncident(incident.id, (now) => ({
    ...now,
    spoken: change(now.spoken),
  }));
  return changed ?? incident;
}

/** Writes down what Slack answered; `shown` is what it shows if the answer was yes. */
async function recordAnswer(
  needs: TellNeeds,
  incident: Incident,
  told: { readonly answer: SlackAnswer; readonly shown: (spoken: Spoken, ts: string) => Spoken },
): Promise<Told> {
  const { answer } = told;
  const nowMs = needs.clock.nowMs();
  switch (answer.kind) {
    case 'sent': {
      const next = await record(needs, incident, (spoken) => ({
        ...told.shown(spoken, answer.ts),
        channel: answer.channel,
        claim: null,
        notBeforeMs: 0,
        refusal: '',
      }));
      return { incident: next, lookAtMs: 0 };
    }
    case 'later': {
      const notBeforeMs = nowMs + answer.afterMs;
      const next = await record(needs, incident, (spoken) => ({
        ...spoken,
        claim: null,
        notBeforeMs,
        refusal: answer.why,
      }));
      return { incident: next, lookAtMs: notBeforeMs };
    }
    case 'unsure':
      // The claim stays: whoever looks next searches Slack before posting.
      needs.log.write('WARNING', 'Slack gave no clear answer', { incident: incident.id, why: answer.why });
      return { incident, lookAtMs: nowMs + UNSURE_AGAIN_MS };
    case 'gone': {
      const next = await record(needs, incident, (spoken) => ({ ...spoken, ts: '', claim: null }));
      return { incident: next, lookAtMs: nowMs };
    }
    case 'refused': {
      needs.log.write('ERROR', 'Slack refuses the message', { incident: incident.id, why: answer.why });
      const notBeforeMs = nowMs + REFUSED_AGAIN_MS;
      const next = await record(needs, incident, (spoken) => ({
        ...spoken,
        claim: null,
        notBeforeMs,
        refusal: answer.why,
      }));
      return { incident: next, lookAtMs: notBeforeMs };
    }
  }
}

/** Claims the post, unless somebody else holds it; a claim left over from a crash is healed first. */
async function post(needs: TellNeeds, incident: Incident, message: SlackMessage): Promise<Told> {
  const nowMs = needs.clock.nowMs();
  const held = incident.spoken.claim;
  const shown = (spoken: Spoken, ts: string): Spoken => ({
    ...spoken,
    ts,
    episode: incident.episode,
    shownKey: contentKey(incident),
    shownAtMs: nowMs,
    shownState: incident.state,
    posts: spoken.posts + 1,
  });
  if (held !== null && held.episode === incident.episode) {
    if (nowMs - held.atMs < CLAIM_HELD_MS) return { incident, lookAtMs: held.atMs + CLAIM_HELD_MS };
    const found = await needs.slack.find(needs.channel, {
      incident: incident.id,
      episode: incident.episode,
      sinceMs: held.atMs,
    });
    if (found.kind === 'unknown') return { incident, lookAtMs: nowMs + UNSURE_AGAIN_MS };
    if (found.kind === 'found') {
      const answer = { kind: 'sent', ts: found.ts, channel: found.channel } as const;
      // What it shows is not known: an empty key makes the next look edit it.
      return recordAnswer(needs, incident, {
        answer,
        shown: (spoken, ts) => ({ ...shown(spoken, ts), shownKey: '', shownState: '' }),
      });
    }
  }
  const claim = { id: `${incident.id} ${nowMs}`, atMs: nowMs, episode: incident.episode };
  let mine = false;
  const claimed = await needs.store.changeIncident(incident.id, (now) => {
    const other = now.spoken.claim;
    mine = other === null || other.episode !== incident.episode || nowMs - other.atMs >= CLAIM_HELD_MS;
    return mine ? { ...now, spoken: { ...now.spoken, claim } } : undefined;
  });
  if (!mine || claimed === undefined) return { incident, lookAtMs: nowMs + CLAIM_HELD_MS };
  const answer = await needs.slack.post(needs.channel, message);
  return recordAnswer(needs, claimed, { answer, shown });
}

/** One decision and its deed. */
export async function tellSlack(needs: TellNeeds, incident: Incident): Promise<Told> {
  const pattern = CATALOGUE.find(({ id }) => id === incident.pattern);
  const key = contentKey(incident);
  const nowMs = needs.clock.nowMs();
  const notification = decide(incident, {
    contentKey: key,
    nowMs,
    quietFromMs: quietFromMs(incident, needs.quietAfterMs(incident.pattern)),
    editAfterMs: needs.editAfterMs,
  });
  switch (notification.kind) {
    case 'silent':
      return { incident, lookAtMs: notification.lookAtMs };
    case 'post':
      return post(needs, incident, slackMessage(incident, pattern));
    case 'update': {
      const { channel, ts } = incident.spoken;
      const answer = await needs.slack.update({ channel, ts }, slackMessage(incident, pattern));
      return recordAnswer(needs, incident, {
        answer,
        shown: (spoken) => ({
          ...spoken,
          shownKey: key,
          shownAtMs: nowMs,
          shownState: incident.state,
          updates: spoken.updates + 1,
        }),
      });
    }
  }
}
