// The history as people use it: a browser on the pages that the one-machine run serves, with scripts and without; and what
// a log or a guest attribute may write, taken through the whole pipeline to every page, where it stays text.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { FLEET_ROWS_MAX, LIST_ROWS_MAX } from '#shared/model/history.ts';
import { madeUpProject } from '../../infra/local/google/project.ts';
import { startGoogle, type LocalGoogle } from '../../infra/local/google/server.ts';
import { sampleMessages } from '../../infra/local/messages.ts';
import { replay, type OutgoingMessage } from '../../infra/local/replay.ts';
import {
  SAMPLE_PROJECT,
  sampleFleet,
  sampleHour,
  STOPPED_BEFORE_END_MS,
  stoppedVms,
} from '../../infra/local/sample/hour.ts';
import { LOG_ENTRIES, startStack, type Stack } from '../../infra/local/stack.ts';
import { faultsOf, launchBrowser } from '../pages/browser.ts';
import { HARM } from '../pages/harm.ts';

const NOW_MS = Date.now();
const NETWORKS = 30;
const DAY_MS = 86_400_000;

/** What the pipeline needs at most until a page shows what was published; the machine may be busy. */
const SHOWN_WITHIN = { timeout: 45_000, interval: 200 };

/** What somebody who writes to a log may try, and what must be readable of it. */
const HOSTILE = [
  ['<script>window.hurt=1;alert(1)</script>', '<script>window.hurt=1;alert(1)</script>'],
  ["'><img src=x onerror=window.hurt=1>", "'><img src=x onerror=window.hurt=1>"],
  ['"><img src=https://evil.example/x onerror="alert(1)">', '<img src=https://evil.example/x onerror='],
  ['javascript:window.hurt=1//', 'javascript:window.hurt=1//'],
  ['\u202Egnp.exe\u2066 harmless', '\uFFFDgnp.exe\uFFFD harmless'],
] as const;

const idsSchema = z.object({ id: z.string() }).array();
const listSchema = z.object({ incidents: idsSchema, next: z.string().nullable() });
const fleetSchema = z.object({
  vms: z.object({ name: z.string(), lastFailure: z.string().nullable() }).array(),
  next: z.string().nullable(),
});
const overviewSchema = z.object({
  open: z.object({ pattern: z.string() }).array(),
  entries: z.object({ patterns: z.record(z.string(), z.unknown()) }),
});

/** A link or a field that is not there by then is missing. */
const ACTION_MS = 10_000;

let published = 0;

/** One line of Envoy's error log; `proxy` is whose, and `who` what stands in every label of it. */
function entry(
  message: string,
  of: { readonly project: string; readonly who?: string; readonly zone?: string },
): OutgoingMessage {
  const { project, who = 'vm-1', zone = 'europe-west3-b' } = of;
  published += 1;
  const timestamp = new Date(NOW_MS - 60_000 + published).toISOString();
  const value = {
    insertId: `${who}-${published}`,
    logName: `projects/${project}/logs/envoy_err`,
    timestamp,
    receiveTimestamp: timestamp,
    severity: who,
    resource: { type: 'gce_instance', labels: { project_id: project, zone, instance_id: who } },
    labels: {
      instance_name: who,
      'created-by': `projects/1/zones/z/instanceGroupManagers/${who}`,
    },
    jsonPayload: { message },
  };
  return { data: Buffer.from(JSON.stringify(value)), identity: value.insertId };
}

const line = (level: string, text: string): string =>
  `[${new Date(NOW_MS).toISOString().replace('T', ' ').replace('Z', '')}][12][${level}][config] [a/b.cc:1] ${text}`;

const noNetwork = (network: string): string =>
  line('warning', `Traffic Director configuration was not found for network "${network}" in project "1".`);

const apiIsOff = (project: string): string =>
  line(
    'warning',
    `StreamAggregatedResources gRPC config stream closed: 7, Traffic Director API has not been used in project ${project} before or it is disabled.`,
  );

/** Every kind of line that brings a text of its own onto a page. */
const hostileEntries = (text: string): readonly OutgoingMessage[] => {
  const labels = { project: text, who: text, zone: text };
  const inWords = text.replaceAll("'", '’');
  return [
    entry(noNetwork(text.replaceAll('"', '')), labels),
    entry(
      line(
        'warning',
        `gRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: Error adding/updating listener(s) ${text}: unable to open file '${inWords}': Permission denied`,
      ),
      labels,
    ),
    entry(line('error', `${text} is what nobody knows`), labels),
    entry(line('critical', text), { project: 'demo-project', who: text }),
  ];
};

let folder: string;
let google: LocalGoogle;
let stack: Stack;
let browser: Browser;

async function publish(messages: Iterable<OutgoingMessage> | AsyncIterable<OutgoingMessage>): Promise<void> {
  const each = async function* (): AsyncGenerator<OutgoingMessage> {
    yield* messages;
  };
  await replay(each(), {
    pubsub: stack.pubsub,
    topic: LOG_ENTRIES,
    backlog: stack.unacknowledged,
    onProgress: () => undefined,
  });
}

async function json<Value>(schema: z.ZodType<Value>, path: string): Promise<Value> {
  const url = new URL(path, stack.historyUrl);
  url.searchParams.set('format', 'json');
  return schema.parse(await (await fetch(url)).json());
}

/** Ids of all incidents that a filter finds. */
async function idsOf(filter: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ;) {
    const page = await json(listSchema, `incidents?${filter}&cursor=${cursor}`);
    ids.push(...page.incidents.map(({ id }) => id));
    if (page.next === null) return ids;
    cursor = page.next;
  }
}

/** Every VM of the fleet, in its order. */
async function fleet(): Promise<z.infer<typeof fleetSchema>['vms']> {
  const vms: z.infer<typeof fleetSchema>['vms'] = [];
  for (let cursor = ''; ;) {
    const page = await json(fleetSchema, `fleet?cursor=${cursor}`);
    vms.push(...page.vms);
    if (page.next === null) return vms;
    cursor = page.next;
  }
}

/** A reader's own page; complaints, and requests to anywhere else, are what `faults` holds when it is left. */
async function read<Result>(
  options: BrowserContextOptions,
  work: (page: Page) => Promise<Result>,
): Promise<Result> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(ACTION_MS);
  try {
    const page = await context.newPage();
    const faults = faultsOf(page);
    context.on('request', (request) => {
      if (!request.url().startsWith(stack.historyUrl) && request.url() !== 'data:,')
        faults.push(`request: ${request.url()}`);
    });
    context.on('page', (other) => faults.push(`opened: ${other.url()}`));
    const result = await work(page);
    expect(faults).toEqual([]);
    return result;
  } finally {
    await context.close();
  }
}

const go = (page: Page, path: string) => page.goto(new URL(path, stack.historyUrl).href);

/** Presses what leads to another page, and waits until that is there: a click alone waits for nothing. */
async function press(page: Page, target: Locator): Promise<void> {
  const loaded = page.waitForEvent('load');
  await target.click();
  await loaded;
}

const rows = (page: Page) => page.locator('table.incidents tbody tr');
/** What the address bar says; empty fields of a form aside. */
const given = (page: Page) =>
  Object.fromEntries([...new URL(page.url()).searchParams].filter(([, value]) => value !== ''));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-triage-'));
  const fleetOfHour = sampleFleet();
  const more = Array.from({ length: 20 }, (_, n) => ({
    name: `spare-${String(n).padStart(4, '0')}`,
    id: String(7_000 + n),
    zone: 'europe-west3-c',
    group: 'spare',
  }));
  const world = madeUpProject({
    project: SAMPLE_PROJECT,
    fleet: [...fleetOfHour, ...more],
    stopped: {
      names: stoppedVms(fleetOfHour).map(({ name }) => name),
      atMs: NOW_MS - STOPPED_BEFORE_END_MS,
    },
    startedAtMs: NOW_MS - DAY_MS,
  });
  const spare = world.vms.filter(({ group }) => group === 'spare');
  for (const [n, [text]] of HOSTILE.entries()) {
    const [first, second] = [spare[2 * n], spare[2 * n + 1]];
    if (first === undefined || second === undefined) throw new Error('too few VMs');
    for (const name of ['bootstrap-status', 'proxy-version', 'agent-heartbeat', 'agent-last-failure'])
      first.guestAttributes[name] = text;
    second.guestAttributes['bootstrap-status'] = 'FAILED';
    second.guestAttributes['bootstrap-last-failure'] = text;
    second.guestAttributes['agent-last-failure'] = text;
  }
  google = await startGoogle(world, { port: 0, nowMs: () => Date.now() });
  [stack, browser] = await Promise.all([
    startStack({
      dataFolder: folder,
      portBase: 0,
      redeliver: 0.1,
      seed: 11,
      history: true,
      google: { apiBase: google.apiBase, projects: [SAMPLE_PROJECT.id] },
      env: {},
    }),
    launchBrowser(),
  ]);
  await publish(sampleMessages(sampleHour({ seed: 1, endMs: NOW_MS, run: 'history-' })));
  await vi.waitFor(async () => {
    const { open, entries } = await json(overviewSchema, '');
    expect(open).toHaveLength(3);
    expect(Object.keys(entries.patterns)).toHaveLength(3);
  }, SHOWN_WITHIN);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  await google.stop();
  rmSync(folder, { recursive: true, force: true });
});

const READERS = [
  ['with scripts', { javaScriptEnabled: true }],
  ['without scripts', { javaScriptEnabled: false }],
] as const;

describe.for(READERS)('after the bad hour, %s,', ([, options]) => {
  test('the overview shows its three incidents in each range that is switched to', () =>
    read(options, async (page) => {
      await go(page, '');
      for (const [link, range, words] of [
        [undefined, undefined, 'last 24 hours'],
        ['last 7 days', '7d', 'last 7 days'],
        ['last 30 days', '30d', 'last 30 days'],
        ['last 24 hours', '24h', 'last 24 hours'],
      ] as const) {
        if (link !== undefined) await press(page, page.getByRole('link', { name: link, exact: true }));
        expect(given(page)).toEqual(range === undefined ? {} : { range });
        const current = page.getByRole('navigation', { name: 'Range' }).locator('[aria-current=true]');
        expect(await current.innerText()).toBe(words);
        const patterns = await rows(page).locator('.identity .pattern').allInnerTexts();
        expect(patterns.toSorted()).toEqual(['config-not-found', 'listener-rejected', 'stale-heartbeat']);
        const plots = await page.locator('figure.plot').allTextContents();
        expect(plots.join(' ')).toContain(words);
      }
    }));

  test('a filter by pattern and network finds its incident, stays in the address and in the form', () =>
    read(options, async (page) => {
      await go(page, '');
      await press(page, page.getByRole('link', { name: 'Incidents', exact: true }));
      expect(await rows(page).count()).toBe(3);
      await page.getByLabel('Pattern').selectOption('config-not-found');
      await page.getByLabel('Network').fill('prod-vpc');
      await press(page, page.getByRole('button', { name: 'Show' }));
      expect(given(page)).toEqual({ pattern: 'config-not-found', network: 'prod-vpc' });
      expect(await rows(page).locator('.identity').allInnerTexts()).toEqual([
        expect.stringMatching(/^config-not-found .*prod-vpc/),
      ]);
      await page.reload();
      expect(await page.getByLabel('Pattern').inputValue()).toBe('config-not-found');
      expect(await page.getByLabel('Network').inputValue()).toBe('prod-vpc');
      await page.getByLabel('Pattern').selectOption('listener-rejected');
      await press(page, page.getByRole('button', { name: 'Show' }));
      expect(given(page)).toEqual({ pattern: 'listener-rejected', network: 'prod-vpc' });
      expect(await page.getByText('No incident fits.').count()).toBe(1);
      await press(page, page.getByRole('link', { name: 'Clear' }));
      expect([given(page), await rows(page).count()]).toEqual([{}, 3]);
    }));
});

describe('after much more', () => {
  beforeAll(async () => {
    await stack.sweepFleet();
    const networks = Array.from({ length: NETWORKS }, (_, n) =>
      entry(noNetwork(`net-${n}`), { project: 'demo-many' }),
    );
    const hostile = HOSTILE.flatMap(([text]) => hostileEntries(text));
    await publish([
      ...networks,
      ...hostile,
      entry(apiIsOff('demo-explained'), { project: 'demo-explained' }),
    ]);
    await vi.waitFor(async () => expect(await idsOf('pattern=api-disabled')).toHaveLength(1), SHOWN_WITHIN);
    await publish([entry(noNetwork('explained-vpc'), { project: 'demo-explained' })]);
    await vi.waitFor(async () => {
      expect(await idsOf('project=demo-many')).toHaveLength(NETWORKS);
      expect(await idsOf('network=explained-vpc')).toHaveLength(1);
      expect(await fleet()).toHaveLength(60);
    }, SHOWN_WITHIN);
  });

  test.for(READERS)('%s, a list is read page by page and back to its first', ([, options]) =>
    read(options, async (page) => {
      await go(page, 'incidents?project=demo-many');
      const found: string[] = [];
      for (const [count, label] of [
        [LIST_ROWS_MAX, 'Next page'],
        [NETWORKS - LIST_ROWS_MAX, 'First page'],
        [LIST_ROWS_MAX, undefined],
      ] as const) {
        expect(await rows(page).count()).toBe(count);
        expect(given(page)).toMatchObject({ project: 'demo-many' });
        found.push(...(await rows(page).locator('.identity').allInnerTexts()));
        if (label !== undefined) await press(page, page.getByRole('link', { name: label }));
      }
      expect(new Set(found.slice(0, NETWORKS)).size).toBe(NETWORKS);
      expect(found.slice(NETWORKS)).toEqual(found.slice(0, LIST_ROWS_MAX));
    }),
  );

  test.for(READERS)('%s, an incident leads to its cause, and the cause back to it', ([, options]) =>
    read(options, async (page) => {
      await go(page, 'incidents?network=explained-vpc');
      await press(page, rows(page).getByRole('link'));
      const incident = page.url();
      const explained = page.locator('p.explained');
      expect(await explained.innerText()).toMatch(/^Follows from .*Mend that first\.$/s);
      await press(page, explained.getByRole('link'));
      expect(page.url()).toMatch(/\/incidents\/api-disabled-[0-9a-f]{16}$/);
      expect(await page.locator('h1').innerText()).toContain('is disabled in project demo-explained');
      await press(page, page.locator(`a[href$="${incident.slice(incident.lastIndexOf('/') + 1)}"]`));
      expect(page.url()).toBe(incident);
    }),
  );

  test.for(READERS)('%s, the fleet is read page by page, in each order', ([, options]) =>
    read(options, async (page) => {
      await go(page, 'fleet');
      for (const column of ['Heartbeat', 'Envoy', 'VM']) {
        await press(page, page.getByRole('columnheader', { name: column }).getByRole('link'));
        const names = page.locator('table.fleet .vm');
        const first = await names.allInnerTexts();
        await press(page, page.getByRole('link', { name: 'Next page' }));
        const all = [...first, ...(await names.allInnerTexts())];
        expect([first.length, new Set(all).size]).toEqual([FLEET_ROWS_MAX, 60]);
        if (column === 'VM') expect(all.toSorted()).toEqual(all);
      }
    }),
  );

  test.for(['light', 'dark'] as const)(
    'in %s colours axe finds no serious fault on any of the pages',
    (colorScheme) =>
      read({ colorScheme }, async (page) => {
        const [explained] = await idsOf('network=explained-vpc');
        const [checked] = await idsOf('network=prod-vpc');
        for (const path of ['', 'incidents', `incidents/${explained}`, `incidents/${checked}`, 'fleet']) {
          await go(page, path);
          await page.evaluate(axe.source);
          const faults = await page.evaluate<readonly string[]>(`axe.run().then(({ violations }) => violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ' ' + html + ' ' + failureSummary)))`);
          expect([path, faults]).toEqual([path, []]);
        }
      }),
  );

  test('hostile text of logs and guest attributes stays text on every page that shows it', async () => {
    const ids = await idsOf('');
    const quiet = new Set([
      ...(await idsOf('project=demo-many')),
      ...(await idsOf('project=demo-explained')),
    ]);
    const hostile = ids.filter((id) => !quiet.has(id));
    expect(hostile.length).toBeGreaterThan(3 + 3 * HOSTILE.length);
    const searches = HOSTILE.flatMap(([text]) =>
      ['network', 'project', 'proxy', 'text'].map(
        (name) => `incidents?${new URLSearchParams({ [name]: text })}`,
      ),
    );
    const paths = [
      '?range=30d',
      'incidents',
      'fleet',
      'fleet?sort=version',
      ...searches,
      ...hostile.map((id) => `incidents/${id}`),
    ];
    const texts = await read({ viewport: { width: 360, height: 700 } }, async (page) => {
      const seen = new Map<string, string>();
      for (const path of paths) {
        await go(page, path);
        await page.mouse.move(180, 300);
        expect([path, await page.evaluate<string[]>(HARM)]).toEqual([path, []]);
        seen.set(path, await page.evaluate<string>('document.body.textContent'));
      }
      return seen;
    });
    const shows = (kind: RegExp, text: string): boolean =>
      [...texts].some(([path, shown]) => kind.test(path) && shown.includes(text));
    const places = {
      network: /^incidents\/config-not-found/,
      listener: /^incidents\/listener-rejected/,
      unknown: /^incidents\/unrecognised/,
      fleet: /^fleet$/,
      list: /^incidents\?project=/,
    };
    for (const [text, readable] of HOSTILE) {
      const missing = Object.entries(places).filter(([, kind]) => !shows(kind, readable));
      expect([text, missing]).toEqual([text, []]);
      expect((await idsOf(new URLSearchParams({ project: text }).toString())).length).toBeGreaterThanOrEqual(
        3,
      );
    }
  });
});
