// Text that the browser may read as markup, told from all other text by a key that nobody outside these pages has.
// Only html.ts and href.ts may make it: a test holds every other file to that.

const MARKUP: unique symbol = Symbol('markup');

interface Marked<Kind extends 'html' | 'attributes' | 'href'> {
  readonly [MARKUP]: { readonly kind: Kind; readonly text: string };
}

/** Finished HTML: whole elements and escaped text. */
export type Html = Marked<'html'>;
/** Attributes of one tag, each with a blank before it. */
export type Attributes = Marked<'attributes'>;
/** An address that a link may go to, not escaped yet. */
export type Href = Marked<'href'>;

/** Marks a text as what `kind` says; the caller has made sure of it. */
export function marked<Kind extends 'html' | 'attributes' | 'href'>(kind: Kind, text: string): Marked<Kind> {
  return { [MARKUP]: { kind, text } };
}

/** The text and what it is. */
export function markupOf(value: Html | Attributes | Href): {
  readonly kind: 'html' | 'attributes' | 'href';
  readonly text: string;
} {
  return value[MARKUP];
}

/** Characters that hide or reorder what a reader sees; line breaks and tabs stay. */
const INVISIBLE = /[^\n\t\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}]/gu;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Any text as HTML shows it, inside an element or a quoted attribute; what can't be seen becomes `�`. */
export function escape(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(INVISIBLE, '\uFFFD')
    .replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');
}
