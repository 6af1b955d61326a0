// Scales and ticks of the plots. Places along time are shares of the width in percent, so that a plot fits any screen
// while its text keeps its size.
import { html, type Html } from './html.ts';
import { isoSeconds } from './when.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Place of a moment in percent of the width, between 0 and 100. */
export function placeOf(timeMs: number, { fromMs, toMs }: Span): number {
  const share = (timeMs - fromMs) / Math.max(1, toMs - fromMs);
  return Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 100;
}

/** Distances of ticks; the first that gives few enough is taken. */
const STEPS_MS = [
  HOUR_MS / 6,
  HOUR_MS / 2,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  5 * DAY_MS,
];
const TICKS_MAX = 7;

/** Whole moments, in UTC, that a time axis is marked at. */
export function timeTicks(span: Span): readonly number[] {
  const length = span.toMs - span.fromMs;
  const step = STEPS_MS.find((one) => length / one <= TICKS_MAX) ?? 10 * DAY_MS;
  const ticks: number[] = [];
  for (let at = Math.ceil(span.fromMs / step) * step; at <= span.toMs; at += step) ticks.push(at);
  return ticks;
}

/** `14:00` within two days, `22 Nov` beyond. */
function tickText(timeMs: number, span: Span): string {
  const iso = isoSeconds(timeMs);
  if (span.toMs - span.fromMs <= 2 * DAY_MS) return iso.slice(11, 16);
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  return `${Number(iso.slice(8, 10))} ${month[Number(iso.slice(5, 7)) - 1] ?? ''}`;
}

/** Keeps the label of a tick at the edge inside the plot. */
const anchorAt = (place: number): string => (place < 4 ? 'start' : place > 96 ? 'end' : 'middle');

/** Upright lines at the ticks, over the whole height. */
export function gridLines(span: Span, height: number): readonly Html[] {
  return timeTicks(span).map((at) => {
    const x = placeOf(at, span);
    return html`<line class="grid" x1="${x}%" x2="${x}%" y1="0" y2="${height}" />`;
  });
}

/** Labels of the ticks; a script writes them in the reader's zone. */
export function tickLabels(span: Span, y: number): readonly Html[] {
  const form = span.toMs - span.fromMs <= 2 * DAY_MS ? 'clock' : 'date';
  return timeTicks(span).map((at) => {
    const x = placeOf(at, span);
    return html`<text
      class="tick"
      x="${x}%"
      y="${y}"
      text-anchor="${anchorAt(x)}"
      data-time="${isoSeconds(at)}"
      data-form="${form}"
      >${tickText(at, span)}</text
    >`;
  });
}

/** The first round number that is not below: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((one) => one * power >= value * 0.999_999) ?? 10;
  return factor * power;
}
