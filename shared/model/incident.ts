// An incident: one cause in one scope, with its state, exact count, affected proxies and what Slack was told.
// A projection of its sightings and of people's actions; nothing here is typed in by hand.
import type { ContextLine } from './diagnosis.ts';
import type { Fields, Scope, Severity } from './finding.ts';
import type { NamedProxy, Sample } from './sighting.ts';

export type IncidentState = 'open' | 'acknowledged' | 'muted' | 'resolved';

/** By what an incident ended: a person, a failed check that passes now, or silence long enough for its pattern. */
export type ResolvedBy = 'person' | 'proof' | 'quiet';

/** What folding adds up: the same for any order and any repetition of the sightings. */
export interface Evidence {
  /** Distinct entries ever counted. */
  readonly count: number;
  /** The same by label: `sure`/`weak`, or the reasons of a ledger. */
  readonly labels: Readonly<Record<string, number>>;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** Time of the last entry that came by itself and not by a quiet backfill; 0 = none; absent = `lastSeenMs`, all did. */
  readonly lastLiveMs?: number;
  readonly proxyCount: number;
  /** True once PROXIES_MAX was passed: from then on proxyCount is a lower bound. */
  readonly proxiesCapped: boolean;
  /** Leaves of the set of proxy ids, each a document of `incidents/{id}/proxies` named by its bits. */
  readonly proxyLeaves: readonly string[];
  /** The first NAMED_PROXIES_MAX by name. */
  readonly proxies: readonly NamedProxy[];
  readonly projects: readonly string[];
  readonly samples: readonly Sample[];
  readonly severity: Severity;
  /** Fields of the earliest finding. */
  readonly fields: Fields;
  /** Time of the finding that `fields` came from. */
  readonly fieldsTimeMs: number;
}

/** What one check of `diagnose` read outside, against what should be there. */
export interface CheckVerdict {
  readonly id: string;
  readonly verdict: 'ok' | 'fault' | 'unreadable';
  readonly expected: string;
  readonly found: string;
  /** The same two in Chinese; absent from verdicts that were stored before there was a second language. */
  readonly zhCn?: { readonly expected: string; readonly found: string };
  /** How it was read: the API call or the command that shows the same. */
  readonly how: string;
  readonly atMs: number;
}

/** What a proxy wrote around a line of an incident. */
export interface ProxyContext {
  readonly episode: number;
  /** What people call the proxy. */
  readonly proxy: string;
  readonly lines: readonly ContextLine[];
  /** The last «Envoy Version» that it announced by then; `` if unknown. */
  readonly envoyVersion: string;
}

/** Where one message of ours stands. */
export interface SlackPlace {
  readonly channel: string;
  readonly ts: string;
}

/** Something that is about to be said; if it stays, a crash came between Slack's answer and our record. */
export interface SlackClaim {
  readonly id: string;
  readonly atMs: number;
  readonly episode: number;
  /** `` for the message itself, otherwise the key of the thread reply. */
  readonly note: string;
  /** Where it is said: channel, and the thread's first message (`` = in the channel). */
  readonly channel: string;
  readonly thread: string;
}

/** What Slack shows of the incident, as far as we know. */
export interface Spoken {
  readonly channel: string;
  /** Message timestamp of the current episode's message; `` before it was posted. */
  readonly ts: string;
  /** Episode that `ts` belongs to; 0 before the first. */
  readonly episode: number;
  /** First message of the thread that the message stands in (its cause's, a digest's); `` where it stands for itself. */
  readonly thread: string;
  /** That thread is a digest's: many incidents opened at once. */
  readonly inDigest: boolean;
  /** Keys of what the thread of this episode was told already. */
  readonly said: readonly string[];
  /** The message of the episode before. */
  readonly previous: SlackPlace | null;
  readonly claim: SlackClaim | null;
  /** Key of the content last shown, and when. */
  readonly shownKey: string;
  readonly shownAtMs: number;
  /** State last shown: a change of it is never debounced. */
  readonly shownState: IncidentState | '';
  /** Slack asked us to wait until then. */
  readonly notBeforeMs: number;
  /** Why Slack refused last, for the operator; `` if it did not. */
  readonly refusal: string;
  readonly posts: number;
  readonly updates: number;
  readonly replies: number;
}

export interface Incident {
  readonly id: string;
  readonly pattern: string;
  readonly scope: Scope;
  readonly state: IncidentState;
  /** 1 for the first time it was seen, +1 each time it comes back after a resolution. */
  readonly episode: number;
  /** Event time of the episode's first entry. */
  readonly openedAtMs: number;
  /** What had been counted before this episode began. */
  readonly countBefore: number;
  readonly acknowledgedAtMs: number;
  readonly mutedUntilMs: number;
  /** Event time from which evidence counts as a relapse; 0 while not resolved. */
  readonly resolvedAtMs: number;
  readonly resolvedBy: ResolvedBy | '';
  /** How often in a row it came back within FLAP_WITHIN_MS of its resolution: each lengthens the quiet it needs. */
  readonly flaps: number;
  /** Id of the open incident that this one follows from; `` = it stands for itself. */
  readonly explainedBy: string;
  readonly evidence: Evidence;
  readonly spoken: Spoken;
  /** Slack id of the person who acted on it last; absent while nobody has. */
  readonly actedBy?: string;
  /** What the checks read last, most telling first; absent until they ran. */
  readonly checks?: readonly CheckVerdict[];
  /** The episode that they ran for; absent in what was checked before it was written down. */
  readonly checkedEpisode?: number;
  /** What the checks prove, in one sentence. */
  readonly conclusion?: string;
  /** The same in Chinese. */
  readonly conclusionZhCn?: string;
  /** The few lines nearest to the running episode's first one on the same proxy; absent until the log was read. */
  readonly context?: ProxyContext;
  /** Number of timeline entries written so far: the next one's id. */
  readonly timelineCount: number;
  /** When somebody has to look again (quiet, debounced edit, «not before»); 0 = never. */
  readonly lookAtMs: number;
  readonly updatedAtMs: number;
  /** Version of this document's form. */
  readonly version: 1;
}

/** One line of an incident's story. */
export interface TimelineEntry {
  readonly n: number;
  readonly atMs: number;
  readonly kind:
    | 'opened'
    | 'reopened'
    | 'acknowledged'
    | 'muted'
    | 'unmuted'
    | 'resolved'
    | 'severity'
    | 'explained'
    | 'unexplained'
    | 'told';
  /** `mesh-triage` or the person's Slack id. */
  readonly who: string;
  readonly why: string;
}

/** What one project's noise added up to; folded exactly like an incident, but it has no state and never speaks. */
export interface Ledger {
  readonly id: string;
  readonly project: string;
  readonly count: number;
  readonly labels: Readonly<Record<string, number>>;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly updatedAtMs: number;
  readonly version: 1;
}
