// The parts of Slack's Block Kit that our messages are made of, and how long they are. Pure data.
import type { Fields } from '#shared/model/finding.ts';

export interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
}

export interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
  /** Slack makes links of nothing that we did not mark as one: no bare URL, no `@name`, no `#channel`. */
  readonly verbatim: true;
}

interface SlackButton {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: PlainText;
  readonly value: string;
  readonly style?: 'primary' | 'danger';
  /** A button that opens a page instead of asking us. */
  readonly url?: string;
}

export interface SlackOverflow {
  readonly type: 'overflow';
  readonly action_id: string;
  readonly options: readonly { readonly text: PlainText; readonly value: string }[];
}

export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] }
  | { readonly type: 'actions'; readonly elements: readonly (SlackButton | SlackOverflow)[] }
  | { readonly type: 'divider' };

/** What our messages carry so that they can be found again. */
interface SlackMetadata {
  readonly event_type: 'mesh_triage_incident' | 'mesh_triage_note';
  readonly event_payload: Readonly<Record<string, string | number>>;
}

export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  readonly metadata: SlackMetadata;
}

/** Slack refuses a message whose blocks pass about 13,200 characters in all; this leaves room. */
export const MESSAGE_CHARS_MAX = 10_000;
export const HEADER_CHARS_MAX = 150;

const mrkdwn = (text: string): Mrkdwn => ({ type: 'mrkdwn', text, verbatim: true });
export const section = (text: string): SlackBlock => ({ type: 'section', text: mrkdwn(text) });
export const context = (text: string): SlackBlock => ({ type: 'context', elements: [mrkdwn(text)] });
export const plainText = (text: string): PlainText => ({ type: 'plain_text', text });

/** Length of blocks as Slack counts them, as far as is known: their JSON. */
export const lengthOf = (blocks: readonly SlackBlock[]): number => JSON.stringify(blocks).length;

/** `name=value` pairs of a scope or of fields, sorted by name, for one line of text. */
export function pairs(values: Fields): string {
  return Object.keys(values)
    .sort()
    .map((name) => `${name}=${values[name] ?? ''}`)
    .join(' ');
}
