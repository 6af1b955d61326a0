// What the one-machine run reads of its own Firestore: incidents and ledgers as documents, for the table and the summary.
// Reads only what docs/schema.md describes; it shares no code with the functions, as any other reader would not.
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { z } from 'zod';

const time = z.instanceof(Timestamp).transform((value) => value.toMillis());

const incidentSchema = z.looseObject({
  id: z.string(),
  pattern: z.string(),
  scope: z.record(z.string(), z.string()),
  state: z.string(),
  episode: z.number(),
  count: z.number(),
  proxyCount: z.number(),
  firstSeenAt: time,
  lookAt: z
    .instanceof(Timestamp)
    .nullable()
    .transform((value) => value?.toMillis() ?? 0),
  conclusion: z.string().default(''),
  slack: z.looseObject({ posts: z.number(), updates: z.number(), replies: z.number(), refusal: z.string() }),
});

const ledgerSchema = z.looseObject({ id: z.string(), labels: z.record(z.string(), z.number()) });

export type SeenIncident = z.infer<typeof incidentSchema>;

export interface View {
  readonly incidents: readonly SeenIncident[];
  /** Entries held back, by reason; over all projects. */
  readonly heldBack: ReadonlyMap<string, number>;
  /** Sightings that wait to be folded. */
  readonly waiting: number;
}

/** More incidents than this are not shown in a terminal. */
const INCIDENTS_MAX = 10_000;

export interface Viewer {
  readonly look: () => Promise<View>;
  readonly close: () => Promise<void>;
}

/** Reads from the Firestore at `host` (`127.0.0.1:PORT`). */
export function createViewer(project: string, host: string): Viewer {
  const db = new Firestore({
    projectId: project,
    host,
    ssl: false,
    customHeaders: { Authorization: 'Bearer owner' },
  });
  return {
    look: async () => {
      const [incidents, ledgers, waiting] = await Promise.all([
        db.collection('incidents').limit(INCIDENTS_MAX).get(),
        db.collection('ledgers').get(),
        db.collection('sightings').count().get(),
      ]);
      const heldBack = new Map<string, number>();
      for (const document of ledgers.docs)
        for (const [label, count] of Object.entries(ledgerSchema.parse(document.data()).labels))
          heldBack.set(label, (heldBack.get(label) ?? 0) + count);
      return {
        incidents: incidents.docs.map((document) => incidentSchema.parse(document.data())),
        heldBack,
        waiting: waiting.data().count,
      };
    },
    close: () => db.terminate(),
  };
}

/** Sum of the ledger's labels of one kind: `routine`, `ignored` or `parked`. */
export function heldBackAs(view: View, kind: string): number {
  let sum = 0;
  for (const [label, count] of view.heldBack) if (label.startsWith(`${kind}:`)) sum += count;
  return sum;
}
