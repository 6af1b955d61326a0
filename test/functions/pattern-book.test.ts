// The pattern book: user-made patterns are read at the start and now and then, and a store that fails stops nothing.
import { expect, test } from 'vitest';
import {
  createPatternBook,
  PATTERN_UNKNOWN_AGAIN_MS,
  PATTERNS_AGAIN_MS,
  PATTERNS_KEPT_MS,
} from '../../functions/pattern-book.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';

const DOCUMENT = {
  id: 'custom-redis-filter',
  title: 'The Redis filter fails',
  severity: 'error',
  contains: ['redis'],
  regexp: 'redis failed',
  headline: 'Redis fails',
  cause: 'The Redis filter fails.',
  remedy: [{ say: 'Look at it.' }],
};

function setUp() {
  const state = { nowMs: 1_000, reads: 0, documents: [DOCUMENT] as readonly unknown[], fails: false };
  const logged: string[] = [];
  const book = createPatternBook({
    userPatterns: {
      read: () => {
        state.reads += 1;
        return state.fails ? Promise.reject(new Error('UNAVAILABLE')) : Promise.resolve(state.documents);
      },
    },
    clock: { nowMs: () => state.nowMs, wait: () => Promise.resolve() },
    log: {
      write: (level, message, facts) => logged.push(`${level} ${message} ${JSON.stringify(facts ?? {})}`),
    },
  });
  return { state, logged, book };
}

test('the user’s own patterns come first, then the catalogue', async () => {
  const { book } = setUp();
  expect(book.patterns()).toBe(CATALOGUE);
  await book.refresh();
  expect(book.patterns().map(({ id }) => id)).toEqual([
    'custom-redis-filter',
    ...CATALOGUE.map(({ id }) => id),
  ]);
  expect(book.find('custom-redis-filter')?.severity).toBe('error');
});

test.for([
  [-1, 1],
  [0, 2],
  [1, 2],
] as const)('%i ms from their age they have been read %i time(s)', async ([offset, reads]) => {
  const { state, book } = setUp();
  await book.refresh();
  state.nowMs += PATTERNS_KEPT_MS + offset;
  await book.refresh();
  expect(state.reads).toBe(reads);
});

test('many requests at once read once, and an unchanged list stays the same list', async () => {
  const { state, book } = setUp();
  await Promise.all([book.refresh(), book.refresh(), book.refresh()]);
  expect(state.reads).toBe(1);
  const before = book.patterns();
  state.nowMs += PATTERNS_KEPT_MS;
  await book.refresh();
  expect(state.reads).toBe(2);
  expect(book.patterns()).toBe(before);
});

test('a pattern that somebody asks for and nobody knows is looked for again soon, but not at once', async () => {
  const { state, book } = setUp();
  state.documents = [];
  await book.refresh();
  state.documents = [DOCUMENT];
  state.nowMs += PATTERN_UNKNOWN_AGAIN_MS - 1;
  await book.refresh('custom-redis-filter');
  expect(book.find('custom-redis-filter')).toBeUndefined();
  state.nowMs += 1;
  await book.refresh('custom-redis-filter');
  expect(book.find('custom-redis-filter')).toBeDefined();
  state.nowMs += PATTERN_UNKNOWN_AGAIN_MS;
  await book.refresh('custom-redis-filter');
  expect(state.reads).toBe(2);
});

test('a store that fails stops nothing: what is known is used, and it is asked again soon', async () => {
  const { state, logged, book } = setUp();
  await book.refresh();
  state.fails = true;
  state.nowMs += PATTERNS_KEPT_MS;
  await book.refresh();
  expect(book.find('custom-redis-filter')).toBeDefined();
  expect(logged).toEqual([expect.stringContaining('UNAVAILABLE')]);
  state.fails = false;
  state.nowMs += PATTERNS_AGAIN_MS;
  await book.refresh();
  expect(state.reads).toBe(3);
});

test('a faulty document is said with its fault and left out, the others are used', async () => {
  const { state, logged, book } = setUp();
  state.documents = [
    { ...DOCUMENT, regexp: '(a+' },
    { ...DOCUMENT, id: 'custom-other' },
  ];
  await book.refresh();
  expect(book.find('custom-redis-filter')).toBeUndefined();
  expect(book.find('custom-other')).toBeDefined();
  expect(logged).toEqual([expect.stringContaining('missing closing )')]);
});
