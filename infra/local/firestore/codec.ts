// Loads the .proto files that ship with the SDK and turns messages into bytes and back.
// This is the only place where untyped protobuf objects become the types of proto.ts.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadPackageDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Fields } from './proto.ts';

/** The largest request that Firestore takes. */
export const REQUEST_BYTES_MAX = 10 * 1024 * 1024;

/** A request as it arrives: decoded, or only measured when it is too big to be looked at. */
export type Incoming<Request> =
  | { readonly kind: 'fits'; readonly message: Request }
  | { readonly kind: 'too-big'; readonly bytes: number };

export interface Codec {
  /** The service `google.firestore.v1.Firestore`, whose requests arrive as `Incoming`. */
  readonly service: ServiceDefinition;
  /** Encodes a document's fields for the store. */
  encodeFields(fields: Fields): Buffer;
  /** Decodes what `encodeFields` returned. */
  decodeFields(bytes: Buffer): Fields;
}

const SERVICE = 'google.firestore.v1.Firestore';

/** Loads the service; throws when the SDK's .proto files are not where it keeps them. */
export function loadCodec(): Codec {
  const sdkEntry = createRequire(import.meta.url).resolve('@google-cloud/firestore');
  const protosFolder = join(sdkEntry, '..', '..', 'protos');
  const definition = loadSync('google/firestore/v1/firestore.proto', {
    includeDirs: [protosFolder],
    longs: String,
    enums: String,
    bytes: Buffer,
    defaults: true,
    oneofs: true,
  });
  let found: unknown = loadPackageDefinition(definition);
  for (const part of SERVICE.split('.')) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, part) : undefined;
    if (typeof found === 'function') break;
  }
  const loaded = serviceOf(found);
  const document = loaded['GetDocument'];
  if (document === undefined) throw new Error(`${SERVICE} lacks GetDocument in ${protosFolder}`);
  return {
    service: Object.fromEntries(
      Object.entries(loaded).map(([name, method]) => [
        name,
        {
          ...method,
          requestDeserialize: (bytes: Buffer): Incoming<unknown> =>
            bytes.length > REQUEST_BYTES_MAX
              ? { kind: 'too-big', bytes: bytes.length }
              : { kind: 'fits', message: method.requestDeserialize(bytes) },
        },
      ]),
    ),
    encodeFields: (fields) => document.responseSerialize({ fields }),
    decodeFields: (bytes) => document.responseDeserialize(bytes).fields,
  };
}

function hasService(value: unknown): value is { readonly service: ServiceDefinition } {
  return typeof value === 'function' && 'service' in value;
}

function serviceOf(constructor: unknown): ServiceDefinition {
  if (!hasService(constructor)) throw new Error(`the .proto files define no ${SERVICE}`);
  return constructor.service;
}
