// Lines that are read by memory: whatever their head says and however often they came, they come to the same.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headEnd } from '#shared/intake/head.ts';
import { normaliseLine, readLine } from '#shared/intake/normalise.ts';

test.for([
  ['[2026-11-01 10:00:00.123][4170][warning][config] x', 31],
  ['[2026-11-01T10:00:00.123][1][info] x', 28],
  ['2026-11-01T10:00:00.123456Z\twarn\txdsproxy\tx', 27],
  ['[2026-11-01 10:00:00.123] x', 0],
  ['[2026-11-01 10:00:00.123][] x', 0],
  ['[2026-11-01 10:00:00.123][17a] x', 0],
  ['[2026-11-01 10:00:00]23]][17] x', 0],
  ['[2026-11-01 10:00:00.12][17] x', 0],
  ['2026-11-01T10:00:00.123456Z x', 0],
  ['2026-11-01 10:00:00.1234567\tx', 0],
  ['2026-11-01 10:00:00.123456Z\tx', 0],
  ['warning envoy config x', 0],
  ['', 0],
] as const)('the head of «%s» ends at %i', ([line, end]) => {
  expect(headEnd(line)).toBe(end);
});

const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`));
const envoyHead = fc
  .tuple(digits(3), fc.constantFrom(' ', 'T'), fc.integer({ min: 0, max: 99_999 }))
  .map(([millis, between, thread]) => `[2026-11-01${between}10:00:00.${millis}][${thread}]`);
const agentHead = digits(6).map((micros) => `2026-11-01T10:00:00.${micros}Z`);
const head = fc.oneof(envoyHead, agentHead, fc.constantFrom('', ' ', ']', 'Z', '[2026-11-01 10:00:00.123]'));
const piece = fc.constantFrom(
  '[warning]',
  '[info]',
  '[config]',
  '[C7]',
  '[S12] ',
  '[a.cc:7] ',
  ' ',
  '\t',
  'warn',
  'error',
  'envoy config ',
  '\tthread=16',
  'xdsproxy',
  '"GET / HTTP/1.1" 503 UF ',
  'closed: 13, ',
  ']',
  '[',
  '12',
  'Z',
  '\n',
  'ü',
  '- "-" 0 0',
  'password=abc',
  'a@example.com',
  'gce-service-proxy | agent-heartbeat | 1',
  '{"msg":"x"}',
);
const rest = fc.oneof(
  fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** All but where the message stands. */
function known(line: ReturnType<typeof normaliseLine>) {
  const { level, writer, component, message, text, bare, timeFrom, timeTo, access } = line;
  return { level, writer, component, message, text, bare, timeFrom, timeTo, access };
}

test('a line comes to what it comes to without memory, behind any head, again and again', () => {
  fc.assert(
    fc.property(fc.array(head, { minLength: 2, maxLength: 4 }), rest, (heads, end) => {
      for (const times of [1, 2, 3])
        for (const one of heads) {
          const line = one + end;
          expect(known(normaliseLine(line)), `time ${times}`).toEqual(known(readLine(line)));
        }
    }),
    { numRuns: 4_000 },
  );
});

test('a line that looks like the rest of another is not taken for it', () => {
  const line = '[2026-11-01 10:00:00.123][17][warning][config] lost';
  for (let times = 0; times < 3; times += 1) normaliseLine(line);
  expect(normaliseLine('][warning][config] lost').level).toBe(readLine('][warning][config] lost').level);
  const agents = '2026-11-01T10:00:00.123456Z\twarn\tlost';
  for (let times = 0; times < 3; times += 1) normaliseLine(agents);
  expect(normaliseLine('Z\twarn\tlost').message).toBe(readLine('Z\twarn\tlost').message);
});
