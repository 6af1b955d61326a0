// The fleet: every VM that the sweep knows, the silent ones first; what its guest attributes say, against what they should.
import type { ProxyState } from '#shared/model/fleet.ts';
import type { FleetData, FleetSort } from '#shared/model/history.ts';
import { cut } from '#shared/notify/slack-text.ts';
import { attributes, html, type Href, type Html } from './html.ts';
import { pageHref, type Query } from './href.ts';
import { page, pager, type PageContext } from './layout.ts';
import { bootstrapOf, heartbeatOf, oldestSupported, versionOf, type Judged } from './proxy-state.ts';
import { LINE_CHARS_MAX, many, NAME_CHARS_MAX } from './text.ts';
import { ago } from './when.ts';

/** Incidents of one VM that a row links to. */
const INCIDENTS_SHOWN_MAX = 5;

/** A verdict as its word with a mark that does not need its colour. */
export const judged = ({ verdict, text }: Judged): Html =>
  html`<span class="verdict ${verdict}"><bdi>${cut(text, NAME_CHARS_MAX)}</bdi></span>`;

function incidentsOf(context: PageContext, state: ProxyState): Html {
  const shown = state.incidents
    .slice(0, INCIDENTS_SHOWN_MAX)
    .map(
      (id) =>
        html`<a class="pattern" href="${pageHref(context.root, ['incidents', id])}"
          >${cut(id.replace(/-[0-9a-f]{16}$/, ''), NAME_CHARS_MAX)}</a
        > `,
    );
  const rest = state.incidents.length - shown.length;
  return html`${shown}${rest > 0 ? `and ${rest} more` : ''}`;
}

function failureOf(state: ProxyState, nowMs: number): Html {
  if (state.lastFailure === '') return html`<span class="none">none</span>`;
  return html`<bdi>${cut(state.lastFailure, LINE_CHARS_MAX)}</bdi>
    <small>${ago(state.failureSinceMs, nowMs)}</small>`;
}

function row(context: PageContext, state: ProxyState, nowMs: number): Html {
  const { vm } = state;
  const place = [vm.group, vm.zone, vm.project].filter((part) => part !== '').join(' · ');
  return html`<tr>
    <th scope="row">
      <bdi class="vm">${cut(vm.name, NAME_CHARS_MAX)}</bdi
      ><span class="identity"><bdi>${cut(place, NAME_CHARS_MAX * 2)}</bdi></span>
    </th>
    <td data-label="Heartbeat">${judged(heartbeatOf(state, nowMs))}</td>
    <td data-label="Bootstrap">${judged(bootstrapOf(state))}</td>
    <td data-label="Envoy">${judged(versionOf(state))}</td>
    <td data-label="Last failure" class="words">${failureOf(state, nowMs)}</td>
    <td data-label="Part of">${incidentsOf(context, state)}</td>
    <td data-label="Changed">${ago(state.seenAtMs, nowMs)}</td>
  </tr>`;
}

interface Column {
  readonly text: string;
  readonly sort?: FleetSort;
}

const COLUMNS: readonly Column[] = [
  { text: 'VM', sort: 'name' },
  { text: 'Heartbeat', sort: 'heartbeat' },
  { text: 'Bootstrap' },
  { text: 'Envoy', sort: 'version' },
  { text: 'Last failure' },
  { text: 'Part of' },
  { text: 'Changed' },
];

const SORT_WORDS: Readonly<Record<FleetSort, string>> = {
  heartbeat: 'silent ones first',
  name: 'by name',
  version: 'by Envoy version, the oldest first',
};

function heads(context: PageContext, data: FleetData): readonly Html[] {
  return COLUMNS.map(({ text, sort }) => {
    if (sort === undefined) return html`<th scope="col">${text}</th>`;
    const href = pageHref(context.root, ['fleet'], { sort: sort === 'heartbeat' ? undefined : sort });
    return html`<th scope="col" ${attributes({ 'aria-sort': data.sort === sort && 'ascending' })}>
      <a href="${href}">${text}</a>
    </th>`;
  });
}

/** On a phone the heads of the table are gone: the same choices as links. */
function sortLinks(context: PageContext, data: FleetData): Html {
  const items = COLUMNS.flatMap(({ sort }) => (sort === undefined ? [] : [sort])).map(
    (sort) =>
      html`<li>
        <a
          href="${pageHref(context.root, ['fleet'], { sort: sort === 'heartbeat' ? undefined : sort })}"
          ${attributes({ 'aria-current': sort === data.sort && 'true' })}
          >${SORT_WORDS[sort]}</a
        >
      </li>`,
  );
  return html`<nav class="switch" aria-label="Order">
    <ul>
      ${items}
    </ul>
  </nav>`;
}

/** The page. `cursor` is the one it was asked with. */
export function fleetPage(context: PageContext, data: FleetData, cursor: string): Html {
  const query = { sort: data.sort === 'heartbeat' ? undefined : data.sort };
  const table =
    data.proxies.length === 0
      ? html`<p class="none">
          No VM is known. The sweep of the fleet looks at the projects that <code>FLEET_PROJECTS</code> names.
        </p>`
      : html`<table class="cards fleet">
          <caption class="hidden">
            VMs of the fleet, ${SORT_WORDS[data.sort]}
          </caption>
          <thead>
            <tr>
              ${heads(context, data)}
            </tr>
          </thead>
          <tbody>
            ${data.proxies.map((state) => row(context, state, data.nowMs))}
          </tbody>
        </table>`;
  const href = (more: Query): Href => pageHref(context.root, ['fleet'], { ...query, ...more });
  const ways = pager('Pages of the fleet', {
    first: cursor === '' ? undefined : href({}),
    next: data.next === '' ? undefined : href({ cursor: data.next }),
  });
  return page(context, {
    title: 'Fleet',
    here: 'fleet',
    self: { path: ['fleet'], query: { ...query, cursor } },
    nowMs: data.nowMs,
    main: html`<h1>Fleet</h1>
      ${sortLinks(context, data)}
      <p class="fact">
        ${many(data.proxies.length, 'VM', 'VMs')} on this page, ${SORT_WORDS[data.sort]}. Cloud Service Mesh
        needs Envoy ${oldestSupported} or later. A state is written when something changes: «beats» means that
        nothing has changed since.
      </p>
      ${table} ${ways}`,
  });
}
