// Prefixes that begin with a time or a level word in, level, component and the offset of the message out: istio's tab
// columns (and their copies with blanks), Go's loggers, Google's guest agents, hclog, container runtimes.
import { bracketGroups, mutilatedPrefix } from './envoy-prefix.ts';
import { writerOf } from './host-prefix.ts';
import { LEVEL_CHARS_MAX, levelOf } from './level.ts';
import {
  CODE,
  isBlank,
  isFileAndLine,
  isName,
  matchAt,
  skipBlanks,
  WORD_CHARS_MAX,
  wordEnd,
  type PrefixDraft,
} from './prefix-draft.ts';

const ENVOY = 'envoy ';
const FILE_CHARS_MAX = 300;
const TIME_CHARS_MAX = 40;

/** Loggers that a line without level and time must name before `envoy NAME ` counts as a prefix. */
const LOGGERS: ReadonlySet<string> = new Set(
  (
    'admin alternate_protocols_cache assert aws backtrace cache_filter client compression config conn_handler ' +
    'connection decompression dns dubbo dynamic_modules envoy_bug ext_authz ext_proc file filter forward_proxy ' +
    'geolocation golang grpc happy_eyeballs hc health_checker http http2 hystrix init io jwt kafka ' +
    'key_value_store lua main matcher misc mongo multi_connection oauth2 pool quic quic_stream ' +
    'rate_limit_quota rbac redis router runtime secret stats tap testing thrift tracing udp upstream wasm'
  ).split(' '),
);

/** Scopes of istio's agent: a copy with single blanks does not show where the scope ends. */
const SCOPES: ReadonlySet<string> = new Set(
  (
    'ads adsc authn authorization ca cache citadelclient default delta dns gcecred googleca googlecas grpcgen ' +
    'healthcheck iptables klog mtls nametable rbac sds security serverca spiffe stsclient stsserver telemetry ' +
    'token trustBundle validation wasm wle xdsproxy'
  ).split(' '),
);

/** guest-logging-go on the serial port: `service-proxy-agent Info: `, `OSConfigAgent Error main.go:12: `. */
const GUEST =
  /([A-Za-z][\w.-]{1,63}) (Debug|Info|Notice|Warning|Error|Critical|Alert|Emergency)(?: [\w./-]{1,128}:\d{1,6})?: ?/y;
const GUEST_PROGRAM = /agent|script|startup/i;
const CONTAINER_RUNTIME = /std(?:out|err) [FP] /y;
const ISO_SYSLOG = /[\w.-]{1,255} ([\w./@-]{1,64})(?:\[\d{1,10}\])?: /y;
/** hclog, and fluentd, which names nobody: `[warn]: `. */
const HCLOG = /\[([A-Za-z]{3,9})\](?:: +| +(?:envoy\.([\w.-]{1,64})\(\d{1,10}\):? |([\w.-]{1,64}): )?)/y;
const ZONE = / (?:UTC|GMT|[+-]\d{4}(?: UTC)?)(?=[\s\]])/y;
const GO_TIME = /\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? /y;
const GO_REST = /(?:[\w./-]{1,128}\.go:\d{1,6}: )?(?:([A-Z]{4,9}): (?:\[([\w.-]{1,64})\] )?)?/y;

/** `envoy COMPONENT[ FILE:LINE] MESSAGE`; returns the offset of the message, or `start` if it is not that. */
function envoyColumns(draft: PrefixDraft, start: number): number {
  const { text } = draft;
  if (!text.startsWith(ENVOY, start)) return start;
  const from = skipBlanks(text, start + ENVOY.length);
  const to = wordEnd(text, from, WORD_CHARS_MAX);
  if (to >= draft.end || !isName(text, from, to)) return start;
  const component = text.slice(from, to);
  if (draft.level === 'unknown' && !LOGGERS.has(component)) return start;
  draft.component = component;
  draft.writer = 'envoy';
  draft.final = true;
  const next = skipBlanks(text, to);
  const fileEnd = wordEnd(text, next, FILE_CHARS_MAX);
  if (isFileAndLine(text, next, fileEnd)) return skipBlanks(text, fileEnd);
  // Crash lines of istio 1.6 to 1.9 have the place in brackets, as Envoy itself writes it.
  const inBrackets = text.charCodeAt(next) === CODE.open && text.charCodeAt(fileEnd - 1) === CODE.close;
  return inBrackets && isFileAndLine(text, next + 1, fileEnd - 1) ? skipBlanks(text, fileEnd) : next;
}

/** Whether the word `[from, to)` is an agent's scope and not the first word of its message. */
function isScope(text: string, from: number, to: number): boolean {
  if (text.charCodeAt(to) === CODE.tab || isBlank(text.charCodeAt(to + 1))) {
    const first = text.charCodeAt(from);
    return to > from && first >= CODE.lowerA && first <= CODE.lowerZ;
  }
  return text.charCodeAt(to) === CODE.blank && SCOPES.has(text.slice(from, to));
}

/** The columns behind a level: Envoy's, or `[SCOPE ]MESSAGE` of an agent. */
function columns(draft: PrefixDraft, start: number): number {
  const { text } = draft;
  const own = envoyColumns(draft, start);
  if (own !== start) return own;
  draft.final = true;
  draft.writer = 'agent';
  let at = start;
  const to = wordEnd(text, at, WORD_CHARS_MAX);
  if (to < draft.end && isScope(text, at, to)) {
    draft.component = text.slice(at, to);
    at = skipBlanks(text, to);
  }
  const fileEnd = wordEnd(text, at, FILE_CHARS_MAX);
  if (isFileAndLine(text, at, fileEnd) && isBlank(text.charCodeAt(fileEnd))) return skipBlanks(text, fileEnd);
  if (text.charCodeAt(at) !== CODE.open || draft.component === '') return at;
  const behind = bracketGroups(draft, at);
  if (behind !== at) draft.writer = 'envoy';
  return behind;
}

function guestAgent(draft: PrefixDraft, start: number, timed: boolean): number {
  const match = matchAt(GUEST, draft.text, start);
  if (match === null) return start;
  const [whole, program = '', level = ''] = match;
  if (!timed && !GUEST_PROGRAM.test(program)) return start;
  draft.level = levelOf(level) ?? 'unknown';
  draft.component = program;
  draft.writer = program === 'service-proxy-agent' ? 'service-proxy-agent' : 'agent';
  draft.final = true;
  return start + whole.length;
}

/** Offset behind the time that begins at `start`. */
function timeEnd(text: string, start: number): number {
  const from = text.charCodeAt(start + 10) === CODE.blank ? start + 11 : start;
  let to = wordEnd(text, from, TIME_CHARS_MAX);
  // `2020-11-01 19:22:20.468][4170]…` lost only its first bracket.
  const close = text.indexOf(']', from);
  if (close >= 0 && close < to) to = close;
  const zone = matchAt(ZONE, text, to);
  return zone === null ? to : to + zone[0].length;
}

/** A line that begins with `YYYY-MM-DD`; what follows the time decides whose it is. */
export function timedPrefix(draft: PrefixDraft, start: number): number {
  const { text } = draft;
  const to = timeEnd(text, start);
  if (to - start < 16) return start;
  draft.timeFrom = start;
  draft.timeTo = to;
  if (text.charCodeAt(to) === CODE.close) {
    const behind = skipBlanks(text, to + 1);
    // A request: the line of an access log that lost its first bracket.
    if (text.charCodeAt(behind) === CODE.quote) return behind;
    draft.final = true;
    draft.writer = 'envoy';
    return bracketGroups(draft, behind);
  }
  const at = skipBlanks(text, to);
  const levelEnd = wordEnd(text, at, LEVEL_CHARS_MAX + 1);
  const level = levelEnd - at <= LEVEL_CHARS_MAX ? levelOf(text.slice(at, levelEnd)) : undefined;
  if (level !== undefined) {
    draft.level = level;
    return columns(draft, skipBlanks(text, levelEnd));
  }
  const hclog = matchAt(HCLOG, text, at);
  const hclogLevel = levelOf(hclog?.[1] ?? '');
  if (hclog !== null && hclogLevel !== undefined) {
    draft.level = hclogLevel;
    draft.component = hclog[2] ?? hclog[3] ?? '';
    draft.writer = hclog[2] === undefined ? 'agent' : 'envoy';
    draft.final = true;
    return at + hclog[0].length;
  }
  const runtime = matchAt(CONTAINER_RUNTIME, text, at);
  if (runtime !== null) return at + runtime[0].length;
  const guest = guestAgent(draft, at, true);
  if (guest !== at) return guest;
  const syslog = matchAt(ISO_SYSLOG, text, at);
  if (syslog === null) return at;
  draft.program = syslog[1] ?? '';
  draft.writer = writerOf(draft.program);
  return at + syslog[0].length;
}

/** `2022/01/14 22:24:34 WARNING: [core] `, as Go's standard logger and grpc-go write it. */
export function goPrefix(draft: PrefixDraft, start: number): number {
  const { text } = draft;
  const time = matchAt(GO_TIME, text, start);
  if (time === null) return start;
  draft.timeFrom = start;
  draft.timeTo = start + time[0].length - 1;
  draft.writer = 'agent';
  draft.final = true;
  const at = start + time[0].length;
  const rest = matchAt(GO_REST, text, at);
  const level = levelOf(rest?.[1] ?? '');
  if (rest === null || (rest[1] !== undefined && level === undefined)) return at;
  if (level !== undefined) draft.level = level;
  draft.component = rest[2] ?? '';
  return at + rest[0].length;
}

/** A line that begins with a letter: a level word, `envoy LOGGER`, or a guest agent without its time. */
export function wordPrefix(draft: PrefixDraft, start: number): number {
  const { text } = draft;
  const to = wordEnd(text, start, WORD_CHARS_MAX);
  const mutilated = mutilatedPrefix(draft, start);
  if (mutilated !== start) return mutilated;
  if (to - start <= LEVEL_CHARS_MAX + 1) {
    const level = levelOf(text.slice(start, to));
    const separator = text.charCodeAt(to);
    const next = skipBlanks(text, to);
    if (level !== undefined && to < draft.end) {
      // Google's guest agents write `ERROR metadata.go:68 `.
      const file = isFileAndLine(text, next, wordEnd(text, next, FILE_CHARS_MAX));
      if (separator === CODE.tab || next > to + 1 || file || text.startsWith(ENVOY, next)) {
        draft.level = level;
        return columns(draft, next);
      }
    }
    // `ERROR: …` tells the level, but belongs to the message.
    if (text.charCodeAt(to - 1) === CODE.colon && draft.level === 'unknown') {
      draft.level = levelOf(text.slice(start, to - 1)) ?? 'unknown';
    }
    const own = envoyColumns(draft, start);
    if (own !== start) return own;
  }
  return guestAgent(draft, start, false);
}
