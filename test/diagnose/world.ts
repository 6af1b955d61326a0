// A stand-in for Google's APIs with a small project, a client that asks it over a socket, and subjects to diagnose.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import type { Check, Subject } from '#shared/diagnose/check.ts';
import type { GoogleAnswer, GoogleRequest } from '#shared/model/google-api.ts';
import type { NamedProxy } from '#shared/model/sighting.ts';
import { createGoogleRest, type RestLimits } from '../../functions/adapters/google-rest.ts';
import type { GoogleApi } from '../../functions/ports.ts';
import { madeUpProject, type PlannedVm } from '../../infra/local/google/project.ts';
import { startGoogle, type LocalGoogle, type SeenRequest } from '../../infra/local/google/server.ts';
import type { GoogleWorld } from '../../infra/local/google/world.ts';

export const NOW_MS = Date.UTC(2026, 10, 1, 10, 0, 0);
export const PROJECT = { id: 'demo-mesh', number: '123456789012' };

export function planVms(count: number, zones: readonly string[] = ['europe-west3-b']): readonly PlannedVm[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `checkout-${String(index).padStart(4, '0')}`,
    id: String(7_000_000_000_000_000 + index),
    zone: zones[index % zones.length] ?? '',
    group: 'checkout',
  }));
}

export function makeWorld(vms: readonly PlannedVm[] = planVms(2), nowMs = NOW_MS): GoogleWorld {
  return madeUpProject({
    project: PROJECT,
    fleet: vms,
    stopped: { names: [], atMs: nowMs },
    startedAtMs: nowMs - 86_400_000,
  });
}

/** How the next requests are answered instead; undefined = as the project says. */
export type Trouble = (request: SeenRequest, response: ServerResponse) => boolean;

function answerWith(
  response: ServerResponse,
  status: number,
  { body, headers = {} }: { readonly body: unknown; readonly headers?: Readonly<Record<string, string>> },
): true {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  return true;
}

const failure = (code: number, message: string, reason: string) => ({
  error: { code, message, errors: [{ message, domain: 'global', reason }] },
});

/** Troubles by name; each applies to every request while it is set. */
export const TROUBLES = {
  refused: (_, response) =>
    answerWith(response, 403, { body: failure(403, 'Required permission is missing', 'forbidden') }),
  absent: (_, response) =>
    answerWith(response, 404, { body: failure(404, 'The resource was not found', 'notFound') }),
  busy: (_, response) =>
    answerWith(response, 429, {
      body: failure(429, 'Quota exceeded', 'rateLimitExceeded'),
      headers: { 'retry-after': '0' },
    }),
  /** Compute says 403 when a rate quota is used up. */
  quota: (_, response) =>
    answerWith(response, 403, { body: failure(403, 'Rate Limit Exceeded', 'rateLimitExceeded') }),
  malformed: (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"items": [');
    return true;
  },
  unknownForm: (_, response) =>
    answerWith(response, 200, {
      body: { items: 'none', meshes: 'none', metadata: 7, bindings: 4, state: {} },
    }),
  silence: () => true,
} as const satisfies Record<string, Trouble>;

/** The trouble once for every distinct request, then the answer of the project. */
export function onceEach(trouble: Trouble): Trouble {
  const seen = new Set<string>();
  return (request, response) => {
    const key = `${request.method} ${request.url} ${request.body}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return trouble(request, response);
  };
}

export interface Bench {
  readonly google: LocalGoogle;
  readonly api: (limits?: Partial<RestLimits>) => GoogleApi;
  readonly stop: () => Promise<void>;
}

/** Starts the stand-in; `nowMs` is what its heartbeats go by. */
export async function startBench(world: GoogleWorld, nowMs: () => number = () => NOW_MS): Promise<Bench> {
  const google = await startGoogle(world, { port: 0, nowMs });
  return {
    google,
    api: (limits = {}) =>
      createGoogleRest({
        apiBase: google.apiBase,
        nowMs,
        limits: { timeoutMs: 10_000, ...limits },
        wait: async () => {
          await sleep(0);
        },
      }),
    stop: google.stop,
  };
}

export function proxyOf(vm: PlannedVm): NamedProxy {
  return {
    id: '0123456789abcdef',
    project: PROJECT.id,
    location: vm.zone,
    name: vm.id,
    displayName: vm.name,
    group: vm.group,
  };
}

export function aSubject(changes: Partial<Subject> = {}, vms: readonly PlannedVm[] = planVms(2)): Subject {
  return {
    pattern: 'config-not-found',
    scope: {},
    fields: { kind: 'network', name: 'prod-vpc', projectNumber: PROJECT.number },
    project: PROJECT.id,
    meshProject: PROJECT.number,
    proxies: vms.map(proxyOf),
    proxyCount: vms.length,
    method: 'StreamAggregatedResources',
    nowMs: NOW_MS,
    ...changes,
  };
}

/** Drives a check against a client. */
export async function runCheck(check: Check, subject: Subject, api: GoogleApi) {
  const asked: GoogleRequest[] = [];
  const answers: GoogleAnswer[] = [];
  const running = check.run(subject);
  let step = running.next();
  while (step.done !== true) {
    asked.push(step.value);
    const answer = await api.ask(step.value);
    answers.push(answer);
    step = running.next(answer);
  }
  const { expected, found, ...rest } = step.value;
  return { reading: { ...rest, expected: expected.en, found: found.en }, said: step.value, asked, answers };
}
