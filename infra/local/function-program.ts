// One function as its own functions-framework process, and the ticking that Cloud Scheduler does in production.
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listens, type Program } from './processes.ts';
import type { OnLine, Stop } from './services.ts';

/** In production Cloud Scheduler ticks each minute; here time is short. */
export const TICK_MS = 1_000;

const REPOSITORY = resolve(import.meta.dirname, '../..');

/**
 * The program of one deployed function; `name` is its FUNCTION_TARGET. It is started as the buildpack does: in the folder
 * of the sources, by the framework that is installed there.
 */
export function functionProgram(
  name: string,
  port: number,
  more: {
    readonly env: Readonly<Record<string, string>>;
    readonly onLine: OnLine;
    /** Folder of the sources with their node_modules; this repository by default. */
    readonly source?: string;
  },
): Program {
  const source = more.source ?? REPOSITORY;
  return {
    name,
    args: [
      '--import',
      join(REPOSITORY, 'infra/local/loopback.ts'),
      join(source, 'node_modules/.bin/functions-framework'),
    ],
    cwd: source,
    env: { NODE_ENV: 'production', FUNCTION_TARGET: name, PORT: String(port), ...more.env },
    ready: () => listens(port),
    onLine: more.onLine,
  };
}

/** Calls `watch` again and again, as Cloud Scheduler does; a failed tick is the next one's business. */
export function startTicking(port: number): Stop {
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
