// The characters of a JSON array (or of several objects in a row) in, the text of each element out, without parsing it.
// What is malformed or cut off becomes one element too, and the scan goes on at the next that can be told apart.
import { ItemBuffer, type TooLong } from './item-buffer.ts';

/** One element, or one JSON object of a line of its own; `line` counts from 1 and is where it begins. */
export interface JsonItem {
  readonly kind: 'json';
  readonly text: string;
  readonly line: number;
}

const TAB = 9;
const LINE_BREAK = 10;
const BLANK = 32;
const QUOTE = 34;
const COMMA = 44;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const BYTE_ORDER_MARK = 0xfeff;

type ElementItem = JsonItem | TooLong;

/** Deeper nesting is counted, but no longer told into objects and lists. */
const DEPTH_MAX = 1_024;

/** `junk`: something that is no object. `broken`: an element with a line break in a string, read on by its indentation. */
type Mode = 'between' | 'element' | 'junk' | 'broken';

/** Cuts a stream of JSON into elements. A class, because every character moves several counters at once. */
export class ElementScanner {
  readonly #buffer = new ItemBuffer();
  #items: ElementItem[] = [];
  #mode: Mode = 'between';
  #line: number;
  /** Blanks at the beginning of the current line, and whether nothing else stood there yet. */
  #indent = 0;
  #isIndent = true;
  /** Where the current element begins. */
  #startLine = 1;
  #startIndent = 0;
  readonly #open: number[] = [];
  #deeper = 0;
  #isString = false;
  #isEscaped = false;
  /** The last character that is neither white space nor inside a string. */
  #before = 0;

  constructor(line: number) {
    this.#line = line;
  }

  push(chunk: string): ElementItem[] {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      // Most characters stand in strings, and most of those mean nothing to the scan.
      if (this.#isString && this.#mode === 'element' && code !== QUOTE && code > LINE_BREAK) {
        this.#isEscaped = code === BACKSLASH && !this.#isEscaped;
        continue;
      }
      const wasBetween = this.#mode === 'between';
      const taken = this.#step(code);
      if (wasBetween) {
        from = at;
      } else if (taken !== 'inside') {
        this.#buffer.append(chunk.slice(from, taken === 'end' ? at + 1 : at));
        this.#emit();
        from = at;
      }
      if (taken === 'before') this.#begin(code);
      this.#follow(code);
    }
    if (this.#mode !== 'between') this.#buffer.append(chunk.slice(from));
    return this.#take();
  }

  end(): ElementItem[] {
    if (this.#mode !== 'between') this.#emit();
    return this.#take();
  }

  #take(): ElementItem[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** The element that is gathered is complete. */
  #emit(): void {
    const line = this.#startLine;
    this.#items.push(
      this.#buffer.take<JsonItem>(line, (text) => ({ kind: 'json', text: text.trimEnd(), line })),
    );
    this.#mode = 'between';
  }

  /** `inside`: the character belongs to the element, `end`: it is its last, `before`: the element ended before it. */
  #step(code: number): 'inside' | 'end' | 'before' {
    switch (this.#mode) {
      case 'between':
        this.#begin(code);
        return 'inside';
      case 'junk':
        return this.#stepJunk(code);
      case 'broken':
        return this.#stepBroken(code);
      case 'element':
        return this.#stepElement(code);
    }
  }

  /** A character between two elements: most of them only separate. */
  #begin(code: number): void {
    if (code <= BLANK || code === COMMA || code === BYTE_ORDER_MARK) return;
    if (code === OPEN_LIST || code === CLOSE_LIST) return;
    this.#mode = code === OPEN_OBJECT ? 'element' : 'junk';
    this.#startLine = this.#line;
    this.#startIndent = this.#indent;
    this.#open.length = 0;
    this.#deeper = 0;
    this.#isEscaped = false;
    this.#isString = code === QUOTE;
    this.#before = code;
    if (code === OPEN_OBJECT) this.#open.push(code);
  }

  #stepJunk(code: number): 'inside' | 'before' {
    if (code === LINE_BREAK) return 'before';
    if (this.#isString) {
      if (code === QUOTE && !this.#isEscaped) this.#isString = false;
      this.#isEscaped = code === BACKSLASH && !this.#isEscaped;
      return 'inside';
    }
    if (code === QUOTE) this.#isString = true;
    return code === COMMA || code === CLOSE_LIST || code === OPEN_OBJECT ? 'before' : 'inside';
  }

  /** The element's own end, or the next element's beginning, stands where this one began: at the same indentation. */
  #stepBroken(code: number): 'inside' | 'end' | 'before' {
    if (!this.#isIndent || this.#indent > this.#startIndent) return 'inside';
    if (code === CLOSE_LIST) return 'before';
    if (this.#indent !== this.#startIndent) return 'inside';
    if (code === CLOSE_OBJECT) return 'end';
    return code === OPEN_OBJECT ? 'before' : 'inside';
  }

  #stepElement(code: number): 'inside' | 'end' | 'before' {
    if (this.#isString) {
      if (code === LINE_BREAK) this.#mode = 'broken';
      else if (code === QUOTE && !this.#isEscaped) this.#isString = false;
      this.#isEscaped = false;
      return 'inside';
    }
    if (code <= BLANK) return 'inside';
    const before = this.#before;
    this.#before = code;
    if (code === QUOTE) this.#isString = true;
    else if (code === OPEN_OBJECT) {
      // Behind an object, or behind a comma inside one, no object can begin: the element before was not closed.
      if (before === CLOSE_OBJECT || (before === COMMA && this.#open.at(-1) === OPEN_OBJECT)) return 'before';
      this.#down(code);
    } else if (code === OPEN_LIST) this.#down(code);
    else if (code === CLOSE_OBJECT)
      return this.#up(OPEN_OBJECT) && this.#open.length === 0 ? 'end' : 'inside';
    else if (code === CLOSE_LIST) return this.#up(OPEN_LIST) ? 'inside' : 'before';
    return 'inside';
  }

  #down(code: number): void {
    if (this.#open.length < DEPTH_MAX) this.#open.push(code);
    else this.#deeper += 1;
  }

  /** Closes the innermost `opening` with all that was left open inside it; false if there is none. */
  #up(opening: number): boolean {
    if (this.#deeper > 0) {
      this.#deeper -= 1;
      return true;
    }
    const at = this.#open.lastIndexOf(opening);
    if (at < 0) return false;
    this.#open.length = at;
    return true;
  }

  /** Keeps count of lines and of the current line's indentation. */
  #follow(code: number): void {
    if (code === LINE_BREAK) {
      this.#line += 1;
      this.#indent = 0;
      this.#isIndent = true;
    } else if (this.#isIndent) {
      if (code === BLANK || code === TAB) this.#indent += 1;
      else this.#isIndent = false;
    }
  }
}
