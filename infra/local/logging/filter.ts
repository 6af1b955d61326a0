// A parsed Logging filter → a test of one entry, and the span of time outside of which it can't hold.
// Supported: = != < <= > >= : =~ !~ on any field of the entry's JSON, field:* for «is there», timestamps as times,
// severities by rank, numbers as numbers, log_id(). Case counts only in regular expressions, as with Google.
// Not supported, and refused by name: searching all fields for a bare text, SEARCH(), sample(), ip_in_net(), cast().
import { FilterError, type FilterNode, type Operator } from './filter-syntax.ts';
import { isRecord, timeOf, type JsonObject } from './log-entry.ts';

const SEVERITIES = [
  'DEFAULT',
  'DEBUG',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'CRITICAL',
  'ALERT',
  'EMERGENCY',
];
const TIMES: ReadonlySet<string> = new Set(['timestamp', 'receiveTimestamp']);

export type EntryTest = (entry: JsonObject) => boolean;

type Comparison = Extract<FilterNode, { kind: 'compare' }>;

/** Every value at a path: a list on the way stands for each of its items. */
function valuesAt(value: unknown, path: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.flatMap((item) => valuesAt(item, path));
  }
  const [first, ...rest] = path;
  if (first === undefined) return value === undefined ? [] : [value];
  return isRecord(value) ? valuesAt(value[first], rest) : [];
}

function holds(operator: Exclude<Operator, ':' | '=~' | '!~'>, order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

const compare = <Value>(a: Value, b: Value): number => (a === b ? 0 : a < b ? -1 : 1);

function severityRank(text: string): number {
  const rank = SEVERITIES.indexOf(text.toUpperCase());
  if (rank < 0) throw new FilterError(`Unparseable filter: «${text}» is no severity`);
  return rank;
}

/** How a field's value lies to the wanted one. */
function orderOf(path: readonly string[], wanted: string): (value: unknown) => number {
  const [field = ''] = path;
  if (path.length === 1 && TIMES.has(field)) {
    const wantedNanos = timeOf(wanted);
    if (wantedNanos === undefined) throw new FilterError(`Unparseable filter: «${wanted}» is no time`);
    return (value) => compare(timeOf(String(value)) ?? 0n, wantedNanos);
  }
  if (path.length === 1 && field === 'severity') {
    const rank = severityRank(wanted);
    return (value) => compare(SEVERITIES.indexOf(String(value)), rank);
  }
  const number = Number(wanted);
  const lower = wanted.toLowerCase();
  return (value) =>
    typeof value === 'number' && Number.isFinite(number)
      ? compare(value, number)
      : compare(String(value).toLowerCase(), lower);
}

function comparison({ path, operator, value: wanted, isQuoted }: Comparison): EntryTest {
  const at = (entry: JsonObject): readonly unknown[] => valuesAt(entry, path);
  if (wanted === '*' && !isQuoted && (operator === ':' || operator === '='))
    return (entry) => at(entry).length > 0;
  switch (operator) {
    case ':': {
      const lower = wanted.toLowerCase();
      return (entry) => at(entry).some((value) => String(value).toLowerCase().includes(lower));
    }
    case '=~':
    case '!~': {
      const expression = new RegExp(wanted);
      const matches: EntryTest = (entry) => at(entry).some((value) => expression.test(String(value)));
      return operator === '=~' ? matches : (entry) => at(entry).length > 0 && !matches(entry);
    }
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const order = orderOf(path, wanted);
      // An entry without a severity has DEFAULT; any other field that is missing compares with nothing.
      const isSeverity = path.length === 1 && path[0] === 'severity';
      return (entry) => {
        const values = at(entry);
        const shown = values.length === 0 && isSeverity ? ['DEFAULT'] : values;
        return shown.some((value) => holds(operator, order(value)));
      };
    }
  }
}

/** The test that a filter stands for. Throws FilterError where a value is of the wrong kind. */
export function testOf(node: FilterNode | undefined): EntryTest {
  if (node === undefined) return () => true;
  switch (node.kind) {
    case 'and': {
      const tests = node.parts.map(testOf);
      return (entry) => tests.every((test) => test(entry));
    }
    case 'or': {
      const tests = node.parts.map(testOf);
      return (entry) => tests.some((test) => test(entry));
    }
    case 'not': {
      const test = testOf(node.part);
      return (entry) => !test(entry);
    }
    case 'log-id': {
      const end = `/logs/${encodeURIComponent(node.id)}`.toLowerCase();
      return ({ logName }) => String(logName).toLowerCase().endsWith(end);
    }
    case 'compare':
      return comparison(node);
  }
}

/** Nanoseconds since 1970; undefined = open on that side. */
export interface Span {
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
}

/** The span that every entry lies in that can pass: what spares reading all of them. */
export function spanOf(node: FilterNode | undefined): Span {
  const open: Span = { from: undefined, to: undefined };
  if (node === undefined) return open;
  if (node.kind === 'and')
    return node.parts.map(spanOf).reduce(
      (span, one) => ({
        from:
          one.from === undefined || (span.from !== undefined && span.from > one.from) ? span.from : one.from,
        to: one.to === undefined || (span.to !== undefined && span.to < one.to) ? span.to : one.to,
      }),
      open,
    );
  if (node.kind !== 'compare' || node.path.length !== 1 || node.path[0] !== 'timestamp') return open;
  const at = timeOf(node.value);
  if (node.operator === '>' || node.operator === '>=') return { ...open, from: at };
  if (node.operator === '<' || node.operator === '<=') return { ...open, to: at };
  return node.operator === '=' ? { from: at, to: at } : open;
}
