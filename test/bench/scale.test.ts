// The simulation itself: repeatable, exact, and honest about what it could not take.
import { expect, test } from 'vitest';
import { createInstances } from './scale/instances.ts';
import { WINDOW_FIRST, WINDOW_KNEE } from './scale/limits.ts';
import { createPushWindow } from './scale/push-window.ts';
import { simulate, type Scenario } from './scale/simulate.ts';
import { createVirtualClock } from './scale/virtual-clock.ts';

const SMALL: Scenario = { perSecond: 50, proxies: 20, incidents: 3, instancesMax: 2, seconds: 10, seed: 7 };

test('the same seed gives the same figures, another seed others; every entry is counted once', async () => {
  const first = await simulate(SMALL);
  expect(await simulate(SMALL)).toEqual(first);
  const other = await simulate({ ...SMALL, seed: 8 });
  expect(other.entries).not.toBe(first.entries);
  expect(first).toMatchObject({ isExact: true, left: 0 });
  expect(first.entries).toBeGreaterThan(300);
});

test('more entries on one incident cost fewer writes each', async () => {
  const few = await simulate({ ...SMALL, incidents: 1, perSecond: 5 });
  const many = await simulate({ ...SMALL, incidents: 1, perSecond: 200 });
  expect(many.perThousand.writes).toBeLessThan(few.perThousand.writes / 4);
  expect(many.perMillion.sum).toBeLessThan(few.perMillion.sum);
});

test('the window grows with good acknowledgements, stops where they are slow, pauses after a refusal', () => {
  const window = createPushWindow();
  expect(window.size()).toBe(WINDOW_FIRST);
  for (let one = 0; one < 10; one += 1) window.acknowledged(20);
  expect(window.size()).toBe(WINDOW_FIRST + 10);
  for (let one = 0; one < WINDOW_KNEE; one += 1) window.acknowledged(20);
  const atKnee = window.size();
  expect(atKnee).toBe(WINDOW_KNEE);
  for (let one = 0; one < 200; one += 1) window.acknowledged(60_000);
  expect(window.size()).toBe(WINDOW_KNEE);
  window.refused(1_000);
  window.refused(2_000);
  expect(window.pausedUntilMs()).toBe(2_200);
});

test('a full instance makes the next request wait, and no more instances start than may', async () => {
  const clock = createVirtualClock(0);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const instances = createInstances(
    { clock, random: () => 0, instancesMax: 1 },
    () => () => held.then(() => ({ status: 204 })),
  );
  let done = 0;
  for (let one = 0; one < 1_200; one += 1) void instances.serve({}).then(() => (done += 1));
  for (let step = 0; step < 600; step += 1) await clock.step();
  expect(instances.count()).toBe(1);
  release();
  for (let step = 0; step < 100; step += 1) await clock.step();
  expect(done).toBe(1_200);
  expect(instances.billedMs()).toBeGreaterThan(1_000);
});
