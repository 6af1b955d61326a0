// A text in, a mask out that says which of the slow passes could find anything in it: one cheap walk over all characters
// instead of a dozen searches. It may suspect too much, never too little.

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
  /** `inline_string`, `inline_bytes`, `private_key`. */
  inline: 32,
  /** `@`: e-mail addresses and passwords in URLs. */
  at: 64,
  /** No blank anywhere: the text may be nothing but base64. */
  unbroken: 128,
} as const;

/** Three characters that every form of the thing has; letters count in either case. */
const TRIGRAMS: readonly (readonly [string, number])[] = [
  ['eyJ', SUSPICION.token],
  ['Iza', SUSPICION.token],
  ['a29', SUSPICION.token],
  ['xox', SUSPICION.token],
  ['xap', SUSPICION.token],
  ['KIA', SUSPICION.token],
  ['ASI', SUSPICION.token],
  ['CSP', SUSPICION.token],
  ['//0', SUSPICION.token],
  ['---', SUSPICION.pem],
  ['ssw', SUSPICION.keyed],
  ['pwd', SUSPICION.keyed],
  ['sph', SUSPICION.keyed],
  ['ecr', SUSPICION.keyed],
  ['oke', SUSPICION.keyed],
  ['key', SUSPICION.keyed | SUSPICION.inline],
  ['gna', SUSPICION.keyed],
  ['riz', SUSPICION.header],
  ['oki', SUSPICION.header],
  ['rer', SUSPICION.header],
  ['nli', SUSPICION.inline],
];

const BITS_PER_CHAR = 5;
const CHAR_MASK = (1 << BITS_PER_CHAR) - 1;
const INDEX_MASK = (1 << (3 * BITS_PER_CHAR)) - 1;
const BLANK = 32;
const LAST_ASCII = 126;

/** The low five bits of a letter are the same in both cases. */
function indexOf(trigram: string): number {
  let index = 0;
  for (let at = 0; at < trigram.length; at++) {
    index = (index << BITS_PER_CHAR) | (trigram.charCodeAt(at) & CHAR_MASK);
  }
  return index;
}

function trigramTable(): Uint8Array {
  const table = new Uint8Array(INDEX_MASK + 1);
  for (const [trigram, bits] of TRIGRAMS) {
    const index = indexOf(trigram);
    table[index] = (table[index] ?? 0) | bits;
  }
  // Two characters whose low bits are zero: two blanks, or a blank beside `@`.
  for (let first = 0; first <= CHAR_MASK; first++) {
    const index = first << (2 * BITS_PER_CHAR);
    table[index] = (table[index] ?? 0) | SUSPICION.space;
  }
  return table;
}

const TABLE = trigramTable();

/** The suspicions against `text.slice(from, to)`, as bits of `SUSPICION`. */
export function suspicionsOf(text: string, from: number, to: number): number {
  let mask = 0;
  // A letter first, so that one leading blank does not look like two.
  let index = 1;
  let outside = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    index = ((index << BITS_PER_CHAR) | (code & CHAR_MASK)) & INDEX_MASK;
    mask |= TABLE[index] ?? 0;
    // Negative as soon as one character lies outside `[BLANK, LAST_ASCII]`.
    outside |= (code - BLANK) | (LAST_ASCII - code);
  }
  if (outside < 0) mask |= SUSPICION.space;
  const atSign = text.indexOf('@', from);
  if (atSign >= 0 && atSign < to) mask |= SUSPICION.at;
  const blank = text.indexOf(' ', from);
  return blank < 0 || blank >= to || outside < 0 ? mask | SUSPICION.unbroken : mask;
}
