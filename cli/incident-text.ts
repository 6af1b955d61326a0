// Incidents as the command line prints them: lines for people, the stable columns of CSV. JSON is that of the pages.
// In: incidents. Out: texts; what a log wrote is made printable here.
import type { IncidentData } from '#shared/model/history.ts';
import type { Incident } from '#shared/model/incident.ts';
import { headlineOf } from '#shared/notify/words.ts';
import type { JsonContext } from '#shared/pages/json.ts';
import { printable, scopeText } from './text.ts';

/** Minutes and seconds suffice for people. */
const timeText = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');

const timeOrNull = (milliseconds: number): string | null =>
  milliseconds === 0 ? null : new Date(milliseconds).toISOString();

/** Lines of `incidents list`: names of the columns, and what stands in them. */
export const LIST_HEAD = [
  'last seen (UTC)',
  'state',
  'episode',
  'pattern',
  'entries',
  'proxies',
  'scope',
  'id',
] as const;

/** One line of `incidents list`. */
export const listRow = ({ id, state, episode, pattern, scope, evidence }: Incident): readonly string[] => [
  timeText(evidence.lastSeenMs),
  state,
  String(episode),
  pattern,
  String(evidence.count),
  String(evidence.proxyCount),
  scopeText(scope),
  id,
];

/** The columns of `incidents list --format csv`. New ones come at the end; none is renamed or moved. */
const CSV_COLUMNS: readonly (readonly [string, (incident: Incident) => string])[] = [
  ['id', ({ id }) => id],
  ['pattern', ({ pattern }) => pattern],
  ['state', ({ state }) => state],
  ['severity', ({ evidence }) => evidence.severity],
  ['episode', ({ episode }) => String(episode)],
  ['opened_at', ({ openedAtMs }) => timeOrNull(openedAtMs) ?? ''],
  ['first_seen_at', ({ evidence }) => timeOrNull(evidence.firstSeenMs) ?? ''],
  ['last_seen_at', ({ evidence }) => timeOrNull(evidence.lastSeenMs) ?? ''],
  ['acknowledged_at', ({ acknowledgedAtMs }) => timeOrNull(acknowledgedAtMs) ?? ''],
  ['resolved_at', ({ resolvedAtMs }) => timeOrNull(resolvedAtMs) ?? ''],
  ['resolved_by', ({ resolvedBy }) => resolvedBy],
  ['entries', ({ evidence }) => String(evidence.count)],
  ['proxies', ({ evidence }) => String(evidence.proxyCount)],
  ['projects', ({ evidence }) => evidence.projects.join(' ')],
  ['scope', ({ scope }) => pairs(scope)],
  ['fields', ({ evidence }) => pairs(evidence.fields)],
  ['slack_channel', ({ spoken }) => spoken.channel],
  ['slack_ts', ({ spoken }) => spoken.ts],
];

const pairs = (values: Readonly<Record<string, string>>): string =>
  Object.keys(values)
    .sort()
    .map((name) => `${name}=${values[name] ?? ''}`)
    .join(' ');

export const CSV_HEAD: readonly string[] = CSV_COLUMNS.map(([name]) => name);
export const csvRow = (incident: Incident): readonly string[] =>
  CSV_COLUMNS.map(([, cell]) => cell(incident));

/** The columns of `incidents show --format csv`: one record for each line of the story. */
export const STORY_CSV_HEAD = ['id', 'n', 'at', 'kind', 'who', 'why'] as const;
export const storyCsvRows = ({ incident, timeline }: IncidentData): readonly (readonly string[])[] =>
  timeline.map(({ n, atMs, kind, who, why }) => [
    incident.id,
    String(n),
    new Date(atMs).toISOString(),
    kind,
    who,
    why,
  ]);

/** One incident as people read it. */
export function storyText(context: JsonContext, data: IncidentData): string {
  const { incident, timeline, explainedBy, explains } = data;
  const { evidence, spoken } = incident;
  const pattern = context.patterns.find(({ id }) => id === incident.pattern);
  const more = evidence.proxyCount - evidence.proxies.length;
  const earlier = incident.timelineCount - timeline.length;
  const tied = [
    ...(explainedBy === undefined ? [] : [`follows from ${explainedBy.id} (${explainedBy.state})`]),
    ...explains.map(({ id, state }) => `explains ${id} (${state})`),
  ];
  return [
    `${incident.id}  ${incident.state}, episode ${incident.episode}, ${evidence.severity}`,
    printable(headlineOf(incident, pattern, context.language), 300),
    `${evidence.count} entries from ${evidence.proxyCount} proxies, ${timeText(evidence.firstSeenMs)} to ${timeText(evidence.lastSeenMs)} UTC`,
    `scope    ${scopeText(incident.scope)}`,
    `proxies  ${evidence.proxies.map(({ displayName }) => printable(displayName, 60)).join(' ')}${more > 0 ? ` and ${more} more` : ''}`,
    `slack    ${spoken.ts === '' ? 'not told' : `${spoken.channel} ${spoken.ts}`}${spoken.refusal === '' ? '' : ` (refused: ${spoken.refusal})`}`,
    ...tied,
    ...(earlier > 0 ? [`… ${earlier} earlier line${earlier === 1 ? '' : 's'}`] : []),
    ...timeline.map(
      ({ atMs, kind, who, why }) =>
        `${timeText(atMs)}  ${kind.padEnd(12)} ${printable(who, 40)}: ${printable(why, 200)}`,
    ),
    ...evidence.samples.map(
      ({ timeMs, proxy, message }) =>
        `${timeText(timeMs)}  ${printable(proxy, 40)}  ${printable(message, 400)}`,
    ),
  ].join('\n');
}
