// The filter language of subscriptions: attributes.key = "v", !=, attributes:key, hasPrefix, AND, OR, NOT, ().
// In: the text of a filter. Out: a test of a message's attributes, or INVALID_ARGUMENT. Never looks at data.
import { invalid } from './grpc.ts';
import type { Labels } from './wire.ts';

export type Matches = (attributes: Labels) => boolean;

const FILTER_BYTES_MAX = 256;

const TOKEN = /\s*(?:(?<text>"(?:[^"\\]|\\.)*")|(?<word>[A-Za-z0-9_-]+)|(?<sign>!=|[=:.,()]))/y;

interface Token {
  readonly kind: 'text' | 'word' | 'sign' | 'end';
  readonly value: string;
  readonly at: number;
}

function unquoted(source: string): string {
  try {
    const text: unknown = JSON.parse(source);
    if (typeof text === 'string') return text;
  } catch {
    // An escape that JSON does not know is refused below, like any other text that cannot be read.
  }
  throw invalid(`invalid filter: ${source} is not a string this server can read`);
}

function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  const scan = new RegExp(TOKEN);
  const end = source.trimEnd().length;
  while (scan.lastIndex < end) {
    const at = scan.lastIndex;
    const groups = scan.exec(source)?.groups;
    if (groups === undefined) throw invalid(`invalid filter: unexpected character at position ${at}`);
    if (groups['text'] !== undefined) tokens.push({ kind: 'text', value: unquoted(groups['text']), at });
    else if (groups['word'] !== undefined) tokens.push({ kind: 'word', value: groups['word'], at });
    else tokens.push({ kind: 'sign', value: groups['sign'] ?? '', at });
  }
  return [...tokens, { kind: 'end', value: 'end of the filter', at: end }];
}

/** Reads tokens from the left; the one place that knows how far the reading is. */
class Reader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  take(): Token {
    const token = this.#tokens[this.#next] ?? { kind: 'end', value: 'end of the filter', at: 0 };
    this.#next += 1;
    return token;
  }

  /** Takes the next token only if it is this word or sign. */
  skip(kind: 'word' | 'sign', value: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== kind || token.value !== value) return false;
    this.#next += 1;
    return true;
  }

  expect(kind: 'word' | 'sign', value: string): void {
    if (!this.skip(kind, value)) throw unexpected(this.take(), `"${value}"`);
  }

  key(): string {
    const token = this.take();
    if (token.kind === 'word' || token.kind === 'text') return token.value;
    throw unexpected(token, 'an attribute key');
  }

  text(): string {
    const token = this.take();
    if (token.kind === 'text') return token.value;
    throw unexpected(token, 'a value in double quotes');
  }
}

function unexpected(token: Token, wanted: string): Error {
  return invalid(`invalid filter: ${wanted} expected at position ${token.at}, not ${token.value}`);
}

/** The attribute, but not what every object inherits. */
function valueOf(attributes: Labels, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}

function readPrefix(reader: Reader): Matches {
  reader.expect('sign', '(');
  reader.expect('word', 'attributes');
  reader.expect('sign', '.');
  const key = reader.key();
  reader.expect('sign', ',');
  const prefix = reader.text();
  reader.expect('sign', ')');
  return (attributes) => valueOf(attributes, key)?.startsWith(prefix) === true;
}

function readComparison(reader: Reader): Matches {
  reader.expect('word', 'attributes');
  if (reader.skip('sign', ':')) {
    const key = reader.key();
    return (attributes) => valueOf(attributes, key) !== undefined;
  }
  reader.expect('sign', '.');
  const key = reader.key();
  if (reader.skip('sign', '!=')) {
    const value = reader.text();
    return (attributes) => valueOf(attributes, key) !== value;
  }
  reader.expect('sign', '=');
  const value = reader.text();
  return (attributes) => valueOf(attributes, key) === value;
}

function readTerm(reader: Reader): Matches {
  if (reader.skip('word', 'NOT')) {
    const inner = readTerm(reader);
    return (attributes) => !inner(attributes);
  }
  if (reader.skip('word', 'hasPrefix')) return readPrefix(reader);
  if (!reader.skip('sign', '(')) return readComparison(reader);
  const inner = readExpression(reader);
  reader.expect('sign', ')');
  return inner;
}

/** Terms joined by AND alone or by OR alone: the language asks for parentheses where both occur. */
function readExpression(reader: Reader): Matches {
  const first = readTerm(reader);
  const join = reader.skip('word', 'AND') ? 'AND' : reader.skip('word', 'OR') ? 'OR' : undefined;
  if (join === undefined) return first;
  const terms = [first];
  do terms.push(readTerm(reader));
  while (reader.skip('word', join));
  if (join === 'AND') return (attributes) => terms.every((term) => term(attributes));
  return (attributes) => terms.some((term) => term(attributes));
}

/** The test that a filter's text describes; an empty text lets everything pass. Throws INVALID_ARGUMENT. */
export function parseFilter(source: string): Matches {
  if (Buffer.byteLength(source) > FILTER_BYTES_MAX)
    throw invalid(`invalid filter: longer than ${FILTER_BYTES_MAX} bytes`);
  if (source.trim() === '') return () => true;
  const reader = new Reader(tokensOf(source));
  const matches = readExpression(reader);
  const rest = reader.take();
  if (rest.kind === 'end') return matches;
  const mixed = rest.value === 'AND' || rest.value === 'OR';
  throw unexpected(rest, mixed ? 'parentheses around a mix of AND and OR' : 'the end');
}
