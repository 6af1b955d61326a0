// A sighting: what one commit of one instance saw of one incident (or of one project's ledger).
// Immutable once written; the fold that takes it in deletes it.
import type { Fields, Scope, Severity } from './finding.ts';

/** Ids of entries of one minute that carry the same label. */
export interface IdSlice {
  /** Minutes since 1970, of the entries' own time. */
  readonly minute: number;
  /** In an incident `sure` or `weak`; in a ledger the reason the entries were held back. */
  readonly label: string;
  /** Entry ids, 8 bytes each, little-endian (low half first), in no particular order, maybe repeated. */
  readonly ids: Uint8Array;
}

/** One line as proof. Redacted at intake. */
export interface Sample {
  readonly timeMs: number;
  /** Hash of the entry, 16 hex digits: orders samples of the same millisecond. */
  readonly entry: string;
  readonly proxy: string;
  readonly logName: string;
  readonly message: string;
}

export interface NamedProxy {
  /** Hash of project, location and name, 16 hex digits. */
  readonly id: string;
  readonly project: string;
  readonly location: string;
  readonly name: string;
  readonly displayName: string;
  readonly group: string;
}

/** `incident`: a fault or an unrecognised error. `ledger`: what was held back in one project, by reason. */
export type SightingKind = 'incident' | 'ledger';

export interface Sighting {
  readonly kind: SightingKind;
  /** Incident id or ledger id: what the sighting is folded into. */
  readonly target: string;
  /** Pattern id, `unrecognised`, or `` for a ledger. */
  readonly pattern: string;
  readonly scope: Scope;
  readonly severity: Severity;
  /** Fields of its earliest finding; for `unrecognised` the shape. */
  readonly fields: Fields;
  /** Project ids the entries came from. */
  readonly projects: readonly string[];
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly slices: readonly IdSlice[];
  /** Proxy ids, 8 bytes each, in no particular order. */
  readonly proxyIds: Uint8Array;
  /** Up to NAMED_PROXIES_MAX of them by name. */
  readonly proxies: readonly NamedProxy[];
  /** The earliest and the latest lines, SAMPLES_MAX at most. */
  readonly samples: readonly Sample[];
  /** Its entries come from a backfill: they count like all others, but nobody is to be told because of them. */
  readonly quiet?: true;
}

/** One message that could not be read: what, why and where it came from. */
export interface ParkedMessage {
  readonly reason: string;
  readonly detail: string;
  /** Pub/Sub message id, subscription and publish time, as far as the push told. */
  readonly messageId: string;
  readonly subscription: string;
  readonly publishTime: string;
  /** The first PARKED_DATA_CHARS_MAX characters of what arrived, as it arrived (base64 if it was), redacted. */
  readonly data: string;
  /** Length of what arrived, in characters. */
  readonly dataChars: number;
}

export const SAMPLES_MAX = 3;
export const NAMED_PROXIES_MAX = 25;
export const PARKED_DATA_CHARS_MAX = 8_192;

/** Keeps the earliest line and the latest ones: a bound that gives the same samples in any order. */
export function keepSamples(samples: readonly Sample[]): readonly Sample[] {
  const unique = [...new Map(samples.map((sample) => [sample.entry, sample])).values()].sort(
    (a, b) => a.timeMs - b.timeMs || compareText(a.entry, b.entry),
  );
  if (unique.length <= SAMPLES_MAX) return unique;
  return [...unique.slice(0, 1), ...unique.slice(unique.length - SAMPLES_MAX + 1)];
}

/** Keeps the first NAMED_PROXIES_MAX by name: the same ones in any order. */
export function keepProxies(proxies: readonly NamedProxy[]): readonly NamedProxy[] {
  const unique = new Map<string, NamedProxy>();
  for (const proxy of proxies) {
    const known = unique.get(proxy.id);
    // Two entries may name one proxy differently (an instance id, a host name): the smaller text wins in any order.
    if (known === undefined || compareText(proxy.displayName, known.displayName) < 0)
      unique.set(proxy.id, proxy);
  }
  return [...unique.values()]
    .sort((a, b) => compareText(a.displayName, b.displayName) || compareText(a.id, b.id))
    .slice(0, NAMED_PROXIES_MAX);
}

/** Orders texts by code unit: the same on every machine, unlike a locale's order. */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
