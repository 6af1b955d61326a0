// A reader's request → a page of the history, or the same as JSON. Reads only; whatever it answers is not stored anywhere.
import { faultPage, type Fault } from '#shared/pages/fault.ts';
import { fleetPage } from '#shared/pages/fleet.ts';
import { htmlText, type Html } from '#shared/pages/html.ts';
import { incidentPage } from '#shared/pages/incident.ts';
import { fleetJson, incidentDataJson, listJson, overviewJson } from '#shared/pages/json.ts';
import type { PageContext } from '#shared/pages/layout.ts';
import { listPage } from '#shared/pages/list.ts';
import { overviewPage } from '#shared/pages/overview.ts';
import { QUERY_CHARS_MAX, readRequest, rootOf, type HistoryRequest } from '#shared/pages/request.ts';
import type { Language } from '#shared/notify/texts/texts.ts';
import type { Clock, HistoryReader, Log } from './ports.ts';
import type { PatternBook } from './pattern-book.ts';

/** A file that pages load: its content, its media type, and a version that changes with the content. */
export interface PageAsset {
  readonly text: string;
  readonly type: string;
  readonly version: string;
}

/** `url`: path and query, as the reader sent them. */
export interface PageRequest {
  readonly method: string;
  readonly url: string;
}

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HistoryNeeds {
  readonly reader: HistoryReader;
  readonly patterns: PatternBook;
  readonly style: PageAsset;
  readonly script: PageAsset;
  readonly language: Language;
  readonly clock: Clock;
  readonly log: Log;
}

/** Nothing runs, loads or frames but what this function serves itself. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const SAFE_HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const HTML = 'text/html; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

function answer(status: number, type: string, body: string): PageAnswer {
  const headers = { ...SAFE_HEADERS, 'content-type': type, 'cache-control': 'no-store' };
  return { status, headers, body };
}

/** An address with the version of the content never changes what it says; one without is asked for each time. */
function assetAnswer(asset: PageAsset, version: string): PageAnswer {
  const cache = version === asset.version ? 'public, max-age=31536000, immutable' : 'no-cache';
  return {
    status: 200,
    headers: { ...SAFE_HEADERS, 'content-type': asset.type, 'cache-control': cache },
    body: asset.text,
  };
}

type Asked = Extract<HistoryRequest, { format: string }>;

/** Both forms of what was found, each made only when it is wanted. */
interface Forms {
  readonly page: (context: PageContext) => Html;
  readonly json: (context: PageContext) => object;
}

const NO_SUCH_CURSOR: Fault = {
  status: 400,
  what: 'The cursor in this address is not one of ours.',
  hint: 'Cursors come from the link to the next page; begin with the first page again.',
};

const NOTHING_HERE: Fault = {
  status: 404,
  what: 'There is no such page, and no incident of that id.',
  hint: 'An incident’s id is its pattern and 16 hexadecimal digits, as Slack and the list show it.',
};

/** Reads what is asked for. Rejects only where the store does not answer. */
async function look(needs: HistoryNeeds, asked: Asked): Promise<Forms | Fault> {
  const nowMs = needs.clock.nowMs();
  switch (asked.kind) {
    case 'overview': {
      const data = await needs.reader.overview({ range: asked.range, nowMs });
      return {
        page: (context) => overviewPage(context, data),
        json: (context) => overviewJson(context, data),
      };
    }
    case 'list': {
      const data = await needs.reader.list({ filter: asked.filter, cursor: asked.cursor, nowMs });
      if (data === undefined) return NO_SUCH_CURSOR;
      return {
        page: (context) => listPage(context, data, asked.cursor),
        json: (context) => listJson(context, data),
      };
    }
    case 'incident': {
      const data = await needs.reader.incident(asked.id, nowMs);
      if (data === undefined) return NOTHING_HERE;
      return {
        page: (context) => incidentPage(context, data),
        json: (context) => incidentDataJson(context, data),
      };
    }
    case 'fleet': {
      const data = await needs.reader.fleet({ sort: asked.sort, cursor: asked.cursor, nowMs });
      if (data === undefined) return NO_SUCH_CURSOR;
      return { page: (context) => fleetPage(context, data, asked.cursor), json: () => fleetJson(data) };
    }
  }
}

function faultAnswer(context: PageContext, fault: Fault, format: string): PageAnswer {
  if (format !== 'json') return answer(fault.status, HTML, htmlText(faultPage(context, fault)));
  const { status, what, hint } = fault;
  return answer(status, JSON_TYPE, JSON.stringify({ error: { status, message: what, hint } }));
}

async function answerAsked(
  needs: HistoryNeeds,
  asked: Asked,
  contextNow: () => PageContext,
): Promise<PageAnswer> {
  let found: Forms | Fault;
  try {
    // Both at once: where Firestore hangs, a reader waits for one deadline and not for two.
    [found] = await Promise.all([look(needs, asked), needs.patterns.refresh()]);
  } catch (error) {
    needs.log.write('ERROR', 'the history could not be read', {
      page: asked.kind,
      error: error instanceof Error ? error.message : String(error),
    });
    const fault: Fault = {
      status: 503,
      what: 'Firestore gave no answer, so there is nothing to show.',
      hint: 'Slack still shows every open incident. Load this page again in a moment.',
    };
    return faultAnswer(contextNow(), fault, asked.format);
  }
  const context = contextNow();
  if ('status' in found) return faultAnswer(context, found, asked.format);
  return asked.format === 'json'
    ? answer(200, JSON_TYPE, JSON.stringify(found.json(context)))
    : answer(200, HTML, htmlText(found.page(context)));
}

/** Path, and every parameter with all its values. A query that is too long is cut: what it asks for is refused anyway. */
function partsOf(url: string): {
  path: string;
  query: ReadonlyMap<string, readonly string[]>;
  isTooLong: boolean;
} {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const text = mark < 0 ? '' : url.slice(mark + 1);
  const query = new Map<string, readonly string[]>();
  if (text.length <= QUERY_CHARS_MAX)
    for (const [name, value] of new URLSearchParams(text))
      query.set(name, [...(query.get(name) ?? []), value]);
  return { path, query, isTooLong: text.length > QUERY_CHARS_MAX };
}

/** The handler: never rejects. 200; 400, 404, 405 for requests that get nowhere; 503 where Firestore does not answer. */
export function createHistory(needs: HistoryNeeds): (request: PageRequest) => Promise<PageAnswer> {
  return async ({ method, url }) => {
    const { path, query, isTooLong } = partsOf(url);
    const contextNow = (): PageContext => ({
      root: rootOf(path),
      assets: { styleVersion: needs.style.version, scriptVersion: needs.script.version },
      patterns: needs.patterns.patterns(),
      language: needs.language,
    });
    const format = query.get('format')?.[0] ?? 'html';
    if (method !== 'GET' && method !== 'HEAD') {
      const fault: Fault = { status: 405, what: 'The history is only to be read.', hint: 'Use GET or HEAD.' };
      const refused = faultAnswer(contextNow(), fault, format);
      return { ...refused, headers: { ...refused.headers, allow: 'GET, HEAD' } };
    }
    const asked: HistoryRequest = isTooLong
      ? { kind: 'bad', why: `The query is longer than ${QUERY_CHARS_MAX} characters.` }
      : readRequest(path, query);
    switch (asked.kind) {
      case 'style':
        return assetAnswer(needs.style, query.get('v')?.[0] ?? '');
      case 'script':
        return assetAnswer(needs.script, query.get('v')?.[0] ?? '');
      case 'not-found':
        return faultAnswer(contextNow(), NOTHING_HERE, format);
      case 'bad': {
        const hint = 'Change the address, or begin with the first page again.';
        return faultAnswer(contextNow(), { status: 400, what: asked.why, hint }, format);
      }
      case 'overview':
      case 'list':
      case 'incident':
      case 'fleet':
        return answerAsked(needs, asked, contextNow);
    }
  };
}
