#!/usr/bin/env node
// The command line: finds the command, reads its flags, prints what it says. Exit 0 done, 1 found problems, 2 wrong use.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { analyze } from './analyze.ts';
import type { Command, ExitCode, Format } from './command.ts';
import { deadLettersList, deadLettersReplay } from './dead-letters.ts';
import { explain } from './explain.ts';
import { incidentsList, incidentsShow } from './incidents.ts';
import { patternsList, patternsTest } from './patterns.ts';
import { UsageError } from './usage-error.ts';

const COMMANDS: readonly Command[] = [
  explain,
  analyze,
  incidentsList,
  incidentsShow,
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

function helpOf({ name, usage: args, summary, flags }: Command): string {
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
    '  --format text|json',
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

/** Waits when the reader is slow; a reader that went away (`| head`) ends the program quietly. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
}

function readFlags(command: Command, rest: readonly string[]) {
  try {
    return parseArgs({
      args: [...rest],
      allowPositionals: true,
      options: {
        ...Object.fromEntries(Object.entries(command.flags).map(([name, { type }]) => [name, { type }])),
        format: { type: 'string', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    const [what] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(what ?? 'wrong flags', { cause: error });
  }
}

function readFormat(value: unknown): Format {
  if (value === 'text' || value === 'json') return value;
  throw new UsageError(`--format takes text or json, not «${String(value)}»`);
}

async function main(args: readonly string[]): Promise<ExitCode> {
  const [first] = args;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    await print(usage());
    return first === undefined ? 2 : 0;
  }
  const found = findCommand(args);
  if (found === undefined) throw new UsageError(`no command «${args.slice(0, 2).join(' ')}»`);
  const { command, rest } = found;
  const { values, positionals } = readFlags(command, rest);
  if (values.help) {
    await print(helpOf(command));
    return 0;
  }
  const given: Record<string, string> = {};
  const project = process.env['GOOGLE_CLOUD_PROJECT'];
  if (project !== undefined && project !== '') given['project'] = project;
  for (const [name, { default: otherwise }] of Object.entries(command.flags)) {
    const value: unknown = Reflect.get(values, name) ?? otherwise;
    if (typeof value === 'string') given[name] = value;
    if (value === true) given[name] = 'true';
  }
  return command.run({
    args: positionals,
    values: given,
    format: readFormat(values.format),
    print,
    nowMs: Date.now(),
  });
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`mesh-triage: ${error.message}. --help lists what there is.\n`);
  process.exitCode = 2;
}
