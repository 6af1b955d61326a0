// One batch → sightings: no entry lost, none twice, one sighting for each cause, everything bounded.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { NAMED_PROXIES_MAX, SAMPLES_MAX, type Sighting } from '#shared/model/sighting.ts';
import { SAMPLE_CHARS_MAX, tally, type TallyItem } from '#shared/tally/tally.ts';
import { anEntry, ROUTINE } from '../fakes/entries.ts';
import { T0_MS } from '../fakes/sightings.ts';

const classifier = createClassifier(CATALOGUE);
const fault = (network: number): string =>
  `Traffic Director configuration was not found for network "net-${network}" in project "1".`;

interface Made {
  readonly n: number;
  readonly network: number;
  readonly routine: boolean;
  readonly project?: string;
  readonly vm?: number;
  readonly more?: string;
}

function item({ n, network, routine, project = 'demo-project', vm = n % 40, more = '' }: Made): TallyItem {
  const message = routine ? ROUTINE : `${fault(network)}${more}`;
  const intake = intakeEntry(anEntry(n, { message, project, vm, atMs: T0_MS + n * 7_000 }), {
    publishTimeMs: T0_MS,
  });
  if (intake.kind !== 'record') throw new Error('the entry can’t be read');
  return { kind: 'record', record: intake.record, verdict: classifier.classify(intake.record) };
}

const poison = (n: number): TallyItem => ({
  kind: 'unreadable',
  unreadable: { kind: 'unreadable', reason: 'not-json', detail: '', idHigh: n, idLow: n },
});

const byValue = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

const idsOf = (sightings: readonly Sighting[]): bigint[] =>
  sightings
    .flatMap(({ slices }) => slices)
    .flatMap(({ ids }) => [...new BigUint64Array(ids.slice().buffer)])
    .sort(byValue);

const idOf = (one: TallyItem): bigint => {
  const { idHigh, idLow } = one.kind === 'record' ? one.record : one.unreadable;
  return (BigInt(idHigh) << 32n) | BigInt(idLow);
};

test('every item’s id is in exactly one slice of exactly one sighting, one sighting for each target', () => {
  const made = fc.record({ n: fc.nat(500), network: fc.nat(3), routine: fc.boolean() }).map(item);
  const items = fc.array(fc.oneof(made, fc.integer({ min: 1, max: 90 }).map(poison)), { maxLength: 60 });
  fc.assert(
    fc.property(items, (batch) => {
      const sightings = tally(batch, T0_MS);
      expect(idsOf(sightings)).toEqual(batch.map(idOf).sort(byValue));
      expect(new Set(sightings.map(({ target }) => target)).size).toBe(sightings.length);
      for (const { slices, firstSeenMs, lastSeenMs } of sightings) {
        expect(firstSeenMs).toBeLessThanOrEqual(lastSeenMs);
        expect(new Set(slices.map(({ minute, label }) => `${minute} ${label}`)).size).toBe(slices.length);
      }
    }),
  );
});

test('what a quiet backfill brought is kept apart from what came by itself, but for what is held back', () => {
  const entries = [1, 2].map((n) => item({ n, network: 1, routine: false }));
  const routine = [3, 4].map((n) => item({ n, network: 1, routine: true }));
  const quiet = (one: TallyItem): TallyItem => (one.kind === 'record' ? { ...one, quiet: true } : one);
  const batch = [...entries, ...routine].flatMap((one, index) => (index % 2 === 0 ? [one] : [quiet(one)]));
  const sightings = tally(batch, T0_MS);
  expect(sightings.map(({ kind, quiet: isQuiet = false }) => [kind, isQuiet])).toEqual([
    ['incident', false],
    ['incident', true],
    ['ledger', false],
  ]);
  expect(idsOf(sightings)).toEqual(batch.map(idOf).sort(byValue));
});

test('ids lie under the minute of their entry', () => {
  const [sighting] = tally(
    [0, 1, 20].map((n) => item({ n, network: 1, routine: false })),
    T0_MS,
  );
  const minutes = sighting?.slices.map(({ minute, ids }) => [minute - T0_MS / 60_000, ids.length / 8]);
  expect(minutes).toEqual([
    [0, 2],
    [2, 1],
  ]);
});

test('what is held back goes to the ledger of its project, by reason; what can’t be read to one of its own', () => {
  const sightings = tally(
    [
      item({ n: 1, network: 1, routine: true, project: 'one' }),
      item({ n: 2, network: 1, routine: true, project: 'two' }),
      item({ n: 3, network: 1, routine: true, project: 'one' }),
      poison(4),
    ],
    T0_MS,
  );
  const found = sightings.map(({ target, kind, slices }) => [target, kind, slices.map(({ label }) => label)]);
  expect(found).toEqual([
    ['ledger-one', 'ledger', [expect.stringMatching(/^routine:/)]],
    ['ledger-two', 'ledger', [expect.stringMatching(/^routine:/)]],
    ['ledger-(none)', 'ledger', ['parked:not-json']],
  ]);
});

test('a batch of many proxies and long lines stays small: names, samples and their text are bounded', () => {
  const many = Array.from({ length: 500 }, (_, n) =>
    item({ n, network: 1, routine: false, vm: n, more: 'x'.repeat(9_000) }),
  );
  const [sighting, ...others] = tally(many, T0_MS);
  expect(others).toEqual([]);
  expect(sighting?.proxyIds.length).toBe(500 * 8);
  expect(sighting?.proxies).toHaveLength(NAMED_PROXIES_MAX);
  expect(sighting?.samples).toHaveLength(SAMPLES_MAX);
  expect(sighting?.samples.map(({ message }) => message.length)).toEqual([
    SAMPLE_CHARS_MAX,
    SAMPLE_CHARS_MAX,
    SAMPLE_CHARS_MAX,
  ]);
});

test('the fields are those of the earliest finding, whatever the order of the batch', () => {
  const early = item({ n: 1, network: 1, routine: false });
  const late = item({ n: 9, network: 1, routine: false });
  const marked: TallyItem =
    late.kind === 'record' && late.verdict.kind === 'finding'
      ? { ...late, verdict: { ...late.verdict, fields: { kind: 'network', name: 'net-1', late: 'yes' } } }
      : late;
  for (const batch of [
    [early, marked],
    [marked, early],
  ])
    expect(tally(batch, T0_MS)[0]?.fields['late']).toBeUndefined();
});
