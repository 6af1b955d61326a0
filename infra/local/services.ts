// The services beneath mesh-triage on one machine: embedded Firestore and Pub/Sub as programs of their own, Slack's
// stand-in; or, where the environment names them, Google's emulators and another Slack. In: ports. Out: addresses.
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { firstJson, keepRunning, NotReady, type Running } from './processes.ts';
import { startSlack, type LocalSlack } from './slack.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type OnLine = (line: string) => void;
export type Stop = () => Promise<void>;

const here = resolve(import.meta.dirname);
const announcement = z.object({ listening: z.string(), stats: z.string().exactOptional() });
const statistics = z.looseObject({
  subscriptions: z.record(
    z.string(),
    z.looseObject({ outstanding: z.number(), backlog: z.number(), deadLettered: z.number() }),
  ),
});

const operationCounts = z.object({
  reads: z.number(),
  writes: z.number(),
  deletes: z.number(),
  transactions: z.number(),
  writesTo: z.record(z.string(), z.number()),
});

const nothingToStop: Stop = () => Promise.resolve();

function given(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

/** Starts an embedded server as a program of its own and returns what it announced. */
async function startServer(
  name: string,
  args: readonly string[],
  onLine: OnLine,
): Promise<{ readonly running: Running; readonly said: z.infer<typeof announcement> }> {
  let said: z.infer<typeof announcement> | undefined;
  const running = await keepRunning({
    name,
    args: [join(here, name, 'main.ts'), ...args],
    env: {},
    ready: async (child) => {
      said = announcement.parse(await firstJson(child));
    },
    onLine,
  });
  if (said === undefined) throw new Error(`${name} did not say where it listens`);
  return { running, said };
}

/** Billed operations since the server started. */
export interface FirestoreOperations {
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
  readonly transactions: number;
  /** Writes by collection: `sightings`, `incidents`, `ids`, … */
  readonly writesTo: Readonly<Record<string, number>>;
}

/** What goes wrong with the calls of Firestore, as shares from 0 to 1. */
export interface FirestoreFaults {
  /** Answered with an error, half of them before and half of them after they took effect. */
  readonly errors: number;
  /** Never answered, half of them after they took effect. */
  readonly hangs: number;
}

export interface FirestoreService {
  readonly host: string;
  /** undefined where the server does not tell. */
  readonly operations: () => Promise<FirestoreOperations | undefined>;
  /** Only for the embedded server. */
  readonly setFaults: (faults: FirestoreFaults) => Promise<void>;
  readonly stop: Stop;
}

/** The embedded Firestore on this file, or the one that FIRESTORE_EMULATOR_HOST names. */
export async function chooseFirestore(
  env: Environment,
  at: { readonly file: string; readonly port: number; readonly seed: number; readonly onLine: OnLine },
): Promise<FirestoreService> {
  const host = given(env, 'FIRESTORE_EMULATOR_HOST');
  if (host !== undefined)
    return {
      host,
      operations: () => Promise.resolve(undefined),
      setFaults: () => Promise.reject(new Error('only the embedded Firestore makes faults')),
      stop: nothingToStop,
    };
  const args = ['--data', at.file, '--port', String(at.port), '--seed', String(at.seed)];
  const { running, said } = await startServer('firestore', args, at.onLine).catch((error: unknown) => {
    if (!(error instanceof NotReady) || !/locked|busy/i.test(error.message)) throw error;
    const mend = 'end it, or choose another --data';
    throw new NotReady(`another run uses the history ${at.file}: ${mend}`, { cause: error });
  });
  const control = said.stats ?? '';
  return {
    host: said.listening,
    operations: async () => operationCounts.parse(await (await fetch(control)).json()),
    setFaults: async (faults) => {
      await fetch(control, { method: 'PUT', body: JSON.stringify(faults) });
    },
    stop: running.stop,
  };
}

export interface PubsubService {
  readonly host: string;
  /** Messages that no subscriber has acknowledged yet, dead letters aside; undefined where the server does not tell. */
  readonly unacknowledged: () => Promise<number | undefined>;
  /** Messages that were given up so far; undefined where the server does not tell. */
  readonly deadLetters: () => Promise<number | undefined>;
  readonly stop: Stop;
}

/** The embedded Pub/Sub, or the one that PUBSUB_EMULATOR_HOST names. */
export async function choosePubsub(
  env: Environment,
  at: {
    readonly port: number;
    readonly redeliver: number;
    readonly reorder: number;
    readonly seed: number;
    readonly onLine: OnLine;
  },
): Promise<PubsubService> {
  const host = given(env, 'PUBSUB_EMULATOR_HOST');
  if (host !== undefined)
    return {
      host,
      unacknowledged: () => Promise.resolve(undefined),
      deadLetters: () => Promise.resolve(undefined),
      stop: nothingToStop,
    };
  const chaos = ['--redeliver', at.redeliver, '--reorder', at.reorder, '--seed', at.seed].map(String);
  const args = ['--port', String(at.port), ...chaos];
  const { running, said } = await startServer('pubsub', args, at.onLine);
  const unacknowledged = async (): Promise<number> => {
    const answer = statistics.parse(await (await fetch(said.stats ?? '')).json());
    return Object.entries(answer.subscriptions)
      .filter(([name]) => !name.endsWith('-dead'))
      .reduce((sum, [, one]) => sum + one.outstanding + one.backlog, 0);
  };
  const deadLetters = async (): Promise<number> => {
    const answer = statistics.parse(await (await fetch(said.stats ?? '')).json());
    return Object.values(answer.subscriptions).reduce((sum, one) => sum + one.deadLettered, 0);
  };
  return { host: said.listening, unacknowledged, deadLetters, stop: running.stop };
}

/** Slack's stand-in, or the Slack that SLACK_TOKEN and SLACK_CHANNEL (and SLACK_API_URL) name. */
export async function chooseSlack(env: Environment, port: number): Promise<LocalSlack> {
  const token = given(env, 'SLACK_TOKEN');
  const channel = given(env, 'SLACK_CHANNEL');
  if (token === undefined || channel === undefined) return startSlack(port);
  const apiUrl = given(env, 'SLACK_API_URL') ?? 'https://slack.com/api/';
  return { apiUrl, token, channel, inspector: '', close: nothingToStop };
}
