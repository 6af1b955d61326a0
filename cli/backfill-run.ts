// The run of a backfill: page after page out of the log and into the pipeline, at the pace that Google allows. What was
// handed over is remembered only afterwards: an interruption makes repeats, which count once, and never a gap.
import type { LogPage, LogPages } from '../functions/adapters/cloud-logging-pages.ts';
import type { Clock } from '#functions/ports.ts';
import type { BackfillState } from './backfill-state.ts';
import type { ReadPace } from './read-pace.ts';

/**
 * A run that carries on reads again what is so much older than the last entry that was handed over: the log may have
 * shown an entry late.
 */
export const OVERLAP_MS = 10_000;

/** After Google says that the quota is used up; a minute's quota is whole again after a minute. */
export const QUOTA_WAIT_MS = 20_000;

/** The first wait after a failure that may pass; each further one is twice as long, up to the last. */
export const FAILURE_WAIT_MS = 1_000;
const FAILURE_WAIT_MS_MAX = 30_000;

/** A page that can't be read for so many times in a row ends the run. */
export const PAGE_TRIES_MAX = 12;

export type Delivered = { readonly kind: 'published' } | { readonly kind: 'failed'; readonly why: string };

export interface BackfillNeeds {
  readonly pages: LogPages;
  readonly pace: ReadPace;
  readonly clock: Clock;
  /** Hands the entries over; `published` means that none of them can be lost any more. */
  readonly deliver: (entries: readonly object[]) => Promise<Delivered>;
  readonly save: (state: BackfillState) => void;
  readonly show: (state: BackfillState) => void;
  /** Says why nothing happens for a while. */
  readonly say: (text: string) => void;
}

export interface BackfillPlan {
  readonly projects: readonly string[];
  /** The filter from a moment on. */
  readonly filterFrom: (fromMs: number) => string;
  /** What earlier runs have done, or nothing yet. */
  readonly begun: BackfillState;
}

type Page = Extract<LogPage, { kind: 'page' }>;
type Refused = Exclude<LogPage, Page>;

export type BackfillEnd =
  | { readonly kind: 'done'; readonly state: BackfillState; readonly waitedMs: number }
  | { readonly kind: 'refused'; readonly page: Refused }
  | { readonly kind: 'not-published'; readonly why: string };

const seconds = (milliseconds: number): string => `${Math.ceil(milliseconds / 1_000)} s`;

/** The pause before trying again; undefined where trying again is of no use. */
function pauseAfter(page: Refused, tries: number): number | undefined {
  if (tries >= PAGE_TRIES_MAX) return undefined;
  switch (page.kind) {
    case 'quota':
      return QUOTA_WAIT_MS;
    case 'passing':
      return Math.min(FAILURE_WAIT_MS * 2 ** (tries - 1), FAILURE_WAIT_MS_MAX);
    case 'no-permission':
    case 'no-credentials':
    case 'unknown-project':
    case 'bad-request':
      return undefined;
  }
}

/** Reads pages in their turn, and remembers how long it had to wait. */
function createReader(needs: BackfillNeeds) {
  const { clock, pace, say } = needs;
  let waitedMs = 0;
  const wait = async (milliseconds: number, why: string): Promise<void> => {
    say(`${why}; goes on in ${seconds(milliseconds)}`);
    await clock.wait(milliseconds);
    waitedMs += milliseconds;
  };
  return {
    waitedMs: () => waitedMs,
    read: async (wanted: Parameters<LogPages['page']>[0]): Promise<LogPage> => {
      for (let tries = 1; ; tries += 1) {
        for (let waitMs = pace(); waitMs > 0; waitMs = pace())
          await wait(waitMs, 'the reads of this minute are used up');
        const page = await needs.pages.page(wanted);
        if (page.kind === 'page') return page;
        const pauseMs = pauseAfter(page, tries);
        if (pauseMs === undefined) return page;
        await wait(pauseMs, page.kind === 'quota' ? 'Google’s quota of reads is used up' : page.why);
      }
    },
  };
}

/** Reads and hands over until there is no more page. Whatever stops it, the last state that was saved can be carried on. */
export async function runBackfill(needs: BackfillNeeds, plan: BackfillPlan): Promise<BackfillEnd> {
  const { clock, deliver, save, show } = needs;
  const reader = createReader(needs);
  const startedMs = clock.nowMs();
  const { begun, projects } = plan;
  const filter = plan.filterFrom(Math.max(begun.fromMs, begun.cursorMs - OVERLAP_MS));
  let state = begun;
  for (let after = ''; ;) {
    const page = await reader.read({ projects, filter, after });
    if (page.kind !== 'page') return { kind: 'refused', page };
    const delivered =
      page.entries.length === 0 ? { kind: 'published' as const } : await deliver(page.entries);
    if (delivered.kind === 'failed') return { kind: 'not-published', why: delivered.why };
    const nowMs = clock.nowMs();
    state = {
      ...state,
      cursorMs: Math.max(state.cursorMs, page.lastMs),
      entries: state.entries + page.entries.length,
      savedMs: nowMs,
      spentMs: begun.spentMs + nowMs - startedMs,
    };
    save(state);
    show(state);
    if (page.next === '') return { kind: 'done', state, waitedMs: reader.waitedMs() };
    after = page.next;
  }
}
