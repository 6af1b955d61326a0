// The only reader of process.env: settings of one function, checked once, every fault named at once.
import { z } from 'zod';

/** Names of the deployed functions, as in FUNCTION_TARGET. */
export const FUNCTION_NAMES = ['classify', 'reconcile', 'watch'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

const base = {
  GOOGLE_CLOUD_PROJECT: z.string().min(1),
  FIRESTORE_DATABASE: z.string().min(1).default('(default)'),
};

const settings = {
  classify: z.object({ ...base, INCIDENT_CHANGES_TOPIC: z.string().min(1) }),
  reconcile: z.object({
    ...base,
    SLACK_TOKEN: z.string().min(1),
    SLACK_CHANNEL: z.string().min(1),
    /** Where Slack's Web API is; only a test or a one-machine run sets it. */
    SLACK_API_URL: z.url().exactOptional(),
    /** Edits that only count on come no closer together than this. */
    SLACK_EDIT_AFTER_SECONDS: z.coerce.number().min(0).max(3_600).default(30),
  }),
  watch: z.object({ ...base, INCIDENT_CHANGES_TOPIC: z.string().min(1) }),
};

export type Config = {
  [Name in FunctionName]: { readonly function: Name } & z.infer<(typeof settings)[Name]>;
}[FunctionName];

/** Settings that are wrong or missing: the message names every one of them and how to mend it. */
export class ConfigError extends Error {
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
    return given[variable] === undefined ? `${variable} is missing` : `${variable}: ${issue.message}`;
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
    case 'watch':
      return { function: target, ...check(target, settings[target], env) };
    default:
      throw new ConfigError(
        `FUNCTION_TARGET is ${target === '' ? 'missing' : `«${target}»`}; it must be one of ${FUNCTION_NAMES.join(', ')}.`,
      );
  }
}
