// One look at a VM's guest attributes → what is now known of it, and the entry that is judged like any log entry.
// The agent's clock is never trusted alone: a heartbeat is placed between the two looks that it changed in.
import { patternOfId } from '#shared/incident/key.ts';
import type { FleetVm, ProxyState } from '#shared/model/fleet.ts';
import { attentionOf } from '#shared/model/fleet-order.ts';
import { hash64, type Hash64 } from '#shared/model/hash.ts';
import { parseMoment } from '#shared/model/moment.ts';
import type { Attributes } from './guest-attributes.ts';

/** A failure that the agent reports counts once it has stayed for this long: the guide says to wait a few minutes. */
export const FAILURE_STAYS_MS = 5 * 60_000;

/** A heartbeat older than this is kept, so that another instance knows how long it has stood. */
const OLD_BEAT_MS = 3 * 60_000;

/** A look that is older than this says nothing of when a heartbeat changed. */
const LOOK_GOOD_FOR_MS = 12 * 60_000;

/** What can't be read counts once it has stayed unreadable for this long: Google's API stumbles, and VMs are being made. */
export const UNREADABLE_STAYS_MS = 5 * 60_000;

/** Guest attributes count as off once the VM has been up for this long: before that nobody may have written to them. */
export const OFF_AFTER_MS = 15 * 60_000;

/** A VM that can't be read is counted once in this time, and not with every look. */
export const UNREADABLE_EVERY_MS = 10 * 60_000;

/** The pattern of what can't be read. */
const UNREADABLE_PATTERN = 'fleet-unreadable';

const OFF = 'guest attributes are off, or nothing was written to them';

const MINUTE_MS = 60_000;
const VALUE_CHARS_MAX = 1_000;
const NO_VALUE = /^(?:\[?none\]?|null|-|n\/a)?$/i;

/** What reading the attributes of one VM came to. */
export type Look =
  | { readonly kind: 'attributes'; readonly attributes: Attributes }
  /** 404: nothing was ever written, or guest attributes are off. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'unread'; readonly why: string };

export interface Observed {
  readonly state: ProxyState;
  /** LogEntry-like value and the id under which it counts once; undefined where there is nothing to judge. */
  readonly entry: { readonly value: object; readonly id: Hash64 } | undefined;
}

const NOTHING_KNOWN = {
  heartbeat: '',
  beatAtMs: 0,
  bootstrapStatus: '',
  proxyVersion: '',
  lastFailure: '',
  failureSinceMs: 0,
  unreadable: '',
  unreadableSinceMs: 0,
  incidents: [],
} as const;

/**
 * When the agent beat, by our clock. A value that is new since the last look was written between then and now, whatever
 * its own clock says; one that is seen for the first time counts from now on, for nobody knows how wrong that clock is.
 */
function placeBeat(before: ProxyState | undefined, heartbeat: string, nowMs: number): number {
  const claimedMs = parseMoment(heartbeat);
  if (claimedMs === undefined) return 0;
  if (before !== undefined && before.heartbeat === heartbeat) return before.beatAtMs;
  const lastLookMs = before === undefined || before.heartbeat === '' ? 0 : before.lookedAtMs;
  return nowMs - lastLookMs > LOOK_GOOD_FOR_MS ? nowMs : Math.min(Math.max(claimedMs, lastLookMs), nowMs);
}

function stateOf(before: ProxyState | undefined, vm: FleetVm, at: { look: Look; nowMs: number }): ProxyState {
  const { look, nowMs } = at;
  const known = before ?? { ...NOTHING_KNOWN, vm, seenAtMs: nowMs, lookedAtMs: nowMs };
  const base = { vm, incidents: [], seenAtMs: nowMs, lookedAtMs: nowMs };
  if (look.kind === 'unread') return unreadableState(known, base, look.why);
  if (look.kind === 'absent' && vm.isManaged && !vm.hasGuestAttributes)
    return unreadableState(known, base, OFF);
  const missing = vm.isManaged ? '[none]' : '';
  const get = (name: string): string =>
    (look.kind === 'attributes' ? (look.attributes.get(name) ?? '') : '').trim().slice(0, VALUE_CHARS_MAX);
  const heartbeat = get('agent-heartbeat');
  const failure = get('agent-last-failure');
  const lastFailure = NO_VALUE.test(failure) ? '' : failure;
  const sinceMs = before?.lastFailure === lastFailure ? before.failureSinceMs : nowMs;
  return {
    ...base,
    heartbeat,
    beatAtMs: placeBeat(before, heartbeat, nowMs),
    bootstrapStatus: get('bootstrap-status') || missing,
    proxyVersion: get('proxy-version'),
    lastFailure,
    failureSinceMs: lastFailure === '' ? 0 : sinceMs,
    unreadable: '',
    unreadableSinceMs: 0,
  };
}

/** What can't be seen neither accuses nor acquits: everything stays as it was known, another reason for it aside. */
function unreadableState(
  known: ProxyState,
  base: Pick<ProxyState, 'vm' | 'seenAtMs' | 'lookedAtMs'>,
  why: string,
): ProxyState {
  const isSame = known.unreadable === why;
  const others = known.incidents.filter((id) => patternOfId(id) !== UNREADABLE_PATTERN);
  const { isOldForm: _, ...rest } = known;
  return {
    ...rest,
    vm: base.vm,
    seenAtMs: base.seenAtMs,
    lookedAtMs: base.lookedAtMs,
    incidents: isSame ? known.incidents : others,
    unreadable: why,
    unreadableSinceMs: isSame ? known.unreadableSinceMs : base.seenAtMs,
  };
}

/** Whether it is time to count a VM that can't be read: once it has stayed so, then now and then. */
function isUnreadableDue(before: ProxyState | undefined, state: ProxyState, nowMs: number): boolean {
  const { vm, unreadable, unreadableSinceMs, incidents } = state;
  if (nowMs - unreadableSinceMs < UNREADABLE_STAYS_MS) return false;
  if (unreadable === OFF && nowMs - vm.startedAtMs < OFF_AFTER_MS) return false;
  const isTold = incidents.some((id) => patternOfId(id) === UNREADABLE_PATTERN);
  const slot = (atMs: number): number => Math.floor(atMs / UNREADABLE_EVERY_MS);
  return !isTold || before === undefined || slot(before.lookedAtMs) !== slot(nowMs);
}

/** The attributes as the patterns expect them: only what counts by now. */
function attributesToJudge(state: ProxyState, more: { look: Look; nowMs: number }) {
  const { vm } = state;
  const failure =
    more.look.kind === 'attributes' ? more.look.attributes.get('bootstrap-last-failure') : undefined;
  const stays = state.failureSinceMs > 0 && more.nowMs - state.failureSinceMs >= FAILURE_STAYS_MS;
  const beat = state.beatAtMs > 0 ? new Date(state.beatAtMs).toISOString() : '';
  const all = {
    'bootstrap-status': state.bootstrapStatus,
    'bootstrap-last-failure': (failure ?? '').slice(0, VALUE_CHARS_MAX),
    'proxy-version': state.proxyVersion,
    'agent-heartbeat': beat,
    'agent-last-failure': stays ? state.lastFailure : '',
    'vm-age-seconds':
      vm.startedAtMs > 0 ? String(Math.max(0, Math.floor((more.nowMs - vm.startedAtMs) / 1_000))) : '',
    'group-place': vm.groupPlace.startsWith('regions/') ? vm.groupPlace : '',
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** The LogEntry that a VM would have written if it could: its proxy, its group, its attributes. */
export function entryOf(vm: FleetVm, attributes: Readonly<Record<string, string>>, atMs: number): object {
  const words = Object.entries(attributes).map(([name, value]) => `${name}=${value}`);
  const createdBy = `projects/${vm.project}/${vm.groupPlace}/instanceGroupManagers/${vm.group}`;
  return {
    insertId: `${vm.number}-${Math.floor(atMs / MINUTE_MS)}`,
    logName: `projects/${vm.project}/logs/guest-attributes`,
    timestamp: new Date(atMs).toISOString(),
    severity: 'INFO',
    resource: {
      type: 'gce_instance',
      labels: { project_id: vm.project, zone: vm.zone, instance_id: vm.number },
    },
    labels: {
      'compute.googleapis.com/resource_name': vm.name,
      ...(vm.group === '' ? {} : { 'created-by': createdBy }),
    },
    jsonPayload: { message: `guest attributes: ${words.join(', ')}`, attributes },
  };
}

/** The LogEntry of what is true of a whole project: no VM stands for it. */
export function projectEntryOf(
  project: string,
  attributes: Readonly<Record<string, string>>,
  atMs: number,
): { readonly value: object; readonly id: Hash64 } {
  const words = Object.entries(attributes).map(([name, value]) => `${name}=${value}`);
  const minute = Math.floor(atMs / MINUTE_MS);
  const what = Object.keys(attributes).join();
  return {
    value: {
      insertId: `${what}-${minute}`,
      logName: `projects/${project}/logs/guest-attributes`,
      timestamp: new Date(atMs).toISOString(),
      severity: 'INFO',
      resource: { type: 'global', labels: { project_id: project } },
      jsonPayload: { message: `the project as a whole: ${words.join(', ')}`, attributes },
    },
    id: hash64(`project\n${project}\n${what}\n${minute}`),
  };
}

/** An observation is one VM in one minute: looking twice within it counts once. */
export function observationId(vm: FleetVm, what: string, atMs: number): Hash64 {
  return hash64(`${what}\n${vm.id}\n${Math.floor(atMs / MINUTE_MS)}`);
}

/** What is known after this look; `state.incidents` is still to be filled by who judges the entry. */
export function observe(
  before: ProxyState | undefined,
  vm: FleetVm,
  at: { readonly look: Look; readonly nowMs: number },
): Observed {
  const state = stateOf(before, vm, at);
  if (!vm.isRunning) return { state, entry: undefined };
  if (state.unreadable !== '') {
    if (!isUnreadableDue(before, state, at.nowMs)) return { state, entry: undefined };
    const value = entryOf(vm, { [UNREADABLE_PATTERN]: state.unreadable }, at.nowMs);
    return { state, entry: { value, id: observationId(vm, UNREADABLE_PATTERN, at.nowMs) } };
  }
  const attributes = attributesToJudge(state, at);
  return {
    state,
    entry: { value: entryOf(vm, attributes, at.nowMs), id: observationId(vm, 'guest-attributes', at.nowMs) },
  };
}

/**
 * Whether a state is worth a write: heartbeats that go on are not, one that grows old is, and so is whatever moves a VM in
 * the order of the fleet: an agent that falls silent or speaks again, though it changes no incident.
 */
export function hasChanged(before: ProxyState | undefined, after: ProxyState): boolean {
  if (before === undefined || before.isOldForm === true) return true;
  if (attentionOf(before) !== attentionOf(after)) return true;
  const isOld = ({ lookedAtMs, beatAtMs }: ProxyState): boolean =>
    beatAtMs > 0 && lookedAtMs - beatAtMs > OLD_BEAT_MS;
  if (isOld(after) && (!isOld(before) || before.heartbeat !== after.heartbeat)) return true;
  const worth = ({
    vm,
    bootstrapStatus,
    proxyVersion,
    lastFailure,
    unreadable,
    incidents,
  }: ProxyState): string =>
    JSON.stringify([vm, bootstrapStatus, proxyVersion, lastFailure, unreadable, incidents]);
  return worth(before) !== worth(after);
}
