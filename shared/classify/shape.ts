// The shape of a line: its words with every variable blanked, so that one cause gives one shape.
// A pure function over text; versioned, so that a later change never re-opens incidents under new names.

/** Part of the scope of `unrecognised` incidents; raised when the rules below change. */
export const SHAPE_VERSION = '1';

export const SHAPE_CHARS_MAX = 200;

const BLANKS: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b(?:https?|grpc|tcp|unix|spiffe):\/\/[^\s'",;)\]}]+/gi, '<url>'],
  [/'[^']{0,300}'|"[^"]{0,300}"|`[^`]{0,300}`/g, '<name>'],
  [/\[?\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}\b\]?/gi, '<address>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:\/\d+)?\b/g, '<address>'],
  [/\b0x[0-9a-f]+\b/gi, '<n>'],
  [/(?:\/[\w.@+~-]+){2,}\/?/g, '<path>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b/gi, '<id>'],
  [/\bv?\d+(?:\.\d+)+(?:[-+][\w.]+)?\b/g, '<version>'],
  [/\b[a-z0-9]+(?:-[a-z0-9]+)*-[0-9a-z]{4,10}-[0-9a-z]{5}\b/g, '<name>'],
  [/\b(?:[a-z0-9-]+\.){2,}[a-z]{2,}(?::\d+)?\b/gi, '<host>'],
  [/\d+(?:\.\d+)?/g, '<n>'],
];

/** The line (white space already single blanks) with numbers, ids, addresses, paths, quoted names and versions blanked. */
export function shapeOf(text: string): string {
  let shape = text.slice(0, 4 * SHAPE_CHARS_MAX);
  for (const [variable, mark] of BLANKS) shape = shape.replace(variable, mark);
  return shape.slice(0, SHAPE_CHARS_MAX).trim();
}
