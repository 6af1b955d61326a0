// What Terraform tells each function against what functions/config.ts reads: nothing missing, nothing for nobody.
import { beforeAll, expect, test } from 'vitest';
import { settings } from '../../functions/config.ts';
import { variablesInTerraform } from './functions-terraform.ts';
import { readTerraform } from './terraform.ts';

/** Read by the functions, but set by tests and one-machine runs alone. */
const LOCAL_ONLY = new Set(['GOOGLE_API_BASE', 'LOGGING_API_ENDPOINT', 'SLACK_API_URL']);

/** Read by Node itself. */
const OF_THE_PLATFORM = new Set(['NODE_OPTIONS']);

let told: Awaited<ReturnType<typeof variablesInTerraform>>;
beforeAll(async () => {
  told = await variablesInTerraform(await readTerraform());
});

test('Terraform deploys every function that there is, and no other', () => {
  expect([...told.keys()].toSorted()).toEqual(Object.keys(settings).toSorted());
});

test.for(Object.entries(settings))('%s is told all that it reads, and no more', ([name, { shape }]) => {
  const read = Object.keys(shape).filter((variable) => !LOCAL_ONLY.has(variable));
  const set = [...(told.get(name) ?? [])].filter((variable) => !OF_THE_PLATFORM.has(variable));
  expect(set.toSorted()).toEqual(read.toSorted());
});

test('a secret is a secret: no plain variable is called a token, a secret, a password or a key', async () => {
  const terraform = await readTerraform();
  const plain = await variablesInTerraform({
    ...terraform,
    local: (name) => (name === 'secrets' ? {} : terraform.local(name)),
  });
  const names = [...plain.values()].flatMap((one) => [...one]);
  expect(names.filter((name) => /TOKEN|SECRET|PASSWORD|KEY/.test(name))).toEqual([]);
});
