// A nudge with kind=diagnose → the guide's checks, run through read-only APIs; their verdicts go on the incident, a fault
// that passes resolves it by proof, and `reconcile` is nudged. It runs again, ever more rarely, until nothing is left.
import { isAsked, settleAtMs } from '#shared/diagnose/schedule.ts';
import { checksOf, hasChecks } from '#shared/diagnose/checks.ts';
import type { Check, Subject } from '#shared/diagnose/check.ts';
import { conclude, coversAll, provenGone, rememberFaults } from '#shared/diagnose/conclude.ts';
import { CHECKED_VMS_MAX } from '#shared/diagnose/guest-attributes.ts';
import type { Said } from '#shared/diagnose/say.ts';
import { subjectOf } from '#shared/diagnose/subject.ts';
import { onProof } from '#shared/incident/lifecycle.ts';
import { readPush } from '#shared/intake/push.ts';
import type { Diagnosis } from '#shared/model/diagnosis.ts';
import { requestInWords, type GoogleAnswer, type GoogleRequest } from '#shared/model/google-api.ts';
import type { CheckVerdict, Incident } from '#shared/model/incident.ts';
import { createContextReader, type Context } from './diagnose-context.ts';
import type { Answer, Clock, DiagnosisStore, GoogleApi, Log, LogReader, Nudges, Store } from './ports.ts';

/** Questions that one run may ask; past it every further check is unreadable, and says so. */
export const QUESTIONS_MAX = 80;

/** One run ends after this long, whatever is left. */
export const RUN_MS_MAX = 25_000;

/** An answer is good for this long: twenty incidents of one project ask for its rules once. */
const ANSWER_KEPT_MS = 5_000;

/** Answers that one instance remembers. */
const ANSWERS_MAX = 2_000;

/** The pause between runs doubles up to this. */
export const AGAIN_MS_MAX = 15 * 60_000;

const HOW_CHARS_MAX = 600;

export interface DiagnoseNeeds {
  readonly store: Pick<Store, 'incident' | 'advanceIncident'>;
  readonly diagnoses: Pick<DiagnosisStore, 'diagnosis' | 'saveDiagnosis'>;
  readonly google: GoogleApi;
  /** Absent where nobody may read the log: then there is no context. */
  readonly logs?: LogReader;
  readonly nudges: Nudges;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: DiagnoseSettings;
}

interface DiagnoseSettings {
  /** The pause between the first two runs, in milliseconds. */
  readonly againAfterMs: number;
  /** Nothing is proven gone while its lines came within this time: the control plane takes a while to follow. */
  readonly settleMs: number;
}

type Ask = (request: GoogleRequest) => Promise<GoogleAnswer>;

/** Remembers answers for a moment and lets equal questions that are under way share one. */
function createCache(google: GoogleApi, clock: Clock): Ask {
  const known = new Map<string, { readonly untilMs: number; readonly answer: Promise<GoogleAnswer> }>();
  return (request) => {
    const key = JSON.stringify(request);
    const found = known.get(key);
    if (found !== undefined && found.untilMs > clock.nowMs()) return found.answer;
    if (known.size >= ANSWERS_MAX) known.clear();
    const answer = google.ask(request);
    known.set(key, { untilMs: clock.nowMs() + ANSWER_KEPT_MS, answer });
    return answer;
  };
}

/** Counts the questions of one run and ends them all at its deadline. */
function bounded(ask: Ask, clock: Clock): Ask {
  const endMs = clock.nowMs() + RUN_MS_MAX;
  let asked = 0;
  return (request) => {
    asked += 1;
    if (asked > QUESTIONS_MAX)
      return Promise.resolve({ kind: 'busy', why: `more than ${QUESTIONS_MAX} questions for one incident` });
    if (clock.nowMs() >= endMs)
      return Promise.resolve({ kind: 'timeout', why: `${RUN_MS_MAX} ms for one incident` });
    return ask(request);
  };
}

/** Drives one check: hands it the answer to each of its questions. */
async function runCheck(check: Check, subject: Subject, ask: Ask): Promise<CheckVerdict> {
  const asked: GoogleRequest[] = [];
  const running = check.run(subject);
  let step = running.next();
  while (step.done !== true) {
    asked.push(step.value);
    step = running.next(await ask(step.value));
  }
  const { kind, expected, found, how } = step.value;
  const words = how ?? [...new Set(asked.map(requestInWords))].join('; ');
  return {
    id: check.id,
    verdict: kind,
    expected: expected.en,
    found: found.en,
    zhCn: { expected: expected.zhCn, found: found.zhCn },
    how: words.slice(0, HOW_CHARS_MAX),
    atMs: subject.nowMs,
  };
}

function sameVerdicts(incident: Incident, checks: readonly CheckVerdict[], conclusion: string): boolean {
  const content = (all: readonly CheckVerdict[]): string =>
    JSON.stringify(all.map(({ id, verdict, found }) => [id, verdict, found]));
  return incident.conclusion === conclusion && content(incident.checks ?? []) === content(checks);
}

/** What one run came to, before it is written. */
interface Ran {
  readonly checks: readonly CheckVerdict[];
  readonly conclusion: Said;
  readonly faults: Diagnosis['faults'];
  /** What changed, if the fault is proven gone; undefined otherwise. */
  readonly gone: Said | undefined;
}

async function run(
  incident: Incident,
  before: Diagnosis | undefined,
  by: { ask: Ask; clock: Clock },
): Promise<Ran> {
  const subject = subjectOf(incident, by.clock.nowMs());
  const ask = bounded(by.ask, by.clock);
  const checks = await Promise.all(checksOf(subject).map((check) => runCheck(check, subject, ask)));
  const known = before?.episode === incident.episode ? before.faults : {};
  const covers = coversAll(incident.pattern, incident.evidence.proxyCount, CHECKED_VMS_MAX);
  return {
    checks,
    conclusion: conclude(incident.pattern, checks),
    faults: rememberFaults(incident.pattern, known, checks),
    gone: covers ? provenGone(incident.pattern, known, checks) : undefined,
  };
}

/** Writes the verdicts; resolves by proof where the fault is gone and its lines have stopped. */
async function store(
  needs: DiagnoseNeeds,
  id: string,
  what: { readonly episode: number; readonly ran: Ran; readonly context: Context | undefined },
): Promise<Incident | undefined> {
  const { episode, ran, context } = what;
  return needs.store.advanceIncident(id, (now) => {
    const nowMs = needs.clock.nowMs();
    const conclusion = ran.gone ?? ran.conclusion;
    const same = sameVerdicts(now, ran.checks, conclusion.en) && context === undefined;
    // Verdicts that stay the same still carry the time of the last look.
    const shown = context === undefined ? {} : { context: context.shown };
    const checked = {
      ...now,
      checks: ran.checks,
      checkedEpisode: episode,
      conclusion: conclusion.en,
      conclusionZhCn: conclusion.zhCn,
      ...shown,
    };
    const incident = same ? checked : { ...checked, updatedAtMs: nowMs };
    const settled = nowMs >= settleAtMs(now, needs.settings.settleMs);
    if (ran.gone !== undefined && settled) return onProof(incident, ran.gone.en, nowMs);
    return { incident, timeline: [] };
  });
}

/** When the checks run again: ever more rarely, at once when a proof only waits for its lines to stop; 0 = not again. */
function dueAtMs(
  incident: Incident,
  runs: number,
  at: { ran: Ran; nowMs: number; by: DiagnoseSettings },
): number {
  if (incident.state === 'resolved') return 0;
  const pauseMs = Math.min(at.by.againAfterMs * 2 ** (runs - 1), AGAIN_MS_MAX);
  if (at.ran.gone === undefined) return at.nowMs + pauseMs;
  return Math.min(Math.max(settleAtMs(incident, at.by.settleMs), at.nowMs), at.nowMs + pauseMs);
}

/** The handler: 204 when the verdicts are stored or none are due, 503 when the store or the bus failed. */
export function createDiagnose(needs: DiagnoseNeeds): (body: unknown) => Promise<Answer> {
  const { clock, diagnoses } = needs;
  const ask = createCache(needs.google, clock);
  const readContext = needs.logs === undefined ? undefined : createContextReader(needs.logs);

  const remember = async (
    incident: Incident,
    known: Diagnosis | undefined,
    what: { readonly episode: number; readonly ran: Ran; readonly context: Context | undefined },
  ): Promise<void> => {
    const nowMs = clock.nowMs();
    const runs = (known?.runs ?? 0) + 1;
    const { episode, ran, context } = what;
    await diagnoses.saveDiagnosis({
      incident: incident.id,
      episode,
      ranAtMs: nowMs,
      runs,
      faults: ran.faults,
      dueAtMs: dueAtMs(incident, runs, { ran, nowMs, by: needs.settings }),
      context: context?.lines ?? known?.context ?? [],
      contextAtMs: context === undefined ? (known?.contextAtMs ?? 0) : nowMs,
      envoyVersion: context?.envoyVersion ?? known?.envoyVersion ?? '',
    });
  };

  const diagnose = async (id: string): Promise<void> => {
    const incident = await needs.store.incident(id);
    if (incident === undefined || incident.episode === 0) return;
    const before = await diagnoses.diagnosis(id);
    if (incident.state === 'resolved') {
      if (before !== undefined && before.dueAtMs > 0)
        await diagnoses.saveDiagnosis({ ...before, dueAtMs: 0 });
      return;
    }
    if (!hasChecks(incident.pattern) || !isAsked(incident, before, clock.nowMs())) return;
    const known = before?.episode === incident.episode ? before : undefined;
    const isRead = known !== undefined && known.contextAtMs > 0;
    const [ran, context] = await Promise.all([
      run(incident, before, { ask, clock }),
      // What the log refused to tell is asked for again with the next run.
      isRead ? undefined : readContext?.(incident),
    ]);
    const { episode } = incident;
    const after = (await store(needs, id, { episode, ran, context })) ?? incident;
    await remember(after, known, { episode, ran, context });
    const isNew = context !== undefined || !sameVerdicts(incident, ran.checks, after.conclusion ?? '');
    if (after.state !== incident.state || isNew) await needs.nudges.publish([id]);
  };

  return async (body) => {
    const push = readPush(body);
    const id = push.kind === 'push' ? (push.attributes['incident'] ?? '') : '';
    if (id === '') {
      needs.log.write('ERROR', 'a request for a diagnosis that names no incident; dropped');
      return { status: 204 };
    }
    try {
      await diagnose(id);
      return { status: 204 };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      needs.log.write('ERROR', 'incident not diagnosed; Pub/Sub delivers again', {
        incident: id,
        error: why,
      });
      return { status: 503, body: 'not diagnosed' };
    }
  };
}
