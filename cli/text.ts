// Text for a terminal: what a log can write must not move the cursor, recolour the screen or forge a line.
import type { Step } from '#shared/patterns/pattern.ts';

/** One line of printable characters, cut with a mark at `charsMax`. */
export function printable(text: string, charsMax: number): string {
  const visible = text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '·');
  return visible.length <= charsMax ? visible : `${visible.slice(0, charsMax - 1)}…`;
}

/** Columns as wide as their widest cell, two blanks apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Steps of a remedy as numbered lines, each command on a line of its own. */
export function stepLines(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ say, run }, index) => [
    `  ${index + 1}. ${printable(say, 300)}`,
    ...(run === undefined ? [] : [`     $ ${run}`]),
  ]);
}

/** Scope as `name=value` pairs. */
export function scopeText(scope: Readonly<Record<string, string>>): string {
  return Object.entries(scope)
    .map(([name, value]) => `${name}=${printable(value, 60)}`)
    .join(' ');
}
