// The only wiring: reads the settings of the one function this process serves, builds its clients when they are first
// needed, registers it. All functions ship in one zip; FUNCTION_TARGET says which one runs.
import { http, type Request, type Response } from '@google-cloud/functions-framework';
import type { Connect } from './adapters/firestore-calls.ts';
import type { Answer, Clock, GoogleApi, Log, Nudges, SignedRequest, Store } from './ports.ts';
import { readConfig, type Config } from './config.ts';
import type { PatternBook } from './pattern-book.ts';
import type { SweepSettings } from './sweep.ts';
import type { SlackSettings } from './tell-message.ts';

/** Answers one request. */
type Served = (request: Request, response: Response) => Promise<void>;

/** `signed` is the same request before anything of it is believed: only what checks a signature takes it. */
type Handler = (body: unknown, signed: SignedRequest) => Promise<Answer>;

function slackSettings(from: Extract<Config, { function: 'reconcile' }>): SlackSettings {
  return {
    channel: from.SLACK_CHANNEL,
    routes: from.SLACK_ROUTES,
    language: from.LANGUAGE,
    editAfterMs: from.SLACK_EDIT_AFTER_SECONDS * 1000,
    digestFrom: from.SLACK_DIGEST_FROM,
    ...(from.HISTORY_URL === undefined ? {} : { historyUrl: from.HISTORY_URL }),
  };
}

/** A tick reads the fleet for this long: the next one comes a minute after it. */
const SWEEP_MS_MAX = 45_000;

function sweepSettings(from: Extract<Config, { function: 'watch' }>): SweepSettings {
  return {
    projects: from.FLEET_PROJECTS,
    home: from.GOOGLE_CLOUD_PROJECT,
    readsPerMinute: from.FLEET_READS_PER_MINUTE,
    tickMs: SWEEP_MS_MAX,
    listKeptMs: from.FLEET_LIST_KEPT_SECONDS * 1000,
  };
}

interface GoogleSettings {
  readonly GOOGLE_API_BASE?: string;
  readonly FLEET_READS_PER_MINUTE?: number;
}

async function googleApi(from: GoogleSettings, clock: Clock): Promise<GoogleApi> {
  const { createGoogleRest } = await import('./adapters/google-rest.ts');
  const base = from.GOOGLE_API_BASE === undefined ? {} : { apiBase: from.GOOGLE_API_BASE };
  return createGoogleRest({ nowMs: clock.nowMs, readsPerMinute: from.FLEET_READS_PER_MINUTE ?? 0, ...base });
}

/** What every function's wiring is given. */
interface Shared {
  readonly store: Store;
  /** One client for the whole process: each has connections and streams of its own. */
  readonly db: Connect;
  readonly nudges: (topic: string) => Promise<Nudges>;
  /** The catalogue and the user's own patterns. */
  readonly patterns: () => Promise<PatternBook>;
  readonly clock: Clock;
  readonly log: Log;
}

async function wireSlack(config: Extract<Config, { function: 'slack' }>, shared: Shared): Promise<Handler> {
  const { store, db, nudges, clock, log } = shared;
  const [
    { createSlack },
    { createSignatureCheck },
    { createRespond },
    { createFirestoreNotices },
    publisher,
  ] = await Promise.all([
    import('./slack.ts'),
    import('./adapters/slack-signature.ts'),
    import('./adapters/slack-respond.ts'),
    import('./adapters/firestore-notices.ts'),
    nudges(config.INCIDENT_CHANGES_TOPIC),
  ]);
  const handler = createSlack({
    store,
    patterns: await shared.patterns(),
    notices: createFirestoreNotices({ db, nowMs: clock.nowMs, log }),
    nudges: publisher,
    isSigned: createSignatureCheck(config.SLACK_SIGNING_SECRET),
    respond: createRespond(),
    language: config.LANGUAGE,
    timeZone: config.TIME_ZONE,
    clock,
    log,
  });
  return (_, signed) => handler(signed);
}

async function wireWatch(config: Extract<Config, { function: 'watch' }>, shared: Shared): Promise<Handler> {
  const [{ createWatch }, { rollUp }, { createFirestoreRollUps }, { createFirestoreFleet }, nudges] =
    await Promise.all([
      import('./watch.ts'),
      import('./roll-up.ts'),
      import('./adapters/firestore-roll-up.ts'),
      import('./adapters/firestore-fleet.ts'),
      shared.nudges(config.INCIDENT_CHANGES_TOPIC),
    ]);
  const { store, clock, log } = shared;
  const fleet = createFirestoreFleet(shared.db);
  const rollUps = createFirestoreRollUps(shared.db);
  const days = { rollUp: () => rollUp({ rollUps, clock }) };
  const needs = { store, diagnoses: fleet, ...days, nudges, clock, log };
  if (config.FLEET_PROJECTS.length === 0) return createWatch(needs);
  const { createSweep } = await import('./sweep.ts');
  const google = await googleApi(config, clock);
  const settings = sweepSettings(config);
  return createWatch({ ...needs, sweep: createSweep({ ...needs, fleet, google, settings }) });
}

async function wireDiagnose(
  config: Extract<Config, { function: 'diagnose' }>,
  shared: Shared,
): Promise<Handler> {
  const [{ createDiagnose }, { createFirestoreFleet }, nudges, google] = await Promise.all([
    import('./diagnose.ts'),
    import('./adapters/firestore-fleet.ts'),
    shared.nudges(config.INCIDENT_CHANGES_TOPIC),
    googleApi(config, shared.clock),
  ]);
  const { store, clock, log } = shared;
  const settings = {
    againAfterMs: config.DIAGNOSE_AGAIN_SECONDS * 1000,
    settleMs: config.PROOF_SETTLE_SECONDS * 1000,
  };
  const diagnoses = createFirestoreFleet(shared.db);
  const needs = { store, diagnoses, google, nudges, clock, log, settings };
  const endpoint = config.LOGGING_API_ENDPOINT;
  // Where Google's REST APIs are a stand-in, the log is one too or there is none.
  if (config.GOOGLE_API_BASE !== undefined && endpoint === undefined) return createDiagnose(needs);
  const { createCloudLogging } = await import('./adapters/cloud-logging.ts');
  const project = config.GOOGLE_CLOUD_PROJECT;
  const logs = createCloudLogging({ project, ...(endpoint === undefined ? {} : { endpoint }) });
  return createDiagnose({ ...needs, logs });
}

async function wireClassify(
  config: Extract<Config, { function: 'classify' }>,
  shared: Shared,
): Promise<Handler> {
  const [{ createClassify }, { decode }, nudges, patterns] = await Promise.all([
    import('./classify.ts'),
    import('./adapters/decode.ts'),
    shared.nudges(config.INCIDENT_CHANGES_TOPIC),
    shared.patterns(),
  ]);
  const { store, clock, log } = shared;
  return createClassify({ store, nudges, patterns, decode, clock, log });
}

async function wireReconcile(
  config: Extract<Config, { function: 'reconcile' }>,
  shared: Shared,
): Promise<Handler> {
  const [
    { createReconcile },
    { createSlackWeb },
    { createFirestoreNotices },
    { createFirestoreBoards },
    { createPace },
    { tellSummary },
    patterns,
  ] = await Promise.all([
    import('./reconcile.ts'),
    import('./adapters/slack-web.ts'),
    import('./adapters/firestore-notices.ts'),
    import('./adapters/firestore-board.ts'),
    import('./slack-pace.ts'),
    import('./tell-summary.ts'),
    shared.patterns(),
  ]);
  const { store, db, clock, log } = shared;
  const apiUrl = config.SLACK_API_URL === undefined ? {} : { apiUrl: config.SLACK_API_URL };
  const slack = createSlackWeb({ token: config.SLACK_TOKEN, ...apiUrl });
  const { nowMs } = clock;
  const notices = createFirestoreNotices({ db, nowMs, log });
  const boards = createFirestoreBoards({ db, nowMs });
  const pace = createPace({ boards, clock, log });
  const topic = config.INCIDENT_CHANGES_TOPIC;
  const nudges = topic === undefined ? {} : { nudges: await shared.nudges(topic) };
  const settings = slackSettings(config);
  const { channel, language } = settings;
  const told = { notices, boards, slack, pace, patterns, clock, log };
  const summary = (): Promise<void> => tellSummary({ ...told, channel, language });
  return createReconcile({ ...told, store, summary, settings, ...nudges });
}

/** What is pushed, called by Cloud Scheduler or sent by Slack comes as POST; nothing else does. */
function served(handle: Handler): Served {
  return async (request, response) => {
    if (request.method !== 'POST') {
      response.status(405).send('POST only');
      return;
    }
    const answer = await handle(request.body, {
      timestamp: request.get('x-slack-request-timestamp') ?? '',
      signature: request.get('x-slack-signature') ?? '',
      body: request.rawBody ?? new Uint8Array(),
    });
    if (answer.json === undefined) response.status(answer.status).send(answer.body);
    else response.status(answer.status).json(answer.json);
  };
}

async function wireHistory(
  config: Extract<Config, { function: 'history' }>,
  shared: Shared,
): Promise<Served> {
  const [{ createHistory }, { createFirestoreHistory }, { readPageFiles }, patterns] = await Promise.all([
    import('./history.ts'),
    import('./adapters/firestore-history.ts'),
    import('./adapters/page-files.ts'),
    shared.patterns(),
  ]);
  const reader = createFirestoreHistory(shared.db);
  const { clock, log } = shared;
  const answer = createHistory({
    reader,
    patterns,
    ...readPageFiles(),
    language: config.LANGUAGE,
    clock,
    log,
  });
  return async ({ method, originalUrl }, response) => {
    const { status, headers, body } = await answer({ method, url: originalUrl });
    response.status(status).set(headers).send(body);
  };
}

/** Loads only what this function needs, so that an instance starts as quickly as it can. */
async function wire(config: Config): Promise<Served> {
  const [{ clock, createLog }, { connectLazily }, { createFirestoreStore }] = await Promise.all([
    import('./adapters/system.ts'),
    import('./adapters/firestore-calls.ts'),
    import('./adapters/firestore-store.ts'),
  ]);
  const log = createLog(config.function);
  const db = connectLazily({ project: config.GOOGLE_CLOUD_PROJECT, database: config.FIRESTORE_DATABASE });
  const store = createFirestoreStore({ db, nowMs: clock.nowMs });
  const nudges = async (topic: string) => {
    const { createPubsubNudges } = await import('./adapters/pubsub-nudges.ts');
    return createPubsubNudges({ project: config.GOOGLE_CLOUD_PROJECT, topic });
  };
  const patterns = async () => {
    const [{ createPatternBook }, { createFirestorePatterns }] = await Promise.all([
      import('./pattern-book.ts'),
      import('./adapters/firestore-patterns.ts'),
    ]);
    return createPatternBook({ userPatterns: createFirestorePatterns(db), clock, log });
  };
  const shared: Shared = { store, db, nudges, patterns, clock, log };
  switch (config.function) {
    case 'classify':
      return served(await wireClassify(config, shared));
    case 'reconcile':
      return served(await wireReconcile(config, shared));
    case 'slack':
      return served(await wireSlack(config, shared));
    case 'watch':
      return served(await wireWatch(config, shared));
    case 'diagnose':
      return served(await wireDiagnose(config, shared));
    case 'history':
      return wireHistory(config, shared);
  }
}

const config = readConfig();
http(config.function, await wire(config));
