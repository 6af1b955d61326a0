// Which signs can match a text at all: one pass over the text for all literals together, so that no expression runs in
// vain. Each literal is looked up by a hash of the three characters in it that are rarest among all literals.
import type { Pattern, Sign, TextSign } from '#shared/patterns/pattern.ts';

export interface TextCandidate {
  readonly pattern: Pattern;
  readonly sign: TextSign<string>;
}

export interface Prefilter {
  /** Signs whose literals occur in the text, in catalogue order. */
  readonly candidates: (text: string) => readonly TextCandidate[];
}

const NONE: readonly TextCandidate[] = [];

/** Size of the table of hashes: large enough that an ordinary line meets few filled places. */
const PLACES = 65_536;

/** A literal, and where in it the three characters stand by which it is found. */
interface Anchored {
  readonly literal: string;
  readonly offset: number;
  readonly signs: readonly number[];
}

function isText(sign: Sign): sign is TextSign<string> {
  return sign.kind === 'text';
}

function placeOf(a: number, b: number, c: number): number {
  return ((a << 10) ^ (b << 5) ^ c) & (PLACES - 1);
}

function placeAt(text: string, at: number): number {
  return placeOf(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2));
}

/** How often each place is met by any three characters of any literal: common ones make bad anchors. */
function crowds(literals: readonly string[]): Uint16Array {
  const counts = new Uint16Array(PLACES);
  for (const literal of literals)
    for (let at = 0; at + 3 <= literal.length; at += 1) {
      const place = placeAt(literal, at);
      counts[place] = (counts[place] ?? 0) + 1;
    }
  return counts;
}

function bestOffset(literal: string, counts: Uint16Array): number {
  let best = 0;
  for (let at = 1; at + 3 <= literal.length; at += 1)
    if ((counts[placeAt(literal, at)] ?? 0) < (counts[placeAt(literal, best)] ?? 0)) best = at;
  return best;
}

/** Compiles the literals of a catalogue once. Every literal has three characters or more (a law of the catalogue). */
export function compilePrefilter(patterns: readonly Pattern[]): Prefilter {
  const all = patterns.flatMap((pattern) => pattern.signs.filter(isText).map((sign) => ({ pattern, sign })));
  const signsOf = new Map<string, number[]>();
  for (const [index, { sign }] of all.entries())
    for (const literal of sign.contains) signsOf.set(literal, [...(signsOf.get(literal) ?? []), index]);
  const counts = crowds([...signsOf.keys()]);
  const table: (Anchored[] | undefined)[] = Array.from({ length: PLACES });
  const filled = new Uint8Array(PLACES);
  for (const [literal, signs] of signsOf) {
    const offset = bestOffset(literal, counts);
    const place = placeAt(literal, offset);
    table[place] = [...(table[place] ?? []), { literal, offset, signs }];
    filled[place] = 1;
  }

  // Which signs the text under way has hit, by the number of the text: no set is made for texts that hit nothing.
  const hitBy = new Uint32Array(all.length);
  let texts = 0;

  const candidates = (text: string): readonly TextCandidate[] => {
    let hits: number[] | undefined;
    texts = (texts + 1) >>> 0;
    let a = text.charCodeAt(0);
    let b = text.charCodeAt(1);
    for (let at = 2; at < text.length; at += 1) {
      const c = text.charCodeAt(at);
      const place = placeOf(a, b, c);
      a = b;
      b = c;
      if (filled[place] === 0) continue;
      for (const { literal, offset, signs } of table[place] ?? []) {
        if (!text.startsWith(literal, at - 2 - offset)) continue;
        for (const sign of signs)
          if (hitBy[sign] !== texts) {
            hitBy[sign] = texts;
            hits ??= [];
            hits.push(sign);
          }
      }
    }
    if (hits === undefined) return NONE;
    if (hits.length > 1) hits.sort((one, other) => one - other);
    const found: TextCandidate[] = [];
    for (const index of hits) {
      const candidate = all[index];
      if (candidate !== undefined) found.push(candidate);
    }
    return found;
  };
  return { candidates };
}
