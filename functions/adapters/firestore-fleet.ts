// Fleet and diagnoses in Firestore: `proxies/{id}`, `sweeps/fleet` and `diagnoses/{incident}`; see docs/schema.md.
import { z } from 'zod';
import type { Diagnosis } from '#shared/model/diagnosis.ts';
import type { PipelineState, ProxyState, SweepState } from '#shared/model/fleet.ts';
import { attentionOf, versionKeyOf } from '#shared/model/fleet-order.ts';
import type { DiagnosisStore, FleetStore } from '../ports.ts';
import { READ_LIMITS, TRANSACTION_LIMITS, tryAgain, type Connect } from './firestore-calls.ts';
import { namedProxy } from './firestore-documents.ts';
import { contextLineDocument, contextLineSchema } from './firestore-context.ts';
import { laterTimeOrNever, time, timeOrNever, toTime, toTimeOrNever } from './firestore-values.ts';

/** Documents of one commit; Firestore takes 500 writes, each of these is one. */
const WRITES_MAX = 400;

export const proxySchema = z
  .object({
    vm: z
      .object({
        id: z.string(),
        project: z.string(),
        zone: z.string(),
        number: z.string(),
        name: z.string(),
        group: z.string(),
        groupPlace: z.string(),
        hasGuestAttributes: z.boolean(),
        // Whoever has the label is managed; nobody else was looked at before this was written.
        isManaged: z.boolean().default(true),
        isRunning: z.boolean(),
        startedAt: timeOrNever,
      })
      .transform(({ startedAt, ...rest }) => ({ ...rest, startedAtMs: startedAt })),
    heartbeat: z.string(),
    beatAt: timeOrNever,
    bootstrapStatus: z.string(),
    proxyVersion: z.string(),
    lastFailure: z.string(),
    failureSince: timeOrNever,
    unreadable: z.string(),
    unreadableSince: laterTimeOrNever,
    incidents: z.array(z.string()),
    seenAt: time,
    // Absent in what was written before the fleet had an order.
    attention: z.string().optional(),
    versionKey: z.string().optional(),
  })
  .transform(
    ({ beatAt, failureSince, unreadableSince, seenAt, attention, versionKey, ...rest }): ProxyState => {
      const state = {
        ...rest,
        beatAtMs: beatAt,
        failureSinceMs: failureSince,
        unreadableSinceMs: unreadableSince,
        seenAtMs: seenAt,
        lookedAtMs: seenAt,
      };
      const isOrdered = attention === attentionOf(state) && versionKey === versionKeyOf(state.proxyVersion);
      return isOrdered ? state : { ...state, isOldForm: true };
    },
  );

function proxyDocument(state: ProxyState): object {
  const { vm, beatAtMs, failureSinceMs, unreadableSinceMs, seenAtMs, ...more } = state;
  const { lookedAtMs: _, isOldForm: __, ...rest } = more;
  const { startedAtMs, ...named } = vm;
  return {
    ...rest,
    vm: { ...named, startedAt: toTimeOrNever(startedAtMs) },
    beatAt: toTimeOrNever(beatAtMs),
    failureSince: toTimeOrNever(failureSinceMs),
    unreadableSince: toTimeOrNever(unreadableSinceMs),
    seenAt: toTime(seenAtMs),
    isAiling: rest.incidents.length > 0,
    attention: attentionOf(state),
    versionKey: versionKeyOf(state.proxyVersion),
  };
}

const sweepSchema = z
  .object({
    cursors: z.record(z.string(), z.string()),
    unreadable: z.record(z.string(), z.number()),
    standing: z.array(z.string()).default([]),
    sweptAt: time,
  })
  .transform(({ sweptAt, ...rest }): SweepState => ({ ...rest, sweptAtMs: sweptAt }));

const pipelineSchema = z
  .object({ lastArrivalAt: timeOrNever, since: time, longestGapMs: z.number() })
  .transform(({ lastArrivalAt, since, longestGapMs }): PipelineState => ({
    lastArrivalMs: lastArrivalAt,
    sinceMs: since,
    longestGapMs,
  }));

const ledgerTimeSchema = z.object({ updatedAt: time });

/** Incidents that are looked at for the latest finding in an entry. */
const LATEST_FINDINGS = 5;

/** What `watch` observed itself is in a log of this name: it is no entry that arrived. */
const OWN_LOG = /\/logs\/guest-attributes$/;

const findingTimeSchema = z
  .object({ samples: z.array(z.object({ at: time, logName: z.string() })) })
  // Where both wrote of one incident, its latest time may be ours: only lines tell whose they are.
  .transform(({ samples }) =>
    Math.max(0, ...samples.map(({ at, logName }) => (OWN_LOG.test(logName) ? 0 : at))),
  );

const seenSchema = z.object({ proxies: z.array(namedProxy) });

export const diagnosisSchema = z
  .object({
    incident: z.string(),
    episode: z.number(),
    ranAt: time,
    runs: z.number(),
    faults: z.record(z.string(), z.string()),
    dueAt: timeOrNever,
    context: z.array(contextLineSchema),
    contextAt: laterTimeOrNever,
    envoyVersion: z.string(),
  })
  .transform(({ ranAt, dueAt, contextAt, ...rest }): Diagnosis => ({
    ...rest,
    ranAtMs: ranAt,
    dueAtMs: dueAt,
    contextAtMs: contextAt,
  }));

function diagnosisDocument({ ranAtMs, dueAtMs, contextAtMs, context, ...rest }: Diagnosis): object {
  return {
    ...rest,
    ranAt: toTime(ranAtMs),
    dueAt: toTimeOrNever(dueAtMs),
    contextAt: toTimeOrNever(contextAtMs),
    context: context.map(contextLineDocument),
  };
}

/** What arrived lately, as ledgers and incidents tell. */
function arrivals(db: Connect): Pick<FleetStore, 'lastArrivalMs' | 'lastFindingMs' | 'seen'> {
  const latestIncidents = (limit: number) =>
    db().collection('incidents').orderBy('lastSeenAt', 'desc').limit(limit);
  return {
    lastArrivalMs: () =>
      tryAgain(READ_LIMITS, async () => {
        const latest = await db().collection('ledgers').orderBy('updatedAt', 'desc').limit(1).get();
        return Math.max(0, ...latest.docs.map((one) => ledgerTimeSchema.parse(one.data()).updatedAt));
      }),
    lastFindingMs: () =>
      tryAgain(READ_LIMITS, async () => {
        const latest = await latestIncidents(LATEST_FINDINGS).select('samples').get();
        const times = latest.docs.map((one) => findingTimeSchema.parse(one.data()));
        return Math.max(0, ...times);
      }),
    seen: (incidentsMax) =>
      tryAgain(READ_LIMITS, async () => {
        const latest = await latestIncidents(incidentsMax).select('proxies').get();
        return latest.docs.flatMap((one) => seenSchema.parse(one.data()).proxies);
      }),
  };
}

function fleetStore(db: Connect): FleetStore {
  const proxies = () => db().collection('proxies');
  const fleet = () => db().collection('sweeps').doc('fleet');
  const pipeline = () => db().collection('sweeps').doc('pipeline');
  return {
    sweep: () =>
      tryAgain(READ_LIMITS, async () => {
        const document = await fleet().get();
        return document.exists ? sweepSchema.parse(document.data()) : undefined;
      }),
    saveSweep: ({ sweptAtMs, ...rest }) =>
      tryAgain(TRANSACTION_LIMITS, async () => {
        await fleet().set({ ...rest, sweptAt: toTime(sweptAtMs) });
      }),
    proxies: async (ids) => {
      if (ids.length === 0) return [];
      const references = ids.map((id) => proxies().doc(id));
      const found = await tryAgain(READ_LIMITS, () => db().getAll(...references));
      return found.filter(({ exists }) => exists).map((document) => proxySchema.parse(document.data()));
    },
    saveProxies: async (states) => {
      for (let from = 0; from < states.length; from += WRITES_MAX)
        await tryAgain(TRANSACTION_LIMITS, async () => {
          const batch = db().batch();
          for (const state of states.slice(from, from + WRITES_MAX))
            batch.set(proxies().doc(state.vm.id), proxyDocument(state));
          await batch.commit();
        });
    },
    ailing: (limit) =>
      tryAgain(READ_LIMITS, async () => {
        const found = await proxies().where('isAiling', '==', true).limit(limit).get();
        return found.docs.map((document) => proxySchema.parse(document.data()));
      }),
    isAiling: (incident) =>
      tryAgain(READ_LIMITS, async () => {
        const found = await proxies().where('incidents', 'array-contains', incident).limit(1).select().get();
        return !found.empty;
      }),
    ...arrivals(db),
    pipeline: () =>
      tryAgain(READ_LIMITS, async () => {
        const document = await pipeline().get();
        return document.exists ? pipelineSchema.parse(document.data()) : undefined;
      }),
    savePipeline: ({ lastArrivalMs, sinceMs, longestGapMs }) =>
      tryAgain(TRANSACTION_LIMITS, async () => {
        await pipeline().set({
          lastArrivalAt: toTimeOrNever(lastArrivalMs),
          since: toTime(sinceMs),
          longestGapMs,
        });
      }),
  };
}

/** `db` is the process's one client; nothing here closes it. */
export function createFirestoreFleet(db: Connect): DiagnosisStore & FleetStore {
  const diagnoses = () => db().collection('diagnoses');
  return {
    diagnosis: (incident) =>
      tryAgain(READ_LIMITS, async () => {
        const document = await diagnoses().doc(incident).get();
        return document.exists ? diagnosisSchema.parse(document.data()) : undefined;
      }),
    saveDiagnosis: (diagnosis) =>
      tryAgain(TRANSACTION_LIMITS, async () => {
        await diagnoses().doc(diagnosis.incident).set(diagnosisDocument(diagnosis));
      }),
    diagnosesDue: (nowMs, limit) =>
      tryAgain(READ_LIMITS, async () => {
        const due = diagnoses().where('dueAt', '<=', toTime(nowMs)).orderBy('dueAt').limit(limit);
        return (await due.select().get()).docs.map(({ id }) => id);
      }),
    ...fleetStore(db),
  };
}
