// The one way to HTML: a tagged template that escapes every value for the place it is put in.
// Only finished Html passes as it is, only an Href becomes a link; there is no way to switch that off.
import { escape, marked, markupOf, type Attributes, type Href, type Html } from './markup.ts';
import { FORBIDDEN_ATTRIBUTE, holesOf, TemplateFault, type Hole } from './template-holes.ts';

export type { Attributes, Href, Html } from './markup.ts';

/** What a hole takes; `undefined` shows nothing. */
export type Value = string | number | undefined | Html | Attributes | Href | readonly Html[];

/** Attributes whose value is an address. */
const ADDRESS = /^(?:href|src|action|xlink:href)$/;

const known = new WeakMap<TemplateStringsArray, readonly Hole[]>();

function inText(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
  if ('map' in value) return value.map(inText).join('');
  const { kind, text } = markupOf(value);
  if (kind !== 'html') throw new TemplateFault(`${kind} in the place of text`);
  return text;
}

function inAttribute(hole: Extract<Hole, { kind: 'attribute' }>, value: Value): string {
  const marking = typeof value === 'object' && !('map' in value) ? markupOf(value) : undefined;
  if (ADDRESS.test(hole.name)) {
    if (marking?.kind !== 'href' || !hole.whole)
      throw new TemplateFault(`${hole.name} takes a whole Href and nothing else`);
    return escape(marking.text);
  }
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new TemplateFault(`the attribute ${hole.name} takes text`);
  return escape(String(value));
}

function amongAttributes(value: Value): string {
  if (value === undefined) return '';
  const marking = typeof value === 'object' && !('map' in value) ? markupOf(value) : undefined;
  if (marking?.kind !== 'attributes') throw new TemplateFault('only attributes() may stand among attributes');
  return marking.text;
}

function fill(hole: Hole, value: Value): string {
  switch (hole.kind) {
    case 'text':
      return inText(value);
    case 'attribute':
      return inAttribute(hole, value);
    case 'attributes':
      return amongAttributes(value);
  }
}

/** HTML from a template. Throws TemplateFault where a template is unsafe in itself, whatever the values. */
export function html(literals: TemplateStringsArray, ...values: readonly Value[]): Html {
  const holes = known.get(literals) ?? holesOf(literals);
  known.set(literals, holes);
  let text = literals[0] ?? '';
  for (const [index, hole] of holes.entries())
    text += fill(hole, values[index]) + (literals[index + 1] ?? '');
  return marked('html', text);
}

/** Attributes that are not always there: `true` gives the bare name, `false` and `undefined` leave it out. */
export function attributes(
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): Attributes {
  let text = '';
  for (const [name, value] of Object.entries(values)) {
    if (!/^[a-z][a-z0-9-]*$/.test(name) || FORBIDDEN_ATTRIBUTE.test(name) || ADDRESS.test(name))
      throw new TemplateFault(`attributes() takes no ${name}`);
    if (value === true) text += ` ${name}`;
    else if (value !== undefined && value !== false) text += ` ${name}="${escape(String(value))}"`;
  }
  return marked('attributes', text);
}

/** Nothing. */
export const EMPTY: Html = marked('html', '');

/** The text of finished HTML, for who sends it. */
export const htmlText = (value: Html): string => markupOf(value).text;
