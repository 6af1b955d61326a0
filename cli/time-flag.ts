// Times as people type them: so long before now, or a moment.
import type { CommandContext } from './command.ts';
import { UsageError } from './usage-error.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `12h`, `7d` before now, or a time as RFC 3339, in Unix milliseconds; undefined if it was not given. */
export function readTime({ values, nowMs }: CommandContext, flag: string): number | undefined {
  const text = values[flag];
  if (text === undefined) return undefined;
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const ms = count === undefined ? Date.parse(text) : nowMs - Number(count) * (UNITS[unit] ?? 0);
  if (Number.isNaN(ms))
    throw new UsageError(`--${flag} takes 30m, 12h, 7d or a time such as 2026-11-01T10:00:00Z`);
  return ms;
}
