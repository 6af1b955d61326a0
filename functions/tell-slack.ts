// Makes Slack equal to what an incident deserves: its message posted or edited, its thread told what happened. Part of
// `reconcile`. Level-triggered: what to do is decided anew from the incident, one step after the other.
import { ledgerId } from '#shared/incident/key.ts';
import { quietFromMs } from '#shared/incident/lifecycle.ts';
import type { Incident, Ledger, SlackClaim, Spoken } from '#shared/model/incident.ts';
import type { Note, Route } from '#shared/model/notification.ts';
import { decide, isTold } from '#shared/notify/decide.ts';
import { noteMessage } from '#shared/notify/note-message.ts';
import { refusedBy } from '#shared/notify/refusals.ts';
import { channelFor, silenceFor } from '#shared/notify/routes.ts';
import { contentKey, slackMessage } from '#shared/notify/slack-message.ts';
import { MESSAGE_CHARS_MAX } from '#shared/notify/slack-blocks.ts';
import type { Language } from '#shared/notify/texts/texts.ts';
import { nextNote, saidByMessage } from '#shared/notify/thread.ts';
import { headlineOf } from '#shared/notify/words.ts';
import type { Pattern } from '#shared/patterns/pattern.ts';
import { CATALOGUE_BOOK, type PatternBook } from './pattern-book.ts';
import type { Boards, Notices, SlackTarget, Store } from './ports.ts';
import { edit, heal, say, type SpeakNeeds, type Spoke } from './speak.ts';
import { placeNew, refreshDigest, type DigestNeeds } from './tell-digest.ts';

/** Things that one look says at most; what is left waits for the next. */
const STEPS_MAX = 8;

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

export interface Told {
  readonly incident: Incident;
  /** When to look again because of Slack; 0 = not because of Slack. */
  readonly lookAtMs: number;
}

function digestNeeds(needs: TellNeeds): DigestNeeds | undefined {
  const { boards, slack, clock, log, settings, patterns = CATALOGUE_BOOK } = needs;
  const { language, digestFrom = 0 } = settings;
  if (boards === undefined || digestFrom === 0) return undefined;
  return { boards, slack, clock, log, language, patterns, burstFrom: digestFrom };
}

const patternOf = ({ patterns = CATALOGUE_BOOK }: TellNeeds, incident: Incident): Pattern | undefined =>
  patterns.find(incident.pattern);

/** The incident that explains this one, as long as it is there and not over. */
async function causeOf(needs: TellNeeds, incident: Incident): Promise<Incident | undefined> {
  return incident.explainedBy === '' ? undefined : needs.store.incident(incident.explainedBy);
}

async function ledgerOf(needs: TellNeeds, incident: Incident): Promise<Ledger | undefined> {
  const project = incident.evidence.projects[0];
  return project === undefined ? undefined : needs.notices.ledger(ledgerId(project));
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

function noted(note: Note) {
  return (spoken: Spoken): Spoken => ({
    ...spoken,
    said: [...new Set([...spoken.said, ...note.covers, note.key])],
    replies: spoken.replies + 1,
  });
}

/** What a claim that stayed had said. What the message shows is not known then: an empty key makes the next step edit it. */
function healed(incident: Incident, needs: TellNeeds) {
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

/** In the channel that its route names, or in its cause's thread; in the default channel where its own refuses. */
async function targetOf(needs: TellNeeds, incident: Incident): Promise<SlackTarget> {
  const cause = await causeOf(needs, incident);
  if (cause !== undefined && isTold(cause)) {
    const { channel, ts, thread } = cause.spoken;
    return { channel, thread: thread === '' ? ts : thread, broadcast: false };
  }
  const { routes, channel: fallback } = needs.settings;
  const routed = channelFor(incident, routes, fallback);
  const channel = refusedBy(incident.spoken.refusal, routed) ? fallback : routed;
  return { channel, thread: '', broadcast: false };
}

async function post(needs: TellNeeds, incident: Incident): Promise<Spoke> {
  let target = await targetOf(needs, incident);
  const digest = target.thread === '' ? digestNeeds(needs) : undefined;
  const placed =
    digest === undefined ? ({ kind: 'channel' } as const) : await placeNew(digest, incident, target.channel);
  if (placed.kind === 'wait') return { kind: 'wait', incident, untilMs: placed.untilMs };
  const inDigest = placed.kind === 'digest';
  if (placed.kind === 'digest') target = { ...target, thread: placed.ts };
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

function update(needs: TellNeeds, incident: Incident): Promise<Spoke> {
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

const NEVER_MS = Number.POSITIVE_INFINITY;
const earliest = (...times: readonly number[]): number => {
  const next = Math.min(...times.map((time) => (time === 0 ? NEVER_MS : time)));
  return next === NEVER_MS ? 0 : next;
};

type Step = { readonly spoke: Spoke; readonly note?: Note } | { readonly lookAtMs: number };

/** Decides one step and takes it. */
async function step(needs: TellNeeds, incident: Incident): Promise<Step> {
  const { language, editAfterMs } = needs.settings;
  const nowMs = needs.clock.nowMs();
  const silence = silenceFor(incident, await needs.notices.silences(), nowMs);
  const cause = await causeOf(needs, incident);
  const notification = decide(incident, {
    contentKey: contentKey(incident, language),
    nowMs,
    quietFromMs: quietFromMs(incident, needs.quietAfterMs(incident.pattern)),
    editAfterMs,
    silencedUntilMs: silence?.untilMs ?? 0,
    // What follows from an incident that is not there any more stands for itself.
    causeTold: cause === undefined || isTold(cause),
  });
  if (notification.kind === 'post') return { spoke: await post(needs, incident) };
  if (notification.kind === 'update') return { spoke: await update(needs, incident) };
  const pattern = patternOf(needs, incident);
  const thread = nextNote(incident, { nowMs, language, pattern, silenced: silence !== undefined });
  if (thread.kind === 'quiet') {
    const digest = isTold(incident) && incident.spoken.inDigest ? digestNeeds(needs) : undefined;
    const digestMs = digest === undefined ? 0 : await refreshDigest(digest, incident);
    return { lookAtMs: earliest(notification.lookAtMs, thread.lookAtMs, digestMs) };
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

/** What is gone is forgotten, so that the next step posts it anew; a thread that is gone needs no more notes. */
function forget(needs: TellNeeds, incident: Incident, note: Note | undefined): Promise<Incident | undefined> {
  const ofBefore = note !== undefined && note.place.ts !== incident.spoken.ts;
  return needs.store.changeIncident(incident.id, (now) => ({
    ...now,
    spoken: ofBefore ? { ...now.spoken, said: [...now.spoken.said, note.key] } : { ...now.spoken, ts: '' },
  }));
}

/** Tells Slack all that this incident deserves now. */
export async function tellSlack(needs: TellNeeds, incident: Incident): Promise<Told> {
  const settledClaim = await heal(needs, incident, healed(incident, needs));
  if (settledClaim.kind === 'wait')
    return { incident: settledClaim.incident, lookAtMs: settledClaim.untilMs };
  let now = settledClaim.incident;
  for (let taken = 0; taken < STEPS_MAX; taken += 1) {
    const next = await step(needs, now);
    if (!('spoke' in next)) return { incident: now, lookAtMs: next.lookAtMs };
    now = next.spoke.incident;
    if (next.spoke.kind === 'wait') return { incident: now, lookAtMs: next.spoke.untilMs };
    if (next.spoke.kind === 'gone') now = (await forget(needs, now, next.note)) ?? now;
  }
  return { incident: now, lookAtMs: needs.clock.nowMs() };
}
