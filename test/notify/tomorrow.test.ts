// «Until tomorrow», in the team's own time zone and through the changes of its clocks.
import { expect, test } from 'vitest';
import { tomorrowMs } from '#shared/notify/tomorrow.ts';

test.for([
  ['2026-11-22T20:00:00Z', 'UTC', '2026-11-23T08:00:00.000Z'],
  ['2026-11-22T20:00:00Z', 'Europe/Berlin', '2026-11-23T07:00:00.000Z'],
  ['2026-11-22T23:30:00Z', 'Europe/Berlin', '2026-11-24T07:00:00.000Z'],
  ['2026-11-22T20:00:00Z', 'Asia/Shanghai', '2026-11-24T00:00:00.000Z'],
  ['2026-11-22T20:00:00Z', 'America/Los_Angeles', '2026-11-23T16:00:00.000Z'],
  // Clocks go forward in the night to 29 March, back in the night to 25 October.
  ['2026-03-28T12:00:00Z', 'Europe/Berlin', '2026-03-29T06:00:00.000Z'],
  ['2026-10-24T12:00:00Z', 'Europe/Berlin', '2026-10-25T07:00:00.000Z'],
] as const)('%s in %s is until %s', ([now, zone, wanted]) => {
  expect(new Date(tomorrowMs(Date.parse(now), zone)).toISOString()).toBe(wanted);
});
