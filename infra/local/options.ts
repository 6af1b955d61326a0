// Flags of the one-machine run → options. A wrong flag is one line that says what and how to mend it.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface RunOptions {
  readonly once: boolean;
  readonly format: 'text' | 'json';
  /** File to replay; undefined = the made-up hour; `-` = stdin. */
  readonly input: string | undefined;
  readonly dataFolder: string;
  /** First of the fixed ports; 0 = free ports. */
  readonly portBase: number;
  readonly seed: number;
  /** Share of deliveries that Pub/Sub makes twice. */
  readonly redeliver: number;
  /** Folder that the functions are run from; undefined = this repository. */
  readonly source: string | undefined;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage: npm start -- [options]

Runs mesh-triage on this machine: the functions as deployed, an embedded Firestore and Pub/Sub, a stand-in for Slack.
Replays a made-up hour of a 40-VM fleet, shows incidents as they open and change, and stays up until ctrl-c.

  --once              end when everything is folded and told
  --format text|json  json: one summary object as the last line (default text)
  --input FILE        replay this file instead: Envoy text, NDJSON LogEntries, or the JSON array of
                      «gcloud logging read --format=json»; - reads stdin
  --data DIR          where the history is kept between runs
  --port-base N       fixed ports from N on (default: free ports)
  --seed N            seed of the made-up hour and of redelivery (default 1)
  --redeliver SHARE   share of messages that Pub/Sub delivers twice, 0 to 1 (default 0.2)
  --source DIR        run the functions from this folder: an unpacked package after «npm ci --omit=dev» in it
  --help              this text

FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST and SLACK_API_URL with SLACK_TOKEN and SLACK_CHANNEL point the same run
at Google's emulators or another Slack.`;

/** The default folder for the history: the user's state directory. */
function defaultDataFolder(env: Readonly<Record<string, string | undefined>>): string {
  const state = env['XDG_STATE_HOME'];
  return join(
    state !== undefined && state !== '' ? state : join(homedir(), '.local', 'state'),
    'mesh-triage',
  );
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max)
    throw new UsageError(`--${name} takes a whole number from 0 to ${max}, not «${text}»`);
  return value;
}

function sourceFolder(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const folder = resolve(given);
  if (!existsSync(join(folder, 'node_modules/.bin/functions-framework')))
    throw new UsageError(`--source ${given} has no functions-framework: run «npm ci --omit=dev» in it first`);
  return folder;
}

/** Options, or `help`. Throws UsageError. */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RunOptions | 'help' {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        format: { type: 'string', default: 'text' },
        input: { type: 'string' },
        data: { type: 'string' },
        'port-base': { type: 'string', default: '0' },
        seed: { type: 'string', default: '1' },
        redeliver: { type: 'string', default: '0.2' },
        source: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    const [what] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(what ?? 'wrong flags', { cause: error });
  }
  if (values.help) return 'help';
  const { format } = values;
  if (format !== 'text' && format !== 'json')
    throw new UsageError(`--format takes text or json, not «${format}»`);
  const redeliver = Number(values.redeliver);
  if (!(redeliver >= 0 && redeliver <= 1))
    throw new UsageError(`--redeliver takes a share from 0 to 1, not «${values.redeliver}»`);
  const portBase = wholeNumber('port-base', values['port-base'], 65_000);
  if (portBase !== 0 && portBase < 1024)
    throw new UsageError(`--port-base ${portBase} is privileged: take 1024 or more`);
  return {
    once: values.once,
    format,
    input: values.input,
    dataFolder: resolve(values.data ?? defaultDataFolder(env)),
    portBase,
    seed: wholeNumber('seed', values.seed, 2 ** 31),
    redeliver,
    source: sourceFolder(values.source),
  };
}
