// Verdicts → one sentence that says what the checks prove, and whether a fault that was seen is gone.
import type { CheckVerdict } from '#shared/model/incident.ts';
import { cutSaid, NOTHING_SAID, say, type Said } from './say.ts';

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

/** What a check found, in every language; verdicts from before there were two are English in both. */
const foundBy = ({ found, zhCn }: CheckVerdict): Said => ({ en: found, zhCn: zhCn?.found ?? found });

function together(pattern: string, checks: readonly CheckVerdict[]): Said {
  const [first] = checks.filter(({ verdict }) => verdict === 'fault');
  const unread = checks.filter(({ verdict, found }) => verdict === 'unreadable' && found !== '');
  const passed = checks.filter(({ verdict }) => verdict === 'ok');
  const group = passed.find(({ id }) => id === 'instance-group');
  if (first !== undefined)
    // The guide's remedy for an agent that stopped is one command: the sentence carries it.
    return pattern === 'stale-heartbeat' && group !== undefined
      ? say('conclude-recreate', { found: foundBy(first), command: foundBy(group) })
      : foundBy(first);
  const [why] = unread;
  if (passed.length === 0)
    return why === undefined ? NOTHING_SAID : say('conclude-unread', { why: foundBy(why) });
  const rest = unread.length === 0 ? NOTHING_SAID : say('conclude-rest', { count: unread.length });
  return passed.length === 1
    ? say('conclude-one', { rest })
    : say('conclude-many', { count: passed.length, rest });
}

/** What the checks say together: the faults, most telling first; otherwise what could not be read; otherwise nothing. */
export function conclude(pattern: string, checks: readonly CheckVerdict[]): Said {
  return cutSaid(together(pattern, checks), CONCLUSION_CHARS_MAX);
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
): Said | undefined {
  const proving = PROVING[pattern] ?? [];
  const relevant = checks.filter(({ id }) => proving.includes(id));
  const mended = Object.keys(known).map((id) => relevant.find((check) => check.id === id));
  if (mended.length === 0 || !mended.every((check) => check?.verdict === 'ok')) return undefined;
  if (relevant.some(({ verdict }) => verdict === 'fault')) return undefined;
  const [first] = mended;
  if (first === undefined) return undefined;
  const gone = say('conclude-gone', { found: foundBy(first), fault: known[first.id] ?? '' });
  return cutSaid(gone, CONCLUSION_CHARS_MAX);
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
