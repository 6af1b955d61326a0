// The page of one incident: what broke, how bad, what to do, what proves it, who did what, what hangs together.
import type { IncidentData } from '#shared/model/history.ts';
import type { Incident } from '#shared/model/incident.ts';
import { logsLink } from '#shared/notify/logs-link.ts';
import { cut } from '#shared/notify/slack-text.ts';
import { causeOf, conclusionOf } from '#shared/notify/words.ts';
import { EMPTY, html, type Html } from './html.ts';
import { outsideHref, slackHref } from './href.ts';
import { checksSection, contextSection, proofSection, remedySection } from './incident-proof.ts';
import { proxiesSection, relatedLine, relatedSection, storySection } from './incident-story.ts';
import {
  episodeCount,
  headline,
  identity,
  inLanguage,
  proxiesText,
  severityBadge,
  stateBadge,
} from './incident-words.ts';
import { page, patternOf, type PageContext } from './layout.ts';
import { minutesPlot } from './plot-minutes.ts';
import { LINE_CHARS_MAX, NAME_CHARS_MAX, number } from './text.ts';
import { ago, duration, moment } from './when.ts';

const FIELDS_MAX = 20;

/** How it stands: since when in this state, by what it ended. */
function standing(incident: Incident): Html {
  const who = incident.actedBy === undefined ? '' : `, ${cut(incident.actedBy, NAME_CHARS_MAX)}`;
  switch (incident.state) {
    case 'open':
      return EMPTY;
    case 'acknowledged':
      return html`at ${moment(incident.acknowledgedAtMs)}${who}`;
    case 'muted':
      return html`until ${moment(incident.mutedUntilMs)}${who}`;
    case 'resolved': {
      const by = { person: `by a person${who}`, proof: 'by proof', quiet: 'by quiet', '': '' };
      return html`${by[incident.resolvedBy]} at ${moment(incident.resolvedAtMs)}`;
    }
  }
}

function fact(name: string, value: Html | string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function facts(data: IncidentData): Html {
  const { incident, nowMs } = data;
  const { evidence } = incident;
  const count = episodeCount(incident);
  const endMs = incident.resolvedAtMs > 0 ? incident.resolvedAtMs : nowMs;
  const all = incident.countBefore > 0 ? html` <small>of ${number(evidence.count)} in all</small>` : EMPTY;
  return html`<dl class="facts">
    ${fact('Entries', html`${number(count)}${all}`)} ${fact('Affects', proxiesText(incident))}
    ${fact('Opened', moment(incident.openedAtMs))} ${fact('Last seen', ago(evidence.lastSeenMs, nowMs))}
    ${fact(incident.state === 'resolved' ? 'Lasted' : 'Lasts', duration(endMs - incident.openedAtMs))}
    ${incident.episode > 1 ? fact('Episode', html`${incident.episode} <small>first seen ${moment(evidence.firstSeenMs)}</small>`) : EMPTY}
  </dl>`;
}

function links(context: PageContext, incident: Incident): Html {
  const slack = incident.spoken.ts === '' ? undefined : slackHref(incident.spoken);
  const logs = outsideHref(logsLink(incident, patternOf(context, incident.pattern)));
  const items = [
    slack === undefined ? EMPTY : html`<a href="${slack}" rel="noreferrer">Message in Slack</a>`,
    logs === undefined ? EMPTY : html`<a href="${logs}" rel="noreferrer">Logs Explorer</a>`,
  ];
  return html`<p class="links">${items}</p>`;
}

function head(context: PageContext, data: IncidentData): Html {
  const { incident } = data;
  const cause = causeOf(incident, patternOf(context, incident.pattern), context.language);
  const proves = conclusionOf(incident, context.language);
  const conclusion =
    proves === ''
      ? EMPTY
      : html`<p class="conclusion">
          <strong>The checks prove:</strong> ${inLanguage(context, cut(proves, LINE_CHARS_MAX))}
        </p>`;
  const explained =
    data.explainedBy === undefined
      ? EMPTY
      : html`<p class="explained">
          <strong>Follows from</strong> ${relatedLine(context, data.explainedBy, data.nowMs)}. Mend that
          first.
        </p>`;
  const refused =
    incident.spoken.refusal === ''
      ? EMPTY
      : html`<p class="explained">
          <strong>Slack refused its message:</strong> ${cut(incident.spoken.refusal, NAME_CHARS_MAX)}
        </p>`;
  return html`<div class="head ${incident.evidence.severity}">
    <p class="badges">
      ${severityBadge(incident.evidence.severity)} ${stateBadge(incident.state)}
      <span class="fact">${standing(incident)}</span>
    </p>
    <h1>${inLanguage(context, headline(context, incident))}</h1>
    <p class="cause">${inLanguage(context, cut(cause, LINE_CHARS_MAX))}</p>
    ${conclusion}${explained}${refused} ${facts(data)} ${links(context, incident)}
  </div>`;
}

/** What the pattern read out of the entries, by name. */
function fieldsSection(incident: Incident): Html {
  const fields = Object.entries(incident.evidence.fields).slice(0, FIELDS_MAX);
  const rows = fields.map(([name, value]) =>
    fact(cut(name, NAME_CHARS_MAX), html`<bdi>${cut(value, LINE_CHARS_MAX)}</bdi>`),
  );
  return html`<section aria-labelledby="identity">
    <h2 id="identity">Identity</h2>
    <p>${identity(incident)}</p>
    <dl class="fields">${rows}</dl>
    <p class="fact">
      id <code>${cut(incident.id, NAME_CHARS_MAX)}</code> · projects
      <bdi>${cut(incident.evidence.projects.join(', '), LINE_CHARS_MAX)}</bdi>
    </p>
  </section>`;
}

/** The page. */
export function incidentPage(context: PageContext, data: IncidentData): Html {
  const { incident } = data;
  return page(context, {
    title: `${headline(context, incident)} (${incident.state})`,
    here: 'incidents',
    self: { path: ['incidents', incident.id], query: {} },
    nowMs: data.nowMs,
    main: html`<article>
      ${head(context, data)}
      <section aria-labelledby="minutes">
        <h2 id="minutes">Entries per minute</h2>
        ${minutesPlot(data.hours, data.timeline)}
      </section>
      <div class="columns">
        <div>
          ${checksSection(context, incident, data.nowMs)} ${remedySection(context, incident)}
          ${proofSection(context, incident)} ${contextSection(data.context)}
        </div>
        <div>
          ${storySection(data.timeline)} ${proxiesSection(context, data)} ${relatedSection(context, data)}
          ${fieldsSection(incident)}
        </div>
      </div>
    </article>`,
  });
}
