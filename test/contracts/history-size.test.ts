// A long history: every page reads at most 60 documents, at the wire, and the server looks at no more of them than in a
// short one. `npm run test:history-size` runs it over 10,000 incidents and 1,000,000 counted entries.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAGE_READS_MAX, type HistoryFilter } from '#shared/model/history.ts';
import type { Incident } from '#shared/model/incident.ts';
import { connectLazily, type Connect } from '../../functions/adapters/firestore-calls.ts';
import { createFirestoreHistory } from '../../functions/adapters/firestore-history.ts';
import { createFirestoreRollUps } from '../../functions/adapters/firestore-roll-up.ts';
import type { HistoryReader } from '../../functions/ports.ts';
import type { ObservedOperation } from '../../infra/local/firestore/observed-operation.ts';
import { countOperations } from '../../infra/local/firestore/operation-counts.ts';
import { startFirestore, type RunningFirestore } from '../../infra/local/firestore/server.ts';
import { PROJECTS, UNRESOLVED_COUNT, writeLongHistory } from '../fakes/long-history.ts';
import { T0_MS } from '../fakes/sightings.ts';

const INCIDENTS = Number(process.env['HISTORY_INCIDENTS'] ?? 2_000);
const ENTRIES_EACH = 100;
const NOW_MS = T0_MS;

/** What the server may look at for one page: the documents it answers with, and few beside. */
const SCANNED_MAX = 2 * PAGE_READS_MAX;

const counter = countOperations();
let scanned = 0;
const observe = (operation: ObservedOperation): void => {
  counter.observe(operation);
  if ('scanned' in operation) scanned += operation.scanned;
};

let folder: string;
let server: RunningFirestore;
let history: ReturnType<typeof writeLongHistory>;
let db: Connect;
let reader: HistoryReader;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
  const dataFile = join(folder, 'firestore.sqlite');
  history = writeLongHistory(dataFile, {
    project: 'long-history',
    count: INCIDENTS,
    entries: ENTRIES_EACH,
    nowMs: NOW_MS,
  });
  server = await startFirestore({ dataFile, port: 0, observe });
  process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
  db = connectLazily({ project: 'long-history', database: '(default)' });
  reader = createFirestoreHistory(db);
});
afterAll(async () => {
  await db().terminate();
  await server.close();
  rmSync(folder, { recursive: true });
});

/** What a call reads, and what the server looks at for it once it has its indexes: the first query of a form makes one. */
async function costOf<Result>(call: () => Promise<Result>) {
  // Making an index of so much may take longer than a call may.
  await call().catch(call);
  const before = { reads: counter.counts().reads, scanned };
  const result = await call();
  return { result, reads: counter.counts().reads - before.reads, scanned: scanned - before.scanned };
}

test('the history is as long as it says, and longer than what is looked at whole', () => {
  expect(INCIDENTS).toBeGreaterThan(10 * SCANNED_MAX);
  expect([history.incidents.length, history.entries]).toEqual([INCIDENTS, 100 * INCIDENTS]);
});

test.for(['24h', '7d', '30d'] as const)('the overview of %s reads at most 60 documents', async (range) => {
  const cost = await costOf(() => reader.overview({ range, nowMs: NOW_MS }));
  expect(cost.reads).toBeLessThanOrEqual(PAGE_READS_MAX);
  expect(cost.scanned).toBeLessThanOrEqual(SCANNED_MAX);
  const { open, openCut, episodes, episodesCut, days } = cost.result;
  expect([openCut, episodesCut]).toEqual([true, true]);
  expect(
    open.every(({ evidence }) => evidence.severity === 'critical' || evidence.severity === 'error'),
  ).toBe(true);
  expect(episodes.every(({ state }) => state !== 'resolved')).toBe(true);
  const first = days[0]?.day ?? 0;
  const counted = days.flatMap(({ slots }) => Object.values(slots).flatMap((slot) => [...slot.values()]));
  const halves = history.incidents.flatMap(({ evidence }) => {
    const hour = Math.floor(evidence.lastSeenMs / 3_600_000);
    return [hour, hour - 1].filter((one) => Math.floor(one / 24) >= first);
  });
  expect(counted.reduce((sum, entries) => sum + entries, 0)).toBe((halves.length * ENTRIES_EACH) / 2);
});

const DAY_MS = 86_400_000;
const filters: readonly (readonly [string, HistoryFilter, (n: number, incident: Incident) => boolean])[] = [
  ['no filter', {}, () => true],
  ['a state', { state: 'open' }, (n) => n < UNRESOLVED_COUNT && n % 3 === 0],
  ['what is not over', { state: 'unresolved' }, (n) => n < UNRESOLVED_COUNT],
  ['a project', { project: 'team-7' }, (n) => n % PROJECTS === 7],
  [
    'a project and a state',
    { project: 'team-7', state: 'unresolved' },
    (n) => n % PROJECTS === 7 && n < UNRESOLVED_COUNT,
  ],
  ['a network', { network: 'net-3' }, (n) => n % 50 === 3],
  ['a proxy', { proxy: 'checkout-77' }, (n) => n % 500 === 77],
  ['words', { text: 'refused 123' }, (n) => n % 300 === 123 || n % 500 === 123],
  [
    'a time',
    { fromMs: NOW_MS - 30 * DAY_MS, toMs: NOW_MS - 29 * DAY_MS },
    (_, { evidence }) =>
      evidence.lastSeenMs >= NOW_MS - 30 * DAY_MS && evidence.lastSeenMs < NOW_MS - 29 * DAY_MS,
  ],
];

describe.for(filters)('the list by %s', ([, filter, isIn]) => {
  test('reads at most 60 documents for every page, the first as the last, and finds every incident once', async () => {
    const expected = history.incidents.filter((incident, n) => isIn(n, incident)).map(({ id }) => id);
    const found: string[] = [];
    const pagesMax = 10;
    let cursor = '';
    for (let page = 0; page < pagesMax; page += 1) {
      const cost = await costOf(() => reader.list({ filter, cursor, nowMs: NOW_MS }));
      expect(cost.reads).toBeLessThanOrEqual(PAGE_READS_MAX);
      expect(cost.scanned).toBeLessThanOrEqual(SCANNED_MAX);
      found.push(...(cost.result?.incidents ?? []).map(({ id }) => id));
      cursor = cost.result?.next ?? '';
      if (cursor === '') break;
    }
    // The whole list is not walked: its pages are all alike.
    expect(found).toEqual(cursor === '' ? expected : expected.slice(0, found.length));
    expect(found.length).toBeGreaterThan(0);
  });
});

test('one incident reads at most 60 documents', async () => {
  const id = history.incidents.at(-1)?.id ?? '';
  const cost = await costOf(() => reader.incident(id, NOW_MS));
  expect(cost.result?.hours).toHaveLength(2);
  expect(cost.result?.episodes).toHaveLength(1);
  expect(cost.reads).toBeLessThanOrEqual(PAGE_READS_MAX);
  expect(cost.scanned).toBeLessThanOrEqual(SCANNED_MAX);
});

test('what waits to be rolled up is found without looking at what does not', async () => {
  const [target = ''] = history.incidents.map(({ id }) => id);
  await db().doc(`incidents/${target}/minutes/h1`).set({ counts: {}, toRoll: true });
  const cost = await costOf(() => createFirestoreRollUps(db).hoursToRoll(10));
  expect(cost.result).toEqual([{ kind: 'incident', target, hour: 1 }]);
  expect(cost.scanned).toBe(1);
});
