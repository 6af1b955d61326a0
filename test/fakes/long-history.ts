// A long history, written straight into a data file of the embedded Firestore: what the functions would have left behind.
// In: how many incidents, and how many entries each. Out: the file's documents, and what they add up to.
import { Timestamp } from '@google-cloud/firestore';
import { incidentId } from '#shared/incident/key.ts';
import { rollUpHours } from '#shared/incident/roll-up.ts';
import { changedEpisodes, episodeId } from '#shared/model/episode.ts';
import type { Incident, IncidentState } from '#shared/model/incident.ts';
import type { HourToRoll } from '#shared/model/roll-up.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { incidentDocument } from '../../functions/adapters/firestore-documents.ts';
import { dayDocument, episodeDocument } from '../../functions/adapters/firestore-roll-up.ts';
import { loadCodec } from '../../infra/local/firestore/codec.ts';
import { DocumentStore } from '../../infra/local/firestore/document-store.ts';
import type { Fields, Value } from '../../infra/local/firestore/proto.ts';
import { anOpenIncident, MINUTE_MS } from './sightings.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The history goes back this far. */
const HISTORY_DAYS = 60;
export const PROJECTS = 20;
export const UNRESOLVED_COUNT = 30;
const NETWORKS = 50;
const DOCUMENTS_TOGETHER = 1_000;
const STATES: readonly IncidentState[] = ['open', 'acknowledged', 'muted'];

function valueOf(value: unknown): Value {
  if (value === null) return { valueType: 'nullValue', nullValue: 'NULL_VALUE' };
  if (typeof value === 'string') return { valueType: 'stringValue', stringValue: value };
  if (typeof value === 'boolean') return { valueType: 'booleanValue', booleanValue: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value)
      ? { valueType: 'integerValue', integerValue: String(value) }
      : { valueType: 'doubleValue', doubleValue: value };
  if (value instanceof Timestamp) {
    const { seconds, nanoseconds: nanos } = value;
    return { valueType: 'timestampValue', timestampValue: { seconds: String(seconds), nanos } };
  }
  if (Array.isArray(value)) return { valueType: 'arrayValue', arrayValue: { values: value.map(valueOf) } };
  if (typeof value === 'object') return { valueType: 'mapValue', mapValue: { fields: fieldsOf(value) } };
  throw new Error(`no document holds a ${typeof value}`);
}

const fieldsOf = (value: object): Fields =>
  Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, valueOf(inner)]));

/** Incident `n` of `count`: the later in time the smaller its number; the first UNRESOLVED_COUNT are not over. */
function anIncident(
  n: number,
  of: { readonly count: number; readonly entries: number; readonly nowMs: number },
): Incident {
  const pattern = CATALOGUE[n % CATALOGUE.length]?.id ?? '';
  const scope = { project: String(1_000 + (n % PROJECTS)), network: `net-${n % NETWORKS}`, n: String(n) };
  const lastSeenMs = of.nowMs - MINUTE_MS - Math.floor((n * HISTORY_DAYS * DAY_MS) / of.count);
  const state = n < UNRESOLVED_COUNT ? (STATES[n % STATES.length] ?? 'open') : 'resolved';
  const over = { resolvedAtMs: lastSeenMs + HOUR_MS / 2, resolvedBy: 'quiet' } as const;
  const displayName = `checkout-${n % 500}`;
  const vm = {
    project: '',
    location: 'europe-west3-b',
    name: String(n % 500),
    displayName,
    group: 'checkout',
  };
  return {
    ...anOpenIncident(incidentId(pattern, scope), pattern, {
      state,
      openedAtMs: lastSeenMs - HOUR_MS,
      ...(state === 'resolved' ? over : {}),
      seen: {
        count: of.entries,
        firstSeenMs: lastSeenMs - HOUR_MS,
        lastSeenMs,
        projects: [`team-${n % PROJECTS}`],
        proxies: [{ id: `p-${n % 500}`, ...vm }],
        fields: { network: `net-${n % NETWORKS}`, shape: `upstream host ${n % 300} refused` },
        severity: (['critical', 'error', 'warning', 'info'] as const)[n % 4] ?? 'info',
      },
    }),
    scope,
  };
}

/** The two hours of an incident, with half of its entries each. */
const hoursOf = ({ id, evidence }: Incident): readonly HourToRoll[] =>
  [0, 1].map((back) => ({
    place: { kind: 'incident', target: id, hour: Math.floor(evidence.lastSeenMs / HOUR_MS) - back },
    counts: new Map([[Math.floor(evidence.lastSeenMs / MINUTE_MS) % 60, evidence.count / 2]]),
    rolled: new Map(),
  }));

interface LongHistory {
  readonly entries: number;
  readonly incidents: readonly Incident[];
}

/** Writes the history of `count` incidents into a new data file, under the default database of `project`. */
export function writeLongHistory(
  dataFile: string,
  of: { readonly project: string; readonly count: number; readonly entries: number; readonly nowMs: number },
): LongHistory {
  const root = `projects/${of.project}/databases/(default)/documents`;
  const store = new DocumentStore(dataFile, loadCodec());
  let waiting = new Map<string, object>();
  const flush = (): void => {
    const atMicros = store.nextMicros();
    const changes = [...waiting].map(
      ([path, document]) =>
        [
          `${root}/${path}`,
          {
            name: `${root}/${path}`,
            fields: fieldsOf(document),
            createdMicros: atMicros,
            updatedMicros: atMicros,
          },
        ] as const,
    );
    store.commit(new Map(changes), atMicros);
    waiting = new Map();
  };
  const put = (path: string, document: object): void => {
    waiting.set(path, document);
    if (waiting.size >= DOCUMENTS_TOGETHER) flush();
  };
  const incidents = Array.from({ length: of.count }, (_, n) => anIncident(n, of));
  const hours = incidents.flatMap(hoursOf);
  for (const incident of incidents) {
    put(`incidents/${incident.id}`, incidentDocument(incident));
    for (const one of changedEpisodes(undefined, incident))
      put(`episodes/${episodeId(one.incident, one.episode)}`, episodeDocument(one));
  }
  for (const { place, counts } of hours)
    put(`incidents/${place.target}/minutes/h${place.hour}`, {
      startsAt: Timestamp.fromMillis(place.hour * HOUR_MS),
      counts: Object.fromEntries(counts),
    });
  for (const day of rollUpHours(hours, []).days) put(`days/${day.day}`, dayDocument(day));
  flush();
  store.close();
  return { entries: of.count * of.entries, incidents };
}
