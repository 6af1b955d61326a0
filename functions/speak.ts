// Says one thing in Slack exactly once: claims it in the store, posts it with metadata, records what Slack answered.
// A claim that stayed means that a crash or a timeout came in between: then the message is looked for by its metadata
// before anything is said again. Decides nothing about what to say.
import { refusalOf, refusalText } from '#shared/notify/refusals.ts';
import type { Incident, SlackClaim, Spoken } from '#shared/model/incident.ts';
import type { SlackCall } from '#shared/model/notification.ts';
import type { Clock, Log, Store } from './ports.ts';
import type { Pace, Pause } from './slack-pace.ts';
import type { Slack, SlackAnswer, SlackContent, SlackTarget } from './slack-port.ts';

/** A refusal that a person must mend is tried again after this long. */
export const REFUSED_AGAIN_MS = 10 * 60_000;

/** An answer that never came: looked up again after this long. */
export const UNSURE_AGAIN_MS = 10_000;

/** A claim younger than this may still be in another instance's hands; longer than any call to Slack takes. */
export const CLAIM_HELD_MS = 15_000;

/** A claim that took this long to make is not acted on: Slack's answer might come after others take it for lost. */
export const CLAIM_LATE_MS = 8_000;

/** When Slack won't show what was said, it is said again after this long: a double is better than an alert lost. */
export const SEARCH_GIVEN_UP_MS = 5 * 60_000;

export interface SpeakNeeds {
  readonly store: Pick<Store, 'changeIncident'>;
  readonly slack: Slack;
  readonly pace: Pace;
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

/** What came of it, or the wait that Slack's limits ask for. */
const orWait = (incident: Incident, spoke: Spoke | Pause): Spoke =>
  spoke.kind === 'pause' ? { kind: 'wait', incident, untilMs: spoke.untilMs } : spoke;

const settled = { notBeforeMs: 0, refusal: '' } as const;

/** What was said needs no claim any more. One that somebody else has made meanwhile is theirs, and stays. */
const released = (spoken: Spoken, mine: SlackClaim | null): SlackClaim | null =>
  spoken.claim?.id === mine?.id ? null : spoken.claim;

/** Writes down any answer but «sent»; says in the log what a person has to know. */
async function recordNo(
  needs: SpeakNeeds,
  incident: Incident,
  no: {
    readonly answer: Exclude<SlackAnswer, { kind: 'sent' }>;
    readonly channel: string;
    readonly call: SlackCall;
  },
): Promise<Spoke> {
  const { answer, channel, call } = no;
  // An edit claims nothing: whatever claim there is, is another’s.
  const mine = call === 'post' ? incident.spoken.claim : null;
  const nowMs = needs.clock.nowMs();
  const refusal = refusalText(answer.why, channel);
  const facts = { incident: incident.id, channel, why: answer.why };
  const pause = async (untilMs: number, keepClaim: boolean): Promise<Spoke> => {
    const next = await record(needs, incident, (spoken) => ({
      ...spoken,
      claim: keepClaim ? spoken.claim : released(spoken, mine),
      notBeforeMs: untilMs,
      refusal,
    }));
    return { kind: 'wait', incident: next, untilMs };
  };
  switch (answer.kind) {
    case 'later': {
      // It is the channel that has to wait, and every incident in it: what is told is remembered there.
      const untilMs = await needs.pace.asked({ channel, call }, answer.afterMs);
      needs.log.write('WARNING', 'Slack asks to wait', { ...facts, call, afterMs: untilMs - nowMs });
      const next = await record(needs, incident, (spoken) => ({
        ...spoken,
        claim: released(spoken, mine),
        refusal,
      }));
      return { kind: 'wait', incident: next, untilMs };
    }
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
        incident: await record(needs, incident, (spoken) => ({
          ...spoken,
          ...settled,
          claim: released(spoken, mine),
        })),
      };
    case 'too-long':
      needs.log.write('WARNING', 'Slack takes no message of that size', facts);
      return {
        kind: 'too-long',
        incident: await record(needs, incident, (spoken) => ({
          ...spoken,
          claim: released(spoken, mine),
          refusal,
        })),
      };
    case 'refused':
      needs.log.write('ERROR', 'Slack refuses the message', {
        ...facts,
        advice: refusalOf(answer.why).advice,
      });
      return pause(nowMs + REFUSED_AGAIN_MS, false);
  }
}

async function claimAndSay(needs: SpeakNeeds, incident: Incident, utterance: Utterance): Promise<Spoke> {
  const nowMs = needs.clock.nowMs();
  const { channel, thread } = utterance.target;
  const { note } = utterance;
  const claim: SlackClaim = {
    id: crypto.randomUUID(),
    atMs: nowMs,
    episode: incident.episode,
    note,
    channel,
    thread,
  };
  let untilMs = nowMs + CLAIM_HELD_MS;
  const claimed = await needs.store.changeIncident(incident.id, (now) => {
    const other = now.spoken.claim;
    // A try that took effect without saying so.
    if (other?.id === claim.id) return now;
    // What was decided was decided on this incident: if another told Slack meanwhile, decide again.
    const sameMessage = now.spoken.ts === incident.spoken.ts && now.episode === incident.episode;
    // A claim that stayed is looked up by the next look, however old it is: what it said may stand in Slack.
    if (sameMessage && !now.spoken.said.includes(note) && other === null)
      return { ...now, spoken: { ...now.spoken, claim } };
    untilMs = (other?.atMs ?? nowMs) + CLAIM_HELD_MS;
    return undefined;
  });
  if (claimed === undefined) return { kind: 'wait', incident, untilMs };
  if (needs.clock.nowMs() - nowMs > CLAIM_LATE_MS) return { kind: 'wait', incident: claimed, untilMs };
  const answer = await needs.slack.post(utterance.target, utterance.content);
  if (answer.kind !== 'sent') return recordNo(needs, claimed, { answer, channel, call: 'post' });
  const next = await record(needs, claimed, (spoken) => ({
    ...utterance.said(spoken, answer),
    ...settled,
    claim: released(spoken, claim),
  }));
  return { kind: 'done', incident: next };
}

/** Says it, unless somebody else is just saying something of this incident, or Slack asked not to be called now. */
export async function say(needs: SpeakNeeds, incident: Incident, utterance: Utterance): Promise<Spoke> {
  const lane = { channel: utterance.target.channel, call: 'post' } as const;
  return orWait(incident, await needs.pace.when(lane, () => claimAndSay(needs, incident, utterance)));
}

/** Edits what stands there; saying it twice changes nothing, so nothing is claimed. */
export async function edit(
  needs: SpeakNeeds,
  incident: Incident,
  change: { readonly content: SlackContent; readonly shown: (spoken: Spoken) => Spoken },
): Promise<Spoke> {
  const { channel, ts } = incident.spoken;
  const lane = { channel, call: 'update' } as const;
  const spoke = await needs.pace.when(lane, async (): Promise<Spoke> => {
    const answer = await needs.slack.update({ channel, ts }, change.content);
    if (answer.kind !== 'sent') return recordNo(needs, incident, { answer, ...lane });
    const next = await record(needs, incident, (spoken) => ({ ...change.shown(spoken), ...settled }));
    return { kind: 'done', incident: next };
  });
  return orWait(incident, spoke);
}

type Found = (claim: SlackClaim, ts: string) => (spoken: Spoken) => Spoken;

async function lookUp(
  needs: SpeakNeeds,
  incident: Incident,
  lost: { readonly claim: SlackClaim; readonly found: Found },
): Promise<Spoke> {
  const { claim, found } = lost;
  const { channel, thread, episode, note } = claim;
  const nowMs = needs.clock.nowMs();
  const answer = await needs.slack.find(
    { channel, thread },
    { incident: incident.id, episode, note, sinceMs: claim.atMs },
  );
  const settle = async (change: (spoken: Spoken) => Spoken): Promise<Spoke> => {
    const next = await record(needs, incident, (spoken) =>
      // Somebody else may have settled it meanwhile.
      spoken.claim?.id === claim.id ? { ...change(spoken), ...settled, claim: null } : spoken,
    );
    return { kind: 'done', incident: next };
  };
  const wait = async (untilMs: number, why: string): Promise<Spoke> => {
    const refusal = refusalText(why, channel);
    const next = await record(needs, incident, (spoken) => ({ ...spoken, refusal }));
    return { kind: 'wait', incident: next, untilMs };
  };
  switch (answer.kind) {
    case 'found':
      return settle(found(claim, answer.ts));
    case 'none':
      return settle((spoken) => spoken);
    case 'later': {
      const untilMs = await needs.pace.asked({ channel, call: 'find' }, answer.afterMs);
      const facts = { incident: incident.id, channel, why: answer.why, call: 'find' };
      needs.log.write('WARNING', 'Slack asks to wait', { ...facts, afterMs: untilMs - nowMs });
      return wait(untilMs, answer.why);
    }
    case 'unknown':
    case 'refused': {
      const facts = { incident: incident.id, channel, why: answer.why };
      if (answer.kind === 'refused' && nowMs - claim.atMs >= SEARCH_GIVEN_UP_MS) {
        needs.log.write('ERROR', 'Slack does not show whether it was said; it is said again', facts);
        return settle((spoken) => spoken);
      }
      const { advice } = refusalOf(answer.why);
      needs.log.write('WARNING', 'can’t look for a message in Slack', { ...facts, advice });
      return wait(nowMs + UNSURE_AGAIN_MS, answer.why);
    }
  }
}

/** Settles a claim that stayed: finds what it said, or makes sure that it said nothing. */
export async function heal(needs: SpeakNeeds, incident: Incident, found: Found): Promise<Spoke> {
  const { claim } = incident.spoken;
  if (claim === null) return { kind: 'done', incident };
  const heldUntilMs = claim.atMs + CLAIM_HELD_MS;
  if (needs.clock.nowMs() < heldUntilMs) return { kind: 'wait', incident, untilMs: heldUntilMs };
  const lane = { channel: claim.channel, call: 'find' } as const;
  return orWait(incident, await needs.pace.when(lane, () => lookUp(needs, incident, { claim, found })));
}
