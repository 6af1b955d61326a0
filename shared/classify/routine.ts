// Known noise: lines that look bad and are not. Each has a named reason, under which it is counted and told.
// In: a record that no pattern recognised. Out: the reason, or undefined.
import type { LogRecord } from '#shared/model/record.ts';

interface RoutineRule {
  readonly reason: string;
  readonly regexp: RegExp;
}

/** Order matters only for speed: the commonest first. */
const RULES: readonly RoutineRule[] = [
  {
    // The server ends streams at its maximum age (13 with an empty message, about every 30 minutes) or by itself (0).
    reason: 'stream-rotation',
    regexp:
      /gRPC config stream (?:to \S+ )?closed(?: since \d+s ago)?: (?:0\b|13,? ?$|14,? (?:transport is closing|.{0,200}received prior goaway: code: NO_ERROR))/,
  },
  { reason: 'deprecation', regexp: /(?:^|\W)(?:Using deprecated option|Deprecated field: type)\b/ },
  {
    reason: 'drain',
    regexp: /^(?:shutting down parent after drain|closing (?:and draining|drained) listener|caught SIGTERM$)/,
  },
  {
    reason: 'xds-update',
    regexp:
      /^(?:cds|lds|rds|eds|sds|srds): |^(?:cm init: |all dependencies initialized|all clusters initialized)|connected to upstream XDS server/i,
  },
  {
    reason: 'no-connection-limit',
    regexp: /^There is no configured limit to the number of allowed active downstream connections/,
  },
  { reason: 'not-ready-yet', regexp: /^Envoy proxy is NOT ready: (?!config not received)/ },
];

/** Why this line is nothing to worry about; undefined where nothing is known about it. */
export function routineReason(record: LogRecord): string | undefined {
  return RULES.find((rule) => rule.regexp.test(record.text))?.reason;
}
