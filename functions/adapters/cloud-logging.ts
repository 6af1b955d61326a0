// Cloud Logging for reading: the entries of one VM in a short window, as LogEntries. One page, bounded, with a deadline.
import { Logging, type Entry } from '@google-cloud/logging';
import type { LogReader } from '../ports.ts';

/** One question is given up after this long. */
const LOGGING_MS_MAX = 8_000;

const DIGITS = /^\d{1,20}$/;

/** A text as the filter language quotes it: what an entry said must never become part of the expression. */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll(/[\p{Cc}]/gu, ' ').slice(0, 200));
}

/** The filter for one VM, by its number or its name, between two moments. */
export function filterFor(wanted: Parameters<LogReader['read']>[0]): string {
  const label = DIGITS.test(wanted.instance)
    ? 'resource.labels.instance_id'
    : 'labels."compute.googleapis.com/resource_name"';
  return [
    'resource.type="gce_instance"',
    `${label}=${quoted(wanted.instance)}`,
    `timestamp>=${quoted(new Date(wanted.fromMs).toISOString())}`,
    `timestamp<=${quoted(new Date(wanted.toMs).toISOString())}`,
  ].join(' AND ');
}

/** The SDK's entry → a LogEntry as the sink would publish it. */
export function toLogEntry(entry: Pick<Entry, 'metadata' | 'data'>): object {
  const { metadata, data } = entry;
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

/** The client connects at the first question; it never rejects. */
export function createCloudLogging(settings: { readonly project: string }): LogReader {
  let client: Logging | undefined;
  return {
    read: async (wanted) => {
      try {
        client ??= new Logging({ projectId: settings.project });
        const [entries] = await client.getEntries({
          resourceNames: [`projects/${wanted.project}`],
          filter: filterFor(wanted),
          orderBy: 'timestamp asc',
          pageSize: wanted.entriesMax,
          autoPaginate: false,
          gaxOptions: { timeout: LOGGING_MS_MAX },
        });
        return { kind: 'entries', entries: entries.slice(0, wanted.entriesMax).map(toLogEntry) };
      } catch (error) {
        return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
