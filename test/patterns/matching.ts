// Texts that a regular expression accepts, made from its source: one random text at a time, held against the expression.
// Knows what the expressions of this repository use; looking behind, back references and unicode classes are not among it.
type Random = () => number;

type Node =
  | { readonly kind: 'one'; readonly from: (random: Random) => string }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'either'; readonly branches: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly min: number; readonly max: number }
  | { readonly kind: 'ahead'; readonly part: Node }
  | { readonly kind: 'nothing' };

const ANY = [...Array.from({ length: 95 }, (_one, index) => String.fromCodePoint(32 + index)), 'é'];
const ESCAPES: Readonly<Record<string, (char: string) => boolean>> = {
  d: (char) => /\d/.test(char),
  D: (char) => /\D/.test(char),
  w: (char) => /\w/.test(char),
  W: (char) => /\W/.test(char),
  s: (char) => char === ' ',
  S: (char) => /\S/.test(char),
};
/** Beyond the least number, so many more at most: long texts show nothing that short ones do not. */
const MORE_MAX = 2;

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

const oneOf = (chars: readonly string[]): Node => ({ kind: 'one', from: (random) => pick(random, chars) });

/** Reads one source from left to right. A class, because every step moves the same place. */
class Parser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  all(): Node {
    const node = this.#either();
    if (this.#at !== this.#source.length) throw new Error(`not understood from ${this.#at}: ${this.#source}`);
    return node;
  }

  #takes(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #next(): string {
    const char = this.#source.charAt(this.#at);
    this.#at += 1;
    return char;
  }

  #either(): Node {
    const branches = [this.#sequence()];
    while (this.#takes('|')) branches.push(this.#sequence());
    return { kind: 'either', branches };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source.charAt(this.#at)))
      parts.push(this.#quantified(this.#atom()));
    return { kind: 'sequence', parts };
  }

  #quantified(part: Node): Node {
    const rest = this.#source.slice(this.#at);
    const match = /^(?:([?*+])|\{(\d+)(,?)(\d*)\})\??/.exec(rest);
    if (match === null) return part;
    this.#at += match[0].length;
    const [, sign, least = '0', comma, most] = match;
    if (sign === '?') return { kind: 'repeat', part, min: 0, max: 1 };
    const min = sign === undefined ? Number(least) : sign === '+' ? 1 : 0;
    const isOpen = sign !== undefined || (comma === ',' && most === '');
    return { kind: 'repeat', part, min, max: isOpen ? min + MORE_MAX : Number(most === '' ? least : most) };
  }

  #atom(): Node {
    if (this.#takes('(')) return this.#group();
    if (this.#takes('[')) return oneOf(this.#members());
    const char = this.#next();
    if (char === '^' || char === '$') return { kind: 'nothing' };
    if (char === '.') return oneOf(ANY);
    if (char !== '\\') return oneOf([char]);
    const escaped = this.#next();
    if (escaped === 'b' || escaped === 'B') return { kind: 'nothing' };
    const fits = ESCAPES[escaped];
    return oneOf(fits === undefined ? [escaped] : ANY.filter(fits));
  }

  #group(): Node {
    const isDenied = this.#takes('?!');
    const isAhead = !isDenied && this.#takes('?=');
    if (!isDenied && !isAhead && !this.#takes('?:') && this.#takes('?<'))
      this.#at = this.#source.indexOf('>', this.#at) + 1;
    const part = this.#either();
    if (!this.#takes(')')) throw new Error(`an open group: ${this.#source}`);
    if (isDenied) return { kind: 'nothing' };
    return isAhead ? { kind: 'ahead', part } : part;
  }

  #members(): readonly string[] {
    const isDenied = this.#takes('^');
    const tests: ((char: string) => boolean)[] = [];
    const own: string[] = [];
    while (!this.#takes(']')) {
      const char = this.#next();
      const escaped = char === '\\' ? this.#next() : '';
      const fits = ESCAPES[escaped];
      const from =
        escaped === '' ? char : escaped === 'n' || escaped === 'r' || escaped === 't' ? ' ' : escaped;
      if (fits !== undefined) tests.push(fits);
      else if (this.#source.charAt(this.#at) === '-' && this.#source.charAt(this.#at + 1) !== ']') {
        this.#at += 1;
        const to = this.#next();
        tests.push((one) => one >= from && one <= to);
      } else {
        own.push(from);
        tests.push((one) => one === from);
      }
    }
    const isIn = (one: string): boolean => tests.some((fits) => fits(one));
    return isDenied ? ANY.filter((one) => !isIn(one)) : [...new Set([...ANY.filter(isIn), ...own])];
  }
}

/** What was promised to come further on is put where anything may stand. */
function textOf(node: Node, random: Random, promised: string[]): string {
  switch (node.kind) {
    case 'nothing':
      return '';
    case 'one':
      return node.from(random);
    case 'sequence':
      return node.parts.map((part) => textOf(part, random, promised)).join('');
    case 'either':
      return textOf(pick(random, node.branches), random, promised);
    case 'ahead':
      promised.push(textOf(node.part, random, promised));
      return '';
    case 'repeat': {
      const isRoomy = node.max >= 100 && node.part.kind === 'one';
      if (isRoomy && promised.length > 0 && random() < 0.7) return promised.splice(0).join('');
      const count = node.min + Math.floor(random() * (Math.min(node.max - node.min, MORE_MAX) + 1));
      return Array.from({ length: count }, () => textOf(node.part, random, promised)).join('');
    }
  }
}

/** Makes texts that the expression accepts, one a call; undefined where the text that came out is none. */
export function createMatching(expression: {
  readonly source: string;
  readonly exec: (text: string) => unknown;
}): (random: Random) => string | undefined {
  const node = new Parser(expression.source).all();
  return (random) => {
    const promised: string[] = [];
    const text = textOf(node, random, promised) + promised.join('');
    return expression.exec(text) === null ? undefined : text;
  };
}
