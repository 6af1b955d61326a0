// The pieces of one item in, the item out: the bound on memory for input of any size.
// Never holds more than one item of the longest length; what is longer is counted and not kept.

/** An item that was too long to keep. */
export interface TooLong {
  readonly kind: 'too-long';
  /** Its first HEAD_CHARS characters. */
  readonly head: string;
  readonly chars: number;
  readonly line: number;
}

/** Longer lines and elements are not kept: no LogEntry and no message can have that many characters. */
export const ITEM_CHARS_MAX = 1_048_576;
/** What is kept of a longer one. */
export const HEAD_CHARS = 1_024;

/** Gathers one item piece by piece; holds ITEM_CHARS_MAX characters and a line break at most, and counts the rest. */
export class ItemBuffer {
  #kept = '';
  #chars = 0;

  /** What is kept so far. */
  get kept(): string {
    return this.#kept;
  }

  get isEmpty(): boolean {
    return this.#chars === 0;
  }

  append(part: string): void {
    const room = ITEM_CHARS_MAX + 2 - this.#kept.length;
    if (room > 0) this.#kept += part.length > room ? part.slice(0, room) : part;
    this.#chars += part.length;
  }

  /** Empties the buffer and makes an item of what it held. */
  take<Item>(line: number, asItem: (text: string) => Item): Item | TooLong {
    const text = this.#kept;
    const chars = this.#chars;
    this.#kept = '';
    this.#chars = 0;
    // White space at the end may be what made it one too long.
    const trimmed = chars <= text.length ? text.trimEnd() : text;
    const length = chars - (text.length - trimmed.length);
    if (length > ITEM_CHARS_MAX)
      return { kind: 'too-long', head: trimmed.slice(0, HEAD_CHARS), chars: length, line };
    return asItem(text);
  }
}
