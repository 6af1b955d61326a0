// `npm start`: the whole of mesh-triage on this machine, fed with an hour of a fleet's life or a file of yours.
// In: flags (options.ts). Out: the incidents as they open and change, a summary, exit code 0; 2 for wrong use, 130 when interrupted.
import { createReadStream, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inputMessages, sampleMessages } from './messages.ts';
import { readOptions, USAGE, UsageError, type RunOptions } from './options.ts';
import { NotReady, PortTaken } from './processes.ts';
import { replay, type OutgoingMessage } from './replay.ts';
import {
  conclusionLine,
  createProgressBar,
  incidentLine,
  summarise,
  summaryText,
  TABLE_HEAD,
} from './report.ts';
import { sampleHour, type SampleMessage } from './sample/hour.ts';
import { startDemo, type Demo } from './google/demo.ts';
import { TICK_MS } from './function-program.ts';
import { LOG_ENTRIES, PROJECT, startStack, type Stack } from './stack.ts';
import { createViewer, type View, type Viewer } from './view.ts';

/** The pipeline counts as quiet after so many looks in a row that found nothing under way. */
const QUIET_LOOKS = 3;

const LOOK_EVERY_MS = 400;

/** One of the three faults is mended this long after the replay. */
const REPAIR_AFTER_MS = 10_000;

/** An incident that has to be looked at within this time is not at rest yet. */
const SOON_MS = 5 * TICK_MS;

/** What a shell answers for a program that ctrl-c ended. */
const INTERRUPTED = 130;

interface Source {
  readonly messages: AsyncIterable<OutgoingMessage>;
  readonly total: number | undefined;
  /** The made-up hour; undefined for a file of the user's. */
  readonly hour?: readonly SampleMessage[];
}

function openSource(options: RunOptions, endMs: number): Source {
  if (options.input === undefined) {
    const run = `${endMs.toString(36)}-`;
    const hour = sampleHour({ seed: options.seed, endMs, run });
    return { messages: sampleMessages(hour), total: hour.length, hour };
  }
  if (options.input === '-') return { messages: inputMessages(process.stdin, Date.now()), total: undefined };
  try {
    const { mtimeMs } = statSync(options.input);
    return { messages: inputMessages(createReadStream(options.input), mtimeMs), total: undefined };
  } catch (error) {
    throw new UsageError(
      `can't read --input ${options.input}: ${error instanceof Error ? error.message : ''}`,
      {
        cause: error,
      },
    );
  }
}

/** True when nothing waits anywhere and Slack shows what it should. */
async function isQuiet(stack: Stack, view: View): Promise<boolean> {
  const soon = Date.now() + SOON_MS;
  if (view.waiting > 0 || view.incidents.some(({ lookAt }) => lookAt > 0 && lookAt < soon)) return false;
  return ((await stack.unacknowledged()) ?? 0) === 0;
}

interface Context {
  readonly stack: Stack;
  readonly viewer: Viewer;
  readonly print: (line: string) => void;
  /** What was printed of each incident. */
  readonly shown: Map<string, string>;
}

/** Prints every incident whose line has changed. */
async function look({ viewer, print, shown }: Context): Promise<View> {
  const view = await viewer.look();
  for (const incident of view.incidents) {
    const key = `${incident.state} ${incident.count} ${incident.slack.posts} ${incident.conclusion}`;
    if (shown.get(incident.id) === key) continue;
    print(incidentLine(incident));
    if (incident.conclusion !== '') print(conclusionLine(incident));
    shown.set(incident.id, key);
  }
  return view;
}

/** Prints incidents as they change; resolves once the pipeline is quiet after the replay. */
async function follow(context: Context, replaying: Promise<unknown>): Promise<View> {
  let replayed = false;
  void replaying.finally(() => (replayed = true)).catch(() => undefined);
  let quietLooks = 0;
  for (;;) {
    const view = await look(context);
    quietLooks = replayed && (await isQuiet(context.stack, view)) ? quietLooks + 1 : 0;
    if (quietLooks >= QUIET_LOOKS) return view;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Resolves when somebody ends the run: it may be at any moment, and whatever was started has to be stopped. */
function interruption(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        // What was under way fails when the servers go, and nobody waits for it any more.
        process.on('unhandledRejection', () => undefined);
        resolve('interrupted');
      });
  });
}

/** What lets the command line ask this run. */
function askLine({ firestoreHost, pubsubHost }: Stack): string {
  return `FIRESTORE_EMULATOR_HOST=${firestoreHost} PUBSUB_EMULATOR_HOST=${pubsubHost} GOOGLE_CLOUD_PROJECT=${PROJECT}`;
}

/** Looks at the fleet, mends one of the three faults before people's eyes, and goes on showing what changes. */
async function stayUp(context: Context, demo: Demo | undefined): Promise<void> {
  context.print('');
  context.print('Everything stays up until ctrl-c. To ask it from another shell:');
  context.print(`  export ${askLine(context.stack)}`);
  context.print('  npm run -s mesh-triage -- incidents list');
  if (demo !== undefined) {
    await context.stack.sweepFleet();
    context.print(
      `In ${REPAIR_AFTER_MS / 1000} s the forwarding rule that prod-vpc lacks is made: watch it resolve.`,
    );
  }
  const repairAtMs = Date.now() + REPAIR_AFTER_MS;
  let repaired = demo === undefined;
  for (;;) {
    await look(context);
    if (!repaired && Date.now() >= repairAtMs) {
      demo?.repairNetwork();
      repaired = true;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Says where everything is, replays the source, and says what came of it. */
async function replayAll(options: RunOptions, context: Context, source: Source): Promise<'done'> {
  const { stack, viewer, print } = context;
  const startedMs = Date.now();
  const before = await viewer.look();
  print(`history  ${options.dataFolder}`);
  if (before.incidents.length > 0 && stack.slack.inspector !== '')
    print('         holds earlier incidents; the stand-in for Slack is new, so they are posted there again');
  if (stack.slack.inspector !== '') print(`Slack    ${stack.slack.inspector}`);
  if (stack.historyUrl !== '') print(`pages    ${stack.historyUrl}`);
  const pids = Object.values(stack.functions).map((one) => `${one.name} ${one.pid()}`);
  print(`processes ${pids.join(', ')}`);
  print('');
  print(TABLE_HEAD);
  const bar = createProgressBar(source.total);
  const replaying = replay(source.messages, {
    pubsub: stack.pubsub,
    topic: LOG_ENTRIES,
    backlog: stack.unacknowledged,
    onProgress: bar.show,
  });
  const following = follow(context, replaying);
  const { published, distinct } = await replaying;
  bar.end();
  const view = await following;
  const wallSeconds = (Date.now() - startedMs) / 1000;
  const operations = await stack.firestoreOperations();
  const summary = summarise(view, before, { published, entries: distinct, wallSeconds, operations });
  print('');
  print(summaryText(summary));
  if (options.format === 'json') console.log(JSON.stringify(summary));
  return 'done';
}

/** Exit code 0, or 130 when the replay was interrupted. */
async function runOptions(options: RunOptions, source: Source, demo: Demo | undefined): Promise<number> {
  const end = interruption();
  const stack = await startStack({
    dataFolder: options.dataFolder,
    portBase: options.portBase,
    redeliver: options.redeliver,
    seed: options.seed,
    // Who runs it once does not stay to look.
    history: !options.once,
    env: process.env,
    ...(demo === undefined ? {} : { google: demo.google }),
    ...(options.source === undefined ? {} : { source: options.source }),
    onLine: (from, line) => {
      if (/"severity":"(?:ERROR|WARNING)"/.test(line)) console.error(`${from}: ${line}`);
    },
  });
  const viewer = createViewer(PROJECT, stack.firestoreHost);
  const print = (line: string): void => {
    if (options.format === 'text') console.log(line);
  };
  const context: Context = { stack, viewer, print, shown: new Map() };
  try {
    const first = await Promise.race([replayAll(options, context, source), end]);
    if (first === 'interrupted') return INTERRUPTED;
    if (!options.once) await Promise.race([stayUp(context, demo), end]);
    return 0;
  } finally {
    await viewer.close();
    await stack.stop();
  }
}

async function main(): Promise<number> {
  // Google's clients would ask for a metadata server that is not there.
  process.env['METADATA_SERVER_DETECTION'] ??= 'none';
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    console.log(USAGE);
    return 0;
  }
  const endMs = Date.now();
  const source = openSource(options, endMs);
  // A file of the user's is of a project that the stand-in knows nothing of.
  const demo = source.hour === undefined ? undefined : await startDemo(endMs, source.hour);
  try {
    return await runOptions(options, source, demo);
  } finally {
    await demo?.stop();
  }
}

try {
  const code = await main();
  // Publishing that was interrupted would go on trying for minutes.
  if (code === INTERRUPTED) process.exit(code);
  process.exitCode = code;
} catch (error) {
  const expected = [UsageError, PortTaken, NotReady].some((kind) => error instanceof kind);
  if (!expected || !(error instanceof Error)) throw error;
  console.error(`${error.message}. --help lists the options.`);
  process.exitCode = 2;
}
