// How Firestore is called: every call has a deadline, every operation a bounded number of quick tries and an end.
// In: operations that may fail. Out: their result, StoreRefusal for what will never be taken, or the last error.
import { setTimeout as sleep } from 'node:timers/promises';
import { Firestore, type Settings } from '@google-cloud/firestore';
import { StoreRefusal } from '../ports.ts';

/** A call without an answer is given up after this long; the SDK itself would wait for a minute and more. */
const CALL_MS_MAX = 5_000;

/** How long one operation may take, tries and pauses included, and how often it is tried. */
export interface TryLimits {
  readonly triesMax: number;
  readonly msMax: number;
}

/** A batch of entries: a push waits for it, so that it fails soon rather than late. */
export const SAVE_LIMITS: TryLimits = { triesMax: 3, msMax: 8_000 };

/** A transaction: two reconcilers on one incident take turns, a stumbling Firestore is given some time. */
export const TRANSACTION_LIMITS: TryLimits = { triesMax: 6, msMax: 15_000 };

/** A query or a single read; the SDK repeats some of these by itself. */
export const READ_LIMITS: TryLimits = { triesMax: 3, msMax: 10_000 };

/** A board: everything that is told in a channel may wait for it, and can do without it. */
export const BOARD_LIMITS: TryLimits = { triesMax: 6, msMax: 8_000 };

/** The list of silences: every look at an incident waits for it, and goes on without it. */
export const SILENCES_LIMITS: TryLimits = { triesMax: 2, msMax: 4_000 };

/** One try of a transaction: the SDK's own pauses begin at a second, which nobody here can wait for. */
export const ONCE = { maxAttempts: 1 } as const;

/** The first pause between tries is up to this long; each further one up to twice as long. */
const PAUSE_MS = 50;
const PAUSE_MS_MAX = 1_000;

const INVALID_ARGUMENT = 3;

/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED. */
const PASSING_CODES: ReadonlySet<unknown> = new Set([1, 2, 4, 8, 10, 13, 14, 16]);

/** Hands out the process's one client: it connects at the first use, and every adapter shares its channels. */
export type Connect = () => Firestore;

/** The gRPC status code of an error; undefined if it has none. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** A transaction that the server has given up answers INVALID_ARGUMENT, although a new one may well succeed. */
function hasExpired(error: unknown): boolean {
  return error instanceof Error && /transaction has expired/.test(error.message);
}

/** Settings of the client: no retries beneath ours, and a deadline on every call that we make. */
function callSettings(): Settings {
  const call = { timeout_millis: CALL_MS_MAX, retry_codes_name: 'never' };
  return {
    clientConfig: {
      interfaces: {
        'google.firestore.v1.Firestore': {
          retry_codes: { never: [] },
          methods: {
            BatchGetDocuments: call,
            BeginTransaction: call,
            Commit: call,
            Rollback: call,
            RunAggregationQuery: call,
            RunQuery: call,
          },
        },
      },
    },
  };
}

/** Rejects after that long; what was begun goes on unheard. */
async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`Firestore gave no answer within ${milliseconds} ms`)),
    milliseconds,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Tries again, soon, what failed for a passing reason. `attempt` must be safe to repeat after a try that took effect
 * without saying so.
 */
export async function tryAgain<Result>(limits: TryLimits, attempt: () => Promise<Result>): Promise<Result> {
  const endMs = performance.now() + limits.msMax;
  for (let tries = 1; ; tries += 1) {
    try {
      return await within(Math.max(endMs - performance.now(), 1), attempt());
    } catch (error) {
      const passing = PASSING_CODES.has(codeOf(error)) || hasExpired(error);
      if (!passing && codeOf(error) === INVALID_ARGUMENT)
        throw new StoreRefusal(error instanceof Error ? error.message : String(error), { cause: error });
      const pauseMs = Math.random() * Math.min(PAUSE_MS * 2 ** (tries - 1), PAUSE_MS_MAX);
      if (!passing || tries >= limits.triesMax || performance.now() + pauseMs >= endMs) throw error;
      await sleep(pauseMs);
    }
  }
}

/** A client with these settings that connects at the first use. FIRESTORE_EMULATOR_HOST is honoured by the SDK itself. */
export function connectLazily(settings: { readonly project: string; readonly database: string }): Connect {
  let client: Firestore | undefined;
  return () =>
    (client ??= new Firestore({
      ...callSettings(),
      projectId: settings.project,
      databaseId: settings.database,
    }));
}
