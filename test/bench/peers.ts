// `npm run bench:peers`: mesh-triage beside what people would use instead, each as a process over the same lines, in turn.
// ripgrep, syslog-ng's pdbtool, liblognorm's lognormalizer and Drain3 where they are installed; says which are not.
// Processor time, not the clock's: the machine may be busy. `-- --short` only proves that it runs, `-- --json`: a row a line.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shapeOf } from '#shared/classify/shape.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { literalsOf, patternDatabase, ripgrepList, ruleBase } from './peers/configs.ts';
import { groupedLines, groupingAccuracy } from './peers/grouping.ts';
import { fleetLines, sampleLines, type LabelledLine } from './peers/lines.ts';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** A Python with drain3 in it. */
    python: { type: 'string', default: 'python3' },
  },
});

const LINES = values.short ? 2_000 : 200_000;
const ROUNDS = values.short ? 1 : 7;
const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'mesh-triage-peers-'));
const inFolder = (name: string): string => join(folder, name);

/** Seconds of user and system time, and what it wrote; undefined where it can't run. */
function run(command: string): { readonly seconds: number; readonly output: string } | undefined {
  const timed = spawnSync('bash', ['-c', `TIMEFORMAT='@@%U %S'; time ${command}`], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const times = /@@([\d.]+) ([\d.]+)\s*$/.exec(timed.stderr);
  // ripgrep answers 1 where nothing was found: only what can't be started at all is missing.
  if (times === null || timed.status === 127 || timed.status === null) return undefined;
  return { seconds: Number(times[1]) + Number(times[2]), output: timed.stdout };
}

const has = (command: string): boolean =>
  spawnSync('bash', ['-c', `${command} >/dev/null 2>&1`]).status === 0;

const samples = await sampleLines();
const literals = literalsOf(CATALOGUE, samples);
const syslogLine = (text: string): string => `<11>Nov  1 10:00:00 vm envoy[1]: ${text}`;
const write = (name: string, lines: readonly string[]): void => {
  writeFileSync(inFolder(`${name}.txt`), `${lines.join('\n')}\n`);
  writeFileSync(inFolder(`${name}.syslog`), `${lines.map(syslogLine).join('\n')}\n`);
};
write(
  'fleet',
  (await fleetLines(LINES)).filter((line) => line !== ''),
);
write(
  'samples',
  samples.map(({ text }) => text),
);
const grouped = groupedLines(values.short ? 500 : 20_000);
write(
  'grouped',
  grouped.map(({ text }) => text),
);
writeFileSync(inFolder('literals.txt'), ripgrepList(literals));
writeFileSync(inFolder('patterndb.xml'), patternDatabase(literals));
writeFileSync(inFolder('rulebase.rb'), ruleBase(literals));

interface Peer {
  readonly name: string;
  readonly isHere: () => boolean;
  /** How to get it. */
  readonly install: string;
  readonly command: (lines: string) => string;
  /** What it called each line; absent where it names no class. */
  readonly classes?: (output: string) => readonly string[];
}

const rows = (output: string): readonly string[] => output.replace(/\n$/, '').split('\n');

const ours: Peer = {
  name: 'mesh-triage',
  isHere: () => true,
  install: '',
  command: (lines) => `node ${here}/peers/ours.ts ${inFolder(`${lines}.txt`)}`,
  classes: rows,
};

const peers: readonly Peer[] = [
  {
    name: 'ripgrep',
    isHere: () => has('rg --version'),
    install: 'apt-get install ripgrep',
    command: (lines) =>
      `rg --no-config --fixed-strings --file ${inFolder('literals.txt')} ${inFolder(`${lines}.txt`)}`,
  },
  {
    name: 'syslog-ng pdbtool match',
    isHere: () => has('command -v pdbtool'),
    install: 'apt-get install syslog-ng-core',
    command: (lines) =>
      `pdbtool match --pdb ${inFolder('patterndb.xml')} --file ${inFolder(`${lines}.syslog`)} --template '\${.classifier.class}\\n' 2>/dev/null`,
    classes: (output) => rows(output).filter((line) => line !== '' && !line.startsWith('Duplicate')),
  },
  {
    name: 'lognormalizer',
    isHere: () => has('command -v lognormalizer'),
    install: 'apt-get install liblognorm-utils',
    command: (lines) =>
      `lognormalizer -r ${inFolder('rulebase.rb')} -e json -T < ${inFolder(`${lines}.txt`)} 2>/dev/null`,
    classes: (output) =>
      rows(output).map((line) => /"event\.tags": \[ "([\w-]+)" \]/.exec(line)?.[1] ?? 'unknown'),
  },
  {
    name: 'Drain3',
    isHere: () => has(`${values.python} -c 'import drain3'`),
    install: 'pip install drain3, then --python PATH',
    command: (lines) => `${values.python} ${here}/peers/drain.py ${inFolder(`${lines}.txt`)}`,
  },
];

/** F1 of each pattern's class over all samples, averaged: what is no pattern's must be called none. */
function macroF1(labelled: readonly LabelledLine[], called: readonly string[]): number {
  const scores = CATALOGUE.flatMap(({ id }) => {
    const is = labelled.map(({ label }) => label === id);
    const said = called.map((name) => name === id);
    const both = is.filter((one, index) => one && said[index]).length;
    const all = is.filter(Boolean).length + said.filter(Boolean).length;
    // Patterns that no line of text can show (guest attributes) are not asked for.
    return is.some(Boolean) ? [(2 * both) / all] : [];
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function quality(peer: Peer): number | undefined {
  if (peer.classes === undefined) return undefined;
  const called = peer.classes(run(peer.command('samples'))?.output ?? '');
  if (called.length !== samples.length)
    throw new Error(`${peer.name} called ${called.length} of ${samples.length} samples something`);
  return macroF1(samples, called);
}

function contest(peer: Peer): Readonly<Record<string, string | number | null>> {
  const times = Array.from({ length: ROUNDS }, () => ({
    ours: run(ours.command('fleet'))?.seconds ?? Number.NaN,
    theirs: run(peer.command('fleet'))?.seconds ?? Number.NaN,
  }));
  const ratios = times.map((round) => round.theirs / round.ours);
  return {
    peer: peer.name,
    oursPerSecond: Math.round(LINES / median(times.map((round) => round.ours))),
    theirsPerSecond: Math.round(LINES / median(times.map((round) => round.theirs))),
    ratio: median(ratios),
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
    macroF1: quality(peer) ?? null,
  };
}

try {
  const truth = grouped.map(({ group }) => group);
  const score = quality(ours);
  console.log(
    values.json
      ? JSON.stringify({ peer: ours.name, macroF1: score })
      : `mesh-triage: macro-F1 on its own ${samples.length} samples ${score?.toFixed(2)}`,
  );
  for (const peer of peers) {
    if (!peer.isHere()) {
      console.log(
        values.json
          ? JSON.stringify({ peer: peer.name, missing: peer.install })
          : `${peer.name}: not here (${peer.install})`,
      );
      continue;
    }
    const row = contest(peer);
    if (values.json) console.log(JSON.stringify(row));
    else
      console.log(
        `mesh-triage ÷ ${peer.name}: ${Number(row['ratio']).toFixed(2)} (${Number(row['ratioMin']).toFixed(2)} to ${Number(row['ratioMax']).toFixed(2)}); ` +
          `${row['oursPerSecond']?.toLocaleString()} ÷ ${row['theirsPerSecond']?.toLocaleString()} lines a second of processor time` +
          (row['macroF1'] === null
            ? '; names no class'
            : `; its macro-F1 ${Number(row['macroF1']).toFixed(2)}`),
      );
  }
  const shapes = groupingAccuracy(
    truth,
    grouped.map(({ text }) => shapeOf(text)),
  );
  const drain = peers.at(-1);
  const clusters =
    drain?.isHere() === true
      ? groupingAccuracy(truth, rows(run(drain.command('grouped'))?.output ?? ''))
      : undefined;
  console.log(
    values.json
      ? JSON.stringify({ grouping: shapes, drain3: clusters ?? null, lines: grouped.length })
      : `grouping accuracy on ${grouped.length.toLocaleString('en-US')} lines of 30 unknown faults: shapes ${shapes.toFixed(3)}, Drain3 ${clusters?.toFixed(3) ?? 'not here'}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
