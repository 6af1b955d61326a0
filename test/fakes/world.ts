// What surrounds a function in tests: a clock that the test moves, nudges and log lines that it can look at.
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Log, Nudges } from '../../functions/ports.ts';

export interface FakeClock extends Clock {
  /** Lets everything run that can run now. */
  readonly settle: () => Promise<void>;
  /** Moves the time on, ending every wait on the way at its own moment. */
  readonly advance: (milliseconds: number) => Promise<void>;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved. */
export function createFakeClock(startMs: number): FakeClock {
  let nowMs = startMs;
  let sleepers: Sleeper[] = [];
  const settle = async (): Promise<void> => {
    // A turn of the event loop runs every continuation that is due; two let those that they begin run too.
    await turn();
    await turn();
  };
  return {
    nowMs: () => nowMs,
    wait: (milliseconds) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      sleepers.push({ atMs: nowMs + milliseconds, wake: resolve });
      return promise;
    },
    settle,
    advance: async (milliseconds) => {
      const untilMs = nowMs + milliseconds;
      await settle();
      for (;;) {
        const next = Math.min(...sleepers.map(({ atMs }) => atMs));
        if (next > untilMs) break;
        nowMs = next;
        const due = sleepers.filter(({ atMs }) => atMs <= next);
        sleepers = sleepers.filter(({ atMs }) => atMs > next);
        for (const { wake } of due) wake();
        await settle();
      }
      nowMs = untilMs;
    },
  };
}

export interface FakeNudges extends Nudges {
  readonly published: string[];
  /** What the next calls do instead of publishing. */
  readonly next: (() => Promise<void>)[];
}

export function createFakeNudges(): FakeNudges {
  const published: string[] = [];
  const next: (() => Promise<void>)[] = [];
  return {
    published,
    next,
    publish: async (incidents) => {
      await (next.shift()?.() ?? Promise.resolve());
      published.push(...incidents);
    },
  };
}

export interface FakeLog extends Log {
  readonly lines: string[];
}

export function createFakeLog(): FakeLog {
  const lines: string[] = [];
  return {
    lines,
    write: (level, message, facts) => {
      lines.push(`${level} ${message} ${JSON.stringify(facts ?? {})}`);
    },
  };
}
