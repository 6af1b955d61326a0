// What is kept of the diagnosing of one incident beside its verdicts: which faults were seen, when it runs again, and the
// lines around the first sighting. Written by `diagnose` alone.

/** One line around the first sighting, redacted at intake. */
export interface ContextLine {
  readonly atMs: number;
  readonly level: string;
  readonly logName: string;
  readonly message: string;
}

export interface Diagnosis {
  /** Id of the incident. */
  readonly incident: string;
  /** Episode that the faults belong to. */
  readonly episode: number;
  readonly ranAtMs: number;
  /** Runs in this episode. */
  readonly runs: number;
  /** Faults that prove the end once they pass: check id → what was found. */
  readonly faults: Readonly<Record<string, string>>;
  /** When the checks run again; 0 = not again. */
  readonly dueAtMs: number;
  readonly context: readonly ContextLine[];
  /** When the context was read; 0 = not yet: the log refused or did not answer. */
  readonly contextAtMs: number;
  /** The last «Envoy Version» that the proxy announced around then; `` if none. */
  readonly envoyVersion: string;
}

export const CONTEXT_LINES_MAX = 20;
export const CONTEXT_CHARS_MAX = 500;

/** Lines of it that stand on the incident itself, for its message. */
export const CONTEXT_SHOWN_MAX = 3;
