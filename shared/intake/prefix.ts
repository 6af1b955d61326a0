// A line of any origin in, the facts of its prefix and the bounds of its message out.
// Peels one layer after the other (syslog, then Envoy's brackets, …); never looks into the message.
import { goPrefix, timedPrefix, wordPrefix } from './agent-prefix.ts';
import { envoyPrefix, glogPrefix } from './envoy-prefix.ts';
import {
  copiedPrefix,
  cutTimePrefix,
  epochPrefix,
  kernelPrefix,
  scriptPrefix,
  syslogPrefix,
} from './host-prefix.ts';
import { logrusPrefix } from './logrus-prefix.ts';
import { CODE, isDate, isDigit, type PrefixDraft } from './prefix-draft.ts';

/** Syslog, kernel, script runner, container runtime and Envoy itself: nobody wraps deeper. */
const LAYERS_MAX = 6;

/** What a line's prefix says. */
export type Prefix = Readonly<PrefixDraft>;

const LOWER_L = 108;
const LOWER_T = 116;
const THREAD_CHARS_MAX = 20;
const THREAD = 'thread=';

function isSpace(code: number): boolean {
  return code <= CODE.blank || code === 160 || code === 0xfeff;
}

/** Offset behind the message: trailing white space, NULs and istio's `\tthread=N` are not part of it. */
function messageEnd(text: string): number {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  if (!isDigit(text.charCodeAt(end - 1))) return end;
  let at = end - 1;
  while (at > 0 && end - at < THREAD_CHARS_MAX && isDigit(text.charCodeAt(at - 1))) at--;
  const from = at - THREAD.length;
  if (from < 1 || !text.startsWith(THREAD, from) || !isSpace(text.charCodeAt(from - 1))) return end;
  end = from;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

/** Reads one layer at `at`; returns `at` itself when none begins there. */
function layer(draft: PrefixDraft, at: number): number {
  const { text } = draft;
  const code = text.charCodeAt(at);
  if (code === CODE.open) {
    if (isDate(text, at + 1)) return envoyPrefix(draft, at);
    const kernel = kernelPrefix(draft, at);
    if (kernel !== at) return kernel;
    const epoch = epochPrefix(draft, at);
    if (epoch !== at) return epoch;
    const copied = copiedPrefix(draft, at);
    return copied === at ? envoyPrefix(draft, at) : copied;
  }
  if (isDigit(code)) {
    if (isDate(text, at)) return timedPrefix(draft, at);
    return text.charCodeAt(at + 4) === CODE.slash ? goPrefix(draft, at) : cutTimePrefix(draft, at);
  }
  if (code >= CODE.upperA && code <= CODE.upperZ) {
    if (isDigit(text.charCodeAt(at + 1))) return glogPrefix(draft, at);
    const syslog = syslogPrefix(draft, at);
    if (syslog !== at) return syslog;
    const script = scriptPrefix(draft, at);
    return script === at ? wordPrefix(draft, at) : script;
  }
  if (code < CODE.lowerA || code > CODE.lowerZ) return copiedPrefix(draft, at);
  // `time=` or, without a time, `level=`.
  const logrus = code === LOWER_T || code === LOWER_L ? logrusPrefix(draft, at) : at;
  if (logrus !== at) return logrus;
  const script = scriptPrefix(draft, at);
  if (script !== at) return script;
  const word = wordPrefix(draft, at);
  return word === at ? copiedPrefix(draft, at) : word;
}

/** Reads the prefix of a whole line (or of a whole message of several lines); never throws. */
export function readPrefix(text: string): Prefix {
  const end = messageEnd(text);
  let start = 0;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  const draft: PrefixDraft = {
    text,
    from: start,
    end,
    level: 'unknown',
    component: '',
    program: '',
    writer: 'unknown',
    timeFrom: 0,
    timeTo: 0,
    final: false,
    bare: true,
  };
  for (let layers = 0; layers < LAYERS_MAX && !draft.final; layers++) {
    const next = layer(draft, draft.from);
    if (next === draft.from) break;
    draft.from = next;
    draft.bare = false;
  }
  // A prefix may swallow the blanks at its own end, and with them the end of an empty message.
  if (draft.from > draft.end) draft.from = draft.end;
  return draft;
}
