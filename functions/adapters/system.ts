// The clock and the log of a running function.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Log } from '../ports.ts';

export const clock: Clock = {
  nowMs: () => Date.now(),
  wait: async (milliseconds) => {
    await sleep(milliseconds);
  },
};

/** Structured lines on stdout, as Cloud Run reads them. Facts are names and numbers, never the text of an entry. */
export function createLog(functionName: string): Log {
  return {
    write: (level, message, facts) => {
      const line = { severity: level, message: `mesh-triage ${functionName}: ${message}`, ...facts };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    },
  };
}
