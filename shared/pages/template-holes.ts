// The literal parts of an HTML template → where each of its holes stands: in text, in a quoted attribute, among attributes.
// A hole anywhere else, or a template that ends inside a tag, is a fault of ours and throws.

/** What may be put into a hole depends on where it stands. */
export type Hole =
  | { readonly kind: 'text' }
  /** Inside `name="…"`; `whole` if nothing stands before the hole. */
  | { readonly kind: 'attribute'; readonly name: string; readonly whole: boolean }
  /** Between a tag's name and its end. */
  | { readonly kind: 'attributes' };

/** A template that can't be filled safely, whatever is put into it. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
}

/** Attributes that run or restyle something: the content security policy refuses them, and so do the templates. */
export const FORBIDDEN_ATTRIBUTE = /^on|^(?:style|srcdoc|srcset|formaction|ping)$/;

type Mode = 'text' | 'raw' | 'element' | 'tag' | 'attribute' | 'equals' | 'value';

interface Scan {
  readonly mode: Mode;
  readonly element: string;
  readonly attribute: string;
}

function endOfTag({ element }: Scan): Scan {
  return { mode: /^(?:script|style)$/.test(element) ? 'raw' : 'text', element: '', attribute: '' };
}

function insideTag(scan: Scan, sign: string): Scan {
  if (sign === '>') return endOfTag(scan);
  if (/[\s/]/.test(sign)) return { ...scan, mode: 'tag', attribute: '' };
  return { ...scan, mode: 'attribute', attribute: scan.attribute + sign.toLowerCase() };
}

function step(scan: Scan, sign: string): Scan {
  switch (scan.mode) {
    case 'text':
    case 'raw':
      return sign === '<' ? { mode: 'element', element: '', attribute: '' } : scan;
    case 'element':
      return /[\w/!]/.test(sign)
        ? { ...scan, element: scan.element + sign.toLowerCase() }
        : insideTag(scan, sign);
    case 'tag':
      return insideTag({ ...scan, attribute: '' }, sign);
    case 'attribute':
      if (sign !== '=') return insideTag(scan, sign);
      if (FORBIDDEN_ATTRIBUTE.test(scan.attribute))
        throw new TemplateFault(`an attribute ${scan.attribute} in a template`);
      return { ...scan, mode: 'equals' };
    case 'equals':
      if (sign !== '"') throw new TemplateFault(`the attribute ${scan.attribute} is not in double quotes`);
      return { ...scan, mode: 'value' };
    case 'value':
      return sign === '"' ? { ...scan, mode: 'tag', attribute: '' } : scan;
  }
}

function holeAt(scan: Scan, literal: string): Hole {
  switch (scan.mode) {
    case 'text':
      return { kind: 'text' };
    case 'value':
      return { kind: 'attribute', name: scan.attribute, whole: literal.endsWith('"') };
    case 'tag':
      // Without the blank a hole would lengthen the name before it.
      if (/\s$/.test(literal)) return { kind: 'attributes' };
      throw new TemplateFault('a hole sticks to what stands before it in a tag');
    case 'raw':
    case 'element':
    case 'attribute':
    case 'equals':
      throw new TemplateFault(`a hole where nothing can be escaped (${scan.mode})`);
  }
}

/** The holes between the literals, in order. Throws TemplateFault. */
export function holesOf(literals: readonly string[]): readonly Hole[] {
  let scan: Scan = { mode: 'text', element: '', attribute: '' };
  const holes: Hole[] = [];
  for (const [index, literal] of literals.entries()) {
    for (const sign of literal) scan = step(scan, sign);
    if (index < literals.length - 1) holes.push(holeAt(scan, literal));
  }
  if (scan.mode !== 'text') throw new TemplateFault(`a template ends inside a tag (${scan.mode})`);
  return holes;
}
