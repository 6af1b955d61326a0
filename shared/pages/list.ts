// The list: a filter in the address bar, a page of incidents, the way to the next one.
import type { HistoryFilter, ListData } from '#shared/model/history.ts';
import { attributes, html, type Href, type Html } from './html.ts';
import { pageHref, type Query } from './href.ts';
import { incidentTable } from './incident-words.ts';
import { page, pager, type PageContext } from './layout.ts';
import { many, STATES } from './text.ts';
import { isoSeconds } from './when.ts';

/** The filter as the address bar holds it. */
export function queryOf(filter: HistoryFilter): Query {
  return {
    state: filter.state,
    pattern: filter.pattern,
    project: filter.project,
    network: filter.network,
    proxy: filter.proxy,
    text: filter.text,
    from: filter.fromMs === undefined ? undefined : isoSeconds(filter.fromMs),
    to: filter.toMs === undefined ? undefined : isoSeconds(filter.toMs),
  };
}

function choice(
  name: string,
  label: string,
  of: { readonly chosen: string | undefined; readonly values: readonly (readonly [string, string])[] },
): Html {
  // A value that is none of ours any more, such as a removed pattern, stays what is filtered by.
  const known = of.chosen === undefined || of.values.some(([value]) => value === of.chosen);
  const values = known ? of.values : [...of.values, [of.chosen ?? '', of.chosen ?? ''] as const];
  const options = values.map(
    ([value, text]) =>
      html`<option value="${value}" ${attributes({ selected: value === (of.chosen ?? '') })}>
        ${text}
      </option>`,
  );
  return html`<label
    >${label}<select name="${name}">
      ${options}
    </select></label
  >`;
}

function field(name: string, label: string, more: { value: string | undefined; type?: string }): Html {
  return html`<label
    >${label}<input
      name="${name}"
      type="${more.type ?? 'text'}"
      value="${more.value ?? ''}"
      maxlength="200"
      autocomplete="off"
      spellcheck="false"
  /></label>`;
}

/** What an input of type datetime-local takes. */
const minuteText = (timeMs: number | undefined): string | undefined =>
  timeMs === undefined ? undefined : isoSeconds(timeMs).slice(0, 16);

function filterForm(context: PageContext, filter: HistoryFilter): Html {
  const states = ['unresolved', ...STATES].map((state) => [state, state] as const);
  const patterns = [...context.patterns.map(({ id }) => id), 'unrecognised']
    .sort()
    .map((id) => [id, id] as const);
  return html`<form
    class="filter"
    method="get"
    action="${pageHref(context.root, ['incidents'])}"
    role="search"
    aria-label="Incidents"
  >
    ${field('text', 'Words', { value: filter.text, type: 'search' })}
    ${choice('state', 'State', { chosen: filter.state, values: [['', 'any'], ...states] })}
    ${choice('pattern', 'Pattern', { chosen: filter.pattern, values: [['', 'any'], ...patterns] })}
    ${field('project', 'Project', { value: filter.project })}
    ${field('network', 'Network', { value: filter.network })}
    ${field('proxy', 'VM or pod', { value: filter.proxy })}
    ${field('from', 'Last seen from (UTC)', { value: minuteText(filter.fromMs), type: 'datetime-local' })}
    ${field('to', 'and before (UTC)', { value: minuteText(filter.toMs), type: 'datetime-local' })}
    <p class="act">
      <button type="submit">Show</button> <a href="${pageHref(context.root, ['incidents'])}">Clear</a>
    </p>
  </form>`;
}

function ways(context: PageContext, data: ListData, cursor: string): Html {
  const query = queryOf(data.filter);
  const href = (more: Query): Href => pageHref(context.root, ['incidents'], { ...query, ...more });
  return pager('Pages of the list', {
    first: cursor === '' ? undefined : href({}),
    next: data.next === '' ? undefined : href({ cursor: data.next }),
    nextText: data.searchedOn ? 'Search further back' : 'Next page',
  });
}

function found(data: ListData): string {
  const count = many(data.incidents.length, 'incident', 'incidents');
  if (data.searchedOn) return `${count} so far; the search stopped at its bound and can go on further back.`;
  if (data.incidents.length === 0) return 'No incident fits.';
  return `${count} on this page, the latest seen first.`;
}

/** The page. `cursor` is the one it was asked with. */
export function listPage(context: PageContext, data: ListData, cursor: string): Html {
  return page(context, {
    title: 'Incidents',
    here: 'incidents',
    self: { path: ['incidents'], query: { ...queryOf(data.filter), cursor } },
    nowMs: data.nowMs,
    main: html`<h1>Incidents</h1>
      ${filterForm(context, data.filter)}
      <p class="fact">${found(data)}</p>
      ${incidentTable(context, data.incidents, { nowMs: data.nowMs, caption: 'Incidents, the latest seen first' })}
      ${ways(context, data, cursor)}`,
  });
}
