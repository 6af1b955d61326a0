// `incidents list` and `incidents show`: the history as it stands in Firestore, over the queries of its pages. Reads only.
import { connectLazily } from '../functions/adapters/firestore-calls.ts';
import { createFirestoreHistory } from '../functions/adapters/firestore-history.ts';
import { createFirestorePatterns } from '../functions/adapters/firestore-patterns.ts';
import type { HistoryReader, UserPatterns } from '../functions/ports.ts';
import type { HistoryFilter } from '#shared/model/history.ts';
import type { Incident } from '#shared/model/incident.ts';
import { LANGUAGES } from '#shared/notify/texts/texts.ts';
import { incidentDataJson, incidentJson, type JsonContext } from '#shared/pages/json.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { readUserPatterns } from '#shared/patterns/user-pattern.ts';
import type { Command, CommandContext, ExitCode, Flag } from './command.ts';
import { csvRecord } from './csv.ts';
import {
  CSV_HEAD,
  csvRow,
  LIST_HEAD,
  listRow,
  STORY_CSV_HEAD,
  storyCsvRows,
  storyText,
} from './incident-text.ts';
import { printable, table } from './text.ts';
import { readTime } from './time-flag.ts';
import { UsageError } from './usage-error.ts';

const LIST_MAX = 1_000;

const storeFlags: Readonly<Record<string, Flag>> = {
  project: {
    type: 'string',
    value: 'ID',
    help: 'project of the Firestore database (default: GOOGLE_CLOUD_PROJECT)',
  },
  database: { type: 'string', value: 'NAME', default: '(default)', help: 'Firestore database' },
  language: {
    type: 'string',
    value: LANGUAGES.join('|'),
    default: 'en',
    help: 'of headlines, causes and steps',
  },
};

const STATES = ['open', 'acknowledged', 'muted', 'resolved', 'unresolved'] as const;

/** Every pattern, the user's own first, as the functions know them; own ones that can't be used are left out there too. */
async function readWords(own: UserPatterns, language: JsonContext['language']): Promise<JsonContext> {
  const results = readUserPatterns(await own.read());
  const patterns = results.flatMap((result) => (result.kind === 'pattern' ? [result.pattern] : []));
  return { patterns: [...patterns, ...CATALOGUE], language };
}

interface History {
  readonly reader: HistoryReader;
  /** What headlines and the like are made with; read when it is asked for. */
  readonly words: () => Promise<JsonContext>;
}

/** Runs `work` over the history and lets go of it, whatever comes of it. */
async function withHistory(
  { values }: CommandContext,
  work: (history: History) => Promise<ExitCode>,
): Promise<ExitCode> {
  const project = values['project'];
  const language = LANGUAGES.find((one) => one === values['language']);
  if (language === undefined) throw new UsageError(`--language takes one of ${LANGUAGES.join(', ')}`);
  if (project === undefined)
    throw new UsageError('no project: give --project ID or set GOOGLE_CLOUD_PROJECT');
  const db = connectLazily({ project, database: values['database'] ?? '(default)' });
  try {
    return await work({
      reader: createFirestoreHistory(db),
      words: () => readWords(createFirestorePatterns(db), language),
    });
  } finally {
    await db().terminate();
  }
}

function readFilter(context: CommandContext): HistoryFilter {
  const { values } = context;
  const state = STATES.find((one) => one === values['state']);
  if (state === undefined && values['state'] !== 'all')
    throw new UsageError(`--state takes one of ${STATES.join(', ')}, all`);
  const [fromMs, toMs] = [readTime(context, 'since'), readTime(context, 'until')];
  const { pattern, network, proxy, text, 'log-project': project } = values;
  return {
    ...(state === undefined ? {} : { state }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(project === undefined ? {} : { project }),
    ...(network === undefined ? {} : { network }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(text === undefined ? {} : { text }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
  };
}

interface Listed {
  readonly incidents: readonly Incident[];
  /** Where it goes on; `` at the end. */
  readonly next: string;
}

/** Page after page, as they are read. */
async function* pagesOf(
  reader: HistoryReader,
  wanted: { readonly filter: HistoryFilter; readonly cursor: string; readonly nowMs: number },
): AsyncGenerator<Listed> {
  for (let { cursor } = wanted; ;) {
    const page = await reader.list({ ...wanted, cursor });
    if (page === undefined) throw new UsageError('--cursor takes what an earlier list ended with');
    yield page;
    cursor = page.next;
    if (cursor === '') return;
  }
}

/** What prints pages as they come, and what is left to print at the end: only text needs to know all its rows. */
async function printerOf({ format, print }: CommandContext, words: History['words']) {
  const rows: (readonly string[])[] = [];
  const context = format === 'json' ? await words() : undefined;
  return {
    begin: async (): Promise<void> => {
      if (format === 'csv') await print(csvRecord(CSV_HEAD));
    },
    page: async (incidents: readonly Incident[]): Promise<void> => {
      for (const incident of incidents)
        if (context !== undefined) await print(JSON.stringify(incidentJson(context, incident)));
        else if (format === 'csv') await print(csvRecord(csvRow(incident)));
        else rows.push(listRow(incident));
    },
    end: async (): Promise<void> => {
      if (format === 'text') await print(rows.length === 0 ? 'No incident.' : table([LIST_HEAD, ...rows]));
    },
  };
}

export const incidentsList: Command = {
  name: 'incidents list',
  usage: '',
  summary: 'Incidents in Firestore, the latest first.',
  formats: ['csv'],
  flags: {
    ...storeFlags,
    state: {
      type: 'string',
      value: [...STATES, 'all'].join('|'),
      default: 'all',
      help: 'only incidents in this state; unresolved = all but resolved',
    },
    pattern: { type: 'string', value: 'ID', help: 'only this pattern' },
    'log-project': { type: 'string', value: 'ID', help: 'only incidents with entries from this project' },
    network: { type: 'string', value: 'NAME', help: 'only this VPC network' },
    proxy: { type: 'string', value: 'NAME', help: 'only incidents that name this VM or pod, whole' },
    text: { type: 'string', value: 'WORDS', help: 'only incidents that hold all these words, whole' },
    since: { type: 'string', value: 'TIME', help: 'last seen at or after: 30m, 12h, 7d, or RFC 3339' },
    until: { type: 'string', value: 'TIME', help: 'last seen before' },
    limit: {
      type: 'string',
      value: 'N',
      default: '50',
      help: `stop at the page that reaches so many (up to ${LIST_MAX})`,
    },
    all: { type: 'boolean', help: 'to the end, whatever --limit says' },
    cursor: { type: 'string', value: 'TEXT', help: 'carry on where an earlier list stopped' },
  },
  run: async (context) => {
    const { values } = context;
    const filter = readFilter(context);
    const limit = Number(values['limit']);
    if (!Number.isInteger(limit) || limit < 1 || limit > LIST_MAX)
      throw new UsageError(`--limit takes a whole number from 1 to ${LIST_MAX}`);
    const atMost = values['all'] === 'true' ? Number.POSITIVE_INFINITY : limit;
    return withHistory(context, async ({ reader, words }) => {
      const printer = await printerOf(context, words);
      const from = { filter, cursor: values['cursor'] ?? '', nowMs: context.nowMs };
      let count = 0;
      let left = '';
      await printer.begin();
      for await (const { incidents, next } of pagesOf(reader, from)) {
        await printer.page(incidents);
        count += incidents.length;
        left = next;
        if (count >= atMost) break;
      }
      await printer.end();
      if (left !== '') await context.note?.(`There is more: --cursor ${left}`);
      return 0;
    });
  },
};

export const incidentsShow: Command = {
  name: 'incidents show',
  usage: 'ID',
  summary: 'One incident: its story, its proxies, its proof.',
  formats: ['csv'],
  flags: storeFlags,
  run: async (context) => {
    const [id, ...more] = context.args;
    if (id === undefined || more.length > 0) throw new UsageError('incidents show takes one incident id');
    const { format, print } = context;
    return withHistory(context, async ({ reader, words }) => {
      const found = await reader.incident(id, context.nowMs);
      if (format === 'csv')
        for (const cells of [STORY_CSV_HEAD, ...(found === undefined ? [] : storyCsvRows(found))])
          await print(csvRecord(cells));
      else if (found === undefined)
        await print(format === 'json' ? 'null' : `No incident ${printable(id, 100)}.`);
      else if (format === 'json') await print(JSON.stringify(incidentDataJson(await words(), found)));
      else await print(storyText(await words(), found));
      return found === undefined ? 1 : 0;
    });
  },
};
