// Base64 → text, strictly: what is no base64 or no UTF-8 is said, never mended.
import { Buffer, isUtf8 } from 'node:buffer';
import type { Decode } from '../ports.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const URL_SAFE = /^[A-Za-z0-9_-]*={0,2}$/;
/** V8 settles this without looking at a string that it keeps in one byte a character. */
const WIDE = /[^\0-\u00ff]/;
const PADDING = 61;

/** Entries are decoded here, one after the other: no memory is asked for each. Longer ones get their own. */
const SCRATCH = Buffer.allocUnsafeSlow(65_536);

/** Bytes that so many characters of base64 stand for, without the padding at the end. */
function bytesOf(base64: string): number {
  let chars = base64.length;
  if (base64.charCodeAt(chars - 1) === PADDING) chars -= 1;
  if (base64.charCodeAt(chars - 1) === PADDING) chars -= 1;
  return Math.floor((chars * 3) / 4);
}

/**
 * Whether Node's decoder read every character, told by the number of bytes that came out: it skips what it does not know.
 * A quarter of a byte would not show in a text of one character too many, and it takes mixed alphabets and the low byte
 * of wide characters, so these are left to the expressions.
 */
function wasAllRead(base64: string, bytes: number): boolean {
  return (
    bytes === bytesOf(base64) &&
    base64.length % 4 === 0 &&
    !base64.includes('-') &&
    !base64.includes('_') &&
    !WIDE.test(base64)
  );
}

/** Decodes `message.data` of a push. */
export const decode: Decode = (base64) => {
  const fits = base64.length <= SCRATCH.length;
  const bytes = fits ? SCRATCH : Buffer.from(base64, 'base64');
  const count = fits ? SCRATCH.write(base64, 'base64') : bytes.length;
  if (!wasAllRead(base64, count) && !BASE64.test(base64) && !URL_SAFE.test(base64))
    return { kind: 'not-base64' };
  const text = bytes.toString('utf8', 0, count);
  // Bytes that are no UTF-8 become U+FFFD; texts that hold one by right are rare enough to be looked at twice.
  if (text.includes('\uFFFD') && !isUtf8(bytes.subarray(0, count))) return { kind: 'not-utf8' };
  return { kind: 'text', text };
};
