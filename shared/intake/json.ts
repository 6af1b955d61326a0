// Hand-written narrowing of parsed JSON, because a schema would cost more than everything else on the hot path.
// Values of unknown shape in, what they hold out; nothing here throws, whatever comes in.

export type JsonObject = Readonly<Record<string, unknown>>;

/** True for objects that are no arrays. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The string, or `` for anything else. */
export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A string or a number as text, `` for anything else. */
export function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The JSON text of a value; a short note where it has none (cycles, nesting past the stack's depth). */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    // The only expected failures are values that JSON cannot hold; none of them can come out of JSON.parse but depth.
    return '(a value nested too deeply to show)';
  }
}

/** The value that JSON text stands for, or why it is no JSON. */
export function parseJson(text: string): { readonly value: unknown; readonly failure: string | undefined } {
  try {
    const value: unknown = JSON.parse(text);
    return { value, failure: undefined };
  } catch (error) {
    return { value: undefined, failure: error instanceof Error ? error.message : 'no JSON' };
  }
}
