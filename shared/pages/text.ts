// Small words of the pages: counts, plurals, scopes, cuts. In: data. Out: raw text; the template escapes it.
import type { Severity } from '#shared/model/finding.ts';
import type { IncidentState } from '#shared/model/incident.ts';

/** Characters of a name, of a line of text, and of a proof that a page shows. */
export const NAME_CHARS_MAX = 120;
export const LINE_CHARS_MAX = 600;
export const PROOF_CHARS_MAX = 4_000;

/** A scope of pattern authors' making has few parts; one of a user's pattern may have more. */
const SCOPE_PARTS_MAX = 8;

export const number = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });

export const many = (count: number, one: string, more: string): string =>
  `${number(count)} ${count === 1 ? one : more}`;

/** `network=prod-vpc project=demo`, sorted by name. */
export function scopeText(scope: Readonly<Record<string, string>>): string {
  return Object.entries(scope)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, SCOPE_PARTS_MAX)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

export const SEVERITIES: readonly Severity[] = ['critical', 'error', 'warning', 'info'];
export const STATES: readonly IncidentState[] = ['open', 'acknowledged', 'muted', 'resolved'];
