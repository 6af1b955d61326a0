// What the comparison rests on: the measure of grouping, and configurations that mean what they say.
import { expect, test } from 'vitest';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { literalsOf, patternDatabase, ripgrepList, ruleBase } from './peers/configs.ts';
import { groupedLines, groupingAccuracy } from './peers/grouping.ts';
import { fleetLines, sampleLines } from './peers/lines.ts';

test('grouping accuracy counts lines whose group is exactly the true one', () => {
  expect(groupingAccuracy([1, 1, 2, 2], ['a', 'a', 'b', 'b'])).toBe(1);
  // One group split: its lines are wrong, the other's are right.
  expect(groupingAccuracy([1, 1, 2, 2], ['a', 'c', 'b', 'b'])).toBe(0.5);
  // Two groups joined: nobody's group is right.
  expect(groupingAccuracy([1, 1, 2, 2], ['a', 'a', 'a', 'a'])).toBe(0);
});

test('made-up lines are the same for the same seed, and every template occurs', () => {
  expect(groupedLines(50)).toEqual(groupedLines(50));
  expect(groupedLines(50, 2)).not.toEqual(groupedLines(50));
  expect(new Set(groupedLines(2_000).map(({ group }) => group)).size).toBe(30);
});

test('the lines of the fleet are as many as asked for, and the same every time', async () => {
  const lines = await fleetLines(400);
  expect(lines).toHaveLength(400);
  expect(await fleetLines(400)).toEqual(lines);
});

test('every literal is told once, occurs in a sample of its pattern, and each tool gets all of them', async () => {
  const samples = await sampleLines();
  const literals = literalsOf(CATALOGUE, samples);
  expect(literals.length).toBeGreaterThan(80);
  expect(new Set(literals.map(({ text }) => text)).size).toBe(literals.length);
  for (const { pattern, text } of literals)
    expect(samples.some((sample) => sample.label === pattern && sample.text.includes(text))).toBe(true);
  expect(ripgrepList(literals).trimEnd().split('\n')).toHaveLength(literals.length);
  expect(ruleBase(literals).match(/^rule=/gm)).toHaveLength(literals.length);
});

test('what a tool would read as its own syntax is escaped', () => {
  const literals = [{ pattern: 'p', text: 'a <b> & "c" 100% of them: rest' }];
  expect(patternDatabase(literals)).toContain(
    '@ESTRING:before:a &lt;b&gt; &amp; &quot;c&quot; 100% of them@@ANYSTRING:after@',
  );
  expect(ruleBase(literals)).toContain('%a <b> & "c" 100%% of them: rest%after:rest%');
});
