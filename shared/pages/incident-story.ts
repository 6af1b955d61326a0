// Parts of an incident's page: the story with who and why, the affected proxies, what it is tied to, earlier episodes.
import type { IncidentData, RelatedIncident } from '#shared/model/history.ts';
import type { TimelineEntry } from '#shared/model/incident.ts';
import { cut } from '#shared/notify/slack-text.ts';
import { EMPTY, html, type Html } from './html.ts';
import { pageHref } from './href.ts';
import { judged } from './fleet.ts';
import { identity, severityBadge, stateBadge } from './incident-words.ts';
import { patternTitle, type PageContext } from './layout.ts';
import { heartbeatOf, versionOf } from './proxy-state.ts';
import { LINE_CHARS_MAX, many, NAME_CHARS_MAX, number } from './text.ts';
import { ago, duration, moment } from './when.ts';

/** Who acts where no person does, as the lifecycle writes it. */
const MACHINE = 'mesh-triage';

const KINDS: Readonly<Record<TimelineEntry['kind'], string>> = {
  opened: 'Opened',
  reopened: 'Came back',
  acknowledged: 'Acknowledged',
  muted: 'Muted',
  unmuted: 'Unmuted',
  resolved: 'Resolved',
  severity: 'Severity changed',
  explained: 'Explained by another',
  unexplained: 'Stands for itself again',
  told: 'Told',
};

/** The story, the latest line first. */
export function storySection(timeline: readonly TimelineEntry[]): Html {
  const lines = timeline.toReversed().map(({ atMs, kind, who, why }) => {
    const person = who === MACHINE ? EMPTY : html` by <bdi class="who">${cut(who, NAME_CHARS_MAX)}</bdi>`;
    const reason = why === '' ? EMPTY : html`<span class="why"><bdi>${cut(why, LINE_CHARS_MAX)}</bdi></span>`;
    return html`<li>
      <span class="when">${moment(atMs)}</span> <strong>${KINDS[kind]}</strong>${person}${reason}
    </li>`;
  });
  const story =
    lines.length === 0
      ? html`<p class="none">Nothing is written of it yet.</p>`
      : html`<ol class="story">
          ${lines}
        </ol>`;
  return html`<section aria-labelledby="story">
    <h2 id="story">Story</h2>
    ${story}
  </section>`;
}

/** The first affected proxies by name, with what the sweep knows of each. */
export function proxiesSection(context: PageContext, data: IncidentData): Html {
  const { evidence } = data.incident;
  const rows = evidence.proxies.map((proxy) => {
    const state = data.proxies.get(proxy.id);
    const version = state === undefined ? html`<span class="none">–</span>` : judged(versionOf(state));
    const beat =
      state === undefined ? html`<span class="none">–</span>` : judged(heartbeatOf(state, data.nowMs));
    const href = pageHref(context.root, ['incidents'], { proxy: proxy.displayName });
    const place = [proxy.group, proxy.location, proxy.project].filter((part) => part !== '').join(' · ');
    return html`<tr>
      <th scope="row">
        <a class="vm" href="${href}"><bdi>${cut(proxy.displayName, NAME_CHARS_MAX)}</bdi></a
        ><span class="identity"><bdi>${cut(place, NAME_CHARS_MAX * 2)}</bdi></span>
      </th>
      <td data-label="Envoy">${version}</td>
      <td data-label="Heartbeat">${beat}</td>
    </tr>`;
  });
  const rest = evidence.proxyCount - rows.length;
  const more =
    rest > 0
      ? html`<p class="fact">and ${evidence.proxiesCapped ? 'at least ' : ''}${number(rest)} more</p>`
      : EMPTY;
  const table =
    rows.length === 0
      ? html`<p class="none">No proxy is named by its entries.</p>`
      : html`<table class="cards proxies">
          <caption class="hidden">
            Affected proxies
          </caption>
          <thead>
            <tr>
              <th scope="col">Proxy</th>
              <th scope="col">Envoy</th>
              <th scope="col">Heartbeat</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>`;
  return html`<section aria-labelledby="proxies">
    <h2 id="proxies">Affected proxies</h2>
    ${table}${more}
  </section>`;
}

/** One line for an incident that this one is tied to. */
export function relatedLine(context: PageContext, related: RelatedIncident, nowMs: number): Html {
  const title = patternTitle(context, related.pattern);
  const href = pageHref(context.root, ['incidents', related.id]);
  return html`${stateBadge(related.state)}
    <a href="${href}">${cut(title, NAME_CHARS_MAX)}</a> ${identity(related)}
    <span class="fact">last seen ${ago(related.lastSeenMs, nowMs)}</span>`;
}

/** What follows from it, and how it went before. */
export function relatedSection(context: PageContext, data: IncidentData): Html {
  const explains = data.explains.map(
    (related) => html`<li>${relatedLine(context, related, data.nowMs)}</li>`,
  );
  const earlier = data.episodes
    .filter(({ episode }) => episode < data.incident.episode)
    .map(({ episode, severity, openedAtMs, resolvedAtMs, resolvedBy, count, proxyCount }) => {
      const lasted =
        resolvedAtMs === 0
          ? ''
          : ` · ${duration(resolvedAtMs - openedAtMs)}${resolvedBy === '' ? '' : `, ended by ${resolvedBy}`}`;
      return html`<li>
        ${severityBadge(severity)} Episode ${episode}, ${moment(openedAtMs)}${lasted} ·
        ${many(count, 'entry', 'entries')}, ${many(proxyCount, 'proxy', 'proxies')}
      </li>`;
    });
  if (explains.length + earlier.length === 0) return EMPTY;
  const list = (title: string, items: readonly Html[]): Html =>
    items.length === 0
      ? EMPTY
      : html`<h3>${title}</h3>
          <ul class="related">
            ${items}
          </ul>`;
  return html`<section aria-labelledby="related">
    <h2 id="related">Related</h2>
    ${list('It explains', explains)}${list('Earlier episodes', earlier)}
  </section>`;
}
