// Pictures of the history's four pages from made-up data. In: a browser and a folder. Out: history-*.png.
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createHistory } from '#functions/history.ts';
import { readPageFiles } from '#functions/adapters/page-files.ts';
import { CATALOGUE_BOOK } from '#functions/pattern-book.ts';
import { ORIGIN, visit } from '../pages/browser.ts';
import { fleetData, incidentData, listData, NOW_MS, overviewData } from '../pages/history-data.ts';

const WIDTH = 1_180;

const handle = createHistory({
  reader: {
    overview: ({ range }) => Promise.resolve(overviewData(range)),
    list: () => Promise.resolve({ ...listData(), filter: { project: 'demo-mesh' } }),
    incident: () => Promise.resolve(incidentData()),
    fleet: () => Promise.resolve(fleetData()),
  },
  patterns: CATALOGUE_BOOK,
  ...readPageFiles(),
  language: 'en',
  clock: { nowMs: () => NOW_MS, wait: () => Promise.resolve() },
  log: { write: () => undefined },
});

/** Name, address, colours, and how much of the page's height is shown. */
const PICTURES = [
  ['overview', '/', 'light', 1_400],
  ['list', '/incidents?project=demo-mesh', 'light', 760],
  ['incident', `/incidents/${incidentData().incident.id}`, 'light', 1_080],
  ['fleet', '/fleet', 'dark', 700],
] as const;

/** Makes the four; throws where a page complains of anything. */
export async function takeHistory(browser: Browser, folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const [name, path, colorScheme, height] of PICTURES) {
    const viewport = { width: WIDTH, height };
    const { page, faults } = await visit(browser, handle, {
      viewport,
      colorScheme,
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
    });
    await page.goto(`${ORIGIN}${path}`, { waitUntil: 'load' });
    const file = join(folder, `history-${name}.png`);
    await page.screenshot({ path: file });
    await page.close();
    if (faults.length > 0) throw new Error(`${path}: ${faults.join('; ')}`);
    files.push(file);
  }
  return files;
}
