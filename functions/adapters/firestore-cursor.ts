// Cursors of the history's pages: where the next page begins, as a text that is safe in an address.
// Out goes a position; what comes in is believed only as far as it can be one of ours. A position is no secret.
import { Buffer } from 'node:buffer';
import { z } from 'zod';

const CURSOR_CHARS_MAX = 2_000;

/** The first and the last moment that a Firestore timestamp holds. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T00:00:00Z');

/** A position in an ordered list: the value it is ordered by, and the id of the document. */
export interface Position {
  /** Unix milliseconds or a text. */
  readonly value: number | string;
  readonly id: string;
}

/** A document's id cannot hold a slash, and these mean something else. */
export function isDocumentId(id: string): boolean {
  return id !== '' && id.length <= 1_500 && !id.includes('/') && !/^(?:\.\.?|__.*__)$/s.test(id);
}

const cursorSchema = z.tuple([
  z.string(),
  z.union([z.number().min(FIRST_MS).max(LAST_MS), z.string().max(CURSOR_CHARS_MAX)]),
  z.string().refine(isDocumentId),
]);

/** The cursor of a list's next page; `list` names the list and its order. */
export function cursorOf(list: string, { value, id }: Position): string {
  return Buffer.from(JSON.stringify([list, value, id])).toString('base64url');
}

/** The position of a cursor, `start` for none; undefined for a text that is no cursor of this list. */
export function positionOf(
  list: string,
  type: 'number' | 'string',
  cursor: string,
): Position | 'start' | undefined {
  if (cursor === '') return 'start';
  if (cursor.length > 2 * CURSOR_CHARS_MAX || !/^[\w-]+$/.test(cursor)) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
  const parsed = cursorSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const [name, value, id] = parsed.data;
  return name === list && typeof value === type ? { value, id } : undefined;
}
