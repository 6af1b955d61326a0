#!/usr/bin/env node
// The command line: finds the command, reads its flags, prints what it says. Exit 0 done, 1 found problems, 2 wrong use.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { analyze } from './analyze.ts';
import { FORMATS, type Command, type ExitCode, type Format } from './command.ts';
import { backfill } from './backfill.ts';
import { deadLettersList, deadLettersReplay } from './dead-letters.ts';
import { explain } from './explain.ts';
import { googleFailureText } from './google-failure.ts';
import { incidentsList, incidentsShow } from './incidents.ts';
import { patternsList, patternsTest } from './patterns.ts';
import { UsageError } from './usage-error.ts';

const COMMANDS: readonly Command[] = [
  explain,
  analyze,
  incidentsList,
  incidentsShow,
  backfill,
  deadLettersList,
  deadLettersReplay,
  patternsList,
  patternsTest,
];

function usage(): string {
  const width = Math.max(...COMMANDS.map(({ name, usage: args }) => `${name} ${args}`.length));
  return [
    'Usage: mesh-triage COMMAND [options]',
    '',
    ...COMMANDS.map(({ name, usage: args, summary }) => `  ${`${name} ${args}`.padEnd(width)}  ${summary}`),
    '',
    'Input: raw Envoy text, NDJSON LogEntries, or the JSON array of «gcloud logging read --format=json»; - is stdin.',
    'Every command: --help, --format text|json. Exit code: 0 done, 1 found problems, 2 wrong use.',
  ].join('\n');
}

/** Every command knows text and JSON, some know more. */
const formatsOf = ({ formats = [] }: Command): readonly Format[] => ['text', 'json', ...formats];

function helpOf(command: Command): string {
  const { name, usage: args, summary, flags } = command;
  const lines = Object.entries(flags).map(([flag, { value, help, default: otherwise }]) => {
    const head = `  --${flag}${value === undefined ? '' : ` ${value}`}`;
    return `${head}\n      ${help}${otherwise === undefined ? '' : ` (default ${String(otherwise)})`}`;
  });
  return [
    `Usage: mesh-triage ${name} ${args} [options]`,
    '',
    summary,
    '',
    ...lines,
    `  --format ${formatsOf(command).join('|')}`,
    '  --help',
  ].join('\n');
}

function findCommand(
  args: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } | undefined {
  for (const command of COMMANDS) {
    const words = command.name.split(' ');
    if (words.every((word, index) => args[index] === word))
      return { command, rest: args.slice(words.length) };
  }
  return undefined;
}

/** What was meant by words that are no command. */
function noCommand(args: readonly string[]): UsageError {
  const [first = ''] = args;
  const group = COMMANDS.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name] : []));
  const meant = group.length === 0 ? '' : `; there is «${group.join('», «')}»`;
  return new UsageError(`no command «${args.slice(0, 2).join(' ')}»${meant}`);
}

/** Waits when the reader is slow; a reader that went away (`| head`) ends the program quietly. */
async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (!stream.write(`${text}\n`)) await once(stream, 'drain');
}

const print = (text: string): Promise<void> => write(process.stdout, text);

function readFlags(command: Command, rest: readonly string[]) {
  try {
    return parseArgs({
      args: [...rest],
      allowPositionals: true,
      options: {
        ...Object.fromEntries(
          Object.entries(command.flags).map(([name, { type, multiple = false }]) => [
            name,
            { type, multiple },
          ]),
        ),
        format: { type: 'string', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    const [what] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(what ?? 'wrong flags', { cause: error });
  }
}

function readFormat(command: Command, value: unknown): Format {
  const known = formatsOf(command);
  const format = FORMATS.find((one) => one === value);
  if (format !== undefined && known.includes(format)) return format;
  throw new UsageError(`--format takes ${known.join(' or ')}, not «${String(value)}»`);
}

async function main(args: readonly string[]): Promise<ExitCode> {
  const [first] = args;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    await print(usage());
    return first === undefined ? 2 : 0;
  }
  const found = findCommand(args);
  if (found === undefined) throw noCommand(args);
  const { command, rest } = found;
  const { values, positionals } = readFlags(command, rest);
  if (values.help) {
    await print(helpOf(command));
    return 0;
  }
  const given: Record<string, string> = {};
  const lists: Record<string, readonly string[]> = {};
  const project = process.env['GOOGLE_CLOUD_PROJECT'];
  if (project !== undefined && project !== '') given['project'] = project;
  for (const [name, { default: otherwise }] of Object.entries(command.flags)) {
    const value: unknown = Reflect.get(values, name) ?? otherwise;
    if (typeof value === 'string') given[name] = value;
    if (value === true) given[name] = 'true';
    if (Array.isArray(value)) lists[name] = value.map(String);
  }
  return command.run({
    args: positionals,
    values: given,
    lists,
    format: readFormat(command, values.format),
    print,
    note: (text) => write(process.stderr, text),
    nowMs: Date.now(),
  });
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** Says once what failed; an error that is nobody's fault but ours keeps its stack. */
function fail(error: unknown): void {
  const isUsage = error instanceof UsageError;
  const text = isUsage ? `${error.message}. --help lists what there is` : googleFailureText(error);
  if (text === undefined) throw error;
  // Google's clients reject some promises that nobody waits for, with what the command has said already.
  if (process.exitCode === undefined) process.stderr.write(`mesh-triage: ${text}.\n`);
  process.exitCode ??= isUsage ? 2 : 1;
}

process.on('unhandledRejection', fail);
// An emulator needs no credentials, and Google's clients would look for a metadata server that is not there.
if (process.env['FIRESTORE_EMULATOR_HOST'] !== undefined) process.env['METADATA_SERVER_DETECTION'] ??= 'none';

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  fail(error);
}
