// Is this request Slack's, fresh and new? In: its signature parts. Out: why it is refused, or nothing. Remembers signatures.
import type { Clock, SignatureCheck, SignedRequest } from './ports.ts';

/** A signature older (or newer) than this is refused: it may be a replay. */
export const SIGNATURE_AGE_MAX_MS = 5 * 60_000;

/** Signatures that one instance remembers, so that none counts twice. */
const SIGNATURES_REMEMBERED_MAX = 10_000;

export type Gate = (request: SignedRequest) => 'not signed' | 'stale' | 'forged' | 'replayed' | undefined;

/** Why a request is not believed; undefined if it is Slack's and new. */
export function createGate(needs: { readonly isSigned: SignatureCheck; readonly clock: Clock }): Gate {
  const seen = new Map<string, number>();
  return (request) => {
    const nowMs = needs.clock.nowMs();
    if (!/^\d{1,12}$/.test(request.timestamp) || request.signature === '') return 'not signed';
    if (Math.abs(nowMs - Number(request.timestamp) * 1000) > SIGNATURE_AGE_MAX_MS) return 'stale';
    if (!needs.isSigned(request)) return 'forged';
    for (const [signature, atMs] of seen) {
      if (nowMs - atMs <= 2 * SIGNATURE_AGE_MAX_MS && seen.size < SIGNATURES_REMEMBERED_MAX) break;
      seen.delete(signature);
    }
    if (seen.has(request.signature)) return 'replayed';
    seen.set(request.signature, nowMs);
    return undefined;
  };
}
