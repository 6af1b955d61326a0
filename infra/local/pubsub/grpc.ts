// The one place where untyped gRPC becomes typed: definitions of the services, handlers, errors.
// In: handlers with declared request and response types. Out: what grpc-js registers. Never holds state.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  status,
  type handleUnaryCall,
  type ServerUnaryCall,
  type ServiceDefinition,
  type StatusObject,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

/** An answer that is not the response: a gRPC code and a sentence for the caller. */
export class StatusError extends Error {
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.name = 'StatusError';
    this.code = code;
  }
}

export function invalid(message: string): StatusError {
  return new StatusError(status.INVALID_ARGUMENT, message);
}

export function notFound(message: string): StatusError {
  return new StatusError(status.NOT_FOUND, message);
}

export function unimplemented(what: string): StatusError {
  return new StatusError(status.UNIMPLEMENTED, `embedded Pub/Sub does not implement ${what}`);
}

/** The status to send for anything thrown: what is not a StatusError is a fault of this server. */
export function statusOf(error: unknown): Pick<StatusObject, 'code' | 'details'> {
  if (error instanceof StatusError) return { code: error.code, details: error.message };
  return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) };
}

/** A unary handler out of a plain function: it returns (a promise of) the response or throws a StatusError. */
export function unary<Request, Response>(
  handle: (request: Request, call: ServerUnaryCall<Request, Response>) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const answer = async (): Promise<Response> => handle(call.request, call);
    answer().then(
      (response) => callback(null, response),
      (error: unknown) => callback(statusOf(error)),
    );
  };
}

/** Definitions of messages and enums have a `format`, which no service has as a method. */
function isService(definition: unknown): definition is ServiceDefinition {
  return typeof definition === 'object' && definition !== null && !('format' in definition);
}

/** Reads the Pub/Sub definitions that the SDK ships and gives the services of `google.pubsub.v1` by name. */
export function loadServices(): (name: string) => ServiceDefinition {
  const path = createRequire(import.meta.url).resolve('@google-cloud/pubsub/build/protos/protos.json');
  const definitions = fromJSON(JSON.parse(readFileSync(path, 'utf8')), {
    longs: String,
    enums: String,
    defaults: true,
    arrays: true,
    objects: true,
  });
  return (name) => {
    const definition = definitions[`google.pubsub.v1.${name}`];
    if (!isService(definition)) throw new Error(`google.pubsub.v1.${name} is not a service of ${path}`);
    return definition;
  };
}

/** The handlers given, and UNIMPLEMENTED by name for every other method of the service. */
export function completed(
  service: ServiceDefinition,
  handlers: UntypedServiceImplementation,
): UntypedServiceImplementation {
  const missing = Object.keys(service).filter((method) => handlers[method] === undefined);
  const refuse = (method: string): handleUnaryCall<unknown, unknown> =>
    unary(() => {
      throw unimplemented(method);
    });
  return { ...Object.fromEntries(missing.map((method) => [method, refuse(method)])), ...handlers };
}
