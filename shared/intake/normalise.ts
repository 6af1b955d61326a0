// One line of any format in, its message, text, level, component and access log out, redacted.
// Reads nothing but the line: where it came from is added by log-entry.ts and line-entry.ts.
import type { AccessLog, LogLevel, RecordSource } from '../model/record.ts';
import { createTextMemo, ownCopy } from '../model/text-memo.ts';
import { accessText, looksLikeAccessLog, readAccessLog, readAccessTable } from './access-log.ts';
import { cutMessage, noteCut, textOf } from './message-text.ts';
import { endsHead, headEnd } from './head.ts';
import { readPrefix, type Prefix } from './prefix.ts';
import { redactSuspected } from './redaction.ts';
import { SUSPICION, suspicionsOf } from './suspicion.ts';

/** A line after its format was read off. */
export interface Line {
  /** `unknown` where the line itself does not say. */
  readonly level: LogLevel;
  /** `unknown` where the line itself does not say. */
  readonly writer: RecordSource;
  readonly component: string;
  readonly message: string;
  readonly text: string;
  readonly bare: boolean;
  /** Where in the line its own time stands; both 0 if it has none. */
  readonly timeFrom: number;
  readonly timeTo: number;
  readonly access: AccessLog | undefined;
}

interface Body {
  readonly message: string;
  readonly text: string;
}

/** What is not plain text passes through white space, cutting and redaction only where there is need. */
function readBody(body: string): Body {
  const suspicions = suspicionsOf(body, 0, body.length);
  const plain = (suspicions & SUSPICION.space) === 0;
  // Both bits are harmless by themselves on the way to the message; `space` matters to the text only.
  if ((suspicions & ~SUSPICION.space) === 0) {
    const kept = cutMessage(body);
    return { message: noteCut(kept, body.length), text: textOf(kept, plain) };
  }
  const clean = redactSuspected(body, suspicions);
  const kept = cutMessage(clean);
  return { message: noteCut(kept, clean.length), text: textOf(kept, plain && clean === body) };
}

/** Access logs have no prefix but a machine's: behind Envoy's own or an agent's stands a message. */
function accessOf(message: string, prefix: Prefix): AccessLog | undefined {
  if (prefix.final) return undefined;
  if (looksLikeAccessLog(message)) return readAccessLog(message);
  return prefix.bare && message.includes('\n') ? readAccessTable(message) : undefined;
}

/** The same without memory: `from` is where the message begins in the line. */
export function readLine(raw: string): Line & { readonly from: number } {
  const prefix = readPrefix(raw);
  const { message, text } = readBody(raw.slice(prefix.from, prefix.end));
  const access = accessOf(message, prefix);
  const { from, level, writer, component, program, timeFrom, timeTo } = prefix;
  return {
    from,
    level,
    writer: access === undefined ? writer : 'access-log',
    component: component === '' ? program : component,
    message,
    text: access === undefined ? text : accessText(access),
    bare: prefix.bare && access === undefined,
    timeFrom,
    timeTo,
    access,
  };
}

const lines = createTextMemo<Line>();

/** Reads one line, or one message of several lines; never throws. Lines that differ in their head only are read once. */
export function normaliseLine(raw: string): Line {
  const head = headEnd(raw);
  // The last character of the head tells its form, so that one memory serves all lines; one that looks like the rest of
  // another has no place in it.
  if (head === 0 && endsHead(raw.charCodeAt(0))) return readLine(raw);
  const rest = head === 0 ? raw : raw.slice(head - 1);
  const known = lines.get(rest);
  if (known !== undefined) return known;
  if (!lines.wants(rest)) return readLine(raw);
  // Read from a copy: parts of a line would keep alive all that it was cut from.
  const own = ownCopy(rest);
  const line = readLine(head === 0 ? own : raw.slice(0, head - 1) + own);
  // What reaches into the head, such as a message that begins there, does not follow from the rest.
  if (line.from >= head && line.message !== '') lines.set(own, line);
  return line;
}
