// One line of any format in, its message, text, level, component and access log out, redacted.
// Reads nothing but the line: where it came from is added by log-entry.ts and line-entry.ts.
import type { AccessLog, LogLevel, RecordSource } from '../model/record.ts';
import { createTextMemo, ownCopy } from '../model/text-memo.ts';
import { accessText, looksLikeAccessLog, readAccessLog, readAccessTable } from './access-log.ts';
import { cutMessage, noteCut, textOf } from './message-text.ts';
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

const bodies = createTextMemo<Body>();

/** The same by memory: many lines differ in their prefix only. */
function bodyOf(body: string): Body {
  const known = bodies.get(body);
  if (known !== undefined) return known;
  const own = ownCopy(body);
  const read = readBody(own);
  bodies.set(own, read);
  return read;
}

/** Access logs have no prefix but a machine's: behind Envoy's own or an agent's stands a message. */
function accessOf(message: string, prefix: Prefix): AccessLog | undefined {
  if (prefix.final) return undefined;
  if (looksLikeAccessLog(message)) return readAccessLog(message);
  return prefix.bare && message.includes('\n') ? readAccessTable(message) : undefined;
}

/** Reads one line, or one message of several lines; never throws. */
export function normaliseLine(raw: string): Line {
  const prefix = readPrefix(raw);
  const { message, text } = bodyOf(raw.slice(prefix.from, prefix.end));
  const access = accessOf(message, prefix);
  const { level, writer, component, program, timeFrom, timeTo } = prefix;
  return {
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
