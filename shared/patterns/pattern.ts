// The form of a failure pattern: how it is recognised, what it means, which findings are one incident, what to do.
// A pattern is a value, not a class: it decides nothing at run time that its samples do not show.
import type { Fields, Scope, Severity, Weight } from '#shared/model/finding.ts';
import type { AccessLog, GuestAttribute, LogRecord, RecordSource } from '#shared/model/record.ts';
import type { NamedProxy } from '#shared/model/sighting.ts';

/** Fields as a pattern sees them: any of its names may be missing. */
export type Found<Name extends string> = Readonly<Partial<Record<Name, string>>>;

interface SignBase<Name extends string> {
  /** Unique within the pattern; shown by `explain` and counted in tests, so that no sign goes untried. */
  readonly name: string;
  /** `sure` unless healthy proxies write the same line. */
  readonly weight?: Weight;
  /** Judges what a regular expression can't (versions, ages, codes) and names fields; undefined = no match after all. */
  readonly read?: (record: LogRecord, found: Found<Name>) => Found<Name> | undefined;
}

/** What finds a sign in a text: a regular expression of ours, or one of a user's run by re2js. */
export interface Matcher {
  readonly source: string;
  readonly exec: (
    text: string,
  ) => { readonly 0: string; readonly groups?: Readonly<Record<string, string>> | undefined } | null;
}

/** Recognised by the text of the line. */
export interface TextSign<Name extends string> extends SignBase<Name> {
  readonly kind: 'text';
  /** Plain substrings of `record.text`, case and all: one of them must occur before the expression is tried. */
  readonly contains: readonly [string, ...string[]];
  /** Tried on `record.text` (white space already single blanks). Named groups become fields. */
  readonly regexp: Matcher;
  /** Restricts the sign to lines of these writers; all but access logs if absent. */
  readonly sources?: readonly RecordSource[];
}

/** Recognised by a guest attribute that the entry carries. */
export interface AttributeSign<Name extends string> extends SignBase<Name> {
  readonly kind: 'attribute';
  readonly attribute: GuestAttribute;
  readonly read: (record: LogRecord, found: Found<Name>) => Found<Name> | undefined;
}

/** Recognised by what Envoy decided in an access log line; never by what a client wrote. */
export interface AccessSign<Name extends string> extends SignBase<Name> {
  readonly kind: 'access';
  readonly matches: (access: AccessLog) => boolean;
}

export type Sign<Name extends string = string> = TextSign<Name> | AttributeSign<Name> | AccessSign<Name>;

/** What cause, headline and remedy may speak of. */
export interface About<Name extends string = string> {
  readonly fields: Found<Name>;
  readonly scope: Scope;
  /** The first affected proxies by name; may be empty. */
  readonly proxies: readonly NamedProxy[];
}

/** One step of a remedy: what to do, and the command for it, ready to paste. */
export interface Step<StepId extends string = string> {
  /** Unique within the pattern: by it other languages say the same step in their own words. */
  readonly id: StepId;
  readonly say: string;
  /** Made with `sh` (shell.ts), which quotes what it inserts. */
  readonly run?: string;
}

export interface PatternOf<Name extends string, Id extends string = string, StepId extends string = string> {
  /** Stable for ever; kebab-case; the file's name. Severity is no part of it. */
  readonly id: Id;
  /** What is wrong, in a few words, without names: `The control plane has no configuration for the proxies`. */
  readonly title: string;
  readonly severity: Severity;
  /** Names of everything that signs extract. */
  readonly fields: readonly Name[];
  readonly signs: readonly [Sign<Name>, ...Sign<Name>[]];
  /** The identifiers that make two findings one incident: the cause's, not the machine's. */
  readonly scope: (found: Found<Name>, record: LogRecord) => Scope;
  /** What broke and where, in one line: the title of the incident. */
  readonly headline: (about: About<Name>) => string;
  /** The cause, in one sentence. */
  readonly cause: (about: About<Name>) => string;
  /** Ids of the checks that `diagnose` runs for it, most telling first; empty where nothing can be read from outside. */
  readonly checks: readonly string[];
  readonly remedy: (about: About<Name>) => readonly [Step<StepId>, ...Step<StepId>[]];
  /** Ids of patterns whose incidents in the same project are this one's consequence while it is open. */
  readonly explains: readonly string[];
  /** Ids of patterns that win where both recognise the same line. */
  readonly yieldsTo: readonly string[];
  readonly gone: {
    /** Resolved by quiet after this long without a new line, in milliseconds. */
    readonly quietAfterMs: number;
    /** What proves that it is gone, in words. */
    readonly proof: string;
  };
  /** Guide, documentation or source that the wording and the remedy come from. */
  readonly references: readonly [string, ...string[]];
}

export type Pattern = PatternOf<string>;

/**
 * Types a pattern by the names of its fields, and keeps its id and the ids of its steps in its type: a language without
 * words for one of them does not compile. Two calls, because the names are given and the ids are read off.
 */
export function definePattern<const Name extends string>() {
  return <const Id extends string, const StepId extends string>(
    pattern: PatternOf<Name, Id, StepId>,
  ): PatternOf<Name, Id, StepId> => pattern;
}

/** Drops missing and empty values, so that stored fields are never empty strings. */
export function compact(found: Readonly<Record<string, string | undefined>>): Fields {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(found))
    if (value !== undefined && value !== '') fields[name] = value.slice(0, FIELD_CHARS_MAX);
  return fields;
}

/** Where a VM's group is: the region that `watch` knows of a regional one, otherwise where the VM is. */
export function groupLocation({ attributes, proxy }: LogRecord): string {
  const place = attributes['group-place'] ?? '';
  return place.startsWith('regions/') ? place.slice('regions/'.length) : proxy.location;
}

/** A field longer than this is cut: it names something, it is not the proof. */
export const FIELD_CHARS_MAX = 300;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
