// What some thousand lines come to, as it was recorded: a faster reader or classifier must come to the same.
// Where a pattern or a sample changes on purpose, `vitest run -u` records its rows anew; other rows must not move.
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

/** Records and verdicts of one line: as the message of an entry, and as a line of raw text. */
function resultsOf({ line, route }: CorpusLine): string {
  const entry = intakeEntry(entryOf({ line, route, why: '' }), { publishTimeMs: 7 });
  const raw = intakeLine(line, { publishTimeMs: 7, identity: 'corpus' });
  return canonical(
    [entry, raw].map((intake) =>
      intake.kind === 'record' ? [intake.record, classifier.classify(intake.record)] : intake,
    ),
  );
}

function rowOf({ name, lines }: CorpusGroup): string {
  const [own] = lines;
  const hash = hashHex(lines.map((line) => resultsOf(line)).join('\n'));
  return `${hash} ${name} ${JSON.stringify(own.line.slice(0, 80))}`;
}

test('records and verdicts of the corpus are those that were recorded', async () => {
  const rows = groups.map(rowOf);
  expect(groups.flatMap(({ lines }) => lines).length).toBeGreaterThan(4_000);
  await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot('../golden/verdicts.txt');
});
