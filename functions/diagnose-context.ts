// The lines around the first sighting of an episode on the same proxy, read once and redacted by intake. Part of `diagnose`.
import { intakeEntry } from '#shared/intake/log-entry.ts';
import { CONTEXT_CHARS_MAX, CONTEXT_LINES_MAX, type Diagnosis } from '#shared/model/diagnosis.ts';
import type { Incident } from '#shared/model/incident.ts';
import type { LogReader } from './ports.ts';

/** How far around the first sighting is read. */
const CONTEXT_BEFORE_MS = 2 * 60_000;
const CONTEXT_AFTER_MS = 60_000;

/** Entries that are read for it; the lines nearest to the sighting are kept. */
const CONTEXT_ENTRIES_MAX = 200;

type Context = Pick<Diagnosis, 'context' | 'envoyVersion'>;

export const NO_CONTEXT: Context = { context: [], envoyVersion: '' };

const VERSION = /envoy version: \S{0,100}?\/(\d{1,4}\.\d{1,4}\.\d{1,4})/i;

/** Context of an incident's running episode; empty where the log can't be read. */
export function createContextReader(logs: LogReader): (incident: Incident) => Promise<Context> {
  return async (incident) => {
    const { openedAtMs, evidence } = incident;
    const [proxy] = evidence.proxies;
    if (proxy === undefined) return NO_CONTEXT;
    const read = await logs.read({
      project: proxy.project,
      instance: proxy.name,
      fromMs: openedAtMs - CONTEXT_BEFORE_MS,
      toMs: openedAtMs + CONTEXT_AFTER_MS,
      entriesMax: CONTEXT_ENTRIES_MAX,
    });
    if (read.kind === 'unreadable') return NO_CONTEXT;
    const records = read.entries.flatMap((entry) => {
      const intake = intakeEntry(entry, { publishTimeMs: openedAtMs });
      return intake.kind === 'record' ? [intake.record] : [];
    });
    const nearest = records
      .toSorted((a, b) => Math.abs(a.timeMs - openedAtMs) - Math.abs(b.timeMs - openedAtMs))
      .slice(0, CONTEXT_LINES_MAX)
      .sort((a, b) => a.timeMs - b.timeMs);
    const versions = records.map(({ text }) => VERSION.exec(text)?.[1] ?? '').filter((one) => one !== '');
    return {
      context: nearest.map(({ timeMs, level, logName, message }) => ({
        atMs: timeMs,
        level,
        logName,
        message: message.slice(0, CONTEXT_CHARS_MAX),
      })),
      envoyVersion: versions.at(-1) ?? '',
    };
  };
}
