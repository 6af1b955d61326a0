// Says one thing in Slack exactly once: claims it in the store, posts it with metadata, records what Slack answered.
// A claim that stayed means that a crash or a timeout came in between: then the message is looked for by its metadata
// before anything is said again. Decides nothing about what to say.
import { refusalOf, refusalText } from '#shared/notify/refusals.ts';
import type { Incident, SlackClaim, Spoken } from '#shared/model/incident.ts';
import type { Clock, Log, Slack, SlackAnswer, SlackContent, SlackTarget, Store } from './ports.ts';

/** A refusal that a person must mend is tried again after this long. */
export const REFUSED_AGAIN_MS = 10 * 60_000;

/** An answer that never came: looked up again after this long. */
export const UNSURE_AGAIN_MS = 10_000;

/** A claim younger than this may still be in another instance's hands; longer than any call to Slack takes. */
export const CLAIM_HELD_MS = 15_000;

/** When Slack won't show what was said, it is said again after this long: a double is better than an alert lost. */
export const SEARCH_GIVEN_UP_MS = 5 * 60_000;

export interface SpeakNeeds {
  readonly store: Pick<Store, 'changeIncident'>;
  readonly slack: Slack;
  readonly clock: Clock;
  readonly log: Log;
}

/** What came of trying to say something. */
export type Spoke =
  | { readonly kind: 'done'; readonly incident: Incident }
  | { readonly kind: 'gone'; readonly incident: Incident }
  | { readonly kind: 'too-long'; readonly incident: Incident }
  /** Nothing more to do before that moment. */
  | { readonly kind: 'wait'; readonly incident: Incident; readonly untilMs: number };

export interface Utterance {
  /** `` for the incident's message, otherwise the key of the note. */
  readonly note: string;
  readonly target: SlackTarget;
  readonly content: SlackContent;
  /** What is remembered once Slack has it. */
  readonly said: (spoken: Spoken, place: { readonly channel: string; readonly ts: string }) => Spoken;
}

/** Changes what is remembered of Slack, on the incident as it is now. */
async function record(
  needs: SpeakNeeds,
  incident: Incident,
  change: (spoken: Spoken) => Spoken,
): Promise<Incident> {
  const changed = await needs.store.changeIncident(incident.id, (now) => ({
    ...now,
    spoken: change(now.spoken),
  }));
  return changed ?? incident;
}

const settled = { claim: null, notBeforeMs: 0, refusal: '' } as const;

/** Writes down any answer but «sent»; says in the log what a person has to know. */
async function recordNo(
  needs: SpeakNeeds,
  incident: Incident,
  no: { readonly answer: Exclude<SlackAnswer, { kind: 'sent' }>; readonly channel: string },
): Promise<Spoke> {
  const { answer, channel } = no;
  const nowMs = needs.clock.nowMs();
  const refusal = refusalText(answer.why, channel);
  const facts = { incident: incident.id, channel, why: answer.why };
  const pause = async (untilMs: number, keepClaim: boolean): Promise<Spoke> => {
    const next = await record(needs, incident, (spoken) => ({
      ...spoken,
      claim: keepClaim ? spoken.claim : null,
      notBeforeMs: untilMs,
      refusal,
    }));
    return { kind: 'wait', incident: next, untilMs };
  };
  switch (answer.kind) {
    case 'later':
      needs.log.write('WARNING', 'Slack asks to wait', { ...facts, afterMs: answer.afterMs });
      return pause(nowMs + answer.afterMs, false);
    case 'unsure': {
      // The claim stays: whoever looks next searches Slack before saying it again.
      needs.log.write('WARNING', 'Slack gave no clear answer', facts);
      const heldUntilMs = (incident.spoken.claim?.atMs ?? nowMs) + CLAIM_HELD_MS;
      return pause(incident.spoken.claim === null ? nowMs + UNSURE_AGAIN_MS : heldUntilMs, true);
    }
    case 'gone':
      needs.log.write('WARNING', 'a message is not in Slack any more', facts);
      return {
        kind: 'gone',
        incident: await record(needs, incident, (spoken) => ({ ...spoken, ...settled })),
      };
    case 'too-long':
      needs.log.write('WARNING', 'Slack takes no message of that size', facts);
      return {
        kind: 'too-long',
        incident: await record(needs, incident, (spoken) => ({ ...spoken, claim: null, refusal })),
      };
    case 'refused':
      needs.log.write('ERROR', 'Slack refuses the message', {
        ...facts,
        advice: refusalOf(answer.why).advice,
      });
      return pause(nowMs + REFUSED_AGAIN_MS, false);
  }
}

/** Says it, unless somebody else is just saying something of this incident. */
export async function say(needs: SpeakNeeds, incident: Incident, utterance: Utterance): Promise<Spoke> {
  const nowMs = needs.clock.nowMs();
  const { channel, thread } = utterance.target;
  const claim: SlackClaim = {
    id: `${incident.id} ${incident.episode} ${utterance.note} ${nowMs}`,
    atMs: nowMs,
    episode: incident.episode,
    note: utterance.note,
    channel,
    thread,
  };
  let untilMs = nowMs + CLAIM_HELD_MS;
  const claimed = await needs.store.changeIncident(incident.id, (now) => {
    const other = now.spoken.claim;
    // What was decided was decided on this incident: if another told Slack meanwhile, decide again.
    const sameMessage = now.spoken.ts === incident.spoken.ts && now.episode === incident.episode;
    if (sameMessage && (other === null || nowMs - other.atMs >= CLAIM_HELD_MS))
      return { ...now, spoken: { ...now.spoken, claim } };
    untilMs = (other?.atMs ?? nowMs) + CLAIM_HELD_MS;
    return undefined;
  });
  if (claimed === undefined) return { kind: 'wait', incident, untilMs };
  const answer = await needs.slack.post(utterance.target, utterance.content);
  if (answer.kind !== 'sent') return recordNo(needs, claimed, { answer, channel });
  const next = await record(needs, claimed, (spoken) => ({ ...utterance.said(spoken, answer), ...settled }));
  return { kind: 'done', incident: next };
}

/** Edits what stands there; saying it twice changes nothing, so nothing is claimed. */
export async function edit(
  needs: SpeakNeeds,
  incident: Incident,
  change: { readonly content: SlackContent; readonly shown: (spoken: Spoken) => Spoken },
): Promise<Spoke> {
  const { channel, ts } = incident.spoken;
  const answer = await needs.slack.update({ channel, ts }, change.content);
  if (answer.kind !== 'sent') return recordNo(needs, incident, { answer, channel });
  const next = await record(needs, incident, (spoken) => ({ ...change.shown(spoken), ...settled }));
  return { kind: 'done', incident: next };
}

/** Settles a claim that stayed: finds what it said, or makes sure that it said nothing. */
export async function heal(
  needs: SpeakNeeds,
  incident: Incident,
  found: (claim: SlackClaim, ts: string) => (spoken: Spoken) => Spoken,
): Promise<Spoke> {
  const { claim } = incident.spoken;
  if (claim === null) return { kind: 'done', incident };
  const nowMs = needs.clock.nowMs();
  const ageMs = nowMs - claim.atMs;
  if (ageMs < CLAIM_HELD_MS) return { kind: 'wait', incident, untilMs: claim.atMs + CLAIM_HELD_MS };
  const answer = await needs.slack.find(
    { channel: claim.channel, thread: claim.thread },
    { incident: incident.id, episode: claim.episode, note: claim.note, sinceMs: claim.atMs },
  );
  const settle = async (change: (spoken: Spoken) => Spoken): Promise<Spoke> => {
    const next = await record(needs, incident, (spoken) =>
      // Somebody else may have settled it meanwhile.
      spoken.claim?.id === claim.id ? { ...change(spoken), ...settled } : spoken,
    );
    return { kind: 'done', incident: next };
  };
  switch (answer.kind) {
    case 'found':
      return settle(found(claim, answer.ts));
    case 'none':
      return settle((spoken) => spoken);
    case 'unknown':
    case 'refused': {
      const facts = { incident: incident.id, channel: claim.channel, why: answer.why };
      if (answer.kind === 'refused' && ageMs >= SEARCH_GIVEN_UP_MS) {
        needs.log.write('ERROR', 'Slack does not show whether it was said; it is said again', facts);
        return settle((spoken) => spoken);
      }
      const { advice } = refusalOf(answer.why);
      needs.log.write('WARNING', 'can’t look for a message in Slack', { ...facts, advice });
      const refusal = refusalText(answer.why, claim.channel);
      const next = await record(needs, incident, (spoken) => ({ ...spoken, refusal }));
      return { kind: 'wait', incident: next, untilMs: nowMs + UNSURE_AGAIN_MS };
    }
  }
}
