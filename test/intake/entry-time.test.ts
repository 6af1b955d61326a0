// The time of an entry: its own unless that is absurd, held against the same decision without any short cut.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryTime } from '#shared/intake/entry-time.ts';
import { EARLIEST_MS, LATEST_MS, parseMoment } from '#shared/model/moment.ts';

const DAY_MS = 86_400_000;

function usable(time: string): number | undefined {
  const ms = parseMoment(time);
  return ms !== undefined && ms >= EARLIEST_MS && ms < LATEST_MS ? ms : undefined;
}

function expected(timestamp: string, receiveTimestamp: string, publishTimeMs: number): number {
  const own = usable(timestamp);
  const received = usable(receiveTimestamp);
  if (own !== undefined && !(received !== undefined && own > received + DAY_MS)) return own;
  return received ?? publishTimeMs;
}

const date = fc
  .date({ min: new Date(EARLIEST_MS), max: new Date(LATEST_MS), noInvalidDate: true })
  .map((one) => one.toISOString());
const near = fc
  .integer({ min: -3 * DAY_MS, max: 3 * DAY_MS })
  .map((ms) => new Date(Date.UTC(2026, 10, 1, 10) + ms).toISOString());
const time = fc
  .tuple(fc.oneof(date, near), fc.constantFrom('', ' ', 'x'), fc.nat(3))
  .map(([iso, before, form]) => {
    const text =
      [iso, iso.replace('T', ' '), iso.replace('Z', '+05:30'), iso.replace('Z', '456Z')][form] ?? iso;
    return before + text;
  });
const number = fc.integer({ min: 900_000_000, max: 4_200_000_000 }).map(String);
const any = fc.oneof(time, number, fc.constantFrom('', 'Z', '9', '2026-11-01Z', '9999-99-99T99:99:99Z'));

test('the short cut of times in order decides as reading both times does', () => {
  fc.assert(
    fc.property(any, any, (timestamp, receiveTimestamp) => {
      expect(entryTime(timestamp, receiveTimestamp, 7).timeMs).toBe(expected(timestamp, receiveTimestamp, 7));
    }),
    { numRuns: 20_000 },
  );
});

test('a time that only seems to come first is not believed', () => {
  // The blank in front is less than any digit.
  expect(entryTime(' 2099-01-01T00:00:00Z', '2026-11-01T10:00:00Z', 7).timeMs).toBe(
    Date.UTC(2026, 10, 1, 10),
  );
});
