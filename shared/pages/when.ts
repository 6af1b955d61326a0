// Moments and durations as people read them. Moments are shown in UTC; a script turns them into the reader's own zone.
import { html, type Html } from './html.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A moment that a Date can hold; what a clock gone wild writes is shown as never. */
const isMoment = (timeMs: number): boolean => timeMs > 0 && timeMs < 8.64e15;

/** RFC 3339 with whole seconds; `` for never. */
export function isoSeconds(timeMs: number): string {
  return isMoment(timeMs) ? `${new Date(timeMs).toISOString().slice(0, 19)}Z` : '';
}

/** `2026-11-22 10:04 UTC`; a dash for never. */
export function moment(timeMs: number): Html {
  const iso = isoSeconds(timeMs);
  if (iso === '') return html`<span class="none">never</span>`;
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}

/** How long, in the two largest units: `2 h 5 min`. */
export function duration(lengthMs: number): string {
  const length = Math.max(0, lengthMs);
  if (length < MINUTE_MS) return `${Math.floor(length / 1_000)} s`;
  const days = Math.floor(length / DAY_MS);
  const hours = Math.floor((length % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((length % HOUR_MS) / MINUTE_MS);
  const parts = days > 0 ? [[days, 'd'] as const, [hours, 'h'] as const] : [[hours, 'h'] as const];
  const all = days > 0 ? parts : [...parts, [minutes, 'min'] as const];
  return all
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count.toLocaleString('en-US')} ${unit}`)
    .join(' ');
}

/** How long, roughly: of five hours or days nobody asks for the rest. */
function coarse(lengthMs: number): string {
  const unit = [DAY_MS, HOUR_MS].find((one) => lengthMs >= 5 * one);
  return duration(unit === undefined ? lengthMs : lengthMs - (lengthMs % unit));
}

/** `5 min ago`; the moment itself shows when one points at it. */
export function ago(timeMs: number, nowMs: number): Html {
  const iso = isoSeconds(timeMs);
  if (iso === '') return html`<span class="none">never</span>`;
  const ahead = timeMs - nowMs;
  const said = ahead > MINUTE_MS ? `in ${duration(ahead)}` : `${coarse(nowMs - timeMs)} ago`;
  return html`<time datetime="${iso}" data-form="ago" title="${iso.replace('T', ' ').replace('Z', ' UTC')}"
    >${said}</time
  >`;
}
