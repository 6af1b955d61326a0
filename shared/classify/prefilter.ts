// Which expressions can match a text at all: one pass over the text for the literals of all of them together, so that
// none runs in vain. Each literal is looked up by a hash of three characters in it that are rare among all literals.

/** What must occur in a text before an expression is tried on it. */
export interface Requirement {
  /** Plain substrings, four characters or more each; one of them must occur. With none, the expression is always tried. */
  readonly contains: readonly string[];
  /** True when `contains` is written in lower case and letters count in either case. */
  readonly ignoreCase?: boolean;
}

export interface Prefilter {
  /** Indices of the requirements that the text meets, ascending. */
  readonly met: (text: string) => readonly number[];
}

/** The shortest literal that has three characters at an even and at an odd offset. */
const LITERAL_CHARS_MIN = 4;

/** What tells `a` from `A`. */
const CASE_BIT = 32;
const BITS_PER_CHAR = 5;
const CHAR_MASK = (1 << BITS_PER_CHAR) - 1;
const PLACES = 1 << (3 * BITS_PER_CHAR);
const BITS_PER_WORD = 32;
const WORD_SHIFT = 5;

/** A literal, and where in it the three characters stand by which it is found. */
interface Anchored {
  readonly literal: string;
  readonly ignoreCase: boolean;
  readonly offset: number;
  /** Bits of a character that do not count: that of upper and lower case, or none. */
  readonly fold: number;
  /** The first and the last character, folded: most of what only looks like the literal fails by them. */
  readonly first: number;
  readonly last: number;
  /** The requirements that it meets. */
  readonly of: readonly number[];
}

/** The low five bits of a letter are the same in both cases. */
function placeOf(a: number, b: number, c: number): number {
  return ((a & CHAR_MASK) << (2 * BITS_PER_CHAR)) | ((b & CHAR_MASK) << BITS_PER_CHAR) | (c & CHAR_MASK);
}

function placeAt(text: string, at: number): number {
  return placeOf(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2));
}

/** How often each place is met by any three characters of any literal: common ones make bad anchors. */
function crowds(literals: Iterable<string>): Uint16Array {
  const counts = new Uint16Array(PLACES);
  for (const literal of literals)
    for (let at = 0; at + 3 <= literal.length; at += 1) {
      const place = placeAt(literal, at);
      counts[place] = (counts[place] ?? 0) + 1;
    }
  return counts;
}

/** The offset of the rarest three characters among those at `first`, `first + 2`, … */
function bestOffset(literal: string, first: number, counts: Uint16Array): number {
  let best = first;
  for (let at = first; at + 3 <= literal.length; at += 2)
    if ((counts[placeAt(literal, at)] ?? 0) < (counts[placeAt(literal, best)] ?? 0)) best = at;
  return best;
}

interface Literal {
  readonly text: string;
  readonly ignoreCase: boolean;
  readonly of: number[];
}

/** Every literal once, with the requirements that it meets. */
function literalsOf(requirements: readonly Requirement[]): readonly Literal[] {
  const literals = new Map<string, Literal>();
  for (const [index, { contains, ignoreCase = false }] of requirements.entries())
    for (const text of contains) {
      if (text.length < LITERAL_CHARS_MIN) throw new Error(`«${text}» is too short to be looked for`);
      const key = `${ignoreCase} ${text}`;
      const known = literals.get(key);
      if (known === undefined) literals.set(key, { text, ignoreCase, of: [index] });
      else known.of.push(index);
    }
  return [...literals.values()];
}

function buildTable(literals: readonly Literal[]): readonly (readonly Anchored[] | undefined)[] {
  const counts = crowds(literals.map(({ text }) => text));
  const table: (Anchored[] | undefined)[] = Array.from({ length: PLACES });
  for (const { text: literal, ignoreCase, of } of literals)
    // The pass meets every second three characters: those of a literal that begin at an even or at an odd offset.
    for (const parity of [0, 1]) {
      const offset = bestOffset(literal, parity, counts);
      const place = placeAt(literal, offset);
      const fold = ignoreCase ? CASE_BIT : 0;
      const first = literal.charCodeAt(0) | fold;
      const last = literal.charCodeAt(literal.length - 1) | fold;
      table[place] = [...(table[place] ?? []), { literal, ignoreCase, offset, fold, first, last, of }];
    }
  return table;
}

function standsAt(text: string, from: number, anchored: Anchored): boolean {
  const { literal, ignoreCase, fold, first, last } = anchored;
  if ((text.charCodeAt(from) | fold) !== first) return false;
  if ((text.charCodeAt(from + literal.length - 1) | fold) !== last || from < 0) return false;
  if (!ignoreCase) return text.startsWith(literal, from);
  return text.slice(from, from + literal.length).toLowerCase() === literal;
}

/** Sorts in place; of a handful of numbers, the language's own sort costs more than all the rest. */
function ascending(numbers: number[]): number[] {
  for (let from = 1; from < numbers.length; from += 1) {
    const moved = numbers[from] ?? 0;
    let to = from;
    for (let before = numbers[to - 1]; before !== undefined && before > moved; before = numbers[to - 1]) {
      numbers[to] = before;
      to -= 1;
    }
    numbers[to] = moved;
  }
  return numbers;
}

/** Compiles the requirements once. Throws where a literal is shorter than LITERAL_CHARS_MIN. */
export function compilePrefilter(requirements: readonly Requirement[]): Prefilter {
  const always = requirements.flatMap(({ contains }, index) => (contains.length === 0 ? [index] : []));
  const table = buildTable(literalsOf(requirements));
  // One bit a place, so that the whole stays in the processor's nearest cache.
  const filled = new Uint32Array(PLACES / BITS_PER_WORD);
  for (const [place, anchored] of table.entries())
    if (anchored !== undefined) {
      const word = place >>> WORD_SHIFT;
      filled[word] = (filled[word] ?? 0) | (1 << (place & (BITS_PER_WORD - 1)));
    }

  // Which requirements the text under way has met, by the number of the text: no set is made for texts that meet none.
  const metBy = new Uint32Array(requirements.length);
  let texts = 0;

  const met = (text: string): readonly number[] => {
    let found: number[] | undefined;
    texts = (texts + 1) >>> 0;
    let before = text.charCodeAt(0);
    for (let at = 1; at + 1 < text.length; at += 2) {
      const middle = text.charCodeAt(at);
      const last = text.charCodeAt(at + 1);
      const place = placeOf(before, middle, last);
      before = last;
      // A shift takes the low five bits of its distance only.
      if ((((filled[place >>> WORD_SHIFT] ?? 0) >>> place) & 1) === 0) continue;
      for (const anchored of table[place] ?? []) {
        if (!standsAt(text, at - 1 - anchored.offset, anchored)) continue;
        for (const index of anchored.of)
          if (metBy[index] !== texts) {
            metBy[index] = texts;
            found ??= [];
            found.push(index);
          }
      }
    }
    if (found === undefined) return always;
    found.push(...always);
    return ascending(found);
  };
  return { met };
}
