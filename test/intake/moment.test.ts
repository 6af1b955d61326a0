// Points in time in every spelling that proxies, agents and people use.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMoment } from '#shared/model/moment.ts';

const NOON = Date.UTC(2026, 10, 1, 12, 30, 15);

test.for<[text: string, timeMs: number]>([
  ['2026-11-01T12:30:15Z', NOON],
  ['2026-11-01t12:30:15Z', NOON],
  ['2026-11-01T12:30:15.5Z', NOON + 500],
  ['2026-11-01T12:30:15.399200504Z', NOON + 399],
  ['2026-11-01T12:30:15.999999999Z', NOON + 999],
  ['2026-11-01T12:30:15+00:00', NOON],
  ['2026-11-01T14:30:15+02:00', NOON],
  ['2026-11-01T14:30:15.250+0200', NOON + 250],
  ['2026-11-01T07:00:15-05:30', NOON],
  ['2026-11-01T12:30:15.074', NOON + 74],
  ['2026-11-01 12:30:15', NOON],
  ['2026-11-01 12:30:15.468', NOON + 468],
  ['2026-11-01 12:30:15,468', NOON + 468],
  ['2026-11-01 12:30:15 UTC', NOON],
  ['2026-11-01 12:30:15.1 GMT', NOON + 100],
  ['2026-11-01 12:30:15 +0000 UTC', NOON],
  ['2026-11-01 12:30:15.399200504 +0000 UTC m=+0.012', NOON + 399],
  ['2026-11-01 14:30:15 +0200 +0200', NOON],
  ['  2026-11-01T12:30:15Z\n', NOON],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ['1793536215', NOON],
  ['1793536215.25', NOON + 250],
  ['1793536215123', NOON + 123],
  ['1793536215123.9', NOON + 123],
])('%j is a moment', ([text, timeMs]) => {
  expect(parseMoment(text)).toBe(timeMs);
});

test.for([
  '',
  'never',
  '[none]',
  '2026-11-01',
  '2026-11-01T12:30',
  '2026-11-01T12:30:15X',
  '2026-11-01T12:30:15 PST',
  '2026-11-01T12:30:15.Z',
  '2026-11-01T12-30-15Z',
  '2026-11-01T24:00:00Z',
  '2026-11-01T12:60:00Z',
  '2026-11-01T12:30:61Z',
  '2026-11-01T12:30:15+24:00',
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-02-29T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '0026-02-01T00:00:00Z',
  '5',
  '0',
  '978307199',
  '4102444800',
  '4102444800000',
  '1e12',
  '-1793536215',
  '01/11/2026 12:30:15',
  `2026-11-01T12:30:15.${'0'.repeat(100)}Z`,
])('%j is none', (text) => {
  expect(parseMoment(text)).toBeUndefined();
});

test('what a Date prints is read back, whenever it was', () => {
  const date = fc.date({ min: new Date('1600-01-01'), max: new Date('2999-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(date, (moment) => {
      expect(parseMoment(moment.toISOString())).toBe(moment.getTime());
    }),
  );
});

test('no text makes it throw or gives a broken number', () => {
  const nearly = fc.stringMatching(/^[0-9T:.,+ Z-]{15,40}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), nearly), (text) => {
      const timeMs = parseMoment(text) ?? 0;
      expect(Number.isInteger(timeMs)).toBe(true);
    }),
  );
});
