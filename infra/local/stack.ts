// The whole of mesh-triage on one machine: the services beneath it, and every function as its own
// functions-framework process, wired by topics and push subscriptions as in production. Ends with `stop`.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PubSub } from '@google-cloud/pubsub';
import { freePort, keepRunning, listens, type Program, type Running } from './processes.ts';
import {
  chooseFirestore,
  choosePubsub,
  chooseSlack,
  type Environment,
  type OnLine,
  type Stop,
} from './services.ts';
import type { LocalSlack } from './slack.ts';

export const PROJECT = 'mesh-triage-local';
export const LOG_ENTRIES = 'log-entries';
const INCIDENT_CHANGES = 'incident-changes';

/** In production Cloud Scheduler ticks each minute; here time is short. */
export const TICK_MS = 1_000;

/** Slack edits that only count on, in seconds: short, for somebody is watching. */
const EDIT_AFTER_SECONDS = 2;

export type LocalFunction = 'classify' | 'reconcile' | 'watch';

/** A fixed port counts from the base: the same offsets every time. */
const OFFSETS = { Firestore: 0, 'Pub/Sub': 1, Slack: 2, classify: 3, reconcile: 4, watch: 5 } as const;
type Ports = Readonly<Record<keyof typeof OFFSETS, number>>;

export interface StackOptions {
  /** Folder of the history; it is made if it is missing. */
  readonly dataFolder: string;
  /** First of the fixed ports; 0 = free ones. */
  readonly portBase: number;
  readonly redeliver: number;
  readonly seed: number;
  /** What functions and servers print; nothing by default. */
  readonly onLine?: (from: string, line: string) => void;
  /** The environment of this process: addresses of real or Google's emulated services are taken from it. */
  readonly env: Environment;
}

export interface Stack {
  readonly firestoreHost: string;
  readonly slack: LocalSlack;
  readonly functions: Readonly<Record<LocalFunction, Running>>;
  readonly pubsub: PubSub;
  /** Messages that no subscriber has acknowledged yet; undefined where the server does not tell. */
  readonly unacknowledged: () => Promise<number | undefined>;
  readonly stop: Stop;
}

const root = resolve(import.meta.dirname, '../..');

async function choosePorts(base: number): Promise<Ports> {
  const port = (name: keyof typeof OFFSETS): Promise<number> =>
    freePort(base === 0 ? 0 : base + OFFSETS[name], name);
  return {
    Firestore: await port('Firestore'),
    'Pub/Sub': await port('Pub/Sub'),
    Slack: await port('Slack'),
    classify: await port('classify'),
    reconcile: await port('reconcile'),
    watch: await port('watch'),
  };
}

/** Topics, push subscriptions and dead letters, as infra/ makes them in production. */
async function createTopics(pubsub: PubSub, ports: Ports): Promise<void> {
  const routes = [
    { topic: LOG_ENTRIES, to: 'classify', ordered: false },
    { topic: INCIDENT_CHANGES, to: 'reconcile', ordered: true },
  ] as const;
  for (const { topic, to, ordered } of routes) {
    const [dead] = await pubsub.createTopic(`${topic}-dead`);
    await dead.createSubscription(`${topic}-dead`);
    const [made] = await pubsub.createTopic(topic);
    await made.createSubscription(`${topic}-to-${to}`, {
      pushConfig: { pushEndpoint: `http://127.0.0.1:${ports[to]}/` },
      ackDeadlineSeconds: 60,
      enableMessageOrdering: ordered,
      retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 60 } },
      deadLetterPolicy: {
        deadLetterTopic: `projects/${PROJECT}/topics/${topic}-dead`,
        maxDeliveryAttempts: 100,
      },
    });
  }
}

function functionProgram(
  name: LocalFunction,
  port: number,
  more: { readonly env: Readonly<Record<string, string>>; readonly onLine: OnLine },
): Program {
  return {
    name,
    args: [
      '--import',
      join(root, 'infra/local/loopback.ts'),
      join(root, 'node_modules/@google-cloud/functions-framework/build/src/main.js'),
      '--source',
      root,
      '--target',
      name,
      '--port',
      String(port),
    ],
    env: { NODE_ENV: 'production', FUNCTION_TARGET: name, ...more.env },
    ready: () => listens(port),
    onLine: more.onLine,
  };
}

/** Calls `watch` again and again, as Cloud Scheduler does; a failed tick is the next one's business. */
function startTicking(port: number): Stop {
  let stopping = false;
  const ticking = (async () => {
    while (!stopping) {
      await fetch(`http://127.0.0.1:${port}/`, { method: 'POST' }).catch(() => undefined);
      await sleep(TICK_MS);
    }
  })();
  return async () => {
    stopping = true;
    await ticking;
  };
}

/** Starts everything; what was started is stopped again if something does not come up. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { env, redeliver, seed } = options;
  const say =
    (from: string): OnLine =>
    (line) =>
      options.onLine?.(from, line);
  const stops: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).toReversed()) await one();
  };
  const keep = <One extends { readonly stop: Stop }>(one: One): One => {
    stops.push(one.stop);
    return one;
  };
  try {
    mkdirSync(options.dataFolder, { recursive: true });
    const ports = await choosePorts(options.portBase);
    const file = join(options.dataFolder, 'firestore.sqlite');
    const firestore = keep(
      await chooseFirestore(env, { file, port: ports.Firestore, onLine: say('firestore') }),
    );
    const pubsubAt = { port: ports['Pub/Sub'], redeliver, seed, onLine: say('pubsub') };
    const service = keep(await choosePubsub(env, pubsubAt));
    const slack = await chooseSlack(env, ports.Slack);
    stops.push(slack.close);
    const functionEnv = {
      GOOGLE_CLOUD_PROJECT: PROJECT,
      FIRESTORE_EMULATOR_HOST: firestore.host,
      PUBSUB_EMULATOR_HOST: service.host,
      // No lookup of a metadata server that is not there.
      METADATA_SERVER_DETECTION: 'none',
      INCIDENT_CHANGES_TOPIC: INCIDENT_CHANGES,
      SLACK_API_URL: slack.apiUrl,
      SLACK_TOKEN: slack.token,
      SLACK_CHANNEL: slack.channel,
      SLACK_EDIT_AFTER_SECONDS: String(EDIT_AFTER_SECONDS),
    };
    const run = async (name: LocalFunction): Promise<Running> =>
      keep(await keepRunning(functionProgram(name, ports[name], { env: functionEnv, onLine: say(name) })));
    const [classify, reconcile, watch] = await Promise.all([run('classify'), run('reconcile'), run('watch')]);
    const pubsub = new PubSub({
      projectId: PROJECT,
      apiEndpoint: service.host,
      clientOptions: { universeDomain: 'googleapis.com' },
    });
    stops.push(() => pubsub.close());
    await createTopics(pubsub, ports);
    stops.push(startTicking(ports.watch));
    return {
      firestoreHost: firestore.host,
      slack,
      functions: { classify, reconcile, watch },
      pubsub,
      unacknowledged: service.unacknowledged,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
