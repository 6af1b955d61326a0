// A message in, the text that signs are tried on out: one blank for every run of white space, no connection tags.
// Two copies of one message become the same text, however they were wrapped, tabbed or numbered.

/** Longest message that is kept, in characters. */
export const MESSAGE_CHARS_MAX = 65_536;

// Control characters count as white space: a terminal's or a serial line's bytes must not tell two lines apart.
// oxlint-disable-next-line no-control-regex
const SPACES = /[\s\u0000-\u001f\u0085\u200b]+/g;
/** `[C9][S7034…]` and, since about 1.28, `[Tags: "ConnectionId":"543"]`. */
const TAGS = /^(?:\[[CS]\d{1,20}\]\s*)+|^\[Tags: [^\]]{0,512}\]\s*/;
const OPEN = 91;

/** The message in one line. `isPlain` says that it is known to hold no white space but single blanks. */
export function textOf(message: string, isPlain: boolean): string {
  const text = isPlain ? message : message.replace(SPACES, ' ').trim();
  return text.charCodeAt(0) === OPEN ? text.replace(TAGS, '') : text;
}

/** The first MESSAGE_CHARS_MAX characters, never half a character. */
export function cutMessage(message: string): string {
  if (message.length <= MESSAGE_CHARS_MAX) return message;
  const last = message.charCodeAt(MESSAGE_CHARS_MAX - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return message.slice(0, isHalf ? MESSAGE_CHARS_MAX - 1 : MESSAGE_CHARS_MAX);
}

/** Says in the message itself where it was cut. */
export function noteCut(kept: string, chars: number): string {
  return kept.length === chars ? kept : `${kept} [cut here: ${chars - kept.length} more characters]`;
}
