// Faults by chance, the same for the same seed: what an unlucky hour of Firestore looks like to its clients.
// In: shares of errors and hangs. Out: a fault hook whose shares can be changed while the server runs.
import { status } from '@grpc/grpc-js';
import type { Fault, FaultHook } from './rpc.ts';
import { seeded } from '../seeded.ts';

/** Shares of all calls, from 0 to 1. */
interface FaultShares {
  readonly errors: number;
  readonly hangs: number;
}

export interface FaultPlan {
  readonly hook: FaultHook;
  /** Throws a sentence when it is no pair of shares. */
  readonly set: (shares: unknown) => void;
}

const CODES = [
  status.ABORTED,
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
] as const;

function shareOf(shares: object, name: keyof FaultShares): number {
  const share: unknown = Reflect.get(shares, name);
  if (typeof share === 'number' && share >= 0 && share <= 1) return share;
  throw new Error(`${name} must be a share from 0 to 1`);
}

/** A plan without faults until it is set. */
export function createFaultPlan(seed: number): FaultPlan {
  const random = seeded(seed);
  let shares: FaultShares = { errors: 0, hangs: 0 };
  return {
    hook: (): Fault => {
      const dice = random();
      const after = random() < 0.5;
      const code = CODES[Math.floor(random() * CODES.length)] ?? status.UNAVAILABLE;
      if (dice < shares.hangs) return { kind: after ? 'hang-after' : 'hang' };
      if (dice < shares.hangs + shares.errors) return { kind: after ? 'after' : 'before', code };
      return { kind: 'none' };
    },
    set: (wanted) => {
      if (typeof wanted !== 'object' || wanted === null) throw new Error('the shares must be an object');
      shares = { errors: shareOf(wanted, 'errors'), hangs: shareOf(wanted, 'hangs') };
    },
  };
}
