// What was told and what was checked, as parts of `incidents/{id}`, and back; see docs/schema.md.
// Times are Firestore timestamps there and Unix milliseconds here; «never» is null there and 0 here.
import { z } from 'zod';
import type { CheckVerdict, SlackClaim, Spoken } from '#shared/model/incident.ts';
import { incidentState, time, timeOrNever, toTime, toTimeOrNever } from './firestore-values.ts';

export const slackSchema = z
  .object({
    channel: z.string(),
    ts: z.string(),
    episode: z.number(),
    thread: z.string().default(''),
    inDigest: z.boolean().default(false),
    said: z.array(z.string()).default([]),
    previous: z.object({ channel: z.string(), ts: z.string() }).nullable().default(null),
    claim: z
      .object({
        id: z.string(),
        at: time,
        episode: z.number(),
        note: z.string().default(''),
        channel: z.string().default(''),
        thread: z.string().default(''),
      })
      .transform(({ at, ...rest }) => ({ ...rest, atMs: at }))
      .nullable(),
    shownKey: z.string(),
    shownAt: timeOrNever,
    shownState: z.union([incidentState, z.literal('')]),
    notBefore: timeOrNever,
    refusal: z.string(),
    posts: z.number(),
    updates: z.number(),
    replies: z.number(),
  })
  .transform(({ shownAt, notBefore, ...rest }) => ({ ...rest, shownAtMs: shownAt, notBeforeMs: notBefore }));

export const checkSchema = z
  .object({
    id: z.string(),
    verdict: z.enum(['ok', 'fault', 'unreadable']),
    expected: z.string(),
    found: z.string(),
    zhCn: z.object({ expected: z.string(), found: z.string() }).exactOptional(),
    how: z.string(),
    at: time,
  })
  .transform(({ at, ...rest }): CheckVerdict => ({ ...rest, atMs: at }));

export const checkDocument = ({ atMs, ...rest }: CheckVerdict): object => ({ ...rest, at: toTime(atMs) });
const claimDocument = ({ atMs, ...rest }: SlackClaim): object => ({ ...rest, at: toTime(atMs) });

/** The map `slack` of an incident. */
export function slackDocument(spoken: Spoken): object {
  const { claim, shownAtMs, notBeforeMs, ...said } = spoken;
  return {
    ...said,
    claim: claim === null ? null : claimDocument(claim),
    shownAt: toTimeOrNever(shownAtMs),
    notBefore: toTimeOrNever(notBeforeMs),
  };
}
