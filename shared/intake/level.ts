// Every spelling of a level in, Envoy's own level out. Never guesses: an unknown word has no level.
import type { LogLevel } from '../model/record.ts';

const SPELLINGS: readonly (readonly [string, LogLevel])[] = [
  ['trace', 'trace'],
  ['debug', 'debug'],
  ['info', 'info'],
  ['notice', 'info'],
  ['warn', 'warning'],
  ['warning', 'warning'],
  ['err', 'error'],
  ['error', 'error'],
  ['crit', 'critical'],
  ['critical', 'critical'],
  ['fatal', 'critical'],
  ['alert', 'critical'],
  ['emerg', 'critical'],
  ['emergency', 'critical'],
];

/** Three ways of writing each word, so that a look-up needs no lower-casing. */
const LEVELS: ReadonlyMap<string, LogLevel> = new Map(
  SPELLINGS.flatMap(([word, level]): [string, LogLevel][] => [
    [word, level],
    [word.toUpperCase(), level],
    [word.slice(0, 1).toUpperCase() + word.slice(1), level],
  ]),
);

/** Longest spelling, so that callers need not cut out longer words. */
export const LEVEL_CHARS_MAX = 9;

/** The level that a word of a line names, or undefined. */
export function levelOf(word: string): LogLevel | undefined {
  return LEVELS.get(word);
}

/** The same for the word `[from, to)` of a text; the usual ones are told without cutting them out. */
export function levelAt(text: string, from: number, to: number): LogLevel | undefined {
  if (to - from === 7 && text.startsWith('warning', from)) return 'warning';
  if (to - from === 5 && text.startsWith('error', from)) return 'error';
  if (to - from === 4 && text.startsWith('info', from)) return 'info';
  return LEVELS.get(text.slice(from, to));
}

/** glog's letter: `W` is a warning. */
export function glogLevel(letter: string): LogLevel {
  if (letter === 'I') return 'info';
  if (letter === 'W') return 'warning';
  return letter === 'E' ? 'error' : 'critical';
}

/** Cloud Logging's severity, by name or by number; `DEFAULT` and everything unknown say nothing. */
export function severityLevel(severity: unknown): LogLevel {
  if (typeof severity === 'string') return LEVELS.get(severity) ?? 'unknown';
  if (typeof severity !== 'number' || !(severity >= 100)) return 'unknown';
  if (severity < 200) return 'debug';
  if (severity < 400) return 'info';
  if (severity < 500) return 'warning';
  return severity < 600 ? 'error' : 'critical';
}
