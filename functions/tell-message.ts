// The message of an incident in Slack: where it stands, in which size Slack takes it, what is remembered of it. Part of
// telling Slack. In: an incident that is to be posted or edited. Out: what came of it. Decides nothing about when.
import { ledgerId } from '#shared/incident/key.ts';
import type { Incident, Ledger, SlackClaim, Spoken } from '#shared/model/incident.ts';
import type { Route } from '#shared/model/notification.ts';
import { isTold } from '#shared/notify/decide.ts';
import { refusedBy } from '#shared/notify/refusals.ts';
import { channelFor } from '#shared/notify/routes.ts';
import { MESSAGE_CHARS_MAX } from '#shared/notify/slack-blocks.ts';
import { contentKey, slackMessage } from '#shared/notify/slack-message.ts';
import type { Language } from '#shared/notify/texts/texts.ts';
import { saidByMessage } from '#shared/notify/thread.ts';
import { headlineOf } from '#shared/notify/words.ts';
import type { Pattern } from '#shared/patterns/pattern.ts';
import { CATALOGUE_BOOK, type PatternBook } from './pattern-book.ts';
import type { Boards, Notices, Store } from './ports.ts';
import type { SlackTarget } from './slack-port.ts';
import { edit, REFUSED_AGAIN_MS, say, type SpeakNeeds, type Spoke } from './speak.ts';
import { placeNew, type DigestNeeds } from './tell-digest.ts';

/** Budgets of one message, in characters: Slack takes what the first of them is for; the others are for the day it does not. */
export const MESSAGE_BUDGETS = [MESSAGE_CHARS_MAX, 5_000, 2_500] as const;

/** What decides where and how Slack is told. */
export interface SlackSettings {
  /** Channel of what no route names. */
  readonly channel: string;
  readonly routes: readonly Route[];
  readonly language: Language;
  readonly editAfterMs: number;
  readonly historyUrl?: string;
  /** So many new incidents at once are told by themselves, the next ones in a digest; 0 = never a digest. */
  readonly digestFrom?: number;
}

export interface TellNeeds extends SpeakNeeds {
  /** The quiet that resolves incidents of a pattern, in milliseconds. */
  readonly quietAfterMs: (pattern: string) => number;
  /** The catalogue alone if absent. */
  readonly patterns?: PatternBook;
  readonly store: Pick<Store, 'changeIncident' | 'incident'>;
  readonly notices: Pick<Notices, 'silences' | 'ledger'>;
  /** Absent = never a digest. */
  readonly boards?: Boards;
  readonly settings: SlackSettings;
}

/** What digests need; undefined where there are none. */
export function digestNeeds(needs: TellNeeds): DigestNeeds | undefined {
  const { boards, slack, pace, clock, log, settings, patterns = CATALOGUE_BOOK } = needs;
  const { language, digestFrom = 0 } = settings;
  if (boards === undefined || digestFrom === 0) return undefined;
  return { boards, slack, pace, clock, log, language, patterns, burstFrom: digestFrom };
}

export const patternOf = (
  { patterns = CATALOGUE_BOOK }: TellNeeds,
  incident: Incident,
): Pattern | undefined => patterns.find(incident.pattern);

/** The incident that explains this one; undefined if none does, or it is not there any more. */
export async function causeOf(needs: TellNeeds, incident: Incident): Promise<Incident | undefined> {
  return incident.explainedBy === '' ? undefined : needs.store.incident(incident.explainedBy);
}

/** What was held back in the incident's project: of use, but no reason to keep the incident from being told. */
async function ledgerOf(needs: TellNeeds, incident: Incident): Promise<Ledger | undefined> {
  const project = incident.evidence.projects[0];
  if (project === undefined) return undefined;
  try {
    return await needs.notices.ledger(ledgerId(project));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    needs.log.write('WARNING', 'what was held back is not known', { incident: incident.id, error: why });
    return undefined;
  }
}

/** What is remembered once the message of this episode stands in Slack. */
function posted(
  incident: Incident,
  at: {
    readonly language: Language;
    readonly thread: string;
    readonly inDigest: boolean;
    readonly nowMs: number;
  },
) {
  return (spoken: Spoken, place: { readonly channel: string; readonly ts: string }): Spoken => {
    const again = spoken.episode === incident.episode;
    const before =
      spoken.ts === '' || spoken.thread !== '' ? null : { channel: spoken.channel, ts: spoken.ts };
    return {
      ...spoken,
      ...place,
      thread: at.thread,
      inDigest: at.inDigest,
      episode: incident.episode,
      previous: again ? spoken.previous : before,
      said: [...new Set([...(again ? spoken.said : []), ...saidByMessage(incident)])],
      shownKey: contentKey(incident, at.language),
      shownAtMs: at.nowMs,
      shownState: incident.state,
      // A message in a thread is a reply: the channel does not ring for it.
      posts: spoken.posts + (at.thread === '' ? 1 : 0),
      replies: spoken.replies + (at.thread === '' ? 0 : 1),
    };
  };
}

/** What a claim that stayed had said. What the message shows is not known then: an empty key makes the next step edit it. */
export function healed(incident: Incident, needs: TellNeeds) {
  return (claim: SlackClaim, ts: string): ((spoken: Spoken) => Spoken) => {
    const { channel, thread, episode, note } = claim;
    if (note !== '')
      return (spoken) => ({ ...spoken, said: [...spoken.said, note], replies: spoken.replies + 1 });
    const { language } = needs.settings;
    const stands = posted(
      { ...incident, episode },
      {
        language,
        thread,
        inDigest: thread !== '' && incident.explainedBy === '',
        nowMs: needs.clock.nowMs(),
      },
    );
    return (spoken) => ({ ...stands(spoken, { channel, ts }), shownKey: '', shownState: '' });
  };
}

/** Slack takes it in no size: nothing is tried again before a person may have changed something. */
export async function giveUpSize(needs: TellNeeds, incident: Incident): Promise<Spoke> {
  const untilMs = needs.clock.nowMs() + REFUSED_AGAIN_MS;
  const next = await needs.store.changeIncident(incident.id, (now) => ({
    ...now,
    spoken: { ...now.spoken, notBeforeMs: untilMs },
  }));
  needs.log.write('ERROR', 'Slack takes the message in no size', { incident: incident.id });
  return { kind: 'wait', incident: next ?? incident, untilMs };
}

/** The message in the size that Slack takes: smaller and smaller while it answers «too long». */
async function withBudgets(
  needs: TellNeeds,
  incident: Incident,
  attempt: (content: ReturnType<typeof slackMessage>, incident: Incident) => Promise<Spoke>,
): Promise<Spoke> {
  const { language, historyUrl } = needs.settings;
  const [cause, ledger] = await Promise.all([causeOf(needs, incident), ledgerOf(needs, incident)]);
  const options = {
    language,
    ...(historyUrl === undefined ? {} : { historyUrl }),
    ...(cause === undefined ? {} : { cause: headlineOf(cause, patternOf(needs, cause), language) }),
    ...(ledger === undefined ? {} : { ledger }),
  };
  let now = incident;
  for (const charsMax of MESSAGE_BUDGETS) {
    const spoke = await attempt(
      slackMessage(incident, patternOf(needs, incident), { ...options, charsMax }),
      now,
    );
    if (spoke.kind !== 'too-long') return spoke;
    now = spoke.incident;
  }
  // The headline alone is left: that much Slack takes, or it takes nothing.
  const bare = { ...slackMessage(incident, patternOf(needs, incident), options), blocks: [] };
  return attempt(bare, now);
}

/** The channel that its route names, or the default one where that refuses. */
function ownChannel(needs: TellNeeds, incident: Incident): string {
  const { routes, channel: fallback } = needs.settings;
  const routed = channelFor(incident, routes, fallback);
  return refusedBy(incident.spoken.refusal, routed) ? fallback : routed;
}

/** True if the channel of its message refuses everything while another one would do: then it is posted there. */
export function mustMove(needs: TellNeeds, incident: Incident): boolean {
  const { refusal, channel } = incident.spoken;
  return refusedBy(refusal, channel) && needs.settings.channel !== channel;
}

/** In the channel that its route names, or in its cause's thread; in the default channel where its own refuses. */
async function targetOf(needs: TellNeeds, incident: Incident): Promise<SlackTarget> {
  const cause = await causeOf(needs, incident);
  if (cause !== undefined && isTold(cause)) {
    const { channel, ts, thread } = cause.spoken;
    return { channel, thread: thread === '' ? ts : thread, broadcast: false };
  }
  const channel = mustMove(needs, incident) ? needs.settings.channel : ownChannel(needs, incident);
  return { channel, thread: '', broadcast: false };
}

function postAt(
  needs: TellNeeds,
  incident: Incident,
  at: { readonly target: SlackTarget; readonly inDigest: boolean },
): Promise<Spoke> {
  const { target, inDigest } = at;
  const { language } = needs.settings;
  return withBudgets(needs, incident, (content, now) =>
    say(needs, now, {
      note: '',
      target,
      content,
      said: posted(incident, { language, thread: target.thread, inDigest, nowMs: needs.clock.nowMs() }),
    }),
  );
}

/** Posts the message of the running episode. */
export async function post(needs: TellNeeds, incident: Incident): Promise<Spoke> {
  let target = await targetOf(needs, incident);
  const digest = target.thread === '' ? digestNeeds(needs) : undefined;
  const placed =
    digest === undefined ? ({ kind: 'channel' } as const) : await placeNew(digest, incident, target.channel);
  if (placed.kind === 'wait') return { kind: 'wait', incident, untilMs: placed.untilMs };
  const inDigest = placed.kind === 'digest';
  if (placed.kind === 'digest') target = { ...target, thread: placed.ts };
  const spoke = await postAt(needs, incident, { target, inDigest });
  if (spoke.kind !== 'gone' || target.thread === '') return spoke;
  // A person deleted the thread it should stand in: then it stands for itself.
  return postAt(needs, spoke.incident, { target: { ...target, thread: '' }, inDigest: false });
}

/** Edits the message that stands there. */
export function update(needs: TellNeeds, incident: Incident): Promise<Spoke> {
  return withBudgets(needs, incident, (content, now) =>
    edit(needs, now, {
      content,
      shown: (spoken) => ({
        ...spoken,
        shownKey: contentKey(incident, needs.settings.language),
        shownAtMs: needs.clock.nowMs(),
        shownState: incident.state,
        updates: spoken.updates + 1,
      }),
    }),
  );
}
