// Text for Slack: what a log can write must never ping, link or break out of its block.
// In: any string. Out: mrkdwn that shows exactly its characters.

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Control, bidirectional and other invisible characters: they reorder or hide what a reader sees. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** An underscore inside a word, as in INTERNAL_SELF_MANAGED, formats nothing; at its edge it does. */
const UNDERSCORE_AT_EDGE = /(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** One line of untrusted text inside a sentence: no mention, no link, no formatting, no line break. */
export function plain(text: string, charsMax: number): string {
  const visible = text.replaceAll(INVISIBLE, ' ').replaceAll(/\s+/g, ' ').trim();
  // A zero-width space would be invisible, so formatting characters are replaced by look-alikes that mean nothing.
  const harmless = visible
    .replaceAll('*', '∗')
    .replaceAll('~', '∼')
    .replaceAll('`', 'ˋ')
    .replaceAll(UNDERSCORE_AT_EDGE, 'ˍ');
  return escapeCut(harmless, charsMax);
}

/** Untrusted text for a code block or a code span: only the fence and Slack's own brackets are special there. */
export function code(text: string, charsMax: number): string {
  const visible = text.replaceAll(/[^\n\t\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').replaceAll('`', 'ˋ');
  return escapeCut(visible, charsMax);
}

/** A command of ours: backquotes never occur in it, since `sh` makes no command substitution. */
export function commandBlock(command: string): string {
  return `\`\`\`${escape(command.replaceAll('```', ''))}\`\`\``;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>]/g, (sign) => ESCAPES[sign] ?? sign);
}

/** At most so many characters as Slack counts them, escapes included; no cut goes through the middle of an escape. */
function escapeCut(text: string, charsMax: number): string {
  const whole = escape(cut(text, charsMax));
  if (whole.length <= charsMax) return whole;
  let shown = '';
  for (const sign of text) {
    const escaped = ESCAPES[sign] ?? sign;
    if (shown.length + escaped.length > charsMax - 1) break;
    shown += escaped;
  }
  return `${shown}…`;
}

/** At most so many characters, a whole surrogate pair or none, with a mark where something is missing. */
export function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const head = text.slice(0, Math.max(charsMax - 1, 0));
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}…`;
}

/** A moment in the reader's own time zone; the fallback is UTC. */
export function moment(timeMs: number): string {
  const fallback = `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(timeMs / 1000)}^{date_short_pretty} {time_secs}|${fallback}>`;
}
