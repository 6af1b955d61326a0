// Which channel hears of an incident, and whether somebody asked for silence. Pure: rules and silences come in.
import type { Incident } from '#shared/model/incident.ts';
import type { Route, Silence } from '#shared/model/notification.ts';

function fits(wanted: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  return wanted.endsWith('*') ? value.startsWith(wanted.slice(0, -1)) : value === wanted;
}

const anyFits = (wanted: readonly string[] | undefined, values: readonly string[]): boolean =>
  wanted === undefined || wanted.some((one) => values.some((value) => fits(one, value)));

const scopeFits = (wanted: Readonly<Record<string, string>> | undefined, incident: Incident): boolean =>
  Object.entries(wanted ?? {}).every(([name, value]) => fits(value, incident.scope[name]));

const projectsOf = (incident: Incident): readonly string[] => [
  ...incident.evidence.projects,
  ...(incident.scope['project'] === undefined ? [] : [incident.scope['project']]),
];

/** The channel of the first rule that fits; `fallback` where none does. */
export function channelFor(incident: Incident, routes: readonly Route[], fallback: string): string {
  const route = routes.find(
    (one) =>
      anyFits(one.severity, [incident.evidence.severity]) &&
      anyFits(one.pattern, [incident.pattern]) &&
      anyFits(one.project, projectsOf(incident)) &&
      scopeFits(one.scope, incident),
  );
  return route?.channel ?? fallback;
}

/** The silence that covers the incident now and lasts longest; undefined if there is none. */
export function silenceFor(
  incident: Incident,
  silences: readonly Silence[],
  nowMs: number,
): Silence | undefined {
  return silences
    .filter((one) => one.fromMs <= nowMs && nowMs < one.untilMs)
    .filter((one) => one.pattern === '' || one.pattern === incident.pattern)
    .filter((one) => one.project === '' || projectsOf(incident).some((project) => fits(one.project, project)))
    .filter((one) => scopeFits(one.scope, incident))
    .toSorted((a, b) => b.untilMs - a.untilMs)[0];
}
