// What the proxy of an episode's first line wrote around it, and its version of Envoy; redacted by intake. Part of
// `diagnose`. Read once an episode: at most three reads of the log, for Google allows sixty a minute.
import { intakeEntry } from '#shared/intake/log-entry.ts';
import {
  CONTEXT_CHARS_MAX,
  CONTEXT_LINES_MAX,
  CONTEXT_SHOWN_MAX,
  type ContextLine,
} from '#shared/model/diagnosis.ts';
import type { Incident, ProxyContext } from '#shared/model/incident.ts';
import type { NamedProxy } from '#shared/model/sighting.ts';
import type { LogReader } from './ports.ts';

/** How far around the first line is read. */
export const CONTEXT_BEFORE_MS = 2 * 60_000;
export const CONTEXT_AFTER_MS = 60_000;

/** Entries that are read on each side; the lines nearest to the first one are kept. */
export const CONTEXT_ENTRIES_MAX = 100;

/** The agent announces Envoy's version when it starts: that far back it is looked for. */
export const VERSION_BEFORE_MS = 24 * 3_600_000;

const VERSION_WORDS = 'Envoy Version';
const VERSION = /envoy version: \S{0,100}?\/(\d{1,4}\.\d{1,4}\.\d{1,4})/i;

export interface Context {
  readonly lines: readonly ContextLine[];
  readonly envoyVersion: string;
  /** What of it stands on the incident. */
  readonly shown: ProxyContext;
}

interface Around {
  readonly proxy: NamedProxy;
  readonly atMs: number;
  /** The line itself: the message shows it already. */
  readonly message: string;
}

/** The episode's first line and who wrote it; undefined where no proxy is known. */
function firstLine({ openedAtMs, evidence }: Incident): Around | undefined {
  const sample = evidence.samples.find(({ timeMs }) => timeMs >= openedAtMs);
  const named = evidence.proxies.find(({ displayName }) => displayName === sample?.proxy);
  const proxy = named ?? evidence.proxies[0];
  if (proxy === undefined) return undefined;
  const isOurs = named !== undefined && sample !== undefined;
  return { proxy, atMs: isOurs ? sample.timeMs : openedAtMs, message: isOurs ? sample.message : '' };
}

function linesOf(entries: readonly unknown[], publishTimeMs: number): readonly ContextLine[] {
  return entries.flatMap((entry) => {
    const intake = intakeEntry(entry, { publishTimeMs });
    if (intake.kind !== 'record') return [];
    const { timeMs, level, logName, message } = intake.record;
    return [{ atMs: timeMs, level, logName, message: message.slice(0, CONTEXT_CHARS_MAX) }];
  });
}

const versionIn = (lines: readonly ContextLine[]): string =>
  lines.map(({ message }) => VERSION.exec(message)?.[1] ?? '').findLast((one) => one !== '') ?? '';

function nearest(lines: readonly ContextLine[], atMs: number, linesMax: number): readonly ContextLine[] {
  return lines
    .toSorted((a, b) => Math.abs(a.atMs - atMs) - Math.abs(b.atMs - atMs))
    .slice(0, linesMax)
    .sort((a, b) => a.atMs - b.atMs);
}

/** Reads the context of an incident's running episode; undefined where the log can't be read now. */
export function createContextReader(logs: LogReader): (incident: Incident) => Promise<Context | undefined> {
  return async (incident) => {
    const around = firstLine(incident);
    const nothing = { episode: incident.episode, proxy: '', lines: [], envoyVersion: '' };
    if (around === undefined) return { lines: [], envoyVersion: '', shown: nothing };
    const { proxy, atMs } = around;
    const of = { project: proxy.project, instance: proxy.name };
    const [before, after] = await Promise.all([
      logs.read({
        ...of,
        fromMs: atMs - CONTEXT_BEFORE_MS,
        toMs: atMs,
        entriesMax: CONTEXT_ENTRIES_MAX,
        keep: 'last',
      }),
      logs.read({
        ...of,
        fromMs: atMs + 1,
        toMs: atMs + CONTEXT_AFTER_MS,
        entriesMax: CONTEXT_ENTRIES_MAX,
        keep: 'first',
      }),
    ]);
    if (before.kind === 'unreadable' || after.kind === 'unreadable') return undefined;
    const lines = linesOf([...before.entries, ...after.entries], atMs);
    let envoyVersion = versionIn(lines);
    if (envoyVersion === '') {
      const announced = await logs.read({
        ...of,
        fromMs: atMs - VERSION_BEFORE_MS,
        toMs: atMs,
        entriesMax: 1,
        keep: 'last',
        holding: VERSION_WORDS,
      });
      if (announced.kind === 'entries') envoyVersion = versionIn(linesOf(announced.entries, atMs));
    }
    const others = lines.filter(({ message }) => !isSame(message, around.message));
    return {
      lines: nearest(lines, atMs, CONTEXT_LINES_MAX),
      envoyVersion,
      shown: {
        episode: incident.episode,
        proxy: proxy.displayName,
        lines: nearest(others, atMs, CONTEXT_SHOWN_MAX),
        envoyVersion,
      },
    };
  };
}

/** Samples are kept longer than lines of the context. */
const isSame = (line: string, sample: string): boolean => sample.slice(0, CONTEXT_CHARS_MAX) === line;
