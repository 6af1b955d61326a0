// incidents list and show: the same queries as the pages, in text, JSON and CSV; filters, cursors, and cells that run nothing.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LANGUAGES } from '#shared/notify/texts/texts.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { readUserPatterns } from '#shared/patterns/user-pattern.ts';
import type { Command, Format } from '../../cli/command.ts';
import { incidentsList, incidentsShow } from '../../cli/incidents.ts';
import { connectLazily } from '../../functions/adapters/firestore-calls.ts';
import { createFirestoreHistory } from '../../functions/adapters/firestore-history.ts';
import { readPageFiles } from '../../functions/adapters/page-files.ts';
import { createFirestoreStore } from '../../functions/adapters/firestore-store.ts';
import { createHistory } from '../../functions/history.ts';
import { startFirestore, type RunningFirestore } from '../../infra/local/firestore/server.ts';
import { anOpenIncident, T0_MS } from '../fakes/sightings.ts';
import { createFakeClock, createFakeLog } from '../fakes/world.ts';

let server: RunningFirestore;
beforeAll(async () => {
  server = await startFirestore({ dataFile: ':memory:', port: 0 });
  process.env['FIRESTORE_EMULATOR_HOST'] = `${server.host}:${server.port}`;
});
afterAll(() => server.close());

let project: string;
beforeEach(() => {
  project = `cli-${randomUUID()}`;
});

type Changes = Parameters<typeof anOpenIncident>[2];
async function put(n: number, changes: Changes = {}): Promise<string> {
  const db = connectLazily({ project, database: '(default)' });
  const store = createFirestoreStore({ db, nowMs: () => T0_MS });
  const id = `dns-failure-${n.toString(16).padStart(16, '0')}`;
  const incident = anOpenIncident(id, 'dns-failure', {
    ...changes,
    seen: { lastSeenMs: T0_MS + n * 1_000, ...changes.seen },
  });
  await store.fold({ kind: 'incident', id }, async (transaction) => {
    await transaction.incident();
    transaction.write({
      incident: { ...incident, timelineCount: 1 },
      hours: [],
      idPages: new Map(),
      removedIdPages: [],
      proxyPages: new Map(),
      removedProxyPages: [],
      minutes: new Map(),
      timeline: [{ n: 1, atMs: T0_MS, kind: 'acknowledged', who: 'U1', why: '=HYPERLINK("http://x")' }],
      folded: [],
    });
  });
  await db().terminate();
  return id;
}

async function run(
  command: Command,
  given: {
    readonly args?: readonly string[];
    readonly flags?: Readonly<Record<string, string>>;
    readonly format?: Format;
  } = {},
) {
  let output = '';
  const notes: string[] = [];
  const defaults = Object.entries(command.flags).flatMap(([name, flag]) =>
    typeof flag.default === 'string' ? [[name, flag.default] as const] : [],
  );
  const code = await command.run({
    args: given.args ?? [],
    values: { ...Object.fromEntries(defaults), project, ...given.flags },
    format: given.format ?? 'text',
    print: async (text) => void (output += `${text}\n`),
    note: async (text) => void notes.push(text),
    nowMs: T0_MS + 60_000,
  });
  return { code, output, notes };
}

/** A reader of RFC 4180, as strict as the RFC. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  const rows: string[][] = [[]];
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null) throw new Error(`no CSV at ${cell.lastIndex}`);
    rows.at(-1)?.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

const idsOf = (output: string): readonly string[] =>
  output
    .trim()
    .split('\n')
    .map((line): { id: string } => JSON.parse(line))
    .map(({ id }) => id);

test('text is a table, the latest first; nothing found is said', async () => {
  expect((await run(incidentsList)).output).toBe('No incident.\n');
  const ids = [await put(1), await put(2)];
  const { output, notes } = await run(incidentsList);
  expect(output.split('\n')[0]).toMatch(/^last seen \(UTC\) +state +episode/);
  expect(output.indexOf(ids[1] ?? '')).toBeLessThan(output.indexOf(ids[0] ?? ''));
  expect(notes).toEqual([]);
});

test('every filter flag reaches the query', async () => {
  await put(1);
  await put(2, {
    state: 'resolved',
    resolvedAtMs: T0_MS,
    scope: { network: 'prod-vpc' },
    seen: { projects: ['team-b'], fields: { host: 'db.internal' } },
  });
  const found = async (flags: Readonly<Record<string, string>>) => {
    const { output } = await run(incidentsList, { flags, format: 'json' });
    return output === '' ? [] : idsOf(output).map((id) => Number(id.at(-1)));
  };
  expect(await found({ state: 'unresolved' })).toEqual([1]);
  expect(await found({ state: 'resolved' })).toEqual([2]);
  expect(await found({ pattern: 'dns-failure' })).toEqual([2, 1]);
  expect(await found({ pattern: 'api-disabled' })).toEqual([]);
  expect(await found({ 'log-project': 'team-b' })).toEqual([2]);
  expect(await found({ network: 'prod-vpc' })).toEqual([2]);
  expect(await found({ proxy: 'nobody' })).toEqual([]);
  expect(await found({ text: 'internal db' })).toEqual([2]);
  expect(await found({ since: new Date(T0_MS + 2_000).toISOString() })).toEqual([2]);
  expect(await found({ until: new Date(T0_MS + 2_000).toISOString() })).toEqual([1]);
  expect(await found({ since: '1m' })).toEqual([2, 1]);
});

test('a list stops at its limit, says where it goes on, and goes on there; --all goes to the end', async () => {
  for (let n = 0; n < 60; n += 1) await put(n);
  const first = await run(incidentsList, { flags: { limit: '25' }, format: 'json' });
  expect(idsOf(first.output)).toHaveLength(25);
  const [, cursor = ''] = /--cursor ([\w-]+)$/.exec(first.notes.join()) ?? [];
  const rest = await run(incidentsList, { flags: { cursor }, format: 'json' });
  expect(rest.notes).toEqual([]);
  const all = await run(incidentsList, { flags: { limit: '1', all: 'true' }, format: 'json' });
  expect([...idsOf(first.output), ...idsOf(rest.output)]).toEqual(idsOf(all.output));
  expect(new Set(idsOf(all.output)).size).toBe(60);
  await expect(run(incidentsList, { flags: { cursor: 'bogus' } })).rejects.toThrow('--cursor');
});

test('CSV has the documented columns, one head over all pages, and its cells survive what a log can write', async () => {
  const hostile = 'a "quoted", line\r\nand another';
  await put(1, { scope: { '=cmd': '|calc', z: hostile }, seen: { fields: { '+1': '@SUM(1)' } } });
  for (let n = 2; n < 30; n += 1) await put(n);
  const { output } = await run(incidentsList, { format: 'csv', flags: { all: 'true' } });
  const [head, ...rows] = parseCsv(output);
  expect(head?.join()).toBe(
    'id,pattern,state,severity,episode,opened_at,first_seen_at,last_seen_at,acknowledged_at,resolved_at,resolved_by,' +
      'entries,proxies,projects,scope,fields,slack_channel,slack_ts',
  );
  expect(rows).toHaveLength(29);
  const last = rows.at(-1) ?? [];
  expect(last).toHaveLength(head?.length ?? 0);
  expect(last[14]).toBe(`'=cmd=|calc z=${hostile}`);
  expect(last[15]).toBe("'+1=@SUM(1)");
});

test.for(['=', '+', '-', '@', '\t', '\r'])('no cell of CSV begins with «%s»', async (sign) => {
  await put(1, { seen: { projects: [`${sign}1`] } });
  const [, row = []] = parseCsv((await run(incidentsList, { format: 'csv' })).output);
  expect(row[13]).toBe(`'${sign}1`);
});

test('show tells one incident in each format, and says when there is none', async () => {
  const id = await put(1);
  expect((await run(incidentsShow, { args: [id] })).output).toContain('acknowledged U1: =HYPERLINK');
  const shown: Record<string, unknown> = JSON.parse(
    (await run(incidentsShow, { args: [id], format: 'json' })).output,
  );
  expect(shown).toMatchObject({
    version: 1,
    incident: { id },
    timeline: [{ n: 1, kind: 'acknowledged', at: new Date(T0_MS).toISOString() }],
    episodes: [{ episode: 1, state: 'open' }],
    explainedBy: null,
    explains: [],
  });
  expect(parseCsv((await run(incidentsShow, { args: [id], format: 'csv' })).output)).toEqual([
    ['id', 'n', 'at', 'kind', 'who', 'why'],
    [id, '1', new Date(T0_MS).toISOString(), 'acknowledged', 'U1', '\'=HYPERLINK("http://x")'],
  ]);
  const none = await run(incidentsShow, { args: ['nobody'] });
  expect([none.code, none.output]).toEqual([1, 'No incident nobody.\n']);
  const noJson = await run(incidentsShow, { args: ['nobody'], format: 'json' });
  expect([noJson.code, noJson.output]).toEqual([1, 'null\n']);
});

test('JSON is that of the pages, with the words of patterns of the user’s own, in the language that is asked for', async () => {
  const db = connectLazily({ project, database: '(default)' });
  const own = {
    id: 'custom-planted',
    title: 'A title',
    severity: 'error',
    contains: ['planted'],
    regexp: 'planted (?P<what>.*)',
    headline: 'Planted {what}',
    cause: 'Somebody planted it.',
    remedy: [{ say: 'Look at it.' }],
  };
  await db().doc('patterns/custom-planted').set(own);
  await db().doc('patterns/custom-broken').set({ id: 'custom-broken' });
  await db().terminate();
  const id = await put(1);
  const mine = await put(2, { pattern: 'custom-planted', seen: { fields: { what: 'here' } } });
  for (const language of LANGUAGES) {
    const pages = connectLazily({ project, database: '(default)' });
    const results = readUserPatterns([own]);
    const patterns = results.flatMap((result) => (result.kind === 'pattern' ? [result.pattern] : []));
    const handle = createHistory({
      reader: createFirestoreHistory(pages),
      patterns: {
        refresh: () => Promise.resolve(),
        patterns: () => [...patterns, ...CATALOGUE],
        find: () => undefined,
      },
      ...readPageFiles(),
      language,
      clock: createFakeClock(T0_MS + 60_000),
      log: createFakeLog(),
    });
    const page = async (path: string): Promise<Record<string, unknown>> =>
      JSON.parse((await handle({ method: 'GET', url: `${path}?format=json` })).body);
    const flags = { language };
    const { output } = await run(incidentsList, { format: 'json', flags });
    const listed: unknown[] = output
      .trim()
      .split('\n')
      .map((text): unknown => JSON.parse(text));
    expect(listed).toEqual((await page('/incidents'))['incidents']);
    expect(listed).toMatchObject([{ id: mine, headline: 'Planted here' }, { id }]);
    const shown = await run(incidentsShow, { args: [id], format: 'json', flags });
    expect(JSON.parse(shown.output)).toEqual(await page(`/incidents/${id}`));
    expect((await run(incidentsShow, { args: [mine], flags })).output).toContain('Planted here');
    await pages().terminate();
  }
});

test.for([
  { state: 'over' },
  { limit: '0' },
  { limit: '1001' },
  { since: 'yesterday' },
  { until: '7y' },
  { language: 'de' },
] as const)('wrong use is said: %j', async (flags) => {
  await expect(run(incidentsList, { flags })).rejects.toThrow('takes');
});
