// Hostile text in every field of every page, parsed by a real browser: it stays text. The content security policy is
// taken away here, so that the template alone is held to it; another test holds the pages to the policy.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHistory, type PageAnswer, type PageRequest } from '#functions/history.ts';
import { readPageFiles } from '#functions/adapters/page-files.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { readUserPatterns } from '#shared/patterns/user-pattern.ts';
import { launchBrowser, ORIGIN, visit } from './browser.ts';
import { HARM } from './harm.ts';
import { fleetData, incidentData, listData, NOW_MS, overviewData, type Plant } from './history-data.ts';

const INCIDENT = incidentData().incident.id;

const PAGES = [
  ['overview', '/'],
  ['overview of a month', '/?range=30d'],
  ['list', '/incidents?text=%3Cscript%3E&proxy=%22%3E%3Cimg%3E'],
  ['incident', `/incidents/${INCIDENT}`],
  ['fleet', '/fleet'],
] as const;

const HOSTILE = [
  ['a script', '<script>window.hurt = 1</script>'],
  ['an image that fails', '"><img src=x onerror="window.hurt = 1">'],
  ['a handler in single quotes', "' onmouseover='window.hurt = 1"],
  ['a link that runs', 'javascript:window.hurt=1'],
  ['an end of the title, of SVG and of the page', '</title></svg></pre></table></main><h1>forged</h1><!--'],
  ['SVG with a script', '<svg onload="window.hurt = 1"><script>window.hurt = 1</script></svg>'],
  ['a style', '<style>body{display:none}</style>'],
  ['characters that reorder and hide', '\u202Etxt.exe\u2066\u200B\u0000\u001B[31m'],
  ['entities and templates', '&lt;script&gt; ${window.hurt=1} {{hurt}}'],
  ['a very long line', 'x'.repeat(5_000)],
] as const;

/** A user's pattern whose every text is planted; `unrecognised` incidents are shown with it. */
function plantedPatterns(plant: Plant): typeof CATALOGUE {
  const clean = (text: string, chars: number): string => plant(text).replaceAll(/[{}]/g, '').slice(0, chars);
  const [result] = readUserPatterns([
    {
      id: 'custom-planted',
      title: clean('A title', 120),
      severity: 'error',
      contains: ['planted'],
      regexp: 'planted (?P<what>.*)',
      headline: clean('A headline', 200),
      cause: clean('A cause', 600),
      remedy: [
        {
          say: clean('Do this', 400),
          run: `echo # ${clean('command', 300).replaceAll(/[{}\n'"`$\\]/g, '')}`,
        },
      ],
      references: [clean('a reference', 300), 'javascript:window.hurt=1'],
    },
  ]);
  if (result?.kind !== 'pattern') throw new Error(`the pattern has faults: ${JSON.stringify(result)}`);
  // Taken for the pattern that the data speak of, so that every page shows its words.
  const own = result.pattern;
  return CATALOGUE.map((pattern) =>
    pattern.id === 'config-not-found' ? { ...own, id: pattern.id } : pattern,
  );
}

/** What the tests send away: every page with planted data, without the policy. */
function handlerOf(plant: Plant, withPolicy = false): (request: PageRequest) => Promise<PageAnswer> {
  const patterns = plantedPatterns(plant);
  const handle = createHistory({
    reader: {
      overview: ({ range }) => Promise.resolve(overviewData(range, plant)),
      list: () => Promise.resolve({ ...listData(plant), next: plant('cursor') }),
      incident: () => {
        const data = incidentData(plant);
        const [explains] = data.explains;
        return Promise.resolve({ ...data, explainedBy: explains });
      },
      fleet: () => Promise.resolve({ ...fleetData(plant), next: plant('cursor') }),
    },
    patterns: { refresh: () => Promise.resolve(), patterns: () => patterns, find: () => undefined },
    ...readPageFiles(),
    language: 'en',
    clock: { nowMs: () => NOW_MS, wait: () => Promise.resolve() },
    log: { write: () => undefined },
  });
  return async (request) => {
    const answer = await handle(request);
    const { 'content-security-policy': policy = '', ...rest } = answer.headers;
    return { ...answer, headers: withPolicy ? { ...rest, 'content-security-policy': policy } : rest };
  };
}

/** Run in the page: the elements with the names of their attributes, in order. */
const SKELETON = `[...document.querySelectorAll('*')].map((element) =>
  element.localName + ' ' + element.getAttributeNames().sort().join(' '))`;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

async function look(plant: Plant, path: string, withPolicy = false) {
  const { page, faults } = await visit(browser, handlerOf(plant, withPolicy), {
    viewport: { width: 360, height: 700 },
  });
  try {
    await page.goto(`${ORIGIN}${path}`, { waitUntil: 'load' });
    // Whatever listens for a pointer or a key gets one.
    await page.mouse.move(180, 300);
    const skeleton = await page.evaluate<string[]>(SKELETON);
    const harm = await page.evaluate<string[]>(HARM);
    const text = await page.evaluate<string>('document.body.textContent');
    return { skeleton, harm, faults, text };
  } finally {
    await page.close();
  }
}

describe.for(PAGES)('the %s', ([, path]) => {
  test('is whole, harmless and silent under its own policy', async () => {
    const seen = await look((text) => text, path, true);
    expect(seen.faults).toEqual([]);
    expect(seen.harm).toEqual([]);
    expect(seen.skeleton.length).toBeGreaterThan(60);
  });
  test.for(HOSTILE)('takes %s in every field for text', async ([, hostile]) => {
    const seen = await look((text) => `${text}${hostile}`, path);
    expect(seen.harm).toEqual([]);
    expect(seen.faults).toEqual([]);
    if (hostile.length > 100) return;
    // The same elements with the same attributes as with a harmless text of that length.
    const plain = await look((text) => `${text}${'y'.repeat(hostile.length)}`, path);
    expect(seen.skeleton).toEqual(plain.skeleton);
    expect(seen.text).not.toBe(plain.text);
  });
});
