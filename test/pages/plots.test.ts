// Sums and places of the plots: nothing is lost on the way from slots to bars, and nothing is drawn outside.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HELD_BACK, type Day, type Episode } from '#shared/model/history.ts';
import { placeOf, roundUp, timeTicks } from '#shared/pages/axis.ts';
import { htmlText } from '#shared/pages/html.ts';
import { minutesPlot } from '#shared/pages/plot-minutes.ts';
import { lanesPlot } from '#shared/pages/plot-lanes.ts';
import { drawn, SERIES_MAX } from '#shared/pages/plot-rate.ts';
import { RANGES, seriesOf, spanOf } from '#shared/pages/series.ts';
import { ago, duration, isoSeconds, moment } from '#shared/pages/when.ts';
import { NOW_MS, overviewData, pageContext } from './history-data.ts';

const DAY = Math.floor(NOW_MS / 86_400_000);

test('every entry of the range is in one bucket, every other in none', () => {
  const slotMs = 600_000;
  fc.assert(
    fc.property(
      fc.constantFrom(...RANGES),
      fc.array(
        fc.record({
          back: fc.integer({ min: 0, max: 33 }),
          slot: fc.integer({ min: 0, max: 143 }),
          count: fc.integer({ min: 1, max: 900 }),
        }),
      ),
      (range, entries) => {
        const span = spanOf(range, NOW_MS);
        const unique = [...new Map(entries.map((entry) => [`${entry.back} ${entry.slot}`, entry])).values()];
        const days = Map.groupBy(unique, ({ back }) => DAY - back);
        const given = [...days].map(([day, own]): Day => ({
          day,
          slots: { 'dns-failure': new Map(own.map(({ slot, count }) => [slot, count])) },
          ends: {},
        }));
        const expected = unique
          .filter(({ back, slot }) => {
            const atMs = (DAY - back) * 86_400_000 + slot * slotMs;
            return atMs >= span.fromMs && atMs < span.toMs;
          })
          .reduce((sum, { count }) => sum + count, 0);
        const { patterns } = seriesOf(given, range, NOW_MS);
        expect(patterns.reduce((sum, { total }) => sum + total, 0)).toBe(expected);
        for (const { counts, total } of patterns)
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
      },
    ),
  );
});

test.for([
  ['24h', 144],
  ['7d', 168],
  ['30d', 120],
] as const)('%s has %i buckets', ([range, buckets]) => {
  const { heldBack } = seriesOf([], range, NOW_MS);
  expect(heldBack).toMatchObject({ pattern: HELD_BACK, total: 0 });
  expect(heldBack.counts).toHaveLength(buckets);
});

test.for([SERIES_MAX, SERIES_MAX + 1, SERIES_MAX + 2, 30])(
  'of %i patterns every entry is drawn, in few colours',
  (count) => {
    const patterns = Array.from({ length: count }, (_, index) => ({
      pattern: `p${index}`,
      counts: [index, 1],
      total: index + 1,
    }));
    const series = drawn(patterns);
    expect(series.length).toBeLessThanOrEqual(SERIES_MAX + 1);
    const sum = (list: readonly { total: number }[]): number =>
      list.reduce((all, { total }) => all + total, 0);
    expect(sum(series)).toBe(sum(patterns));
  },
);

test('a place is never outside, and ticks are few and whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4e12 }),
      fc.integer({ min: 1, max: 40 * 86_400_000 }),
      (fromMs, length) => {
        const span = { fromMs, toMs: fromMs + length };
        for (const at of [0, fromMs, fromMs + length / 2, 4e12]) {
          expect(placeOf(at, span)).toBeGreaterThanOrEqual(0);
          expect(placeOf(at, span)).toBeLessThanOrEqual(100);
        }
        const ticks = timeTicks(span);
        expect(ticks.length).toBeLessThanOrEqual(8);
        for (const tick of ticks) expect(tick % 600_000).toBe(0);
      },
    ),
  );
});

test.for([
  [0, 1],
  [0.3, 0.5],
  [1, 1],
  [7, 10],
  [21, 50],
  [100, 100],
  [101, 200],
])('the top of an axis above %d is %d', ([value, top]) => {
  expect(roundUp(value ?? 0)).toBe(top);
});

describe('the plot of an incident’s minutes', () => {
  const hour = (at: number, counts: readonly (readonly [number, number])[]) => ({
    hour: at,
    counts: new Map(counts),
  });
  const bars = (text: string): number => text.split('class="bar"').length - 1;

  test('draws one bar a minute for few hours, and joins minutes for many', () => {
    const every = Array.from({ length: 60 }, (_, minute) => [minute, 2] as const);
    const one = htmlText(minutesPlot([hour(1_000, every)], []));
    expect(bars(one)).toBe(60);
    const day = htmlText(
      minutesPlot(
        Array.from({ length: 24 }, (_, index) => hour(1_000 + index, every)),
        [],
      ),
    );
    expect(bars(day)).toBe(240);
    expect(day).toContain('UTC: 2 a minute');
    expect(day).toContain('over 6 minutes each');
  });
  test('marks a gap between hours, and the changes of state within them', () => {
    const plot = htmlText(
      minutesPlot(
        [hour(1_000, [[0, 1]]), hour(1_005, [[30, 1]])],
        [
          { n: 1, atMs: 1_000 * 3_600_000, kind: 'opened', who: 'mesh-triage', why: '' },
          { n: 2, atMs: 1_002 * 3_600_000, kind: 'resolved', who: 'mesh-triage', why: '' },
          { n: 3, atMs: 1_005 * 3_600_000 + 1_800_000, kind: 'reopened', who: 'mesh-triage', why: '' },
        ],
      ),
    );
    expect(plot.split('class="gap"')).toHaveLength(2);
    expect(plot).toMatch(/>opened</);
    expect(plot).toMatch(/x1="75.00%"[^>]*>.*>reopened</s);
    // In an hour that is not drawn.
    expect(plot).not.toMatch(/>resolved</);
  });
  test('says so where nothing is kept', () => {
    expect(htmlText(minutesPlot([], []))).toContain('No minute is kept of it.');
  });
});

test('a lane says in words what it draws, and links to its incident', () => {
  const { episodes } = overviewData();
  const [first] = episodes;
  if (first === undefined) throw new Error('no episode');
  const range = { span: spanOf('24h', NOW_MS), words: 'last 24 hours' };
  const acknowledged: Episode = {
    ...first,
    state: 'resolved',
    openedAtMs: NOW_MS - 7_200_000,
    acknowledgedAtMs: NOW_MS - 6_600_000,
    resolvedAtMs: NOW_MS - 3_600_000,
    resolvedBy: 'quiet',
  };
  const text = htmlText(
    lanesPlot(pageContext(), { episodes: [acknowledged], episodesCut: false, nowMs: NOW_MS }, range),
  );
  expect(text).toContain(
    'critical, opened 2026-11-22 01:17 UTC, acknowledged 2026-11-22 01:27 UTC, resolved 2026-11-22 02:17 UTC by quiet, lasted 1 h',
  );
  expect(text).toContain(`href="./incidents/${acknowledged.incident}"`);
  for (const mark of ['opened', 'acknowledged', 'resolved']) expect(text).toContain(`mark ${mark}`);
});

test.for([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [3_660_000, '1 h 1 min'],
  [86_400_000, '1 d'],
  [90_000_000, '1 d 1 h'],
  [-5, '0 s'],
] as const)('%i ms is %s', ([lengthMs, words]) => {
  expect(duration(lengthMs)).toBe(words);
});

test('a moment is UTC for machines and people, and never where there is none', () => {
  expect(htmlText(moment(NOW_MS))).toBe('<time datetime="2026-11-22T03:17:00Z">2026-11-22 03:17 UTC</time>');
  expect(htmlText(moment(0))).toContain('never');
  expect(isoSeconds(9e15)).toBe('');
  expect(htmlText(ago(NOW_MS - 7.4 * 3_600_000, NOW_MS))).toContain('>7 h ago<');
  expect(htmlText(ago(NOW_MS + 7_200_000, NOW_MS))).toContain('>in 2 h<');
});
