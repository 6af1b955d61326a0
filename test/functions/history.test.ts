// The function history: which address gives which answer, with which headers; as JSON the same; never anything but read.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHistory, type HistoryNeeds } from '#functions/history.ts';
import { readConfig } from '#functions/config.ts';
import { readPageFiles } from '#functions/adapters/page-files.ts';
import { CATALOGUE_BOOK, type PatternBook } from '#functions/pattern-book.ts';
import type { Pattern } from '#shared/patterns/pattern.ts';
import { CURSOR_CHARS_MAX, PATH_CHARS_MAX, QUERY_CHARS_MAX, VALUE_CHARS_MAX } from '#shared/pages/request.ts';
import { startFirestore, type RunningFirestore } from '../../infra/local/firestore/server.ts';
import { functionProgram } from '../../infra/local/function-program.ts';
import { freePort, keepRunning, type Running } from '../../infra/local/processes.ts';
import { fleetData, incidentData, listData, NOW_MS, overviewData } from '../pages/history-data.ts';
import { memoryLog } from './tell-slack-harness.ts';

const INCIDENT = incidentData().incident.id;
const files = readPageFiles();

function desk(more: Partial<HistoryNeeds['reader']> = {}, patterns: PatternBook = CATALOGUE_BOOK) {
  const asked: object[] = [];
  const log = memoryLog();
  const noting =
    <Data>(kind: string, data: Data) =>
    (wanted: object): Promise<Data> => {
      asked.push({ kind, ...wanted });
      return Promise.resolve(data);
    };
  const answer = createHistory({
    reader: {
      overview: noting('overview', overviewData()),
      list: noting('list', listData()),
      incident: (id) => {
        asked.push({ kind: 'incident', id });
        return Promise.resolve(id === INCIDENT ? incidentData() : undefined);
      },
      fleet: noting('fleet', fleetData()),
      ...more,
    },
    patterns,
    ...files,
    language: 'en',
    clock: { nowMs: () => NOW_MS, wait: () => Promise.resolve() },
    log,
  });
  const get = (url: string, method = 'GET') => answer({ method, url });
  return { asked, log, get };
}

const nowMs = NOW_MS;

describe('an address asks the store for exactly what it says', () => {
  test.for([
    ['/', { kind: 'overview', range: '24h', nowMs }],
    ['/?range=7d', { kind: 'overview', range: '7d', nowMs }],
    ['/?range=', { kind: 'overview', range: '24h', nowMs }],
    ['/?authuser=1&authuser=2', { kind: 'overview', range: '24h', nowMs }],
    ['/incidents', { kind: 'list', filter: {}, cursor: '', nowMs }],
    [
      '/incidents?state=unresolved&pattern=dns-failure&project=p&network=n&proxy=vm&text=a+b%26c&cursor=abc',
      {
        kind: 'list',
        filter: {
          state: 'unresolved',
          pattern: 'dns-failure',
          project: 'p',
          network: 'n',
          proxy: 'vm',
          text: 'a b&c',
        },
        cursor: 'abc',
        nowMs,
      },
    ],
    [
      '/incidents?from=2026-11-01&to=2026-11-22T03:17&state=&text=',
      {
        kind: 'list',
        filter: { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 22, 3, 17) },
        cursor: '',
        nowMs,
      },
    ],
    [
      '/incidents?from=2026-11-01T00:00:00%2B01:00',
      { kind: 'list', filter: { fromMs: Date.UTC(2026, 9, 31, 23) }, cursor: '', nowMs },
    ],
    [`/incidents/${INCIDENT}`, { kind: 'incident', id: INCIDENT }],
    ['/fleet', { kind: 'fleet', sort: 'heartbeat', cursor: '', nowMs }],
    ['/fleet?sort=version&cursor=abc', { kind: 'fleet', sort: 'version', cursor: 'abc', nowMs }],
  ] as const)('%s', async ([url, wanted]) => {
    const one = desk();
    const answer = await one.get(url);
    expect(answer.status).toBe(200);
    expect(one.asked).toEqual([wanted]);
  });
});

describe('a request that gets nowhere asks the store for nothing', () => {
  const long = (count: number): string => 'x'.repeat(count);
  test.for([
    ['/nope', 404, 'no such page'],
    ['/incidents/', 404, 'no such page'],
    ['/incidents/../fleet', 404, 'no such page'],
    ['/incidents/not-an-id', 404, 'no such page'],
    [`/incidents/${INCIDENT}/timeline`, 404, 'no such page'],
    [`/incidents/${INCIDENT.toUpperCase()}`, 404, 'no such page'],
    [`/${long(PATH_CHARS_MAX)}`, 404, 'no such page'],
    ['/?range=1y', 400, '«range» is one of 24h, 7d, 30d.'],
    ['/?range=7d&range=24h', 400, '«range» is given more than once.'],
    ['/?format=xml', 400, '«format» is one of html, json.'],
    ['/incidents?state=asleep', 400, '«state» is one of'],
    ['/incidents?from=yesterday', 400, '«from» is a time'],
    // 00:59 of the year 10,000 in UTC: no timestamp of Firestore is that late.
    ['/incidents?to=9999-12-31T23:59:59-01:00', 400, '«to» is a time'],
    ['/incidents?from=2026-11-22&to=2026-11-22', 400, '«from» must be before «to».'],
    [`/incidents?text=${long(VALUE_CHARS_MAX + 1)}`, 400, `«text» is longer than ${VALUE_CHARS_MAX}`],
    [`/incidents?cursor=${long(CURSOR_CHARS_MAX + 1)}`, 400, '«cursor» is longer'],
    [`/incidents?x=${long(QUERY_CHARS_MAX)}`, 400, 'The query is longer'],
    ['/fleet?sort=age', 400, '«sort» is one of heartbeat, name, version.'],
  ] as const)('%s: %i', async ([url, status, why]) => {
    const one = desk();
    const answer = await one.get(url);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(why);
    expect(one.asked).toEqual([]);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
    });
  });

  test.for([
    [`/incidents?text=${long(VALUE_CHARS_MAX)}`],
    [`/incidents?cursor=${long(CURSOR_CHARS_MAX)}`],
    [`/incidents?x=${long(QUERY_CHARS_MAX - 2)}`],
  ])('but a length at its limit is taken', async ([url]) => {
    expect((await desk().get(url ?? '')).status).toBe(200);
  });

  test.for(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])(
    '%s is refused with what is allowed',
    async (method) => {
      const one = desk();
      const answer = await one.get('/', method);
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
      expect(one.asked).toEqual([]);
    },
  );
});

test('a cursor that is none of ours is 400, an incident that is not there is 404', async () => {
  const nothing = desk({ list: () => Promise.resolve(undefined), fleet: () => Promise.resolve(undefined) });
  expect(await nothing.get('/incidents?cursor=x')).toMatchObject({ status: 400 });
  expect(await nothing.get('/fleet?cursor=x')).toMatchObject({ status: 400 });
  expect(await nothing.get('/incidents/dns-failure-0000000000000000')).toMatchObject({ status: 404 });
});

test('a store that does not answer is 503 and a line in the log, without what it said on the page', async () => {
  const one = desk({ overview: () => Promise.reject(new Error('14 UNAVAILABLE: secret host')) });
  const answer = await one.get('/');
  expect(answer.status).toBe(503);
  expect(answer.body).toContain('Firestore gave no answer');
  expect(answer.body).not.toContain('secret host');
  expect(one.log.lines).toMatchObject([{ level: 'ERROR', facts: { page: 'overview' } }]);
  expect(JSON.parse((await one.get('/?format=json')).body)).toMatchObject({ error: { status: 503 } });
});

test('a page has the words of the patterns as they are once it is read; style and script do not wait for them', async () => {
  const [known] = CATALOGUE_BOOK.patterns();
  if (known === undefined) throw new Error('no pattern');
  let patterns: readonly Pattern[] = [];
  let refreshed = 0;
  const one = desk(
    {},
    {
      find: () => undefined,
      patterns: () => patterns,
      refresh: () => {
        refreshed += 1;
        patterns = [{ ...known, id: 'custom-late', title: 'Came late' }];
        return Promise.resolve();
      },
    },
  );
  for (const url of ['/style.css', '/script.js', '/nope', '/?range=x']) await one.get(url);
  expect(refreshed).toBe(0);
  expect((await one.get('/incidents')).body).toContain('custom-late');
  expect(refreshed).toBe(1);
});

describe('headers', () => {
  test.for([
    '/',
    '/incidents',
    `/incidents/${INCIDENT}`,
    '/fleet',
    '/nope',
    '/?range=x',
    '/?format=json',
    '/style.css',
  ])('%s may run, load and frame nothing of anybody else’s', async (url) => {
    const { headers } = await desk().get(url);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  test('style and script are kept for good under the address that pages use, and for nothing under another', async () => {
    const one = desk();
    const page = (await one.get('/')).body;
    for (const [name, type] of [
      ['style.css', 'text/css; charset=utf-8'],
      ['script.js', 'text/javascript; charset=utf-8'],
    ] as const) {
      const address = new RegExp(`"\\./(${name.replace('.', '\\.')}\\?v=[0-9a-f]{16})"`).exec(page)?.[1];
      expect(await one.get(`/${address}`)).toMatchObject({
        status: 200,
        headers: { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' },
      });
      expect(await one.get(`/${name}?v=0`)).toMatchObject({ headers: { 'cache-control': 'no-cache' } });
    }
  });

  test('links lead back from wherever the page is', async () => {
    const one = desk();
    expect((await one.get('/incidents')).body).toContain('href="./fleet"');
    expect((await one.get(`/incidents/${INCIDENT}`)).body).toContain('href="../fleet"');
    expect((await one.get('/a/b/c')).body).toContain('href="../../fleet"');
  });
});

describe('as JSON', () => {
  const json = async (url: string): Promise<Record<string, unknown>> => {
    const answer = await desk().get(url);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    return JSON.parse(answer.body);
  };

  test('the overview has what the page has, times in RFC 3339, null for never', async () => {
    const data = await json('/?format=json');
    expect(Object.keys(data)).toEqual([
      'version',
      'readAt',
      'range',
      'open',
      'openCut',
      'episodes',
      'episodesCut',
      'entries',
      'days',
    ]);
    expect(data).toMatchObject({
      version: 1,
      readAt: '2026-11-22T03:17:00.000Z',
      open: [
        {
          pattern: 'config-not-found',
          severity: 'critical',
          proxies: 137,
          resolvedAt: null,
          resolvedBy: null,
        },
        {},
        {},
        {},
      ],
      entries: { from: '2026-11-21T03:20:00.000Z', to: '2026-11-22T03:20:00.000Z', bucketMinutes: 10 },
    });
  });

  test('the list has its filter and the cursor of the next page', async () => {
    expect(await json('/incidents?format=json')).toMatchObject({
      filter: { pattern: 'config-not-found' },
      next: 'bmV4dC1wYWdl',
      searchedOn: false,
    });
  });

  test('an incident has its story, minutes, proxies, checks and remedy', async () => {
    const data = await json(`/incidents/${INCIDENT}?format=json`);
    expect(data).toMatchObject({
      incident: { id: INCIDENT, slack: { url: 'https://slack.com/archives/C0INCIDENTS/p1795316400004200' } },
      timeline: [{ n: 1, kind: 'opened' }, {}, {}, {}, {}],
      checks: [{ id: 'forwarding-rules', verdict: 'fault' }, {}, {}],
      explainedBy: null,
    });
    expect(data['remedy']).toMatchObject([
      { run: expect.stringContaining('gcloud compute forwarding-rules list') },
      {},
      {},
      {},
      {},
    ]);
  });

  test('the fleet has verdicts and what they were made from', async () => {
    const { vms, next } = await json('/fleet?format=json');
    expect(next).toBe('bmV4dA');
    expect(vms).toMatchObject([
      {
        name: 'catalog-x2z4',
        heartbeat: { verdict: 'bad', text: 'silent for 2 h 48 min' },
        envoy: { verdict: 'good', text: '1.29.7' },
      },
      ...Array.from({ length: 15 }, () => ({})),
    ]);
    expect(vms).toContainEqual(
      expect.objectContaining({
        name: 'payments-x15z4',
        heartbeat: expect.objectContaining({ verdict: 'good', text: 'beats' }),
        envoy: expect.objectContaining({ verdict: 'bad', text: '1.22.2, too old' }),
      }),
    );
  });

  test('faults are JSON too', async () => {
    expect(await json('/nope?format=json')).toMatchObject({ error: { status: 404 } });
    expect(await json('/incidents?state=x&format=json')).toMatchObject({ error: { status: 400 } });
  });
});

test('its settings are the project, the database and a language', () => {
  const env = { FUNCTION_TARGET: 'history', GOOGLE_CLOUD_PROJECT: 'p' };
  expect(readConfig(env)).toMatchObject({
    function: 'history',
    FIRESTORE_DATABASE: '(default)',
    LANGUAGE: 'en',
  });
  expect(() => readConfig({ ...env, LANGUAGE: 'de' })).toThrow(/LANGUAGE/);
});

describe('as its own process, over a socket', () => {
  let firestore: RunningFirestore;
  let running: Running;
  let address: string;
  beforeAll(async () => {
    firestore = await startFirestore({ dataFile: ':memory:', port: 0 });
    const port = await freePort(0, 'history');
    address = `http://127.0.0.1:${port}`;
    const env = {
      GOOGLE_CLOUD_PROJECT: 'history-process',
      FIRESTORE_EMULATOR_HOST: `${firestore.host}:${firestore.port}`,
      METADATA_SERVER_DETECTION: 'none',
    };
    running = await keepRunning(functionProgram('history', port, { env, onLine: () => undefined }));
  });
  afterAll(async () => {
    await running.stop();
    // The last test has closed it, if it came that far.
    await firestore.close().catch(() => undefined);
  });

  test('GET shows the empty history, HEAD the same without a body, POST is refused', async () => {
    const page = await fetch(`${address}/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('Nothing is open.');
    const head = await fetch(`${address}/incidents`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await fetch(`${address}/`, { method: 'POST' })).status).toBe(405);
    expect(await (await fetch(`${address}/incidents?format=json`)).json()).toMatchObject({
      incidents: [],
      next: null,
    });
    expect((await fetch(`${address}/fleet`)).status).toBe(200);
    expect((await fetch(`${address}/incidents?cursor=forged`)).status).toBe(400);
  });

  test('once Firestore is gone it says so', async () => {
    await firestore.close();
    const answer = await fetch(`${address}/incidents`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('Firestore gave no answer');
  });
});
