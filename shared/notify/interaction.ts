// What Slack sends when a person presses a button → the order it stands for. Pure; believes nothing that it did not check.
import { readOrder, type Order } from './buttons.ts';

export type Interaction =
  | {
      readonly kind: 'order';
      readonly order: Order;
      readonly incident: string;
      /** Slack id of the person. */
      readonly who: string;
      /** Where an answer for that person alone is sent; `` if there is none. */
      readonly responseUrl: string;
    }
  /** A button that opens a page, or one of an app that is not ours: acknowledged, and nothing more. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreadable'; readonly why: string };

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Slack's ids of people: upper-case letters and digits. */
const PERSON = /^[UW][A-Z0-9]{2,30}$/;

/** The JSON of form field `payload`, parsed. */
export function readInteraction(payload: unknown): Interaction {
  if (!isObject(payload) || payload['type'] !== 'block_actions')
    return { kind: 'unreadable', why: 'not a block_actions payload' };
  const [action]: readonly unknown[] = Array.isArray(payload['actions']) ? payload['actions'] : [];
  if (!isObject(action)) return { kind: 'unreadable', why: 'no action' };
  if (textOf(action['url']) !== '') return { kind: 'nothing' };
  const chosen = isObject(action['selected_option']) ? action['selected_option']['value'] : action['value'];
  const order = readOrder(textOf(chosen));
  const who = isObject(payload['user']) ? textOf(payload['user']['id']) : '';
  if (!PERSON.test(who)) return { kind: 'unreadable', why: 'no person' };
  if (order === undefined) return { kind: 'nothing' };
  return { kind: 'order', ...order, who, responseUrl: textOf(payload['response_url']) };
}
