// A line of logrus in, level and the bounds of its message out: `time="…" level=warning msg="…" error="…"`.
// Only offsets are moved: quotes inside the message keep their backslashes, and fields behind it stay a part of it.
import type { LogLevel } from '../model/record.ts';
import { levelOf } from './level.ts';
import { CODE, matchAt, type PrefixDraft } from './prefix-draft.ts';

/** Few fields may stand before the message: a logger's name, a file. */
const HEAD =
  /(?:time="([^"]{10,40})" )?level=([a-z]{4,7}) (?:(?!msg=)[\w.-]{1,40}=(?:"[^"]{0,200}"|[^\s"]{0,200}) ){0,4}msg=("?)/y;
const TIME_FROM = 'time="'.length;
const BACKSLASH = 92;

/** Offset of the quote that ends the message at `from`; the end of the line if it was cut off. */
function closingQuote(text: string, from: number, end: number): number {
  for (let at = text.indexOf('"', from); at >= 0 && at < end; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - slashes - 1) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return end;
}

function logrusLevel(word: string): LogLevel | undefined {
  return word === 'panic' ? 'critical' : levelOf(word);
}

/** Reads the fields before the message; returns its offset, or `start` if the line is not of this form. */
export function logrusPrefix(draft: PrefixDraft, start: number): number {
  const { text } = draft;
  const match = matchAt(HEAD, text, start);
  const level = logrusLevel(match?.[2] ?? '');
  if (match === null || level === undefined) return start;
  const [whole, time, , quote] = match;
  const from = start + whole.length;
  draft.level = level;
  draft.final = true;
  if (draft.writer === 'unknown') draft.writer = 'agent';
  if (time !== undefined) {
    draft.timeFrom = start + TIME_FROM;
    draft.timeTo = draft.timeFrom + time.length;
  }
  // A message that ends the line loses its last quote; one with fields behind it keeps all of them.
  const isLast = quote === '"' && closingQuote(text, from, draft.end) === draft.end - 1;
  if (isLast && text.charCodeAt(draft.end - 1) === CODE.quote) draft.end -= 1;
  return from;
}
