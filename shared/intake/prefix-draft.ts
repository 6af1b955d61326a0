// What the readers of prefixes share: the draft they fill in, and how they walk along a line by character codes.
// Nothing here copies text: a prefix is offsets until it is known to be one.
import type { LogLevel, RecordSource } from '../model/record.ts';

/** A line whose prefix is being read, layer by layer. */
export interface PrefixDraft {
  readonly text: string;
  /** The message is `text.slice(from, end)`. */
  from: number;
  end: number;
  level: LogLevel;
  component: string;
  /** Program that syslog, the kernel or a script runner names; `` if none does. */
  program: string;
  writer: RecordSource;
  /** Where the line's own time stands; both 0 when it has none. */
  timeFrom: number;
  timeTo: number;
  /** True once a prefix was read behind which only the message can follow. */
  final: boolean;
  /** True when the line has no prefix at all. */
  bare: boolean;
}

export const CODE = {
  tab: 9,
  blank: 32,
  quote: 34,
  asterisk: 42,
  minus: 45,
  point: 46,
  slash: 47,
  zero: 48,
  nine: 57,
  colon: 58,
  upperA: 65,
  upperZ: 90,
  open: 91,
  close: 93,
  lowerA: 97,
  lowerZ: 122,
} as const;

/** No word of a prefix is longer: neither a component nor a program's name. */
export const WORD_CHARS_MAX = 64;

export function isDigit(code: number): boolean {
  return code >= CODE.zero && code <= CODE.nine;
}

export function isBlank(code: number): boolean {
  return code === CODE.blank || code === CODE.tab;
}

/** Offset of the first character from `at` that is neither blank nor tab. */
export function skipBlanks(text: string, at: number): number {
  let index = at;
  while (isBlank(text.charCodeAt(index))) index++;
  return index;
}

/** Offset of the first blank, tab or line break from `at`, or of the end of the text; looks `charsMax` far at most. */
export function wordEnd(text: string, at: number, charsMax: number): number {
  const limit = Math.min(text.length, at + charsMax);
  let index = at;
  while (index < limit && text.charCodeAt(index) > CODE.blank) index++;
  return index;
}

/** Whether `[from, to)` is a logger's or scope's name: a lower-case letter first, then no blanks or brackets. */
export function isName(text: string, from: number, to: number): boolean {
  const first = text.charCodeAt(from);
  if (to - from > WORD_CHARS_MAX || !(first >= CODE.lowerA && first <= CODE.lowerZ)) return false;
  for (let index = from + 1; index < to; index++) {
    const code = text.charCodeAt(index);
    const letter = code | 32;
    const fits = (letter >= CODE.lowerA && letter <= CODE.lowerZ) || isDigit(code) || code === 95;
    if (!fits && code !== CODE.minus && code !== CODE.point) return false;
  }
  return true;
}

/** Whether `[from, to)` ends like `FILE:LINE`; asterisks around it are copies from Markdown. */
export function isFileAndLine(text: string, from: number, to: number): boolean {
  let index = to - 1;
  while (text.charCodeAt(index) === CODE.asterisk) index--;
  const last = index;
  while (index > from && isDigit(text.charCodeAt(index))) index--;
  if (index === last || text.charCodeAt(index) !== CODE.colon) return false;
  // A path or a file name, so that `[10.0.0.1:80]` and `code:14` stay in the message.
  for (let back = index - 1; back >= from; back--) {
    const code = text.charCodeAt(back);
    if (code === CODE.slash || code === CODE.point) return !isDigit(text.charCodeAt(from));
    if (code <= CODE.blank) return false;
  }
  return false;
}

/** Whether a four-digit year and a date stand at `at`. */
export function isDate(text: string, at: number): boolean {
  return (
    isDigit(text.charCodeAt(at)) &&
    text.charCodeAt(at + 4) === CODE.minus &&
    text.charCodeAt(at + 7) === CODE.minus &&
    isDigit(text.charCodeAt(at + 3)) &&
    isDigit(text.charCodeAt(at + 9))
  );
}

/** Runs a sticky regular expression at `at`. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
