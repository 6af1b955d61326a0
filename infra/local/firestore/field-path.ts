// Field paths as the wire spells them (`a.b`, with backquoted parts), and fields read and changed by them.
// Documents are shared between readers, so a change goes into copies, made once per map.
import { invalidArgument } from './firestore-error.ts';
import { fieldOf } from './values.ts';
import type { Fields, Value } from './proto.ts';

export type FieldPath = readonly string[];

/** The name under which a query speaks of the document itself. */
export const NAME_FIELD = '__name__';

const PLAIN = /^[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*$/;
const PART = /`((?:[^`\\]|\\.)*)`|([^`.\\]+)/y;

/** Splits a path into its parts; throws INVALID_ARGUMENT where it is not a path. */
export function parseFieldPath(text: string): FieldPath {
  if (PLAIN.test(text)) return text.split('.');
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (match === null) throw invalidArgument(`Invalid property path "${text}".`);
    parts.push(match[1]?.replaceAll(/\\(.)/gs, '$1') ?? match[2] ?? '');
    at = PART.lastIndex;
    if (at === text.length) return parts;
    if (text[at] !== '.') throw invalidArgument(`Invalid property path "${text}".`);
    at += 1;
  }
}

/** The value at a path, or undefined where a part of the path is missing or not a map. */
export function getField(fields: Fields, path: FieldPath): Value | undefined {
  const [first] = path;
  let found = first === undefined ? undefined : fieldOf(fields, first);
  for (let depth = 1; depth < path.length; depth += 1) {
    const part = path[depth];
    if (part === undefined || found?.valueType !== 'mapValue') return undefined;
    found = fieldOf(found.mapValue.fields, part);
  }
  return found;
}

/** Only the fields at the given paths; a path without a value adds nothing. */
export function projectFields(fields: Fields, paths: readonly FieldPath[]): Fields {
  const draft = new FieldsDraft({});
  for (const path of paths) {
    const value = getField(fields, path);
    if (value !== undefined) draft.set(path, value);
  }
  return draft.fields;
}

/** Fields under change: every map is copied at its first change, and the original is left alone. */
export class FieldsDraft {
  readonly #copies = new Map<Fields, Record<string, Value>>();
  readonly #root: Record<string, Value>;

  constructor(original: Fields) {
    this.#root = this.#own(original);
  }

  /** The fields as they stand. */
  get fields(): Fields {
    return this.#root;
  }

  /** Sets the value at a path; whatever is in the way becomes a map. */
  set(path: FieldPath, value: Value): void {
    let level = this.#root;
    for (const part of path.slice(0, -1)) {
      const next = fieldOf(level, part);
      const inner = this.#own(next?.valueType === 'mapValue' ? next.mapValue.fields : {});
      level[part] = { valueType: 'mapValue', mapValue: { fields: inner } };
      level = inner;
    }
    const last = path.at(-1);
    if (last !== undefined) level[last] = value;
  }

  /** Removes the value at a path, if there is one. */
  remove(path: FieldPath): void {
    let level = this.#root;
    for (const part of path.slice(0, -1)) {
      const next = fieldOf(level, part);
      if (next?.valueType !== 'mapValue') return;
      const inner = this.#own(next.mapValue.fields);
      level[part] = { valueType: 'mapValue', mapValue: { fields: inner } };
      level = inner;
    }
    const last = path.at(-1);
    if (last !== undefined) delete level[last];
  }

  #own(fields: Fields): Record<string, Value> {
    const known = this.#copies.get(fields);
    if (known !== undefined) return known;
    const copy = { ...fields };
    this.#copies.set(copy, copy);
    return copy;
  }
}
