// The ten laws of the catalogue: they hold for every pattern, those that are there and those that come.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import type { Verdict } from '#shared/model/finding.ts';
import type { LogRecord } from '#shared/model/record.ts';
import { CATALOGUE, RETIRED_IDS } from '#shared/patterns/catalogue.ts';
import type { About, Pattern } from '#shared/patterns/pattern.ts';
import { quote } from '#shared/patterns/shell.ts';
import { patternsPage } from './patterns-page.ts';
import { entryOf, type Match, type NearMiss, type PatternSamples } from './sample.ts';

const root = join(import.meta.dirname, '../..');
const NO_PATTERN = new Set(['catalogue', 'pattern', 'shell', 'user-pattern']);
const files = globSync('shared/patterns/*.ts', { cwd: root })
  .map((file) => basename(file, '.ts'))
  .filter((name) => !NO_PATTERN.has(name))
  .sort();

async function samplesOf(id: string): Promise<PatternSamples> {
  const loaded: { samples: PatternSamples } = await import(`./${id}.samples.ts`);
  return loaded.samples;
}

const all = await Promise.all(
  CATALOGUE.map(async (pattern) => ({ pattern, samples: await samplesOf(pattern.id) })),
);
const classifier = createClassifier(CATALOGUE);

function recordOf(sample: Match | NearMiss): LogRecord {
  const intake = intakeEntry(entryOf(sample), { publishTimeMs: 0 });
  if (intake.kind !== 'record') throw new Error(`no record of «${sample.line}»: ${intake.detail}`);
  return intake.record;
}

const verdictOf = (sample: Match | NearMiss): Verdict => classifier.classify(recordOf(sample));

test('law 1: files, catalogue and samples correspond one to one, alphabetically', () => {
  const ids = CATALOGUE.map(({ id }) => id);
  expect(ids).toEqual(files);
  expect(ids).toEqual([...ids].sort());
  const sampled = globSync('*.samples.ts', { cwd: import.meta.dirname }).map((file) =>
    basename(file, '.samples.ts'),
  );
  expect(sampled.sort()).toEqual(ids);
});

test('law 2: ids are unique, kebab-case and never retired', () => {
  const ids = CATALOGUE.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(id).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(RETIRED_IDS).not.toContain(id);
  }
  for (const pattern of CATALOGUE)
    for (const other of [...pattern.explains, ...pattern.yieldsTo])
      expect(ids, `${pattern.id} names ${other}`).toContain(other);
});

test.for(all)(
  'law 3: $pattern.id has at least two matching and two near-miss samples, one hostile',
  ({ samples }) => {
    expect(samples.matches.length).toBeGreaterThanOrEqual(2);
    expect(samples.nearMisses.length).toBeGreaterThanOrEqual(2);
    expect(samples.nearMisses.some(({ hostile }) => hostile === true)).toBe(true);
  },
);

test.for(all)(
  'law 4: every sign of $pattern.id is hit by a sample, and signs have their own names',
  ({ pattern, samples }) => {
    const names = pattern.signs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(samples.matches.map(({ sign }) => sign))).toEqual(new Set(names));
  },
);

const matches = all.flatMap(({ pattern, samples }) => samples.matches.map((sample) => ({ pattern, sample })));
const misses = all.flatMap(({ pattern, samples }) =>
  samples.nearMisses.map((sample) => ({ pattern, sample })),
);

test.for(matches)('laws 5 and 6: $pattern.id recognises «$sample.why»', ({ pattern, sample }) => {
  const verdict = verdictOf(sample);
  expect(verdict).toMatchObject({
    kind: 'finding',
    pattern: pattern.id,
    sign: sample.sign,
    weight: sample.weight ?? 'sure',
  });
  if (verdict.kind !== 'finding') return;
  expect(verdict.fields).toEqual(sample.fields);
  expect(verdict.scope).toEqual(sample.scope);
});

test.for(matches)(
  'law 5: nothing but $pattern.id claims «$sample.why», unless it yields',
  ({ pattern, sample }) => {
    const claims = classifier.matches(recordOf(sample)).map((match) => match.pattern);
    const rivals = claims.filter((other) => other.id !== pattern.id && !other.yieldsTo.includes(pattern.id));
    expect(rivals.map(({ id }) => id)).toEqual([]);
  },
);

test.for(misses)('law 5: $pattern.id leaves «$sample.why» to $sample.verdict', ({ pattern, sample }) => {
  const verdict = verdictOf(sample);
  expect(verdict.kind === 'finding' ? verdict.pattern : verdict.kind).toBe(sample.verdict);
  expect(classifier.matches(recordOf(sample)).map((match) => match.pattern.id)).not.toContain(pattern.id);
});

const HOSTILE_CHARS = 64 * 1024;
const expressions = CATALOGUE.flatMap((pattern) =>
  pattern.signs.flatMap((sign) => (sign.kind === 'text' ? [{ id: pattern.id, sign }] : [])),
);

/** Lines built to hurt: the literal again and again, with what the expression may repeat in between. */
function hostileLines(literal: string): readonly string[] {
  const fill = (unit: string): string =>
    unit.repeat(Math.ceil(HOSTILE_CHARS / unit.length)).slice(0, HOSTILE_CHARS);
  return [' ', 'a', '0', "'", '"', ': ', '\\', '.', '-', '/'].flatMap((glue) => [
    fill(literal + glue),
    literal + fill(glue),
    fill(glue) + literal,
    fill(`${literal}${glue.repeat(50)}`),
  ]);
}

test.for(expressions)(
  'law 7: $id/$sign.name is linear: under 2 ms on 64 KiB built to hurt it',
  ({ sign }) => {
    // The bound is on the best of several tries, so that a busy machine does not fail it; a backtracking one takes seconds.
    for (const literal of sign.contains)
      for (const line of hostileLines(literal)) {
        let best = Number.POSITIVE_INFINITY;
        for (let attempt = 0; attempt < 5 && best >= 2; attempt += 1) {
          const started = performance.now();
          sign.regexp.exec(line);
          best = Math.min(best, performance.now() - started);
        }
        expect(best, `${sign.name} on «${line.slice(0, 60)}…»`).toBeLessThan(2);
      }
  },
);

test.for(expressions)(
  'law 7: $id/$sign.name has no flag that keeps state and no nested quantifier',
  ({ sign }) => {
    const { regexp } = sign;
    expect(regexp instanceof RegExp ? regexp.flags : 'none').toMatch(/^[dimsuv]*$/);
    expect(sign.regexp.source).not.toMatch(/\((?:\?:)?[^()]*[+*]\)[+*]/);
    expect(sign.contains.every((literal) => literal.length >= 4)).toBe(true);
  },
);

const EVIL = [
  "'; rm -rf ~",
  '$(id)',
  '`id`',
  '"; id; "',
  '--project=evil',
  'a\nid',
  '${HOME}',
  "\\'; id #",
  '\u202Eevil',
];

function renderings(pattern: Pattern): readonly About[] {
  const proxy = (text: string) => ({
    id: '0'.repeat(16),
    project: text,
    location: text,
    name: text,
    displayName: text,
    group: text,
  });
  const filled = EVIL.map((text): About => {
    const fields = Object.fromEntries(pattern.fields.map((name) => [name, text]));
    const scope = {
      project: text,
      network: text,
      mesh: text,
      scope: text,
      location: text,
      group: text,
      line: text,
    };
    return { fields, scope, proxies: [proxy(text)] };
  });
  return [{ fields: {}, scope: {}, proxies: [] }, ...filled];
}

test.for(CATALOGUE)('law 8: every command of $id passes bash -n, whatever the fields hold', (pattern) => {
  const commands = renderings(pattern).flatMap((about) =>
    pattern.remedy(about).flatMap(({ run }) => (run === undefined ? [] : [run])),
  );
  for (const command of commands) expect(command).not.toMatch(/undefined|\[object|\n/);
  const checked = spawnSync('bash', ['-n'], { input: `${commands.join('\n')}\n`, encoding: 'utf8' });
  expect(checked.stderr).toBe('');
});

test('law 8: what is inserted stays one word of the shell, and none of it is run', () => {
  for (const text of EVIL) {
    const shown = spawnSync('bash', ['-c', `printf '<%s>' ${quote(text)}`], { encoding: 'utf8' });
    expect(shown.stderr).toBe('');
    expect(shown.stdout.match(/</g)).toHaveLength(1);
    expect(shown.stdout).not.toContain('uid=');
  }
});

test.for(CATALOGUE)('law 9: $id says cause, headline, remedy, proof and references', (pattern) => {
  for (const about of renderings(pattern)) {
    expect(pattern.headline(about).length).toBeGreaterThan(10);
    expect(pattern.cause(about)).toMatch(/\.$/);
    expect(pattern.headline(about) + pattern.cause(about)).not.toMatch(/undefined|\[object/);
    expect(pattern.remedy(about).every(({ say }) => say.length > 10)).toBe(true);
  }
  expect(pattern.references.length).toBeGreaterThan(0);
  expect(pattern.gone.quietAfterMs).toBeGreaterThan(0);
});

test('law 10: docs/patterns.md is what the catalogue and the samples say', async () => {
  await expect(patternsPage(all)).toMatchFileSnapshot('../../docs/patterns.md');
});
