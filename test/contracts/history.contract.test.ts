// The reader of the history over the real SDK and the embedded server: what each page finds, in which order, page by page.
import { randomUUID } from 'node:crypto';
import { FieldValue } from '@google-cloud/firestore';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { onAction, onExplained } from '#shared/incident/lifecycle.ts';
import {
  FLEET_ROWS_MAX,
  LIST_ROWS_MAX,
  OPEN_MAX,
  PAGE_READS_MAX,
  type FleetSort,
  type HistoryFilter,
} from '#shared/model/history.ts';
import type { Incident } from '#shared/model/incident.ts';
import type { ProxyState } from '#shared/model/fleet.ts';
import { attentionOf, beatOf, versionKeyOf } from '#shared/model/fleet-order.ts';
import { hasChanged, observe, type Look } from '#shared/diagnose/observe.ts';
import { connectLazily, type Connect } from '../../functions/adapters/firestore-calls.ts';
import { createFirestoreFleet } from '../../functions/adapters/firestore-fleet.ts';
import { createFirestoreHistory } from '../../functions/adapters/firestore-history.ts';
import { createFirestoreRollUps } from '../../functions/adapters/firestore-roll-up.ts';
import { createFirestoreStore } from '../../functions/adapters/firestore-store.ts';
import { foldTarget } from '../../functions/fold.ts';
import type { HistoryReader, Store } from '../../functions/ports.ts';
import { rollUp } from '../../functions/roll-up.ts';
import { countOperations } from '../../infra/local/firestore/operation-counts.ts';
import { startFirestore, type RunningFirestore } from '../../infra/local/firestore/server.ts';
import { aProxyState } from '../fakes/proxy-state.ts';
import { aLedgerSighting, anOpenIncident, aSighting, MINUTE_MS, T0_MS } from '../fakes/sightings.ts';

const counter = countOperations();
let server: RunningFirestore;
beforeAll(async () => {
  server = await startFirestore({ dataFile: ':memory:', port: 0, observe: counter.observe });
  process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
});
afterAll(() => server.close());

let db: Connect;
let store: Store;
let reader: HistoryReader;
beforeEach(() => {
  db = connectLazily({ project: `history-${randomUUID()}`, database: '(default)' });
  store = createFirestoreStore({ db, nowMs: () => T0_MS });
  reader = createFirestoreHistory(db);
  return () => db().terminate();
});

const NOW_MS = T0_MS + 3_600_000;
const hex = (n: number): string => n.toString(16).padStart(16, '0');

type Changes = Parameters<typeof anOpenIncident>[2];
const anIncident = (n: number, pattern = 'dns-failure', changes: Changes = {}): Incident =>
  anOpenIncident(`${pattern}-${hex(n)}`, pattern, {
    ...changes,
    seen: { lastSeenMs: T0_MS + n * 1_000, ...changes?.seen },
  });

const put = (incident: Incident): Promise<void> =>
  store.fold({ kind: 'incident', id: incident.id }, async (transaction) => {
    await transaction.incident();
    transaction.write({
      incident,
      hours: [],
      idPages: new Map(),
      removedIdPages: [],
      proxyPages: new Map(),
      removedProxyPages: [],
      minutes: new Map(),
      timeline: [],
      folded: [],
    });
  });
const putAll = (incidents: readonly Incident[]) => Promise.all(incidents.map(put));

async function readsOf<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly reads: number }> {
  const { reads } = counter.counts();
  const result = await work();
  return { result, reads: counter.counts().reads - reads };
}

/** Ids of all pages, and how many pages there were; every page within its reads. */
async function allPages(filter: HistoryFilter) {
  const ids: string[] = [];
  let pages = 0;
  let searchedOn = 0;
  for (let cursor = ''; ;) {
    const { result: page, reads } = await readsOf(() => reader.list({ filter, cursor, nowMs: NOW_MS }));
    if (page === undefined) throw new Error('the cursor is one of ours');
    expect(reads).toBeLessThanOrEqual(PAGE_READS_MAX);
    expect(page.incidents.length).toBeLessThanOrEqual(LIST_ROWS_MAX);
    ids.push(...page.incidents.map(({ id }) => id));
    pages += 1;
    searchedOn += Number(page.searchedOn);
    cursor = page.next;
    if (cursor === '') return { ids, pages, searchedOn };
    expect(cursor).toMatch(/^[\w-]+$/);
  }
}

test.for([
  [0, 1],
  [1, 1],
  [LIST_ROWS_MAX, 1],
  [LIST_ROWS_MAX + 1, 2],
  [2 * LIST_ROWS_MAX + 1, 3],
] as const)(
  'of %i incidents the list shows each once, the latest first, on %i page(s)',
  async ([count, pages]) => {
    const incidents = Array.from({ length: count }, (_, n) =>
      // Every third shares its moment with the one before: the id decides.
      anIncident(n, 'dns-failure', { seen: { lastSeenMs: T0_MS + (n - Number(n % 3 === 2)) * 1_000 } }),
    );
    await putAll(incidents);
    const expected = incidents.toSorted(
      (a, b) => b.evidence.lastSeenMs - a.evidence.lastSeenMs || (a.id < b.id ? 1 : -1),
    );
    expect(await allPages({})).toEqual({ ids: expected.map(({ id }) => id), pages, searchedOn: 0 });
  },
);

test('every part of a filter narrows the list, alone and with others', async () => {
  const proxy = {
    id: '1',
    project: 'team-b',
    location: 'z',
    name: '4242',
    displayName: 'checkout-x2x4',
    group: 'g',
  };
  await putAll([
    anIncident(1, 'dns-failure', { seen: { projects: ['team-a'], fields: { host: 'db.internal' } } }),
    anIncident(2, 'dns-failure', {
      state: 'acknowledged',
      seen: { projects: ['team-b'], proxies: [proxy], fields: { host: 'cache.internal' } },
    }),
    anIncident(3, 'config-not-found', {
      state: 'resolved',
      resolvedAtMs: T0_MS,
      scope: { network: 'prod-vpc', project: '42' },
      seen: { projects: ['team-b'] },
    }),
    anIncident(4, 'config-not-found', {
      state: 'muted',
      mutedUntilMs: NOW_MS,
      seen: { projects: ['team-a', 'team-b'] },
    }),
  ]);
  const found = async (filter: HistoryFilter) => (await allPages(filter)).ids.map((id) => Number(id.at(-1)));
  expect(await found({ state: 'acknowledged' })).toEqual([2]);
  expect(await found({ state: 'unresolved' })).toEqual([4, 2, 1]);
  expect(await found({ pattern: 'dns-failure' })).toEqual([2, 1]);
  expect(await found({ pattern: 'config-not-found', state: 'unresolved' })).toEqual([4]);
  expect(await found({ pattern: 'dns-failure', state: 'open' })).toEqual([1]);
  expect(await found({ project: 'team-b' })).toEqual([4, 3, 2]);
  expect(await found({ project: '42' })).toEqual([3]);
  expect(await found({ project: 'team-b', state: 'unresolved' })).toEqual([4, 2]);
  expect(await found({ project: 'team-b', pattern: 'config-not-found' })).toEqual([4, 3]);
  expect(await found({ network: 'prod-vpc' })).toEqual([3]);
  expect(await found({ proxy: 'checkout-x2x4' })).toEqual([2]);
  expect(await found({ proxy: '4242', project: 'team-a' })).toEqual([]);
  expect(await found({ text: 'internal' })).toEqual([2, 1]);
  expect(await found({ text: 'DB.internal dns-failure' })).toEqual([1]);
  expect(await found({ text: 'internal nowhere' })).toEqual([]);
  expect(await found({ fromMs: T0_MS + 2_000, toMs: T0_MS + 4_000 })).toEqual([3, 2]);
  expect(await found({ project: 'team-b', fromMs: T0_MS + 3_000 })).toEqual([4, 3]);
  expect(await found({ state: 'open', pattern: 'config-not-found' })).toEqual([]);
});

test('a search for what few incidents have stops at its bound and carries on where it stopped', async () => {
  await putAll(
    Array.from({ length: 150 }, (_, n) =>
      anIncident(n, 'dns-failure', { seen: { fields: { host: n % 50 === 0 ? 'needle common' : 'common' } } }),
    ),
  );
  const { ids, pages, searchedOn } = await allPages({ text: 'needle', project: 'demo-project' });
  expect([ids.length, pages, searchedOn]).toEqual([3, 1, 0]);
  // Every one of them has the word, and none the pattern beside it.
  const rare = await allPages({ text: 'common', pattern: 'config-not-found' });
  expect(rare).toEqual({ ids: [], pages: 3, searchedOn: 2 });
});

const encoded = (json: string): string => Buffer.from(json).toString('base64url');
test.for([
  ['no base64', '%%%'],
  ['no JSON', 'x'],
  ['another form', encoded('{}')],
  ['too long', 'a'.repeat(10_000)],
  ['no id', encoded('["incidents",1,"a/b"]')],
  ['no time', encoded('["incidents",1e99,"a"]')],
  ['another type', encoded('["incidents","1","a"]')],
] as const)('a cursor that is not ours is refused: %s', async ([, cursor]) => {
  expect(await reader.list({ filter: {}, cursor, nowMs: NOW_MS })).toBeUndefined();
  expect(await reader.fleet({ sort: 'name', cursor, nowMs: NOW_MS })).toBeUndefined();
});

test('a cursor of one list is none of another', async () => {
  await putAll(Array.from({ length: LIST_ROWS_MAX + 1 }, (_, n) => anIncident(n)));
  const page = await reader.list({ filter: {}, cursor: '', nowMs: NOW_MS });
  const cursor = page?.next ?? '';
  expect(cursor).not.toBe('');
  for (const sort of ['heartbeat', 'name', 'version'] as const)
    expect(await reader.fleet({ sort, cursor, nowMs: NOW_MS })).toBeUndefined();
});

test('the overview holds the open ones by severity, the lanes of its range and its days', async () => {
  await putAll([
    anIncident(1, 'dns-failure', { seen: { severity: 'warning' } }),
    anIncident(2, 'dns-failure', { seen: { severity: 'critical' } }),
    anIncident(3, 'dns-failure', { state: 'muted', mutedUntilMs: NOW_MS, seen: { severity: 'critical' } }),
    anIncident(4, 'dns-failure', { state: 'acknowledged', seen: { severity: 'info' } }),
    anIncident(5, 'dns-failure', {
      state: 'resolved',
      resolvedAtMs: T0_MS,
      openedAtMs: T0_MS - 1,
      seen: { severity: 'critical' },
    }),
    anIncident(6, 'dns-failure', {
      state: 'resolved',
      openedAtMs: NOW_MS - 3 * 86_400_000,
      resolvedAtMs: NOW_MS - 2 * 86_400_000,
    }),
  ]);
  await store.saveBatch({ sightings: [aSighting([1, 2]), aLedgerSighting([3])], parked: [], atMs: T0_MS });
  const at = { nowMs: NOW_MS, quietAfterMs: () => 86_400_000 };
  await foldTarget(store, { kind: 'incident', id: aSighting([]).target }, at);
  await foldTarget(store, { kind: 'ledger', id: 'ledger-demo-project' }, at);
  await rollUp({ rollUps: createFirestoreRollUps(db), clock: { nowMs: () => NOW_MS } });
  const numbers = (all: readonly { readonly id?: string; readonly incident?: string }[]) =>
    all.map(({ id, incident }) => (id ?? incident ?? '').at(-1));
  const day = await reader.overview({ range: '24h', nowMs: NOW_MS });
  // The critical ones by their last entry, then warning, then info.
  expect(numbers(day.open)).toEqual(['3', '2', 'f', '1', '4']);
  expect(new Set(numbers(day.episodes))).toEqual(new Set(['1', '2', '3', '4', '5', 'f']));
  expect([day.openCut, day.episodesCut]).toEqual([false, false]);
  expect(day.days).toHaveLength(1);
  expect(day.days[0]?.slots).toEqual({
    'config-not-found': new Map([[60, 2]]),
    'held-back': new Map([[60, 1]]),
  });
  const week = await reader.overview({ range: '7d', nowMs: NOW_MS });
  expect(numbers(week.episodes)).toContain('6');
  expect(week.episodes.map(({ openedAtMs }) => openedAtMs)).toEqual(
    week.episodes.map(({ openedAtMs }) => openedAtMs).toSorted((a, b) => b - a),
  );
});

test.for([
  [OPEN_MAX - 1, false],
  [OPEN_MAX, false],
  [OPEN_MAX + 1, true],
] as const)('of %i open incidents the overview says whether there are more: %s', async ([count, isCut]) => {
  await putAll(
    Array.from({ length: count }, (_, n) => anIncident(n, 'dns-failure', { seen: { severity: 'info' } })),
  );
  const { result, reads } = await readsOf(() => reader.overview({ range: '30d', nowMs: NOW_MS }));
  expect(result.open).toHaveLength(Math.min(count, OPEN_MAX));
  expect([result.openCut, result.episodesCut]).toEqual([isCut, isCut]);
  expect(reads).toBeLessThanOrEqual(PAGE_READS_MAX);
});

test('an incident comes with its story, its hours, its proxies, its episodes, and what it is tied to', async () => {
  const id = aSighting([]).target;
  const cause = anIncident(1, 'api-disabled');
  await putAll([
    cause,
    anIncident(2, 'dns-failure', { explainedBy: id }),
    anIncident(3, 'dns-failure', { explainedBy: id }),
  ]);
  const at = { nowMs: NOW_MS, quietAfterMs: () => 86_400_000 };
  for (const [entry, minutesAgo] of [
    [1, 0],
    [2, 61],
    [3, 60 * 30],
  ] as const) {
    const minute = T0_MS / MINUTE_MS - minutesAgo;
    await store.saveBatch({ sightings: [aSighting([entry], { minute })], parked: [], atMs: T0_MS });
    await foldTarget(store, { kind: 'incident', id }, at);
  }
  await store.advanceIncident(id, (now) => onExplained(now, cause.id, NOW_MS));
  await store.advanceIncident(id, (now) =>
    onAction(now, { kind: 'acknowledge' }, { who: 'U1', nowMs: NOW_MS }),
  );
  const fleet = createFirestoreFleet(db);
  await fleet.saveProxies([aProxyState('9e3779b97f4a7c15')]);
  const line = { atMs: T0_MS, level: 'warning', logName: 'l', message: 'm' };
  await fleet.saveDiagnosis({
    incident: id,
    episode: 1,
    ranAtMs: T0_MS,
    runs: 1,
    faults: {},
    dueAtMs: 0,
    context: [line],
    contextAtMs: 0,
    envoyVersion: '',
  });
  const { result: data, reads } = await readsOf(() => reader.incident(id, NOW_MS));
  expect(reads).toBeLessThanOrEqual(PAGE_READS_MAX);
  expect(data?.incident).toEqual(await store.incident(id));
  expect(data?.timeline.map(({ n, kind }) => [n, kind])).toEqual([
    [1, 'opened'],
    [2, 'explained'],
    [3, 'acknowledged'],
  ]);
  const hour = T0_MS / 3_600_000;
  expect(data?.hours).toEqual([
    { hour: hour - 30, counts: new Map([[0, 1]]) },
    { hour: hour - 2, counts: new Map([[59, 1]]) },
    { hour, counts: new Map([[0, 1]]) },
  ]);
  expect([...(data?.proxies ?? [])]).toEqual([['9e3779b97f4a7c15', aProxyState('9e3779b97f4a7c15')]]);
  expect(data?.episodes).toMatchObject([{ incident: id, episode: 1, state: 'acknowledged', count: 3 }]);
  expect(data?.explainedBy).toMatchObject({ id: cause.id, pattern: 'api-disabled', state: 'open' });
  expect(data?.explains.map((one) => one.id.at(-1))).toEqual(['3', '2']);
  expect(data?.context).toEqual([line]);
});

test.for(['', 'nobody', 'a/b', '.', '..', '__x__', 'incidents/a/timeline/1'])(
  'an id that names no incident finds none: «%s»',
  async (id) => expect(await reader.incident(id, NOW_MS)).toBeUndefined(),
);

test('an incident with as much of everything as there can be is read within the bound, its story to the latest line', async () => {
  const id = `dns-failure-${hex(0)}`;
  const proxies = Array.from({ length: 25 }, (_, n) => ({ ...aProxyNamed(n), id: `p-${n}` }));
  const seen = { proxies, lastSeenMs: T0_MS };
  await put({ ...anIncident(0, 'dns-failure', { seen }), explainedBy: `api-disabled-${hex(1)}`, episode: 9 });
  await putAll([
    anIncident(1, 'api-disabled'),
    ...Array.from({ length: 6 }, (_, n) => anIncident(n + 2, 'dns-failure', { explainedBy: id })),
  ]);
  for (let hour = 0; hour < 30; hour += 1)
    await store.fold({ kind: 'incident', id }, async (transaction) => {
      const incident = await transaction.incident();
      transaction.write({
        ...(incident === undefined ? {} : { incident: { ...incident, timelineCount: hour + 1 } }),
        hours: [],
        idPages: new Map(),
        removedIdPages: [],
        proxyPages: new Map(),
        removedProxyPages: [],
        minutes: new Map([[T0_MS / MINUTE_MS - hour * 60, 1]]),
        timeline: [{ n: hour + 1, atMs: T0_MS, kind: 'told', who: 'U1', why: 'x' }],
        folded: [],
      });
    });
  await createFirestoreFleet(db).saveProxies(proxies.map((proxy) => aProxyState(proxy.id)));
  const { result: data, reads } = await readsOf(() => reader.incident(id, NOW_MS));
  expect(reads).toBeLessThanOrEqual(PAGE_READS_MAX);
  expect(reads).toBeGreaterThan(PAGE_READS_MAX - 5);
  expect(data?.timeline.at(-1)?.n).toBe(30);
  expect(data?.timeline.length).toBeGreaterThanOrEqual(12);
  expect(data?.hours).toHaveLength(24);
  expect(data?.proxies.size).toBeGreaterThanOrEqual(12);
});

const aProxyNamed = (n: number) => ({
  project: 'demo-project',
  location: 'z',
  name: `vm-${n}`,
  displayName: `vm-${n}`,
  group: 'g',
});

/** Every VM of a page, in order; each page within its reads. */
async function fleetPages(sort: FleetSort): Promise<readonly (readonly ProxyState[])[]> {
  const pages: (readonly ProxyState[])[] = [];
  for (let cursor = ''; ;) {
    const { result: page, reads } = await readsOf(() => reader.fleet({ sort, cursor, nowMs: NOW_MS }));
    if (page === undefined) throw new Error('the cursor is one of ours');
    expect(reads).toBeLessThanOrEqual(PAGE_READS_MAX);
    pages.push(page.proxies);
    cursor = page.next;
    if (cursor === '') return pages;
  }
}

const KEYS: Readonly<Record<FleetSort, (state: ProxyState) => string>> = {
  heartbeat: attentionOf,
  name: ({ vm }) => vm.name,
  version: ({ proxyVersion }) => versionKeyOf(proxyVersion),
};

test.for(['heartbeat', 'name', 'version'] as const)(
  'the fleet by %s comes page by page, each once',
  async (sort) => {
    const count = FLEET_ROWS_MAX * 2 + 3;
    const states = Array.from({ length: count }, (_, n) => {
      const state = aProxyState(`vm-${n}`);
      const beatAtMs = n % 7 === 0 ? 0 : T0_MS - (n % 11) * MINUTE_MS;
      return {
        ...state,
        beatAtMs,
        proxyVersion: n % 5 === 0 ? 'no version' : `1.${8 + (n % 5)}.0`,
        vm: { ...state.vm, name: `checkout-${n % 40}` },
      };
    });
    await createFirestoreFleet(db).saveProxies(states);
    const found = (await fleetPages(sort)).flat();
    expect(new Set(found.map(({ vm }) => vm.id)).size).toBe(count);
    expect(found).toHaveLength(count);
    const keys = found.map(KEYS[sort]);
    expect(new Set(keys).size).toBeGreaterThan(3);
    expect(keys).toEqual(keys.toSorted((a, b) => (a < b ? -1 : Number(a > b))));
  },
);

/** The fleet looked at each minute, as the sweep does; what changed is written. Returns how many writes that took. */
async function lookAtFleet(
  count: number,
  minutes: number,
  beatsIn: (n: number, minute: number) => boolean,
): Promise<number> {
  const fleet = createFirestoreFleet(db);
  const known = new Map<string, ProxyState>();
  const beats = new Map<string, string>();
  let writes = 0;
  for (let minute = 0; minute < minutes; minute += 1) {
    const nowMs = T0_MS + minute * MINUTE_MS;
    const changed = Array.from({ length: count }, (_, n) => {
      const { vm } = aProxyState(`vm-${n}`);
      if (beatsIn(n, minute)) beats.set(vm.id, new Date(nowMs - 10_000).toISOString());
      const attributes = new Map([
        ['agent-heartbeat', beats.get(vm.id) ?? ''],
        ['bootstrap-status', 'FINISHED'],
      ]);
      const look: Look = { kind: 'attributes', attributes };
      const before = known.get(vm.id);
      const { state } = observe(before, vm, { look, nowMs });
      known.set(vm.id, state);
      return hasChanged(before, state) ? [state] : [];
    }).flat();
    await fleet.saveProxies(changed);
    writes += changed.length;
  }
  return writes;
}

test('of 120 VMs those that fell silent, here and there, all stand on the first page, the longest silent first', async () => {
  const isSilent = (n: number): boolean => n % 13 === 5;
  // Each stops at a time of its own; nothing but the silence itself is ever seen of them.
  const stopsIn = (n: number): number => (isSilent(n) ? 2 + (n % 7) : 1_000);
  const writes = await lookAtFleet(120, 20, (n, minute) => minute < stopsIn(n));
  const silent = Array.from({ length: 120 }, (_, n) => n).filter(isSilent);
  // A beat that goes on is never written; one that stands is, when it grows old and when that is silence.
  expect(writes).toBe(120 + 2 * silent.length);
  const [first = [], ...others] = await fleetPages('heartbeat');
  expect(others.flat()).toHaveLength(120 - FLEET_ROWS_MAX);
  const shown = first.slice(0, silent.length);
  expect(shown.map((state) => beatOf(state))).toEqual(silent.map(() => 'silent'));
  expect(shown.map(({ vm }) => stopsIn(Number(vm.id.slice(3))))).toEqual(
    silent.map(stopsIn).toSorted((a, b) => a - b),
  );
  expect([...first.slice(silent.length), ...others.flat()].map((state) => beatOf(state))).not.toContain(
    'silent',
  );
});

test('an agent that speaks again leaves the silent ones, though nothing else about it changed', async () => {
  const writes = await lookAtFleet(1, 20, (_, minute) => minute < 1 || minute >= 12);
  expect(writes).toBe(4);
  const [[state] = []] = await fleetPages('heartbeat');
  expect(state === undefined ? '' : beatOf(state)).toBe('beats');
});

test('a VM that an earlier release wrote has no place in the order until it is written anew, and that is its next look', async () => {
  const fleet = createFirestoreFleet(db);
  await fleet.saveProxies([aProxyState('new'), aProxyState('old'), aProxyState('other')]);
  const none = FieldValue.delete();
  await db().doc('proxies/old').update({ attention: none, versionKey: none });
  await db().doc('proxies/other').update({ attention: 'in the way of the next release' });
  const namesIn = async (sort: FleetSort) => (await fleetPages(sort)).flat().map(({ vm }) => vm.id);
  expect(await namesIn('name')).toEqual(['new', 'old', 'other']);
  expect(await namesIn('heartbeat')).toEqual(['new', 'other']);
  expect(await namesIn('version')).toEqual(['new', 'other']);
  const stored = await fleet.proxies(['new', 'old', 'other']);
  const attributes = new Map([
    ['agent-heartbeat', stored[0]?.heartbeat ?? ''],
    ['bootstrap-status', 'FINISHED'],
    ['agent-last-failure', stored[0]?.lastFailure ?? ''],
  ]);
  for (const look of [
    { kind: 'attributes', attributes },
    { kind: 'unread', why: 'x' },
  ] satisfies readonly Look[]) {
    const after = stored.map((before) => observe(before, before.vm, { look, nowMs: T0_MS + 60_000 }).state);
    const changes = stored.map((before, n) => hasChanged(before, after[n] ?? before));
    expect(changes).toEqual([look.kind === 'unread', true, true]);
    // Once is enough.
    const again = after.map((before) => observe(before, before.vm, { look, nowMs: T0_MS + 60_001 }).state);
    expect(again.map((state, n) => hasChanged(after[n], state))).toEqual([false, false, false]);
    await fleet.saveProxies(after);
    expect(await namesIn('version')).toEqual(['new', 'old', 'other']);
    expect(await fleet.proxies(['old'])).toEqual([{ ...after[1], lookedAtMs: after[1]?.seenAtMs }]);
  }
});
