// The form of an index, as a query asks for it, and the keys of a document in it.
// In: forms and documents. Out: keys. It reads and writes nothing.
import { getterOf } from './filter.ts';
import { keyOfName, keyOfValue, type Sign } from './index-key.ts';
import { splitName } from './document-name.ts';
import type { DocumentChange } from './stored-document.ts';

/** Fields that are compared for equality, then an array that holds a value, then the order, then the name. */
export interface IndexForm {
  /** The last part of the names of its collections. */
  readonly kind: string;
  /** One index over all collections of that kind in a database. */
  readonly isGroup: boolean;
  readonly equal: readonly string[];
  /** `` = none. */
  readonly contains: string;
  readonly orders: readonly { readonly path: string; readonly sign: Sign }[];
  readonly nameSign: Sign;
}

/** Where an index has a document: in which part of it, and under which keys. */
export interface IndexEntries {
  readonly scope: string;
  readonly keys: readonly Buffer[];
}

const DATABASE_PARTS = 5;

/** The part of an index for one collection, or for a whole database where it covers a group. */
export function scopeOf(form: IndexForm, collection: string): string {
  return form.isGroup ? collection.split('/').slice(0, DATABASE_PARTS).join('/') : collection;
}

/**
 * A document's entries in an index; `no-key` where the document is ordered by a value whose place the keys can't tell.
 * A document that lacks a field has no entry; one whose value is not told apart by keys is equal to nothing asked for.
 */
export function entriesOf(form: IndexForm, document: DocumentChange): IndexEntries | 'no-key' {
  const { collection, id } = splitName(document.name);
  const scope = scopeOf(form, collection);
  const none: IndexEntries = { scope, keys: [] };
  const head: Buffer[] = [];
  for (const path of form.equal) {
    const value = getterOf(path)(document);
    const key = value === undefined ? undefined : keyOfValue(value, 1);
    if (key === undefined) return none;
    head.push(key);
  }
  const tail: Buffer[] = [];
  let isTold = true;
  for (const { path, sign } of form.orders) {
    const value = getterOf(path)(document);
    if (value === undefined) return none;
    const key = keyOfValue(value, sign);
    if (key === undefined) isTold = false;
    else tail.push(key);
  }
  if (!isTold) return 'no-key';
  tail.push(keyOfName(form.isGroup ? document.name : id, form.nameSign));
  if (form.contains === '') return { scope, keys: [Buffer.concat([...head, ...tail])] };
  const elements = getterOf(form.contains)(document);
  if (elements?.valueType !== 'arrayValue') return none;
  const keys = new Map<string, Buffer>();
  for (const element of elements.arrayValue.values) {
    const key = keyOfValue(element, 1);
    if (key !== undefined) keys.set(key.toString('latin1'), Buffer.concat([...head, key, ...tail]));
  }
  return { scope, keys: [...keys.values()] };
}
