// A line in, the offset behind its head out: the time, and Envoy's thread, of the two forms that nearly all lines have.
// Behind such a head a line means the same whatever the head says; every other line has none.
import { CODE, isDate, isDigit } from './prefix-draft.ts';

/** `[2026-11-01 10:00:00.123]`. */
const ENVOY_TIME_CHARS = 25;
/** `2026-11-01T10:00:00.123456Z`. */
const AGENT_TIME_CHARS = 27;
const THREAD_CHARS_MAX = 20;
const UPPER_Z = 90;

/** Offset behind `[TIME][THREAD]`. */
function envoyHeadEnd(line: string): number {
  if (line.charCodeAt(ENVOY_TIME_CHARS) !== CODE.open || !isDate(line, 1)) return 0;
  if (line.indexOf(']') !== ENVOY_TIME_CHARS - 1) return 0;
  const from = ENVOY_TIME_CHARS + 1;
  let at = from;
  while (isDigit(line.charCodeAt(at)) && at - from < THREAD_CHARS_MAX) at++;
  return at > from && line.charCodeAt(at) === CODE.close ? at + 1 : 0;
}

/** Offset behind the time of an agent's line, which a tab must follow. */
function agentHeadEnd(line: string): number {
  if (line.charCodeAt(AGENT_TIME_CHARS) !== CODE.tab || line.charCodeAt(AGENT_TIME_CHARS - 1) !== UPPER_Z)
    return 0;
  if (!isDate(line, 0)) return 0;
  // One word, as the reader of prefixes takes it.
  for (let at = 0; at < AGENT_TIME_CHARS; at++) {
    const code = line.charCodeAt(at);
    if (code <= CODE.blank || code === CODE.close) return 0;
  }
  return AGENT_TIME_CHARS;
}

/** Offset behind the head of a line; 0 if it begins otherwise. */
export function headEnd(line: string): number {
  return line.charCodeAt(0) === CODE.open ? envoyHeadEnd(line) : agentHeadEnd(line);
}

/** Whether a character may be the last of a head: a line that begins with it looks like what follows one. */
export function endsHead(code: number): boolean {
  return code === CODE.close || code === UPPER_Z;
}
