// Taking sightings in, ids, proxies and all: idempotent, commutative and associative, counts included.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldEvidence, NO_EVIDENCE, PROJECTS_MAX, PROXIES_MAX } from '#shared/incident/fold.ts';
import { createMemory } from '#shared/incident/memory.ts';
import type { Incident } from '#shared/model/incident.ts';
import type { Sighting } from '#shared/model/sighting.ts';
import { aSighting, MINUTE_MS, pack, spread, T0_MS } from '../fakes/sightings.ts';

const NOW_MS = T0_MS + 10 * MINUTE_MS;
const QUIET_MS = 24 * 60 * MINUTE_MS;

/** An entry's minute, label and proxy follow from the entry, as they do in the world. */
const minuteOf = (entry: number): number => T0_MS / MINUTE_MS + (entry % 130);
const labelOf = (entry: number): string => (entry % 3 === 0 ? 'weak' : 'sure');

function sightingOf(target: string, entries: readonly number[]): Sighting {
  const times = entries.map((entry) => minuteOf(entry) * MINUTE_MS + entry);
  const groups = Map.groupBy(entries, (entry) => `${minuteOf(entry)} ${labelOf(entry)}`);
  return {
    ...aSighting([]),
    target,
    firstSeenMs: Math.min(...times),
    lastSeenMs: Math.max(...times),
    slices: [...groups.values()].map((some) => ({
      minute: minuteOf(some[0] ?? 0),
      label: labelOf(some[0] ?? 0),
      ids: pack(some.map(spread)),
    })),
    proxyIds: pack(entries.map((entry) => spread(1_000 + (entry % 17)))),
  };
}

const sightings = fc.array(
  fc
    .record({
      target: fc.constantFrom('x-0000000000000001', 'x-0000000000000002'),
      entries: fc.array(fc.nat(300), { minLength: 1, maxLength: 25 }),
    })
    .map(({ target, entries }) => sightingOf(target, entries)),
  { minLength: 1, maxLength: 10 },
);

function folded(parts: readonly (readonly Sighting[])[]): ReadonlyMap<string, Incident> {
  const memory = createMemory(() => QUIET_MS);
  for (const part of parts) memory.fold(part, NOW_MS);
  return new Map(memory.incidents().map((incident) => [incident.id, incident]));
}

const distinct = (all: readonly Sighting[], target: string): Set<bigint> =>
  new Set(
    all
      .filter((one) => one.target === target)
      .flatMap(({ slices }) => slices)
      .flatMap(({ ids }) => [...new BigUint64Array(ids.slice().buffer)]),
  );

test('any order, any grouping and any repetition of sightings give the same incidents', () => {
  fc.assert(
    fc.property(sightings, fc.nat(10), (all, cut) => {
      const once = folded([all]);
      expect(folded([all.toReversed()])).toEqual(once);
      expect(folded(all.map((one) => [one]))).toEqual(once);
      expect(folded(all.toReversed().map((one) => [one]))).toEqual(once);
      expect(folded([all.slice(0, cut), all.slice(cut), all, all.slice(0, cut)])).toEqual(once);
      for (const [target, { evidence }] of once) {
        expect(evidence.count).toBe(distinct(all, target).size);
        const labels = Object.values(evidence.labels).reduce((sum, count) => sum + count, 0);
        expect(labels).toBe(evidence.count);
      }
    }),
    { numRuns: 200 },
  );
});

test('proxies are counted by who they are, not by how often they speak', () => {
  const all = [sightingOf('x', [1, 2, 3]), sightingOf('x', [18, 19, 20]), sightingOf('x', [4])];
  expect(folded([all]).get('x')?.evidence.proxyCount).toBe(4);
});

describe('the number of affected proxies', () => {
  const news = (proxies: number) => ({ entries: 1, labels: new Map(), proxies, proxyLeaves: [''] });
  test.for([
    [PROXIES_MAX - 1, PROXIES_MAX - 1, false],
    [PROXIES_MAX, PROXIES_MAX, false],
    [PROXIES_MAX + 1, PROXIES_MAX, true],
  ] as const)('%i are told as %i; capped: %s', ([proxies, told, capped]) => {
    const evidence = foldEvidence(NO_EVIDENCE, [aSighting([1])], news(proxies));
    expect(evidence).toMatchObject({ proxyCount: told, proxiesCapped: capped });
    const twice = foldEvidence(
      foldEvidence(NO_EVIDENCE, [aSighting([1])], news(40_000)),
      [aSighting([2])],
      news(proxies - 40_000),
    );
    expect(twice).toMatchObject({ proxyCount: told, proxiesCapped: capped });
  });
});

test('a fault that turns out worse says so in its story, once', () => {
  const memory = createMemory(() => QUIET_MS);
  const story: number[] = [];
  for (const severity of ['warning', 'critical', 'warning', 'critical'] as const) {
    story.push(memory.incidents()[0]?.timelineCount ?? 0);
    memory.fold([{ ...sightingOf('x', [story.length]), severity }], NOW_MS);
  }
  expect([...story, memory.incidents()[0]?.timelineCount]).toEqual([0, 1, 2, 2, 2]);
});

test.for([
  [PROJECTS_MAX - 1, PROJECTS_MAX - 1],
  [PROJECTS_MAX, PROJECTS_MAX],
  [PROJECTS_MAX + 1, PROJECTS_MAX],
] as const)('of %i projects %i are named, the same ones in any order', ([projects, named]) => {
  const all = Array.from({ length: projects }, (_, n) => ({
    ...sightingOf('x', [n]),
    projects: [`project-${String(n).padStart(3, '0')}`],
  }));
  const { evidence } = folded([all]).get('x') ?? {};
  expect(evidence?.projects).toHaveLength(named);
  expect(folded([all.toReversed()]).get('x')?.evidence.projects).toEqual(evidence?.projects);
});
