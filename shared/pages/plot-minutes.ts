// An incident's entries minute by minute. Hours without entries are left out, and the gap is marked; so a plot of
// episodes that lie weeks apart still shows their minutes.
import { HOURS_MAX, type HourOfMinutes } from '#shared/model/history.ts';
import type { TimelineEntry } from '#shared/model/incident.ts';
import { EMPTY, html, type Html } from './html.ts';
import { roundUp } from './axis.ts';
import { many, number } from './text.ts';
import { isoSeconds, moment } from './when.ts';

const HEIGHT = 130;
/** Room above the bars: the words of the changes stand there in rows, so that near ones do not cover each other. */
const TOP = 44;
const CHANGE_ROWS = 3;
const CHANGE_ROW = 11;
const LABELS = 18;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Bars that fit a screen: minutes are joined to stay below. */
const BARS_MAX = 240;
const LABELS_MAX = 4;

/** Minutes that make one bar; a divisor of 60, so that no bar crosses an hour. */
function joinedMinutes(hours: number): number {
  return [1, 2, 3, 4, 5, 6, 10].find((one) => (hours * 60) / one <= BARS_MAX) ?? 10;
}

interface Bar {
  readonly atMs: number;
  /** In percent of the width. */
  readonly x: number;
  /** Entries per minute. */
  readonly rate: number;
}

function barsOf(hours: readonly HourOfMinutes[], joined: number): readonly Bar[] {
  return hours.flatMap(({ hour, counts }, index) => {
    const sums = new Map<number, number>();
    for (const [minute, count] of counts) {
      const first = minute - (minute % joined);
      sums.set(first, (sums.get(first) ?? 0) + count);
    }
    return [...sums]
      .filter(([, sum]) => sum > 0)
      .map(([minute, sum]) => ({
        atMs: hour * HOUR_MS + minute * MINUTE_MS,
        x: ((index + minute / 60) / hours.length) * 100,
        rate: sum / joined,
      }));
  });
}

/** Place of a moment; undefined where its hour is not drawn. */
function placeIn(hours: readonly HourOfMinutes[], timeMs: number): number | undefined {
  const index = hours.findIndex(({ hour }) => hour === Math.floor(timeMs / HOUR_MS));
  return index < 0 ? undefined : ((index + (timeMs % HOUR_MS) / HOUR_MS) / hours.length) * 100;
}

const percent = (value: number): string => `${value.toFixed(2)}%`;

function hourMarks(hours: readonly HourOfMinutes[]): readonly Html[] {
  const every = Math.ceil(hours.length / LABELS_MAX);
  const isOneDay = new Set(hours.map(({ hour }) => Math.floor(hour / 24))).size === 1;
  return hours.map(({ hour }, index) => {
    const x = percent((index / hours.length) * 100);
    const isGap = index > 0 && hour - (hours[index - 1]?.hour ?? hour) > 1;
    const iso = isoSeconds(hour * HOUR_MS);
    const line = html`<line class="${isGap ? 'gap' : 'grid'}" x1="${x}" x2="${x}" y1="0" y2="${HEIGHT}" />`;
    const label =
      index % every === 0
        ? html`<text
            class="tick"
            x="${x}"
            y="${HEIGHT + 14}"
            data-time="${iso}"
            data-form="${isOneDay ? 'clock' : 'short'}"
            >${isOneDay ? '' : `${iso.slice(5, 10)} `}${iso.slice(11, 16)}</text
          >`
        : EMPTY;
    return html`${line}${label}`;
  });
}

/** What changed while the plot ran: upright lines with their word. */
function changes(hours: readonly HourOfMinutes[], timeline: readonly TimelineEntry[]): readonly Html[] {
  return timeline
    .filter(({ kind }) => /^(?:opened|reopened|acknowledged|resolved)$/.test(kind))
    .map(({ atMs, kind }, index) => {
      const at = placeIn(hours, atMs);
      if (at === undefined) return EMPTY;
      const x = percent(at);
      const y = 9 + (index % CHANGE_ROWS) * CHANGE_ROW;
      const anchor = at > 88 ? 'end' : 'start';
      return html`<g class="change"
        ><line x1="${x}" x2="${x}" y1="0" y2="${HEIGHT}" /><text
          x="${x}"
          y="${y}"
          dx="${at > 88 ? -3 : 3}"
          text-anchor="${anchor}"
          >${kind}</text
        ></g
      >`;
    });
}

function hourTable(hours: readonly HourOfMinutes[]): Html {
  const rows = hours.map(({ hour, counts }) => {
    const all = [...counts.values()];
    const sum = all.reduce((total, count) => total + count, 0);
    return html`<tr>
      <th scope="row">${moment(hour * HOUR_MS)}</th>
      <td class="number">${number(sum)}</td>
      <td class="number">${number(Math.max(0, ...all))}</td>
    </tr>`;
  });
  return html`<details class="numbers">
    <summary>The numbers as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Entries by hour">
      <table>
        <caption>
          Entries by hour
        </caption>
        <thead>
          <tr>
            <th scope="col">Hour</th>
            <th scope="col" class="number">Entries</th>
            <th scope="col" class="number">Most in a minute</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}

/** The plot, or a sentence where no minute is known. */
export function minutesPlot(given: readonly HourOfMinutes[], timeline: readonly TimelineEntry[]): Html {
  const hours = given.slice(-HOURS_MAX);
  if (hours.length === 0) return html`<p class="none">No minute is kept of it.</p>`;
  const joined = joinedMinutes(hours.length);
  const bars = barsOf(hours, joined);
  const most = Math.max(0, ...bars.map(({ rate }) => rate));
  const top = roundUp(most);
  const width = percent(Math.max(0.12, (joined / 60 / hours.length) * 100 - 0.06));
  const drawn = bars.map(({ atMs, x, rate }) => {
    const height = Math.max(1, (rate / top) * (HEIGHT - TOP));
    const time = isoSeconds(atMs).slice(0, 16).replace('T', ' ');
    return html`<g class="bar"
      ><title>${time} UTC: ${number(rate)} a minute</title
      ><rect
        class="series s0"
        x="${percent(x)}"
        width="${width}"
        y="${(HEIGHT - height).toFixed(1)}"
        height="${height.toFixed(1)}"
    /></g>`;
  });
  const middle = HEIGHT - (HEIGHT - TOP) / 2;
  return html`<figure class="plot">
    <svg role="img" aria-labelledby="minutes-title minutes-desc" width="100%" height="${HEIGHT + LABELS}">
      <title id="minutes-title">Entries per minute of this incident</title>
      <desc id="minutes-desc">
        The last ${many(hours.length, 'hour', 'hours')} with entries; at most ${number(most)} a minute. The
        table below holds the numbers.
      </desc>
      ${hourMarks(hours)}
      <line class="grid" x1="0" x2="100%" y1="${HEIGHT}" y2="${HEIGHT}" />
      <line class="grid" x1="0" x2="100%" y1="${middle}" y2="${middle}" />
      <text class="tick" x="0" y="${middle - 3}">${number(top / 2)}</text>
      <line class="grid" x1="0" x2="100%" y1="${TOP}" y2="${TOP}" />
      <text class="tick" x="0" y="${TOP - 4}">${number(top)}</text>
      ${drawn} ${changes(hours, timeline)}
    </svg>
    <figcaption class="fact">
      Entries a minute${joined > 1 ? `, over ${joined} minutes each` : ''}. Hours without entries are left
      out; a broken line marks the gap.
    </figcaption>
    ${hourTable(hours)}
  </figure>`;
}
