// Looks at the guest attributes of the whole fleet, a part of it each tick, within a budget of reads a minute and region.
// What it sees takes the road of every entry: record → finding → sighting; a VM that is well again is a proof.
// What is cut off is carried on by the next tick, behind the VM that was read last.
import { readAttributes } from '#shared/diagnose/guest-attributes.ts';
import { hasChanged, observe, type Look, type Observed } from '#shared/diagnose/observe.ts';
import { isObject } from '#shared/diagnose/json.ts';
import { getGuestAttributes } from '#shared/diagnose/requests.ts';
import { createClassifier, type Classifier } from '#shared/classify/classify.ts';
import { onProof } from '#shared/incident/lifecycle.ts';
import type { FleetVm, ProxyState, SweepState } from '#shared/model/fleet.ts';
import type { GoogleAnswer } from '#shared/model/google-api.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { createFleetList, type FleetList } from './fleet-list.ts';
import { findingOf, saveFindings, type ObservedFinding } from './observed.ts';
import { createSilence } from './silence.ts';
import { createStanding, unreadableProject } from './standing.ts';
import { createSlowWarning } from './slow-warning.ts';
import { byQuota, rotate, SweepMemory } from './sweep-memory.ts';
import type { Clock, FleetStore, GoogleApi, Log, Nudges, Store } from './ports.ts';

/** VMs that are read, judged and written together; the cursor moves by that many. */
export const CHUNK_VMS = 100;

/** VMs in an incident that one tick compares with the list of the fleet. */
const AILING_MAX = 2_000;

export interface SweepNeeds {
  readonly store: Pick<Store, 'saveBatch' | 'advanceIncident'>;
  readonly fleet: FleetStore;
  readonly google: GoogleApi;
  readonly nudges: Nudges;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: SweepSettings;
}

export interface SweepSettings {
  readonly projects: readonly string[];
  /** Reads a minute of one project in one region. Google's default quota there is 1,500. */
  readonly readsPerMinute: number;
  /** A tick reads for this long at most. */
  readonly tickMs: number;
  /** The list of the fleet is read anew after this long. */
  readonly listKeptMs: number;
  /** Project that mesh-triage itself runs in; the first of the fleet's if absent. */
  readonly home?: string;
}

/** What one tick did. */
export interface Swept {
  readonly vms: number;
  readonly read: number;
  /** Incidents whose VMs are all well again. */
  readonly proven: number;
}

function lookOf(answer: GoogleAnswer): Look | 'busy' {
  switch (answer.kind) {
    case 'body': {
      const attributes = isObject(answer.body) ? readAttributes(answer.body) : undefined;
      return attributes === undefined
        ? { kind: 'unread', why: 'the answer has an unknown form' }
        : { kind: 'attributes', attributes };
    }
    case 'absent':
      return { kind: 'absent' };
    case 'busy':
      return 'busy';
    case 'refused':
      return { kind: 'unread', why: 'needs compute.instances.getGuestAttributes' };
    case 'timeout':
    case 'malformed':
    case 'failed':
      return { kind: 'unread', why: `Google’s API fails (${answer.kind})` };
  }
}

/** The state with the incident that its entry belongs to, and what is tallied for it. */
function judge(
  observed: Observed,
  classifier: Classifier,
  nowMs: number,
): { state: ProxyState; findings: readonly ObservedFinding[] } {
  const { state, entry } = observed;
  if (entry === undefined) return { state, findings: [] };
  const finding = findingOf(entry, classifier, nowMs);
  if (finding === undefined) return { state, findings: [] };
  const incidents = [...new Set([...state.incidents, finding.verdict.incidentId])];
  return { state: { ...state, incidents }, findings: [finding] };
}

interface Sweeping {
  readonly needs: SweepNeeds;
  readonly memory: SweepMemory;
  readonly classifier: Classifier;
  readonly endMs: number;
  /** Incidents that some VM left, in this tick or in one that failed before it came to the proof. */
  readonly left: Set<string>;
  /** What the last tick knew of what can't be read, and what stood of whole projects. */
  readonly known: Pick<SweepState, 'unreadable' | 'standing'>;
}

async function statesBefore({ needs, memory }: Sweeping, vms: readonly FleetVm[]): Promise<void> {
  const unknown = vms.map(({ id }) => id).filter((id) => !memory.states.has(id));
  if (unknown.length > 0) memory.know(await needs.fleet.proxies(unknown));
}

/** Writes what a chunk came to: sightings first, so that no VM counts as ailing without one; then the states. */
async function write(sweeping: Sweeping, seen: readonly ReturnType<typeof judge>[]): Promise<void> {
  const { needs, memory } = sweeping;
  const targets = await saveFindings(
    needs,
    seen.flatMap(({ findings }) => findings),
  );
  const changed = seen
    .map(({ state }) => state)
    .filter((state) => hasChanged(memory.states.get(state.vm.id), state));
  if (changed.length > 0) await needs.fleet.saveProxies(changed);
  for (const { state } of seen)
    for (const id of memory.states.get(state.vm.id)?.incidents ?? [])
      if (!state.incidents.includes(id)) sweeping.left.add(id);
  memory.know(seen.map(({ state }) => state));
  if (targets.length > 0) await needs.nudges.publish(targets);
}

/** Reads one chunk; returns how many of its VMs were read before Google asked to wait. */
async function readChunk(sweeping: Sweeping, vms: readonly FleetVm[]): Promise<number> {
  const { needs, memory, classifier } = sweeping;
  await statesBefore(sweeping, vms);
  const looks = await Promise.all(
    vms.map(async (vm) => {
      const { project, zone: location, number, name, group, id } = vm;
      const proxy = { id, project, location, name: number, displayName: name, group };
      return { vm, look: lookOf(await needs.google.ask(getGuestAttributes(proxy))) };
    }),
  );
  const busy = looks.findIndex(({ look }) => look === 'busy');
  const read = busy < 0 ? looks.length : busy;
  const nowMs = needs.clock.nowMs();
  const seen = looks.slice(0, read).flatMap(({ vm, look }) => {
    if (look === 'busy') return [];
    return [judge(observe(memory.states.get(vm.id), vm, { look, nowMs }), classifier, nowMs)];
  });
  await write(sweeping, seen);
  return read;
}

/** Where to carry on is written behind every chunk: a process that dies loses no more than that. */
async function saveCursors({ needs, memory, known }: Sweeping): Promise<void> {
  await needs.fleet.saveSweep({ ...known, cursors: memory.cursors, sweptAtMs: needs.clock.nowMs() });
}

/** Reads on in one project and region until all are read, the budget is spent, the time is up or Google is busy. */
async function sweepRegion(sweeping: Sweeping, quota: string, vms: readonly FleetVm[]): Promise<number> {
  const { needs, memory, endMs } = sweeping;
  const order = rotate(vms, memory.cursors[quota] ?? '');
  let done = 0;
  while (done < order.length && needs.clock.nowMs() < endMs) {
    const wanted = Math.min(CHUNK_VMS, order.length - done);
    const allowed = memory.take(quota, wanted, {
      nowMs: needs.clock.nowMs(),
      perMinuteMax: needs.settings.readsPerMinute,
    });
    if (allowed === 0) break;
    const read = await readChunk(sweeping, order.slice(done, done + allowed));
    done += read;
    const last = order[done - 1];
    if (last !== undefined && read > 0) {
      memory.cursors = { ...memory.cursors, [quota]: last.id };
      await saveCursors(sweeping);
    }
    if (read < allowed) break;
  }
  return done;
}

/** VMs of incidents that are gone from the fleet or stopped: nothing is wrong with them any more. */
async function forgetLost(sweeping: Sweeping, list: FleetList): Promise<void> {
  if (!list.isComplete) return;
  const running = new Set(list.vms.filter(({ isRunning }) => isRunning).map(({ id }) => id));
  const ailing = await sweeping.needs.fleet.ailing(AILING_MAX);
  const nowMs = sweeping.needs.clock.nowMs();
  const lost = ailing.filter(({ vm }) => !running.has(vm.id));
  if (lost.length === 0) return;
  const cleared = lost.map((state) => ({
    ...state,
    vm: { ...state.vm, isRunning: false },
    incidents: [],
    seenAtMs: nowMs,
    lookedAtMs: nowMs,
  }));
  await sweeping.needs.fleet.saveProxies(cleared);
  sweeping.memory.know(cleared);
  for (const { incidents } of lost) for (const id of incidents) sweeping.left.add(id);
}

/** Resolves by proof the incidents whose last VM is well again. */
async function prove({ needs, left }: Sweeping): Promise<number> {
  let proven = 0;
  for (const id of left) {
    if (await needs.fleet.isAiling(id)) {
      left.delete(id);
      continue;
    }
    const after = await needs.store.advanceIncident(id, (incident) => {
      const proof =
        CATALOGUE.find((pattern) => pattern.id === incident.pattern)?.gone.proof ?? 'it is well again';
      // What is true of a whole project has no VMs.
      const where = incident.evidence.proxyCount === 0 ? '' : ', on every VM that was affected';
      const advance = onProof(incident, `${proof}${where}`, needs.clock.nowMs());
      return advance.timeline.length === 0 ? undefined : advance;
    });
    left.delete(id);
    if (after === undefined) continue;
    proven += 1;
    await needs.nudges.publish([id]);
  }
  return proven;
}

/** What can't be read, by reason; said when it changes, not each minute. */
function sayUnreadable(
  { needs, memory, known: { unreadable: said } }: Sweeping,
  running: readonly FleetVm[],
): Record<string, number> {
  const counts: Record<string, number> = {};
  let isCovered = true;
  for (const { id } of running) {
    const state = memory.states.get(id);
    if (state === undefined) isCovered = false;
    else if (state.unreadable !== '') counts[state.unreadable] = (counts[state.unreadable] ?? 0) + 1;
  }
  // A process that has not looked at every VM yet knows no better than the one before it.
  if (!isCovered) return { ...said, ...counts };
  for (const [why, vms] of Object.entries(counts))
    if (said[why] === undefined)
      needs.log.write('WARNING', `guest attributes can't be read: ${why}`, { vms });
  return counts;
}

/** One tick of the sweep. Rejects where the store failed; what was read until then is kept. */
export function createSweep(needs: SweepNeeds): () => Promise<Swept> {
  const memory = new SweepMemory();
  const classifier = createClassifier(CATALOGUE);
  const list = createFleetList(needs);
  const listenForSilence = createSilence(needs, classifier);
  const standing = createStanding(needs, classifier);
  const warnOfSlow = createSlowWarning(needs);
  const left = new Set<string>();
  let isRunning = false;

  const sweep = async (): Promise<Swept> => {
    const before = await needs.fleet.sweep();
    memory.cursors = { ...before?.cursors, ...memory.cursors };
    const endMs = needs.clock.nowMs() + needs.settings.tickMs;
    const known = { unreadable: before?.unreadable ?? {}, standing: before?.standing ?? [] };
    const sweeping: Sweeping = { needs, memory, classifier, endMs, left, known };
    const fleet = await list();
    const running = fleet.vms.filter((vm) => vm.isRunning);
    const quotas = [...byQuota(running)];
    for (const [quota, vms] of quotas) warnOfSlow(quota, vms.length);
    const regions = await Promise.all(quotas.map(([quota, vms]) => sweepRegion(sweeping, quota, vms)));
    const read = regions.reduce((sum, count) => sum + count, 0);
    await forgetLost(sweeping, fleet);
    const heard = await listenForSilence(fleet);
    const unlisted = fleet.unread.map(({ project, why }) => unreadableProject(project, why));
    const now = await standing([...unlisted, ...heard.standing], known.standing);
    const over = heard.isComplete ? known.standing.filter((id) => !now.includes(id)) : [];
    for (const id of over) left.add(id);
    for (const id of now) left.delete(id);
    const stands = [...new Set([...known.standing.filter((id) => !over.includes(id)), ...now])];
    await saveCursors({
      ...sweeping,
      known: { unreadable: sayUnreadable(sweeping, running), standing: stands },
    });
    return { vms: running.length, read, proven: await prove(sweeping) };
  };

  return async () => {
    // A tick that comes while the last one still reads would only spend its budget.
    if (isRunning) return { vms: 0, read: 0, proven: 0 };
    isRunning = true;
    try {
      return await sweep();
    } finally {
      isRunning = false;
    }
  };
}
