// A file of user-made patterns for `explain --patterns` and `patterns test`. Every fault is named; nothing is half used.
import { readFileSync } from 'node:fs';
import type { Pattern } from '#shared/patterns/pattern.ts';
import { readUserPatterns } from '#shared/patterns/user-pattern.ts';
import { UsageError } from './usage-error.ts';

/** The patterns of a JSON file: one document or an array. Throws UsageError with every fault by field. */
export function loadUserPatterns(file: string): readonly Pattern[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`can't read patterns from ${file}: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
  const results = readUserPatterns(value);
  const faults = results.flatMap((result) =>
    result.kind === 'faults' ? result.faults.map((fault) => `${result.id}: ${fault}`) : [],
  );
  if (faults.length > 0) throw new UsageError(`${file} is not usable: ${faults.join('; ')}`);
  return results.flatMap((result) => (result.kind === 'pattern' ? [result.pattern] : []));
}
