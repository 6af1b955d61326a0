// The frame of every page: head, navigation, main part, foot. In: what the page is. Out: the whole document.
import type { Pattern } from '#shared/patterns/pattern.ts';
import type { Language } from '#shared/notify/texts/texts.ts';
import { wordingOf } from '#shared/notify/words.ts';
import { attributes, EMPTY, html, type Href, type Html } from './html.ts';
import { anchorHref, pageHref, type Query } from './href.ts';
import { moment } from './when.ts';

/** Addresses of the two files that a page loads; their query changes with their content. */
export interface Assets {
  readonly styleVersion: string;
  readonly scriptVersion: string;
}

/** What drawing any page needs besides its data. */
export interface PageContext {
  /** Leads from the page's address to the overview: `./`, `../`. */
  readonly root: string;
  readonly assets: Assets;
  readonly patterns: readonly Pattern[];
  /** Language of headlines and causes, as in Slack; the words around them are English. */
  readonly language: Language;
}

export const patternOf = (context: Pick<PageContext, 'patterns'>, id: string): Pattern | undefined =>
  context.patterns.find((pattern) => pattern.id === id);

/** What a pattern is about, in a few words; its id where it is not known any more. */
export function patternTitle(context: PageContext, id: string): string {
  const pattern = patternOf(context, id);
  if (id === 'unrecognised') return 'An error that no pattern knows';
  return pattern === undefined ? id : wordingOf(pattern, context.language).title;
}

export interface PageParts {
  readonly title: string;
  readonly here: 'overview' | 'incidents' | 'fleet' | 'nowhere';
  /** Path and query of this page, for the link to the same as JSON; absent where there is none. */
  readonly self?: { readonly path: readonly string[]; readonly query: Query };
  /** When the data were read; 0 = there are none. */
  readonly nowMs: number;
  /** The script reads the page again and again. */
  readonly live?: boolean;
  readonly main: Html;
}

function navigation(context: PageContext, here: PageParts['here']): Html {
  const item = (name: PageParts['here'], href: Href, text: string): Html =>
    html`<li><a href="${href}" ${attributes({ 'aria-current': here === name && 'page' })}>${text}</a></li>`;
  return html`<nav aria-label="Pages">
    <ul>
      ${item('overview', pageHref(context.root, []), 'Overview')}
      ${item('incidents', pageHref(context.root, ['incidents']), 'Incidents')}
      ${item('fleet', pageHref(context.root, ['fleet']), 'Fleet')}
    </ul>
  </nav>`;
}

function foot(context: PageContext, parts: PageParts): Html {
  const { self } = parts;
  const json =
    self === undefined
      ? EMPTY
      : html` ·
          <a href="${pageHref(context.root, self.path, { ...self.query, format: 'json' })}"
            >the same as JSON</a
          >`;
  const read = parts.nowMs === 0 ? EMPTY : html`Read ${moment(parts.nowMs)}${json}`;
  return html`<footer><p>${read}</p></footer>`;
}

/** The whole document. */
export function page(context: PageContext, parts: PageParts): Html {
  const { root, assets } = context;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${parts.title} · mesh-triage</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${pageHref(root, ['style.css'], { v: assets.styleVersion })}" />
        <script src="${pageHref(root, ['script.js'], { v: assets.scriptVersion })}" defer></script>
      </head>
      <body>
        <a class="skip" href="${anchorHref('main')}">Skip to the content</a>
        <header class="bar">
          <a class="name" href="${pageHref(root, [])}">mesh-triage</a>
          ${navigation(context, parts.here)}
          <p class="live" id="live"></p>
        </header>
        <main id="main" tabindex="-1" ${attributes({ 'data-live': parts.live })}>${parts.main}</main>
        ${foot(context, parts)}
      </body>
    </html> `;
}

/** The ways to the first and to the next page of a list; nothing where there is only one. */
export function pager(
  label: string,
  to: { readonly first: Href | undefined; readonly next: Href | undefined; readonly nextText?: string },
): Html {
  if (to.first === undefined && to.next === undefined) return EMPTY;
  const first = to.first === undefined ? EMPTY : html`<a rel="first" href="${to.first}">First page</a>`;
  const next =
    to.next === undefined ? EMPTY : html`<a rel="next" href="${to.next}">${to.nextText ?? 'Next page'}</a>`;
  return html`<nav class="pager" aria-label="${label}">${first} ${next}</nav>`;
}
