// One look at a VM's guest attributes → what is now known of it, and the entry that is judged like any log entry.
// The agent's clock is never trusted alone: a heartbeat is placed between the two looks that it changed in.
import type { FleetVm, ProxyState } from '#shared/model/fleet.ts';
import { hash64, type Hash64 } from '#shared/model/hash.ts';
import { parseMoment } from '#shared/model/moment.ts';
import type { Attributes } from './guest-attributes.ts';

/** A failure that the agent reports counts once it has stayed for this long: the guide says to wait a few minutes. */
export const FAILURE_STAYS_MS = 5 * 60_000;

/** A heartbeat older than this is kept, so that another instance knows how long it has stood. */
const OLD_BEAT_MS = 3 * 60_000;

/** A look that is older than this says nothing of when a heartbeat changed. */
const LOOK_GOOD_FOR_MS = 12 * 60_000;

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
  if (look.kind === 'unread') return { ...known, ...base, incidents: known.incidents, unreadable: look.why };
  if (look.kind === 'absent' && !vm.hasGuestAttributes)
    return { ...known, ...base, unreadable: 'guest attributes are off, or nothing was written to them' };
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
    bootstrapStatus: get('bootstrap-status') || '[none]',
    proxyVersion: get('proxy-version'),
    lastFailure,
    failureSinceMs: lastFailure === '' ? 0 : sinceMs,
    unreadable: '',
  };
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
  if (!vm.isRunning || state.unreadable !== '') return { state, entry: undefined };
  const attributes = attributesToJudge(state, at);
  return {
    state,
    entry: { value: entryOf(vm, attributes, at.nowMs), id: observationId(vm, 'guest-attributes', at.nowMs) },
  };
}

/** Whether a state is worth a write: heartbeats that go on are not, one that grows old is. */
export function hasChanged(before: ProxyState | undefined, after: ProxyState): boolean {
  if (before === undefined) return true;
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
