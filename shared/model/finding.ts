// A finding: what classification made of one record. Every record gets exactly one verdict.

export type Severity = 'info' | 'warning' | 'error' | 'critical';

/** Which identifiers make two findings the same incident: a cause, not a machine. Names are stable for ever. */
export type Scope = Readonly<Record<string, string>>;

/** Named values that a pattern read out of the record; empty strings are never stored. */
export type Fields = Readonly<Record<string, string>>;

/**
 * `sure`: the line alone proves the fault. `weak`: the same line is written by healthy proxies too; the incident
 * speaks only once weak lines repeat or last.
 */
export type Weight = 'sure' | 'weak';

export interface Finding {
  readonly kind: 'finding';
  /** Id of the pattern. */
  readonly pattern: string;
  /** Name of the sign that decided, unique within its pattern. */
  readonly sign: string;
  readonly fields: Fields;
  readonly scope: Scope;
  readonly severity: Severity;
  readonly weight: Weight;
  readonly incidentId: string;
}

/** An error that no pattern knows, grouped by its shape: the line with its variables blanked. */
export interface Unrecognised {
  readonly kind: 'unrecognised';
  readonly shape: string;
  readonly scope: Scope;
  readonly severity: Severity;
  readonly incidentId: string;
}

/** Known noise, counted by its named reason. */
export interface Routine {
  readonly kind: 'routine';
  readonly reason: string;
}

/** Neither noise that anybody asks about nor a fault: information, or the rest of a broken-up line. */
export interface Ignored {
  readonly kind: 'ignored';
  readonly reason: string;
}

export type Verdict = Finding | Unrecognised | Routine | Ignored;
