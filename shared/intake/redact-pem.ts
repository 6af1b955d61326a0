// Text in, the same text without PEM blocks out: whole ones, ones whose line breaks are written `\n`, ones cut off at
// either end, and lines that are nothing but base64. Takes linear time.

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const LABEL = /[A-Z0-9 ]{1,40}/y;
/** From here on a line of nothing but base64 is taken for the inside of a key or certificate. */
export const BASE64_LINE_CHARS_MIN = 60;
const BASE64_LINE = new RegExp(
  `^[ \\t]{0,16}[A-Za-z0-9+/]{${BASE64_LINE_CHARS_MIN},}={0,2}[ \\t\\r]*$`,
  'gm',
);

/** No key or certificate is longer; what stands before a cut block is searched no further. */
const CUT_CHARS_MAX = 16_384;

function marker(label: string): string {
  if (label.includes('KEY')) return '[redacted: private key]';
  return label.includes('CERTIFICATE') ? '[redacted: certificate]' : '[redacted: pem block]';
}

/** Base64, white space, backslashes with their letters, and what stands in the headers of old encrypted keys. */
function isInside(code: number): boolean {
  const letter = code | 32;
  if ((letter >= 97 && letter <= 122) || (code >= 47 && code <= 58)) return true;
  return code <= 32 || code === 43 || code === 61 || code === 92 || code === 44;
}

function labelAt(text: string, at: number): string {
  LABEL.lastIndex = at;
  return LABEL.exec(text)?.[0] ?? '';
}

/** Offset behind the dashes that may follow at `at`. */
function skipDashes(text: string, at: number): number {
  let index = at;
  while (index < at + 5 && text.charCodeAt(index) === 45) index++;
  return index;
}

/** Offset behind the block whose `-----BEGIN LABEL-----` ends at `at`. */
function blockEnd(text: string, at: number): number {
  let index = at;
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    // A single dash stands in the headers of encrypted keys: `DEK-Info: AES-128-CBC`.
    const isSingleDash = code === 45 && text.charCodeAt(index + 1) !== 45;
    if (!isInside(code) && !isSingleDash) break;
  }
  if (!text.startsWith(END, index)) return index;
  const label = labelAt(text, index + END.length);
  return skipDashes(text, index + END.length + label.length);
}

/** Offset at which the base64 before `to` begins, not before `floor`: a block that was cut off at its beginning. */
function cutStart(text: string, floor: number, to: number): number {
  let index = to;
  while (index > floor && isInside(text.charCodeAt(index - 1))) index--;
  // Words before the block are inside characters as well; only runs as long as a line of base64 belong to it.
  const run = /[A-Za-z0-9+/=\\]{16,}[\s\S]*$/.exec(text.slice(Math.max(index, to - CUT_CHARS_MAX), to));
  return run === null ? to : to - run[0].length;
}

/** Offset of the next `needle` from `at`; `known` is the one found before, so that no text is searched twice. */
function next(text: string, needle: string, search: { readonly at: number; readonly known: number }): number {
  if (search.known >= search.at) return search.known;
  const found = text.indexOf(needle, search.at);
  return found < 0 ? Number.POSITIVE_INFINITY : found;
}

function redactBlocks(text: string): string {
  let clean = '';
  let done = 0;
  let begin = -1;
  let end = -1;
  for (;;) {
    begin = next(text, BEGIN, { at: done, known: begin });
    end = next(text, END, { at: done, known: end });
    if (begin === Number.POSITIVE_INFINITY && end === begin) return clean + text.slice(done);
    if (begin < end) {
      const label = labelAt(text, begin + BEGIN.length);
      const to = blockEnd(text, skipDashes(text, begin + BEGIN.length + label.length));
      clean += text.slice(done, begin) + marker(label);
      done = to;
    } else {
      const label = labelAt(text, end + END.length);
      clean += text.slice(done, cutStart(text, done, end)) + marker(label);
      done = skipDashes(text, end + END.length + label.length);
    }
  }
}

/** Replaces PEM blocks and lines of nothing but base64 by markers. */
export function redactPem(text: string): string {
  const blocks = text.includes('-----') ? redactBlocks(text) : text;
  return blocks.replace(BASE64_LINE, '[redacted: base64]');
}
