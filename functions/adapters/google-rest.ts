// Google's REST APIs, read-only: one question, one honest answer. Follows pages, waits where Google says how long, keeps to
// a budget of requests a minute, and never sends what could change anything.
import { setTimeout as sleep } from 'node:timers/promises';
import { GoogleAuth } from 'google-auth-library';
import { z } from 'zod';
import { GOOGLE_HOSTS, onlyReads, type GoogleAnswer, type GoogleRequest } from '#shared/model/google-api.ts';
import type { GoogleApi } from '../ports.ts';

export interface RestLimits {
  /** One HTTP request is given up after this long. */
  readonly timeoutMs: number;
  /** Tries of one request, the first included. */
  readonly triesMax: number;
  /** A longer Retry-After is not waited for: the question is answered «busy». */
  readonly retryAfterMsMax: number;
  /** Pages of one list that are followed. */
  readonly pagesMax: number;
  readonly inFlightMax: number;
  /** Requests a minute to one service, project and region: Google counts zonal reads by region. */
  readonly perMinuteMax: number;
}

/** Google gives 1,500 a minute by default; a tenth of it is left to people and other tools. */
const REST_LIMITS: RestLimits = {
  timeoutMs: 5_000,
  triesMax: 3,
  retryAfterMsMax: 4_000,
  pagesMax: 40,
  inFlightMax: 32,
  perMinuteMax: 1_350,
};

/** An answer that is larger than this is not read to its end. */
const ANSWER_CHARS_MAX = 16_000_000;

/** Pause before another try where Google names none. */
const PAUSE_MS = 300;
const WHY_CHARS_MAX = 200;
const MINUTE_MS = 60_000;
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

export interface RestSettings {
  /** Base address of a stand-in, which needs no credentials; without it Google's own hosts. */
  readonly apiBase?: string;
  readonly nowMs: () => number;
  /** Reads a minute that somebody counts on, where the quota was raised: the budget is never less. */
  readonly readsPerMinute?: number;
  readonly limits?: Partial<RestLimits>;
  /** Waits between tries; real time unless a test says otherwise. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

const errorSchema = z.looseObject({
  error: z.looseObject({
    message: z.string().default(''),
    status: z.string().default(''),
    errors: z.array(z.looseObject({ reason: z.string().default('') })).default([]),
    details: z.array(z.looseObject({ reason: z.string().exactOptional() })).default([]),
  }),
});

const pageSchema = z.looseObject({
  nextPageToken: z.string().default(''),
  unreachables: z.array(z.string()).default([]),
  unreachable: z.array(z.string()).default([]),
  warning: z.looseObject({ code: z.string() }).exactOptional(),
});

/** Compute answers 403 when a quota is used up; these are its words for it. */
const QUOTA =
  /^(?:rateLimitExceeded|userRateLimitExceeded|quotaExceeded|RATE_LIMIT_EXCEEDED|RESOURCE_EXHAUSTED)$/;

type Tried =
  | { readonly kind: 'answer'; readonly answer: GoogleAnswer }
  | { readonly kind: 'again'; readonly afterMs: number; readonly answer: GoogleAnswer };

const final = (answer: GoogleAnswer): Tried => ({ kind: 'answer', answer });

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? 'none');
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : PAUSE_MS;
}

/** What an HTTP answer means. */
function judge(response: Response, text: string): Tried {
  const body = parse(text);
  if (response.ok) {
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return final({ kind: 'body', body, partial: [] });
    return final({ kind: 'malformed', why: `${text.length} characters` });
  }
  const said = errorSchema.safeParse(body);
  const error = said.success ? said.data.error : undefined;
  const why = `${response.status} ${error?.message ?? ''}`.trim().slice(0, WHY_CHARS_MAX);
  const reasons = [
    error?.status ?? '',
    ...(error?.errors ?? []).map(({ reason }) => reason),
    ...(error?.details ?? []).map(({ reason }) => reason ?? ''),
  ];
  if (response.status === 429 || (response.status === 403 && reasons.some((reason) => QUOTA.test(reason))))
    return { kind: 'again', afterMs: retryAfterMs(response), answer: { kind: 'busy', why } };
  if (response.status === 401 || response.status === 403) return final({ kind: 'refused', why });
  if (response.status === 404) return final({ kind: 'absent', why });
  if (response.status >= 500)
    return { kind: 'again', afterMs: retryAfterMs(response), answer: { kind: 'failed', why } };
  return final({ kind: 'failed', why });
}

/** Reads a body up to its bound. Rejects past it. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > ANSWER_CHARS_MAX) throw new Error('the answer is too large');
  }
  return text + decoder.decode();
}

/** Whose quota a request counts against: Google counts zonal and regional reads by region. */
function quotaOf({ service, path }: GoogleRequest): string {
  const project = /\/projects\/([^/:]+)/.exec(`/${path}`)?.[1] ?? '';
  const place = /\/(?:zones|regions)\/([^/]+)/.exec(path)?.[1] ?? '';
  return `${service} ${project} ${place.replace(/-[a-z]$/, '')}`;
}

/** Counts requests by calendar minute, as Google's quotas are refilled. */
function createBudget(perMinuteMax: number, nowMs: () => number): (key: string) => boolean {
  let minute = 0;
  const spent = new Map<string, number>();
  return (key) => {
    const now = Math.floor(nowMs() / MINUTE_MS);
    if (now !== minute) spent.clear();
    minute = now;
    const count = spent.get(key) ?? 0;
    if (count >= perMinuteMax) return false;
    spent.set(key, count + 1);
    return true;
  };
}

/** Lets only so many run at once; the others wait in the order they came. */
function createGate(inFlightMax: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let inFlight = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (inFlight >= inFlightMax) await new Promise<void>((go) => waiting.push(go));
    else inFlight += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) inFlight -= 1;
      else next();
    }
  };
}

function createAuthorization(apiBase: string | undefined): () => Promise<Readonly<Record<string, string>>> {
  if (apiBase !== undefined) return () => Promise.resolve({});
  const auth = new GoogleAuth({ scopes: [SCOPE] });
  return async () => ({ authorization: `Bearer ${(await auth.getAccessToken()) ?? ''}` });
}

/** Sends one request once. */
function createSender(settings: RestSettings, timeoutMs: number): (request: GoogleRequest) => Promise<Tried> {
  const authorization = createAuthorization(settings.apiBase);
  const hostOf = ({ service }: GoogleRequest): string =>
    settings.apiBase === undefined
      ? GOOGLE_HOSTS[service]
      : `${settings.apiBase.replace(/\/$/, '')}/${new URL(GOOGLE_HOSTS[service]).host}/`;
  return async (request) => {
    const query = new URLSearchParams(request.query).toString();
    try {
      const response = await fetch(`${hostOf(request)}${request.path}${query === '' ? '' : `?${query}`}`, {
        method: request.method,
        headers: {
          accept: 'application/json',
          ...(await authorization()),
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        signal: AbortSignal.timeout(timeoutMs),
        redirect: 'error',
      });
      return judge(response, await textOf(response));
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError')
        return { kind: 'again', afterMs: 0, answer: { kind: 'timeout', why: `${timeoutMs} ms` } };
      const why = error instanceof Error ? error.message : String(error);
      return {
        kind: 'again',
        afterMs: PAUSE_MS,
        answer: { kind: 'failed', why: why.slice(0, WHY_CHARS_MAX) },
      };
    }
  };
}

/** Joins the pages of a list; stops, and says so, past the bound. */
async function follow(
  request: GoogleRequest,
  list: string,
  more: { readonly one: (request: GoogleRequest) => Promise<GoogleAnswer>; readonly pagesMax: number },
): Promise<GoogleAnswer> {
  const items: unknown[] = [];
  const partial: string[] = [];
  let pageToken = '';
  for (let page = 0; page < more.pagesMax; page += 1) {
    const query = pageToken === '' ? request.query : { ...request.query, pageToken };
    const answer = await more.one({ ...request, query });
    if (answer.kind !== 'body') return answer;
    const parsed = pageSchema.safeParse(answer.body);
    const found = parsed.success ? parsed.data[list] : undefined;
    if (!parsed.success || (found !== undefined && !Array.isArray(found)))
      return { kind: 'malformed', why: `${list} is no list` };
    if (Array.isArray(found)) items.push(...found);
    partial.push(...partialOf(parsed.data));
    pageToken = parsed.data.nextPageToken;
    if (pageToken === '') return { kind: 'body', body: { [list]: items }, partial };
  }
  return { kind: 'body', body: { [list]: items }, partial: [...partial, `more than ${more.pagesMax} pages`] };
}

function partialOf(page: z.infer<typeof pageSchema>): readonly string[] {
  const warned = page.warning?.code === 'UNREACHABLE' ? ['unreachable'] : [];
  return [...page.unreachables, ...page.unreachable, ...warned];
}

/** The client; credentials are looked up with the first request. */
export function createGoogleRest(settings: RestSettings): GoogleApi {
  const asked: RestLimits = { ...REST_LIMITS, ...settings.limits };
  const limits = { ...asked, perMinuteMax: Math.max(asked.perMinuteMax, settings.readsPerMinute ?? 0) };
  const wait =
    settings.wait ??
    (async (milliseconds: number) => {
      await sleep(milliseconds);
    });
  const mayGo = createBudget(limits.perMinuteMax, settings.nowMs);
  const gate = createGate(limits.inFlightMax);
  const send = createSender(settings, limits.timeoutMs);

  const one = async (request: GoogleRequest): Promise<GoogleAnswer> => {
    for (let tries = 1; ; tries += 1) {
      if (!mayGo(quotaOf(request)))
        return { kind: 'busy', why: `our own budget of ${limits.perMinuteMax} requests a minute is spent` };
      const tried = await gate(() => send(request));
      if (tried.kind === 'answer') return tried.answer;
      if (tries >= limits.triesMax || tried.afterMs > limits.retryAfterMsMax) return tried.answer;
      await wait(tried.afterMs);
    }
  };

  return {
    ask: async (request) => {
      if (!onlyReads(request))
        return { kind: 'failed', why: 'refused here: the request may change something' };
      if (request.list !== undefined)
        return follow(request, request.list, { one, pagesMax: limits.pagesMax });
      const answer = await one(request);
      if (answer.kind !== 'body') return answer;
      const page = pageSchema.safeParse(answer.body);
      return { ...answer, partial: page.success ? partialOf(page.data) : [] };
    },
  };
}
