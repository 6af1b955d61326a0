// Text in, a 64-bit content hash out: the ids of entries and proxies.
// The first 64 bits of MurmurHash3 x86_128 over the text's UTF-16LE bytes; never meant to withstand an attacker.

export interface Hash64 {
  /** Bits 63 to 32, unsigned. */
  readonly high: number;
  /** Bits 31 to 0, unsigned. */
  readonly low: number;
}

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;
const CHARS_PER_BLOCK = 8;
const CHARS_PER_LANE = 2;

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** What a lane's word becomes before it is mixed into the state. */
function scramble1(word: number): number {
  return Math.imul(rotate(Math.imul(word, C1), 15), C2);
}
function scramble2(word: number): number {
  return Math.imul(rotate(Math.imul(word, C2), 16), C3);
}
function scramble3(word: number): number {
  return Math.imul(rotate(Math.imul(word, C3), 17), C4);
}
function scramble4(word: number): number {
  return Math.imul(rotate(Math.imul(word, C4), 18), C1);
}

function finish(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Two characters as one little-endian word; characters past the end count as zero. */
function lane(text: string, at: number): number {
  if (at + 1 < text.length) return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
  return at < text.length ? text.charCodeAt(at) : 0;
}

/** First 64 bits of MurmurHash3 x86_128 (seed 0) over the UTF-16LE bytes of `text`; never throws. */
export function hash64(text: string): Hash64 {
  const chars = text.length;
  const tail = chars - (chars % CHARS_PER_BLOCK);
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  for (let at = 0; at < tail; at += CHARS_PER_BLOCK) {
    h1 ^= scramble1(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= scramble2(text.charCodeAt(at + 2) | (text.charCodeAt(at + 3) << 16));
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= scramble3(text.charCodeAt(at + 4) | (text.charCodeAt(at + 5) << 16));
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= scramble4(text.charCodeAt(at + 6) | (text.charCodeAt(at + 7) << 16));
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  // A lane without characters scrambles to zero, so the tail needs no case for each length.
  h1 ^= scramble1(lane(text, tail));
  h2 ^= scramble2(lane(text, tail + CHARS_PER_LANE));
  h3 ^= scramble3(lane(text, tail + 2 * CHARS_PER_LANE));
  h4 ^= scramble4(lane(text, tail + 3 * CHARS_PER_LANE));
  const bytes = chars * 2;
  h1 ^= bytes;
  h2 ^= bytes;
  h3 ^= bytes;
  h4 ^= bytes;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 = (h1 + h2 + finish(h3) + finish(h4)) | 0;
  h2 = (h2 + h1) | 0;
  return { high: h2 >>> 0, low: h1 >>> 0 };
}

function hexWord(word: number): string {
  return word.toString(16).padStart(8, '0');
}

/** A hash as 16 lower-case hex digits, high half first. */
export function hex64(hash: Hash64): string {
  return hexWord(hash.high) + hexWord(hash.low);
}

/** `hash64` as 16 lower-case hex digits. */
export function hashHex(text: string): string {
  return hex64(hash64(text));
}
