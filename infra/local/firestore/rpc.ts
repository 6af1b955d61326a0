// Between gRPC and the handlers: requests in, answers, streams and errors out; and faults on demand.
// It knows no method's meaning.
import { once } from 'node:events';
import {
  status,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { REQUEST_BYTES_MAX, type Incoming } from './codec.ts';
import { FirestoreError, invalidArgument, unimplemented } from './firestore-error.ts';

/** What is to go wrong with a call: nothing, an error before or after its effect, or no answer ever, before or after. */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'before' | 'after'; readonly code: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'hang-after' };

/** Asked for every call; `attempt` counts the calls of the method from 1. */
export type FaultHook = (call: { readonly method: string; readonly attempt: number }) => Fault;

/** The circumstances of a call. */
export interface CallContext {
  /** Address and port of the client. */
  readonly peer: string;
  /** Fires when the client will never learn the answer. */
  readonly signal: AbortSignal;
}

type Run<Request, Result> = (request: Request, context: CallContext) => Result | Promise<Result>;

/** Wraps handlers for gRPC. */
export interface Rpc {
  readonly unary: <Request, Response extends object>(
    method: string,
    run: Run<Request, Response>,
  ) => handleUnaryCall<Incoming<Request>, Response>;
  readonly streaming: <Request, Response extends object>(
    method: string,
    run: Run<Request, Iterable<Response>>,
  ) => handleServerStreamingCall<Incoming<Request>, Response>;
  /** A handler for a method that the server does not have. */
  readonly unsupported: (method: string, isStreaming: boolean) => UntypedHandleCall;
}

interface Cancellable {
  getPeer(): string;
  on(event: 'cancelled', listener: () => void): unknown;
}

interface Attempt<Request, Result> {
  readonly method: string;
  readonly run: Run<Request, Result>;
  readonly incoming: Incoming<Request>;
}

type Outcome<Result> =
  | { readonly kind: 'answer'; readonly result: Result }
  | { readonly kind: 'error'; readonly error: { readonly code: number; readonly details: string } }
  | { readonly kind: 'silence' };

/** Makes the wrappers; every call asks `fault` first. */
export function createRpc(fault: FaultHook): Rpc {
  const attempts = new Map<string, number>();

  async function attempt<Request, Result>(
    one: Attempt<Request, Result>,
    call: OpenCall,
  ): Promise<Outcome<Result>> {
    const count = (attempts.get(one.method) ?? 0) + 1;
    attempts.set(one.method, count);
    const planned = fault({ method: one.method, attempt: count });
    if (planned.kind === 'hang') return { kind: 'silence' };
    if (planned.kind === 'before') return faultOutcome(planned.code);
    try {
      const result = await one.run(requestOf(one.incoming), call);
      if (planned.kind === 'none') return { kind: 'answer', result };
      call.abandon();
      return planned.kind === 'hang-after' ? { kind: 'silence' } : faultOutcome(planned.code);
    } catch (error) {
      return { kind: 'error', error: statusOf(error) };
    }
  }

  return {
    unary: (method, run) => (grpcCall, callback) => {
      const call = openCall(grpcCall);
      void attempt({ method, run, incoming: grpcCall.request }, call).then((outcome) => {
        call.finish();
        if (outcome.kind === 'answer') callback(null, outcome.result);
        if (outcome.kind === 'error') callback(outcome.error);
      });
    },
    streaming: (method, run) => (grpcCall) => {
      const call = openCall(grpcCall);
      void attempt({ method, run, incoming: grpcCall.request }, call).then(async (outcome) => {
        if (outcome.kind === 'error') grpcCall.emit('error', outcome.error);
        if (outcome.kind !== 'answer') return;
        for (const response of outcome.result) {
          if (call.signal.aborted) return;
          if (grpcCall.write(response)) continue;
          // Only an abort makes this wait fail, and then nobody reads on.
          await once(grpcCall, 'drain', { signal: call.signal }).catch(() => undefined);
        }
        call.finish();
        grpcCall.end();
      });
    },
    unsupported: (method, isStreaming) => {
      const error = statusOf(unimplemented(method));
      const streaming: handleBidiStreamingCall<unknown, unknown> = (call) => call.emit('error', error);
      const unary: handleUnaryCall<unknown, unknown> = (_, callback) => callback(error);
      return isStreaming ? streaming : unary;
    },
  };
}

interface OpenCall extends CallContext {
  /** From now on the client counts as answered: a late cancellation means nothing. */
  finish(): void;
  /** The client will never learn what the call did. */
  abandon(): void;
}

function openCall(call: Cancellable): OpenCall {
  const controller = new AbortController();
  let isFinished = false;
  const abandon = (): void => {
    if (!isFinished) controller.abort();
  };
  call.on('cancelled', abandon);
  return {
    peer: call.getPeer(),
    signal: controller.signal,
    abandon,
    finish: () => {
      isFinished = true;
    },
  };
}

function requestOf<Request>(incoming: Incoming<Request>): Request {
  if (incoming.kind === 'fits') return incoming.message;
  throw invalidArgument(
    `Request payload size exceeds the limit: ${REQUEST_BYTES_MAX} bytes (the request has ${incoming.bytes}).`,
  );
}

function faultOutcome(code: number): Outcome<never> {
  return { kind: 'error', error: { code, details: `injected fault ${status[code] ?? code}` } };
}

function statusOf(error: unknown): { readonly code: number; readonly details: string } {
  if (error instanceof FirestoreError) return { code: error.code, details: error.message };
  return {
    code: status.INTERNAL,
    details: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}
