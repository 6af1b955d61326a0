// What a source file needs: imports of values and types, re-exports, dynamic imports, and the files that lie beside it.
// In: a file's path and text. Out: paths of the repository, `npm:NAME` and `node:NAME`. Reads nothing itself.
import { dirname, join, normalize } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

function placeOf(file: string, specifier: string): string {
  if (specifier.startsWith('#')) return normalize(specifier.slice(1));
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  if (specifier.startsWith('node:')) return specifier;
  const parts = specifier.split('/');
  return `npm:${specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]}`;
}

/** Every import of a source text; `file` is relative to the repository's root. Throws where the text is no TypeScript. */
export function importsOf(file: string, source: string): string[] {
  const parsed = parseSync(file, source);
  if (parsed.errors.length > 0) throw new Error(`${file}: ${parsed.errors[0]?.message}`);
  const fixed = parsed.module.staticImports.map((one) => one.moduleRequest.value);
  const again = parsed.module.staticExports.flatMap((one) =>
    one.entries.flatMap((entry) => (entry.moduleRequest === null ? [] : [entry.moduleRequest.value])),
  );
  const dynamic = parsed.module.dynamicImports.map((one) =>
    source.slice(one.moduleRequest.start, one.moduleRequest.end).replaceAll(/^['"`]|['"`]$/g, ''),
  );
  return [...fixed, ...again, ...dynamic].map((specifier) => placeOf(file, specifier));
}

/**
 * Files and folders (which end with a slash) that a source names as `new URL('…', import.meta.url)`: how it finds at run
 * time what is no module.
 */
export function placesBeside(file: string, source: string): string[] {
  const places: string[] = [];
  new Visitor({
    NewExpression: ({ callee, arguments: [path, base] }) => {
      if (callee.type !== 'Identifier' || callee.name !== 'URL' || base?.type !== 'MemberExpression') return;
      if (base.object.type !== 'MetaProperty' || path?.type !== 'Literal' || typeof path.value !== 'string')
        return;
      places.push(normalize(join(dirname(file), path.value)));
    },
  }).visit(parseSync(file, source).program);
  return places;
}
