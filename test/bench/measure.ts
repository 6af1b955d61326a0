// Measures two ways of doing the same work alternately in one run: machines drift, ratios hold.
// In: a name, the two ways, how often. Out: both throughputs and their ratio, median and spread.

export interface Row {
  readonly name: string;
  readonly unit: string;
  /** Per second, median of the rounds. */
  readonly ours: number;
  readonly theirs: number;
  /** ours ÷ theirs: median, smallest and largest of the rounds. */
  readonly ratio: { readonly median: number; readonly min: number; readonly max: number };
  /** What design asks for, if it asks. */
  readonly bar: string;
}

export interface Contest {
  readonly name: string;
  readonly unit: string;
  readonly bar: string;
  /** Units of work that one call does. */
  readonly units: number;
  readonly ours: () => void;
  readonly theirs: () => void;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Units per second of one call repeated for about `forMs`. */
function throughput(work: () => void, units: number, forMs: number): number {
  const started = performance.now();
  let calls = 0;
  while (performance.now() - started < forMs) {
    work();
    calls += 1;
  }
  return (calls * units * 1000) / (performance.now() - started);
}

/** A B A B …, after one warm-up of each. */
export function measure(contest: Contest, options: { readonly rounds: number; readonly forMs: number }): Row {
  throughput(contest.ours, contest.units, options.forMs);
  throughput(contest.theirs, contest.units, options.forMs);
  const rounds = Array.from({ length: options.rounds }, () => ({
    ours: throughput(contest.ours, contest.units, options.forMs),
    theirs: throughput(contest.theirs, contest.units, options.forMs),
  }));
  const ratios = rounds.map(({ ours, theirs }) => ours / theirs);
  return {
    name: contest.name,
    unit: contest.unit,
    bar: contest.bar,
    ours: median(rounds.map(({ ours }) => ours)),
    theirs: median(rounds.map(({ theirs }) => theirs)),
    ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
  };
}
