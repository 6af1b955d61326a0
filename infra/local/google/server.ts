// A stand-in for the Google REST APIs that mesh-triage reads: Compute, Service Usage, Resource Manager, Network Services,
// Monitoring.
// In: a made-up project (world.ts). Out: a server on 127.0.0.1 that answers as the discovery documents say. It knows only
// questions, and refuses parameters that a method does not have, as Google does.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { failure, METHODS, notFound, type Answered } from './methods.ts';
import type { GoogleWorld } from './world.ts';

export interface SeenRequest {
  readonly method: string;
  /** Host of the service, then path and query as they were sent. */
  readonly url: string;
  readonly body: string;
}

export interface LocalGoogle {
  /** Base address for GOOGLE_API_BASE. */
  readonly apiBase: string;
  readonly world: GoogleWorld;
  /** Requests so far. */
  readonly count: () => number;
  /** Called for every request before it is answered; may answer it itself. */
  before: ((request: SeenRequest, response: ServerResponse) => boolean) | undefined;
  readonly stop: () => Promise<void>;
}

function answer(world: GoogleWorld, nowMs: number, seen: SeenRequest): Answered {
  const url = new URL(seen.url, 'http://127.0.0.1');
  for (const { method, pattern, parameters, answer: reply } of METHODS) {
    const match = pattern.exec(url.pathname);
    if (match === null || method !== seen.method) continue;
    const parts = match.slice(1).map(decodeURIComponent);
    const unknown = [...url.searchParams.keys()].find((name) => !parameters.includes(name));
    if (unknown !== undefined) return failure(400, `Unknown parameter «${unknown}»`, 'badRequest');
    if (parts[0] !== world.project.id && parts[0] !== world.project.number)
      return failure(403, `The caller does not have permission on project ${parts[0]}`, 'forbidden');
    return reply({ world, nowMs, query: url.searchParams, parts, body: seen.body });
  }
  return notFound(`No such method here: ${seen.method} ${url.pathname}`);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** Starts the stand-in; `port` 0 takes a free one. */
export async function startGoogle(
  world: GoogleWorld,
  options: { readonly port: number; readonly nowMs: () => number },
): Promise<LocalGoogle> {
  let count = 0;
  const server = createServer((request, response) => {
    void (async () => {
      count += 1;
      const seen = { method: request.method ?? '', url: request.url ?? '', body: await bodyOf(request) };
      if (google.before?.(seen, response) === true) return;
      const { status, json } = answer(world, options.nowMs(), seen);
      response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
      response.end(JSON.stringify(json));
    })().catch(() => response.destroy());
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const google: LocalGoogle = {
    apiBase: `http://127.0.0.1:${port}/`,
    world,
    count: () => count,
    before: undefined,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return google;
}
