// Verdicts → one sentence that says what the checks prove, and whether a fault that was seen is gone.
import type { CheckVerdict } from '#shared/model/incident.ts';

/** Longer than this is no sentence. */
const CONCLUSION_CHARS_MAX = 600;

/**
 * Checks whose passing proves that the incident is over, by pattern. The others tell a cause or a way, but may stay as
 * they are when the fault is mended (a path in metadata), or pass while it stands (a group that exists).
 */
const PROVING: Readonly<Record<string, readonly string[]>> = {
  'agent-failure': ['guest-attributes'],
  'api-disabled': ['api-state'],
  'bootstrap-failed': ['guest-attributes'],
  'bootstrap-stuck': ['guest-attributes'],
  'config-not-found': ['forwarding-rules', 'meshes', 'service-proxy-metadata'],
  'control-plane-unreachable': ['egress-firewall', 'egress-route', 'api-state'],
  'dns-failure': ['egress-firewall', 'egress-route'],
  'envoy-version-unsupported': ['envoy-versions'],
  'insufficient-scopes': ['vm-scopes'],
  'permission-denied': ['project-policy'],
  'stale-heartbeat': ['guest-attributes'],
  'unhealthy-backends': ['backend-health'],
};

/** What the checks say together: the faults, most telling first; otherwise what could not be read; otherwise nothing. */
export function conclude(pattern: string, checks: readonly CheckVerdict[]): string {
  const faults = checks.filter(({ verdict }) => verdict === 'fault');
  const unread = checks.filter(({ verdict, found }) => verdict === 'unreadable' && found !== '');
  const passed = checks.filter(({ verdict }) => verdict === 'ok');
  const [first] = faults;
  const group = passed.find(({ id }) => id === 'instance-group');
  // The guide's remedy for an agent that stopped is one command: the sentence carries it.
  const command = pattern === 'stale-heartbeat' && group !== undefined ? `. Recreate it: ${group.found}` : '';
  if (first !== undefined) return `${first.found}${command}`.slice(0, CONCLUSION_CHARS_MAX);
  if (passed.length === 0 && unread.length > 0)
    return `Nothing could be read: ${unread[0]?.found ?? ''}`.slice(0, CONCLUSION_CHARS_MAX);
  const rest = unread.length === 0 ? '' : `; ${unread.length} could not be read`;
  return passed.length === 0
    ? ''
    : `${passed.length} ${passed.length === 1 ? 'check passes' : 'checks pass'}: nothing wrong is seen from outside${rest}`;
}

/** Faults that were seen in this episode and prove its end once they pass: check id → what was found then. */
export type KnownFaults = Readonly<Record<string, string>>;

/** The faults to remember after these verdicts. */
export function rememberFaults(
  pattern: string,
  known: KnownFaults,
  checks: readonly CheckVerdict[],
): KnownFaults {
  const proving = PROVING[pattern] ?? [];
  const seen = checks.filter(({ id, verdict }) => verdict === 'fault' && proving.includes(id));
  return { ...known, ...Object.fromEntries(seen.map(({ id, found }) => [id, found])) };
}

/**
 * What changed, in a sentence, if every proving check that was a fault is `ok` now and none has become one; undefined
 * while anything is left. A check that can't be read proves nothing.
 */
export function provenGone(
  pattern: string,
  known: KnownFaults,
  checks: readonly CheckVerdict[],
): string | undefined {
  const proving = PROVING[pattern] ?? [];
  const relevant = checks.filter(({ id }) => proving.includes(id));
  const mended = Object.keys(known).map((id) => relevant.find((check) => check.id === id));
  if (mended.length === 0 || !mended.every((check) => check?.verdict === 'ok')) return undefined;
  if (relevant.some(({ verdict }) => verdict === 'fault')) return undefined;
  const [first] = mended;
  if (first === undefined) return undefined;
  return `${first.found}; before: ${known[first.id] ?? ''}`.slice(0, CONCLUSION_CHARS_MAX);
}

/** Whether the checks looked at every affected proxy: a few that are fine prove nothing about the rest. */
export function coversAll(pattern: string, proxyCount: number, vmsMax: number): boolean {
  const perVm = [
    'agent-failure',
    'bootstrap-failed',
    'bootstrap-stuck',
    'envoy-version-unsupported',
    'stale-heartbeat',
  ];
  return !perVm.includes(pattern) || proxyCount <= vmsMax;
}
