// The whole of mesh-triage on one machine: the services beneath it, and every function as its own
// functions-framework process, wired by topics and push subscriptions as in production. Ends with `stop`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { functionProgram, startTicking } from './function-program.ts';
import { freePort, keepRunning, type Program, type Running } from './processes.ts';
import {
  chooseFirestore,
  choosePubsub,
  chooseSlack,
  type Environment,
  type FirestoreFaults,
  type FirestoreOperations,
  type OnLine,
  type Stop,
} from './services.ts';
import type { LocalSlack } from './slack.ts';
import { createTopics, endpointOf, subscribeDiagnose, type Endpoints, type Names } from './topics.ts';

export const PROJECT = 'mesh-triage-local';
export const LOG_ENTRIES = 'log-entries';
const INCIDENT_CHANGES = 'incident-changes';
const NAMES: Names = { project: PROJECT, logEntries: LOG_ENTRIES, incidentChanges: INCIDENT_CHANGES };

/** Slack edits that only count on, in seconds: short, for somebody is watching. */
const EDIT_AFTER_SECONDS = 2;

/** Everything that takes minutes in production, in seconds. */
const DIAGNOSE_ENV = {
  DIAGNOSE_AGAIN_SECONDS: '2',
  PROOF_SETTLE_SECONDS: '5',
  FLEET_READS_PER_MINUTE: '10000',
  FLEET_LIST_KEPT_SECONDS: '5',
};

export type LocalFunction = 'classify' | 'reconcile' | 'watch';

/** A fixed port counts from the base: the same offsets every time. */
const OFFSETS = {
  Firestore: 0,
  'Pub/Sub': 1,
  Slack: 2,
  classify: 3,
  reconcile: 4,
  watch: 5,
  diagnose: 6,
  fleet: 7,
  history: 8,
} as const;
type Ports = Readonly<Record<keyof typeof OFFSETS, number>>;

export interface StackOptions {
  /** Folder of the history; it is made if it is missing. */
  readonly dataFolder: string;
  /** First of the fixed ports; 0 = free ones. */
  readonly portBase: number;
  readonly redeliver: number;
  /** Messages that one may overtake on its way; none by default. */
  readonly reorder?: number;
  readonly seed: number;
  /** Processes of `reconcile`; the first is the one that is pushed to. One by default. */
  readonly reconcilers?: number;
  /** Stands between Pub/Sub and the functions: takes the address that would be pushed to, returns another one. */
  readonly between?: (name: LocalFunction, endpoints: readonly string[]) => Promise<string>;
  /** Folder that the functions are run from, such as an unpacked package; this repository by default. */
  readonly source?: string;
  /** Which of the variables a function is told of; all by default. */
  readonly tells?: (name: string, variable: string) => boolean;
  /** What functions and servers print; nothing by default. */
  readonly onLine?: (from: string, line: string) => void;
  /** Google's APIs to diagnose with; without it nothing is diagnosed and no fleet is looked at. */
  readonly google?: {
    readonly apiBase: string;
    readonly projects: readonly string[];
    /** Address of the Logging API; no context of an incident is read without it. */
    readonly logging?: string;
  };
  /** Serves the pages of the history, and lets messages link to them; not by default. */
  readonly history?: boolean;
  /** The environment of this process: addresses of real or Google's emulated services are taken from it. */
  readonly env: Environment;
}

export interface Stack {
  readonly firestoreHost: string;
  readonly pubsubHost: string;
  readonly slack: LocalSlack;
  readonly functions: Readonly<Record<LocalFunction, Running>>;
  readonly pubsub: PubSub;
  /** Messages that no subscriber has acknowledged yet; undefined where the server does not tell. */
  readonly unacknowledged: () => Promise<number | undefined>;
  /** Messages that were given up; undefined where the server does not tell. */
  readonly deadLetters: () => Promise<number | undefined>;
  /** Every process of a function, the further reconcilers too. */
  readonly processes: readonly Running[];
  readonly firestoreOperations: () => Promise<FirestoreOperations | undefined>;
  readonly setFirestoreFaults: (faults: FirestoreFaults) => Promise<void>;
  /** Address of the history's pages; `` where they are not served. */
  readonly historyUrl: string;
  /** Begins to look at the fleet: another `watch`, so that what it observes mixes with no count before that. */
  readonly sweepFleet: () => Promise<void>;
  readonly stop: Stop;
}

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
    diagnose: await port('diagnose'),
    fleet: await port('fleet'),
    history: await port('history'),
  };
}

interface Functions {
  readonly functions: Stack['functions'];
  readonly processes: readonly Running[];
  readonly endpoints: Endpoints;
}

/** The program of one function, from the folder and with the variables that the options say. */
function programOf(
  name: string,
  port: number,
  how: {
    readonly options: StackOptions;
    readonly env: Readonly<Record<string, string>>;
    readonly say: (from: string) => OnLine;
  },
): Program {
  const { source, tells = () => true } = how.options;
  const env = Object.fromEntries(Object.entries(how.env).filter(([variable]) => tells(name, variable)));
  return functionProgram(name, port, {
    env,
    onLine: how.say(name),
    ...(source === undefined ? {} : { source }),
  });
}

/** Starts the functions' processes, each known to `keep` as soon as it runs. */
async function startFunctions(
  options: StackOptions,
  ports: Ports,
  how: {
    readonly env: Readonly<Record<string, string>>;
    readonly say: (from: string) => OnLine;
    readonly keep: (one: Running) => Running;
  },
): Promise<Functions> {
  // Where nobody diagnoses, nobody is asked to.
  const unasked = { ...how.env, INCIDENT_CHANGES_TOPIC: '' };
  const run = async (name: LocalFunction, port: number): Promise<Running> => {
    const env = name === 'reconcile' && options.google === undefined ? unasked : how.env;
    return how.keep(await keepRunning(programOf(name, port, { options, env, say: how.say })));
  };
  const [classify, reconcile, watch] = await Promise.all([
    run('classify', ports.classify),
    run('reconcile', ports.reconcile),
    run('watch', ports.watch),
  ]);
  const reconcilers = [endpointOf(ports.reconcile)];
  const further: Running[] = [];
  while (reconcilers.length < (options.reconcilers ?? 1)) {
    const port = await freePort(0, 'reconcile');
    further.push(await run('reconcile', port));
    reconcilers.push(endpointOf(port));
  }
  const between = options.between ?? ((_, [first]) => Promise.resolve(first ?? ''));
  const endpoints = {
    classify: await between('classify', [endpointOf(ports.classify)]),
    reconcile: await between('reconcile', reconcilers),
  };
  const functions = { classify, reconcile, watch };
  return { functions, processes: [classify, reconcile, watch, ...further], endpoints };
}

/** Settings of taste that whoever starts the run may give. */
const PASSED_ON = ['LANGUAGE', 'SLACK_DIGEST_FROM', 'SLACK_ROUTES', 'TIME_ZONE'] as const;

function passedOn(env: Environment): Readonly<Record<string, string>> {
  const given = PASSED_ON.map((name) => [name, env[name] ?? ''] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== ''));
}

/** What every function is told; those that need less ignore the rest. */
function environmentOf(of: {
  readonly firestore: string;
  readonly pubsub: string;
  readonly slack: LocalSlack;
  readonly historyUrl: string;
  readonly options: StackOptions;
}): Readonly<Record<string, string>> {
  const { slack } = of;
  return {
    GOOGLE_CLOUD_PROJECT: PROJECT,
    FIRESTORE_EMULATOR_HOST: of.firestore,
    PUBSUB_EMULATOR_HOST: of.pubsub,
    // No lookup of a metadata server that is not there.
    METADATA_SERVER_DETECTION: 'none',
    INCIDENT_CHANGES_TOPIC: INCIDENT_CHANGES,
    SLACK_API_URL: slack.apiUrl,
    SLACK_TOKEN: slack.token,
    SLACK_CHANNEL: slack.channel,
    SLACK_EDIT_AFTER_SECONDS: String(EDIT_AFTER_SECONDS),
    HISTORY_URL: of.historyUrl,
    GOOGLE_API_BASE: of.options.google?.apiBase ?? '',
    LOGGING_API_ENDPOINT: of.options.google?.logging ?? '',
    ...DIAGNOSE_ENV,
    ...passedOn(of.options.env),
  };
}

const connectPubsub = (apiEndpoint: string): PubSub =>
  new PubSub({ projectId: PROJECT, apiEndpoint, clientOptions: { universeDomain: 'googleapis.com' } });

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
      await chooseFirestore(env, { file, port: ports.Firestore, seed, onLine: say('firestore') }),
    );
    const chaos = { redeliver, reorder: options.reorder ?? 0, seed };
    const pubsubAt = { port: ports['Pub/Sub'], ...chaos, onLine: say('pubsub') };
    const service = keep(await choosePubsub(env, pubsubAt));
    const slack = await chooseSlack(env, ports.Slack);
    stops.push(slack.close);
    const historyUrl = options.history === true ? endpointOf(ports.history) : '';
    const hosts = { firestore: firestore.host, pubsub: service.host };
    const functionEnv = environmentOf({ ...hosts, slack, historyUrl, options });
    const runMore = async (name: string, port: number, more: Readonly<Record<string, string>>) => {
      const env = { ...functionEnv, ...more };
      keep(await keepRunning(programOf(name, port, { options, env, say })));
    };
    const { functions, processes, endpoints } = await startFunctions(options, ports, {
      env: functionEnv,
      say,
      keep,
    });
    const pubsub = connectPubsub(service.host);
    stops.push(() => pubsub.close());
    await createTopics(pubsub, NAMES, endpoints);
    if (options.google !== undefined) {
      await runMore('diagnose', ports.diagnose, {});
      await subscribeDiagnose(pubsub, NAMES, ports.diagnose);
    }
    if (historyUrl !== '') await runMore('history', ports.history, {});
    stops.push(startTicking(ports.watch));
    return {
      firestoreHost: firestore.host,
      pubsubHost: service.host,
      slack,
      functions,
      processes,
      pubsub,
      unacknowledged: service.unacknowledged,
      deadLetters: service.deadLetters,
      firestoreOperations: firestore.operations,
      setFirestoreFaults: firestore.setFaults,
      historyUrl,
      sweepFleet: async () => {
        await runMore('watch', ports.fleet, { FLEET_PROJECTS: (options.google?.projects ?? []).join(',') });
        stops.push(startTicking(ports.fleet));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
