// The list of incidents in Firestore: filtered, the latest seen first, page by page. One page reads a bounded number of
// documents whatever there is; docs/schema.md names the index of each query.
import type { Query } from '@google-cloud/firestore';
import { LIST_ROWS_MAX, PAGE_READS_MAX, type HistoryFilter, type ListData } from '#shared/model/history.ts';
import type { Incident, IncidentState } from '#shared/model/incident.ts';
import { tokensOf, tokensWanted } from '#shared/model/tokens.ts';
import type { HistoryReader } from '../ports.ts';
import { READ_LIMITS, tryAgain, type Connect } from './firestore-calls.ts';
import { cursorOf, positionOf, type Position } from './firestore-cursor.ts';
import { readIncident } from './firestore-documents.ts';
import { toTime } from './firestore-values.ts';

/** Documents that a search reads at once, where not every one of them need pass the filter. */
const SEARCHED_TOGETHER = PAGE_READS_MAX / 2;

export const UNRESOLVED: readonly IncidentState[] = ['open', 'acknowledged', 'muted'];

/** What a filter leaves to Firestore, and what is looked at here. */
interface Search {
  readonly query: Query;
  /** Tests what the query could not; undefined where it could all. */
  readonly passes: ((incident: Incident) => boolean) | undefined;
}

/**
 * Firestore compares state, pattern, time and one token, for one query can ask one array for one value. Further tokens,
 * and the pattern beside a token, are tested here.
 */
function searchOf(incidents: Query, filter: HistoryFilter): Search {
  const { state, pattern, fromMs, toMs } = filter;
  const [first, ...others] = tokensWanted(filter);
  let query = incidents;
  if (first !== undefined) query = query.where('tokens', 'array-contains', first);
  if (first === undefined && pattern !== undefined) query = query.where('pattern', '==', pattern);
  if (state === 'unresolved') query = query.where('state', 'in', UNRESOLVED);
  else if (state !== undefined) query = query.where('state', '==', state);
  if (fromMs !== undefined) query = query.where('lastSeenAt', '>=', toTime(fromMs));
  if (toMs !== undefined) query = query.where('lastSeenAt', '<', toTime(toMs));
  const patternLeft = first === undefined ? undefined : pattern;
  const passes =
    others.length === 0 && patternLeft === undefined
      ? undefined
      : (incident: Incident): boolean => {
          const tokens = new Set(tokensOf(incident));
          return (
            (patternLeft === undefined || incident.pattern === patternLeft) &&
            others.every((token) => tokens.has(token))
          );
        };
  return {
    query: query.orderBy('lastSeenAt', 'desc').orderBy('__name__', 'desc'),
    passes,
  };
}

const LIST = 'incidents';

const cursorAt = ({ id, evidence }: Incident): string => cursorOf(LIST, { value: evidence.lastSeenMs, id });

async function readPage(
  { query, passes }: Search,
  start: Position | 'start',
): Promise<Pick<ListData, 'incidents' | 'next' | 'searchedOn'>> {
  const incidents: Incident[] = [];
  let cursor: readonly [number, string] | undefined =
    start === 'start' ? undefined : [Number(start.value), start.id];
  let last: Incident | undefined;
  for (let reads = 0; ;) {
    // Where every document passes, one more than the page tells whether there is another page.
    const limit =
      passes === undefined ? LIST_ROWS_MAX + 1 : Math.min(SEARCHED_TOGETHER, PAGE_READS_MAX - reads);
    const after = cursor === undefined ? query : query.startAfter(toTime(cursor[0]), cursor[1]);
    const { docs } = await tryAgain(READ_LIMITS, () => after.limit(limit).get());
    reads += Math.max(docs.length, 1);
    for (const document of docs) {
      if (incidents.length === LIST_ROWS_MAX && last !== undefined)
        return { incidents, next: cursorAt(last), searchedOn: false };
      last = readIncident(document.data());
      if (passes === undefined || passes(last)) incidents.push(last);
    }
    if (docs.length < limit || last === undefined) return { incidents, next: '', searchedOn: false };
    const isFull = incidents.length === LIST_ROWS_MAX;
    if (isFull || reads >= PAGE_READS_MAX) return { incidents, next: cursorAt(last), searchedOn: !isFull };
    cursor = [last.evidence.lastSeenMs, last.id];
  }
}

/** One page of the list; undefined for a cursor that is not one of ours. */
export async function listIncidents(
  db: Connect,
  { filter, cursor, nowMs }: Parameters<HistoryReader['list']>[0],
): Promise<ListData | undefined> {
  const start = positionOf(LIST, 'number', cursor);
  if (start === undefined) return undefined;
  const page = await readPage(searchOf(db().collection('incidents'), filter), start);
  return { nowMs, filter, ...page };
}
