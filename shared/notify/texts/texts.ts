// Every word that Slack is told, as one typed table per language: a missing text is a compile error.
// In: counts, names that are already harmless, times as Slack shows them. Out: mrkdwn or plain text of ours.
import type { Severity } from '#shared/model/finding.ts';
import type { IncidentState, ResolvedBy } from '#shared/model/incident.ts';
import type { UnreadableReason } from '#shared/model/record.ts';

/** Languages that alerts can be written in. */
export const LANGUAGES = ['en', 'zh-CN'] as const;
export type Language = (typeof LANGUAGES)[number];

interface MessageTexts {
  readonly state: Readonly<Record<IncidentState, string>>;
  readonly severity: Readonly<Record<Severity, string>>;
  /** By what it ended, and when. */
  readonly resolvedBy: Readonly<Record<ResolvedBy, (when: string) => string>>;
  readonly cameBack: (episode: number) => string;
  readonly until: (when: string) => string;
  /** Since when somebody has been at it. */
  readonly at: (when: string) => string;
  readonly explainedBy: (cause: string) => string;
  readonly entries: (count: number) => string;
  readonly proxies: (count: number, capped: boolean) => string;
  /** The two of them in a list. */
  readonly amounts: (entries: string, proxies: string) => string;
  /** Line of exact count, affected proxies and rate. */
  readonly counted: (parts: {
    readonly entries: string;
    readonly proxies: string;
    readonly perMinute: string;
    readonly overAll: string;
  }) => string;
  readonly overAll: (count: number) => string;
  readonly seen: (since: string, last: string) => string;
  readonly moreProxies: (count: number) => string;
  readonly groups: (names: string) => string;
  readonly version: (version: string) => string;
  readonly unrecognised: (shape: string) => string;
  readonly unrecognisedCause: string;
  readonly proof: string;
  readonly logsExplorer: string;
  readonly checks: string;
  readonly checkFault: (expected: string, found: string) => string;
  readonly checkOk: (found: string) => string;
  readonly checkUnreadable: (why: string) => string;
  readonly remedy: string;
  readonly heldBack: (count: number, reasons: string) => string;
  readonly leftOut: string;
  /** What a notification on a phone shows. */
  readonly fallback: (parts: {
    readonly state: string;
    readonly headline: string;
    readonly entries: string;
    readonly proxies: string;
  }) => string;
}

interface ThreadTexts {
  readonly milestone: (proxies: string) => string;
  readonly severityRose: (severity: string) => string;
  /** Title of the lines around the first one; `version` is Envoy's, or ``. */
  readonly context: (proxy: string, version: string) => string;
  readonly cameBackBroadcast: (headline: string, episode: number) => string;
  readonly reminder: (minutes: number) => string;
  readonly closed: (duration: string, by: string, who: string) => string;
  readonly closedWhy: Readonly<Record<ResolvedBy, string>>;
  /** `who` is a mention, or `` where nobody is known. */
  readonly acknowledged: (who: string) => string;
  readonly muted: (until: string, who: string) => string;
  readonly duration: (days: number, hours: number, minutes: number) => string;
}

interface ButtonTexts {
  readonly acknowledge: string;
  readonly resolve: string;
  readonly mute1h: string;
  readonly mute8h: string;
  readonly muteUntilTomorrow: string;
  readonly unmute: string;
  readonly silence: string;
  readonly why: string;
  readonly check: string;
  readonly history: string;
}

interface DigestTexts {
  readonly title: (count: number) => string;
  readonly says: (minutes: number) => string;
  readonly moreLines: (count: number) => string;
}

interface SummaryTexts {
  readonly title: string;
  readonly opened: (count: number) => string;
  readonly closed: (count: number) => string;
  readonly still: (count: number) => string;
  readonly lasted: (duration: string) => string;
  /** What a notification on a phone shows. */
  readonly fallback: (parts: {
    readonly opened: string;
    readonly closed: string;
    readonly still: string;
  }) => string;
  readonly heldBack: (count: number, reasons: string) => string;
  readonly nothing: string;
}

/** What people get back from a button or the slash command; nobody else sees it. */
interface ReplyTexts {
  readonly done: (what: string) => string;
  readonly already: (state: string) => string;
  readonly gone: string;
  readonly failed: string;
  readonly help: string;
  readonly noIncidents: string;
  readonly incidentsTitle: (count: number, what: string) => string;
  readonly moreIncidents: (count: number) => string;
  readonly wrongUse: (usage: string) => string;
  readonly silenced: (what: string, until: string, reason: string) => string;
  readonly silences: (count: number) => string;
  readonly noSilence: string;
  /** The checks were asked for. */
  readonly checking: string;
  readonly noChecks: string;
  readonly silenceEnded: (id: string) => string;
  readonly everything: string;
  readonly why: {
    readonly title: string;
    readonly recognised: (pattern: string) => string;
    /** Id and title of a pattern. */
    readonly named: (id: string, title: string) => string;
    readonly sameIncident: (scope: string) => string;
    readonly spoke: (reason: string) => string;
    readonly sure: string;
    readonly weak: string;
    readonly gone: (proof: string) => string;
    readonly references: string;
  };
  readonly explain: {
    readonly finding: (headline: string) => string;
    readonly unrecognised: (shape: string) => string;
    readonly routine: (reason: string) => string;
    readonly ignored: (reason: string) => string;
    readonly unreadable: Readonly<Record<UnreadableReason, string>>;
  };
}

export interface Texts {
  readonly message: MessageTexts;
  readonly thread: ThreadTexts;
  readonly buttons: ButtonTexts;
  readonly digest: DigestTexts;
  readonly summary: SummaryTexts;
  readonly replies: ReplyTexts;
}
