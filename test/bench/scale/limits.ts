// What the simulation takes from documents and from measurements: one named constant each, with where it comes from.

/** Messages in flight that a push subscription begins with; documented as «single-digit». cloud.google.com/pubsub/docs/push */
export const WINDOW_FIRST = 5;

/** Past so many in flight the window grows linearly, no longer exponentially; and back to it where it went badly. Same page. */
export const WINDOW_KNEE = 3_000;

/** The window grows while deliveries take less than this on average. Same page. */
export const LATENCY_GOOD_MS = 1_000;

/** The window's pause after a refusal: it doubles from the first to the last. Same page. */
export const BACKOFF_MS = { first: 100, last: 60_000 };

/** From a message's delivery to the function's code, and back. An assumption. */
export const NETWORK_MS = 8;

/** Requests at once on one instance: what infra/ sets for `classify`, and the most that Cloud Run takes. */
export const CONCURRENCY = 1_000;

/** Cloud Run starts another instance when the ones it has are this full. An assumption after its own description (60 %). */
export const FULL_AT = 0.6;

/** Start of an instance: measured by `npm run bench` as about 0.6 s of module load, and as much again for the container. */
export const COLD_START_MS = 1_500;

/** What one push costs on one vCPU: HTTP, JSON and classifying. Measured by `npm run bench` (durable ingest over HTTP). */
export const CPU_MS_PER_ENTRY = 0.25;

/** Firestore's commit: median and spread (log-normal). An assumption; Google names no figure. */
export const COMMIT_MS = { median: 25, sigma: 0.5 };

/** «500/50/5»: what a collection takes at first, and how it may grow. firebase.google.com/docs/firestore/best-practices */
export const RAMP = { perSecond: 500, growth: 1.5, everyMs: 300_000 };

/** List prices of us-central1 in US dollars, without free tiers; facts of November 2026. */
export const PRICES = {
  pubsubPerByte: 40 / 2 ** 40,
  /** Pub/Sub bills each request as this much at least. */
  pubsubBytesMin: 1_000,
  request: 0.4e-6,
  vcpuSecond: 24e-6,
  gibSecond: 2.5e-6,
  read: 0.3e-6,
  write: 0.9e-6,
  delete: 0.1e-6,
} as const;

/** What infra/ gives an instance of `classify`. */
export const INSTANCE = { vcpu: 1, gib: 0.5 };

/** One entry as the sink publishes it. The sample hour's median is near it. */
export const ENTRY_BYTES = 1_500;
