// Until when «until tomorrow» is: the next morning in the team's time zone. Pure; daylight saving time included.

/** Hour of the morning at which people look again. */
const MORNING_HOUR = 8;

const DAY_MS = 86_400_000;

/** What the clock on the wall shows in that zone, as if it were UTC. */
function wallMs(timeMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(timeMs);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/** 8:00 of the next day in the zone, in Unix milliseconds. Throws RangeError for a zone that does not exist. */
export function tomorrowMs(nowMs: number, timeZone: string): number {
  const wall = wallMs(nowMs, timeZone);
  const wanted = Math.floor(wall / DAY_MS) * DAY_MS + DAY_MS + MORNING_HOUR * 3_600_000;
  // The zone may change its offset during the night: the second guess uses the one of the morning.
  let guess = nowMs + (wanted - wall);
  guess += wanted - wallMs(guess, timeZone);
  return guess;
}
