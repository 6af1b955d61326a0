// The form of a pattern's texts in another language: typed by the catalogue, so that a pattern, a step of a remedy or a
// named value without words is a compile error. In: the fields that were found. Out: raw text, like the pattern's own.
import type { CataloguePattern } from '#shared/patterns/catalogue.ts';
import type { About, PatternOf } from '#shared/patterns/pattern.ts';

/** A step in words; its command comes from the pattern, for commands need no language. */
type StepText<Name extends string> = string | ((about: About<Name>) => string);

export interface PatternTexts<
  Name extends string = string,
  Steps = Readonly<Record<string, StepText<Name>>>,
> {
  readonly title: string;
  readonly headline: (about: About<Name>) => string;
  readonly cause: (about: About<Name>) => string;
  /** By id of the step. */
  readonly steps: Steps;
  /** What proves that it is gone, without a full stop. */
  readonly gone: string;
}

/** A step whose id is any text would ask for no words at all: such a pattern can have no texts. */
type StepsOf<Name extends string, StepId extends string> = string extends StepId
  ? never
  : Readonly<Record<StepId, StepText<Name>>>;

type TextsOf<P> =
  P extends PatternOf<infer Name, string, infer StepId> ? PatternTexts<Name, StepsOf<Name, StepId>> : never;

/** Texts of every pattern of the catalogue. */
export type PatternTable = { readonly [P in CataloguePattern as P['id']]: TextsOf<P> };

/** Words for a value that a pattern computed, by the table of all its values; anything else stands as it is. */
export function inWords<Value extends string>(
  words: Readonly<Record<Value, string>>,
  value: string | undefined,
  unknown: string,
): string {
  if (value === undefined || value === '') return unknown;
  return new Map(Object.entries<string>(words)).get(value) ?? value;
}
