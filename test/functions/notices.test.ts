// Silences, boards and lists in a real Firestore (the embedded one): what is written is what is read.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { createFirestoreBoards } from '#functions/adapters/firestore-board.ts';
import { connectLazily } from '#functions/adapters/firestore-calls.ts';
import { createFirestoreNotices, SILENCES_KEPT_MS } from '#functions/adapters/firestore-notices.ts';
import { incidentDocument } from '#functions/adapters/firestore-documents.ts';
import type { Boards, Notices } from '#functions/ports.ts';
import { emptyBoard, type Board, type Silence } from '#shared/model/notification.ts';
import { chooseFirestore, type FirestoreService } from '../../infra/local/services.ts';
import { freePort } from '../../infra/local/processes.ts';
import { anIncident, OPENED_MS } from '../notify/incident.ts';
import { memoryLog } from './tell-slack-harness.ts';

const PROJECT = 'notices-test';
const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-'));
let service: FirestoreService;
let db: Firestore;
let nowMs = OPENED_MS;
let connect: ReturnType<typeof connectLazily>;
let notices: Notices;
let boards: Boards;

const makeNotices = () => createFirestoreNotices({ db: connect, nowMs: () => nowMs, log: memoryLog() });

beforeAll(async () => {
  const port = await freePort(0, 'Firestore');
  service = await chooseFirestore(
    {},
    { file: join(folder, 'f.sqlite'), port, seed: 1, onLine: () => undefined },
  );
  process.env['FIRESTORE_EMULATOR_HOST'] = service.host;
  db = new Firestore({ projectId: PROJECT });
  connect = connectLazily({ project: PROJECT, database: '(default)' });
  notices = makeNotices();
  boards = createFirestoreBoards({ db: connect, nowMs: () => nowMs });
});

afterAll(async () => {
  await db.terminate();
  await service.stop();
  delete process.env['FIRESTORE_EMULATOR_HOST'];
  rmSync(folder, { recursive: true, force: true });
});

const silence: Silence = {
  id: 's1-u1',
  kind: 'maintenance',
  pattern: 'dns-failure',
  project: '',
  scope: { host: 'example.com' },
  fromMs: OPENED_MS,
  untilMs: OPENED_MS + 60_000,
  reason: 'we move',
  by: 'U1',
};

test('a silence is there until it ends or is ended, and others hear of it within half a minute', async () => {
  const other = makeNotices();
  expect(await other.silences()).toEqual([]);
  await notices.addSilence(silence);
  expect(await notices.silences()).toEqual([silence]);
  expect(await other.silences()).toEqual([]);
  nowMs += SILENCES_KEPT_MS;
  expect(await other.silences()).toEqual([silence]);
  expect(await notices.endSilence(silence.id, nowMs)).toBe(true);
  expect(await notices.endSilence('nobody', nowMs)).toBe(false);
  expect(await notices.silences()).toEqual([]);
});

test('a board is read as it was written, and two changes at once both count', async () => {
  const board = await boards.change('C1', (before) => before);
  expect(board).toEqual(emptyBoard('C1'));
  const digest: NonNullable<Board['digest']> = {
    ts: '1.1',
    openedAtMs: OPENED_MS,
    lastJoinedMs: OPENED_MS + 1,
    claimedAtMs: 0,
    members: [{ id: 'a', episode: 1, line: 'x' }],
    count: 1,
    shownKey: 'k',
    shownAtMs: OPENED_MS + 2,
  };
  const filled = await boards.change('C1', (before) => ({
    ...before,
    digest,
    summaryDay: '2026-11-01',
    notBeforeMs: { post: OPENED_MS + 3, find: OPENED_MS + 4 },
  }));
  expect(await boards.change('C1', (before) => before)).toEqual(filled);
  const join = (id: string) =>
    boards.change('C1', (before) => ({
      ...before,
      recent: [...before.recent, { id, episode: 1, atMs: OPENED_MS }],
    }));
  await Promise.all([join('a'), join('b'), join('c')]);
  const { recent } = await boards.change('C1', (before) => before);
  expect(recent.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
});

test('incidents are listed the latest seen first, with or without the resolved ones', async () => {
  const states = ['open', 'acknowledged', 'muted', 'resolved'] as const;
  for (const [index, state] of states.entries()) {
    const id = `dns-failure-${index.toString(16).padStart(16, '0')}`;
    const incident = anIncident({
      incident: { id, state },
      evidence: { lastSeenMs: OPENED_MS + index },
      spoken: {
        said: ['proxies:10'],
        previous: { channel: 'C1', ts: '1.0' },
        claim: { id: 'c', atMs: OPENED_MS, episode: 1, note: 'n', channel: 'C1', thread: '1.0' },
      },
    });
    await db.collection('incidents').doc(id).set(incidentDocument(incident));
  }
  const all = await notices.incidents('all', 10);
  expect(all.map(({ state }) => state)).toEqual(states.toReversed());
  expect(all[0]?.spoken).toMatchObject({
    said: ['proxies:10'],
    previous: { channel: 'C1', ts: '1.0' },
    claim: { note: 'n', thread: '1.0', atMs: OPENED_MS },
  });
  const open = await notices.incidents('open', 2);
  expect(open.map(({ state }) => state)).toEqual(['muted', 'acknowledged']);
});
