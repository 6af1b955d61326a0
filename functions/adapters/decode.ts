// Base64 → text, strictly: what is no base64 or no UTF-8 is said, never mended.
import { Buffer, isUtf8 } from 'node:buffer';
import type { Decode } from '../ports.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const URL_SAFE = /^[A-Za-z0-9_-]*={0,2}$/;

/** Decodes `message.data` of a push. */
export const decode: Decode = (base64) => {
  // Node's decoder skips what it does not know; a regular expression over the text is cheap beside the decoding.
  if (!BASE64.test(base64) && !URL_SAFE.test(base64)) return { kind: 'not-base64' };
  const bytes = Buffer.from(base64, 'base64');
  if (!isUtf8(bytes)) return { kind: 'not-utf8' };
  return { kind: 'text', text: bytes.toString('utf8') };
};
