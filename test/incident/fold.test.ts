// Folding: any sightings, any number of times, in any order, give the same evidence.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldEvidence, NO_EVIDENCE, type News } from '#shared/incident/fold.ts';
import { incidentId, ledgerId } from '#shared/incident/key.ts';
import type { Evidence } from '#shared/model/incident.ts';
import type { Sighting } from '#shared/model/sighting.ts';

const NO_NEWS: News = { entries: 0, labels: new Map(), proxies: 0, proxyLeaves: [''] };
const NOTHING = new Uint8Array();

const hex = fc.integer({ min: 0, max: 40 }).map((n) => n.toString(16).padStart(16, '0'));
const sighting: fc.Arbitrary<Sighting> = fc
  .record({
    times: fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 500 })),
    field: fc.constantFrom('a', 'b', 'c'),
    severity: fc.constantFrom('info' as const, 'warning' as const, 'error' as const, 'critical' as const),
    projects: fc.subarray(['p1', 'p2', 'p3']),
    proxies: fc.array(fc.tuple(hex, fc.constantFrom('vm', 'vm-renamed')), { maxLength: 40 }),
    samples: fc.array(hex, { maxLength: 3 }),
    quiet: fc.boolean(),
  })
  .map(({ times: [first, span], field, severity, projects, proxies, samples, quiet }) => ({
    ...(quiet ? { quiet: true as const } : {}),
    kind: 'incident',
    target: 'x',
    pattern: 'p',
    scope: {},
    severity,
    fields: { field },
    projects,
    firstSeenMs: first,
    lastSeenMs: first + span,
    slices: [],
    proxyIds: NOTHING,
    proxies: proxies.map(([id, name]) => ({
      id,
      project: 'p1',
      location: 'z',
      name: id,
      displayName: `${name}-${id}`,
      group: '',
    })),
    // An entry is written once: its time follows from its id.
    samples: samples.map((entry) => ({
      timeMs: Number.parseInt(entry, 16) % 7,
      entry,
      proxy: '',
      logName: '',
      message: entry,
    })),
  }));

const fold = (before: Evidence, sightings: readonly Sighting[]): Evidence =>
  foldEvidence(before, sightings, NO_NEWS);

test('folding is commutative, associative and idempotent', () => {
  fc.assert(
    fc.property(fc.array(sighting, { minLength: 1, maxLength: 8 }), fc.nat(8), (sightings, cut) => {
      const once = fold(NO_EVIDENCE, sightings);
      expect(fold(NO_EVIDENCE, sightings.toReversed())).toEqual(once);
      expect(fold(fold(NO_EVIDENCE, sightings.slice(0, cut)), sightings.slice(cut))).toEqual(once);
      expect(fold(once, sightings)).toEqual(once);
    }),
  );
});

test('the last entry that came by itself is remembered apart from those of a quiet backfill, in any order', () => {
  const live = fc.sample(sighting, 1)[0];
  if (live === undefined) throw new Error('no sample');
  const at = (lastSeenMs: number, quiet: boolean): Sighting => {
    const { quiet: _, ...rest } = live;
    return { ...rest, firstSeenMs: 1, lastSeenMs, ...(quiet ? { quiet } : {}) };
  };
  expect(fold(NO_EVIDENCE, [at(500, false)])).not.toHaveProperty('lastLiveMs');
  expect(fold(NO_EVIDENCE, [at(500, true)])).toMatchObject({ lastSeenMs: 500, lastLiveMs: 0 });
  for (const order of [
    [at(900, true), at(500, false)],
    [at(500, false), at(900, true)],
  ])
    expect(fold(NO_EVIDENCE, order)).toMatchObject({ lastSeenMs: 900, lastLiveMs: 500 });
});

test('the same scope gives the same incident, in whatever order it is written', () => {
  expect(incidentId('p', { a: '1', b: '2' })).toBe(incidentId('p', { b: '2', a: '1' }));
  expect(incidentId('p', { a: '1', b: '2' })).not.toBe(incidentId('p', { a: '12', b: '' }));
  expect(incidentId('p', { a: '1\nb="2"' })).not.toBe(incidentId('p', { a: '1', b: '2' }));
  expect(incidentId('config-not-found', { network: 'x' })).toMatch(/^config-not-found-[0-9a-f]{16}$/);
});

test('a ledger id is a safe document id whatever the project is called', () => {
  expect(ledgerId('demo-project')).toBe('ledger-demo-project');
  expect(ledgerId('example.com:demo')).toBe('ledger-example.com:demo');
  expect(ledgerId('../../x')).toBe('ledger-.._.._x');
  expect(ledgerId('')).toBe('ledger-(none)');
});
