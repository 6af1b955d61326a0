// From a fault in Google's project to the message and to its proof: first with every function in this process and a clock
// that the test moves, asking the stand-in over sockets; then with the processes of the one-machine run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDiagnose } from '../../functions/diagnose.ts';
import type { Nudges } from '../../functions/ports.ts';
import { createReconcile } from '../../functions/reconcile.ts';
import { createSweep } from '../../functions/sweep.ts';
import { createWatch } from '../../functions/watch.ts';
import { startDemo } from '../../infra/local/google/demo.ts';
import { restartAgents, stopAgents } from '../../infra/local/google/project.ts';
import { sampleMessages } from '../../infra/local/messages.ts';
import { replay } from '../../infra/local/replay.ts';
import { sampleHour } from '../../infra/local/sample/hour.ts';
import { LOG_ENTRIES, PROJECT as LOCAL_PROJECT, startStack } from '../../infra/local/stack.ts';
import { createViewer, type SeenIncident } from '../../infra/local/view.ts';
import { makeWorld, planVms, PROJECT, startBench, type Bench } from '../diagnose/world.ts';
import { createMemoryFleet } from '../fakes/fleet-store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { T0_MS } from '../fakes/sightings.ts';
import { createFakeLog } from '../fakes/world.ts';
import { handClock, scriptedSlack, SETTINGS } from '../functions/tell-slack-harness.ts';

const MINUTE_MS = 60_000;
const clock = handClock(T0_MS);
let bench: Bench;
beforeEach(async () => {
  bench = await startBench(makeWorld(planVms(3), clock.nowMs()), clock.nowMs);
});
afterEach(() => bench.stop());

/** All functions in one process; nudges wait in a list until `drain` delivers them. */
function pipeline() {
  const store = createMemoryStore();
  const fleet = createMemoryFleet();
  const slack = scriptedSlack(clock);
  const log = createFakeLog();
  const waiting: { readonly incident: string; readonly kind: string }[] = [];
  const nudges: Nudges = {
    publish: (ids, kind) => {
      waiting.push(...ids.map((incident) => ({ incident, kind: kind ?? '' })));
      return Promise.resolve();
    },
  };
  const google = bench.api();
  const shared = { store, nudges, clock, log };
  const reconcile = createReconcile({
    ...shared,
    slack: slack.ports,
    notices: { silences: () => Promise.resolve([]), ledger: () => Promise.resolve(undefined) },
    settings: { ...SETTINGS, editAfterMs: 0 },
  });
  const settings = { againAfterMs: MINUTE_MS, settleMs: 2 * MINUTE_MS };
  const diagnose = createDiagnose({ ...shared, diagnoses: fleet, google, settings });
  const sweep = createSweep({
    ...shared,
    fleet,
    google,
    settings: { projects: [PROJECT.id], readsPerMinute: 1_300, tickMs: 45_000, listKeptMs: 0 },
  });
  const watch = createWatch({ ...shared, diagnoses: fleet, sweep });
  const drain = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { incident, kind } = next;
      const body = {
        message: { attributes: { incident, ...(kind === '' ? {} : { kind }) }, data: 'bG9vaw==' },
      };
      await (kind === 'diagnose' ? diagnose(body) : reconcile(body));
    }
  };
  return {
    store,
    slack,
    /** One minute: Cloud Scheduler calls, everything that follows is delivered. */
    tick: async (): Promise<void> => {
      expect(await watch()).toEqual({ status: 204 });
      await drain();
      clock.advance(MINUTE_MS);
    },
    /** What the message in the channel shows now; its thread aside. */
    shown: () => JSON.stringify(slack.calls.findLast(({ thread }) => thread === '')?.content ?? {}),
    posts: () => slack.calls.filter(({ method, thread }) => method === 'post' && thread === '').length,
  };
}

test('a heartbeat stops: told within one tick past five minutes with the group’s command, over once it is back', async () => {
  const { tick, slack, shown, posts, store } = pipeline();
  for (let minute = 0; minute < 3; minute += 1) await tick();
  expect(slack.calls).toEqual([]);
  const stoppedMs = clock.nowMs();
  stopAgents(bench.google.world, ['checkout-0001'], stoppedMs);
  let toldMs = 0;
  while (slack.calls.length === 0) {
    toldMs = clock.nowMs();
    expect(toldMs - stoppedMs).toBeLessThanOrEqual(6 * MINUTE_MS);
    await tick();
  }
  expect(toldMs - stoppedMs).toBeGreaterThan(5 * MINUTE_MS);
  await tick();
  expect(shown()).toContain(
    'gcloud compute instance-groups managed recreate-instances checkout --instances=checkout-0001 --zone=europe-west3-b --project=demo-mesh',
  );
  expect(shown()).toContain('checkout-0001: its last heartbeat was at');
  restartAgents(bench.google.world, ['checkout-0001']);
  await tick();
  await tick();
  const id = [...slack.calls].at(-1)?.content?.metadata.event_payload['incident'];
  expect(store.shelf(String(id)).incident).toMatchObject({ state: 'resolved', resolvedBy: 'proof' });
  expect(shown()).toMatch(/by proof/i);
  expect(posts()).toBe(1);
});

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('a wrong network: what the rules say stands in the message, and a planted rule resolves it by proof', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-'));
  folders.push(folder);
  const endMs = Date.now();
  const hour = sampleHour({ seed: 1, endMs, run: 'diagnosing-' });
  const demo = await startDemo(endMs, hour);
  const stack = await startStack({
    dataFolder: folder,
    portBase: 0,
    redeliver: 0.2,
    seed: 7,
    env: {},
    google: demo.google,
  });
  const viewer = createViewer(LOCAL_PROJECT, stack.firestoreHost);
  const { token, apiUrl, channel } = stack.slack;
  const client = new WebClient(token, { slackApiUrl: apiUrl, retryConfig: { retries: 0 } });
  const messages = async (): Promise<readonly string[]> => {
    const { messages: found = [] } = await client.conversations.history({ channel });
    return found.map((message) => JSON.stringify(message));
  };
  /** A reply in some thread that holds this text. */
  const untilReplied = async (text: string): Promise<string> => {
    for (;;) {
      const { messages: threads = [] } = await client.conversations.history({ channel });
      for (const { ts = '' } of threads) {
        const { messages: replies = [] } = await client.conversations.replies({ channel, ts });
        const found = replies.find((reply) => reply.text?.includes(text));
        if (found?.text !== undefined) return found.text;
      }
    }
  };
  const until = async (is: (incident: SeenIncident) => boolean): Promise<SeenIncident> => {
    for (;;) {
      const { incidents } = await viewer.look();
      const found = incidents.find((incident) => incident.pattern === 'config-not-found' && is(incident));
      if (found !== undefined) return found;
    }
  };
  const untilShown = async (text: string): Promise<readonly string[]> => {
    for (;;) {
      const found = (await messages()).filter((message) => message.includes(text));
      if (found.length > 0) return found;
    }
  };
  try {
    await replay(sampleMessages(hour), {
      pubsub: stack.pubsub,
      topic: LOG_ENTRIES,
      backlog: stack.unacknowledged,
      onProgress: () => undefined,
    });
    const wrong = 'no rule names prod-vpc; the only INTERNAL_SELF_MANAGED rule names default';
    expect(await until(({ conclusion }) => conclusion !== '')).toMatchObject({
      conclusion: wrong,
      state: 'open',
    });
    expect(await untilShown(wrong)).toHaveLength(1);
    // The line that the same proxy wrote right behind the first one, read through the Logging API.
    expect(await untilReplied('StreamLoadStats gRPC config stream closed')).toMatch(
      /^What `checkout-\w{4}` wrote around the first line \(UTC\)/,
    );
    demo.repairNetwork();
    const over = await until(({ state }) => state === 'resolved');
    expect(over).toMatchObject({ resolvedBy: 'proof', slack: expect.objectContaining({ posts: 1 }) });
    expect(over.conclusion).toMatch(/^rule mesh-prod names prod-vpc; before: /);
    expect(await untilShown('rule mesh-prod names prod-vpc')).toHaveLength(1);
  } finally {
    await viewer.close();
    await stack.stop();
    await demo.stop();
  }
});
