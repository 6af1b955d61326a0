// A text in, a mask out that says which of the slow passes could find anything in it: one cheap walk over its characters
// instead of a dozen searches. It may suspect too much, never too little.
import { BASE64_LINE_CHARS_MIN } from './redact-pem.ts';

/** What a text may hold. The values are bits of the mask. */
export const SUSPICION = {
  /** White space that is no single blank, control characters, or anything outside ASCII. */
  space: 1,
  /** Tokens with a shape of their own: `eyJ…`, `AIza…`, `ya29.…`, `xoxb-…`, `AKIA…`. */
  token: 2,
  /** `-----BEGIN …`. */
  pem: 4,
  /** `password`, `secret`, `token`, `…key` and their like. */
  keyed: 8,
  /** `Authorization`, `Cookie`, `Bearer`. */
  header: 16,
  /** `@`: e-mail addresses and passwords in URLs. */
  at: 32,
  /** No blank among the first characters, or several lines: one may be nothing but base64. */
  unbroken: 64,
} as const;

/**
 * The walk takes two characters a step and sees three at a time, so it meets every second trigram of a word: each word
 * needs one rare trigram that begins at an even offset and one at an odd offset. Letters count in either case.
 */
const TRIGRAMS: readonly (readonly [bits: number, trigrams: string])[] = [
  [SUSPICION.pem, '---'],
  // password, passwd; passphrase; pwd with what may follow it; secret; token; signature.
  [SUSPICION.keyed, `ssw swo swd sph phr pwd wd= wd: wd" wd' wd\\ sec ecr tok oke gna ign`],
  // api_key, api-key, apikey, access_key, accesskey, private_key, privatekey.
  [SUSPICION.keyed, 'key _ke -ke ike ske eke'],
  // inline_string, inline_bytes, inlineString, inlineBytes.
  [SUSPICION.keyed, 'nli ne_ neS neB'],
  // authorization; cookie; bearer.
  [SUSPICION.header, 'riz iza oki kie bea rer'],
  // AIza; ya29.; 1//0; AKIA, ASIA; GOCSPX; xapp-1.
  [SUSPICION.token, 'AIz Iza ya2 a29 1// //0 AKI KIA ASI SIA CSP SPX xap p-1'],
  [SUSPICION.token, 'xox oxa oxb oxc oxd oxe oxo oxp oxr oxs oxt oxx eyJ'],
];

const BITS_PER_CHAR = 5;
const CHAR_MASK = (1 << BITS_PER_CHAR) - 1;
const PAIR_BITS = 2 * BITS_PER_CHAR;
const INDEX_MASK = (1 << (3 * BITS_PER_CHAR)) - 1;
const BLANK = 32;
const LAST_ASCII = 127;
/** Stands for the character before the first and behind the last: no blank and in no word. */
const NOTHING = '~'.charCodeAt(0);

/** The low five bits of a letter are the same in both cases. */
function indexOf(first: number, second: number, third: number): number {
  return ((first & CHAR_MASK) << PAIR_BITS) | ((second & CHAR_MASK) << BITS_PER_CHAR) | (third & CHAR_MASK);
}

function trigramTable(): Uint8Array {
  const table = new Uint8Array(INDEX_MASK + 1);
  const suspect = (index: number, bits: number): void => {
    table[index] = (table[index] ?? 0) | bits;
  };
  for (const [bits, trigrams] of TRIGRAMS) {
    for (const one of trigrams.split(' ')) {
      suspect(indexOf(one.charCodeAt(0), one.charCodeAt(1), one.charCodeAt(2)), bits);
    }
  }
  for (let any = 0; any <= CHAR_MASK; any++) {
    // `-ke` with a blank for the dash, `pwd` before a blank, any character behind `eyJ`.
    suspect(indexOf(121, 74, any), SUSPICION.token);
    // Two blanks, before or behind any third character.
    suspect(indexOf(any, BLANK, BLANK), SUSPICION.space);
    suspect(indexOf(BLANK, BLANK, any), SUSPICION.space);
  }
  suspect(indexOf(BLANK, 107, 101), SUSPICION.keyed);
  suspect(indexOf(119, 100, BLANK), SUSPICION.keyed);
  return table;
}

const TABLE = trigramTable();

/** The suspicions against `text.slice(from, to)`, as bits of `SUSPICION`. */
export function suspicionsOf(text: string, from: number, to: number): number {
  let mask = 0;
  let index = NOTHING & CHAR_MASK;
  // Negative as soon as one character is less than a blank; more than LAST_ASCII as soon as one is.
  let below = 0;
  let above = 0;
  const last = to - 1;
  let at = from;
  for (; at < last; at += 2) {
    const first = text.charCodeAt(at);
    const second = text.charCodeAt(at + 1);
    index =
      ((index << PAIR_BITS) | ((first & CHAR_MASK) << BITS_PER_CHAR) | (second & CHAR_MASK)) & INDEX_MASK;
    mask |= TABLE[index] ?? 0;
    below |= (first - BLANK) | (second - BLANK);
    above |= first | second;
  }
  if (at === last) {
    const code = text.charCodeAt(at);
    index =
      ((index << PAIR_BITS) | ((code & CHAR_MASK) << BITS_PER_CHAR) | (NOTHING & CHAR_MASK)) & INDEX_MASK;
    mask |= TABLE[index] ?? 0;
    below |= code - BLANK;
    above |= code;
  }
  const isPlain = below >= 0 && above <= LAST_ASCII;
  if (!isPlain) mask |= SUSPICION.space;
  const atSign = text.indexOf('@', from);
  if (atSign >= 0 && atSign < to) mask |= SUSPICION.at;
  const blank = text.indexOf(' ', from);
  const isUnbroken = blank < 0 || blank === from || blank - from >= BASE64_LINE_CHARS_MIN;
  return isUnbroken || blank >= to || !isPlain ? mask | SUSPICION.unbroken : mask;
}
