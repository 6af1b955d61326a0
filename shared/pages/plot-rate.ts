// Entries per minute by pattern as stacked bars, with a legend of totals and the same as a table.
import { attributes, EMPTY, html, type Html } from './html.ts';
import { gridLines, placeOf, roundUp, tickLabels, type Span } from './axis.ts';
import type { RangeSeries, Series } from './series.ts';
import { many, number } from './text.ts';
import { isoSeconds, moment } from './when.ts';

const HEIGHT = 150;
const LABELS = 18;
const TOP = 14;

/** Patterns that are drawn for themselves; the rest is one more. */
export const SERIES_MAX = 6;
/** Rows of the table: neighbouring buckets are joined to stay below. */
const TABLE_ROWS_MAX = 24;

/** The most frequent ones, and the sum of the others. */
export function drawn(patterns: readonly Series[]): readonly Series[] {
  if (patterns.length <= SERIES_MAX + 1) return patterns;
  const others = patterns.slice(SERIES_MAX);
  const counts = (others[0]?.counts ?? []).map((_, bucket) =>
    others.reduce((sum, one) => sum + (one.counts[bucket] ?? 0), 0),
  );
  const total = others.reduce((sum, one) => sum + one.total, 0);
  return [...patterns.slice(0, SERIES_MAX), { pattern: `${others.length} others`, counts, total }];
}

interface Scale {
  readonly span: Span;
  readonly bucketMs: number;
  /** Entries per minute at the top. */
  readonly top: number;
}

/** A horizontal line with its value, from zero up. */
function level(value: number, top: number): Html {
  const y = HEIGHT - (value / top) * (HEIGHT - TOP);
  return html`<line class="grid" x1="0" x2="100%" y1="${y}" y2="${y}" /><text class="tick" x="0" y="${y - 3}"
      >${number(value)}</text
    >`;
}

function bar(scale: Scale, series: readonly Series[], bucket: number): Html {
  const { span, bucketMs, top } = scale;
  const minutes = bucketMs / 60_000;
  const fromMs = span.fromMs + bucket * bucketMs;
  const x = placeOf(fromMs, span);
  const width = Math.max(0.1, placeOf(fromMs + bucketMs, span) - x - 0.08).toFixed(2);
  let base = HEIGHT;
  const parts: Html[] = [];
  const said: string[] = [];
  for (const [index, { pattern, counts }] of series.entries()) {
    const rate = (counts[bucket] ?? 0) / minutes;
    if (rate === 0) continue;
    const height = Math.max(1, (rate / top) * (HEIGHT - TOP));
    base -= height;
    parts.push(
      html`<rect
        class="series s${index}"
        x="${x}%"
        width="${width}%"
        y="${base.toFixed(1)}"
        height="${height.toFixed(1)}"
      />`,
    );
    said.push(`${pattern} ${number(rate)}`);
  }
  if (parts.length === 0) return EMPTY;
  const time = isoSeconds(fromMs).slice(0, 16).replace('T', ' ');
  return html`<g class="bar"><title>${time} UTC: ${said.join(', ')} a minute</title>${parts}</g>`;
}

function legend(series: readonly Series[], minutes: number): Html {
  const items = series.map(({ pattern, total, counts }, index) => {
    const peak = Math.max(...counts) / minutes;
    return html`<li>
      <svg class="swatch" width="12" height="12" aria-hidden="true">
        <rect class="series s${index}" width="12" height="12" /></svg
      ><span class="pattern">${pattern}</span>
      <span class="fact">${many(total, 'entry', 'entries')}, peak ${number(peak)}/min</span>
    </li>`;
  });
  // The last of the legend stands at the bottom, as its bars do.
  return html`<ul class="legend">
    ${items}
  </ul>`;
}

function table(range: RangeSeries, series: readonly Series[]): Html {
  const buckets = series[0]?.counts.length ?? 0;
  const joined = Math.ceil(buckets / TABLE_ROWS_MAX);
  const rows: Html[] = [];
  for (let first = 0; first < buckets; first += joined) {
    const sums = series.map(({ counts }) =>
      counts.slice(first, first + joined).reduce((sum, count) => sum + count, 0),
    );
    const cells = sums.map((sum) => html`<td class="number">${number(sum)}</td>`);
    rows.push(
      html`<tr>
        <th scope="row">${moment(range.fromMs + first * range.bucketMs)}</th>
        ${cells}
      </tr>`,
    );
  }
  const heads = series.map(({ pattern }) => html`<th scope="col" class="number">${pattern}</th>`);
  return html`<details class="numbers">
    <summary>The numbers as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Entries by pattern and time">
      <table>
        <caption>
          Entries by pattern, each row from its moment to the next
        </caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            ${heads}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}

/** The plot, or a sentence where nothing was counted. */
export function ratePlot(range: RangeSeries, words: string): Html {
  const series = drawn(range.patterns);
  if (series.length === 0)
    return html`<p class="none">No entry of any failure was counted in the ${words}.</p>`;
  const minutes = range.bucketMs / 60_000;
  const sums = (series[0]?.counts ?? []).map(
    (_, bucket) => series.reduce((sum, one) => sum + (one.counts[bucket] ?? 0), 0) / minutes,
  );
  const top = roundUp(Math.max(...sums));
  const scale: Scale = { span: range, bucketMs: range.bucketMs, top };
  const total = series.reduce((sum, one) => sum + one.total, 0);
  return html`<figure class="plot">
    <svg role="img" aria-labelledby="rate-title rate-desc" width="100%" height="${HEIGHT + LABELS}">
      <title id="rate-title">Entries per minute by pattern, ${words}</title>
      <desc id="rate-desc">
        ${many(total, 'entry', 'entries')} in all; at most ${number(Math.max(...sums))} a minute. The table
        below holds the numbers.
      </desc>
      ${gridLines(range, HEIGHT)} ${[0, top / 2, top].map((value) => level(value, top))}
      ${sums.map((_, bucket) => bar(scale, series, bucket))} ${tickLabels(range, HEIGHT + 14)}
    </svg>
    ${legend(series, minutes)} ${table(range, series)}
  </figure>`;
}

/** A row of small bars without an axis: what was held back. */
export function smallBars(series: Series, range: RangeSeries, label: string): Html {
  const height = 28;
  const most = Math.max(1, ...series.counts);
  const bars = series.counts.map((count, bucket) => {
    if (count === 0) return EMPTY;
    const fromMs = range.fromMs + bucket * range.bucketMs;
    const x = placeOf(fromMs, range);
    const width = Math.max(0.1, placeOf(fromMs + range.bucketMs, range) - x - 0.08).toFixed(2);
    const tall = Math.max(1, (count / most) * height);
    return html`<rect
      class="quiet"
      x="${x}%"
      width="${width}%"
      y="${(height - tall).toFixed(1)}"
      height="${tall.toFixed(1)}"
    />`;
  });
  return html`<svg role="img" width="100%" height="${height}" ${attributes({ 'aria-label': label })}>
    ${bars}
  </svg>`;
}
