// Slack's words for «no» → what kind of no it is, and what a person does about it. Pure.

/** `channel`: another channel would do. `app`: nothing can be said anywhere. `content`: this text can't. */
type RefusalKind = 'channel' | 'app' | 'content' | 'other';

export interface Refusal {
  readonly kind: RefusalKind;
  readonly advice: string;
}

const INVITE = 'Invite the app to the channel (/invite), or let its route name another channel.';
const ROUTE = 'Name an existing channel by its id in SLACK_CHANNEL or SLACK_ROUTES.';
const TOKEN = 'Install the app again and store its new token as SLACK_TOKEN.';
const SCOPES = 'Compare the scopes of the app with infra/slack-app.yaml and install it again.';

const REFUSALS: Readonly<Record<string, Refusal>> = {
  not_in_channel: { kind: 'channel', advice: INVITE },
  restricted_action: { kind: 'channel', advice: INVITE },
  restricted_action_read_only_channel: { kind: 'channel', advice: INVITE },
  channel_not_found: { kind: 'channel', advice: ROUTE },
  is_archived: { kind: 'channel', advice: `The channel is archived. ${ROUTE}` },
  invalid_auth: { kind: 'app', advice: TOKEN },
  not_authed: { kind: 'app', advice: TOKEN },
  token_revoked: { kind: 'app', advice: TOKEN },
  token_expired: { kind: 'app', advice: TOKEN },
  account_inactive: { kind: 'app', advice: TOKEN },
  missing_scope: { kind: 'app', advice: SCOPES },
  no_permission: { kind: 'app', advice: SCOPES },
  msg_too_long: {
    kind: 'content',
    advice: 'The message stayed too long after it was cut; please report it.',
  },
  msg_blocks_too_long: {
    kind: 'content',
    advice: 'The message stayed too long after it was cut; please report it.',
  },
  invalid_blocks: { kind: 'content', advice: 'Slack takes no such block; please report it.' },
};

/** What Slack's error word means for us. */
export function refusalOf(why: string): Refusal {
  return REFUSALS[why] ?? { kind: 'other', advice: 'See Slack’s documentation of that error.' };
}

/** How a refusal is written on the incident: Slack's word and the channel it came from. */
export const refusalText = (why: string, channel: string): string => `${why} (${channel})`;

/** True if this channel refused the incident's message last, for a reason that another channel would not have. */
export function refusedBy(refusal: string, channel: string): boolean {
  const [why = ''] = refusal.split(' ');
  return refusal === refusalText(why, channel) && refusalOf(why).kind === 'channel';
}
