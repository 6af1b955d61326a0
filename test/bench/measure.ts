// Measures two ways of doing the same work alternately in one run: machines drift, ratios hold.
// In: a name, the two ways, how often. Out: both throughputs and their ratio, median and spread.

export interface Row {
  readonly name: string;
  readonly unit: string;
  /** Per second of processor time, median of the rounds. */
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

export interface Effort {
  readonly rounds: number;
  /** How long each of the two works in a round, at least. */
  readonly forMs: number;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Processor time of this process, collecting garbage included: unlike a clock it stands still while others work. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timeOf(work: () => void): number {
  const startMs = processorMs();
  work();
  return processorMs() - startMs;
}

/** A B A B … call by call, so that whatever else the machine does meets both alike. */
function round(
  { ours, theirs, units }: Contest,
  forMs: number,
): { readonly ours: number; readonly theirs: number } {
  let calls = 0;
  const spentMs = { ours: 0, theirs: 0 };
  while (calls === 0 || Math.min(spentMs.ours, spentMs.theirs) < forMs) {
    spentMs.ours += timeOf(ours);
    spentMs.theirs += timeOf(theirs);
    calls += 1;
  }
  const perSecond = (ms: number): number => (calls * units * 1000) / ms;
  return { ours: perSecond(spentMs.ours), theirs: perSecond(spentMs.theirs) };
}

/** The rounds of one contest, after one to warm up. */
export function measure(contest: Contest, { rounds, forMs }: Effort): Row {
  round(contest, forMs);
  const results = Array.from({ length: rounds }, () => round(contest, forMs));
  const ratios = results.map(({ ours, theirs }) => ours / theirs);
  return {
    name: contest.name,
    unit: contest.unit,
    bar: contest.bar,
    ours: median(results.map(({ ours }) => ours)),
    theirs: median(results.map(({ theirs }) => theirs)),
    ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
  };
}
