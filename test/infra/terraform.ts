// infra/*.tf as data, without Terraform: HashiCorp's own parser as WebAssembly, and a reader of the forms that are used.
// In: the files. Out: locals and resources as JSON; an expression stays the text that it is, between `${` and `}`.
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getExpressionAst, parse } from '@cdktn/hcl2json';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../..');

const fileSchema = z.looseObject({
  locals: z.array(z.record(z.string(), z.unknown())).default([]),
  resource: z.record(z.string(), z.record(z.string(), z.array(z.unknown()))).default({}),
});

export interface Terraform {
  /** By name. Throws if there is none. */
  readonly local: (name: string) => unknown;
  /** Resources of a type: name → what its block says. */
  readonly resources: (type: string) => Readonly<Record<string, unknown>>;
}

/** Reads every file right in infra/. */
export async function readTerraform(): Promise<Terraform> {
  const files = globSync('infra/*.tf', { cwd: root }).toSorted();
  const parsed = await Promise.all(
    files.map(async (file) => fileSchema.parse(await parse(file, readFileSync(join(root, file), 'utf8')))),
  );
  const locals = new Map(parsed.flatMap((file) => file.locals.flatMap((block) => Object.entries(block))));
  return {
    local: (name) => {
      if (!locals.has(name)) throw new Error(`infra/*.tf has no local.${name}`);
      return locals.get(name);
    },
    resources: (type) =>
      Object.fromEntries(
        parsed.flatMap((file) =>
          Object.entries(file.resource[type] ?? {}).map(([name, [block]]) => [name, block] as const),
        ),
      ),
  };
}

interface Expression {
  readonly type: string;
  readonly meta?: unknown;
  readonly children: readonly Expression[];
}

const objectMeta = z.looseObject({ items: z.record(z.string(), z.string()) });

function keysOfObjects({ type, meta, children }: Expression): readonly string[] {
  return type === 'object' ? Object.keys(objectMeta.parse(meta).items) : children.flatMap(keysOfObjects);
}

/** Keys that a map may have: those it is written with, or of every map that an expression such as `merge(…)` puts together. */
export async function keysOfMap(value: unknown): Promise<readonly string[]> {
  if (typeof value !== 'string') return Object.keys(z.record(z.string(), z.unknown()).parse(value));
  const expression = /^\$\{(.*)\}$/s.exec(value)?.[1];
  if (expression === undefined) throw new Error(`no map: ${value}`);
  const tree = await getExpressionAst('expression.tf', expression);
  if (tree === null) throw new Error(`no expression: ${value}`);
  return keysOfObjects(tree);
}
