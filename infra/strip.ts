// A TypeScript source → the JavaScript that Node would make of it at every start: types blanked, every line where it was.
// In: a file's path and text. Out: the same under a name that ends with .js. Done once here, it is a third of a start.
import { stripTypeScriptTypes } from 'node:module';
import { parseSync } from 'oxc-parser';

const asJavaScript = (path: string): string => path.replace(/\.ts$/, '.js');

export interface Stripped {
  readonly file: string;
  readonly text: string;
}

/** Throws where the text is no TypeScript that Node can run. */
export function strip(file: string, source: string): Stripped {
  const code = stripTypeScriptTypes(source);
  const { module } = parseSync(asJavaScript(file), code);
  const requests = [
    ...module.staticImports.map((one) => one.moduleRequest),
    ...module.staticExports.flatMap((one) =>
      one.entries.flatMap((entry) => (entry.moduleRequest === null ? [] : [entry.moduleRequest])),
    ),
    ...module.dynamicImports.map((one) => one.moduleRequest),
  ];
  let text = code;
  // From the end on, so that the places before stay where they are; a re-export of two names is one place.
  const ends = [...new Set(requests.map(({ end }) => end))].toSorted((a, b) => b - a);
  for (const end of ends) {
    const head = text.slice(0, end);
    text = head.replace(/\.ts(['"]?)$/, '.js$1') + text.slice(end);
  }
  return { file: asJavaScript(file), text };
}
