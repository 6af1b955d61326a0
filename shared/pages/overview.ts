// The overview: what is open, when it came and went, how much, what was held back, how long people took.
import { HELD_BACK, OPEN_MAX, type DayEnds, type OverviewData } from '#shared/model/history.ts';
import { attributes, EMPTY, html, type Html } from './html.ts';
import { pageHref } from './href.ts';
import { incidentTable } from './incident-words.ts';
import { page, type PageContext } from './layout.ts';
import { lanesPlot } from './plot-lanes.ts';
import { ratePlot, smallBars } from './plot-rate.ts';
import { RANGE_WORDS, RANGES, seriesOf, spanOf, type RangeSeries } from './series.ts';
import { many, number, SEVERITIES } from './text.ts';
import { duration } from './when.ts';

/** Patterns that the table of times holds. */
const TIMES_MAX = 24;

function openSection(context: PageContext, data: OverviewData): Html {
  const list = pageHref(context.root, ['incidents'], { state: 'unresolved' });
  if (data.open.length === 0)
    return html`<section aria-labelledby="open">
      <h2 id="open">Open now</h2>
      <p class="calm">Nothing is open.</p>
    </section>`;
  const shown = data.open.slice(0, OPEN_MAX);
  const counts = SEVERITIES.flatMap((severity) => {
    const count = shown.filter(({ evidence }) => evidence.severity === severity).length;
    return count === 0 ? [] : [html`<li><span class="severity ${severity}">${count} ${severity}</span></li>`];
  });
  const more = data.openCut
    ? html`<p class="fact">There are more: <a href="${list}">all that are not resolved</a>.</p>`
    : EMPTY;
  return html`<section aria-labelledby="open">
    <h2 id="open">Open now</h2>
    <ul class="tally">
      ${counts}
    </ul>
    ${incidentTable(context, shown, { nowMs: data.nowMs, caption: 'Incidents that are not resolved, the most severe first' })}
    ${more}
  </section>`;
}

function rangeSwitch(context: PageContext, data: OverviewData): Html {
  const items = RANGES.map(
    (range) =>
      html`<li>
        <a
          href="${pageHref(context.root, [], { range })}"
          ${attributes({ 'aria-current': range === data.range && 'true' })}
          >${RANGE_WORDS[range]}</a
        >
      </li>`,
  );
  return html`<nav class="switch" aria-label="Range">
    <ul>
      ${items}
    </ul>
  </nav>`;
}

function heldBackSection(series: RangeSeries, words: string): Html {
  const { total } = series.heldBack;
  const told = series.patterns.reduce((sum, one) => sum + one.total, 0);
  const share = total + told === 0 ? 0 : (total / (total + told)) * 100;
  const said =
    total === 0
      ? html`<p class="none">Nothing was held back in the ${words}.</p>`
      : html`<p>
            <strong>${many(total, 'entry', 'entries')}</strong> of routine noise and information,
            ${number(Math.floor(share * 10) / 10)} % of all that came, woke nobody.
          </p>
          ${smallBars(series.heldBack, series, `Entries held back over time, ${words}: ${number(total)} in all`)}`;
  return html`<section aria-labelledby="held">
    <h2 id="held">Held back</h2>
    ${said}
  </section>`;
}

interface Ends extends DayEnds {
  readonly pattern: string;
}

/** Sums of the days, the patterns with the most ends first. */
function endsByPattern(data: OverviewData): readonly Ends[] {
  const sums = new Map<string, Ends>();
  for (const { ends } of data.days)
    for (const [pattern, one] of Object.entries(ends)) {
      const sum = sums.get(pattern);
      sums.set(pattern, {
        pattern,
        acknowledged: one.acknowledged + (sum?.acknowledged ?? 0),
        acknowledgedMs: one.acknowledgedMs + (sum?.acknowledgedMs ?? 0),
        resolved: one.resolved + (sum?.resolved ?? 0),
        resolvedMs: one.resolvedMs + (sum?.resolvedMs ?? 0),
      });
    }
  return [...sums.values()]
    .filter(({ pattern, acknowledged, resolved }) => pattern !== HELD_BACK && acknowledged + resolved > 0)
    .sort((a, b) => b.resolved - a.resolved || (a.pattern < b.pattern ? -1 : 1));
}

function timesSection(context: PageContext, data: OverviewData): Html {
  const ends = endsByPattern(data);
  const mean = (sumMs: number, count: number): string => (count === 0 ? '–' : duration(sumMs / count));
  const rows = ends.slice(0, TIMES_MAX).map(
    (one) =>
      html`<tr>
        <th scope="row">
          <a class="pattern" href="${pageHref(context.root, ['incidents'], { pattern: one.pattern })}"
            >${one.pattern}</a
          >
        </th>
        <td data-label="Acknowledged" class="number">${number(one.acknowledged)}</td>
        <td data-label="after, on average" class="number">${mean(one.acknowledgedMs, one.acknowledged)}</td>
        <td data-label="Resolved" class="number">${number(one.resolved)}</td>
        <td data-label="after, on average" class="number">${mean(one.resolvedMs, one.resolved)}</td>
      </tr>`,
  );
  const table =
    rows.length === 0
      ? html`<p class="none">Nothing was acknowledged or resolved in the ${RANGE_WORDS[data.range]}.</p>`
      : html`<table class="cards times">
            <caption class="hidden">
              Mean time to acknowledge and to resolve, by pattern
            </caption>
            <thead>
              <tr>
                <th scope="col">Pattern</th>
                <th scope="col" class="number">Acknowledged</th>
                <th scope="col" class="number">after, on average</th>
                <th scope="col" class="number">Resolved</th>
                <th scope="col" class="number">after, on average</th>
              </tr>
            </thead>
            <tbody>
              ${rows}
            </tbody>
          </table>
          <p class="fact">
            Of the days, in UTC, that the ${RANGE_WORDS[data.range]} touch; each counts where it ended.
          </p>`;
  return html`<section aria-labelledby="times">
    <h2 id="times">Time to acknowledge, time to resolve</h2>
    ${table}
  </section>`;
}

/** The page. */
export function overviewPage(context: PageContext, data: OverviewData): Html {
  const words = RANGE_WORDS[data.range];
  const series = seriesOf(data.days, data.range, data.nowMs);
  const critical = data.open.filter(({ evidence }) => evidence.severity === 'critical').length;
  const title =
    data.open.length === 0 ? 'Nothing open' : `${data.open.length}${data.openCut ? '+' : ''} open`;
  return page(context, {
    title: critical > 0 ? `${title}, ${critical} critical` : title,
    here: 'overview',
    self: { path: [], query: { range: data.range === '24h' ? undefined : data.range } },
    nowMs: data.nowMs,
    live: true,
    main: html`<h1 class="hidden">Overview</h1>
      ${openSection(context, data)}
      <div class="range">${rangeSwitch(context, data)}</div>
      <section aria-labelledby="timeline">
        <h2 id="timeline">Timeline</h2>
        ${lanesPlot(context, data, { span: spanOf(data.range, data.nowMs), words })}
      </section>
      <section aria-labelledby="rate">
        <h2 id="rate">Entries per minute</h2>
        ${ratePlot(series, words)}
      </section>
      <div class="pair">${heldBackSection(series, words)} ${timesSection(context, data)}</div>`,
  });
}
