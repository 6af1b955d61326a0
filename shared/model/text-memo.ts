// What a text came to, by the text: fleets write the same message thousands of times, and reading it once is enough.
// Bounded in texts and in their length; a text that is not remembered is only read again. Never decides anything.

/** Texts that are remembered at a time; a newer one takes the place of an older one. */
export const MEMO_PLACES = 4_096;
/** Longer texts are not remembered: the memory that a memo takes is MEMO_PLACES times this at most. */
export const MEMO_CHARS_MAX = 1_024;

/** At most so many characters, spread over a text, decide its place: a name or a number that differs shows in them. */
const SAMPLED_CHARS = 64;

/** Texts that differ in other characters only share a place: so many neighbours hold them. */
const NEIGHBOURS = 4;
const FIRST_MASK = (MEMO_PLACES - 1) & ~(NEIGHBOURS - 1);

/** Texts with values; `undefined` means «not remembered». */
export interface TextMemo<Value> {
  readonly get: (text: string) => Value | undefined;
  /** Whether a text that was not found came before and is worth remembering. */
  readonly wants: (text: string) => boolean;
  /** Remembers an own copy of a text that is wanted. */
  readonly set: (text: string, value: Value) => void;
}

/** A number for a text, by its length and every `step`-th of its characters. */
function hashOf(text: string, step: number): number {
  let hash = text.length;
  for (let at = 0; at < text.length; at += step) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash ^ (hash >>> 12);
}

/**
 * The first of the places where a text may be remembered. A Map would read every character of every new string to hash
 * it, which costs three times as much as these and the comparisons with the texts that are remembered there.
 */
function firstPlaceOf(text: string): number {
  return hashOf(text, Math.ceil(text.length / SAMPLED_CHARS)) & FIRST_MASK;
}

/**
 * The text in memory of its own, if it is short enough to be remembered: a slice keeps alive all that it was cut from,
 * and so does every part that an expression finds in it.
 */
export function ownCopy(text: string): string {
  return text.length > MEMO_CHARS_MAX ? text : ` ${text}`.slice(1);
}

/**
 * Tells whether a text came before and is short enough to be remembered. Lines that come once must neither cost the work
 * of remembering them nor displace those that come all the time, so a text is remembered when it comes the second time.
 * Once in a while it takes two texts for one, or forgets one: then a text is remembered a little too early or too late.
 */
export function createDoorkeeper(): (text: string) => boolean {
  const asked = new Int32Array(MEMO_PLACES);
  return (text) => {
    if (text.length > MEMO_CHARS_MAX) return false;
    const hash = hashOf(text, 1);
    const place = hash & (MEMO_PLACES - 1);
    if (asked[place] === hash) return true;
    asked[place] = hash;
    return false;
  };
}

/** An empty memo. Its values must follow from the text alone. */
export function createTextMemo<Value>(): TextMemo<Value> {
  const texts: string[] = Array.from({ length: MEMO_PLACES }, () => '');
  const values: (Value | undefined)[] = Array.from({ length: MEMO_PLACES });
  // Which of its neighbours is given up next.
  const turns = new Uint8Array(MEMO_PLACES);
  return {
    get: (text) => {
      const first = firstPlaceOf(text);
      for (let place = first; place < first + NEIGHBOURS; place++)
        if (texts[place] === text) return values[place];
      return undefined;
    },
    wants: createDoorkeeper(),
    set: (text, value) => {
      const first = firstPlaceOf(text);
      const turn = turns[first] ?? 0;
      turns[first] = (turn + 1) % NEIGHBOURS;
      texts[first + turn] = text;
      values[first + turn] = value;
    },
  };
}
