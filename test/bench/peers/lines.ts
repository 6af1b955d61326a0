// The lines that all are timed on: the sample hour of a fleet, over and over with other numbers, and every sample of the
// catalogue in between. Seeded: the same lines in every run.
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { sampleHour } from '../../../infra/local/sample/hour.ts';
import { seeded } from '../../../infra/local/seeded.ts';
import type { PatternSamples } from '../../patterns/sample.ts';

export interface LabelledLine {
  readonly text: string;
  /** Pattern id, or what else a reader would call it: `routine`, `ignored`, `unrecognised`. */
  readonly label: string;
}

/** Every sample that is a line of text, with what it must be called. */
export async function sampleLines(): Promise<readonly LabelledLine[]> {
  const all = await Promise.all(
    CATALOGUE.map(async ({ id }) => {
      const loaded: { samples: PatternSamples } = await import(`../../patterns/${id}.samples.ts`);
      const { matches, nearMisses } = loaded.samples;
      return [
        ...matches.map(({ line, route }) => ({ line, route, label: id })),
        ...nearMisses.map(({ line, route, verdict }) => ({ line, route, label: verdict })),
      ];
    }),
  );
  return all
    .flat()
    .filter(({ line, route }) => route !== 'attributes' && !/[\r\n]/.test(line))
    .map(({ line, label }) => ({ text: line, label }));
}

function hourLines(): readonly string[] {
  return sampleHour({ seed: 1, endMs: Date.UTC(2026, 10, 1, 10), run: 'bench-' }).flatMap((message) => {
    if (message.kind !== 'entry') return [];
    const payload = message.entry['jsonPayload'];
    const text =
      typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'message') : undefined;
    return typeof text === 'string' && text.startsWith('[') ? [text] : [];
  });
}

/** One line in so many is a sample; the others are the hour's. */
const SAMPLE_EVERY = 4;

/** `count` lines of a noisy fleet. */
export async function fleetLines(count: number): Promise<readonly string[]> {
  const random = seeded(1);
  const hour = hourLines();
  const samples = await sampleLines();
  const pick = <Item>(from: readonly Item[]): Item | undefined => from[Math.floor(random() * from.length)];
  return Array.from({ length: count }, (_, index) =>
    index % SAMPLE_EVERY === 0 ? (pick(samples)?.text ?? '') : (pick(hour) ?? ''),
  );
}
