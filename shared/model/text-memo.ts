// What a text came to, by the text: fleets write the same message thousands of times, and reading it once is enough.
// Bounded in texts and in their length; a text that is not remembered is only read again. Never decides anything.

/** Texts that are remembered at a time; a newer one takes the place of an older one. */
export const MEMO_PLACES = 4_096;
/** Longer texts are not remembered: the memory that a memo takes is MEMO_PLACES times this at most. */
export const MEMO_CHARS_MAX = 1_024;

/** As many characters, spread over a text, decide its place. */
const SAMPLED_CHARS = 8;

/** Texts with values; `undefined` means «not remembered». */
export interface TextMemo<Value> {
  readonly get: (text: string) => Value | undefined;
  /** Whether a text that was not found is worth remembering, now that it has come. */
  readonly wants: (text: string) => boolean;
  /** Remembers an own copy of a text that is wanted. */
  readonly set: (text: string, value: Value) => void;
}

/**
 * The place of a text, by its length and a few of its characters. A Map would read every character of every new string
 * to hash it, which costs three times as much as these few and one comparison with the text that is remembered there.
 */
function placeOf(text: string): number {
  const step = Math.floor(text.length / SAMPLED_CHARS) + 1;
  let hash = text.length;
  for (let at = 0; at < text.length; at += step) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return (hash ^ (hash >>> 12)) & (MEMO_PLACES - 1);
}

/**
 * The text in memory of its own, if it is short enough to be remembered: a slice keeps alive all that it was cut from,
 * and so does every part that an expression finds in it.
 */
export function ownCopy(text: string): string {
  return text.length > MEMO_CHARS_MAX ? text : ` ${text}`.slice(1);
}

/** An empty memo. Its values must follow from the text alone. */
export function createTextMemo<Value>(): TextMemo<Value> {
  const texts: string[] = Array.from({ length: MEMO_PLACES }, () => '');
  const values: (Value | undefined)[] = Array.from({ length: MEMO_PLACES });
  // 1 where another text asked for the place since its own last came: lines that come once must not displace those
  // that come all the time, so a place is given away at the second asking only.
  const doubted = new Uint8Array(MEMO_PLACES);
  return {
    get: (text) => {
      const place = placeOf(text);
      if (texts[place] !== text) return undefined;
      doubted[place] = 0;
      return values[place];
    },
    wants: (text) => {
      if (text.length > MEMO_CHARS_MAX) return false;
      const place = placeOf(text);
      const isFree = values[place] === undefined || doubted[place] === 1;
      doubted[place] = 1;
      return isFree;
    },
    set: (text, value) => {
      const place = placeOf(text);
      texts[place] = text;
      values[place] = value;
      doubted[place] = 0;
    },
  };
}
