// A stand-in for the Logging API that the real @google-cloud/logging client talks to: google.logging.v2 over gRPC on
// 127.0.0.1. In: LogEntries as JSON. Out: ListLogEntries with filters, pages and the quota of 60 reads a minute.
// It only reads: every other method is UNIMPLEMENTED.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type ServiceDefinition,
  type StatusObject,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { parseFilter, FilterError } from './filter-syntax.ts';
import { spanOf, testOf } from './filter.ts';
import { entryMessage, type JsonObject } from './log-entry.ts';
import { createLogStore, type Place } from './log-store.ts';

/** Google's default quota of ListLogEntries, for each project and minute. */
export const READS_PER_MINUTE = 60;

const PAGE_SIZE_DEFAULT = 50;
const RESOURCES_MAX = 100;
const MINUTE_MS = 60_000;

/** What ListLogEntries was asked. */
export interface ListRequest {
  readonly resourceNames: readonly string[];
  readonly filter: string;
  readonly orderBy: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface LoggingOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly entries?: Iterable<JsonObject>;
  readonly nowMs?: () => number;
  /** ListLogEntries calls of one project in one minute; Google's 60 unless told. */
  readonly readsPerMinute?: number;
  /** Entries that one call looks at before it answers with what it has; no bound unless told. */
  readonly scannedMax?: number;
  /** Called with every request before it is answered; what it returns is answered instead; a promise delays. */
  readonly before?: (request: ListRequest) => Promise<{ code: status; details: string } | undefined>;
}

export interface LocalLogging {
  /** `127.0.0.1:PORT`, fit for LOGGING_API_ENDPOINT. */
  readonly host: string;
  readonly add: (entries: Iterable<JsonObject>) => void;
  /** Requests so far, those that the quota refused too. */
  readonly requests: readonly ListRequest[];
  readonly stop: () => Promise<void>;
}

/** An answer that is no list: a code of gRPC and a sentence. */
class Refusal extends Error {
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

const invalid = (message: string): Refusal => new Refusal(status.INVALID_ARGUMENT, message);

/** Tokens belong to one query: with another filter or order they are refused. */
function tokenOf(place: Place, request: ListRequest): string {
  const { at, insertId, logName } = place;
  const text = JSON.stringify([String(at), insertId, logName, request.filter, request.orderBy]);
  return Buffer.from(text).toString('base64url');
}

function placeOf(request: ListRequest): Place | undefined {
  if (request.pageToken === '') return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(request.pageToken, 'base64url').toString());
  } catch {
    parts = undefined;
  }
  if (!Array.isArray(parts)) throw invalid('page_token is invalid');
  const [at, insertId, logName, filter, orderBy]: readonly unknown[] = parts;
  if (filter !== request.filter || orderBy !== request.orderBy)
    throw invalid('page_token does not match the other parameters of the request');
  return { at: BigInt(String(at)), insertId: String(insertId), logName: String(logName) };
}

function check(request: ListRequest): void {
  const { resourceNames, orderBy, pageSize } = request;
  if (resourceNames.length === 0) throw invalid('resource_names is empty');
  if (resourceNames.length > RESOURCES_MAX) throw invalid(`more than ${RESOURCES_MAX} resource_names`);
  const other = resourceNames.find((name) => !/^projects\/[^/]+$/.test(name));
  if (other !== undefined) throw invalid(`this server knows projects only, not ${other}`);
  if (!['', 'timestamp asc', 'timestamp desc'].includes(orderBy))
    throw invalid(`order_by must be "timestamp asc" or "timestamp desc", not "${orderBy}"`);
  if (pageSize < 0) throw invalid('page_size must not be negative');
}

/** Counts reads by project and minute. Throws once the minute's are spent. */
function createQuota(perMinuteMax: number, nowMs: () => number): (project: string) => void {
  let minute = 0;
  const spent = new Map<string, number>();
  return (project) => {
    const now = Math.floor(nowMs() / MINUTE_MS);
    if (now !== minute) spent.clear();
    minute = now;
    const count = (spent.get(project) ?? 0) + 1;
    if (count > perMinuteMax)
      throw new Refusal(
        status.RESOURCE_EXHAUSTED,
        `Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' of service 'logging.googleapis.com' for consumer '${project}'.`,
      );
    spent.set(project, count);
  };
}

function isService(definition: unknown): definition is ServiceDefinition {
  return typeof definition === 'object' && definition !== null && !('format' in definition);
}

/** The service's definition, as the SDK ships it. */
function loadService(): ServiceDefinition {
  const sdk = createRequire(import.meta.url).resolve('@google-cloud/logging');
  const path = createRequire(sdk).resolve('@google-cloud/logging-api/build/protos/protos.json');
  const options = { longs: String, enums: String, defaults: true, arrays: true, objects: true };
  const service = fromJSON(JSON.parse(readFileSync(path, 'utf8')), options)[
    'google.logging.v2.LoggingServiceV2'
  ];
  if (!isService(service)) throw new Error(`no LoggingServiceV2 in ${path}`);
  return service;
}

function statusOf(error: unknown): Pick<StatusObject, 'code' | 'details'> {
  const details = error instanceof Error ? error.message : String(error);
  if (error instanceof Refusal) return { code: error.code, details };
  return { code: error instanceof FilterError ? status.INVALID_ARGUMENT : status.INTERNAL, details };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
}

/** Starts the stand-in; rejects if the port is taken. */
export async function startLogging(options: LoggingOptions): Promise<LocalLogging> {
  const store = createLogStore();
  store.add(options.entries ?? []);
  const requests: ListRequest[] = [];
  const spend = createQuota(options.readsPerMinute ?? READS_PER_MINUTE, options.nowMs ?? Date.now);

  const list = async (request: ListRequest): Promise<object> => {
    requests.push(request);
    const instead = await options.before?.(request);
    if (instead !== undefined) throw new Refusal(instead.code, instead.details);
    check(request);
    for (const project of request.resourceNames) spend(project);
    const node = parseFilter(request.filter);
    const page = store.page({
      projects: request.resourceNames,
      test: testOf(node),
      span: spanOf(node),
      isDescending: request.orderBy === 'timestamp desc',
      entriesMax: request.pageSize === 0 ? PAGE_SIZE_DEFAULT : request.pageSize,
      scannedMax: options.scannedMax ?? Number.POSITIVE_INFINITY,
      after: placeOf(request),
    });
    const nextPageToken = page.end === undefined ? '' : tokenOf(page.end, request);
    return { entries: page.entries.map(entryMessage), nextPageToken };
  };

  const listLogEntries: handleUnaryCall<ListRequest, object> = (call, callback) => {
    list(call.request).then(
      (answer) => callback(null, answer),
      (error: unknown) => callback({ ...statusOf(error), metadata: new Metadata() }),
    );
  };
  const server = new Server({ 'grpc.max_send_message_length': -1 });
  server.addService(loadService(), { ListLogEntries: listLogEntries });
  const port = await bind(server, options.port);
  return {
    host: `127.0.0.1:${port}`,
    add: store.add,
    requests,
    stop: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}
