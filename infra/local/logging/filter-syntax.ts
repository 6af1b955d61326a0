// The text of a Logging filter → a tree. In: what entries.list takes as `filter`. Out: nodes, or FilterError in words.
// Knows comparisons, value lists, AND (written or not), OR, NOT, parentheses, comments and log_id(); see `filter.ts`.

/** Google takes filters up to this length. */
const FILTER_CHARS_MAX = 20_000;

/** Parentheses within parentheses, at most. */
const DEPTH_MAX = 50;

/** The filter makes no sense, or holds what this server does not know. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}

const OPERATORS = ['<=', '>=', '!=', '=~', '!~', '=', '<', '>', ':'] as const;
export type Operator = (typeof OPERATORS)[number];

export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly part: FilterNode }
  | { readonly kind: 'log-id'; readonly id: string }
  | {
      readonly kind: 'compare';
      readonly path: readonly string[];
      readonly operator: Operator;
      readonly value: string;
      /** `field:*` asks whether the field is there; `field:"*"` does not. */
      readonly isQuoted: boolean;
    };

type Token =
  | { readonly kind: 'operator'; readonly text: Operator }
  | { readonly kind: 'sign'; readonly text: '(' | ')' | ',' }
  | { readonly kind: 'term'; readonly text: string };

const SKIPPED = /(?:\s+|--[^\n]*)+/y;
const SIGN = /[(),]/y;
const TERM = /(?:[^\s()<>=!:~,"]|"(?:[^"\\]|\\.)*")+/y;
const QUOTED = /^"(?:[^"\\]|\\.)*"$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** A quoted text without its quotes; any other as it is. */
function unquote(text: string): string {
  if (!QUOTED.test(text)) return text;
  return text.slice(1, -1).replaceAll(/\\(.)/gs, (_, sign: string) => ESCAPES[sign] ?? sign);
}

function take(expression: RegExp, text: string, at: number): string | undefined {
  expression.lastIndex = at;
  return expression.exec(text)?.[0];
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    at += take(SKIPPED, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const operator = OPERATORS.find((one) => text.startsWith(one, at));
    const sign = take(SIGN, text, at);
    const term = take(TERM, text, at);
    if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
    else if (sign === '(' || sign === ')' || sign === ',') tokens.push({ kind: 'sign', text: sign });
    else if (term !== undefined) tokens.push({ kind: 'term', text: term });
    else throw new FilterError(`Unparseable filter: syntax error at character ${at + 1}`);
    at += (operator ?? sign ?? term ?? '').length;
  }
  return tokens;
}

/** `labels."compute.googleapis.com/resource_name"` → its two parts. */
function pathOf(text: string): readonly string[] {
  const parts = text.match(/(?:[^."]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return parts.map(unquote);
}

/** Mutable: where the reading stands in the tokens. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): FilterNode {
    const node = this.#and();
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return node;
  }

  #unexpected(): FilterError {
    const token = this.#tokens[this.#at];
    return new FilterError(
      `Unparseable filter: unexpected ${token === undefined ? 'end' : `«${token.text}»`}`,
    );
  }

  #is(kind: Token['kind'], text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === kind && token.text === text;
  }

  #accept(kind: Token['kind'], text: string): boolean {
    if (!this.#is(kind, text)) return false;
    this.#at += 1;
    return true;
  }

  #expect(kind: Token['kind'], text: string): void {
    if (!this.#accept(kind, text)) throw this.#unexpected();
  }

  /** OR binds stronger than AND, and AND need not be written. */
  #and(): FilterNode {
    const parts = [this.#or()];
    while (this.#at < this.#tokens.length && !this.#is('sign', ')')) {
      this.#accept('term', 'AND');
      parts.push(this.#or());
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
  }

  #or(): FilterNode {
    const parts = [this.#unary()];
    while (this.#accept('term', 'OR')) parts.push(this.#unary());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
  }

  #unary(): FilterNode {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new FilterError('Unparseable filter: too deeply nested');
    const node = this.#accept('term', 'NOT')
      ? ({ kind: 'not', part: this.#unary() } as const)
      : this.#primary();
    this.#depth -= 1;
    return node;
  }

  #primary(): FilterNode {
    if (this.#accept('sign', '(')) {
      const node = this.#and();
      this.#expect('sign', ')');
      return node;
    }
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'term') throw this.#unexpected();
    this.#at += 1;
    if (this.#is('sign', '(')) return this.#call(token.text);
    return this.#comparison(token.text);
  }

  #call(name: string): FilterNode {
    if (name !== 'log_id') throw new FilterError(`this server does not know the function ${name}()`);
    this.#expect('sign', '(');
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'term') throw this.#unexpected();
    this.#at += 1;
    this.#expect('sign', ')');
    return { kind: 'log-id', id: unquote(token.text) };
  }

  #comparison(field: string): FilterNode {
    if (field.startsWith('-')) return { kind: 'not', part: this.#comparison(field.slice(1)) };
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'operator')
      throw new FilterError(`this server does not search all fields for a text, as «${field}» asks`);
    this.#at += 1;
    return this.#values(pathOf(field), token.text);
  }

  /** One value, or several in parentheses: `logName=("a" OR "b")`. */
  #values(path: readonly string[], operator: Operator): FilterNode {
    if (!this.#accept('sign', '(')) return this.#value(path, operator);
    const parts = [this.#value(path, operator)];
    const joined = this.#is('term', 'AND') ? 'AND' : 'OR';
    while (this.#accept('term', joined)) parts.push(this.#value(path, operator));
    this.#expect('sign', ')');
    return { kind: joined === 'AND' ? 'and' : 'or', parts };
  }

  #value(path: readonly string[], operator: Operator): FilterNode {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'term') throw this.#unexpected();
    this.#at += 1;
    const { text } = token;
    return { kind: 'compare', path, operator, value: unquote(text), isQuoted: QUOTED.test(text) };
  }
}

/** Reads a filter; undefined for an empty one, which every entry passes. Throws FilterError. */
export function parseFilter(text: string): FilterNode | undefined {
  if (text.length > FILTER_CHARS_MAX)
    throw new FilterError(`The filter is longer than ${FILTER_CHARS_MAX} characters`);
  const tokens = tokensOf(text);
  return tokens.length === 0 ? undefined : new Parser(tokens).whole();
}
