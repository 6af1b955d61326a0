// The alerts on our own log lines against what the functions write: a line that is reworded would be heard by nobody.
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { readTerraform } from './terraform.ts';

const root = resolve(import.meta.dirname, '../..');
const WORDS_OF_REFUSALS = /jsonPayload\.message=~"\(([^)]+)\)"/;

let refusals: string;
let errors: string;
beforeAll(async () => {
  const terraform = await readTerraform();
  refusals = z.string().parse(terraform.local('slack_refusals'));
  const alerts = z.record(z.string(), z.looseObject({ filter: z.string() }));
  errors = alerts.parse(terraform.local('log_alerts'))['function-errors']?.filter ?? '';
});

/** What the functions log: the message of every `write(level, message, …)`. */
const written = globSync('functions/*.ts', { cwd: root }).flatMap((file) => [
  ...readFileSync(join(root, file), 'utf8').matchAll(
    /\.write\(\s*'(?:INFO|WARNING|ERROR)',\s*(['`])(?<message>.*?)\1/g,
  ),
]);
const messages = new Set(written.map((match) => match.groups?.['message'] ?? ''));

test('every line that the alert on refusals waits for is written by a function', () => {
  const words = WORDS_OF_REFUSALS.exec(refusals)?.[1]?.split('|') ?? [];
  expect(words.length).toBeGreaterThan(3);
  expect(words.filter((one) => !messages.has(one))).toEqual([]);
});

test('what the alert on errors leaves to the other one is waited for there', () => {
  const left = [...errors.matchAll(/NOT jsonPayload\.message:"([^"]+)"/g)].map(([, words]) => words ?? '');
  expect(left.length).toBeGreaterThan(0);
  expect(left.filter((words) => !refusals.includes(words))).toEqual([]);
});
