// `explain`: for every line or entry of the input one result: the verdict, and in text form why.
import { createClassifier, type Classifier, type Match } from '#shared/classify/classify.ts';
import type { Verdict } from '#shared/model/finding.ts';
import type { LogRecord } from '#shared/model/record.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import type { Command } from './command.ts';
import { readInput, type ReadItem } from './input.ts';
import { printable, stepLines } from './text.ts';
import { loadUserPatterns } from './user-patterns.ts';

/** One result of `--format json`: `verdict` and what belongs to it. */
function toJson(item: ReadItem, verdict: Verdict | undefined): Readonly<Record<string, unknown>> {
  if (item.kind === 'blank') return { line: item.line, verdict: 'ignored', reason: 'blank' };
  if (item.kind === 'unreadable') {
    const { reason, detail } = item.unreadable;
    return { line: item.line, verdict: 'unreadable', reason, detail };
  }
  if (verdict === undefined) return { line: item.line, verdict: 'ignored', reason: '' };
  const { kind, ...rest } = verdict;
  return { line: item.line, verdict: kind, level: item.record.level, source: item.record.source, ...rest };
}

const pairs = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${printable(value, 120)}`)
    .join('  ');

/** The words of the line that decided, where words did. */
function decidingWords(match: Match, record: LogRecord): string {
  if (match.sign.kind !== 'text') return `sign «${match.sign.name}»`;
  const words = match.sign.regexp.exec(record.text)?.[0] ?? '';
  return `sign «${match.sign.name}»: ${printable(words, 160)}`;
}

function findingText(
  record: LogRecord,
  verdict: Extract<Verdict, { kind: 'finding' }>,
  matches: readonly Match[],
): string[] {
  const [best, ...others] = matches;
  if (best === undefined) return [];
  const { pattern } = best;
  const proxy = record.proxy;
  const about = {
    fields: verdict.fields,
    scope: verdict.scope,
    proxies: proxy.name === '' ? [] : [{ id: '', ...proxy }],
  };
  return [
    `  what      ${printable(pattern.headline(about), 300)}`,
    `  why       ${printable(pattern.cause(about), 400)}`,
    `  decided   ${decidingWords(best, record)}`,
    `  fields    ${pairs(verdict.fields)}`,
    `  scope     ${pairs(verdict.scope)}`,
    `  incident  ${verdict.incidentId} (${verdict.severity}${verdict.weight === 'weak' ? ', weak: speaks only on repetition' : ''})`,
    ...others.map(
      (other) =>
        `  not       ${other.pattern.id}, though ${decidingWords(other, record)}: ` +
        (other.pattern.yieldsTo.includes(pattern.id)
          ? `it yields to ${pattern.id}`
          : 'it comes later in the catalogue'),
    ),
    '  remedy',
    ...stepLines(pattern.remedy(about)),
  ];
}

function toText(item: ReadItem, verdict: Verdict | undefined, classifier: Classifier): string {
  if (item.kind === 'blank') return `${item.line}: ignored (blank)`;
  if (item.kind === 'unreadable')
    return `${item.line}: unreadable (${item.unreadable.reason}): ${printable(item.unreadable.detail, 200)}`;
  if (verdict === undefined) return `${item.line}: ignored`;
  const quoted = `\n  line      ${printable(item.record.message, 200)}`;
  switch (verdict.kind) {
    case 'finding':
      return [
        `${item.line}: ${verdict.pattern}${quoted}`,
        ...findingText(item.record, verdict, classifier.matches(item.record)),
      ].join('\n');
    case 'unrecognised':
      return `${item.line}: unrecognised ${item.record.level}${quoted}\n  shape     ${verdict.shape}\n  incident  ${verdict.incidentId}`;
    case 'routine':
      return `${item.line}: routine (${verdict.reason})${quoted}`;
    case 'ignored':
      return `${item.line}: ignored (${verdict.reason})${quoted}`;
  }
}

export const explain: Command = {
  name: 'explain',
  usage: '[FILE | -] ...',
  summary: 'For every line or entry: what it is, why, which incident it would join, and what to do.',
  flags: {
    patterns: {
      type: 'string',
      value: 'FILE',
      help: 'try patterns of your own (JSON) besides the catalogue',
    },
  },
  run: async ({ args, values, format, print, nowMs }) => {
    const own = values['patterns'] === undefined ? [] : loadUserPatterns(values['patterns']);
    const classifier = createClassifier([...own, ...CATALOGUE]);
    for await (const item of readInput(args.length === 0 ? ['-'] : args, nowMs)) {
      const verdict = item.kind === 'record' ? classifier.classify(item.record) : undefined;
      await print(
        format === 'json' ? JSON.stringify(toJson(item, verdict)) : toText(item, verdict, classifier),
      );
    }
    return 0;
  },
};
