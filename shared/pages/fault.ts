// Pages for what went wrong: nothing there, a request that makes no sense, a store that does not answer.
import { html, type Html } from './html.ts';
import { pageHref } from './href.ts';
import { page, type PageContext } from './layout.ts';

export interface Fault {
  readonly status: 400 | 404 | 405 | 503;
  /** What is wrong, in one sentence. */
  readonly what: string;
  /** What to do about it. */
  readonly hint: string;
}

const TITLES: Readonly<Record<Fault['status'], string>> = {
  400: 'That address makes no sense',
  404: 'Nothing here',
  405: 'Only to be read',
  503: 'The history does not answer',
};

/** The page for a fault. */
export function faultPage(context: PageContext, fault: Fault): Html {
  const title = TITLES[fault.status];
  return page(context, {
    title,
    here: 'nowhere',
    nowMs: 0,
    main: html`<h1>${title}</h1>
      <p>${fault.what}</p>
      <p>${fault.hint}</p>
      <p><a href="${pageHref(context.root, [])}">To the overview</a></p>`,
  });
}
