// `incidents list` and `incidents show`: the history as it stands in Firestore. Reads only.
import { createFirestoreHistory, type History } from '../functions/adapters/firestore-history.ts';
import type { Incident, TimelineEntry } from '#shared/model/incident.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import type { Command, CommandContext, Flag } from './command.ts';
import { printable, scopeText, table } from './text.ts';
import { UsageError } from './usage-error.ts';

const LIST_MAX = 1_000;

const storeFlags: Readonly<Record<string, Flag>> = {
  project: {
    type: 'string',
    value: 'ID',
    help: 'project of the Firestore database (default: GOOGLE_CLOUD_PROJECT)',
  },
  database: { type: 'string', value: 'NAME', default: '(default)', help: 'Firestore database' },
};

const STATES = ['open', 'acknowledged', 'muted', 'resolved', 'all'] as const;

function openHistory({ values }: CommandContext): History {
  const project = values['project'];
  if (project === undefined)
    throw new UsageError('no project: give --project ID or set GOOGLE_CLOUD_PROJECT');
  return createFirestoreHistory({ project, database: values['database'] ?? '(default)' });
}

const time = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');

/** The stable form of `--format json`: times as RFC 3339, no internals. */
function toJson(incident: Incident): Readonly<Record<string, unknown>> {
  const { evidence } = incident;
  const at = (milliseconds: number): string | null =>
    milliseconds === 0 ? null : new Date(milliseconds).toISOString();
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
    openedAt: at(incident.openedAtMs),
    firstSeenAt: at(evidence.firstSeenMs),
    lastSeenAt: at(evidence.lastSeenMs),
    resolvedAt: at(incident.resolvedAtMs),
    resolvedBy: incident.resolvedBy === '' ? null : incident.resolvedBy,
    slack: { channel: incident.spoken.channel, ts: incident.spoken.ts, refusal: incident.spoken.refusal },
  };
}

export const incidentsList: Command = {
  name: 'incidents list',
  usage: '',
  summary: 'Incidents in Firestore, the latest first.',
  flags: {
    ...storeFlags,
    state: { type: 'string', value: STATES.join('|'), default: 'all', help: 'only incidents in this state' },
    limit: { type: 'string', value: 'N', default: '50', help: `at most so many (up to ${LIST_MAX})` },
  },
  run: async (context) => {
    const state = STATES.find((one) => one === context.values['state']);
    if (state === undefined) throw new UsageError(`--state takes one of ${STATES.join(', ')}`);
    const limit = Number(context.values['limit']);
    if (!Number.isInteger(limit) || limit < 1 || limit > LIST_MAX)
      throw new UsageError(`--limit takes a whole number from 1 to ${LIST_MAX}`);
    const history = openHistory(context);
    try {
      const incidents = await history.list({ state, limit });
      if (context.format === 'json') {
        for (const incident of incidents) await context.print(JSON.stringify(toJson(incident)));
        return 0;
      }
      const rows = incidents.map(({ id, state: now, episode, pattern, scope, evidence }) => [
        time(evidence.lastSeenMs),
        now,
        String(episode),
        pattern,
        String(evidence.count),
        String(evidence.proxyCount),
        scopeText(scope),
        id,
      ]);
      const head = ['last seen (UTC)', 'state', 'episode', 'pattern', 'entries', 'proxies', 'scope', 'id'];
      await context.print(rows.length === 0 ? 'No incident.' : table([head, ...rows]));
      return 0;
    } finally {
      await history.close();
    }
  },
};

function storyText(incident: Incident, timeline: readonly TimelineEntry[]): string {
  const { evidence, spoken } = incident;
  const pattern = CATALOGUE.find(({ id }) => id === incident.pattern);
  const about = { fields: evidence.fields, scope: incident.scope, proxies: evidence.proxies };
  const more = evidence.proxyCount - evidence.proxies.length;
  return [
    `${incident.id}  ${incident.state}, episode ${incident.episode}, ${evidence.severity}`,
    printable(pattern?.headline(about) ?? evidence.fields['shape'] ?? '', 300),
    `${evidence.count} entries from ${evidence.proxyCount} proxies, ${time(evidence.firstSeenMs)} to ${time(evidence.lastSeenMs)} UTC`,
    `scope    ${scopeText(incident.scope)}`,
    `proxies  ${evidence.proxies.map(({ displayName }) => printable(displayName, 60)).join(' ')}${more > 0 ? ` and ${more} more` : ''}`,
    `slack    ${spoken.ts === '' ? 'not told' : `${spoken.channel} ${spoken.ts}`}${spoken.refusal === '' ? '' : ` (refused: ${spoken.refusal})`}`,
    ...timeline.map(
      ({ atMs, kind, who, why }) =>
        `${time(atMs)}  ${kind.padEnd(12)} ${printable(who, 40)}: ${printable(why, 200)}`,
    ),
    ...evidence.samples.map(
      ({ timeMs, proxy, message }) => `${time(timeMs)}  ${printable(proxy, 40)}  ${printable(message, 400)}`,
    ),
  ].join('\n');
}

export const incidentsShow: Command = {
  name: 'incidents show',
  usage: 'ID',
  summary: 'One incident: its story, its proxies, its proof.',
  flags: storeFlags,
  run: async (context) => {
    const [id, ...more] = context.args;
    if (id === undefined || more.length > 0) throw new UsageError('incidents show takes one incident id');
    const history = openHistory(context);
    try {
      const found = await history.show(id);
      if (found === undefined) {
        await context.print(context.format === 'json' ? 'null' : `No incident ${printable(id, 100)}.`);
        return 1;
      }
      const { incident, timeline } = found;
      const story = timeline.map(({ atMs, ...rest }) => ({ at: new Date(atMs).toISOString(), ...rest }));
      await context.print(
        context.format === 'json'
          ? JSON.stringify({ ...toJson(incident), timeline: story, samples: incident.evidence.samples })
          : storyText(incident, timeline),
      );
      return 0;
    } finally {
      await history.close();
    }
  },
};
