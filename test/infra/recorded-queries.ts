// Every query that the Firestore adapters can send, as the SDK really sends it: each of their calls is made once against
// the embedded server, which tells what it was asked. In: nothing. Out: structured queries.
import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { createFirestoreBoards } from '../../functions/adapters/firestore-board.ts';
import { connectLazily } from '../../functions/adapters/firestore-calls.ts';
import { createFirestoreFleet } from '../../functions/adapters/firestore-fleet.ts';
import { createFirestoreHistory } from '../../functions/adapters/firestore-history.ts';
import { createFirestoreNotices } from '../../functions/adapters/firestore-notices.ts';
import { createFirestorePatterns } from '../../functions/adapters/firestore-patterns.ts';
import { createFirestoreRollUps } from '../../functions/adapters/firestore-roll-up.ts';
import { createFirestoreStore } from '../../functions/adapters/firestore-store.ts';
import type {
  Boards,
  DiagnosisStore,
  FleetStore,
  FoldChange,
  HistoryReader,
  Notices,
  RollUps,
  Store,
  UserPatterns,
} from '../../functions/ports.ts';
import type { HistoryFilter } from '#shared/model/history.ts';
import type { StructuredQuery } from '../../infra/local/firestore/proto.ts';
import { startFirestore } from '../../infra/local/firestore/server.ts';
import { anOpenIncident, T0_MS } from '../fakes/sightings.ts';

/** A call of every method: a new one that is not listed here does not compile. */
type Calls<Port> = { readonly [Method in keyof Port]: () => Promise<unknown> };

const ID = 'config-not-found-0123456789abcdef';
const nowMs = (): number => T0_MS;

const change: FoldChange = {
  incident: anOpenIncident(ID, 'config-not-found', { lookAtMs: T0_MS }),
  hours: [],
  idPages: new Map(),
  removedIdPages: [],
  proxyPages: new Map(),
  removedProxyPages: [],
  minutes: new Map(),
  timeline: [],
  folded: [],
};

const callsOfStore = (store: Store): Calls<Store> => ({
  fold: () =>
    store.fold({ kind: 'incident', id: ID }, (transaction) => {
      transaction.write(change);
      return Promise.resolve();
    }),
  saveBatch: () => store.saveBatch({ sightings: [], parked: [], atMs: T0_MS }),
  waitingFor: () => store.waitingFor(ID, 1),
  waitingTargets: () => store.waitingTargets(1),
  incident: () => store.incident(ID),
  advanceIncident: () => store.advanceIncident(ID, () => undefined),
  changeIncident: () => store.changeIncident(ID, () => undefined),
  due: () => store.due(T0_MS, 1),
  explainers: () => store.explainers({ project: 'demo-project', patterns: ['api-disabled'], limit: 1 }),
});

const callsOfBoards = (boards: Boards): Calls<Boards> => ({
  read: () => boards.read('C0123456', 0),
  change: () => boards.change('C0123456', (board) => board),
});

const callsOfNotices = (notices: Notices): Calls<Notices> => ({
  silences: notices.silences,
  addSilence: () =>
    notices.addSilence({
      id: 'one',
      kind: 'silence',
      pattern: '',
      project: '',
      scope: {},
      fromMs: T0_MS,
      untilMs: T0_MS + 1,
      reason: 'a test',
      by: 'U1',
    }),
  endSilence: () => notices.endSilence('one', T0_MS),
  ledger: () => notices.ledger('ledger-demo-project'),
  ledgers: notices.ledgers,
  incidents: async () => [await notices.incidents('open', 1), await notices.incidents('all', 1)],
});

const callsOfFleet = (fleet: FleetStore & DiagnosisStore): Calls<typeof fleet> => ({
  sweep: fleet.sweep,
  saveSweep: () => fleet.saveSweep({ cursors: {}, unreadable: {}, standing: [], sweptAtMs: T0_MS }),
  proxies: () => fleet.proxies(['1']),
  saveProxies: () => fleet.saveProxies([]),
  ailing: () => fleet.ailing(1),
  isAiling: () => fleet.isAiling(ID),
  lastArrivalMs: fleet.lastArrivalMs,
  lastFindingMs: fleet.lastFindingMs,
  seen: () => fleet.seen(1),
  pipeline: fleet.pipeline,
  savePipeline: () => fleet.savePipeline({ lastArrivalMs: T0_MS, sinceMs: T0_MS, longestGapMs: 0 }),
  diagnosis: () => fleet.diagnosis(ID),
  saveDiagnosis: () =>
    fleet.saveDiagnosis({
      incident: ID,
      episode: 1,
      ranAtMs: T0_MS,
      runs: 1,
      faults: {},
      dueAtMs: T0_MS,
      context: [],
      contextAtMs: 0,
      envoyVersion: '',
    }),
  diagnosesDue: () => fleet.diagnosesDue(T0_MS, 1),
});

const callsOfPatterns = (patterns: UserPatterns): Calls<UserPatterns> => ({ read: patterns.read });

const FILTERS: readonly HistoryFilter[] = [
  {},
  { state: 'open' },
  { state: 'unresolved', fromMs: T0_MS, toMs: T0_MS + 1 },
  { pattern: 'dns-failure' },
  { pattern: 'dns-failure', state: 'unresolved', fromMs: T0_MS },
  { project: 'demo-project', fromMs: T0_MS },
  { network: 'prod-vpc', state: 'unresolved' },
];

const callsOfHistory = (history: HistoryReader): Calls<HistoryReader> => ({
  overview: () => history.overview({ range: '30d', nowMs: T0_MS }),
  list: () => Promise.all(FILTERS.map((filter) => history.list({ filter, cursor: '', nowMs: T0_MS }))),
  incident: () => history.incident(ID, T0_MS),
  fleet: () =>
    Promise.all(
      (['heartbeat', 'name', 'version'] as const).map((sort) =>
        history.fleet({ sort, cursor: '', nowMs: T0_MS }),
      ),
    ),
});

const callsOfRollUps = (rollUps: RollUps): Calls<RollUps> => ({
  hoursToRoll: () => rollUps.hoursToRoll(1),
  episodesToRoll: () => rollUps.episodesToRoll(1),
  rollUp: () => rollUps.rollUp(() => Promise.resolve()),
});

/** Makes every call once, one after the other, and resolves to the queries that arrived. */
export async function recordQueries(): Promise<readonly StructuredQuery[]> {
  const queries: StructuredQuery[] = [];
  const server = await startFirestore({
    dataFile: ':memory:',
    port: 0,
    onQuery: (query) => queries.push(query),
  });
  process.env['METADATA_SERVER_DETECTION'] ??= 'none';
  process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
  const db = connectLazily({ project: `queries-${randomUUID()}`, database: '(default)' });
  const calls = [
    callsOfStore(createFirestoreStore({ db, nowMs })),
    callsOfNotices(createFirestoreNotices({ db, nowMs, log: { write: () => undefined } })),
    callsOfBoards(createFirestoreBoards({ db, nowMs })),
    callsOfFleet(createFirestoreFleet(db)),
    callsOfPatterns(createFirestorePatterns(db)),
    callsOfHistory(createFirestoreHistory(db)),
    callsOfRollUps(createFirestoreRollUps(db)),
  ];
  try {
    for (const port of calls) for (const call of Object.values<() => Promise<unknown>>(port)) await call();
  } finally {
    await server.close();
  }
  return queries;
}

const root = resolve(import.meta.dirname, '../..');

/** Fields that the adapters' sources name in `where` and `orderBy`; `FILE:?` for one that is no plain text. */
export function fieldsInSources(): ReadonlySet<string> {
  const fields = new Set<string>();
  for (const file of globSync('{functions/adapters,cli}/**/*.ts', { cwd: root })) {
    const { program } = parseSync(file, readFileSync(join(root, file), 'utf8'));
    new Visitor({
      CallExpression: ({ callee, arguments: [first] }) => {
        if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
        if (callee.property.name !== 'where' && callee.property.name !== 'orderBy') return;
        const value = first?.type === 'Literal' ? first.value : undefined;
        fields.add(typeof value === 'string' ? value : `${file}:?`);
      },
    }).visit(program);
  }
  return fields;
}

/** Every field that a query compares or sorts by. */
export function fieldsInQueries(queries: readonly StructuredQuery[]): ReadonlySet<string> {
  const fields = new Set<string>();
  const visit = (filter: StructuredQuery['where']): void => {
    if (filter?.filterType === 'fieldFilter') fields.add(filter.fieldFilter.field.fieldPath);
    if (filter?.filterType === 'unaryFilter') fields.add(filter.unaryFilter.field.fieldPath);
    if (filter?.filterType === 'compositeFilter') filter.compositeFilter.filters.forEach(visit);
  };
  for (const { where, orderBy } of queries) {
    visit(where);
    for (const { field } of orderBy) fields.add(field.fieldPath);
  }
  return fields;
}
