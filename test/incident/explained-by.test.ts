// Which open incident explains another one: stable, without circles, one level deep.
import { expect, test } from 'vitest';
import { chooseExplainer, explainingPatterns, type Explainer } from '#shared/incident/explained-by.ts';
import { onExplained } from '#shared/incident/lifecycle.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { anOpenIncident, T0_MS } from '../fakes/sightings.ts';

const incident = anOpenIncident('config-not-found-1', 'config-not-found');
const candidate = (id: string, openedAtMs: number, explainedBy = ''): Explainer => ({
  id,
  pattern: 'api-disabled',
  explainedBy,
  openedAtMs,
});

test('the patterns that explain a pattern are those that say so', () => {
  expect(explainingPatterns('config-not-found', CATALOGUE)).toContain('api-disabled');
  expect(explainingPatterns('api-disabled', CATALOGUE)).not.toContain('config-not-found');
  expect(explainingPatterns('unrecognised', CATALOGUE)).toEqual([]);
});

test('no chain of explanations leads back to where it began', () => {
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (seen.has(from)) return false;
    seen.add(from);
    const next = CATALOGUE.find(({ id }) => id === from)?.explains ?? [];
    return next.includes(to) || next.some((one) => reaches(one, to, seen));
  };
  expect(CATALOGUE.map(({ id }) => id).filter((id) => reaches(id, id))).toEqual([]);
});

test.for([
  ['nothing open', [], ''],
  ['the only one', [candidate('a', 5)], 'a'],
  ['the earliest', [candidate('a', 5), candidate('b', 4)], 'b'],
  ['of two at once the smaller id', [candidate('b', 5), candidate('a', 5)], 'a'],
  ['never itself', [candidate(incident.id, 1), candidate('a', 5)], 'a'],
  ['never one that hangs under it', [candidate('a', 5, incident.id)], ''],
  ['the cause of its cause', [candidate('a', 5, 'root')], 'root'],
] as const)('%s', ([, candidates, chosen]) => {
  expect(chooseExplainer(incident, candidates)).toBe(chosen);
});

test('it stays where it hangs while that explains it, and moves only then', () => {
  const hanging = onExplained(incident, 'b', T0_MS).incident;
  expect(chooseExplainer(hanging, [candidate('a', 1), candidate('b', 2)])).toBe('b');
  expect(chooseExplainer(hanging, [candidate('a', 1)])).toBe('a');
  expect(chooseExplainer(hanging, [])).toBe('');
});

test('hanging and standing alone again are told in the story, with why; no change tells nothing', () => {
  const hangs = onExplained(incident, 'a', T0_MS);
  expect(hangs.timeline).toEqual([{ n: 2, atMs: T0_MS, kind: 'explained', who: 'mesh-triage', why: 'a' }]);
  expect(onExplained(hangs.incident, 'a', T0_MS).timeline).toEqual([]);
  const alone = onExplained(hangs.incident, '', T0_MS);
  expect(alone.timeline).toEqual([
    { n: 3, atMs: T0_MS, kind: 'unexplained', who: 'mesh-triage', why: 'a is no longer open' },
  ]);
  expect(alone.incident).toMatchObject({ explainedBy: '', timelineCount: 3 });
});
