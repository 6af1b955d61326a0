// What people ask for in Slack: a button or the slash command, signed by Slack → one transaction, a nudge, an answer.
// Answers within three seconds, for Slack gives up then; whatever the message has to show, reconcile shows.
import { createClassifier } from '#shared/classify/classify.ts';
import { onAction, type Action } from '#shared/incident/lifecycle.ts';
import { intakeLine } from '#shared/intake/line-entry.ts';
import { parseJson } from '#shared/intake/json.ts';
import type { Incident } from '#shared/model/incident.ts';
import type { Silence } from '#shared/model/notification.ts';
import { readCommand, type MeshCommand } from '#shared/notify/command.ts';
import { readInteraction, type Interaction } from '#shared/notify/interaction.ts';
import {
  explainReply,
  incidentsReply,
  isAsked,
  privateReply,
  silenceLine,
  whyReply,
  type PrivateReply,
} from '#shared/notify/replies.ts';
import { TEXTS } from '#shared/notify/texts/tables.ts';
import type { Language } from '#shared/notify/texts/texts.ts';
import type {
  Answer,
  Clock,
  Log,
  Notices,
  Nudges,
  Respond,
  SignatureCheck,
  SignedRequest,
  Store,
} from './ports.ts';
import { inTime } from './in-time.ts';
import { actionOf } from './order-action.ts';
import type { PatternBook } from './pattern-book.ts';
import { createGate } from './slack-gate.ts';

/** A silence by button lasts this long. */
const SILENCE_BY_BUTTON_MS = 24 * 3_600_000;

/** Incidents that a list is made from. */
const LIST_FROM_MAX = 100;

export interface SlackNeeds {
  readonly store: Pick<Store, 'incident' | 'advanceIncident'>;
  readonly notices: Pick<Notices, 'silences' | 'addSilence' | 'endSilence' | 'incidents'>;
  readonly nudges: Nudges;
  readonly isSigned: SignatureCheck;
  readonly respond: Respond;
  readonly patterns: PatternBook;
  readonly language: Language;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly log: Log;
}

async function nudge(needs: SlackNeeds, id: string): Promise<void> {
  try {
    await needs.nudges.publish([id]);
  } catch (error) {
    // The incident is due at once, so the next tick nudges it.
    needs.log.write('WARNING', 'a nudge was not published; the tick repairs it', {
      incident: id,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

/** One transaction, then a nudge. An answer only where there was nothing to do. */
async function act(
  needs: SlackNeeds,
  id: string,
  by: { readonly action: Action; readonly who: string },
): Promise<PrivateReply | undefined> {
  const nowMs = needs.clock.nowMs();
  const words = TEXTS[needs.language];
  let seen: Incident | undefined;
  const changed = await needs.store.advanceIncident(id, (incident) => {
    seen = incident;
    const advance = onAction(incident, by.action, { who: by.who, nowMs });
    if (advance.timeline.length === 0) return undefined;
    return { ...advance, incident: { ...advance.incident, lookAtMs: nowMs, actedBy: by.who } };
  });
  if (changed !== undefined) {
    needs.log.write('INFO', 'a person acted on an incident', {
      incident: id,
      action: by.action.kind,
      who: by.who,
    });
    await nudge(needs, id);
    return undefined;
  }
  if (seen === undefined) return privateReply([words.replies.gone]);
  return privateReply([words.replies.already(words.message.state[seen.state])]);
}

async function addSilence(needs: SlackNeeds, silence: Omit<Silence, 'id'>): Promise<PrivateReply> {
  const id = `s${needs.clock.nowMs().toString(36)}-${silence.by.toLowerCase()}`;
  await needs.notices.addSilence({ ...silence, id });
  const { by, kind, pattern } = silence;
  needs.log.write('INFO', 'a person asked for silence', { silence: id, kind, pattern, who: by });
  return privateReply([silenceLine({ ...silence, id }, needs.language)]);
}

/** Asks `diagnose` to look again. What it finds, the message shows. */
async function checkAgain(needs: SlackNeeds, incident: Incident, who: string): Promise<PrivateReply> {
  const words = TEXTS[needs.language];
  if (incident.state === 'resolved')
    return privateReply([words.replies.already(words.message.state[incident.state])]);
  if ((incident.checks ?? []).length === 0) return privateReply([words.replies.noChecks]);
  await needs.nudges.publish([incident.id], 'diagnose');
  needs.log.write('INFO', 'a person asked for the checks', { incident: incident.id, who });
  return privateReply([words.replies.checking]);
}

/** What a pressed button brings about, and what the person is told; undefined = the message shows it. */
async function carryOut(
  needs: SlackNeeds,
  asked: Extract<Interaction, { kind: 'order' }>,
): Promise<PrivateReply | undefined> {
  const nowMs = needs.clock.nowMs();
  const action = actionOf(asked.order, nowMs, needs.timeZone);
  if (action !== undefined) return act(needs, asked.incident, { action, who: asked.who });
  const words = TEXTS[needs.language];
  await needs.patterns.refresh();
  const incident = await needs.store.incident(asked.incident);
  if (incident === undefined) return privateReply([words.replies.gone]);
  if (asked.order === 'check') return checkAgain(needs, incident, asked.who);
  if (asked.order === 'why') {
    const { evidence } = incident;
    const { sure, weak } = words.replies.why;
    const reason = (evidence.labels['sure'] ?? 0) > 0 ? sure : weak;
    return whyReply(incident, needs.patterns.find(incident.pattern), { reason, language: needs.language });
  }
  return addSilence(needs, {
    kind: 'silence',
    pattern: incident.pattern,
    project: '',
    scope: incident.scope,
    fromMs: nowMs,
    untilMs: nowMs + SILENCE_BY_BUTTON_MS,
    reason: words.buttons.silence,
    by: asked.who,
  });
}

function explain(needs: SlackNeeds, line: string): PrivateReply {
  const intake = intakeLine(line, { publishTimeMs: needs.clock.nowMs(), identity: 'slack' });
  if (intake.kind === 'unreadable')
    return privateReply([TEXTS[needs.language].replies.explain.unreadable[intake.reason]]);
  const classifier = createClassifier(needs.patterns.patterns());
  const [best] = classifier.matches(intake.record);
  return explainReply(classifier.classify(intake.record), best?.pattern, needs.language);
}

async function listIncidents(
  needs: SlackNeeds,
  asked: Extract<MeshCommand, { kind: 'incidents' }>,
): Promise<PrivateReply> {
  const all = await needs.notices.incidents(asked.which, LIST_FROM_MAX);
  const what = asked.filter === '' ? asked.which : `${asked.which}, ${asked.filter}`;
  return incidentsReply(
    all.filter((incident) => isAsked(incident, asked.filter)),
    needs.patterns.find,
    { what, language: needs.language },
  );
}

async function runCommand(needs: SlackNeeds, command: MeshCommand, who: string): Promise<PrivateReply> {
  const words = TEXTS[needs.language].replies;
  const nowMs = needs.clock.nowMs();
  // Part of what has to be done in time: a store that does not answer must not keep Slack waiting.
  await needs.patterns.refresh();
  switch (command.kind) {
    case 'help':
      return privateReply([words.help]);
    case 'wrong-use':
      return privateReply([words.wrongUse(`\`${command.usage}\``)]);
    case 'explain':
      return explain(needs, command.line);
    case 'incidents':
      return listIncidents(needs, command);
    case 'silences': {
      const silences = await needs.notices.silences();
      if (silences.length === 0) return privateReply([words.noSilence]);
      const lines = silences.map((silence) => silenceLine(silence, needs.language));
      return privateReply([`*${words.silences(silences.length)}*`, ...lines]);
    }
    case 'end-silence': {
      const ended = /^[\w-]{1,80}$/.test(command.id) && (await needs.notices.endSilence(command.id, nowMs));
      return privateReply([ended ? words.silenceEnded(`\`${command.id}\``) : words.noSilence]);
    }
    case 'silence': {
      if (
        command.pattern !== '' &&
        command.pattern !== 'unrecognised' &&
        needs.patterns.find(command.pattern) === undefined
      )
        return privateReply([
          words.wrongUse(
            needs.patterns
              .patterns()
              .map(({ id }) => `\`${id}\``)
              .join(' '),
          ),
        ]);
      const fromMs = command.fromMs === 0 ? nowMs : command.fromMs;
      return addSilence(needs, {
        kind: command.fromMs === 0 ? 'silence' : 'maintenance',
        pattern: command.pattern,
        project: '',
        scope: command.scope,
        fromMs,
        untilMs: fromMs + command.forMs,
        reason: command.reason,
        by: who,
      });
    }
  }
}

async function onInteraction(needs: SlackNeeds, payload: string): Promise<Answer> {
  const parsed = parseJson(payload);
  const asked: Interaction =
    'value' in parsed ? readInteraction(parsed.value) : { kind: 'unreadable', why: 'payload is not JSON' };
  if (asked.kind === 'nothing') return { status: 200 };
  if (asked.kind === 'unreadable') {
    needs.log.write('WARNING', 'an interaction of unknown form', { why: asked.why });
    return { status: 400, body: asked.why };
  }
  const done = await inTime(needs, carryOut(needs, asked));
  const reply = done === undefined ? privateReply([TEXTS[needs.language].replies.failed]) : done.result;
  if (reply !== undefined && !(await needs.respond(asked.responseUrl, reply)))
    needs.log.write('WARNING', 'a person was not answered', { incident: asked.incident, who: asked.who });
  return { status: 200 };
}

async function onCommand(needs: SlackNeeds, form: URLSearchParams): Promise<Answer> {
  const who = form.get('user_id') ?? '';
  if (!/^[UW][A-Z0-9]{2,30}$/.test(who)) return { status: 400, body: 'no person' };
  const done = await inTime(needs, runCommand(needs, readCommand(form.get('text') ?? ''), who));
  return { status: 200, json: done?.result ?? privateReply([TEXTS[needs.language].replies.failed]) };
}

/** The handler: 401 for what Slack did not sign, 400 for what makes no sense, 200 for all else. */
export function createSlack(needs: SlackNeeds): (request: SignedRequest) => Promise<Answer> {
  const refuse = createGate(needs);
  return async (request) => {
    const why = refuse(request);
    if (why !== undefined) {
      needs.log.write('WARNING', 'a request that Slack did not sign was refused', { why });
      return { status: 401, body: 'not signed by Slack' };
    }
    // Nothing of the body is read before its signature is known to be good.
    const form = new URLSearchParams(new TextDecoder().decode(request.body));
    const payload = form.get('payload');
    return payload === null ? onCommand(needs, form) : onInteraction(needs, payload);
  };
}
