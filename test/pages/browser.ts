// Chromium for tests and pictures of the pages. Nothing is loaded but what a handler of ours answers.
import chromium from '@sparticuz/chromium';
import { chromium as browserType, type Browser, type Page } from 'playwright-core';
import type { PageAnswer, PageRequest } from '#functions/history.ts';

/** These would take security away that the pages are tested with, or end the browser with its first page. */
const UNWANTED = new Set(['--single-process', '--no-zygote', '--disable-web-security']);

export async function launchBrowser(): Promise<Browser> {
  return browserType.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter((arg) => !UNWANTED.has(arg)),
    headless: true,
  });
}

/** Where the pages seem to be; no such host exists. */
export const ORIGIN = 'https://history.test';

export interface Visit {
  readonly page: Page;
  /** Requests that went anywhere else, and what the page complained of. */
  readonly faults: string[];
}

/** What the page complains of from now on: errors, warnings (a broken security policy is one) and dialogs. */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return faults;
}

/** A new page whose every request `handle` answers. */
export async function visit(
  browser: Browser,
  handle: (request: PageRequest) => Promise<PageAnswer>,
  more: Parameters<Browser['newPage']>[0] = {},
): Promise<Visit> {
  const page = await browser.newPage(more);
  const faults = faultsOf(page);
  await page.route('**/*', async (route) => {
    const url = route.request().url();
    if (!url.startsWith(`${ORIGIN}/`)) {
      faults.push(`request: ${url}`);
      return route.abort();
    }
    const answer = await handle({ method: route.request().method(), url: url.slice(ORIGIN.length) });
    return route.fulfill({ status: answer.status, headers: { ...answer.headers }, body: answer.body });
  });
  return { page, faults };
}
