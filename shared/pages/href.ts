// Addresses that a page may link to: pages of the history, relative to where the reader is, and https addresses outside.
// Nothing else is a link: no other scheme, no text of a log that only looks like an address.
import { marked, type Href } from './markup.ts';

export type Query = Readonly<Record<string, string | undefined>>;

/** Longer addresses are no links: browsers and proxies cut them. */
const ADDRESS_CHARS_MAX = 8_000;

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** Query text with the `?`; `` where nothing is given. Empty values are left out. */
function queryText(query: Query): string {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${encode(name)}=${encode(value)}`],
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** A page of the history. `root` leads from the page that links to the overview: `./`, `../`. */
export function pageHref(root: string, path: readonly string[], query: Query = {}): Href {
  return marked('href', `${root}${path.map(encode).join('/')}${queryText(query)}`);
}

/** An address outside, undefined if it is anything but https with a plain host. */
export function outsideHref(address: string): Href | undefined {
  const plain = /^https:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?#][!-~]*)?$/i.test(address);
  return plain && address.length <= ADDRESS_CHARS_MAX ? marked('href', address) : undefined;
}

/** Where a message of ours stands in Slack; Slack itself finds the workspace of who follows it. */
export function slackHref(place: { readonly channel: string; readonly ts: string }): Href | undefined {
  if (!/^[CDG][A-Z0-9]{6,30}$/.test(place.channel) || !/^\d{1,12}\.\d{1,8}$/.test(place.ts)) return undefined;
  return outsideHref(`https://slack.com/archives/${place.channel}/p${place.ts.replace('.', '')}`);
}

/** A place on the same page. */
export const anchorHref = (id: string): Href => marked('href', `#${encode(id)}`);
