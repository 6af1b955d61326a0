// `backfill`: what the log already holds, into the same pipeline as what the sink delivers. Publishes to the sink's topic and
// nothing else; quiet in Slack unless asked; may be interrupted at any moment and carried on.
import { createLogPages, type LogPage } from '../functions/adapters/cloud-logging-pages.ts';
import { createEntryPublisher } from '../functions/adapters/pubsub-entries.ts';
import { clock } from '../functions/adapters/system.ts';
import { BACKFILL, QUIET } from '#shared/intake/push.ts';
import { backfillFlags, readPlan, REACH_MS_MAX, type Asked } from './backfill-plan.ts';
import { createProgress, entriesText } from './backfill-progress.ts';
import { runBackfill, type BackfillEnd, type BackfillNeeds } from './backfill-run.ts';
import { openStateFile, type BackfillState, type StateFile } from './backfill-state.ts';
import type { Command, CommandContext, ExitCode } from './command.ts';
import { createReadPace } from './read-pace.ts';
import { table } from './text.ts';
import { UsageError } from './usage-error.ts';
import { createVerdictCount } from './verdict-count.ts';

const TELL = 'tell';

/** What a shell answers for a program that ctrl-c ended. */
const INTERRUPTED = 130;

const time = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/** What an earlier run left behind, or the beginning. */
function begin(asked: Asked, file: StateFile, nowMs: number): BackfillState {
  const { key, fromMs, toMs } = asked;
  const left = asked.dryRun ? undefined : file.read(key, nowMs);
  const isRemembered = left !== undefined && (asked.firstTime || nowMs - left.cursorMs <= REACH_MS_MAX);
  if (left !== undefined && isRemembered) return { ...left, resumed: left.resumed + 1 };
  return {
    version: 1,
    key,
    fromMs,
    toMs,
    cursorMs: fromMs,
    entries: 0,
    resumed: 0,
    savedMs: nowMs,
    spentMs: 0,
  };
}

/** What was wrong, in words that say what to do. */
function refusalText({ kind, why }: Exclude<LogPage, { kind: 'page' }>, asked: Asked): string {
  const projects = asked.projects.join(', ');
  switch (kind) {
    case 'no-permission':
      return `no permission to read the log of ${projects}: it takes logging.logEntries.list there (roles/logging.viewer). Google says: ${why}`;
    case 'unknown-project':
      return `there is no project ${projects}. Google says: ${why}`;
    case 'no-credentials':
      return `no credentials: «gcloud auth application-default login» makes them. Google says: ${why}`;
    case 'bad-request':
      return `Google does not take the question: ${why}`;
    case 'quota':
      return `Google’s quota of reads stays used up: ${why}`;
    case 'passing':
      return `the log can’t be read: ${why}`;
  }
}

/** What is said at the end of a run that was not stopped. */
async function report(
  context: CommandContext,
  asked: Asked,
  done: Extract<BackfillEnd, { kind: 'done' }> & { readonly rows: readonly (readonly [string, number])[] },
): Promise<void> {
  const { entries, resumed, spentMs, fromMs, toMs } = done.state;
  const { project, topic } = asked.topic;
  const name = `projects/${project}/topics/${topic}`;
  const { dryRun, tell } = asked;
  const published = dryRun ? 0 : entries;
  if (context.format === 'json') {
    const span = { from: time(fromMs), to: time(toMs) };
    const took = { resumed, waitedSeconds: done.waitedMs / 1_000, seconds: spentMs / 1_000 };
    const verdicts = dryRun ? { verdicts: Object.fromEntries(done.rows) } : {};
    await context.print(
      JSON.stringify({
        read: entries,
        published,
        ...took,
        ...span,
        topic: name,
        tell,
        dryRun,
        ...verdicts,
      }),
    );
    return;
  }
  const to = dryRun ? 'none of them published' : `${published.toLocaleString('en')} published to ${name}`;
  const how = dryRun ? '' : tell ? ', and Slack hears of them' : ', quietly';
  const carried = resumed === 0 ? '' : ` Carried on ${resumed === 1 ? 'once' : `${resumed} times`}.`;
  await context.print(
    `${entriesText(entries)} from ${time(fromMs)} to ${time(toMs)} read, ${to}${how}, in ${Math.round(spentMs / 1_000)} s.${carried}`,
  );
  if (done.rows.length > 0)
    await context.print(table(done.rows.map(([verdict, number]) => [`  ${verdict}`, String(number)])));
}

/** How the entries are handed over, and how that is ended. */
function delivery(asked: Asked, nowMs: number) {
  const verdicts = createVerdictCount(nowMs);
  if (asked.dryRun)
    return {
      deliver: (entries: readonly object[]) => {
        verdicts.add(entries);
        return Promise.resolve({ kind: 'published' as const });
      },
      rows: verdicts.rows,
      close: () => Promise.resolve(),
    };
  const publisher = createEntryPublisher(asked.topic);
  const attributes = { [BACKFILL]: asked.tell ? TELL : QUIET };
  return {
    deliver: (entries: readonly object[]) => publisher.publish(entries, attributes),
    rows: verdicts.rows,
    close: publisher.close,
  };
}

async function fail(context: CommandContext, asked: Asked, what: string): Promise<ExitCode> {
  const next = asked.dryRun ? '' : '\nThe same command carries on where it stopped.';
  await (context.note ?? context.print)(`mesh-triage: ${what}${next}`);
  return 1;
}

/** Runs it with what the world needs, and says how it ended. */
async function run(context: CommandContext, asked: Asked): Promise<ExitCode> {
  const file = openStateFile(asked.statePath);
  const begun = begin(asked, file, context.nowMs);
  const progress = createProgress(process.stderr, clock.nowMs);
  if (begun.resumed > 0)
    progress.say(`carries on at ${time(begun.cursorMs)}, after ${entriesText(begun.entries)} (${file.path})`);
  const out = delivery(asked, context.nowMs);
  const needs: BackfillNeeds = {
    pages: createLogPages({
      project: asked.topic.project,
      ...(asked.endpoint === undefined ? {} : { endpoint: asked.endpoint }),
    }),
    pace: createReadPace(asked.readsPerMinute, clock),
    clock,
    deliver: out.deliver,
    save: asked.dryRun ? () => undefined : file.write,
    show: progress.show,
    say: progress.say,
  };
  const interrupted = (): never => {
    progress.end();
    process.stderr.write('Interrupted. The same command carries on.\n');
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', interrupted);
  try {
    // What can't be remembered is said before anything is published.
    needs.save(begun);
    const { toMs } = begun;
    const filterFrom = (fromMs: number): string => asked.filter({ fromMs, toMs });
    const end = await runBackfill(needs, { projects: asked.projects, filterFrom, begun });
    progress.end();
    if (end.kind === 'not-published') return await fail(context, asked, end.why);
    if (end.kind === 'refused') {
      const text = refusalText(end.page, asked);
      if (end.page.kind === 'bad-request' && asked.hasOwnFilter)
        throw new UsageError(`a filter is wrong: ${text}`);
      return await fail(context, asked, text);
    }
    if (!asked.dryRun) file.remove();
    await report(context, asked, { ...end, rows: out.rows() });
    return 0;
  } finally {
    progress.end();
    process.off('SIGINT', interrupted);
    await out.close();
  }
}

export const backfill: Command = {
  name: 'backfill',
  usage: '--since TIME',
  summary:
    'Past entries out of the log into the pipeline; each counts once, and Slack hears of none unless asked.',
  flags: backfillFlags,
  run: (context) => run(context, readPlan(context)),
};
