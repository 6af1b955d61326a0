// Parts of a parsed JSON answer, each of which may be missing or of another type. Never throws.

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text; `` for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The number, also where int64 comes as text; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** The objects of a list. A list that is missing is empty, as Google leaves empty lists out; undefined for no list. */
export function objectsOf(value: unknown): readonly JsonObject[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  return items.every(isObject) ? items : undefined;
}

/** The texts of a list; what is no text is left out. */
export function textsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const items: readonly unknown[] = value;
  return items.filter((item) => typeof item === 'string');
}

/** `https://…/networks/default` → `default`. */
export function lastSegment(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
