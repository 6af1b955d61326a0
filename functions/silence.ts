// Listens for silence, behind every sweep: agents that stopped writing (as Cloud Monitoring counts their entries), and the
// pipeline itself. What it hears of a VM takes the road of every entry; what is true of a project it hands back.
import { isObject } from '#shared/diagnose/json.ts';
import { entryOf, observationId } from '#shared/diagnose/observe.ts';
import {
  ACTIVITY_PERMISSION,
  listAgentActivity,
  pipelineSilence,
  readActivity,
  silenceOf,
  watchPipeline,
} from '#shared/diagnose/silence.ts';
import type { Classifier } from '#shared/classify/classify.ts';
import type { FleetVm } from '#shared/model/fleet.ts';
import { PIPELINE_SILENT_AFTER_MS } from '#shared/patterns/pipeline-silent.ts';
import { whyUnread, type FleetList } from './fleet-list.ts';
import { findingOf, reportFindings, type ObservedFinding } from './observed.ts';
import { unreadableProject, type Standing } from './standing.ts';
import type { SweepNeeds } from './sweep.ts';

/** Agents are listened to this often: more often than their incident would end by quiet. */
const LISTEN_EVERY_MS = 10 * 60_000;

interface Silent {
  readonly vm: FleetVm;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Heard {
  readonly standing: readonly Standing[];
  /** False where some of it could not be looked at: then nothing is proven gone. */
  readonly isComplete: boolean;
}

function findingsOf(
  silent: readonly Silent[],
  classifier: Classifier,
  nowMs: number,
): readonly ObservedFinding[] {
  return silent
    .map(({ vm, attributes }) => {
      const place = vm.groupPlace.startsWith('regions/') ? { 'group-place': vm.groupPlace } : {};
      const value = entryOf(vm, { ...attributes, ...place }, nowMs);
      return findingOf({ value, id: observationId(vm, 'silence', nowMs) }, classifier, nowMs);
    })
    .filter((finding) => finding !== undefined);
}

/** One look at everything that may have fallen silent. Never rejects. */
export function createSilence(
  needs: SweepNeeds,
  classifier: Classifier,
): (fleet: FleetList) => Promise<Heard> {
  const { clock, google, log } = needs;
  let listenAtMs = 0;
  /** Projects whose agents can't be listened to, and why: known until the next time. */
  let unheard: readonly Standing[] = [];

  const agents = async (fleet: FleetList): Promise<void> => {
    const nowMs = clock.nowMs();
    if (nowMs < listenAtMs) return;
    listenAtMs = nowMs + LISTEN_EVERY_MS;
    const silent: Silent[] = [];
    const failed: Standing[] = [];
    for (const project of needs.settings.projects) {
      const answer = await google.ask(listAgentActivity(project, nowMs));
      const activity =
        answer.kind === 'body' && isObject(answer.body) ? readActivity(answer.body) : undefined;
      if (activity === undefined) {
        failed.push(unreadableProject(project, whyUnread(answer, ACTIVITY_PERMISSION)));
        continue;
      }
      // Where Google could not reach everything, what is missing is not silence.
      if (answer.kind === 'body' && answer.partial.length > 0) continue;
      for (const vm of fleet.vms.filter((one) => one.isRunning && one.project === project)) {
        const attributes = silenceOf(activity.get(vm.number), nowMs);
        if (attributes !== undefined) silent.push({ vm, attributes });
      }
    }
    unheard = failed;
    await reportFindings(needs, findingsOf(silent, classifier, nowMs));
  };

  const pipeline = async (): Promise<readonly Standing[]> => {
    const nowMs = clock.nowMs();
    const before = await needs.fleet.pipeline();
    const heardMs = await needs.fleet.lastArrivalMs();
    // Entries that are all findings leave no trace in a ledger: asked only where the ledgers alone would be silent.
    const isQuiet = nowMs - heardMs > PIPELINE_SILENT_AFTER_MS;
    const foundMs = isQuiet ? await needs.fleet.lastFindingMs() : 0;
    // A clock may run ahead by up to a day: believed, it would make the longest gap of all, and no silence were one after it.
    const arrivedMs = Math.max(heardMs, Math.min(foundMs, nowMs));
    const state = watchPipeline(before, arrivedMs, nowMs);
    if (state !== before) await needs.fleet.savePipeline(state);
    const attributes = pipelineSilence(state, nowMs);
    const { projects, home } = needs.settings;
    return attributes === undefined ? [] : [{ project: home ?? projects[0] ?? '', attributes }];
  };

  return async (fleet) => {
    let isComplete = true;
    const attempt = async <Result>(listen: () => Promise<Result>, otherwise: Result): Promise<Result> => {
      try {
        return await listen();
      } catch (error) {
        isComplete = false;
        const why = error instanceof Error ? error.message : String(error);
        log.write('ERROR', 'listening for silence failed; the next tick carries on', { error: why });
        return otherwise;
      }
    };
    await attempt(() => agents(fleet), undefined);
    const silent = await attempt(pipeline, []);
    return { standing: [...unheard, ...silent], isComplete };
  };
}
