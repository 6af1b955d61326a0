// docs/schema.md against what the functions really write: every field of every document is on the page, and its examples run.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Firestore, type CollectionReference } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onAction } from '#shared/incident/lifecycle.ts';
import { createFirestoreBoards } from '../../functions/adapters/firestore-board.ts';
import { connectLazily } from '../../functions/adapters/firestore-calls.ts';
import { createFirestoreFleet } from '../../functions/adapters/firestore-fleet.ts';
import { createFirestoreNotices } from '../../functions/adapters/firestore-notices.ts';
import { createFirestoreRollUps } from '../../functions/adapters/firestore-roll-up.ts';
import { createFirestoreStore } from '../../functions/adapters/firestore-store.ts';
import { foldTarget } from '../../functions/fold.ts';
import { rollUp } from '../../functions/roll-up.ts';
import { startFirestore, type RunningFirestore } from '../../infra/local/firestore/server.ts';
import { aProxyState } from '../fakes/proxy-state.ts';
import { aLedgerSighting, aSighting, MINUTE_MS, T0_MS } from '../fakes/sightings.ts';
import { createFakeLog } from '../fakes/world.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(resolve(root, 'docs/schema.md'), 'utf8');
const project = `schema-${randomUUID()}`;
const ID = aSighting([]).target;

let server: RunningFirestore;
let raw: Firestore;
beforeAll(async () => {
  server = await startFirestore({ dataFile: ':memory:', port: 0 });
  process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
  raw = new Firestore({ projectId: project });
  await writeEverything();
});
afterAll(async () => {
  await raw.terminate();
  await server.close();
});

/** One of each document, by the adapters that the functions use. */
async function writeEverything(): Promise<void> {
  const db = connectLazily({ project, database: '(default)' });
  const nowMs = (): number => T0_MS;
  const store = createFirestoreStore({ db, nowMs });
  const rollUps = createFirestoreRollUps(db);
  const parked = {
    reason: 'r',
    detail: 'd',
    messageId: '1',
    subscription: 's',
    publishTime: '',
    data: '',
    dataChars: 0,
  };
  const save = (entries: readonly number[]) =>
    store.saveBatch({
      sightings: [aSighting(entries), aLedgerSighting(entries)],
      parked: [parked],
      atMs: T0_MS,
    });
  const at = { nowMs: T0_MS, quietAfterMs: () => 30 * MINUTE_MS };
  await save([1, 2]);
  await foldTarget(store, { kind: 'incident', id: ID }, at);
  await foldTarget(store, { kind: 'ledger', id: 'ledger-demo-project' }, at);
  await store.advanceIncident(ID, (now) =>
    onAction(now, { kind: 'acknowledge' }, { who: 'U1', nowMs: T0_MS + 1 }),
  );
  await rollUp({ rollUps, clock: { nowMs } });
  // A second round leaves flags beside what was rolled up, and a sighting that waits.
  await save([3]);
  await foldTarget(store, { kind: 'incident', id: ID }, at);
  await store.advanceIncident(ID, (now) =>
    onAction(now, { kind: 'resolve' }, { who: 'U1', nowMs: T0_MS + 2 }),
  );
  await save([4]);
  const fleet = createFirestoreFleet(db);
  await fleet.saveProxies([aProxyState('1')]);
  await fleet.saveSweep({ cursors: {}, unreadable: {}, standing: [], sweptAtMs: T0_MS });
  await fleet.savePipeline({ lastArrivalMs: T0_MS, sinceMs: T0_MS, longestGapMs: 0 });
  await fleet.saveDiagnosis({
    incident: ID,
    episode: 1,
    ranAtMs: T0_MS,
    runs: 1,
    faults: {},
    dueAtMs: 0,
    context: [],
    contextAtMs: 0,
    envoyVersion: '',
  });
  const silence = {
    id: 's',
    kind: 'silence',
    pattern: '',
    project: '',
    scope: {},
    reason: '',
    by: 'U1',
  } as const;
  const notices = createFirestoreNotices({ db, nowMs, log: createFakeLog() });
  await notices.addSilence({ ...silence, fromMs: T0_MS, untilMs: T0_MS + 1 });
  await createFirestoreBoards({ db, nowMs }).change('C0123456', (board) => ({
    ...board,
    summaryDay: '2026-11-01',
  }));
  await db().terminate();
}

/** Collection, without the ids in its path → names of fields in its documents. */
async function fieldsFound(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>();
  const visit = async (collection: CollectionReference): Promise<void> => {
    const kind = collection.path.split('/').filter((_, index) => index % 2 === 0);
    const fields = found.get(kind.join('/')) ?? new Set<string>();
    found.set(kind.join('/'), fields);
    for (const document of (await collection.get()).docs) {
      for (const name of Object.keys(document.data())) fields.add(name);
      await Promise.all((await document.ref.listCollections()).map(visit));
    }
  };
  await Promise.all((await raw.listCollections()).map(visit));
  return found;
}

/** The section of a collection: `incidents/ids` is told of under «incidents/{id}/ids». */
function sectionOf(kind: string): string {
  const [top = '', below] = kind.split('/');
  const sections = page.split(/^(?=##)/m);
  const isOf = (heading: string): boolean =>
    below === undefined
      ? new RegExp(`^## \`${top}(?:/\\{[^/]*\\})?\``).test(heading)
      : heading.startsWith('###') && heading.includes(`/{id}/${below}`);
  return sections.find((section) => isOf(section.split('\n')[0] ?? '')) ?? '';
}

test('every collection is on the page, and every field of its documents', async () => {
  const found = await fieldsFound();
  expect([...found.keys()].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'boards',
    'days',
    'diagnoses',
    'episodes',
    'incidents',
    'incidents/ids',
    'incidents/minutes',
    'incidents/proxies',
    'incidents/timeline',
    'ledgers',
    'ledgers/ids',
    'ledgers/minutes',
    'parked',
    'proxies',
    'sightings',
    'silences',
    'sweeps',
  ]);
  const missing = [...found].flatMap(([kind, fields]) => {
    const section = sectionOf(kind);
    return [...fields]
      .filter((field) => !section.includes(`\`${field}\``))
      .map((field) => `${kind}: ${field}`);
  });
  expect(missing).toEqual([]);
});

/** Blocks of the page that are indented code of Node, in order. */
function nodeBlocks(): readonly string[] {
  const blocks = page.match(/(?:^(?: {4}.*|)\n)+/gm) ?? [];
  return blocks.map((block) => block.replaceAll(/^ {4,7}/gm, '')).filter((block) => block.includes('await '));
}

test('the examples for Node run, and find what is there', async () => {
  const blocks = nodeBlocks();
  expect(blocks).toHaveLength(2);
  const code = [
    "import { Firestore } from '@google-cloud/firestore';",
    `const projectId = ${JSON.stringify(project)};`,
    ...blocks,
    'console.log(JSON.stringify([story.size, hours.size, episodes.size]));',
    'await db.terminate();',
  ].join('\n');
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: root });
  const lines = stdout.trim().split('\n');
  expect(lines).toContain('config-not-found 2');
  expect(lines.at(-1)).toBe('[3,1,0]');
  const flagged = await raw.collectionGroup('minutes').where('toRoll', '==', true).get();
  expect(flagged.size).toBe(2);
});
