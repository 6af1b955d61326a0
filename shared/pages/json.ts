// The pages' data as JSON, in the form that docs/history.md promises: times in RFC 3339, null for never, no bookkeeping.
import type { ProxyState } from '#shared/model/fleet.ts';
import type {
  Episode,
  FleetData,
  IncidentData,
  ListData,
  OverviewData,
  RelatedIncident,
} from '#shared/model/history.ts';
import type { Incident } from '#shared/model/incident.ts';
import type { NamedProxy, Sample } from '#shared/model/sighting.ts';
import { logsLink } from '#shared/notify/logs-link.ts';
import { aboutOf, causeOf, checkWords, conclusionOf, headlineOf, wordingOf } from '#shared/notify/words.ts';
import { slackHref } from './href.ts';
import { patternOf, type PageContext } from './layout.ts';
import { queryOf } from './list.ts';
import { markupOf } from './markup.ts';
import { bootstrapOf, heartbeatOf, versionOf } from './proxy-state.ts';
import { seriesOf } from './series.ts';

/** Grows when a name changes or goes; new names may come at any time. */
const JSON_VERSION = 1;

const at = (timeMs: number): string | null =>
  timeMs > 0 && timeMs < 8.64e15 ? new Date(timeMs).toISOString() : null;

const orNull = (text: string): string | null => (text === '' ? null : text);

const sampleJson = ({ timeMs, proxy, logName, message }: Sample): object => ({
  at: at(timeMs),
  proxy,
  logName,
  message,
});

/** What the texts of an incident are made with. */
export type JsonContext = Pick<PageContext, 'patterns' | 'language'>;

/** An incident as lists hold it, and as the command line prints it. */
export function incidentJson(context: JsonContext, incident: Incident): Readonly<Record<string, unknown>> {
  const { evidence, spoken } = incident;
  const pattern = patternOf(context, incident.pattern);
  const slack = slackHref(spoken);
  return {
    id: incident.id,
    pattern: incident.pattern,
    headline: headlineOf(incident, pattern, context.language),
    cause: causeOf(incident, pattern, context.language),
    state: incident.state,
    episode: incident.episode,
    severity: evidence.severity,
    scope: incident.scope,
    fields: evidence.fields,
    count: evidence.count,
    episodeCount: Math.max(0, evidence.count - incident.countBefore),
    labels: evidence.labels,
    proxies: evidence.proxyCount,
    proxiesCapped: evidence.proxiesCapped,
    projects: evidence.projects,
    openedAt: at(incident.openedAtMs),
    firstSeenAt: at(evidence.firstSeenMs),
    lastSeenAt: at(evidence.lastSeenMs),
    acknowledgedAt: at(incident.acknowledgedAtMs),
    mutedUntil: at(incident.mutedUntilMs),
    resolvedAt: at(incident.resolvedAtMs),
    resolvedBy: orNull(incident.resolvedBy),
    actedBy: incident.actedBy ?? null,
    explainedBy: orNull(incident.explainedBy),
    conclusion: orNull(conclusionOf(incident, context.language)),
    slack: {
      channel: orNull(spoken.channel),
      ts: orNull(spoken.ts),
      url: slack === undefined ? null : markupOf(slack).text,
      refusal: orNull(spoken.refusal),
    },
    logsUrl: orNull(logsLink(incident, pattern)),
  };
}

function episodeJson(episode: Episode): object {
  return {
    incident: episode.incident,
    episode: episode.episode,
    pattern: episode.pattern,
    scope: episode.scope,
    severity: episode.severity,
    state: episode.state,
    openedAt: at(episode.openedAtMs),
    acknowledgedAt: at(episode.acknowledgedAtMs),
    resolvedAt: at(episode.resolvedAtMs),
    resolvedBy: orNull(episode.resolvedBy),
    count: episode.count,
    proxies: episode.proxyCount,
  };
}

/** What the overview shows. */
export function overviewJson(context: JsonContext, data: OverviewData): object {
  const series = seriesOf(data.days, data.range, data.nowMs);
  return {
    version: JSON_VERSION,
    readAt: at(data.nowMs),
    range: data.range,
    open: data.open.map((incident) => incidentJson(context, incident)),
    openCut: data.openCut,
    episodes: data.episodes.map(episodeJson),
    episodesCut: data.episodesCut,
    entries: {
      from: at(series.fromMs),
      to: at(series.toMs),
      bucketMinutes: series.bucketMs / 60_000,
      patterns: Object.fromEntries(series.patterns.map(({ pattern, counts }) => [pattern, counts])),
      heldBack: series.heldBack.counts,
    },
    days: data.days.map(({ day, ends }) => ({
      day: new Date(day * 86_400_000).toISOString().slice(0, 10),
      ends: Object.fromEntries(
        Object.entries(ends).map(([pattern, one]) => [
          pattern,
          {
            acknowledged: one.acknowledged,
            acknowledgedSeconds: Math.round(one.acknowledgedMs / 1_000),
            resolved: one.resolved,
            resolvedSeconds: Math.round(one.resolvedMs / 1_000),
          },
        ]),
      ),
    })),
  };
}

/** What the list shows. */
export function listJson(context: JsonContext, data: ListData): object {
  return {
    version: JSON_VERSION,
    readAt: at(data.nowMs),
    filter: queryOf(data.filter),
    incidents: data.incidents.map((incident) => incidentJson(context, incident)),
    next: orNull(data.next),
    searchedOn: data.searchedOn,
  };
}

function relatedJson(related: RelatedIncident): object {
  const { id, pattern, state, scope, lastSeenMs } = related;
  return { id, pattern, state, scope, lastSeenAt: at(lastSeenMs) };
}

function proxyJson(proxy: NamedProxy, state: ProxyState | undefined, nowMs: number): object {
  const { id, project, location, name, displayName, group } = proxy;
  const known = state === undefined ? null : stateJson(state, nowMs);
  return { id, project, location, name, displayName, group, state: known };
}

/** What one incident's page shows, and what the command line prints of one. */
export function incidentDataJson(context: JsonContext, data: IncidentData): object {
  const { incident } = data;
  const pattern = patternOf(context, incident.pattern);
  return {
    version: JSON_VERSION,
    readAt: at(data.nowMs),
    incident: incidentJson(context, incident),
    timeline: data.timeline.map(({ n, atMs, kind, who, why }) => ({ n, at: at(atMs), kind, who, why })),
    minutes: data.hours.map(({ hour, counts }) => ({
      hour: at(hour * 3_600_000),
      counts: Object.fromEntries(counts),
    })),
    proxies: incident.evidence.proxies.map((proxy) =>
      proxyJson(proxy, data.proxies.get(proxy.id), data.nowMs),
    ),
    samples: incident.evidence.samples.map(sampleJson),
    checks: (incident.checks ?? []).map((check) => ({
      id: check.id,
      verdict: check.verdict,
      expected: checkWords(check, context.language).expected,
      found: checkWords(check, context.language).found,
      how: check.how,
      at: at(check.atMs),
    })),
    remedy: pattern === undefined ? [] : wordingOf(pattern, context.language).steps(aboutOf(incident)),
    episodes: data.episodes.map(episodeJson),
    explainedBy: data.explainedBy === undefined ? null : relatedJson(data.explainedBy),
    explains: data.explains.map(relatedJson),
    context: data.context.map(({ atMs, level, logName, message }) => ({
      at: at(atMs),
      level,
      logName,
      message,
    })),
  };
}

function stateJson(state: ProxyState, nowMs: number): object {
  return {
    isRunning: state.vm.isRunning,
    heartbeat: { ...heartbeatOf(state, nowMs), value: orNull(state.heartbeat), beatAt: at(state.beatAtMs) },
    bootstrap: bootstrapOf(state),
    envoy: { ...versionOf(state), value: orNull(state.proxyVersion) },
    lastFailure: orNull(state.lastFailure),
    failureSince: at(state.failureSinceMs),
    unreadable: orNull(state.unreadable),
    incidents: state.incidents,
    changedAt: at(state.seenAtMs),
  };
}

/** What the fleet's page shows. */
export function fleetJson(data: FleetData): object {
  return {
    version: JSON_VERSION,
    readAt: at(data.nowMs),
    sort: data.sort,
    vms: data.proxies.map((state) => {
      const { id, project, zone, number, name, group } = state.vm;
      return { id, project, zone, number, name, group, ...stateJson(state, data.nowMs) };
    }),
    next: orNull(data.next),
  };
}
