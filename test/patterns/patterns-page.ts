// docs/patterns.md, made from the catalogue and its samples: what people read is what the code does.
import type { About, Pattern } from '#shared/patterns/pattern.ts';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { entryOf, type PatternSamples } from './sample.ts';

const INTRO = `# Failure patterns

Made from \`shared/patterns/\` and its samples by the tests; change those, not this page.
A pattern counts one cause in one scope as one incident. \`weak\` signs are lines that healthy proxies write too: they are
counted, and spoken of only when they repeat or last.

## Patterns of your own

Without a deploy: a JSON document, tried first with \`mesh-triage patterns test FILE INPUT\` and
\`mesh-triage explain --patterns FILE INPUT\`. Its expression is RE2 syntax and runs in linear time; its named groups become
fields, and \`{field}\` stands for them in the texts. In commands every field is quoted as one word of the shell. The id begins
with \`custom-\`. Your patterns come before the catalogue's. In production the documents live in Firestore, in the collection
\`patterns\`; they are read when an instance starts and every few minutes. A faulty one is not used, and the log of the
function says why.

    {
      "id": "custom-redis-filter",
      "title": "The Redis filter fails",
      "severity": "error",
      "contains": ["redis"],
      "regexp": "redis (?P<operation>\\\\w+) failed on (?P<host>\\\\S+)",
      "scope": ["operation"],
      "headline": "Redis {operation} fails",
      "cause": "The Redis filter can't reach its upstream.",
      "remedy": [{ "say": "Look at the host.", "run": "ssh {host} redis-cli ping" }],
      "quietMinutes": 60
    }
`;

function aboutOf(pattern: Pattern, samples: PatternSamples): About {
  const classifier = createClassifier(CATALOGUE);
  const [sample] = samples.matches;
  if (sample === undefined) throw new Error(`${pattern.id} has no sample`);
  const intake = intakeEntry(entryOf(sample), { publishTimeMs: 0 });
  if (intake.kind !== 'record') throw new Error(`${pattern.id}: ${intake.detail}`);
  const verdict = classifier.classify(intake.record);
  if (verdict.kind !== 'finding') throw new Error(`${pattern.id} does not recognise its own sample`);
  return { fields: verdict.fields, scope: verdict.scope, proxies: [{ id: '', ...intake.record.proxy }] };
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');

function duration(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

/** A link as a link, anything else as code. */
const reference = (text: string): string => (text.startsWith('https://') ? `<${text}>` : `\`${text}\``);

function section({
  pattern,
  samples,
}: {
  readonly pattern: Pattern;
  readonly samples: PatternSamples;
}): string {
  const about = aboutOf(pattern, samples);
  const steps = pattern
    .remedy(about)
    .map(
      ({ say, run }, index) =>
        `${index + 1}. ${say}${run === undefined ? '' : `\n\n${indent(`   ${run}`)}\n`}`,
    );
  const weak = pattern.signs.filter(({ weight }) => weight === 'weak').map(({ name }) => `\`${name}\``);
  const scope = Object.keys(about.scope).map((name) => `\`${name}\``);
  return [
    `\n## ${pattern.id}\n`,
    `${pattern.title}. Severity ${pattern.severity}.\n`,
    `${indent(samples.matches[0]?.line.trimEnd() ?? '')}\n`,
    `- **Here it means:** ${pattern.headline(about)}.`,
    `- **Cause:** ${pattern.cause(about)}`,
    `- **One incident per:** ${scope.join(', ')}`,
    `- **Signs:** ${pattern.signs.map(({ name }) => `\`${name}\``).join(', ')}${weak.length > 0 ? `; weak: ${weak.join(', ')}` : ''}`,
    ...(pattern.checks.length > 0
      ? [`- **Checks:** ${pattern.checks.map((id) => `\`${id}\``).join(', ')}`]
      : []),
    ...(pattern.explains.length > 0
      ? [`- **Explains:** ${pattern.explains.map((id) => `\`${id}\``).join(', ')}`]
      : []),
    `- **Gone:** ${pattern.gone.proof}; by quiet after ${duration(pattern.gone.quietAfterMs)}`,
    `- **References:** ${pattern.references.map(reference).join(', ')}`,
    '',
    'What to do:',
    '',
    ...steps,
  ].join('\n');
}

/** The whole page. */
export function patternsPage(
  all: readonly { readonly pattern: Pattern; readonly samples: PatternSamples }[],
): string {
  return `${[INTRO.trimEnd(), ...all.map(section)].join('\n')}\n`;
}
