// Works out what writes do to documents: preconditions, masks, merges, transforms, limits.
// In: writes and a way to look documents up. Out: the changed documents and the results; nothing is stored here.
import { status } from '@grpc/grpc-js';
import { checkDocumentSize, checkedFields } from './checked-value.ts';
import { checkDocumentName, isReservedField } from './document-name.ts';
import { FieldsDraft, getField, parseFieldPath, type FieldPath } from './field-path.ts';
import { FirestoreError, invalidArgument } from './firestore-error.ts';
import { microsOf, timestampOf } from './micros.ts';
import { transformed } from './transforms.ts';
import { sameFields } from './values.ts';
import type { Fields, FieldTransform, Precondition, Value, Write, WriteResult } from './proto.ts';
import type { DocumentChange } from './stored-document.ts';

/** Transforms that one write may apply to its document. */
const TRANSFORMS_MAX = 500;

/** One request's writes under way: each write sees the effects of those before it. */
export interface WriteSession {
  readonly database: string;
  readonly atMicros: number;
  /** Looks a document up as it was before the request. */
  readonly get: (name: string) => DocumentChange | undefined;
  /** The documents changed so far; undefined for a deleted one. */
  readonly changes: Map<string, DocumentChange | undefined>;
}

/** The name of the document that a write is about; throws INVALID_ARGUMENT for a write without operation. */
export function writtenName(write: Write): string {
  switch (write.operation) {
    case 'update':
      return write.update.name;
    case 'delete':
      return write.delete;
    case 'transform':
      return write.transform.document;
    case undefined:
      throw invalidArgument('A write must have an operation.');
  }
}

/** Applies one write to the session. Throws without any effect when the write must fail. */
export function applyWrite(session: WriteSession, write: Write): WriteResult {
  const name = writtenName(write);
  checkDocumentName(name, session.database);
  const before = session.changes.has(name) ? session.changes.get(name) : session.get(name);
  checkPrecondition(name, before, write.currentDocument);
  if (write.operation === 'delete') {
    session.changes.set(name, undefined);
    return { updateTime: null, transformResults: [] };
  }
  const transforms =
    write.operation === 'transform' ? write.transform.fieldTransforms : write.updateTransforms;
  if (transforms.length > TRANSFORMS_MAX) {
    throw invalidArgument(
      `A document may have at most ${TRANSFORMS_MAX} field transforms in one write; "${name}" has ${transforms.length}.`,
    );
  }
  const draft = write.operation === 'update' ? updated(before, write) : new FieldsDraft(before?.fields ?? {});
  const transformResults = transforms.map((transform) => applyTransform(draft, transform, session.atMicros));
  const { fields } = draft;
  checkDocumentSize(name, fields);
  // A write that changes nothing leaves the document's time as it was.
  if (before !== undefined && sameFields(before.fields, fields)) {
    return { updateTime: timestampOf(before.updatedMicros), transformResults };
  }
  const { atMicros } = session;
  session.changes.set(name, {
    name,
    fields,
    createdMicros: before?.createdMicros ?? atMicros,
    updatedMicros: atMicros,
  });
  return { updateTime: timestampOf(atMicros), transformResults };
}

function updated(
  before: DocumentChange | undefined,
  write: Extract<Write, { operation: 'update' }>,
): FieldsDraft {
  const given: Fields = checkedFields(write.update.fields);
  if (write.updateMask === null) return new FieldsDraft(given);
  const draft = new FieldsDraft(before?.fields ?? {});
  for (const text of write.updateMask.fieldPaths) {
    const path = writablePath(text);
    const value = getField(given, path);
    if (value === undefined) draft.remove(path);
    else draft.set(path, value);
  }
  return draft;
}

function applyTransform(draft: FieldsDraft, transform: FieldTransform, atMicros: number): Value {
  const path = writablePath(transform.fieldPath);
  const { value, result } = transformed(getField(draft.fields, path), transform, atMicros);
  draft.set(path, value);
  return result;
}

function writablePath(text: string): FieldPath {
  const path = parseFieldPath(text);
  const reserved = path.find(isReservedField);
  if (reserved !== undefined) throw invalidArgument(`field name ${reserved} is reserved`);
  return path;
}

function checkPrecondition(
  name: string,
  before: DocumentChange | undefined,
  condition: Precondition | null,
): void {
  switch (condition?.conditionType) {
    case undefined:
      return;
    case 'exists':
      if (condition.exists && before === undefined) {
        throw new FirestoreError(status.NOT_FOUND, `No document to update: ${name}`);
      }
      if (!condition.exists && before !== undefined) {
        throw new FirestoreError(status.ALREADY_EXISTS, `Document already exists: ${name}`);
      }
      return;
    case 'updateTime': {
      const stored = before?.updatedMicros ?? 0;
      const wanted = microsOf(condition.updateTime);
      if (stored === wanted && before !== undefined) return;
      throw new FirestoreError(
        status.FAILED_PRECONDITION,
        `the stored version (${stored}) does not match the required base version (${wanted})`,
      );
    }
  }
}
