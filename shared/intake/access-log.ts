// A line of an access log in, the parts that Envoy decided out: status, flags, details, failure, cluster.
// What clients write (path, host, user agent) never gets into them, whatever quotes and blanks it holds.
import type { AccessLog } from '../model/record.ts';

/** A request's quotes end behind its protocol; a path holds no blank, so it cannot fake that. */
const REQUEST_END = / (?:HTTP\/[\d.]{1,3}|-)" (\d{1,3}) (\S{1,64})(?= |$)/;
const REQUEST_CHARS_MAX = 16_384;
const COMMON_LOG = /^\S{1,64} \S{1,64} \S{1,64} \[\d\d\/[A-Z][a-z]{2}\/\d{4}:[^\]]{1,32}\] "/;
const FLAGS = /^(?:-|[A-Z][A-Z0-9]{0,9}(?:,[A-Z][A-Z0-9]{0,9}){0,15})$/;
const FLAG = /^[A-Z][A-Z0-9]{0,9}$/;
const DETAILS = /^[A-Za-z][\w.:]*(?:\{.*)?$/;
/** What Envoy writes of a failed connection; the only quoted word that is believed without its neighbours. */
const FAILURE = /^(?:TLS|delayed[ _]connect|immediate[ _]connect)[ _]error:/;
const CLUSTER_CHARS_MAX = 256;
/** LOCAL_ADDRESS, DOWNSTREAM_LOCAL, DOWNSTREAM_REMOTE, SNI and ROUTE follow istio's upstream cluster. */
const WORDS_BEHIND_CLUSTER_MIN = 4;
/** DETAILS, CONNECTION_TERMINATION_DETAILS and FAILURE stand before the first number. */
const WORDS_BEFORE_BYTES_MAX = 3;

const QUOTE = 34;
const OPEN = 91;
const BLANK = 32;

interface Word {
  readonly value: string;
  readonly quoted: boolean;
  readonly to: number;
}

function wordAt(line: string, from: number): Word | undefined {
  if (from >= line.length) return undefined;
  const quoted = line.charCodeAt(from) === QUOTE;
  const end = quoted ? line.indexOf('"', from + 1) : line.indexOf(' ', from);
  const to = end < 0 ? line.length : end;
  return { value: line.slice(quoted ? from + 1 : from, to), quoted, to: quoted ? to + 2 : to + 1 };
}

/** Envoy writes `-` for nothing; older builds write blanks where newer ones write underscores. */
function decided(value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  return text === '-' ? '' : text.trim().replaceAll(/\s+/g, '_');
}

function isNumber(word: string): boolean {
  return /^\d+$/.test(word);
}

function flagsOf(value: string): string[] {
  return value === '-' || value === '' ? [] : value.split(',').filter((flag) => FLAG.test(flag));
}

/** Cluster of istio's formats, the first word behind the last quotes; no quoted value can reach behind them. */
function clusterOf(line: string, from: number): string {
  const quote = line.lastIndexOf('" ');
  if (quote < from) return '';
  const words = line.slice(quote + 2, quote + 2 + 4 * CLUSTER_CHARS_MAX).split(' ');
  const [cluster = ''] = words;
  if (words.length <= WORDS_BEHIND_CLUSTER_MIN || cluster.length > CLUSTER_CHARS_MAX) return '';
  return isNumber(cluster) ? '' : decided(cluster);
}

interface Reasons {
  readonly details: string;
  readonly transportFailure: string;
}

/** What stands between the flags and the byte counts; without byte counts only the bare words are trusted. */
function reasonsAt(line: string, from: number): Reasons {
  const bare: string[] = [];
  const quoted: string[] = [];
  let at = from;
  let counted = false;
  for (let words = 0; words <= WORDS_BEFORE_BYTES_MAX; words++) {
    const word = wordAt(line, at);
    if (word === undefined) break;
    if (!word.quoted && isNumber(word.value)) {
      counted = true;
      break;
    }
    (word.quoted ? quoted : bare).push(word.value);
    at = word.to;
  }
  const [first = '', second] = quoted;
  const firstIsDetails = bare.length === 0 && second !== undefined && DETAILS.test(first);
  const details = bare[0] ?? (firstIsDetails && counted ? first : '');
  const only = bare.length > 0 || FAILURE.test(first) ? first : '';
  const failure = counted ? (second ?? only) : '';
  return { details: DETAILS.test(details) ? details : '', transportFailure: decided(failure) };
}

/** Whether a line may be an access log's: cheap, and «no» for nearly every other line. */
export function looksLikeAccessLog(line: string): boolean {
  const first = line.charCodeAt(0);
  if (first === QUOTE) return true;
  if (first === OPEN) {
    const close = line.indexOf(']');
    const next = line.charCodeAt(close + 1);
    return next === QUOTE || (next === BLANK && line.charCodeAt(close + 2) === QUOTE);
  }
  // An address, of either family, opens the common log format.
  const isHexDigit = (first >= 48 && first <= 58) || ((first | 32) >= 97 && (first | 32) <= 102);
  return isHexDigit && COMMON_LOG.test(line);
}

/** Reads a line of Envoy's, istio's or the common log format; undefined if it is none. */
export function readAccessLog(line: string): AccessLog | undefined {
  const match = REQUEST_END.exec(line.slice(0, REQUEST_CHARS_MAX));
  if (match === null) return undefined;
  const [whole, status = '', flags = ''] = match;
  const at = match.index + whole.length + 1;
  // The common log format has a byte count where Envoy has flags.
  if (!FLAGS.test(flags)) {
    if (!isNumber(flags)) return undefined;
    return { status: Number(status), flags: [], details: '', transportFailure: '', upstreamCluster: '' };
  }
  return {
    status: Number(status),
    flags: flagsOf(flags),
    ...reasonsAt(line, at),
    upstreamCluster: clusterOf(line, at),
  };
}

/** The text of an access log's record: only what Envoy decided. */
export function accessText(access: AccessLog): string {
  const { status, flags, details, transportFailure } = access;
  return [String(status), flags.join(','), details, transportFailure].filter((part) => part !== '').join(' ');
}

/** The same from named fields: JSON access logs, `key | value` tables, labels of an entry. */
export function accessFromFields(field: (name: string) => unknown): AccessLog | undefined {
  const flags = field('response_flags') ?? field('response_flag');
  const details = field('response_code_details') ?? field('response_details');
  const code = field('response_code');
  const status = typeof code === 'number' ? code : Number(typeof code === 'string' ? code : Number.NaN);
  if (typeof flags !== 'string' && (Number.isNaN(status) || details === undefined)) return undefined;
  const cluster = decided(field('upstream_cluster'));
  return {
    status: Number.isInteger(status) && status >= 0 && status <= 999 ? status : 0,
    flags: typeof flags === 'string' ? flagsOf(flags) : [],
    details: decided(details),
    transportFailure: decided(field('upstream_transport_failure_reason')),
    upstreamCluster: cluster.length > CLUSTER_CHARS_MAX ? '' : cluster,
  };
}

const TABLE_ROW = /^\s{0,64}([a-z_]{1,64})\s{0,64}\|(.*)/;
const TABLE_ROWS_MAX = 100;

/** Reads the `key | value` lines that some consoles show for one access log entry; undefined if it is no such table. */
export function readAccessTable(text: string): AccessLog | undefined {
  if (!text.includes('response_') || !text.includes('|')) return undefined;
  const rows = text.split('\n', TABLE_ROWS_MAX).flatMap((line): [string, string][] => {
    const match = TABLE_ROW.exec(line);
    return match === null ? [] : [[match[1] ?? '', (match[2] ?? '').trim()]];
  });
  const fields = new Map(rows);
  return fields.size < 2 ? undefined : accessFromFields((name) => fields.get(name));
}
