// Cloud Logging for reading: the entries of one VM between two moments, as LogEntries; bounded in pages and in time.
import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { Logging, type Entry, type LoggingOptions } from '@google-cloud/logging';
import type { LogReader } from '../ports.ts';

/** One question is given up after this long. */
const LOGGING_MS_MAX = 8_000;

/** A page may be short, even empty, while the search goes on: so many pages are followed at most. */
export const PAGES_MAX = 3;

type Wanted = Parameters<LogReader['read']>[0];

const DIGITS = /^\d{1,20}$/;

/** A text as the filter language quotes it: what an entry said must never become part of the expression. */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll(/[\p{Cc}]/gu, ' ').slice(0, 200));
}

/** The filter for one VM, by its number or its name, between two moments. */
export function filterFor(wanted: Wanted): string {
  const label = DIGITS.test(wanted.instance)
    ? 'resource.labels.instance_id'
    : 'labels."compute.googleapis.com/resource_name"';
  return [
    'resource.type="gce_instance"',
    `${label}=${quoted(wanted.instance)}`,
    `timestamp>=${quoted(new Date(wanted.fromMs).toISOString())}`,
    `timestamp<=${quoted(new Date(wanted.toMs).toISOString())}`,
    // Who started and stopped the VM is no line of its proxy, and would crowd out those that are.
    'NOT logName:"cloudaudit.googleapis.com"',
    ...(wanted.holding === undefined ? [] : [holding(wanted.holding)]),
  ].join(' AND ');
}

function holding(text: string): string {
  return `(jsonPayload.message:${quoted(text)} OR textPayload:${quoted(text)})`;
}

/** The SDK's entry → a LogEntry as the sink would publish it; undefined for a payload that the SDK does not open. */
export function toLogEntry(entry: Pick<Entry, 'metadata' | 'data'>): object | undefined {
  const { metadata, data } = entry;
  if (metadata.protoPayload !== undefined && metadata.protoPayload !== null) return undefined;
  const { timestamp } = metadata;
  const time = timestamp instanceof Date ? timestamp.toISOString() : undefined;
  const payload: unknown = data;
  return {
    logName: metadata.logName ?? '',
    insertId: metadata.insertId ?? '',
    ...(time === undefined ? {} : { timestamp: time }),
    severity: metadata.severity ?? 'DEFAULT',
    resource: metadata.resource ?? {},
    labels: metadata.labels ?? {},
    ...(typeof payload === 'string' ? { textPayload: payload } : { jsonPayload: payload ?? {} }),
  };
}

/** Where nobody asks for credentials: a stand-in on this machine. */
function standIn(endpoint: string): LoggingOptions & { readonly sslCreds: ChannelCredentials } {
  const { hostname, port } = new URL(`http://${endpoint}`);
  return {
    apiEndpoint: hostname,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    clientOptions: { universeDomain: 'googleapis.com' },
  };
}

/** Whose client it is, and where it connects to. */
export interface LoggingPlace {
  readonly project: string;
  /** `HOST:PORT` of a stand-in for the Logging API. */
  readonly endpoint?: string;
}

/** A client that connects at the first question. */
export function connectLogging({ project, endpoint }: LoggingPlace): Logging {
  return new Logging({ projectId: project, ...(endpoint === undefined ? {} : standIn(endpoint)) });
}

export interface LoggingSettings extends LoggingPlace {
  /** One question is given up after this long; LOGGING_MS_MAX unless told. */
  readonly timeoutMs?: number;
}

/** Reads on until there are enough entries, no more pages, or too many of them. */
async function readPages(client: Logging, wanted: Wanted, endMs: number): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  let pageToken = '';
  for (let page = 0; page < PAGES_MAX && found.length < wanted.entriesMax; page += 1) {
    const [entries, , answer] = await client.getEntries({
      resourceNames: [`projects/${wanted.project}`],
      filter: filterFor(wanted),
      orderBy: wanted.keep === 'first' ? 'timestamp asc' : 'timestamp desc',
      pageSize: wanted.entriesMax,
      autoPaginate: false,
      gaxOptions: { timeout: Math.max(1, endMs - performance.now()) },
      ...(pageToken === '' ? {} : { pageToken }),
    });
    found.push(...entries);
    pageToken = answer.nextPageToken ?? '';
    if (pageToken === '') break;
  }
  return found.slice(0, wanted.entriesMax);
}

/** The client connects at the first question; it never rejects. */
export function createCloudLogging(settings: LoggingSettings): LogReader {
  let client: Logging | undefined;
  const timeoutMs = settings.timeoutMs ?? LOGGING_MS_MAX;
  return {
    read: async (wanted) => {
      try {
        client ??= connectLogging(settings);
        const found = await readPages(client, wanted, performance.now() + timeoutMs);
        const oldestFirst = wanted.keep === 'first' ? found : found.toReversed();
        const entries = oldestFirst.map(toLogEntry).filter((entry) => entry !== undefined);
        return { kind: 'entries', entries };
      } catch (error) {
        return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
