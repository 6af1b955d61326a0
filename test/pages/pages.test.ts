// What stands on each page, and where its links lead.
import { describe, expect, test } from 'vitest';
import type { FleetSort, ListData } from '#shared/model/history.ts';
import { fleetPage } from '#shared/pages/fleet.ts';
import { htmlText, type Html } from '#shared/pages/html.ts';
import { incidentPage } from '#shared/pages/incident.ts';
import { listPage } from '#shared/pages/list.ts';
import { overviewPage } from '#shared/pages/overview.ts';
import {
  fleetData,
  incidentData,
  listData,
  NOW_MS,
  overviewData,
  pageContext,
  proxyState,
} from './history-data.ts';

const context = pageContext();
/** The text of a page as one line, and its markup as one line. */
const plain = (page: Html): string =>
  htmlText(page)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
const markup = (page: Html): string => htmlText(page).replaceAll(/\s+/g, ' ');

/** How many, and their minutes in all. */
type Pair = readonly [number, number];

describe('the overview', () => {
  const MINUTE_MS = 60_000;
  const ends = ([acknowledged, acknowledgedMin]: Pair, [resolved, resolvedMin]: Pair) => ({
    acknowledged,
    acknowledgedMs: acknowledgedMin * MINUTE_MS,
    resolved,
    resolvedMs: resolvedMin * MINUTE_MS,
  });
  const today = Math.floor(NOW_MS / 86_400_000);

  test('counts what is open by severity and says so in the title', () => {
    const page = overviewPage(context, overviewData());
    expect(plain(page)).toMatch(/Open now 1 critical 2 error 1 warning/);
    expect(htmlText(page)).toContain('<title>4 open, 1 critical · mesh-triage</title>');
  });
  test('leads to the list where there are more', () => {
    const page = markup(overviewPage(context, { ...overviewData(), openCut: true, episodesCut: true }));
    expect(page).toContain('href="./incidents?state=unresolved"');
    expect(page).toContain('href="./incidents?from=2026-11-21T03%3A20%3A00Z"');
    expect(page).toContain('<title>4+ open');
  });
  test('has mean times over all days of the range, by the number that ended', () => {
    const data = {
      ...overviewData('7d'),
      days: [
        {
          day: today - 1,
          slots: {},
          ends: { 'dns-failure': ends([1, 10], [2, 60]), 'envoy-crash': ends([0, 0], [1, 5]) },
        },
        { day: today, slots: {}, ends: { 'dns-failure': ends([2, 50], [1, 120]) } },
      ],
    };
    expect(plain(overviewPage(context, data))).toMatch(/dns-failure 3 20 min 3 1 h envoy-crash 0 – 1 5 min/);
  });
  test('says how much was held back, in number and share', () => {
    const slots = { 'held-back': new Map([[10, 950]]), 'dns-failure': new Map([[11, 50]]) };
    const page = plain(overviewPage(context, { ...overviewData(), days: [{ day: today, slots, ends: {} }] }));
    expect(page).toContain(
      '950 entries of routine noise and information, 95 % of all that came, woke nobody.',
    );
    expect(page).toContain('dns-failure 50 entries, peak 5/min');
  });
  test('of nothing says that it is nothing', () => {
    const page = plain(overviewPage(context, { ...overviewData(), open: [], episodes: [], days: [] }));
    for (const words of [
      'Nothing is open.',
      'No incident in the last 24 hours.',
      'No entry of any failure was counted in the last 24 hours.',
      'Nothing was held back in the last 24 hours.',
      'Nothing was acknowledged or resolved in the last 24 hours.',
    ])
      expect(page).toContain(words);
  });
  test('lets only itself be read again by the script', () => {
    expect(htmlText(overviewPage(context, overviewData()))).toContain('data-live');
    expect(htmlText(listPage(context, listData(), ''))).not.toContain('data-live');
  });
});

describe('the list', () => {
  const filter: ListData['filter'] = {
    state: 'unresolved',
    pattern: 'custom-gone',
    text: 'a "b"',
    fromMs: Date.UTC(2026, 10, 1, 9, 30),
  };
  test('holds its filter in the form, a pattern that nobody knows any more too', () => {
    const page = markup(listPage(context, { ...listData(), filter }, ''));
    expect(page).toMatch(/<option value="unresolved"\s+selected\s*>/);
    expect(page).toMatch(/<option value="custom-gone"\s+selected\s*>/);
    expect(page).toContain('value="a &quot;b&quot;"');
    expect(page).toContain('value="2026-11-01T09:30"');
    expect(page).toContain('method="get"');
  });
  test('goes on with the same filter, and back to the first page', () => {
    const query =
      'state=unresolved&amp;pattern=custom-gone&amp;text=a%20%22b%22&amp;from=2026-11-01T09%3A30%3A00Z';
    const page = markup(listPage(context, { ...listData(), filter, next: 'a+b/c=' }, 'x'));
    expect(page).toContain(`rel="next" href="./incidents?${query}&amp;cursor=a%2Bb%2Fc%3D"`);
    expect(page).toContain(`rel="first" href="./incidents?${query}"`);
    expect(page).toContain(`href="./incidents?${query}&amp;cursor=x&amp;format=json"`);
  });
  test('has no way on where there is none, and says where the search stopped', () => {
    expect(markup(listPage(context, { ...listData(), next: '' }, ''))).not.toContain('class="pager"');
    const stopped = { ...listData(), incidents: [], searchedOn: true };
    expect(plain(listPage(context, stopped, ''))).toContain(
      '0 incidents so far; the search stopped at its bound',
    );
    expect(plain(listPage(context, stopped, ''))).toContain('Search further back');
    expect(plain(listPage(context, { ...listData(), incidents: [], next: '' }, ''))).toContain(
      'No incident fits.',
    );
  });
});

describe('an incident', () => {
  const data = incidentData();
  const deep = pageContext({ root: '../' });
  test('shows expected and found, commands whole, and who did what', () => {
    const page = plain(incidentPage(deep, data));
    for (const words of [
      'The checks prove: No forwarding rule with scheme INTERNAL_SELF_MANAGED names network prod-vpc.',
      'rules on networks: default, staging-vpc',
      'gcloud compute forwarding-rules list --global --project=123456789012 --filter=loadBalancingScheme=INTERNAL_SELF_MANAGED --format=&#39;table(',
      'Acknowledged by U0ONCALL7',
      'and 131 more',
      '1.22.2, too old',
      'silent for 1 h 47 min',
      'Episode 1, 2026-11-12',
    ])
      expect(page).toContain(words);
  });
  test('leads to Slack, to the Logs Explorer, and to what it explains', () => {
    const page = markup(incidentPage(deep, data));
    expect(page).toContain('href="https://slack.com/archives/C0INCIDENTS/p1795316400004200"');
    expect(page).toContain('href="https://console.cloud.google.com/logs/query;query=');
    expect(page).toContain(`href="../incidents/${data.explains[0]?.id}"`);
  });
  test('leads to its cause', () => {
    const [cause] = data.explains;
    const page = incidentPage(deep, { ...data, explains: [], explainedBy: cause });
    expect(plain(page)).toMatch(/Follows from open Backends are unhealthy .* Mend that first\./);
    expect(markup(page)).toContain(`href="../incidents/${cause?.id}"`);
  });
  test('that Slack was not told of, or refused, has no link and says why', () => {
    const spoken = { ...data.incident.spoken, ts: '', refusal: 'not_in_channel' };
    const page = incidentPage(deep, { ...data, incident: { ...data.incident, spoken } });
    expect(plain(page)).toContain('Slack refused its message: not_in_channel');
    expect(htmlText(page)).not.toContain('slack.com');
  });
  test('in another language marks the words of that language', () => {
    const incident: typeof data.incident = {
      ...data.incident,
      checks: (data.incident.checks ?? []).map((check) => ({
        ...check,
        zhCn: { expected: '应有转发规则', found: '没有转发规则' },
      })),
      conclusionZhCn: '没有转发规则指向该网络',
    };
    const page = markup(incidentPage(pageContext({ root: '../', language: 'zh-CN' }), { ...data, incident }));
    for (const words of ['应有转发规则', '没有转发规则', '没有转发规则指向该网络'])
      expect(page).toMatch(new RegExp(`<bdi\\s+lang="zh-CN"\\s*>${words}</bdi`));
    expect(page).toMatch(/<h1>\s*<bdi\s+lang="zh-CN"\s*>/);
    expect(page).toContain('<html lang="en">');
  });
});

describe('the fleet', () => {
  test('stands in the order of the store', () => {
    for (const order of [
      [6, 0],
      [0, 6],
    ]) {
      const proxies = order.map((index) => proxyState(index));
      const page = plain(fleetPage(context, { ...fleetData(), proxies }, ''));
      expect(page.indexOf('checkout-x0z4') < page.indexOf('catalog-x6z4')).toBe(order[0] === 0);
    }
  });
  test.for<readonly [FleetSort, string]>([
    ['heartbeat', 'Heartbeat'],
    ['name', 'VM'],
    ['version', 'Envoy'],
  ])('ordered by %s says so at its column', ([sort, column]) => {
    const page = markup(fleetPage(context, { ...fleetData(), sort }, ''));
    const sorted = [...page.matchAll(/aria-sort="ascending"\s*>\s*<a[^>]*>([^<]*)</g)].map(
      ([, text]) => text,
    );
    expect(sorted).toEqual([column]);
    expect(page).toContain(
      sort === 'heartbeat' ? 'href="./fleet?cursor=bmV4dA"' : `href="./fleet?sort=${sort}&amp;cursor=bmV4dA"`,
    );
  });
  test('that nobody looks at says what to set', () => {
    expect(plain(fleetPage(context, { ...fleetData(), proxies: [] }, ''))).toContain('FLEET_PROJECTS');
  });
});
