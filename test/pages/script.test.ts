// The small script in a real browser: the reader's own times, the overview that reads itself again, short addresses; and
// that nothing is missing without it.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHistory, type HistoryNeeds } from '#functions/history.ts';
import { readPageFiles } from '#functions/adapters/page-files.ts';
import { CATALOGUE_BOOK } from '#functions/pattern-book.ts';
import { launchBrowser, ORIGIN, visit } from './browser.ts';
import { fleetData, incidentData, listData, NOW_MS, overviewData } from './history-data.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const handlerOf = (overview: HistoryNeeds['reader']['overview']) =>
  createHistory({
    reader: {
      overview,
      list: () => Promise.resolve(listData()),
      incident: () => Promise.resolve(incidentData()),
      fleet: () => Promise.resolve(fleetData()),
    },
    patterns: CATALOGUE_BOOK,
    ...readPageFiles(),
    language: 'en',
    clock: { nowMs: () => NOW_MS, wait: () => Promise.resolve() },
    log: { write: () => undefined },
  });

const calm = handlerOf(({ range }) => Promise.resolve(overviewData(range)));
const berlin = { locale: 'en-GB', timezoneId: 'Europe/Berlin' };

test('times are the reader’s own, and still say which moment they are', async () => {
  const { page, faults } = await visit(browser, calm, berlin);
  await page.goto(`${ORIGIN}/`);
  const read = page.locator('footer time');
  expect(await read.textContent()).toBe('22 Nov 2026, 04:17');
  expect(await read.getAttribute('title')).toContain('2026-11-22T03:17:00Z');
  expect(await page.locator('footer').textContent()).toContain('times in CET');
  expect(await page.locator('.lanes ~ .axis text').allTextContents()).toEqual([
    '07:00',
    '13:00',
    '19:00',
    '01:00',
  ]);
  expect(faults).toEqual([]);
  await page.close();
});

test('without scripts the same is there, in UTC', async () => {
  const { page, faults } = await visit(browser, calm, { ...berlin, javaScriptEnabled: false });
  await page.goto(`${ORIGIN}/`);
  expect(await page.locator('footer time').textContent()).toBe('2026-11-22 03:17 UTC');
  await page.getByRole('link', { name: 'Incidents', exact: true }).click();
  await page.getByLabel('Network').fill('prod-vpc');
  await page.getByRole('button', { name: 'Show' }).click();
  expect(page.url()).toContain('network=prod-vpc');
  await page
    .getByRole('link', { name: /^No mesh configuration/ })
    .first()
    .click();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(
    'No mesh configuration for network',
  );
  expect(faults).toEqual([]);
  await page.close();
});

test('the filter leaves empty fields out of the address', async () => {
  const { page } = await visit(
    browser,
    handlerOf(() => Promise.resolve(overviewData())),
    berlin,
  );
  await page.goto(`${ORIGIN}/incidents`);
  for (const label of ['Words', 'Project']) await page.getByLabel(label).fill('');
  await page.getByLabel('Pattern').selectOption('');
  await page.getByLabel('State').selectOption('open');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL('**/incidents?*');
  expect(page.url()).toBe(`${ORIGIN}/incidents?state=open`);
  await page.close();
});

test('the overview reads itself again each half minute, keeps what is unfolded, and stops while paused', async () => {
  let reads = 0;
  let fails = false;
  const handle = handlerOf(() => {
    reads += 1;
    if (fails) return Promise.reject(new Error('gone'));
    return Promise.resolve(reads < 2 ? overviewData() : { ...overviewData(), open: [] });
  });
  const { page } = await visit(browser, handle, berlin);
  await page.clock.install();
  await page.goto(`${ORIGIN}/`);
  await page.locator('summary', { hasText: 'The numbers as a table' }).click();
  await page.evaluate('document.activeElement.blur()');
  expect(reads).toBe(1);
  await page.clock.runFor(29_000);
  expect(reads).toBe(1);
  await page.clock.runFor(2_000);
  await page.getByText('Nothing is open.').waitFor();
  expect(await page.title()).toBe('Nothing open · mesh-triage');
  expect(await page.locator('details').first().getAttribute('open')).not.toBeNull();
  expect(await page.locator('footer time').textContent()).toBe('22 Nov 2026, 04:17');

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.clock.runFor(120_000);
  expect(reads).toBe(2);

  fails = true;
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Not reached; this may be old').waitFor();
  // What was there stays there.
  await page.getByText('Nothing is open.').waitFor();
  expect(reads).toBe(3);
  await page.close();
});

test('a bar says what it stands for when one points at it', async () => {
  const { page } = await visit(browser, calm, { ...berlin, viewport: { width: 1_200, height: 1_600 } });
  await page.goto(`${ORIGIN}/`);
  await page.locator('g.bar').last().hover();
  expect(await page.locator('.readout').first().textContent()).toMatch(
    /^2026-11-22 03:10 UTC: config-not-found [\d.]+/,
  );
  await page.close();
});
