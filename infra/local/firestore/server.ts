// An embedded Firestore: the gRPC service on 127.0.0.1, with its documents in one SQLite file.
// In: a data file and a port. Out: a running server. It knows nothing of those who use it.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { REQUEST_BYTES_MAX, loadCodec } from './codec.ts';
import { DocumentStore } from './document-store.ts';
import { beginTransaction, type Engine } from './engine.ts';
import { LockTable } from './locks.ts';
import { aggregation, batchGet, listCollectionIds, listDocuments, query } from './reads.ts';
import { createRpc, type FaultHook, type Rpc } from './rpc.ts';
import { Transactions } from './transactions.ts';
import { batchWrite, commit } from './writes.ts';
import type { Observe } from './observed-operation.ts';
import type {
  BatchGetRequest,
  BatchWriteRequest,
  BeginTransactionRequest,
  CommitRequest,
  ListCollectionIdsRequest,
  ListDocumentsRequest,
  RunAggregationRequest,
  RunQueryRequest,
  TransactionMessage,
} from './proto.ts';

const HOST = '127.0.0.1';

/** gRPC takes somewhat more than Firestore, so that Firestore's own refusal can be given. */
const GRPC_BYTES_MAX = 2 * REQUEST_BYTES_MAX;

/** How long calls under way may take to end when the server closes. */
const CLOSE_GRACE_MS = 500;

export interface FirestoreOptions {
  /** The SQLite file, made if missing; `:memory:` keeps nothing. */
  readonly dataFile: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Told of every billed operation. */
  readonly observe?: Observe;
  /** Told of every query as it was asked, aggregations' too; a test finds out with it which indexes they need. */
  readonly onQuery?: Engine['onQuery'];
  /** Decides what goes wrong with each call; nothing by default. */
  readonly fault?: FaultHook;
}

export interface RunningFirestore {
  readonly host: string;
  readonly port: number;
  /** Ends open calls and closes the data file. */
  close(): Promise<void>;
}

/** Starts the server; rejects when the port is taken or the data file is in use or broken. */
export async function startFirestore(options: FirestoreOptions): Promise<RunningFirestore> {
  const codec = loadCodec();
  const store = new DocumentStore(options.dataFile, codec);
  const locks = new LockTable();
  const transactions = new Transactions(locks);
  const engine: Engine = {
    store,
    locks,
    transactions,
    observe: options.observe ?? (() => undefined),
    onQuery: options.onQuery ?? (() => undefined),
  };
  const rpc = createRpc(options.fault ?? (() => ({ kind: 'none' })));
  const grpc = new Server({ 'grpc.max_receive_message_length': GRPC_BYTES_MAX });
  const handlers = { ...unsupportedHandlers(codec.service, rpc), ...supportedHandlers(engine, rpc) };
  grpc.addService(codec.service, handlers);

  // The sockets are taken here, so that the end of a connection can be seen.
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer({ noDelay: true }, (socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    socket.on('close', () => transactions.connectionClosed(peer));
    injector.injectConnection(socket);
  });
  try {
    listener.listen(options.port, HOST);
    await once(listener, 'listening');
  } catch (error) {
    store.close();
    throw error;
  }
  return {
    host: HOST,
    port: portOf(listener.address()),
    close: async () => {
      const closed = once(listener, 'close');
      listener.close();
      injector.drain(CLOSE_GRACE_MS);
      await closed;
      grpc.forceShutdown();
      transactions.close();
      store.close();
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

function supportedHandlers(engine: Engine, rpc: Rpc): UntypedServiceImplementation {
  const { unary, streaming } = rpc;
  return {
    BatchGetDocuments: streaming('BatchGetDocuments', (request: BatchGetRequest, context) =>
      batchGet(engine, request, context),
    ),
    RunQuery: streaming('RunQuery', (request: RunQueryRequest, context) => query(engine, request, context)),
    RunAggregationQuery: streaming('RunAggregationQuery', (request: RunAggregationRequest, context) =>
      aggregation(engine, request, context),
    ),
    ListDocuments: unary('ListDocuments', (request: ListDocumentsRequest) => listDocuments(engine, request)),
    ListCollectionIds: unary('ListCollectionIds', (request: ListCollectionIdsRequest) =>
      listCollectionIds(engine, request),
    ),
    BeginTransaction: unary(
      'BeginTransaction',
      (request: BeginTransactionRequest, context): TransactionMessage => ({
        transaction: beginTransaction(engine, request.options, context).id,
      }),
    ),
    Commit: unary('Commit', (request: CommitRequest, context) => commit(engine, request, context)),
    Rollback: unary('Rollback', (request: TransactionMessage) => {
      engine.transactions.end(request.transaction);
      return {};
    }),
    BatchWrite: unary('BatchWrite', (request: BatchWriteRequest, context) =>
      batchWrite(engine, request, context),
    ),
  };
}

/** Every other method of the service says by name that it is not there. */
function unsupportedHandlers(
  service: ReturnType<typeof loadCodec>['service'],
  rpc: Rpc,
): UntypedServiceImplementation {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [name, rpc.unsupported(name, method.responseStream)]),
  );
}
