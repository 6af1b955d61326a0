// The processes of the one-machine run: started with their environment, restarted when they die, ended by their id.
// In: what to start. Out: a handle that knows when it answers. Knows nothing of what the processes do.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that dies again within this time waits longer before its next start. */
const RESTART_AFTER_MS = 100;

/** A process that has not come up by then never will. */
const READY_WITHIN_MS = 30_000;

export interface Program {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Folder that it starts in; this process's own by default. */
  readonly cwd?: string;
  /** Resolves when the program does its work; called once per start. */
  readonly ready: (child: ChildProcess) => Promise<void>;
  readonly onLine: (line: string) => void;
}

export interface Running {
  readonly name: string;
  /** Process id now; changes when it is restarted. */
  readonly pid: () => number;
  readonly restarts: () => number;
  readonly stop: () => Promise<void>;
}

function forwardLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
  }
}

function start(program: Program): ChildProcess {
  const child = spawn(process.execPath, program.args, {
    env: { PATH: process.env['PATH'] ?? '', ...program.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(program.cwd === undefined ? {} : { cwd: program.cwd }),
  });
  forwardLines(child, program.onLine);
  return child;
}

/** Lines of a starting program that are kept to tell why it did not come up. */
const WORDS_KEPT = 200;

/** A program that did not come up, with what it said about it. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}

/** The line of an error's report that says what was wrong. */
function lastWords(lines: readonly string[]): string {
  return (
    lines.findLast((line) => /^\S*(?:Error|error)\b.*?: |FUNCTION_TARGET|can't/.test(line)) ??
    lines.at(-1) ??
    ''
  );
}

async function whenReady(program: Program, child: ChildProcess, said: readonly string[]): Promise<void> {
  const died = once(child, 'close').then(([code, signal]) => {
    const how = `${program.name} ended before it was ready (${String(signal ?? code)})`;
    throw new NotReady(`${how}: ${lastWords(said)}`);
  });
  const late = sleep(READY_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new NotReady(`${program.name} was not ready within ${READY_WITHIN_MS / 1000} s`);
  });
  died.catch(() => undefined);
  late.catch(() => undefined);
  await Promise.race([program.ready(child), died, late]);
}

/** Starts a program and keeps it running until it is stopped. Throws if it does not come up the first time. */
export async function keepRunning(program: Program): Promise<Running> {
  const said: string[] = [];
  const onLine = (line: string): void => {
    if (said.length < WORDS_KEPT) said.push(line);
    program.onLine(line);
  };
  let child = start({ ...program, onLine });
  let stopping = false;
  let restarts = 0;
  const watch = (watched: ChildProcess): void => {
    watched.once('exit', () => {
      if (stopping) return;
      restarts += 1;
      void sleep(RESTART_AFTER_MS).then(() => {
        if (stopping) return;
        child = start(program);
        watch(child);
      });
    });
  };
  await whenReady(program, child, said);
  watch(child);
  return {
    name: program.name,
    pid: () => child.pid ?? 0,
    restarts: () => restarts,
    stop: async () => {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await exited;
      clearTimeout(killer);
    },
  };
}

export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

/** The port itself if it is free, a free one for 0. Throws PortTaken, which names who wanted it. */
export async function freePort(wanted: number, forWhat: string): Promise<number> {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(wanted, '127.0.0.1');
  try {
    await listening;
  } catch (error) {
    throw new PortTaken(
      `port ${wanted} for ${forWhat} is taken: end what listens there, or choose another --port-base`,
      { cause: error },
    );
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : wanted;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves once something listens on the port. */
export async function listens(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}

/** The first line of JSON that a program prints. */
export function firstJson(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    let text = '';
    const read = (chunk: string): void => {
      text += chunk;
      const line = text
        .split('\n')
        .slice(0, -1)
        .find((one) => one.startsWith('{'));
      if (line === undefined) return;
      child.stdout?.off('data', read);
      resolve(JSON.parse(line));
    };
    child.stdout?.on('data', read);
  });
}
