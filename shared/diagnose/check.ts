// The form of a check: which questions it puts to Google's APIs, and how it reads the answers into a verdict.
// A check is a generator: it yields requests, is handed answers and returns a reading; it never sends anything itself.
import type { Fields, Scope } from '#shared/model/finding.ts';
import type { GoogleAnswer, GoogleRequest } from '#shared/model/google-api.ts';
import type { NamedProxy } from '#shared/model/sighting.ts';
import { isObject, type JsonObject } from './json.ts';
import { asIs, inRow, say, type Said } from './say.ts';

/** What is being diagnosed: the parts of an incident that checks may look at. */
export interface Subject {
  readonly pattern: string;
  readonly scope: Scope;
  readonly fields: Fields;
  /** Project of the proxies; `` if unknown. */
  readonly project: string;
  /** Project, id or number, whose mesh the proxies ask for. */
  readonly meshProject: string;
  /** Affected proxies by name, the first of them; see `proxyCount` for all. */
  readonly proxies: readonly NamedProxy[];
  readonly proxyCount: number;
  /** gRPC method in the sample lines, which tells what permission was missing; `` if none names one. */
  readonly method: string;
  readonly nowMs: number;
}

/** What one check came to, before it is stored with its time and its requests in words. */
export interface Reading {
  readonly kind: 'ok' | 'fault' | 'unreadable';
  readonly expected: Said;
  readonly found: Said;
  /** What to do by hand where no API can be asked. */
  readonly how?: string;
}

export type Asking<Result> = Generator<GoogleRequest, Result, GoogleAnswer>;

export interface Check {
  /** Stable for ever; what patterns name. */
  readonly id: string;
  /** What it looks at, in a few words, for the documentation. */
  readonly asks: string;
  /** IAM permissions that its requests need. */
  readonly permissions: readonly string[];
  /** False where the incident gives it nothing to ask for: then it is left out, not reported. */
  readonly applies: (subject: Subject) => boolean;
  readonly run: (subject: Subject) => Asking<Reading>;
}

/** A value that was read, or why it could not be; `absent` is Google's 404. */
export type Got<Value> =
  | { readonly kind: 'read'; readonly value: Value; readonly partial: readonly string[] }
  | { readonly kind: 'absent'; readonly why: Said }
  | { readonly kind: 'unread'; readonly why: Said };

/** Asks one question. `read` turns the body into a value, undefined where it has another form than documented. */
export function* ask<Value>(
  request: GoogleRequest,
  permission: string,
  read: (body: JsonObject) => Value | undefined,
): Asking<Got<Value>> {
  const answer = yield request;
  switch (answer.kind) {
    case 'body': {
      const value = isObject(answer.body) ? read(answer.body) : undefined;
      if (value === undefined) return { kind: 'unread', why: say('form-unknown', {}) };
      return { kind: 'read', value, partial: answer.partial };
    }
    case 'refused':
      return { kind: 'unread', why: say('needs', { permission }) };
    case 'absent':
      return {
        kind: 'absent',
        why: say('absent', { resource: request.path.split('/').slice(-2).join(' ') }),
      };
    case 'busy':
      return { kind: 'unread', why: say('quota', { why: answer.why }) };
    case 'timeout':
      return { kind: 'unread', why: say('timeout', { why: answer.why }) };
    case 'malformed':
      return { kind: 'unread', why: say('no-json', { why: answer.why }) };
    case 'failed':
      return { kind: 'unread', why: asIs(answer.why) };
  }
}

export const ok = (expected: Said, found: Said): Reading => ({ kind: 'ok', expected, found });
export const fault = (expected: Said, found: Said): Reading => ({ kind: 'fault', expected, found });

/** What could not be read, never a fault: nothing was seen. */
export const unreadable = (expected: Said, why: Said): Reading => ({
  kind: 'unreadable',
  expected,
  found: why,
});

/** «a», «a and b», «a, b and 3 more»: names in a sentence, a few of them. */
export function listNames(names: readonly (string | Said)[], shownMax = 4): Said {
  const byName = new Map(names.map((name) => [typeof name === 'string' ? name : name.en, name]));
  const unique = [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name);
  const last = unique.at(-1);
  if (unique.length <= 1 || last === undefined) return inRow(unique);
  return unique.length <= shownMax
    ? say('names-and', { names: inRow(unique.slice(0, -1)), last })
    : say('names-more', { names: inRow(unique.slice(0, shownMax)), more: unique.length - shownMax });
}
