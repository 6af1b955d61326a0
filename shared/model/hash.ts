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

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** What a lane's word becomes before it is mixed into the state. */
function scramble1(bits: number): number {
  return Math.imul(rotate(Math.imul(bits, C1), 15), C2);
}
function scramble2(bits: number): number {
  return Math.imul(rotate(Math.imul(bits, C2), 16), C3);
}
function scramble3(bits: number): number {
  return Math.imul(rotate(Math.imul(bits, C3), 17), C4);
}
function scramble4(bits: number): number {
  return Math.imul(rotate(Math.imul(bits, C4), 18), C1);
}

function finish(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Characters are gathered here first: concatenating strings and reading them off costs more than hashing. */
const CODES_MAX = 1_024;
const codes = new Uint16Array(CODES_MAX + CHARS_PER_BLOCK);
const LINE_BREAK = 10;

/** Copies characters of a text to `at` in `codes`; returns the offset behind them. */
function put(text: string, from: number, at: number): number {
  const count = Math.min(text.length - from, CODES_MAX - at);
  for (let index = 0; index < count; index++) codes[at + index] = text.charCodeAt(from + index);
  return at + count;
}

interface State {
  h1: number;
  h2: number;
  h3: number;
  h4: number;
}

function word(at: number): number {
  return (codes[at] ?? 0) | ((codes[at + 1] ?? 0) << 16);
}

/** Mixes the first `count` characters of `codes` into the state; `count` is a multiple of CHARS_PER_BLOCK. */
function mix(state: State, count: number): void {
  let { h1, h2, h3, h4 } = state;
  for (let at = 0; at < count; at += CHARS_PER_BLOCK) {
    h1 ^= scramble1(word(at));
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= scramble2(word(at + 2));
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= scramble3(word(at + 4));
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= scramble4(word(at + 6));
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  state.h1 = h1;
  state.h2 = h2;
  state.h3 = h3;
  state.h4 = h4;
}

/** Mixes the last `count` characters, which stand at the beginning of `codes`, and the length of the whole. */
function finishHash(state: State, count: number, chars: number): Hash64 {
  const tail = count - (count % CHARS_PER_BLOCK);
  mix(state, tail);
  // Zeros scramble to zero, so the last block needs no case for each of its lengths.
  for (let at = count; at < tail + CHARS_PER_BLOCK; at++) codes[at] = 0;
  const bytes = chars * 2;
  let h1 = state.h1 ^ scramble1(word(tail)) ^ bytes;
  let h2 = state.h2 ^ scramble2(word(tail + 2)) ^ bytes;
  const h3 = state.h3 ^ scramble3(word(tail + 4)) ^ bytes;
  const h4 = state.h4 ^ scramble4(word(tail + 6)) ^ bytes;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = finish((h2 + h1) | 0);
  const rest = (h2 + finish((h3 + h1) | 0) + finish((h4 + h1) | 0)) | 0;
  h1 = (finish(h1) + rest) | 0;
  return { high: (h2 + h1) >>> 0, low: h1 >>> 0 };
}

/** First 64 bits of MurmurHash3 x86_128 (seed 0) over the UTF-16LE bytes of `text`; never throws. */
export function hash64(text: string): Hash64 {
  const state: State = { h1: 0, h2: 0, h3: 0, h4: 0 };
  let from = 0;
  for (; text.length - from > CODES_MAX; from += CODES_MAX) {
    put(text, from, 0);
    mix(state, CODES_MAX);
  }
  return finishHash(state, put(text, from, 0), text.length);
}

/** What a first line comes to: the state behind its last whole block, and the characters that fill no block. */
interface Begun {
  readonly text: string;
  readonly state: Readonly<State>;
  readonly rest: string;
}

function begin(text: string): Begun {
  const state: State = { h1: 0, h2: 0, h3: 0, h4: 0 };
  const count = text.length - (text.length % CHARS_PER_BLOCK);
  put(text, 0, 0);
  mix(state, count);
  return { text, state, rest: text.slice(count) };
}

let begun = begin('');

/**
 * `hash64` of three texts with a line break between them, without making that text. Remembers the state behind the
 * last `first`, because entries of one log follow each other.
 */
export function hashLines(first: string, second: string, third: string): Hash64 {
  const chars = first.length + second.length + third.length + 2;
  if (chars > CODES_MAX) return hash64(`${first}\n${second}\n${third}`);
  if (first !== begun.text) begun = begin(first);
  let at = put(begun.rest, 0, 0);
  codes[at] = LINE_BREAK;
  at = put(second, 0, at + 1);
  codes[at] = LINE_BREAK;
  at = put(third, 0, at + 1);
  const { h1, h2, h3, h4 } = begun.state;
  return finishHash({ h1, h2, h3, h4 }, at, chars);
}

function hexWord(half: number): string {
  return half.toString(16).padStart(8, '0');
}

/** A hash as 16 lower-case hex digits, high half first. */
export function hex64(hash: Hash64): string {
  return hexWord(hash.high) + hexWord(hash.low);
}

/** `hash64` of a text as 16 lower-case hex digits. */
export function hashHex(text: string): string {
  return hex64(hash64(text));
}
