// Incidents as the command line prints them: lines for people, the stable JSON, the stable columns of CSV.
// In: incidents. Out: texts and plain objects; what a log wrote is made printable here.
import type { IncidentData } from '#shared/model/history.ts';
import type { Incident } from '#shared/model/incident.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { printable, scopeText } from './text.ts';

/** Minutes and seconds suffice for people. */
const timeText = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');

const timeOrNull = (milliseconds: number): string | null =>
  milliseconds === 0 ? null : new Date(milliseconds).toISOString();

/** The stable form of `--format json`: times as RFC 3339, no internals. */
export function incidentJson(incident: Incident): Readonly<Record<string, unknown>> {
  const { evidence } = incident;
  return {
    id: incident.id,
    pattern: incident.pattern,
    state: incident.state,
    episode: incident.episode,
    severity: evidence.severity,
    scope: incident.scope,
    fields: evidence.fields,
    count: evidence.count,
    labels: evidence.labels,
    proxies: evidence.proxyCount,
    projects: evidence.projects,
    openedAt: timeOrNull(incident.openedAtMs),
    firstSeenAt: timeOrNull(evidence.firstSeenMs),
    lastSeenAt: timeOrNull(evidence.lastSeenMs),
    resolvedAt: timeOrNull(incident.resolvedAtMs),
    resolvedBy: incident.resolvedBy === '' ? null : incident.resolvedBy,
    slack: { channel: incident.spoken.channel, ts: incident.spoken.ts, refusal: incident.spoken.refusal },
  };
}

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

/** The stable form of `incidents show --format json`. */
export function storyJson({ incident, timeline, episodes, explainedBy, explains }: IncidentData) {
  return {
    ...incidentJson(incident),
    timeline: timeline.map(({ atMs, ...rest }) => ({ at: new Date(atMs).toISOString(), ...rest })),
    samples: incident.evidence.samples.map(({ timeMs, ...rest }) => ({ at: timeOrNull(timeMs), ...rest })),
    episodes: episodes.map((one) => ({
      episode: one.episode,
      state: one.state,
      severity: one.severity,
      openedAt: timeOrNull(one.openedAtMs),
      acknowledgedAt: timeOrNull(one.acknowledgedAtMs),
      resolvedAt: timeOrNull(one.resolvedAtMs),
      resolvedBy: one.resolvedBy === '' ? null : one.resolvedBy,
      count: one.count,
    })),
    explainedBy: explainedBy?.id ?? null,
    explains: explains.map(({ id }) => id),
  };
}

/** One incident as people read it. */
export function storyText({ incident, timeline, explainedBy, explains }: IncidentData): string {
  const { evidence, spoken } = incident;
  const pattern = CATALOGUE.find(({ id }) => id === incident.pattern);
  const about = { fields: evidence.fields, scope: incident.scope, proxies: evidence.proxies };
  const more = evidence.proxyCount - evidence.proxies.length;
  const earlier = incident.timelineCount - timeline.length;
  const tied = [
    ...(explainedBy === undefined ? [] : [`follows from ${explainedBy.id} (${explainedBy.state})`]),
    ...explains.map(({ id, state }) => `explains ${id} (${state})`),
  ];
  return [
    `${incident.id}  ${incident.state}, episode ${incident.episode}, ${evidence.severity}`,
    printable(pattern?.headline(about) ?? evidence.fields['shape'] ?? '', 300),
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
