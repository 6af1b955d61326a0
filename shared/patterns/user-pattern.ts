// A pattern that users write as data: a JSON document in, a Pattern like any other out, or every fault of it by field.
// Its expression is run by re2js (RE2 syntax, linear time), so that no document can stall the classifier.
import { RE2JS } from 're2js';
import { z } from 'zod';
import { definePattern, MINUTE_MS, type Matcher, type Pattern } from './pattern.ts';
import { quote } from './shell.ts';

/** User-made ids stand apart, so that no later pattern of the catalogue can take one. */
export const USER_ID = /^custom-[a-z0-9]+(?:-[a-z0-9]+)*$/;

export const USER_PATTERNS_MAX = 100;
export const USER_REGEXP_CHARS_MAX = 1_000;

const FIELD_NAME = /^[a-zA-Z]\w{0,39}$/;
const text = (max: number) => z.string().trim().min(1).max(max);

/** The form of the document, as docs/patterns.md tells users. */
const userPatternSchema = z.strictObject({
  id: z.string().regex(USER_ID, 'must look like custom-my-failure: lower case, digits, hyphens'),
  title: text(120),
  severity: z.enum(['info', 'warning', 'error', 'critical']),
  /** One of them must occur in the line before the expression is tried. */
  contains: z.array(z.string().min(4, 'needs four characters or more').max(200)).min(1).max(10),
  /** RE2 syntax; named groups become fields. */
  regexp: z.string().min(1).max(USER_REGEXP_CHARS_MAX),
  /** Fields that make two findings one incident, besides the project. */
  scope: z.array(z.string().regex(FIELD_NAME)).max(5).default([]),
  weight: z.enum(['sure', 'weak']).default('sure'),
  /** `{field}` stands for what the expression found. */
  headline: text(200),
  cause: text(600),
  remedy: z
    .array(z.strictObject({ say: text(400), run: text(1_000).exactOptional() }))
    .min(1)
    .max(10),
  quietMinutes: z
    .int()
    .min(1)
    .max(7 * 24 * 60)
    .default(60),
  references: z.array(text(300)).max(10).default([]),
});

export type UserPatternResult =
  | { readonly kind: 'pattern'; readonly pattern: Pattern }
  | { readonly kind: 'faults'; readonly id: string; readonly faults: readonly string[] };

/** Names of the named groups, by RE2's own parser. Throws what re2js throws for a wrong expression. */
function compile(source: string): { readonly matcher: Matcher; readonly names: readonly string[] } {
  const compiled = RE2JS.compile(source);
  const names = Object.keys(compiled.namedGroups());
  const matcher: Matcher = {
    source,
    exec: (line) => {
      const found = compiled.matcher(line);
      if (!found.find()) return null;
      const groups: Record<string, string> = {};
      for (const name of names) {
        const value = found.group(name);
        if (value !== null) groups[name] = value;
      }
      return { 0: found.group(0) ?? '', groups };
    },
  };
  return { matcher, names };
}

const PLACE = /\{([a-zA-Z]\w*)\}/g;

/** Replaces `{field}` by its value; a field that was not found stays as it stands. */
function fill(
  template: string,
  fields: Readonly<Partial<Record<string, string>>>,
  write: (value: string) => string,
): string {
  return template.replaceAll(PLACE, (place, name: string) => {
    const value = fields[name];
    return value === undefined ? place : write(value);
  });
}

/** Fields that a template names and the expression does not find; places inside quotes would break the quoting. */
function faultsOf(document: z.infer<typeof userPatternSchema>, names: readonly string[]): readonly string[] {
  const known = new Set(names);
  const unknown = (where: string, template: string): string[] =>
    [...template.matchAll(PLACE)].flatMap(([, name]) =>
      name === undefined || known.has(name) ? [] : [`${where}: the regexp has no group named ${name}`],
    );
  const commands = document.remedy.flatMap(({ run }, index) => {
    if (run === undefined) return [];
    const where = `remedy.${index}.run`;
    const quoted = /['"`\\$][^'"`]*\{[a-zA-Z]/.test(run)
      ? [`${where}: a {field} may not stand inside quotes or behind a $`]
      : [];
    const lines = /\n/.test(run) ? [`${where}: one line only`] : [];
    return [...unknown(where, run), ...quoted, ...lines];
  });
  return [
    ...document.scope
      .filter((name) => !known.has(name))
      .map((name) => `scope: the regexp has no group named ${name}`),
    ...unknown('headline', document.headline),
    ...unknown('cause', document.cause),
    ...document.remedy.flatMap(({ say }, index) => unknown(`remedy.${index}.say`, say)),
    ...commands,
  ];
}

const plain = (value: string): string => value;

function toPattern(
  document: z.infer<typeof userPatternSchema>,
  compiled: ReturnType<typeof compile>,
): Pattern {
  const [literal = '', ...literals] = document.contains;
  const [firstStep, ...steps] = document.remedy.map(({ say, run }, index) => ({
    id: String(index + 1),
    say,
    run,
  }));
  const firstOrTitle = firstStep ?? { id: '1', say: document.title, run: undefined };
  const cause = document.cause.endsWith('.') ? document.cause : `${document.cause}.`;
  return definePattern<string>()({
    id: document.id,
    title: document.title,
    severity: document.severity,
    fields: compiled.names,
    signs: [
      {
        kind: 'text',
        name: 'regexp',
        weight: document.weight,
        contains: [literal, ...literals],
        regexp: compiled.matcher,
      },
    ],
    scope: (found, record) => ({
      project: record.proxy.project,
      ...Object.fromEntries(document.scope.map((name) => [name, found[name] ?? ''])),
    }),
    headline: ({ fields }) => fill(document.headline, fields, plain),
    cause: ({ fields }) => fill(cause, fields, plain),
    checks: [],
    remedy: ({ fields }) => {
      const render = (step: typeof firstOrTitle) => ({
        id: step.id,
        say: fill(step.say, fields, plain),
        ...(step.run === undefined ? {} : { run: fill(step.run, fields, quote) }),
      });
      return [render(firstOrTitle), ...steps.map(render)];
    },
    explains: [],
    yieldsTo: [],
    gone: { quietAfterMs: document.quietMinutes * MINUTE_MS, proof: 'no new line comes' },
    references: [document.references[0] ?? 'a pattern of your own', ...document.references.slice(1)],
  });
}

/** Reads one document. Never throws: every fault comes out with the field it is about. */
export function readUserPattern(value: unknown): UserPatternResult {
  const parsed = userPatternSchema.safeParse(value);
  const id = typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : '(no id)';
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'document'}: ${message}`,
    );
    return { kind: 'faults', id, faults };
  }
  try {
    const compiled = compile(parsed.data.regexp);
    const faults = faultsOf(parsed.data, compiled.names);
    return faults.length > 0
      ? { kind: 'faults', id, faults }
      : { kind: 'pattern', pattern: toPattern(parsed.data, compiled) };
  } catch (error) {
    return {
      kind: 'faults',
      id,
      faults: [`regexp: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
}

/** Reads several: an array of documents, or one. Two of one id are a fault. */
export function readUserPatterns(value: unknown): readonly UserPatternResult[] {
  const documents: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (documents.length > USER_PATTERNS_MAX)
    return [{ kind: 'faults', id: '(all)', faults: [`more than ${USER_PATTERNS_MAX} patterns`] }];
  const seen = new Set<string>();
  return documents.map((document): UserPatternResult => {
    const result = readUserPattern(document);
    if (result.kind === 'faults') return result;
    const { id } = result.pattern;
    if (seen.has(id)) return { kind: 'faults', id, faults: ['id: used twice'] };
    seen.add(id);
    return result;
  });
}
