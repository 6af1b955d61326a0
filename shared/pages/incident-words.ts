// The pieces that every page says of an incident in the same way: severity, state, headline, link, counts.
import type { Severity } from '#shared/model/finding.ts';
import type { Incident, IncidentState } from '#shared/model/incident.ts';
import { cut } from '#shared/notify/slack-text.ts';
import { headlineOf } from '#shared/notify/words.ts';
import { attributes, EMPTY, html, type Html } from './html.ts';
import { pageHref } from './href.ts';
import { patternOf, type PageContext } from './layout.ts';
import { many, NAME_CHARS_MAX, number, scopeText } from './text.ts';
import { ago } from './when.ts';

const HEADLINE_CHARS_MAX = 200;
const SCOPE_CHARS_MAX = 300;

/** The word, with a mark whose form differs too: no one has to tell colours apart. */
export const severityBadge = (severity: Severity): Html =>
  html`<span class="severity ${severity}">${severity}</span>`;

export const stateBadge = (state: IncidentState): Html => html`<span class="state ${state}">${state}</span>`;

/** What broke and where, cut. */
export function headline(context: PageContext, incident: Incident): string {
  const text = headlineOf(incident, patternOf(context, incident.pattern), context.language);
  const line = cut(text.replaceAll(/\s+/g, ' ').trim(), HEADLINE_CHARS_MAX);
  return line === '' ? incident.id : line;
}

/** Marks a text in the language of the headlines where that is not the page's. */
export function inLanguage(context: PageContext, text: string): Html {
  return html`<bdi ${attributes({ lang: context.language !== 'en' && context.language })}>${text}</bdi>`;
}

function incidentLink(context: PageContext, incident: Incident): Html {
  const href = pageHref(context.root, ['incidents', incident.id]);
  return html`<a class="headline" href="${href}">${inLanguage(context, headline(context, incident))}</a>`;
}

/** Entries of this episode. */
export const episodeCount = (incident: Incident): number =>
  Math.max(0, incident.evidence.count - incident.countBefore);

export const proxiesText = ({ evidence }: Incident): string =>
  `${evidence.proxiesCapped ? 'at least ' : ''}${many(evidence.proxyCount, 'proxy', 'proxies')}`;

/** Pattern and scope in one small line. */
export function identity(incident: Pick<Incident, 'pattern' | 'scope'>): Html {
  const scope = cut(scopeText(incident.scope), SCOPE_CHARS_MAX);
  return html`<span class="identity"
    ><span class="pattern">${cut(incident.pattern, NAME_CHARS_MAX)}</span> <bdi>${scope}</bdi></span
  >`;
}

/** The table of incidents of the overview and of the list. */
export function incidentTable(
  context: PageContext,
  incidents: readonly Incident[],
  more: { readonly nowMs: number; readonly caption: string },
): Html {
  if (incidents.length === 0) return EMPTY;
  const rows = incidents.map(
    (incident) =>
      html`<tr class="${incident.evidence.severity}">
        <td data-label="Severity">${severityBadge(incident.evidence.severity)}</td>
        <td data-label="State">${stateBadge(incident.state)}</td>
        <th scope="row">${incidentLink(context, incident)}${identity(incident)}</th>
        <td data-label="Entries" class="number">${number(episodeCount(incident))}</td>
        <td data-label="Proxies" class="number">
          ${incident.evidence.proxiesCapped ? '≥ ' : ''}${number(incident.evidence.proxyCount)}
        </td>
        <td data-label="Opened">
          ${ago(incident.openedAtMs, more.nowMs)}${incident.episode > 1 ? html`<small>episode ${incident.episode}</small>` : EMPTY}
        </td>
        <td data-label="Last seen">${ago(incident.evidence.lastSeenMs, more.nowMs)}</td>
      </tr>`,
  );
  return html`<table class="incidents cards">
    <caption class="hidden">
      ${more.caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">Severity</th>
        <th scope="col">State</th>
        <th scope="col">Incident</th>
        <th scope="col" class="number">Entries</th>
        <th scope="col" class="number">Proxies</th>
        <th scope="col">Opened</th>
        <th scope="col">Last seen</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
