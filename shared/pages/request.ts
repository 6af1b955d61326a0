// Path and query of a request → what is asked for, or what is wrong with it. Every length is bounded; nothing is guessed.
import { parseMoment } from '#shared/model/moment.ts';
import type { FleetSort, HistoryFilter, HistoryRange } from '#shared/model/history.ts';
import type { IncidentState } from '#shared/model/incident.ts';
import { RANGES } from './series.ts';
import { STATES } from './text.ts';

export const PATH_CHARS_MAX = 300;
export const QUERY_CHARS_MAX = 6_000;
export const VALUE_CHARS_MAX = 200;
export const CURSOR_CHARS_MAX = 4_000;

type Asked =
  | { readonly kind: 'overview'; readonly range: HistoryRange }
  | { readonly kind: 'list'; readonly filter: HistoryFilter; readonly cursor: string }
  | { readonly kind: 'incident'; readonly id: string }
  | { readonly kind: 'fleet'; readonly sort: FleetSort; readonly cursor: string };

export type HistoryRequest =
  | (Asked & { readonly format: 'html' | 'json' })
  | { readonly kind: 'style' }
  | { readonly kind: 'script' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'bad'; readonly why: string };

/** A parameter that can't be what it should; caught in readRequest, which is the only caller of what throws it. */
class BadParameter extends Error {
  override readonly name = 'BadParameter';
}

/** Every parameter that is ours; whatever else a proxy in front adds is left alone. */
const PARAMETERS = [
  'range',
  'state',
  'pattern',
  'project',
  'network',
  'proxy',
  'text',
  'from',
  'to',
  'sort',
  'cursor',
  'format',
] as const;

type Parameters = ReadonlyMap<string, string>;

/** No timestamp of Firestore is later than this. */
const MOMENT_MS_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function valueOf(query: Parameters, name: (typeof PARAMETERS)[number], charsMax = VALUE_CHARS_MAX): string {
  const value = (query.get(name) ?? '').trim();
  if (value.length > charsMax) throw new BadParameter(`«${name}» is longer than ${charsMax} characters.`);
  return value;
}

/** One of the words, or `otherwise` where nothing is given. */
function wordOf<Word extends string, Otherwise>(
  query: Parameters,
  name: (typeof PARAMETERS)[number],
  of: { readonly words: readonly Word[]; readonly otherwise: Otherwise },
): Word | Otherwise {
  const value = valueOf(query, name);
  if (value === '') return of.otherwise;
  const word = of.words.find((one) => one === value);
  if (word === undefined) throw new BadParameter(`«${name}» is one of ${of.words.join(', ')}.`);
  return word;
}

/** RFC 3339, or what a form sends: `2026-11-22T10:04`, `2026-11-22`; UTC without a zone. */
function momentOf(query: Parameters, name: 'from' | 'to'): number | undefined {
  const value = valueOf(query, name);
  if (value === '') return undefined;
  const whole = /^\d{4}-\d\d-\d\d$/.test(value)
    ? `${value}T00:00:00Z`
    : /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(value)
      ? `${value}:00Z`
      : value;
  const timeMs = parseMoment(whole);
  if (timeMs === undefined || timeMs > MOMENT_MS_MAX)
    throw new BadParameter(`«${name}» is a time such as 2026-11-22T10:04:00Z, or a date.`);
  return timeMs;
}

const STATE_FILTERS: readonly (IncidentState | 'unresolved')[] = ['unresolved', ...STATES];

function filterOf(query: Parameters): HistoryFilter {
  const state = wordOf(query, 'state', { words: STATE_FILTERS, otherwise: undefined });
  const fromMs = momentOf(query, 'from');
  const toMs = momentOf(query, 'to');
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs)
    throw new BadParameter('«from» must be before «to».');
  const text = (name: 'pattern' | 'project' | 'network' | 'proxy' | 'text') => {
    const value = valueOf(query, name);
    return value === '' ? {} : { [name]: value };
  };
  return {
    ...(state === undefined ? {} : { state }),
    ...text('pattern'),
    ...text('project'),
    ...text('network'),
    ...text('proxy'),
    ...text('text'),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
  };
}

const INCIDENT_ID = /^[a-z][a-z0-9-]{0,120}-[0-9a-f]{16}$/;
const SORTS: readonly FleetSort[] = ['heartbeat', 'name', 'version'];

function askedOf(path: readonly string[], query: Parameters): Asked | undefined {
  const [first = '', second, ...more] = path;
  if (more.length > 0) return undefined;
  const cursor = (): string => valueOf(query, 'cursor', CURSOR_CHARS_MAX);
  if (first === '' && second === undefined)
    return { kind: 'overview', range: wordOf(query, 'range', { words: RANGES, otherwise: '24h' }) };
  if (first === 'incidents' && second === undefined)
    return { kind: 'list', filter: filterOf(query), cursor: cursor() };
  if (first === 'incidents' && second !== undefined && INCIDENT_ID.test(second))
    return { kind: 'incident', id: second };
  if (first === 'fleet' && second === undefined)
    return {
      kind: 'fleet',
      sort: wordOf(query, 'sort', { words: SORTS, otherwise: 'heartbeat' }),
      cursor: cursor(),
    };
  return undefined;
}

/** What leads from a path back to the overview: one `../` for every slash behind the first. */
export function rootOf(path: string): string {
  const up = (path.slice(0, PATH_CHARS_MAX).match(/\//g)?.length ?? 1) - 1;
  return up <= 0 ? './' : '../'.repeat(up);
}

/**
 * What is asked for. `path` begins with a slash and is not decoded: no address of ours has anything to decode. `query`
 * holds every parameter with all its values; those that are not ours are left alone.
 */
export function readRequest(path: string, query: ReadonlyMap<string, readonly string[]>): HistoryRequest {
  if (path.length > PATH_CHARS_MAX) return { kind: 'not-found' };
  if (path === '/style.css') return { kind: 'style' };
  if (path === '/script.js') return { kind: 'script' };
  try {
    const single = new Map<string, string>();
    for (const [name, values] of query) single.set(name, values[0] ?? '');
    const asked = askedOf(path.slice(1).split('/'), single);
    if (asked === undefined) return { kind: 'not-found' };
    const repeated = PARAMETERS.find((name) => (query.get(name)?.length ?? 0) > 1);
    if (repeated !== undefined) throw new BadParameter(`«${repeated}» is given more than once.`);
    return { ...asked, format: wordOf(single, 'format', { words: ['html', 'json'], otherwise: 'html' }) };
  } catch (error) {
    if (error instanceof BadParameter) return { kind: 'bad', why: error.message };
    throw error;
  }
}
