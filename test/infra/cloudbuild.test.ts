// cloudbuild.yaml and infra/apply.yaml: that they parse, do what they should in the order they should, with pinned images
// and under an account of their own; and that nothing is applied without an approval.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../..');

const buildSchema = z.strictObject({
  steps: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      dir: z.string().optional(),
      env: z.array(z.string()).optional(),
      script: z.string(),
    }),
  ),
  substitutions: z.record(z.string().regex(/^_[A-Z_]+$/), z.string()),
  // An account of its own makes logging a thing to say.
  serviceAccount: z.string().startsWith('projects/$PROJECT_ID/serviceAccounts/'),
  options: z.strictObject({
    logging: z.literal('CLOUD_LOGGING_ONLY'),
    automapSubstitutions: z.literal(true),
    dynamicSubstitutions: z.literal(true),
  }),
  timeout: z.string().regex(/^\d+s$/),
});

const packageSchema = z.looseObject({
  scripts: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const { scripts, devDependencies } = packageSchema.parse(JSON.parse(read('package.json')));
const FILES = ['cloudbuild.yaml', 'infra/apply.yaml'];
const buildOf = (file: string): z.infer<typeof buildSchema> => buildSchema.parse(parse(read(file)));

test('a build checks, tests, holds the contracts against Google’s emulators, packs, validates, plans and saves', () => {
  expect(buildOf('cloudbuild.yaml').steps.map(({ id }) => id)).toEqual([
    'install',
    'check',
    'test',
    'contracts',
    'package',
    'test-package',
    'validate',
    'plan',
    'save',
  ]);
});

test('only the build that waits for an approval applies, and only a saved plan', () => {
  expect(read('cloudbuild.yaml')).not.toContain('terraform apply');
  const { steps } = buildOf('infra/apply.yaml');
  expect(steps.map(({ id }) => id)).toEqual(['fetch', 'apply']);
  expect(steps[1]?.script).toMatch(/^terraform apply .*\bmesh-triage\.tfplan$/m);
  expect(read('infra/apply.yaml')).not.toMatch(/auto-approve|terraform (?:plan|destroy)/);
});

test.for(FILES)('%s: every image is pinned to a whole version, Node to that of production', (file) => {
  const images = buildOf(file).steps.map(({ name }) => name);
  expect(images.filter((image) => !/:\d+\.\d+\.\d+(?:-[a-z]+)?$/.test(image))).toEqual([]);
  const nodes = images.filter((image) => image.startsWith('node:'));
  expect(new Set(nodes)).toEqual(new Set(nodes.map(() => `node:${devDependencies['node']}`)));
});

test('both builds use one Terraform', () => {
  const images = FILES.flatMap((file) => buildOf(file).steps.map(({ name }) => name));
  expect(new Set(images.filter((image) => image.startsWith('hashicorp/terraform:'))).size).toBe(1);
});

test.for(FILES)('%s: every substitution that is used is declared, and every one declared is used', (file) => {
  const { substitutions } = buildOf(file);
  const code = read(file).replaceAll(/^ *#.*$/gm, '');
  const used = new Set([...code.matchAll(/\$\{?(_[A-Z_]+)/g)].map(([, name = '']) => name));
  expect([...used].toSorted()).toEqual(Object.keys(substitutions).toSorted());
});

test.for(FILES)('%s: every script is one that its shell can read', (file) => {
  for (const { id, script } of buildOf(file).steps) {
    const shell = script.startsWith('#!/usr/bin/env bash') ? 'bash' : 'sh';
    const { status, stderr } = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    expect({ id, status, stderr }).toEqual({ id, status: 0, stderr: '' });
  }
});

test('every npm script that a build runs is there', () => {
  const text = buildOf('cloudbuild.yaml')
    .steps.map(({ script }) => script)
    .join('\n');
  const named = [...text.matchAll(/npm run (?:-s )?([\w:-]+)|npm (test)|node --run ([\w:-]+)/g)].map(
    ([, run, plain, node]) => run ?? plain ?? node ?? '',
  );
  expect(named).toEqual(['check', 'test', 'test:contracts', 'package', 'test:package']);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
