// Cloud Logging page by page, for reading back what was written. In: projects, a filter, where to go on. Out: LogEntries
// with the identity that the sink gives them, or in what way it failed. Never rejects, never tries again by itself.
import type { Entry, GetEntriesResponse, Logging } from '@google-cloud/logging';
import { connectLogging, type LoggingPlace } from './cloud-logging.ts';

/** The most that Google answers at once. */
export const PAGE_ENTRIES_MAX = 1_000;

/** One page is given up after this long; Google itself answers with a short page before that. */
const PAGE_MS_MAX = 60_000;

/** One page of the log, oldest entry first, or why there is none; `why` is Google's own text. */
export type LogPage =
  | {
      readonly kind: 'page';
      /** As the sink would publish them. */
      readonly entries: readonly object[];
      /** Time of the last entry, in Unix milliseconds; 0 if there is none. */
      readonly lastMs: number;
      /** Where to go on; `` on the last page. A page may be short, even empty, and not be the last. */
      readonly next: string;
    }
  | {
      readonly kind:
        | 'quota'
        | 'no-permission'
        | 'no-credentials'
        | 'unknown-project'
        | 'bad-request'
        /** It may work the next time. */
        | 'passing';
      readonly why: string;
    };

/** The log of projects, page by page, for reading back what was written. Never rejects. */
export interface LogPages {
  readonly page: (wanted: {
    readonly projects: readonly string[];
    readonly filter: string;
    /** `next` of the page before; `` for the first. */
    readonly after: string;
  }) => Promise<LogPage>;
}

/** Status codes of gRPC, by what they mean for who asked. */
const FAILURES: ReadonlyMap<unknown, Exclude<LogPage['kind'], 'page'>> = new Map([
  [3, 'bad-request'],
  [5, 'unknown-project'],
  [7, 'no-permission'],
  [8, 'quota'],
  [16, 'no-credentials'],
  // CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, ABORTED, INTERNAL, UNAVAILABLE: it may work the next time.
  ...([1, 2, 4, 10, 13, 14] as const).map((code) => [code, 'passing'] as const),
]);

type Answer = GetEntriesResponse[2];
type Raw = NonNullable<Answer['entries']>[number];
type RawTime = NonNullable<Raw['timestamp']>;

/** RFC 3339 to the nanosecond, without the zeros that end the fraction: as the sink writes it. */
function timeText({ seconds, nanos }: RawTime): string {
  const second = new Date(Number(seconds ?? 0) * 1_000).toISOString().slice(0, 19);
  const fraction = String(nanos ?? 0)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${second}Z` : `${second}.${fraction}Z`;
}

const isTime = (time: Raw['timestamp']): time is RawTime => time !== undefined && time !== null;

function requestOf(request: Raw['httpRequest']): object {
  if (request === undefined || request === null) return {};
  const { requestMethod, requestUrl, status, protocol, userAgent } = request;
  return { httpRequest: { requestMethod, requestUrl, status, protocol, userAgent } };
}

function payloadOf(raw: Raw, data: unknown): object {
  if (raw.protoPayload !== undefined && raw.protoPayload !== null) return { protoPayload: {} };
  if (typeof data === 'string') return { textPayload: data };
  // An access log may have none: its fields are labels.
  return data === undefined || data === null ? {} : { jsonPayload: data };
}

/**
 * The LogEntry as the sink publishes it, as far as anything of it is read. The SDK's own entries round times to the
 * millisecond, which would make another entry of each: times come from the answer as it was, and so does the insertId,
 * which the SDK would make up.
 */
function toLogEntry(raw: Raw, data: unknown): object {
  const { timestamp, receiveTimestamp, resource } = raw;
  return {
    insertId: raw.insertId ?? '',
    ...(Object.keys(raw.labels ?? {}).length === 0 ? {} : { labels: raw.labels }),
    logName: raw.logName ?? '',
    ...requestOf(raw.httpRequest),
    ...(isTime(receiveTimestamp) ? { receiveTimestamp: timeText(receiveTimestamp) } : {}),
    resource: { labels: resource?.labels ?? {}, type: resource?.type ?? '' },
    // An entry without one is published without one.
    ...(raw.severity === 'DEFAULT' ? {} : { severity: String(raw.severity ?? 'DEFAULT') }),
    ...(isTime(timestamp) ? { timestamp: timeText(timestamp) } : {}),
    ...payloadOf(raw, data),
  };
}

/** Milliseconds since 1970 of the last entry that has a time; 0 if none has. */
function lastMs(raw: readonly Raw[]): number {
  const time = raw.findLast(({ timestamp }) => isTime(timestamp))?.timestamp;
  if (!isTime(time)) return 0;
  return Number(time.seconds ?? 0) * 1_000 + Math.floor((time.nanos ?? 0) / 1_000_000);
}

function pageOf(entries: readonly Entry[], answer: Answer): LogPage {
  const raw = answer.entries ?? [];
  return {
    kind: 'page',
    entries: raw.map((one, index) => toLogEntry(one, entries[index]?.data)),
    lastMs: lastMs(raw),
    next: answer.nextPageToken ?? '',
  };
}

function failureOf(error: unknown): LogPage {
  const why = error instanceof Error ? error.message : String(error);
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (/default credentials/i.test(why)) return { kind: 'no-credentials', why };
  return { kind: FAILURES.get(code) ?? 'passing', why };
}

/** The client connects at the first page. */
export function createLogPages(place: LoggingPlace): LogPages {
  let client: Logging | undefined;
  return {
    page: async ({ projects, filter, after }) => {
      try {
        client ??= connectLogging(place);
        const [entries, , answer] = await client.getEntries({
          resourceNames: projects.map((project) => `projects/${project}`),
          filter,
          orderBy: 'timestamp asc',
          pageSize: PAGE_ENTRIES_MAX,
          autoPaginate: false,
          gaxOptions: { timeout: PAGE_MS_MAX, retry: null },
          ...(after === '' ? {} : { pageToken: after }),
        });
        return pageOf(entries, answer);
      } catch (error) {
        return failureOf(error);
      }
    },
  };
}
