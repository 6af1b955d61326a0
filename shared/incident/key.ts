// Which document a finding belongs to: pattern and scope → id. The same cause gives the same id, for ever.
import type { Scope } from '#shared/model/finding.ts';
import { hashHex } from '#shared/model/hash.ts';

/**
 * Incident id: `PATTERN-` and 16 hex digits of the scope, sorted by name. Safe as a Firestore document id, a Pub/Sub
 * ordering key and a word in a URL.
 */
export function incidentId(pattern: string, scope: Scope): string {
  const parts = Object.keys(scope)
    .sort()
    .map((name) => `${name}=${JSON.stringify(scope[name])}`);
  return `${pattern}-${hashHex(parts.join('\n'))}`;
}

/** The pattern that an incident's id begins with. */
export const patternOfId = (id: string): string => id.replace(/-[0-9a-f]{16}$/, '');

/** Ledger id of one project; entries that name no project share one ledger. */
export function ledgerId(project: string): string {
  return `ledger-${project === '' ? '(none)' : project.replaceAll(/[^\w.:-]/g, '_').slice(0, 100)}`;
}
