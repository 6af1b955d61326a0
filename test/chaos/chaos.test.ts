// A short storm under every fault at once: `npm run test:chaos` is the long one. The seed is in the test's name.
import { expect, test } from 'vitest';
import { differences, runChaos } from './chaos.ts';

const SEED = 11;

test(`seed ${SEED}: 3,000 entries through deaths, lost nudges and a stumbling Firestore are counted exactly`, async () => {
  const outcome = await runChaos({
    seed: SEED,
    entries: 3_000,
    proxies: 500,
    kills: 6,
    errors: 0.05,
    hangs: 0.002,
  });
  expect(outcome.expected.incidents.size).toBe(12);
  expect(differences(outcome)).toEqual([]);
  // A chaos that broke nothing would prove nothing.
  expect(outcome.restarts).toBeGreaterThanOrEqual(4);
  expect(outcome.nudges.lost).toBeGreaterThan(0);
}, 120_000);
