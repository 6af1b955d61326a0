// Chunks of a file or a pipe in, one item per line or array element out, in order, wherever the chunks were cut.
// Tells raw text, NDJSON and a pretty-printed JSON array apart by their first characters; keeps a bounded part of them.
import { ItemBuffer, type TooLong } from './item-buffer.ts';
import { ElementScanner, type JsonItem } from './json-elements.ts';

/** One line of text, one line or element of JSON; `line` counts from 1 and is where the item begins. */
export type InputItem =
  | JsonItem
  | TooLong
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  | { readonly kind: 'blank'; readonly line: number };

export interface InputReader {
  /** The items that this chunk completes. */
  push(chunk: string): InputItem[];
  /** What was left over when the input ended. */
  end(): InputItem[];
}

/** The form must show within so many characters of the first line that is not blank. */
const DECIDE_CHARS_MAX = 4_096;
const BYTE_ORDER_MARK = '\uFEFF';

/** `elements`: a JSON array of objects, or objects that go over several lines each. */
type Form = 'text' | 'ndjson' | 'elements' | 'undecided';

/** The form of an input whose first line begins with `start`; `whole` says that the line ends there. */
function formOf(start: string, whole: boolean): Form {
  const head = start.slice(0, DECIDE_CHARS_MAX).trimStart();
  const first = head.charAt(0);
  if (first === '') return 'undecided';
  if (first !== '[' && first !== '{') return 'text';
  const next = head.slice(1).trimStart().charAt(0);
  // Nothing else on the line: the rest of the object or list follows on the next ones.
  if (next === '') return whole || start.length >= DECIDE_CHARS_MAX ? 'elements' : 'undecided';
  if (first === '{') return 'ndjson';
  // `[2026-11-01 …` and `[warning]…` are Envoy's.
  return next === '{' || next === ']' ? 'elements' : 'text';
}

class LineReader {
  readonly #buffer = new ItemBuffer();
  #form: Form = 'undecided';
  #scanner: ElementScanner | undefined;
  #line = 1;
  #isFirst = true;

  push(chunk: string): InputItem[] {
    if (chunk === '') return [];
    const text = this.#isFirst && chunk.startsWith(BYTE_ORDER_MARK) ? chunk.slice(1) : chunk;
    this.#isFirst = false;
    if (this.#scanner !== undefined) return this.#scanner.push(text);
    const items: InputItem[] = [];
    for (let from = 0; from < text.length;) {
      const lineBreak = text.indexOf('\n', from);
      const isWhole = lineBreak >= 0;
      const to = isWhole ? lineBreak : text.length;
      this.#buffer.append(text.slice(from, to));
      if (this.#form === 'undecided') this.#form = formOf(this.#buffer.kept, isWhole);
      if (this.#form === 'elements') return [...items, ...this.#scan(text.slice(to))];
      if (isWhole) items.push(this.#takeLine());
      from = to + 1;
    }
    return items;
  }

  end(): InputItem[] {
    if (this.#scanner !== undefined) return this.#scanner.end();
    if (this.#buffer.isEmpty) return [];
    if (this.#form === 'undecided') this.#form = formOf(this.#buffer.kept, true);
    if (this.#form !== 'elements') return [this.#takeLine()];
    const scanner = new ElementScanner(this.#line);
    return [...scanner.push(this.#buffer.kept), ...scanner.end()];
  }

  #takeLine(): InputItem {
    const line = this.#line;
    this.#line += 1;
    return this.#buffer.take<InputItem>(line, (kept) => {
      const text = kept.endsWith('\r') ? kept.slice(0, -1) : kept;
      if (text.trim() === '') return { kind: 'blank', line };
      return this.#form === 'ndjson' ? { kind: 'json', text, line } : { kind: 'text', text, line };
    });
  }

  /** Hands the current line, and what follows it, over to the scanner of elements. */
  #scan(rest: string): InputItem[] {
    const scanner = new ElementScanner(this.#line);
    this.#scanner = scanner;
    return [...scanner.push(this.#buffer.kept), ...scanner.push(rest)];
  }
}

/** Reads one input. Holds no more than one item, whatever the input's size. */
export function createInputReader(): InputReader {
  return new LineReader();
}
