// The history in Firestore, for readers: overview, list, one incident, the fleet. Never writes.
// Each answer reads PAGE_READS_MAX documents at most, however long the history is; docs/schema.md names the indexes.
import type { DocumentSnapshot, Query } from '@google-cloud/firestore';
import { z } from 'zod';
import type { Severity } from '#shared/model/finding.ts';
import type { ProxyState } from '#shared/model/fleet.ts';
import { episodeId } from '#shared/model/episode.ts';
import {
  EPISODES_MAX,
  EXPLAINS_MAX,
  FLEET_ROWS_MAX,
  HOURS_MAX,
  LANES_MAX,
  OPEN_MAX,
  PAGE_READS_MAX,
  type FleetSort,
  type HistoryRange,
  type HourOfMinutes,
  type RelatedIncident,
} from '#shared/model/history.ts';
import type { Incident, TimelineEntry } from '#shared/model/incident.ts';
import type { HistoryReader } from '../ports.ts';
import { READ_LIMITS, tryAgain, type Connect } from './firestore-calls.ts';
import { cursorOf, isDocumentId, positionOf } from './firestore-cursor.ts';
import { readIncident } from './firestore-documents.ts';
import { diagnosisSchema, proxySchema } from './firestore-fleet.ts';
import { listIncidents, UNRESOLVED } from './firestore-list.ts';
import { readDay, readEpisode } from './firestore-roll-up.ts';
import { numbered, time, toTime } from './firestore-values.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS_OF: Readonly<Record<HistoryRange, number>> = { '24h': 1, '7d': 7, '30d': 30 };

/** Lines of the story that are read even where an incident names as many proxies as it can. */
const LINES_MIN = 12;

const SEVEREST_FIRST: readonly Severity[] = ['critical', 'error', 'warning', 'info'];

const timelineSchema = z
  .object({
    n: z.number(),
    at: time,
    kind: z.enum([
      'opened',
      'reopened',
      'acknowledged',
      'muted',
      'unmuted',
      'resolved',
      'severity',
      'explained',
      'unexplained',
      'told',
    ]),
    who: z.string(),
    why: z.string(),
  })
  .transform(({ at, ...rest }): TimelineEntry => ({ ...rest, atMs: at }));

const hourSchema = z.object({ startsAt: time, counts: z.record(z.string(), z.number()) });

/** Documents by name; those that are not there are left out, although they were read. */
const getAll = (db: Connect, names: readonly string[]): Promise<readonly DocumentSnapshot[]> =>
  names.length === 0
    ? Promise.resolve([])
    : tryAgain(READ_LIMITS, async () => {
        const found = await db().getAll(...names.map((name) => db().doc(name)));
        return found.filter(({ exists }) => exists);
      });

const run = (query: Query): Promise<readonly DocumentSnapshot[]> =>
  tryAgain(READ_LIMITS, async () => (await query.get()).docs);

/**
 * Incidents that are not over, the most severe first: one severity after the other, until there are enough. OPEN_MAX + 1
 * documents and one read for each severity that has none.
 */
async function readOpen(db: Connect): Promise<readonly Incident[]> {
  const open: Incident[] = [];
  for (const severity of SEVEREST_FIRST) {
    const missing = OPEN_MAX + 1 - open.length;
    if (missing === 0) break;
    const found = await run(
      db()
        .collection('incidents')
        .where('severity', '==', severity)
        .where('state', 'in', UNRESOLVED)
        .orderBy('lastSeenAt', 'desc')
        .limit(missing),
    );
    open.push(...found.map((document) => readIncident(document.data())));
  }
  return open;
}

async function readOverview(
  db: Connect,
  { range, nowMs }: Parameters<HistoryReader['overview']>[0],
): ReturnType<HistoryReader['overview']> {
  const fromMs = nowMs - DAYS_OF[range] * DAY_MS;
  const firstDay = Math.floor(fromMs / DAY_MS);
  const names = Array.from(
    { length: Math.floor(nowMs / DAY_MS) - firstDay + 1 },
    (_, index) => `days/${firstDay + index}`,
  );
  const lanes = db()
    .collection('episodes')
    .where('endsAt', '>=', toTime(fromMs))
    .orderBy('endsAt', 'desc')
    .orderBy('openedAt', 'desc')
    .limit(LANES_MAX + 1);
  const [open, found, days] = await Promise.all([readOpen(db), run(lanes), getAll(db, names)]);
  const episodes = found.slice(0, LANES_MAX).map((document) => readEpisode(document.data()));
  return {
    nowMs,
    range,
    open: open.slice(0, OPEN_MAX),
    openCut: open.length > OPEN_MAX,
    episodes: episodes.toSorted((a, b) => b.openedAtMs - a.openedAtMs),
    episodesCut: found.length > LANES_MAX,
    days: days.map((document) => readDay(document.data())).toSorted((a, b) => a.day - b.day),
  };
}

const relatedOf = ({ id, pattern, state, scope, evidence }: Incident): RelatedIncident => ({
  id,
  pattern,
  state,
  scope,
  lastSeenMs: evidence.lastSeenMs,
});

/** The last hours with entries, in order. Entries without a usable time of their own are in no hour that can be drawn. */
function hoursOf(found: readonly DocumentSnapshot[]): readonly HourOfMinutes[] {
  return found
    .map((document) => hourSchema.parse(document.data()))
    .map(({ startsAt, counts }) => ({ hour: Math.round(startsAt / HOUR_MS), counts: numbered(counts) }))
    .filter(({ hour }) => hour > 0)
    .toSorted((a, b) => a.hour - b.hour);
}

/** What one incident's page shows beside the incident itself; reads what is left of the page's reads after these two. */
async function readAround(db: Connect, incident: Incident) {
  const { id, episode, explainedBy, timelineCount, evidence } = incident;
  const root = db().collection('incidents').doc(id);
  const episodes = Array.from({ length: Math.min(episode, EPISODES_MAX) }, (_, back) => episode - back);
  const [causes, explains, ended, hours] = await Promise.all([
    getAll(db, isDocumentId(explainedBy) ? [`incidents/${explainedBy}`] : []),
    run(
      db()
        .collection('incidents')
        .where('explainedBy', '==', id)
        .orderBy('lastSeenAt', 'desc')
        .limit(EXPLAINS_MAX),
    ),
    getAll(
      db,
      episodes.map((number) => `episodes/${episodeId(id, number)}`),
    ),
    run(root.collection('minutes').orderBy('startsAt', 'desc').limit(HOURS_MAX)),
  ]);
  // The incident and its diagnosis were read before; an empty query counts as one.
  const spent =
    2 +
    (explainedBy === '' ? 0 : 1) +
    episodes.length +
    Math.max(explains.length, 1) +
    Math.max(hours.length, 1);
  const left = PAGE_READS_MAX - spent;
  const lines = Math.min(timelineCount, Math.max(LINES_MIN, left - evidence.proxies.length));
  const proxies = evidence.proxies.slice(0, left - lines);
  const [story, states] = await Promise.all([
    getAll(
      db,
      Array.from({ length: lines }, (_, back) => `incidents/${id}/timeline/${timelineCount - back}`),
    ),
    getAll(
      db,
      proxies.map((proxy) => `proxies/${proxy.id}`),
    ),
  ]);
  const [cause] = causes;
  return {
    timeline: story.map((document) => timelineSchema.parse(document.data())).toSorted((a, b) => a.n - b.n),
    hours: hoursOf(hours),
    proxies: new Map<string, ProxyState>(
      states.map((document) => [document.id, proxySchema.parse(document.data())]),
    ),
    episodes: ended.map((document) => readEpisode(document.data())).toSorted((a, b) => b.episode - a.episode),
    explainedBy: cause === undefined ? undefined : relatedOf(readIncident(cause.data())),
    explains: explains.map((document) => relatedOf(readIncident(document.data()))),
  };
}

async function readOne(db: Connect, id: string, nowMs: number): ReturnType<HistoryReader['incident']> {
  if (!isDocumentId(id)) return undefined;
  const found = await getAll(db, [`incidents/${id}`, `diagnoses/${id}`]);
  const document = found.find(({ ref }) => ref.parent.id === 'incidents');
  if (document === undefined) return undefined;
  const incident = readIncident(document.data());
  const diagnosis = found.find(({ ref }) => ref.parent.id === 'diagnoses');
  return {
    nowMs,
    incident,
    context: diagnosis === undefined ? [] : diagnosisSchema.parse(diagnosis.data()).context,
    ...(await readAround(db, incident)),
  };
}

/** How the fleet is ordered: by a text each. */
const FLEET_ORDER: Readonly<Record<FleetSort, (proxies: Query) => Query>> = {
  heartbeat: (proxies) => proxies.orderBy('attention'),
  name: (proxies) => proxies.orderBy('vm.name'),
  version: (proxies) => proxies.orderBy('versionKey'),
};

/** What of a document stands in that order. */
const FLEET_FIELD: Readonly<Record<FleetSort, string>> = {
  heartbeat: 'attention',
  name: 'vm.name',
  version: 'versionKey',
};

async function readFleet(
  db: Connect,
  { sort, cursor, nowMs }: Parameters<HistoryReader['fleet']>[0],
): ReturnType<HistoryReader['fleet']> {
  const field = FLEET_FIELD[sort];
  const list = `fleet by ${field}`;
  const start = positionOf(list, 'string', cursor);
  if (start === undefined) return undefined;
  const ordered = FLEET_ORDER[sort](db().collection('proxies')).orderBy('__name__');
  const page = start === 'start' ? ordered : ordered.startAfter(start.value, start.id);
  const found = await run(page.limit(FLEET_ROWS_MAX + 1));
  const shown = found.slice(0, FLEET_ROWS_MAX);
  const proxies = shown.map((document) => proxySchema.parse(document.data()));
  const last = shown.at(-1);
  const isCut = found.length > FLEET_ROWS_MAX && last !== undefined;
  return {
    nowMs,
    sort,
    proxies,
    next: isCut ? cursorOf(list, { value: String(last.get(field)), id: last.id }) : '',
  };
}

/** `db` is the process's one client; nothing here closes it. */
export function createFirestoreHistory(db: Connect): HistoryReader {
  return {
    overview: (wanted) => readOverview(db, wanted),
    list: (wanted) => listIncidents(db, wanted),
    incident: (id, nowMs) => readOne(db, id, nowMs),
    fleet: (wanted) => readFleet(db, wanted),
  };
}
