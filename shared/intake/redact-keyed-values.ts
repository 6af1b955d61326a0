// Text in, the same text without the values of fields that are named like secrets out: `password=…`, `"token": "…"`,
// `inline_string: "…"` in dumps of rejected resources, YAML blocks, flags. The names stay, so that people see what was there.

/** Group 1 is the name; a name ends with one of these words, so that `max_tokens` and `token_uri` are none. */
const KEY =
  /(passw(?:or)?d|passphrase|pwd|secret|token|api[-_ ]?key|access[-_]?key|signature|private_?key|inline_(?:string|bytes)|inlineString|inlineBytes|authorization|cookie)(?![A-Za-z0-9_])/gi;
const SEPARATOR =
  /(\\*["']?)([ \t]{0,4}[:=][ \t\r\n]{0,8}|, ?(?=\\*["'])|[ \t]{1,4}(?=[^\s:={}[\]]))(\\*)(["']?)/y;
const YAML_BLOCK = /[|>][+-]?\d?[ \t]*\r?\n/y;
/** Names behind which a value without quotes is always a secret. */
const ALWAYS = /^(?:inline|private|passw|passphrase|pwd|authorization|cookie)/i;
const INLINE = /^(?:inline|private)/i;
const PASSWORD = /^(?:passw|passphrase|pwd)/i;
/** An object or a list is no value: its own fields are looked at one by one. */
const OPENING = /^[{[<]/;
const AUTHORIZATION = /^authorization$/i;
const COOKIE = /^cookie$/i;
/** What follows `Authorization: `: a scheme with its token, or with parameters up to the end of the line. */
const CREDENTIALS =
  /(?:digest|aws4-hmac-sha256)[^\r\n]*|(?:(?:bearer|basic|negotiate|apikey|token)[ \t]{1,4})?[^\s"',;\\)}\]]+/iy;
const LINE = /[^\r\n]*/y;
const MARKER = '[redacted';
/** After `token: ` stands a message as often as a token: only these look like the latter. */
const TOKEN_LIKE = /^(?=[\w.~+/=-]*\d)[\w.~+/=-]{8,}$|^[\w.~+/=-]{20,}$/;

interface Opening {
  /** Offset of the value's first character. */
  readonly at: number;
  readonly quote: string;
  /** Backslashes before the quote: JSON inside JSON has one. */
  readonly escapes: number;
}

/** Offset of the quote that closes a value, or of its backslashes; the text's end if it was cut. */
function quotedEnd(text: string, { at, quote, escapes }: Opening): number {
  for (let index = text.indexOf(quote, at); index >= 0; index = text.indexOf(quote, index + 1)) {
    let slashes = 0;
    while (index - slashes > at && text.charCodeAt(index - slashes - 1) === 92) slashes++;
    if (slashes <= escapes || (escapes === 0 && slashes % 2 === 0)) return index - Math.min(slashes, escapes);
  }
  return text.length;
}

/** Offset behind the lines of a YAML block: all that are blank or indented deeper than the key's line. */
function blockEnd(text: string, key: number, at: number): number {
  const lineStart = text.lastIndexOf('\n', key) + 1;
  let indent = 0;
  while (text.charCodeAt(lineStart + indent) === 32) indent++;
  let end = at;
  while (end < text.length) {
    let own = 0;
    while (text.charCodeAt(end + own) === 32) own++;
    const first = text.charCodeAt(end + own);
    if (own <= indent && first !== 10 && first !== 13) break;
    const next = text.indexOf('\n', end);
    end = next < 0 ? text.length : next + 1;
  }
  return end > at && text.charCodeAt(end - 1) === 10 ? end - 1 : end;
}

/** Offset behind a value without quotes. */
function bareEnd(text: string, at: number, name: string): number {
  const ofHeader = COOKIE.test(name) ? LINE : CREDENTIALS;
  if (COOKIE.test(name) || AUTHORIZATION.test(name)) {
    ofHeader.lastIndex = at;
    return at + (ofHeader.exec(text)?.[0].length ?? 0);
  }
  let end = at;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    // Blanks, quotes, and what separates one field from the next.
    if (code <= 32 || code === 34 || code === 38 || code === 39 || code === 41 || code === 44) break;
    if (code === 59 || code === 92 || code === 93 || code === 125) break;
    end++;
  }
  return end;
}

function markerOf(name: string): string {
  if (INLINE.test(name)) return '[redacted: inline value]';
  if (AUTHORIZATION.test(name)) return '[redacted: authorization]';
  if (COOKIE.test(name)) return '[redacted: cookie]';
  return PASSWORD.test(name) ? '[redacted: password]' : '[redacted: secret value]';
}

/** Whether a value without quotes after `name` and `separator` is worth hiding. */
function isSecret(name: string, separator: string, value: string): boolean {
  if (value === '' || value.startsWith(MARKER) || OPENING.test(value)) return false;
  if (separator.includes('=')) return true;
  if (separator.includes(':')) return ALWAYS.test(name) || TOKEN_LIKE.test(value);
  return false;
}

interface Value {
  readonly from: number;
  readonly to: number;
}

/** The bounds of the secret that follows the name `[nameFrom, nameTo)`, or undefined. */
function valueAfter(text: string, nameFrom: number, nameTo: number): Value | undefined {
  SEPARATOR.lastIndex = nameTo;
  const match = SEPARATOR.exec(text);
  if (match === null) return undefined;
  const [whole, , separator = '', escapes = '', quote = ''] = match;
  const at = nameTo + whole.length;
  if (quote !== '') {
    if (text.startsWith(MARKER, at)) return undefined;
    // `token "x"` is prose; a quoted value counts behind a separator.
    if (separator.trim() === '' && !text.startsWith('--', nameFrom - 2)) return undefined;
    const to = quotedEnd(text, { at, quote, escapes: escapes.length });
    return to > at ? { from: at, to } : undefined;
  }
  YAML_BLOCK.lastIndex = at;
  const block = YAML_BLOCK.exec(text);
  if (block !== null && separator.includes(':')) {
    const from = at + block[0].length;
    const to = blockEnd(text, nameFrom, from);
    return to > from ? { from, to } : undefined;
  }
  const from = at - escapes.length;
  const name = text.slice(nameFrom, nameTo);
  const to = bareEnd(text, from, name);
  const isFlag = separator.trim() === '' && flagBefore(text, nameFrom) && to > from;
  return isFlag || isSecret(name, separator, text.slice(from, to)) ? { from, to } : undefined;
}

const FLAG_CHARS_MAX = 40;

/** Whether the name at `at` ends a command-line flag such as `--bearer-token`. */
function flagBefore(text: string, at: number): boolean {
  let index = at;
  while (index > 0 && at - index < FLAG_CHARS_MAX && /[\w-]/.test(text.charAt(index - 1))) index--;
  return text.slice(index, at).includes('--');
}

/** Replaces the values of fields that are named like secrets by markers. */
export function redactKeyedValues(text: string): string {
  let clean = '';
  let done = 0;
  KEY.lastIndex = 0;
  for (let match = KEY.exec(text); match !== null; match = KEY.exec(text)) {
    const nameTo = match.index + match[0].length;
    if (match.index < done) continue;
    const value = valueAfter(text, match.index, nameTo);
    if (value === undefined) continue;
    clean += text.slice(done, value.from) + markerOf(match[0]);
    done = value.to;
    KEY.lastIndex = Math.max(done, nameTo);
  }
  return done === 0 ? text : clean + text.slice(done);
}
