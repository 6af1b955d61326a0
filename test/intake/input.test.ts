// Input of every form, cut into chunks anywhere: one item per line or element, in order, within bounds.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInputReader, type InputItem } from '#shared/intake/input.ts';
import { HEAD_CHARS, ITEM_CHARS_MAX } from '#shared/intake/item-buffer.ts';

function read(...chunks: readonly string[]): InputItem[] {
  const reader = createInputReader();
  const items = chunks.flatMap((chunk) => reader.push(chunk));
  return [...items, ...reader.end()];
}

/** Items in short: kind, line and text. */
function brief(items: readonly InputItem[]): string[] {
  return items.map((item) => {
    const text = item.kind === 'json' || item.kind === 'text' ? ` ${item.text}` : '';
    return `${item.line} ${item.kind}${text}`;
  });
}

test.for<[what: string, input: string, items: readonly string[]]>([
  ['nothing', '', []],
  ['a byte order mark alone', '\uFEFF', []],
  ['one empty line', '\n', ['1 blank']],
  ['a line without a line break', 'a', ['1 text a']],
  ['lines of both ends', 'a\r\nb\nc\r', ['1 text a', '2 text b', '3 text c']],
  ['blank lines between', '\n \t\r\na\n\nb', ['1 blank', '2 blank', '3 text a', '4 blank', '5 text b']],
  [
    'Envoy’s lines',
    '[2026-11-01 10:00:00.123][15][info][main] x\n[warning][config] y\n',
    ['1 text [2026-11-01 10:00:00.123][15][info][main] x', '2 text [warning][config] y'],
  ],
  ['text that turns into JSON', 'a\n{"b":1}\n[{"c":1}]', ['1 text a', '2 text {"b":1}', '3 text [{"c":1}]']],
  ['a NUL', 'a\0b\n\0', ['1 text a\0b', '2 text \0']],
  ['NDJSON', '{"a":1}\r\n{"b":2}', ['1 json {"a":1}', '2 json {"b":2}']],
  ['NDJSON behind a byte order mark and a blank line', '\uFEFF\n {"a":1}\n', ['1 blank', '2 json  {"a":1}']],
  [
    'NDJSON with strange lines',
    '{"a":1}\nwhat\n\n[1]\n{"b":',
    ['1 json {"a":1}', '2 json what', '3 blank', '4 json [1]', '5 json {"b":'],
  ],
  ['an empty array', '[]\n', []],
  ['an array in one line', '[{"a":1},{"b":[2,{"c":3}]}]', ['1 json {"a":1}', '1 json {"b":[2,{"c":3}]}']],
  [
    'an array with line breaks',
    '[\r\n  {\r\n    "a": 1\r\n  },\r\n  {\r\n    "b": 2\r\n  }\r\n]\r\n',
    ['2 json {\r\n    "a": 1\r\n  }', '5 json {\r\n    "b": 2\r\n  }'],
  ],
  [
    'brackets in strings',
    '[{"a":"}]{[\\"}"},{"b":"\\\\"}]',
    ['1 json {"a":"}]{[\\"}"}', '1 json {"b":"\\\\"}'],
  ],
  ['two arrays', '[{"a":1}]\n[{"b":2}]\n', ['1 json {"a":1}', '2 json {"b":2}']],
  [
    'objects over several lines',
    '{\n  "a": 1\n}\n{\n  "b": 2\n}\n',
    ['1 json {\n  "a": 1\n}', '4 json {\n  "b": 2\n}'],
  ],
  [
    'elements that are no objects',
    '[{"a":1}, 5, "x, y", null]',
    ['1 json {"a":1}', '1 json 5', '1 json "x, y"', '1 json null'],
  ],
  ['an array that was cut', '[{"a":1},{"b":', ['1 json {"a":1}', '1 json {"b":']],
  ['an array that was cut in a string', '[{"a":1},{"b":"x', ['1 json {"a":1}', '1 json {"b":"x']],
  ['an array that never began', '[\n', []],
  [
    'an unclosed element',
    '[\n  {\n    "a": 1,\n  {\n    "b": 2\n  }\n]',
    ['2 json {\n    "a": 1,', '4 json {\n    "b": 2\n  }'],
  ],
  [
    'an element with a brace too few',
    '[\n  {\n    "a": {"x": 1\n  },\n  {\n    "b": 2\n  }\n]',
    ['2 json {\n    "a": {"x": 1\n  },', '5 json {\n    "b": 2\n  }'],
  ],
  [
    'an element with a brace too many',
    '[{"a":1}},{"b":2}]',
    ['1 json {"a":1}', '1 json }', '1 json {"b":2}'],
  ],
  ['a list that is not closed', '[{"a":[1,2},{"b":2}]', ['1 json {"a":[1,2}', '1 json {"b":2}']],
  [
    'an element without its end',
    '[\n  {\n    "a": 1\n]\n[{"b":2}]',
    ['2 json {\n    "a": 1', '5 json {"b":2}'],
  ],
  [
    'a string that is not closed',
    '[\n  {\n    "a": "x,\n    "b": {}\n  },\n  {\n    "c": 3\n  }\n]',
    ['2 json {\n    "a": "x,\n    "b": {}\n  }', '6 json {\n    "c": 3\n  }'],
  ],
  [
    'a broken string before deeper brackets',
    '[\n  {\n    "a": "x,\n    "b": [\n    ]\n  },\n  {\n    "c": 3\n  }\n]',
    ['2 json {\n    "a": "x,\n    "b": [\n    ]\n  }', '7 json {\n    "c": 3\n  }'],
  ],
])('%s comes out whole', ([, input, items]) => {
  expect(brief(read(input))).toEqual(items);
});

const lines = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', ' ', '{"a":1}', '[', '{', '[]', '\r', 'x\r', '[{'),
  ),
);
const entries = fc.array(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()), {
  maxLength: 6,
});
const broken = fc.array(
  fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '\n', '  ', 'a', '1', '\r', '\uFEFF', '[\n  {\n'),
  { maxLength: 60 },
);
const inputs = fc.oneof(
  lines.map((parts) => parts.join('\n')),
  entries.map((values) => JSON.stringify(values, undefined, 2)),
  entries.map((values) => JSON.stringify(values)),
  broken.map((parts) => parts.join('')),
  broken.map((parts) => `[\n  {${parts.join('')}`),
);

test('where the chunks are cut changes nothing', () => {
  fc.assert(
    fc.property(inputs, fc.array(fc.nat({ max: 12 }), { minLength: 1 }), (input, sizes) => {
      const chunks: string[] = [];
      for (let at = 0, turn = 0; at < input.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        chunks.push(input.slice(at, at + size));
        at += Math.max(size, turn % 2);
      }
      expect(read(...chunks)).toEqual(read(chunks.join('')));
    }),
    { numRuns: 2_000 },
  );
});

test('text and NDJSON give exactly one item per line', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('{"a":1}', 'text'),
      fc.array(fc.string({ unit: 'binary' })),
      (first, rest) => {
        const input = [first, ...rest].join('\n');
        const parts = input.split('\n');
        const whole = parts.at(-1) === '' ? parts.slice(0, -1) : parts;
        const items = read(input);
        expect(items.map((item) => item.line)).toEqual(whole.map((_, index) => index + 1));
      },
    ),
  );
});

test.for([undefined, 1, 2, '\t'])('objects printed with indentation %j come back one by one', (indent) => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(objects, (values) => {
      const items = read(`${JSON.stringify(values, undefined, indent)}\n`);
      const texts = items.map((item) => (item.kind === 'json' ? item.text : ''));
      expect(texts.map((text): unknown => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(values)));
    }),
  );
});

test.for<[kind: string, chars: number]>([
  ['text', ITEM_CHARS_MAX - 1],
  ['text', ITEM_CHARS_MAX],
  ['too-long', ITEM_CHARS_MAX + 1],
  ['too-long', 10_000_000],
])('a line is %s when it has %i characters', ([kind, chars]) => {
  const line = 'x'.repeat(chars);
  const items = [read(`${line}\r\nnext`), read(line.slice(0, 700), line.slice(700), '\r', '\n', 'next')];
  for (const [first, second] of items) {
    expect(first?.kind).toBe(kind);
    expect(second).toEqual({ kind: 'text', text: 'next', line: 2 });
  }
});

test('of a line or an element that is too long the beginning is kept and the rest counted', () => {
  const chars = 3 * ITEM_CHARS_MAX;
  expect(read('y'.repeat(chars))).toEqual([
    { kind: 'too-long', head: 'y'.repeat(HEAD_CHARS), chars, line: 1 },
  ]);
  const element = `{"a":"${'y'.repeat(chars)}"}`;
  expect(read(`[\n${element},{"b":1}]`)).toEqual([
    { kind: 'too-long', head: element.slice(0, HEAD_CHARS), chars: element.length, line: 2 },
    { kind: 'json', text: '{"b":1}', line: 2 },
  ]);
});

test('the deepest nesting is scanned as well', () => {
  const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  expect(read(`[${deep},{"b":1}]`)).toEqual([
    { kind: 'json', text: deep, line: 1 },
    { kind: 'json', text: '{"b":1}', line: 1 },
  ]);
});
