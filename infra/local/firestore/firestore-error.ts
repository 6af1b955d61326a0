// The one error that the server answers on purpose: a gRPC status code and its message.
// Anything else that is thrown is a defect and reaches the client as INTERNAL.
import { status } from '@grpc/grpc-js';

/** A refusal that the client sees as it is. */
export class FirestoreError extends Error {
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.name = 'FirestoreError';
    this.code = code;
  }
}

/** The request contradicts the contract of Firestore. */
export function invalidArgument(message: string): FirestoreError {
  return new FirestoreError(status.INVALID_ARGUMENT, message);
}

/** The transaction or write lost against another one; the client should try again. */
export function aborted(message: string): FirestoreError {
  return new FirestoreError(status.ABORTED, message);
}

/** The feature exists in Firestore but not here; `feature` names it. */
export function unimplemented(feature: string): FirestoreError {
  return new FirestoreError(status.UNIMPLEMENTED, `embedded Firestore does not implement ${feature}`);
}

/** Whether an error is one that `aborted` made. */
export function isAborted(error: unknown): boolean {
  return error instanceof FirestoreError && error.code === status.ABORTED;
}
