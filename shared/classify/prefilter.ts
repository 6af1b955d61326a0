// Which signs can match a text at all: one look per distinct literal, so that no expression runs in vain.
import type { Pattern, Sign, TextSign } from '#shared/patterns/pattern.ts';

export interface TextCandidate {
  readonly pattern: Pattern;
  readonly sign: TextSign<string>;
}

export interface Prefilter {
  /** Signs whose literals occur in the text, in catalogue order. */
  readonly candidates: (text: string) => readonly TextCandidate[];
}

const NONE: readonly TextCandidate[] = [];

function isText(sign: Sign): sign is TextSign<string> {
  return sign.kind === 'text';
}

/** Compiles the literals of a catalogue once. */
export function compilePrefilter(patterns: readonly Pattern[]): Prefilter {
  const all = patterns.flatMap((pattern) => pattern.signs.filter(isText).map((sign) => ({ pattern, sign })));
  const byLiteral = new Map<string, number[]>();
  for (const [index, { sign }] of all.entries())
    for (const literal of sign.contains) byLiteral.set(literal, [...(byLiteral.get(literal) ?? []), index]);
  const literals = [...byLiteral];
  return {
    candidates: (text) => {
      let hits: Set<number> | undefined;
      for (const [literal, indexes] of literals)
        if (text.includes(literal)) {
          hits ??= new Set();
          for (const index of indexes) hits.add(index);
        }
      return hits === undefined ? NONE : all.filter((_, index) => hits.has(index));
    },
  };
}
