// `patterns list`: the catalogue. `patterns test`: what a pattern of the user's own would match, and take from others.
import { createClassifier } from '#shared/classify/classify.ts';
import type { Verdict } from '#shared/model/finding.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import type { Command } from './command.ts';
import { readInput } from './input.ts';
import { printable, table } from './text.ts';
import { UsageError } from './usage-error.ts';
import { loadUserPatterns } from './user-patterns.ts';

export const patternsList: Command = {
  name: 'patterns list',
  usage: '',
  summary: 'Every failure pattern: id, severity, title.',
  flags: {},
  run: async ({ format, print }) => {
    if (format === 'json') {
      for (const { id, title, severity, fields, checks, explains, gone, references } of CATALOGUE)
        await print(JSON.stringify({ id, title, severity, fields, checks, explains, gone, references }));
      return 0;
    }
    const rows = CATALOGUE.map(({ id, severity, title }) => [id, severity, title]);
    await print(table([['id', 'severity', 'title'], ...rows]));
    return 0;
  },
};

const nameOf = (verdict: Verdict): string => {
  switch (verdict.kind) {
    case 'finding':
      return verdict.pattern;
    case 'routine':
    case 'ignored':
      return `${verdict.kind} (${verdict.reason})`;
    case 'unrecognised':
      return verdict.kind;
  }
};

interface Taken {
  readonly line: number;
  readonly pattern: string;
  readonly from: string;
  readonly message: string;
}

export const patternsTest: Command = {
  name: 'patterns test',
  usage: 'PATTERNS.json [FILE | -] ...',
  summary:
    'What your own patterns would match in this input, and from whom they would take it. Exit 1 if nothing.',
  flags: {},
  run: async ({ args, format, print, nowMs }) => {
    const [file, ...inputs] = args;
    if (file === undefined) throw new UsageError('patterns test takes a file of patterns, then the input');
    const own = loadUserPatterns(file);
    const without = createClassifier(CATALOGUE);
    const within = createClassifier([...own, ...CATALOGUE]);
    const ids = new Set(own.map(({ id }) => id));
    const counts = new Map<string, number>();
    let lines = 0;
    for await (const item of readInput(inputs.length === 0 ? ['-'] : inputs, nowMs)) {
      lines += 1;
      if (item.kind !== 'record') continue;
      const verdict = within.classify(item.record);
      if (verdict.kind !== 'finding' || !ids.has(verdict.pattern)) continue;
      const from = nameOf(without.classify(item.record));
      const taken: Taken = { line: item.line, pattern: verdict.pattern, from, message: item.record.message };
      const key = `${verdict.pattern} ← ${from}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (format === 'json')
        await print(JSON.stringify({ ...taken, fields: verdict.fields, scope: verdict.scope }));
      else
        await print(`${taken.line}: ${taken.pattern}, until now ${from}\n  ${printable(taken.message, 200)}`);
    }
    if (format === 'text') {
      await print(`${lines} lines; matched:`);
      const rows = [...counts].map(([key, count]) => [`  ${key}`, String(count)]);
      await print(rows.length === 0 ? '  nothing' : table(rows));
    }
    return counts.size > 0 ? 0 : 1;
  },
};
