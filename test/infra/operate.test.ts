// docs/operate.md against what it speaks of: its test entry, the alerts, the outputs and the scripts that it names.
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { sinkOf } from './sink.ts';
import { readTerraform } from './terraform.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const page = read('docs/operate.md');

const all = (text: string, expression: RegExp): readonly string[] =>
  [...text.matchAll(expression)].map(([, found = '']) => found).toSorted();

test('the test entry comes through the sink and opens the incident that the page promises', async () => {
  const command =
    /gcloud logging write (\S+) '([^']+)' --severity=(\w+) --monitored-resource-type=(\w+) --monitored-resource-labels=(\S+)/;
  const [, log, textPayload, severity, type, labels = ''] = command.exec(page) ?? [];
  const entry = {
    insertId: 'test',
    logName: `projects/shop-prod/logs/${log}`,
    severity,
    timestamp: '2026-11-01T10:00:00Z',
    resource: { type, labels: Object.fromEntries(labels.split(',').map((label) => label.split('='))) },
    textPayload,
  };
  expect(sinkOf(await readTerraform())(entry)).toBe(true);
  const intake = intakeEntry(entry, { publishTimeMs: 0 });
  if (intake.kind !== 'record') throw new Error(intake.detail);
  expect(createClassifier(CATALOGUE).classify(intake.record)).toMatchObject({
    kind: 'finding',
    pattern: 'config-not-found',
    weight: 'sure',
    fields: { name: 'a-test' },
  });
});

test('the page tells what to do for every alert that there is, and for no other', () => {
  const alerts = all(read('infra/alerting.tf'), /^\s*display\s*=\s*"([^"]+)"$/gm);
  const [, section = ''] = page.split('\n## Alerts\n');
  const rows = all(section.split('\n## ')[0] ?? '', /^\| ([^|]*?) +\|/gm);
  expect(alerts.length).toBeGreaterThan(0);
  expect(rows.filter((row) => row !== 'alert' && !row.startsWith('-'))).toEqual(alerts);
});

test('every output, variable, function and script that the page names is there', () => {
  const terraform = globSync('infra/*.tf', { cwd: root }).map(read).join('\n');
  const outputs = all(terraform, /^output "(\w+)"/gm);
  expect(all(page, /outputs? `(\w+)`/g).filter((name) => !outputs.includes(name))).toEqual([]);
  const variables = all(terraform, /^variable "(\w+)"/gm);
  const settings = all(page, /^ +(\w+) += /gm);
  expect(settings.filter((name) => !variables.includes(name))).toEqual([]);
  const { scripts } = z
    .looseObject({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json')));
  expect(all(page, /npm run (?:-s )?([\w:-]+)/g).filter((name) => scripts[name] === undefined)).toEqual([]);
});
