// Incident → the Logs Explorer query that shows exactly its entries, and the link to it. Pure text.
import type { Incident } from '#shared/model/incident.ts';
import type { Pattern } from '#shared/patterns/pattern.ts';

/** Minutes shown before the first and after the last entry. */
const MARGIN_MS = 60_000;

/** The query is cut by whole conditions, so that proof and link share one block of 3,000 characters. */
export const QUERY_CHARS_MAX = 1_500;

/** No project's id is longer, a legacy domain included. */
const PROJECT_CHARS_MAX = 100;

/** A fragment of a shape shorter than this would find too much. */
const FRAGMENT_CHARS_MIN = 8;

/** A Logging query string: what Logging itself takes as an escape is escaped, what no log line holds is dropped. */
function quoted(text: string): string {
  const visible = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 200);
  return `"${visible.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`)}"`;
}

const anyOf = (terms: readonly string[]): string =>
  terms.length === 1 ? (terms[0] ?? '') : `(${terms.join(' OR ')})`;

/** Words of the pattern that stand in a line of the proof: they are what decided. */
function decidingWords(incident: Incident, pattern: Pattern | undefined): readonly string[] {
  if (pattern === undefined) {
    const fragments = (incident.scope['shape'] ?? '').split(/<[a-z]{1,8}>/).map((part) => part.trim());
    const longest = fragments.toSorted((a, b) => b.length - a.length)[0] ?? '';
    return longest.length < FRAGMENT_CHARS_MIN ? [] : [longest];
  }
  const words = pattern.signs.flatMap((sign) => (sign.kind === 'text' ? sign.contains : []));
  const lines = incident.evidence.samples.map(({ message }) => message);
  return [...new Set(words)].filter((word) => lines.some((line) => line.includes(word)));
}

/** Values of the scope that every line of the proof holds: they tell this incident from its siblings. */
function scopeWords(incident: Incident): readonly string[] {
  const lines = incident.evidence.samples.map(({ message }) => message);
  if (lines.length === 0 || incident.pattern === 'unrecognised') return [];
  return Object.values(incident.scope).filter(
    (value) => value.length > 2 && lines.every((line) => line.includes(value)),
  );
}

/** The query in Logging's language: the logs of the proof, the deciding words and the scope. */
export function logsQuery(incident: Incident, pattern: Pattern | undefined): string {
  const logs = [...new Set(incident.evidence.samples.map(({ logName }) => logName))].filter(
    (name) => name !== '',
  );
  if (logs.length === 0) return '';
  const conditions = [`logName=${anyOf(logs.map(quoted))}`];
  const words = decidingWords(incident, pattern);
  if (words.length > 0) conditions.push(anyOf(words.map(quoted)));
  for (const word of scopeWords(incident)) conditions.push(quoted(word));
  let query = conditions[0] ?? '';
  for (const condition of conditions.slice(1)) {
    const longer = `${query}\n${condition}`;
    if (encodeLink(longer).length <= QUERY_CHARS_MAX) query = longer;
  }
  return encodeLink(query).length > QUERY_CHARS_MAX ? '' : query;
}

function encodeLink(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
}

/** Link to the Logs Explorer; `` where nothing is known to ask for. */
export function logsLink(incident: Incident, pattern: Pattern | undefined): string {
  const query = logsQuery(incident, pattern);
  const project = incident.evidence.projects[0];
  if (query === '' || project === undefined || project.length > PROJECT_CHARS_MAX) return '';
  const from = new Date(incident.openedAtMs - MARGIN_MS).toISOString();
  const to = new Date(incident.evidence.lastSeenMs + MARGIN_MS).toISOString();
  return (
    `https://console.cloud.google.com/logs/query;query=${encodeLink(query)};timeRange=${encodeLink(`${from}/${to}`)}` +
    `?project=${encodeLink(project)}`
  );
}
