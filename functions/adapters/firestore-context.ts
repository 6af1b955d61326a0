// What a proxy wrote around the first line of an incident, as parts of `incidents/{id}` and `diagnoses/{incident}`.
import { z } from 'zod';
import type { ContextLine } from '#shared/model/diagnosis.ts';
import type { ProxyContext } from '#shared/model/incident.ts';
import { time, toTime } from './firestore-values.ts';

/** A line of a proxy's log that was read for its context. */
export const contextLineSchema = z
  .object({ at: time, level: z.string(), logName: z.string(), message: z.string() })
  .transform(({ at, ...rest }): ContextLine => ({ ...rest, atMs: at }));

/** The same as a part of a document. */
export const contextLineDocument = ({ atMs, ...line }: ContextLine): object => ({
  ...line,
  at: toTime(atMs),
});

/** What a proxy wrote around an incident's first line. */
export const contextSchema = z.object({
  episode: z.number(),
  proxy: z.string(),
  lines: z.array(contextLineSchema),
  envoyVersion: z.string(),
});

/** The same as a part of a document. */
export function contextDocument({ lines, ...rest }: ProxyContext): object {
  return { ...rest, lines: lines.map(contextLineDocument) };
}
