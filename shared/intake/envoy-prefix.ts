// Envoy's own prefixes in, level, component and the offset of the message out: `[date][tid][level][component] [file:line] `
// of every age, glog as ESPv2 sets it, consul-dataplane's `[level] envoy.component(tid) `, and copies that lost a bracket.
import { glogLevel, LEVEL_CHARS_MAX, levelAt, levelOf } from './level.ts';
import {
  CODE,
  isDate,
  isDigit,
  isFileAndLine,
  isName,
  matchAt,
  skipBlanks,
  wordEnd,
  type PrefixDraft,
} from './prefix-draft.ts';

const GROUPS_MAX = 6;
const GROUP_CHARS_MAX = 300;

const GLOG = /([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{1,9} +\d{1,10} ([^\]\s]{1,200})\] ?/y;
const CONSUL = /envoy\.([\w.-]{1,64})\(\d{1,10}\):? /y;
/** What other programs put behind a level in brackets: `: ` (fluentd), `consul-dataplane.metrics: ` (hclog). */
const BEHIND_LEVEL = /: |([a-z]\w{0,40}[.-][\w.-]{1,60}): /y;
const THREAD = 'thread=';

type Group = 'prefix' | 'file' | 'message';

function allDigits(text: string, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if (!isDigit(text.charCodeAt(index))) return false;
  return to > from;
}

/** Reads what stands between one pair of brackets; `message` means that the message begins with it. */
function takeGroup(draft: PrefixDraft, from: number, to: number): Group {
  const { text } = draft;
  if (isDigit(text.charCodeAt(from))) {
    if (isDate(text, from)) {
      draft.timeFrom = from;
      draft.timeTo = to;
      return 'prefix';
    }
    return allDigits(text, from, to) && draft.component === '' ? 'prefix' : 'message';
  }
  if (draft.level === 'unknown' && to - from <= LEVEL_CHARS_MAX) {
    const level = levelAt(text, from, to);
    if (level !== undefined) {
      draft.level = level;
      return 'prefix';
    }
  }
  if (
    isDigit(text.charCodeAt(to - 1)) &&
    text.startsWith(THREAD, from) &&
    allDigits(text, from + THREAD.length, to)
  )
    return 'prefix';
  if (isFileAndLine(text, from, to)) return 'file';
  // The level stands in front, or glog's letter did before somebody cut it off: `[24][config]…`.
  const behindNumber =
    draft.timeTo === 0 && text.charCodeAt(from - 2) === CODE.close && isDigit(text.charCodeAt(from - 3));
  if ((draft.level !== 'unknown' || behindNumber) && draft.component === '' && isName(text, from, to)) {
    draft.component = text.slice(from, to);
    return 'prefix';
  }
  return 'message';
}

/** Steps over `FILE:LINE] `, which Envoy wrote without an opening bracket before 1.10. */
function skipBareFile(draft: PrefixDraft, at: number): number {
  const to = draft.text.indexOf(']', at);
  if (to < 0 || to - at > GROUP_CHARS_MAX || !isFileAndLine(draft.text, at, to)) return at;
  return skipBlanks(draft.text, to + 1);
}

/** Reads bracketed groups from `start` on; returns the offset of the message, `start` itself if there are none. */
export function bracketGroups(draft: PrefixDraft, start: number): number {
  const { text } = draft;
  let at = start;
  for (let groups = 0; groups < GROUPS_MAX && text.charCodeAt(at) === CODE.open; groups++) {
    const to = text.indexOf(']', at + 1);
    if (to < 0 || to - at > GROUP_CHARS_MAX) break;
    const group = takeGroup(draft, at + 1, to);
    if (group === 'message') break;
    at = skipBlanks(text, to + 1);
    if (group === 'file') return at;
  }
  return text.charCodeAt(at) === CODE.open ? at : skipBareFile(draft, at);
}

function settle(draft: PrefixDraft, at: number): number {
  draft.final = true;
  draft.writer = 'envoy';
  return at;
}

/** Brackets at the beginning of a line; a lone number in brackets is no prefix. */
export function envoyPrefix(draft: PrefixDraft, start: number): number {
  const { text } = draft;
  if (isDigit(text.charCodeAt(start + 1)) && !isDate(text, start + 1)) {
    if (text.charCodeAt(text.indexOf(']', start) + 1) !== CODE.open) return start;
  }
  const at = bracketGroups(draft, start);
  // `[time] "GET …` is an access log, whose time stays in the line.
  if (at === start || (text.charCodeAt(at) === CODE.quote && draft.level === 'unknown')) return start;
  if (draft.component === '') {
    const consul = matchAt(CONSUL, text, at);
    if (consul !== null) {
      draft.component = consul[1] ?? '';
      return settle(draft, at + consul[0].length);
    }
    // A time by itself is anybody's: a script's line may follow.
    if (draft.level === 'unknown' && draft.timeTo > draft.timeFrom && draft.timeFrom > start) return at;
    const other = draft.level === 'unknown' ? null : matchAt(BEHIND_LEVEL, text, at);
    if (other !== null) {
      draft.component = other[1] ?? '';
      draft.final = true;
      draft.writer = 'agent';
      return at + other[0].length;
    }
  }
  return settle(draft, at);
}

/** `W0619 04:46:26.016 20 envoy] [20][config][FILE:LINE] `. */
export function glogPrefix(draft: PrefixDraft, start: number): number {
  const match = matchAt(GLOG, draft.text, start);
  if (match === null) return start;
  draft.level = glogLevel(match[1] ?? '');
  draft.writer = match[2] === 'envoy' ? 'envoy' : 'agent';
  draft.final = true;
  return bracketGroups(draft, start + match[0].length);
}

/** `warning][upstream] FILE:LINE] `: a copy that lost its beginning. */
export function mutilatedPrefix(draft: PrefixDraft, start: number): number {
  const { text } = draft;
  const to = text.indexOf(']', start);
  if (to < 0 || to - start > LEVEL_CHARS_MAX || wordEnd(text, start, LEVEL_CHARS_MAX + 1) < to) return start;
  const level = levelOf(text.slice(start, to));
  if (level === undefined) return start;
  draft.level = level;
  return settle(draft, bracketGroups(draft, skipBlanks(text, to + 1)));
}
