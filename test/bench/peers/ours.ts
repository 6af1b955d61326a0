// What the peers do, done by mesh-triage: lines of a file in, `CLASS` out for each. Run as a process of its own.
import { readFileSync } from 'node:fs';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeLine } from '#shared/intake/line-entry.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';

const [file = ''] = process.argv.slice(2);
const classifier = createClassifier(CATALOGUE);
const classes: string[] = [];
let number = 0;
for (const text of readFileSync(file, 'utf8').split('\n')) {
  if (text === '') continue;
  number += 1;
  const intake = intakeLine(text, { publishTimeMs: 1_800_000_000_000, identity: `bench:${number}` });
  const verdict = intake.kind === 'record' ? classifier.classify(intake.record) : intake;
  classes.push(verdict.kind === 'finding' ? verdict.pattern : verdict.kind);
}
process.stdout.write(`${classes.join('\n')}\n`);
