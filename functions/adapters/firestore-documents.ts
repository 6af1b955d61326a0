// The documents in Firestore and back: what docs/schema.md describes, checked by zod when it is read.
// Times are Firestore timestamps there and Unix milliseconds here; «never» is null there and 0 here.
import { z } from 'zod';
import type { Evidence, Incident, Ledger } from '#shared/model/incident.ts';
import { tokensOf } from '#shared/model/tokens.ts';
import type { Sighting } from '#shared/model/sighting.ts';
import type { StoredHour } from '../ports.ts';
import { contextDocument, contextSchema } from './firestore-context.ts';
import { checkDocument, checkSchema, slackDocument, slackSchema } from './firestore-spoken.ts';
import {
  incidentState,
  numbered,
  severity,
  time,
  timeOrNever,
  toTime,
  toTimeOrNever,
} from './firestore-values.ts';

/** The SDK hands out Buffers that share a pool; a copy is nobody else's. */
const bytes = z.instanceof(Uint8Array).transform((value) => new Uint8Array(value));
const texts = z.record(z.string(), z.string());
const counts = z.record(z.string(), z.number());

/** A proxy as incidents and sightings name it. */
export const namedProxy = z.object({
  id: z.string(),
  project: z.string(),
  location: z.string(),
  name: z.string(),
  displayName: z.string(),
  group: z.string(),
});

const sample = z
  .object({ at: time, entry: z.string(), proxy: z.string(), logName: z.string(), message: z.string() })
  .transform(({ at, ...rest }) => ({ timeMs: at, ...rest }));

const sampleDocument = ({ timeMs, ...rest }: Sighting['samples'][number]): object => ({
  at: toTime(timeMs),
  ...rest,
});

const sightingSchema = z
  .object({
    kind: z.enum(['incident', 'ledger']),
    target: z.string(),
    pattern: z.string(),
    scope: texts,
    severity,
    fields: texts,
    projects: z.array(z.string()),
    firstSeenAt: time,
    lastSeenAt: time,
    slices: z.array(z.object({ minute: z.number(), label: z.string(), ids: bytes })),
    proxyIds: bytes,
    proxies: z.array(namedProxy),
    samples: z.array(sample),
    quiet: z.literal(true).exactOptional(),
  })
  .transform(({ firstSeenAt, lastSeenAt, ...rest }): Sighting => ({
    ...rest,
    firstSeenMs: firstSeenAt,
    lastSeenMs: lastSeenAt,
  }));

/** Document of `sightings/{random}`. */
export function sightingDocument(sighting: Sighting, atMs: number): Record<string, unknown> {
  const { firstSeenMs, lastSeenMs, samples, ...rest } = sighting;
  return {
    ...rest,
    firstSeenAt: toTime(firstSeenMs),
    lastSeenAt: toTime(lastSeenMs),
    samples: samples.map(sampleDocument),
    createdAt: toTime(atMs),
  };
}

export const readSighting = (data: unknown): Sighting => sightingSchema.parse(data);

const incidentSchema = z.object({
  id: z.string(),
  pattern: z.string(),
  scope: texts,
  state: incidentState,
  episode: z.number(),
  openedAt: time,
  countBefore: z.number(),
  acknowledgedAt: timeOrNever,
  mutedUntil: timeOrNever,
  resolvedAt: timeOrNever,
  resolvedBy: z.enum(['person', 'proof', 'quiet', '']),
  flaps: z.number(),
  explainedBy: z.string().default(''),
  count: z.number(),
  labels: counts,
  firstSeenAt: time,
  lastSeenAt: time,
  lastLiveAt: timeOrNever.exactOptional(),
  proxyCount: z.number(),
  proxiesCapped: z.boolean(),
  proxyLeaves: z.array(z.string()),
  proxies: z.array(namedProxy),
  projects: z.array(z.string()),
  samples: z.array(sample),
  severity,
  fields: texts,
  fieldsAt: time,
  slack: slackSchema,
  actedBy: z.string().exactOptional(),
  checks: z.array(checkSchema).exactOptional(),
  checkedEpisode: z.number().exactOptional(),
  conclusion: z.string().exactOptional(),
  conclusionZhCn: z.string().exactOptional(),
  context: contextSchema.exactOptional(),
  timelineCount: z.number(),
  lookAt: timeOrNever,
  updatedAt: time,
  version: z.literal(1),
});

/** Document of `incidents/{id}`. */
export function incidentDocument(incident: Incident): Record<string, unknown> {
  const { evidence, spoken } = incident;
  const { firstSeenMs, lastSeenMs, lastLiveMs, fieldsTimeMs, samples, ...seen } = evidence;
  return {
    id: incident.id,
    pattern: incident.pattern,
    scope: incident.scope,
    state: incident.state,
    episode: incident.episode,
    openedAt: toTime(incident.openedAtMs),
    countBefore: incident.countBefore,
    acknowledgedAt: toTimeOrNever(incident.acknowledgedAtMs),
    mutedUntil: toTimeOrNever(incident.mutedUntilMs),
    resolvedAt: toTimeOrNever(incident.resolvedAtMs),
    resolvedBy: incident.resolvedBy,
    flaps: incident.flaps,
    explainedBy: incident.explainedBy,
    ...seen,
    firstSeenAt: toTime(firstSeenMs),
    lastSeenAt: toTime(lastSeenMs),
    ...(lastLiveMs === undefined ? {} : { lastLiveAt: toTimeOrNever(lastLiveMs) }),
    fieldsAt: toTime(fieldsTimeMs),
    samples: samples.map(sampleDocument),
    slack: slackDocument(spoken),
    ...(incident.actedBy === undefined ? {} : { actedBy: incident.actedBy }),
    ...(incident.checks === undefined ? {} : { checks: incident.checks.map(checkDocument) }),
    ...(incident.checkedEpisode === undefined ? {} : { checkedEpisode: incident.checkedEpisode }),
    ...(incident.conclusion === undefined ? {} : { conclusion: incident.conclusion }),
    ...(incident.conclusionZhCn === undefined ? {} : { conclusionZhCn: incident.conclusionZhCn }),
    ...(incident.context === undefined ? {} : { context: contextDocument(incident.context) }),
    tokens: tokensOf(incident),
    timelineCount: incident.timelineCount,
    lookAt: toTimeOrNever(incident.lookAtMs),
    updatedAt: toTime(incident.updatedAtMs),
    version: incident.version,
  };
}

export function readIncident(data: unknown): Incident {
  const stored = incidentSchema.parse(data);
  return {
    id: stored.id,
    pattern: stored.pattern,
    scope: stored.scope,
    state: stored.state,
    episode: stored.episode,
    openedAtMs: stored.openedAt,
    countBefore: stored.countBefore,
    acknowledgedAtMs: stored.acknowledgedAt,
    mutedUntilMs: stored.mutedUntil,
    resolvedAtMs: stored.resolvedAt,
    resolvedBy: stored.resolvedBy,
    flaps: stored.flaps,
    explainedBy: stored.explainedBy,
    evidence: readEvidence(stored),
    spoken: stored.slack,
    ...(stored.actedBy === undefined ? {} : { actedBy: stored.actedBy }),
    ...(stored.checks === undefined ? {} : { checks: stored.checks }),
    ...(stored.checkedEpisode === undefined ? {} : { checkedEpisode: stored.checkedEpisode }),
    ...(stored.conclusion === undefined ? {} : { conclusion: stored.conclusion }),
    ...(stored.conclusionZhCn === undefined ? {} : { conclusionZhCn: stored.conclusionZhCn }),
    ...(stored.context === undefined ? {} : { context: stored.context }),
    timelineCount: stored.timelineCount,
    lookAtMs: stored.lookAt,
    updatedAtMs: stored.updatedAt,
    version: stored.version,
  };
}

function readEvidence(stored: z.infer<typeof incidentSchema>): Evidence {
  return {
    count: stored.count,
    labels: stored.labels,
    firstSeenMs: stored.firstSeenAt,
    lastSeenMs: stored.lastSeenAt,
    ...(stored.lastLiveAt === undefined ? {} : { lastLiveMs: stored.lastLiveAt }),
    proxyCount: stored.proxyCount,
    proxiesCapped: stored.proxiesCapped,
    proxyLeaves: stored.proxyLeaves,
    proxies: stored.proxies,
    projects: stored.projects,
    samples: stored.samples,
    severity: stored.severity,
    fields: stored.fields,
    fieldsTimeMs: stored.fieldsAt,
  };
}

const ledgerSchema = z
  .object({
    id: z.string(),
    project: z.string(),
    count: z.number(),
    labels: counts,
    firstSeenAt: time,
    lastSeenAt: time,
    updatedAt: time,
    version: z.literal(1),
  })
  .transform(({ firstSeenAt, lastSeenAt, updatedAt, ...rest }) => ({
    ...rest,
    firstSeenMs: firstSeenAt,
    lastSeenMs: lastSeenAt,
    updatedAtMs: updatedAt,
  }));

/** Document of `ledgers/{id}`. */
export function ledgerDocument(ledger: Ledger): Record<string, unknown> {
  const { firstSeenMs, lastSeenMs, updatedAtMs, ...rest } = ledger;
  return {
    ...rest,
    firstSeenAt: toTime(firstSeenMs),
    lastSeenAt: toTime(lastSeenMs),
    updatedAt: toTime(updatedAtMs),
  };
}

export const readLedger = (data: unknown): Ledger => ledgerSchema.parse(data);

const hourSchema = z
  .object({
    hour: z.number(),
    split: z.boolean(),
    minutes: z.record(z.string(), bytes),
    leaves: z.record(z.string(), z.array(z.string())),
    expireAt: time,
  })
  .transform(({ minutes, leaves, expireAt, ...rest }) => ({
    ...rest,
    minutes: numbered(minutes),
    leaves: numbered(leaves),
    expireAtMs: expireAt,
  }));

/** Document of `…/ids/h{hour}`. */
export function hourDocument(hour: StoredHour, expireAtMs: number): Record<string, unknown> {
  return {
    hour: hour.hour,
    split: hour.split,
    minutes: Object.fromEntries(hour.minutes),
    leaves: Object.fromEntries(hour.leaves),
    expireAt: toTime(expireAtMs),
  };
}

export const readHour = (data: unknown): StoredHour & { readonly expireAtMs: number } =>
  hourSchema.parse(data);

const pageSchema = z.object({ ids: bytes });

/** Document of a page of ids or of proxies; pages of proxies never expire. */
export const pageDocument = (ids: Uint8Array, expireAtMs: number | undefined): Record<string, unknown> =>
  expireAtMs === undefined ? { ids } : { ids, expireAt: toTime(expireAtMs) };

export const readPage = (data: unknown): Uint8Array => pageSchema.parse(data).ids;
