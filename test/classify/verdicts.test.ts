// What some thousand lines come to, as it was recorded: a faster reader or classifier must come to the same.
// Where a pattern changes on purpose: delete the file and run this test again; only that pattern's rows may move.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import { intakeLine } from '#shared/intake/line-entry.ts';
import { hashHex } from '#shared/model/hash.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { entryOf } from '../patterns/sample.ts';
import { corpus, type CorpusGroup, type CorpusLine } from './corpus.ts';

const classifier = createClassifier(CATALOGUE);
const groups = await corpus();

/** Keys sorted, so that the order in which an object was built makes no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** Ids are held against their own test. */
const NO_ID = { idHigh: 0, idLow: 0 } as const;

/** Records and verdicts of one line: as the message of an entry, and as a line of raw text. */
function resultsOf({ line, route }: CorpusLine): string {
  const entry = intakeEntry(entryOf({ line, route, why: '' }), { publishTimeMs: 7 });
  const raw = intakeLine(line, { publishTimeMs: 7, identity: 'corpus' });
  return canonical(
    [entry, raw].map((intake) =>
      intake.kind === 'record'
        ? [{ ...intake.record, ...NO_ID }, classifier.classify(intake.record)]
        : intake,
    ),
  );
}

/** What tells a sample from all others, in the file and now. */
function keyOf({ name, lines }: CorpusGroup): string {
  const [{ line, route }] = lines;
  return `${name.replaceAll(' ', '-')}/${route}/${hashHex(line)}`;
}

function rowOf(group: CorpusGroup): string {
  const hash = hashHex(group.lines.map((line) => resultsOf(line)).join('\n'));
  return `${keyOf(group)} ${hash} ${JSON.stringify(group.lines[0].line.slice(0, 80))}`;
}

const FILE = join(import.meta.dirname, '../golden/verdicts.txt');

test('records and verdicts of the corpus are those that were recorded', async () => {
  const rows = new Map(groups.map((group) => [keyOf(group), rowOf(group)]));
  if (!existsSync(FILE)) {
    await expect(`${[...rows.values()].join('\n')}\n`).toMatchFileSnapshot(FILE);
    return;
  }
  // Samples that came since are recorded with the next change on purpose; those that went are nobody's loss.
  const recorded = readFileSync(FILE, 'utf8').trimEnd().split('\n');
  const known = recorded.filter((row) => rows.has(row.slice(0, row.indexOf(' '))));
  expect(known.length).toBeGreaterThan(400);
  expect(known.map((row) => rows.get(row.slice(0, row.indexOf(' '))))).toEqual(known);
});
