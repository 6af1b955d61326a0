// The only reader of process.env: settings of one function, checked once, every fault named at once.
import { z } from 'zod';

/** Names of the deployed functions, as in FUNCTION_TARGET. */
const FUNCTION_NAMES = ['classify', 'reconcile', 'watch', 'slack', 'diagnose', 'history'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

const text = z.string().min(1);

/** Slack's id of a channel: history can be read and messages be found again only by id, not by name. */
const channel = z.string().regex(/^[CG][A-Z0-9]{6,}$/, 'must be the id of a channel (C…), not its name');

const routeSchema = z.strictObject({
  severity: z
    .array(z.enum(['info', 'warning', 'error', 'critical']))
    .min(1)
    .exactOptional(),
  pattern: z.array(text).min(1).exactOptional(),
  project: z.array(text).min(1).exactOptional(),
  scope: z.record(text, text).exactOptional(),
  channel,
});

/** Routes that one function reads at most. */
const ROUTES_MAX = 200;

/** JSON text → routes; every fault of it is named. */
const routes = z
  .string()
  .default('[]')
  .transform((json, context): unknown => {
    try {
      return JSON.parse(json);
    } catch {
      context.addIssue('must be JSON: a list of routes');
      return z.NEVER;
    }
  })
  .pipe(z.array(routeSchema).max(ROUTES_MAX));

const languages = z.enum(['en', 'zh-CN']).default('en');

const timeZone = z
  .string()
  .default('UTC')
  .refine((zone) => {
    try {
      return new Intl.DateTimeFormat('en-US', { timeZone: zone }).format(0) !== '';
    } catch {
      return false;
    }
  }, 'must be a time zone, such as Europe/Berlin');

const slackSettings = {
  SLACK_TOKEN: text,
  /** Channel of what no route names. */
  SLACK_CHANNEL: channel,
  /** Which channel hears of what: see docs/slack.md. */
  SLACK_ROUTES: routes,
  /** Where Slack's Web API is; only a test or a one-machine run sets it. */
  SLACK_API_URL: z.url().exactOptional(),
  /** Edits that only count on come no closer together than this. */
  SLACK_EDIT_AFTER_SECONDS: z.coerce.number().min(0).max(3_600).default(30),
  LANGUAGE: languages,
  /** So many new incidents within two minutes are told by themselves, the next ones in a digest; 0 = never. */
  SLACK_DIGEST_FROM: z.coerce.number().int().min(0).max(1_000).default(5),
  /** Address of the function `history`; messages have no button for it without. */
  HISTORY_URL: z.url().exactOptional(),
};

const base = {
  GOOGLE_CLOUD_PROJECT: z.string().min(1),
  FIRESTORE_DATABASE: z.string().min(1).default('(default)'),
};

const googleSettings = {
  /** Base address of a stand-in for Google's REST APIs; only a test or a one-machine run sets it. */
  GOOGLE_API_BASE: z.url().exactOptional(),
};

const fleetSettings = {
  /** Projects whose VMs are looked at, separated by commas; none by default. */
  FLEET_PROJECTS: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    )
    .pipe(z.array(z.string().regex(/^[a-z][a-z0-9.:-]{4,60}$/, 'must be ids of projects')).max(50)),
  /** Reads of guest attributes a minute, in each project and region; Google's default quota there is 1,500. */
  FLEET_READS_PER_MINUTE: z.coerce.number().int().min(1).max(100_000).default(1_300),
  FLEET_LIST_KEPT_SECONDS: z.coerce.number().min(0).max(3_600).default(240),
};

/** What each function reads, by the name of the variable. */
export const settings = {
  classify: z.object({ ...base, INCIDENT_CHANGES_TOPIC: z.string().min(1) }),
  reconcile: z.object({ ...base, ...slackSettings, INCIDENT_CHANGES_TOPIC: text.exactOptional() }),
  slack: z.object({
    ...base,
    INCIDENT_CHANGES_TOPIC: text,
    /** Slack's secret for signing what it sends; not the token. */
    SLACK_SIGNING_SECRET: z.string().min(16),
    LANGUAGE: languages,
    /** Where «until tomorrow» ends: 8:00 there. */
    TIME_ZONE: timeZone,
  }),
  watch: z.object({ ...base, ...googleSettings, ...fleetSettings, INCIDENT_CHANGES_TOPIC: text }),
  diagnose: z.object({
    ...base,
    ...googleSettings,
    /** `HOST:PORT` of a stand-in for the Logging API; only a test or a one-machine run sets it. */
    LOGGING_API_ENDPOINT: z
      .string()
      .regex(/^[\w.-]{1,200}:\d{1,5}$/, 'must be HOST:PORT')
      .exactOptional(),
    INCIDENT_CHANGES_TOPIC: text,
    /** Pause between the first two runs of an incident's checks; it doubles up to 15 minutes. */
    DIAGNOSE_AGAIN_SECONDS: z.coerce.number().min(1).max(900).default(60),
    /** A check that passes proves the end once the incident's lines have been missing for this long. */
    PROOF_SETTLE_SECONDS: z.coerce.number().min(0).max(3_600).default(120),
  }),
  history: z.object({ ...base, LANGUAGE: languages }),
};

export type Config = {
  [Name in FunctionName]: { readonly function: Name } & z.infer<(typeof settings)[Name]>;
}[FunctionName];

/** Settings that are wrong or missing: the message names every one of them and how to mend it. */
class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

function check<Schema extends z.ZodType>(
  name: FunctionName,
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> {
  // An empty variable is a missing one: Terraform and shells set empty strings where nothing was meant.
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => {
    const variable = issue.path.join('.');
    // The fault may lie deep inside a variable that is there.
    const missing = given[String(issue.path[0])] === undefined;
    return missing ? `${variable} is missing` : `${variable}: ${issue.message}`;
  });
  throw new ConfigError(`function ${name} can't start: ${faults.join('; ')}. Set them in its environment.`);
}

/** Settings of the function that FUNCTION_TARGET names. Throws ConfigError. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const target = env['FUNCTION_TARGET'] ?? '';
  switch (target) {
    case 'classify':
      return { function: target, ...check(target, settings[target], env) };
    case 'reconcile':
      return { function: target, ...check(target, settings[target], env) };
    case 'slack':
      return { function: target, ...check(target, settings[target], env) };
    case 'watch':
      return { function: target, ...check(target, settings[target], env) };
    case 'diagnose':
      return { function: target, ...check(target, settings[target], env) };
    case 'history':
      return { function: target, ...check(target, settings[target], env) };
    default:
      throw new ConfigError(
        `FUNCTION_TARGET is ${target === '' ? 'missing' : `«${target}»`}; it must be one of ${FUNCTION_NAMES.join(', ')}.`,
      );
  }
}
