// Known noise: which of the rules makes a text routine, and which access log lines are.
// In: a text with the rules that its literals allow. Out: the reason under which it is counted, or undefined.
import type { AccessLog, LogLevel } from '#shared/model/record.ts';
import type { RoutineRule } from './routine-rules.ts';

const QUIET: ReadonlySet<LogLevel> = new Set(['info', 'debug', 'trace', 'unknown']);

/** Whether the writer of a line does not call it bad. */
export function isQuiet(level: LogLevel): boolean {
  return QUIET.has(level);
}

/** Why a text is nothing to worry about, by the first of `rules` that fits; undefined where nothing is known about it. */
export function routineReason(
  text: string,
  rules: readonly RoutineRule[],
  quiet: boolean,
): string | undefined {
  for (const { reason, regexp, quietOnly, unless } of rules)
    if ((quiet || quietOnly !== true) && regexp.test(text) && unless?.(text) !== true) return reason;
  return undefined;
}

/** Flags that say what a client or a policy did; all others say that Envoy itself could not serve. */
const CALLERS_FLAGS: ReadonlySet<string> = new Set('DC DR DI FI RL UAEX SI IH'.split(' '));

/** Why an access log line that no pattern claims is ordinary; undefined where Envoy reports a failure of its own. */
export function routineAccess(access: AccessLog): string | undefined {
  const { flags, status } = access;
  if (!flags.every((flag) => CALLERS_FLAGS.has(flag))) return undefined;
  if (flags.length > 0) return 'access-caller';
  if (status >= 500) return 'access-server-error';
  return status >= 400 ? 'access-client-error' : 'access-ok';
}
