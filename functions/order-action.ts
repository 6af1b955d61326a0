// A button that a person pressed → what it does to the incident. Reads and changes nothing itself.
import type { Action } from '#shared/incident/lifecycle.ts';
import type { Order } from '#shared/notify/buttons.ts';
import { tomorrowMs } from '#shared/notify/tomorrow.ts';

const HOUR_MS = 3_600_000;

/** What a button does to the incident; undefined for those that only ask. */
export function actionOf(order: Order, nowMs: number, timeZone: string): Action | undefined {
  switch (order) {
    case 'acknowledge':
    case 'resolve':
    case 'unmute':
      return { kind: order };
    case 'mute-1h':
      return { kind: 'mute', untilMs: nowMs + HOUR_MS };
    case 'mute-8h':
      return { kind: 'mute', untilMs: nowMs + 8 * HOUR_MS };
    case 'mute-until-tomorrow':
      return { kind: 'mute', untilMs: tomorrowMs(nowMs, timeZone) };
    case 'silence':
    case 'why':
    case 'check':
      return undefined;
  }
}
