// Makes the pictures of docs/ again: an incident is told through its whole life to the stand-in for Slack, and Chromium
// takes a picture of the stand-in’s inspector page, of one message drawn from its blocks, and of the pages of the history.
// `node test/e2e/pictures.ts [FOLDER]`; everything stays on 127.0.0.1.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import type { Incident } from '#shared/model/incident.ts';
import { createSlackWeb } from '#functions/adapters/slack-web.ts';
import { createPace } from '#functions/slack-pace.ts';
import type { TellNeeds } from '#functions/tell-message.ts';
import { tellSlack } from '#functions/tell-slack.ts';
import { freePort } from '../../infra/local/processes.ts';
import { startSlack, type LocalSlack } from '../../infra/local/slack.ts';
import { anIncident } from '../notify/incident.ts';
import { launchBrowser } from '../pages/browser.ts';
import { blockPage } from './block-page.ts';
import { takeHistory } from './history-pictures.ts';
import { handClock, memoryLog, memoryStore, SETTINGS } from '../functions/tell-slack-harness.ts';

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '../../docs'));

const WIDTH = 1_100;

/** Open, growing, acknowledged, resolved, and back again. */
async function live(slack: LocalSlack): Promise<void> {
  const first = anIncident();
  const store = memoryStore([first]);
  const log = memoryLog();
  const clock = handClock(first.evidence.lastSeenMs + 10_000);
  const needs: TellNeeds = {
    store: store.ports,
    slack: createSlackWeb({ token: slack.token, apiUrl: slack.apiUrl }),
    notices: { silences: () => Promise.resolve([]), ledger: () => Promise.resolve(undefined) },
    settings: { ...SETTINGS, channel: slack.channel },
    quietAfterMs: () => Number.MAX_SAFE_INTEGER,
    clock,
    log,
    pace: createPace({ clock, log }),
  };
  const then = async (change: (incident: Incident) => Incident): Promise<void> => {
    const now = change(store.incidents.get(first.id) ?? first);
    store.incidents.set(first.id, now);
    clock.advance(60_000);
    await tellSlack(needs, now);
  };
  await then((incident) => incident);
  await then((incident) => ({
    ...incident,
    evidence: { ...incident.evidence, count: 4_812, proxyCount: 137 },
  }));
  await then((incident) => ({ ...incident, state: 'acknowledged', acknowledgedAtMs: clock.nowMs() }));
  await then((incident) => ({
    ...incident,
    state: 'resolved',
    resolvedBy: 'quiet',
    resolvedAtMs: incident.openedAtMs + 47 * 60_000,
  }));
  await then((incident) => ({
    ...incident,
    state: 'open',
    episode: 2,
    countBefore: incident.evidence.count,
    acknowledgedAtMs: 0,
    resolvedAtMs: 0,
    resolvedBy: '',
    openedAtMs: incident.openedAtMs + 2 * 3_600_000,
    evidence: {
      ...incident.evidence,
      count: incident.evidence.count + 64,
      lastSeenMs: incident.openedAtMs + 2 * 3_600_000 + 30_000,
    },
  }));
}

async function withBrowser(use: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await launchBrowser();
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

/** The inspector's page: conversations, messages and threads; what stands below is empty. */
async function takeInspector(browser: Browser, url: string, file: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 900 }, deviceScaleFactor: 1 });
  // Nothing is loaded from anywhere but this machine.
  await page.route('**/*', (route) =>
    new URL(route.request().url()).hostname === '127.0.0.1' ? route.continue() : route.abort(),
  );
  await page.goto(url, { waitUntil: 'load' });
  const threads = await page.locator('.inspector-section').nth(2).boundingBox();
  const height = threads === null ? 900 : Math.ceil(threads.y + threads.height);
  await page.screenshot({ path: file, fullPage: true, clip: { x: 0, y: 0, width: WIDTH, height } });
}

/** One message, from the golden file that the tests hold. */
async function takeMessage(browser: Browser, golden: string, file: string): Promise<void> {
  const message: { readonly blocks: Parameters<typeof blockPage>[0] } = JSON.parse(
    readFileSync(golden, 'utf8'),
  );
  const page = await browser.newPage({ viewport: { width: 764, height: 400 }, deviceScaleFactor: 2 });
  await page.setContent(blockPage(message.blocks));
  await page.screenshot({ path: file, fullPage: true });
}

const slack = await startSlack(await freePort(0, 'Slack'));
try {
  await live(slack);
  await withBrowser(async (browser) => {
    await takeInspector(browser, slack.inspector, join(folder, 'slack-thread.png'));
    const golden = join(import.meta.dirname, '../golden/slack/config-not-found.open.json');
    await takeMessage(browser, golden, join(folder, 'slack-message.png'));
    for (const file of await takeHistory(browser, folder)) console.log(`made ${file}`);
  });
  console.log(`made ${join(folder, 'slack-thread.png')} and ${join(folder, 'slack-message.png')}`);
} finally {
  await slack.close();
}
