// Listens for silence, behind every sweep: agents that stopped writing (as Cloud Monitoring counts their entries), and the
// pipeline itself. What it finds takes the road of every entry. Part of `watch`; a failure here stops nothing else.
import { ask, type Asking, type Got } from '#shared/diagnose/check.ts';
import { entryOf, observationId } from '#shared/diagnose/observe.ts';
import {
  ACTIVITY_PERMISSION,
  listAgentActivity,
  pipelineSilence,
  pipelineVm,
  readActivity,
  silenceOf,
  watchPipeline,
  type Activity,
} from '#shared/diagnose/silence.ts';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import type { FleetVm } from '#shared/model/fleet.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { tally, type TallyItem } from '#shared/tally/tally.ts';
import type { FleetList } from './fleet-list.ts';
import type { SweepNeeds } from './sweep.ts';

/** Agents are listened to this often: more often than their incident would end by quiet. */
const LISTEN_EVERY_MS = 10 * 60_000;

function* askActivity(project: string, nowMs: number): Asking<Got<Activity>> {
  return yield* ask(listAgentActivity(project, nowMs), ACTIVITY_PERMISSION, readActivity);
}

interface Silent {
  readonly vm: FleetVm;
  readonly attributes: Readonly<Record<string, string>>;
}

/** One look at everything that may have fallen silent. Never rejects. */
export function createSilence(needs: SweepNeeds): (fleet: FleetList) => Promise<void> {
  const classifier = createClassifier(CATALOGUE);
  const { clock, google, log } = needs;
  let listenAtMs = 0;
  let said = '';

  const agents = async (fleet: FleetList): Promise<readonly Silent[]> => {
    const nowMs = clock.nowMs();
    if (nowMs < listenAtMs) return [];
    listenAtMs = nowMs + LISTEN_EVERY_MS;
    const silent: Silent[] = [];
    for (const project of needs.settings.projects) {
      const asking = askActivity(project, nowMs);
      let step = asking.next();
      while (step.done !== true) step = asking.next(await google.ask(step.value));
      const got = step.value;
      if (got.kind !== 'read') {
        // Said once, not every ten minutes.
        if (said !== got.why.en)
          log.write('WARNING', `silence of agents can't be heard: ${got.why.en}`, { project });
        said = got.why.en;
        continue;
      }
      for (const vm of fleet.vms.filter((one) => one.isRunning && one.project === project)) {
        const attributes = silenceOf(got.value.get(vm.number), nowMs);
        if (attributes !== undefined) silent.push({ vm, attributes });
      }
    }
    return silent;
  };

  const pipeline = async (): Promise<readonly Silent[]> => {
    const nowMs = clock.nowMs();
    const before = await needs.fleet.pipeline();
    const state = watchPipeline(before, await needs.fleet.lastArrivalMs(), nowMs);
    if (state !== before) await needs.fleet.savePipeline(state);
    const attributes = pipelineSilence(state, nowMs);
    const [project] = needs.settings.projects;
    return attributes === undefined || project === undefined ? [] : [{ vm: pipelineVm(project), attributes }];
  };

  const report = async (silent: readonly Silent[]): Promise<void> => {
    const nowMs = clock.nowMs();
    const items = silent.flatMap(({ vm, attributes }): TallyItem[] => {
      const intake = intakeEntry(entryOf(vm, attributes, nowMs), { publishTimeMs: nowMs });
      if (intake.kind !== 'record') return [];
      const id = observationId(vm, 'silence', nowMs);
      const record = { ...intake.record, idHigh: id.high, idLow: id.low };
      const verdict = classifier.classify(record);
      return verdict.kind === 'finding' ? [{ kind: 'record', record, verdict }] : [];
    });
    const sightings = tally(items, nowMs);
    if (sightings.length === 0) return;
    await needs.store.saveBatch({ sightings, parked: [], atMs: nowMs });
    await needs.nudges.publish(sightings.map(({ target }) => target));
  };

  return async (fleet) => {
    for (const listen of [() => agents(fleet), pipeline])
      try {
        await report(await listen());
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        log.write('ERROR', 'listening for silence failed; the next tick carries on', { error: why });
      }
  };
}
