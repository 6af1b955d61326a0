// The run of a backfill: whatever stops it wherever, nothing is left out; Google's quota is kept and waited for.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FAILURE_WAIT_MS,
  OVERLAP_MS,
  PAGE_TRIES_MAX,
  QUOTA_WAIT_MS,
  runBackfill,
  type BackfillNeeds,
} from '../../cli/backfill-run.ts';
import type { BackfillState } from '../../cli/backfill-state.ts';
import { createReadPace, READS_PER_MINUTE } from '../../cli/read-pace.ts';
import type { LogPage } from '../../functions/adapters/cloud-logging-pages.ts';
import { T0_MS } from '../fakes/sightings.ts';

const HOUR_MS = 3_600_000;

const NOTHING_YET: BackfillState = {
  version: 1,
  key: 'k',
  fromMs: T0_MS,
  toMs: T0_MS + HOUR_MS,
  cursorMs: T0_MS,
  entries: 0,
  resumed: 0,
  savedMs: T0_MS,
  spentMs: 0,
};

interface Entry {
  readonly id: number;
  readonly atMs: number;
}

/** A clock that moves by waiting alone, and remembers how. */
function handClock() {
  let now = T0_MS + HOUR_MS;
  const waits: number[] = [];
  return {
    waits,
    nowMs: () => now,
    wait: (milliseconds: number) => {
      now += milliseconds;
      waits.push(milliseconds);
      return Promise.resolve();
    },
  };
}

/** A log of these entries, `size` on a page; the filter is the moment from which on it is read. */
function logOf(entries: readonly Entry[], size: number) {
  const sorted = entries.toSorted((a, b) => a.atMs - b.atMs);
  return (filter: string, after: string): LogPage => {
    const found = sorted.filter(({ atMs }) => atMs >= Number(filter));
    const start = after === '' ? 0 : Number(after);
    const page = found.slice(start, start + size);
    const next = start + size < found.length ? String(start + size) : '';
    return { kind: 'page', entries: page, lastMs: page.at(-1)?.atMs ?? 0, next };
  };
}

function bench(page: (filter: string, after: string) => LogPage) {
  const clock = handClock();
  const delivered: object[] = [];
  const said: string[] = [];
  let saved = NOTHING_YET;
  const needs: BackfillNeeds = {
    pages: { page: ({ filter, after }) => Promise.resolve(page(filter, after)) },
    pace: () => 0,
    clock,
    deliver: (entries) => {
      delivered.push(...entries);
      return Promise.resolve({ kind: 'published' });
    },
    save: (state) => {
      saved = state;
    },
    show: () => undefined,
    say: (text) => said.push(text),
  };
  const run = (more: Partial<BackfillNeeds> = {}) =>
    runBackfill({ ...needs, ...more }, { projects: ['p'], filterFrom: String, begun: saved });
  return { clock, delivered, said, needs, run, saved: () => saved };
}

class Killed extends Error {}

test('killed at any step, any number of times, and carried on: every entry is handed over', async () => {
  const entry = fc.record({ id: fc.nat(), atMs: fc.integer({ min: T0_MS, max: T0_MS + HOUR_MS }) });
  const logs = fc.uniqueArray(entry, { selector: ({ id }) => id, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      logs,
      fc.integer({ min: 1, max: 7 }),
      fc.array(fc.nat(12), { maxLength: 5 }),
      async (entries, size, kills) => {
        const { needs, run, delivered } = bench(logOf(entries, size));
        for (const afterSteps of kills) {
          let left = afterSteps;
          const step = (): void => {
            left -= 1;
            if (left < 0) throw new Killed();
          };
          const dying: Partial<BackfillNeeds> = {
            pages: {
              page: (wanted) => {
                step();
                return needs.pages.page(wanted);
              },
            },
            // Half of a page is handed over when death comes.
            deliver: async (page) => {
              await needs.deliver(page.slice(0, Math.ceil(page.length / 2)));
              step();
              return needs.deliver(page);
            },
            save: (state) => {
              step();
              needs.save(state);
              step();
            },
          };
          try {
            await run(dying);
          } catch (error) {
            if (!(error instanceof Killed)) throw error;
          }
        }
        expect(await run()).toMatchObject({ kind: 'done' });
        expect(new Set(delivered)).toEqual(new Set(entries));
      },
    ),
  );
});

test('what an unbroken run hands over, it hands over once, in the order of the log', async () => {
  const entries = Array.from({ length: 25 }, (_, id) => ({ id, atMs: T0_MS + id }));
  const { run, delivered } = bench(logOf(entries, 10));
  expect(await run()).toMatchObject({ kind: 'done', state: { entries: 25 }, waitedMs: 0 });
  expect(delivered).toEqual(entries);
});

test('a run that carries on reads a little of what it had again, and never from before the beginning', async () => {
  const filters: string[] = [];
  const cursorMs = T0_MS + 60_000;
  for (const begun of [NOTHING_YET, { ...NOTHING_YET, cursorMs }]) {
    const { needs } = bench((filter) => {
      filters.push(filter);
      return { kind: 'page', entries: [], lastMs: 0, next: '' };
    });
    await runBackfill(needs, { projects: ['p'], filterFrom: String, begun });
  }
  expect(filters).toEqual([String(T0_MS), String(cursorMs - OVERLAP_MS)]);
});

test('empty pages are followed, and take nothing back', async () => {
  const pages: LogPage[] = [
    { kind: 'page', entries: [{}], lastMs: T0_MS + 5, next: '1' },
    { kind: 'page', entries: [], lastMs: 0, next: '2' },
    { kind: 'page', entries: [{}], lastMs: T0_MS + 7, next: '' },
  ];
  const { run } = bench((_, after) => pages[Number(after)] ?? { kind: 'passing', why: 'no such page' });
  expect(await run()).toMatchObject({ state: { entries: 2, cursorMs: T0_MS + 7 } });
});

test('what could not be published ends the run, and is not remembered as done', async () => {
  const { run, saved } = bench(logOf([{ id: 1, atMs: T0_MS + 1 }], 10));
  const deliver = () => Promise.resolve({ kind: 'failed', why: 'no topic' } as const);
  expect(await run({ deliver })).toEqual({ kind: 'not-published', why: 'no topic' });
  expect(saved()).toEqual(NOTHING_YET);
});

describe('Google’s quota', () => {
  test('when it is used up, the run says so, waits and carries on', async () => {
    const answers: LogPage[] = [
      { kind: 'quota', why: 'RESOURCE_EXHAUSTED' },
      { kind: 'quota', why: 'RESOURCE_EXHAUSTED' },
      { kind: 'page', entries: [{}], lastMs: T0_MS, next: '' },
    ];
    const { run, clock, said } = bench(() => answers.shift() ?? { kind: 'passing', why: 'no more' });
    expect(await run()).toMatchObject({ kind: 'done', waitedMs: 2 * QUOTA_WAIT_MS });
    expect(clock.waits).toEqual([QUOTA_WAIT_MS, QUOTA_WAIT_MS]);
    expect(said).toEqual(Array(2).fill('Google’s quota of reads is used up; goes on in 20 s'));
  });

  test('is kept: no span of a minute holds more reads than are allowed, and the waits are said', async () => {
    const begun: number[] = [];
    const pages = 3 * READS_PER_MINUTE + 1;
    const one = bench((_, after) => {
      begun.push(one.clock.nowMs());
      const next = Number(after) + 1;
      return { kind: 'page', entries: [{}], lastMs: T0_MS, next: next < pages ? String(next) : '' };
    });
    const end = await one.run({ pace: createReadPace(READS_PER_MINUTE, one.clock) });
    expect(end).toMatchObject({ kind: 'done', state: { entries: pages }, waitedMs: 180_000 });
    for (const [index, atMs] of begun.entries()) {
      const sinceMs = begun[index - READS_PER_MINUTE];
      if (sinceMs !== undefined) expect(atMs - sinceMs).toBeGreaterThanOrEqual(60_000);
    }
    expect(one.said).toEqual(Array(3).fill('the reads of this minute are used up; goes on in 60 s'));
  });

  test.for([
    [READS_PER_MINUTE - 1, 0],
    [READS_PER_MINUTE, 60_000],
    [READS_PER_MINUTE + 1, 60_000],
  ] as const)('after %i reads at once the next one waits %i ms', ([reads, waitMs]) => {
    const pace = createReadPace(READS_PER_MINUTE, { nowMs: () => T0_MS });
    for (let read = 0; read < reads; read += 1) pace();
    expect(pace()).toBe(waitMs);
  });
});

test('a failure that may pass is waited out, longer each time', async () => {
  let failures = 3;
  const { run, clock } = bench(() => {
    failures -= 1;
    return failures >= 0
      ? { kind: 'passing', why: 'UNAVAILABLE' }
      : { kind: 'page', entries: [], lastMs: 0, next: '' };
  });
  expect(await run()).toMatchObject({ kind: 'done' });
  expect(clock.waits).toEqual([FAILURE_WAIT_MS, 2 * FAILURE_WAIT_MS, 4 * FAILURE_WAIT_MS]);
});

test.for([
  [PAGE_TRIES_MAX - 1, 'done'],
  [PAGE_TRIES_MAX, 'refused'],
  [PAGE_TRIES_MAX + 1, 'refused'],
] as const)('%i failures in a row: %s', async ([failures, kind]) => {
  let left: number = failures;
  const { run } = bench(() => {
    left -= 1;
    return left >= 0 ? { kind: 'quota', why: 'q' } : { kind: 'page', entries: [], lastMs: 0, next: '' };
  });
  expect(await run()).toMatchObject({ kind });
});

test.for(['no-permission', 'no-credentials', 'unknown-project', 'bad-request'] as const)(
  '%s ends the run at once',
  async (kind) => {
    const { run, clock } = bench(() => ({ kind, why: 'w' }));
    expect(await run()).toEqual({ kind: 'refused', page: { kind, why: 'w' } });
    expect(clock.waits).toEqual([]);
  },
);
