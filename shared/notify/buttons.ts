// The buttons under a message, and what a pressed one says. In: incident and state. Out: blocks; and back: an order.
import type { Incident } from '#shared/model/incident.ts';
import { plainText, type SlackBlock, type SlackOverflow } from './slack-blocks.ts';
import type { Texts } from './texts/texts.ts';

/** What a person can ask for with a button. Names are stable: old messages keep their buttons. */
const ORDERS = [
  'acknowledge',
  'resolve',
  'mute-1h',
  'mute-8h',
  'mute-until-tomorrow',
  'unmute',
  'silence',
  'why',
  'check',
] as const;
export type Order = (typeof ORDERS)[number];

/** A button that opens a page: Slack tells us of it all the same, and there is nothing to do. */
const HISTORY_ACTION = 'history';
const MORE_ACTION = 'more';

/** As the addresses of the history take it: users may name patterns with digits. */
const INCIDENT_ID = /^[a-z][a-z0-9-]{0,120}-[0-9a-f]{16}$/;

const orders: ReadonlySet<string> = new Set(ORDERS);
const isOrder = (text: string): text is Order => orders.has(text);

/** What a pressed button carries, read back; undefined for anything that we never wrote. */
export function readOrder(value: string): { readonly order: Order; readonly incident: string } | undefined {
  const [order = '', incident = '', ...rest] = value.split(' ');
  if (!isOrder(order) || rest.length > 0 || !INCIDENT_ID.test(incident)) return undefined;
  return { order, incident };
}

/** The row of buttons that the incident's state allows. */
export function buttons(
  incident: Incident,
  words: Texts['buttons'],
  historyUrl: string | undefined,
): SlackBlock {
  const value = (order: Order): string => `${order} ${incident.id}`;
  const button = (order: Order, text: string, style?: 'primary') =>
    ({
      type: 'button',
      action_id: order,
      text: plainText(text),
      value: value(order),
      ...(style === undefined ? {} : { style }),
    }) as const;
  const option = (order: Order, text: string): SlackOverflow['options'][number] => ({
    text: plainText(text),
    value: value(order),
  });
  const mutes =
    incident.state === 'muted'
      ? [option('unmute', words.unmute)]
      : [
          option('mute-1h', words.mute1h),
          option('mute-8h', words.mute8h),
          option('mute-until-tomorrow', words.muteUntilTomorrow),
        ];
  const over = incident.state === 'resolved';
  // Where nothing was checked nobody checks: no check is named, or nothing is diagnosed here.
  const isChecked = !over && (incident.checks ?? []).length > 0;
  return {
    type: 'actions',
    elements: [
      ...(incident.state === 'open' ? [button('acknowledge', words.acknowledge, 'primary')] : []),
      ...(over ? [] : [button('resolve', words.resolve)]),
      ...(isChecked ? [button('check', words.check)] : []),
      button('why', words.why),
      ...(historyUrl === undefined
        ? []
        : [
            {
              type: 'button',
              action_id: HISTORY_ACTION,
              text: plainText(words.history),
              value: incident.id,
              url: `${historyUrl.replace(/\/$/, '')}/incidents/${encodeURIComponent(incident.id)}`,
            } as const,
          ]),
      {
        type: 'overflow',
        action_id: MORE_ACTION,
        options: [...(over ? [] : mutes), option('silence', words.silence)],
      },
    ],
  };
}
