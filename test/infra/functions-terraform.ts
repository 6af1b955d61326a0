// What infra/functions.tf and infra/secrets.tf tell each function, by the names of the variables.
// In: Terraform as data. Out: function → names. Throws where the resource no longer reads these locals.
import { z } from 'zod';
import { keysOfMap, type Terraform } from './terraform.ts';

const functionsSchema = z.record(z.string(), z.looseObject({ environment: z.unknown() }));
const secretsSchema = z.record(z.string(), z.looseObject({ function: z.string() }));

/** The parts of the resource that say where the variables come from: another form needs another reading. */
const resourceSchema = z.looseObject({
  for_each: z.literal('${local.functions}'),
  build_config: z.tuple([
    z.looseObject({
      entry_point: z.literal('${each.key}'),
      environment_variables: z.looseObject({ GOOGLE_NODE_RUN_SCRIPTS: z.literal('') }),
    }),
  ]),
  service_config: z.tuple([
    z.looseObject({
      environment_variables: z.literal('${each.value.environment}'),
      dynamic: z.object({
        secret_environment_variables: z.tuple([
          z.looseObject({
            for_each: z.literal(
              '${{ for name, secret in local.secrets : name => secret if secret.function == each.key }}',
            ),
            content: z.tuple([z.looseObject({ key: z.literal('${secret_environment_variables.key}') })]),
          }),
        ]),
      }),
    }),
  ]),
});

/** Names of the variables that each function is given, secrets included. */
export async function variablesInTerraform(
  terraform: Terraform,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  z.strictObject({ this: resourceSchema }).parse(terraform.resources('google_cloudfunctions2_function'));
  const secrets = Object.entries(secretsSchema.parse(terraform.local('secrets')));
  const functions = Object.entries(functionsSchema.parse(terraform.local('functions')));
  const told = functions.map(async ([name, { environment }]) => {
    const secret = secrets.filter(([, one]) => one.function === name).map(([variable]) => variable);
    return [name, new Set([...(await keysOfMap(environment)), ...secret])] as const;
  });
  return new Map(await Promise.all(told));
}
