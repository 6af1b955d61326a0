// One storm through the whole pipeline while everything beneath it stumbles: real processes, real sockets, a seed.
// In: how large and how bad. Out: what was expected and what came of it, for a test or a person to compare.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Firestore } from '@google-cloud/firestore';
import { replay, type OutgoingMessage } from '../../infra/local/replay.ts';
import { seeded } from '../../infra/local/seeded.ts';
import type { FirestoreOperations } from '../../infra/local/services.ts';
import { LOG_ENTRIES, PROJECT, startStack, type Stack } from '../../infra/local/stack.ts';
import { createViewer, heldBackAs, type View, type Viewer } from '../../infra/local/view.ts';
import { startLossyProxy, type LossyProxy } from './lossy-proxy.ts';
import { makeStorm, type Expected } from './storm.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly entries: number;
  readonly proxies: number;
  /** SIGKILLs while it is published, shared out among all functions. */
  readonly kills: number;
  /** Shares of Firestore's calls that fail and that are never answered. */
  readonly errors: number;
  readonly hangs: number;
  readonly say?: (line: string) => void;
}

export interface ChaosOutcome {
  readonly expected: Expected;
  readonly view: View;
  /** Distinct texts of parked messages. */
  readonly parkedTexts: number;
  readonly parkedLedger: number;
  readonly heldBack: number;
  readonly unacknowledged: number | undefined;
  readonly deadLetters: number | undefined;
  readonly operations: FirestoreOperations | undefined;
  readonly published: number;
  readonly restarts: number;
  readonly nudges: { readonly lost: number; readonly doubled: number };
  /** Largest resident memory of any life of classify, in MiB; 0 where the system does not tell. */
  readonly classifyPeakMiB: number;
  readonly seconds: number;
}

/** Looks in a row that must find nothing under way. */
const QUIET_LOOKS = 3;
const LOOK_EVERY_MS = 200;

function peakMiB(pid: number): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kilobytes ?? 0) / 1_024);
  } catch {
    return 0;
  }
}

/** Kills functions at messages that the seed chooses; which function, too. */
function createKiller(stack: Stack, options: ChaosOptions, random: () => number) {
  const after = Array.from({ length: options.kills }, () => Math.floor(random() * options.entries)).sort(
    (a, b) => a - b,
  );
  let peak = 0;
  const note = (): void => {
    peak = Math.max(peak, peakMiB(stack.functions.classify.pid()));
  };
  return {
    peak: () => {
      note();
      return peak;
    },
    at: (published: number): void => {
      while ((after[0] ?? Number.POSITIVE_INFINITY) <= published) {
        after.shift();
        note();
        const victim = stack.processes[Math.floor(random() * stack.processes.length)];
        try {
          if (victim !== undefined) process.kill(victim.pid(), 'SIGKILL');
        } catch {
          // It died by itself in this moment; its supervisor knows.
        }
      }
    },
  };
}

async function* killing(
  messages: readonly OutgoingMessage[],
  at: (published: number) => void,
): AsyncGenerator<OutgoingMessage> {
  for (const [index, message] of messages.entries()) {
    at(index);
    yield message;
  }
}

async function untilQuiet(stack: Stack, viewer: Viewer): Promise<View> {
  for (let quiet = 0; ;) {
    const view = await viewer.look();
    const unacknowledged = await stack.unacknowledged();
    quiet = view.waiting === 0 && unacknowledged === 0 ? quiet + 1 : 0;
    if (quiet >= QUIET_LOOKS) return view;
    await sleep(LOOK_EVERY_MS);
  }
}

async function parkedTexts(stack: Stack): Promise<number> {
  const db = new Firestore({ projectId: PROJECT, host: stack.firestoreHost, ssl: false });
  const texts = new Set<string>();
  for (const document of (await db.collection('parked').get()).docs) {
    const messages: readonly { readonly data: string }[] = document.get('messages');
    for (const { data } of messages) texts.add(data);
  }
  await db.terminate();
  return texts.size;
}

/** Runs one storm to its end. The seed decides everything that chance decides here; the machine's timing is its own. */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const startedMs = performance.now();
  const random = seeded(options.seed * 7_919);
  const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-chaos-'));
  const storm = makeStorm({ ...options, endMs: Date.now() });
  let proxy: LossyProxy | undefined;
  const stack = await startStack({
    dataFolder: folder,
    portBase: 0,
    redeliver: 0.2,
    reorder: 50,
    seed: options.seed,
    reconcilers: 2,
    env: {},
    between: async (name, endpoints) => {
      if (name !== 'reconcile') return endpoints[0] ?? '';
      proxy = await startLossyProxy(endpoints, random, { lost: 0.1, doubled: 0.2 });
      return proxy.endpoint;
    },
    onLine: (from, line) => options.say?.(`${from}: ${line}`),
  });
  const viewer = createViewer(PROJECT, stack.firestoreHost);
  try {
    const killer = createKiller(stack, options, random);
    await stack.setFirestoreFaults({ errors: options.errors, hangs: options.hangs });
    const { published } = await replay(killing(storm.messages, killer.at), {
      pubsub: stack.pubsub,
      topic: LOG_ENTRIES,
      backlog: stack.unacknowledged,
      onProgress: () => undefined,
    });
    await stack.setFirestoreFaults({ errors: 0, hangs: 0 });
    const view = await untilQuiet(stack, viewer);
    return {
      expected: storm.expected,
      view,
      parkedTexts: await parkedTexts(stack),
      parkedLedger: heldBackAs(view, 'parked'),
      heldBack: heldBackAs(view, 'routine') + heldBackAs(view, 'ignored'),
      unacknowledged: await stack.unacknowledged(),
      deadLetters: await stack.deadLetters(),
      operations: await stack.firestoreOperations(),
      published,
      restarts: stack.processes.reduce((sum, one) => sum + one.restarts(), 0),
      nudges: { lost: proxy?.lost() ?? 0, doubled: proxy?.doubled() ?? 0 },
      classifyPeakMiB: killer.peak(),
      seconds: Math.round((performance.now() - startedMs) / 1_000),
    };
  } finally {
    await viewer.close();
    await stack.stop();
    await proxy?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What differs from what was expected, one sentence each; empty if all is well. */
export function differences(outcome: ChaosOutcome): readonly string[] {
  const { expected, view } = outcome;
  const wrong: string[] = [];
  const seen = new Map(view.incidents.map((incident) => [incident.id, incident]));
  for (const [id, { count, proxies }] of expected.incidents) {
    const incident = seen.get(id);
    if (incident?.count !== count) wrong.push(`${id}: ${incident?.count} entries instead of ${count}`);
    if (incident?.proxyCount !== proxies)
      wrong.push(`${id}: ${incident?.proxyCount} proxies instead of ${proxies}`);
  }
  for (const id of seen.keys()) if (!expected.incidents.has(id)) wrong.push(`${id}: nobody wrote of it`);
  const pairs: readonly (readonly [string, number | undefined, number])[] = [
    ['entries held back', outcome.heldBack, expected.heldBack],
    ['messages in the ledger of parked ones', outcome.parkedLedger, expected.parked],
    ['distinct parked messages', outcome.parkedTexts, expected.parked],
    ['sightings waiting', view.waiting, 0],
    ['messages not acknowledged', outcome.unacknowledged, 0],
    ['messages given up', outcome.deadLetters, 0],
  ];
  for (const [what, found, wanted] of pairs)
    if (found !== wanted) wrong.push(`${found} ${what} instead of ${wanted}`);
  return wrong;
}
