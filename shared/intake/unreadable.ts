// A reason in, an Unreadable out, with the content hash that makes a repeated message count once.
// Never carries more of the input than DETAIL_CHARS_MAX redacted characters.
import { hash64 } from '../model/hash.ts';
import type { Unreadable, UnreadableReason } from '../model/record.ts';
import { redact } from './redaction.ts';

const DETAIL_CHARS_MAX = 200;

/** `content` is what arrived, as far as it is text; it is hashed, not kept. */
export function unreadable(reason: UnreadableReason, detail: string, content: string): Unreadable {
  const hash = hash64(content);
  // Cut before redaction as well: a parser's complaint may quote the whole input.
  const shown = redact(detail.slice(0, 2 * DETAIL_CHARS_MAX)).slice(0, DETAIL_CHARS_MAX);
  return { kind: 'unreadable', reason, detail: shown, idHigh: hash.high, idLow: hash.low };
}
