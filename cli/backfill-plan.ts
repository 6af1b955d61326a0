// The flags of `backfill` → what is to be done. Reads the sink's filter, touches nothing else. Throws UsageError.
import { hashHex } from '#shared/model/hash.ts';
import type { CommandContext, Flag } from './command.ts';
import { READS_PER_MINUTE } from './read-pace.ts';
import { sinkFilter, spanFilter } from './sink-filter.ts';
import { readTime } from './time-flag.ts';
import { UsageError } from './usage-error.ts';

const HOUR_MS = 3_600_000;

/**
 * How far back entries may lie that were counted already: the ids of counted entries are kept for eight days, and half a
 * day is left for the run itself.
 */
export const REACH_MS_MAX = 7.5 * 24 * HOUR_MS;

/** Google takes so many projects in one question. */
const PROJECTS_MAX = 100;

const READS_PER_MINUTE_MAX = 100_000;
const PROJECT = /^[a-z][a-z0-9.:-]{4,60}$/;
const TOPIC = /^(?:projects\/([^/]+)\/topics\/)?([A-Za-z][\w.~+%-]{2,254})$/;

export const backfillFlags: Readonly<Record<string, Flag>> = {
  since: { type: 'string', value: 'TIME', help: 'entries of this time and later: 12h, 7d, or RFC 3339' },
  until: { type: 'string', value: 'TIME', help: 'entries before this time (default: now)' },
  project: {
    type: 'string',
    value: 'ID',
    multiple: true,
    help: 'project whose log is read; may be given several times (default: GOOGLE_CLOUD_PROJECT)',
  },
  'extra-log-filter': {
    type: 'string',
    value: 'FILTER',
    help: 'what Terraform’s extra_log_filter lets through the sink beside, if it is set',
  },
  filter: { type: 'string', value: 'FILTER', help: 'a Logging filter that holds beside the sink’s own' },
  topic: {
    type: 'string',
    value: 'NAME',
    default: 'log-entries',
    help: 'the sink’s topic, in GOOGLE_CLOUD_PROJECT or as projects/ID/topics/NAME',
  },
  tell: { type: 'boolean', help: 'lets Slack hear of what is found' },
  'first-time': {
    type: 'boolean',
    help: 'goes back further than 7 days: only where nothing of it was ever counted, or it counts twice',
  },
  'dry-run': { type: 'boolean', help: 'publishes nothing, says what the entries are' },
  state: {
    type: 'string',
    value: 'FILE',
    help: 'where it is kept how far it has come (default: .mesh-triage-backfill-HASH.json here)',
  },
  'reads-per-minute': {
    type: 'string',
    value: 'N',
    default: String(READS_PER_MINUTE),
    help: 'reads of the log; Google allows a project 60 unless it was raised',
  },
  endpoint: { type: 'string', value: 'HOST:PORT', help: 'a stand-in for the Logging API' },
};

export interface Asked {
  readonly projects: readonly string[];
  readonly topic: { readonly project: string; readonly topic: string };
  readonly fromMs: number;
  readonly toMs: number;
  readonly filter: (span: { readonly fromMs: number; readonly toMs: number }) => string;
  /** A part of the filter was typed in. */
  readonly hasOwnFilter: boolean;
  readonly tell: boolean;
  readonly dryRun: boolean;
  readonly firstTime: boolean;
  /** Hash of all that makes it another backfill, with the times as they were typed: «7d» stays the same. */
  readonly key: string;
  readonly statePath: string;
  readonly readsPerMinute: number;
  readonly endpoint?: string;
}

function readProjects({ lists, values }: CommandContext): readonly string[] {
  const own = values['project'];
  const projects = [...new Set(lists?.['project'] ?? (own === undefined ? [] : [own]))].sort();
  if (projects.length === 0)
    throw new UsageError('no project: give --project ID or set GOOGLE_CLOUD_PROJECT');
  if (projects.length > PROJECTS_MAX)
    throw new UsageError(`--project takes ${PROJECTS_MAX} projects at most`);
  const wrong = projects.find((project) => !PROJECT.test(project));
  if (wrong !== undefined) throw new UsageError(`«${wrong}» is no id of a project`);
  return projects;
}

/** The topic lies where mesh-triage runs, which need not be where the logs are. */
function readTopic({ values }: CommandContext, projects: readonly string[]): Asked['topic'] {
  const [, named, topic] = TOPIC.exec(values['topic'] ?? '') ?? [];
  if (topic === undefined) throw new UsageError('--topic takes NAME or projects/ID/topics/NAME');
  const [only, ...others] = projects;
  const project = named ?? values['project'] ?? (others.length === 0 ? only : undefined);
  if (project === undefined)
    throw new UsageError('whose topic? Set GOOGLE_CLOUD_PROJECT, or give --topic projects/ID/topics/NAME');
  return { project, topic };
}

function readSpan(context: CommandContext, firstTime: boolean): { fromMs: number; toMs: number } {
  const fromMs = readTime(context, 'since');
  const toMs = readTime(context, 'until') ?? context.nowMs;
  if (fromMs === undefined) throw new UsageError('--since is missing: 12h, 7d, or a time');
  if (fromMs >= toMs) throw new UsageError('--since must lie before --until');
  if (toMs > context.nowMs) throw new UsageError('--until lies in the future');
  if (!firstTime && context.nowMs - fromMs > REACH_MS_MAX)
    throw new UsageError(
      '--since takes 7d at most: which entries were counted before that is not remembered, and they would count twice; ' +
        '--first-time says that none of them ever was',
    );
  return { fromMs, toMs };
}

/** Checks the flags all at once. */
export function readPlan(context: CommandContext): Asked {
  const { args, values } = context;
  if (args.length > 0) throw new UsageError('backfill takes flags only');
  const projects = readProjects(context);
  const topic = readTopic(context, projects);
  const firstTime = values['first-time'] === 'true';
  const span = readSpan(context, firstTime);
  const readsPerMinute = Number(values['reads-per-minute']);
  if (!Number.isInteger(readsPerMinute) || readsPerMinute < 1 || readsPerMinute > READS_PER_MINUTE_MAX)
    throw new UsageError(`--reads-per-minute takes a whole number from 1 to ${READS_PER_MINUTE_MAX}`);
  const sink = sinkFilter(values['extra-log-filter'] ?? '');
  const extra = values['filter'] ?? '';
  const tell = values['tell'] === 'true';
  const { since, until } = values;
  const key = hashHex(JSON.stringify([since, until, projects, topic, sink, extra, tell, firstTime]));
  const filter: Asked['filter'] = ({ fromMs, toMs }) => spanFilter({ sink, extra, fromMs, toMs });
  // Too long a filter is said before anything begins.
  filter(span);
  const { endpoint } = values;
  return {
    projects,
    topic,
    ...span,
    filter,
    hasOwnFilter: extra !== '' || values['extra-log-filter'] !== undefined,
    tell,
    dryRun: values['dry-run'] === 'true',
    firstTime,
    key,
    statePath: values['state'] ?? `.mesh-triage-backfill-${key.slice(0, 8)}.json`,
    readsPerMinute,
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
