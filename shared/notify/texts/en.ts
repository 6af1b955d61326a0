// English.
import type { Texts } from './texts.ts';

const number = (value: number): string => value.toLocaleString('en-US');
const many = (count: number, one: string, more: string): string =>
  `${number(count)} ${count === 1 ? one : more}`;

export const en: Texts = {
  message: {
    state: { open: 'Open', acknowledged: 'Acknowledged', muted: 'Muted', resolved: 'Resolved' },
    severity: { critical: 'critical', error: 'error', warning: 'warning', info: 'info' },
    resolvedBy: {
      person: (when) => `by a person at ${when}`,
      proof: (when) => `by proof at ${when}`,
      quiet: (when) => `by quiet at ${when}`,
    },
    cameBack: (episode) => `came back, episode ${episode}`,
    until: (when) => `until ${when}`,
    at: (when) => `at ${when}`,
    explainedBy: (cause) => `Follows from ${cause}: mend that first`,
    entries: (count) => many(count, 'entry', 'entries'),
    proxies: (count, capped) => `${capped ? 'at least ' : ''}${many(count, 'proxy', 'proxies')}`,
    amounts: (entries, proxies) => `${entries}, ${proxies}`,
    counted: ({ entries, proxies, perMinute, overAll }) =>
      `*${entries}*${overAll} from *${proxies}*, about ${perMinute} a minute`,
    overAll: (count) => ` (${number(count)} over all episodes)`,
    seen: (since, last) => `since ${since}, last ${last}`,
    moreProxies: (count) => `and ${number(count)} more`,
    groups: (names) => `in ${names}`,
    version: (version) => `Envoy ${version}`,
    unrecognised: (shape) => `Unrecognised error: ${shape}`,
    unrecognisedCause: 'No pattern knows this line yet; lines of the same shape are counted together.',
    proof: 'Proof',
    logsExplorer: 'Logs Explorer',
    checks: 'Checks',
    checkFault: (expected, found) => `expected ${expected}, found ${found}`,
    checkOk: (found) => found,
    checkUnreadable: (why) => `can't be read: ${why}`,
    remedy: 'What to do',
    heldBack: (count, reasons) =>
      `Held back in the same project: ${many(count, 'routine line', 'routine lines')} (${reasons})`,
    leftOut: 'More in the incident history.',
    fallback: ({ state, headline, entries, proxies }) => `${state}: ${headline} · ${entries}, ${proxies}`,
  },
  thread: {
    milestone: (proxies) => `It now affects *${proxies}*.`,
    severityRose: (severity) => `It is *${severity}* now.`,
    context: (proxy, version) =>
      `What ${proxy} wrote around the first line (UTC)${version === '' ? '' : ` · Envoy ${version}`}`,
    cameBackBroadcast: (headline, episode) =>
      `Came back: ${headline}. Episode ${episode} has a message of its own.`,
    reminder: (minutes) => `Critical and not acknowledged for ${number(minutes)} minutes.`,
    closed: (duration, by, who) => `Resolved after *${duration}* ${by}${who === '' ? '' : ` (${who})`}.`,
    closedWhy: {
      person: 'by a person',
      proof: 'by proof: what had failed now passes',
      quiet: 'by quiet: no new line came',
    },
    acknowledged: (who) => `Acknowledged${who === '' ? '' : ` by ${who}`}.`,
    muted: (until, who) => `Muted until ${until}${who === '' ? '' : ` by ${who}`}.`,
    duration: (days, hours, minutes) =>
      [
        days === 0 ? '' : many(days, 'day', 'days'),
        hours === 0 ? '' : many(hours, 'hour', 'hours'),
        minutes === 0 && days + hours > 0 ? '' : many(minutes, 'minute', 'minutes'),
      ]
        .filter((part) => part !== '')
        .join(' '),
  },
  buttons: {
    acknowledge: 'Acknowledge',
    resolve: 'Resolve',
    mute1h: 'Mute for 1 hour',
    mute8h: 'Mute for 8 hours',
    muteUntilTomorrow: 'Mute until tomorrow',
    unmute: 'Unmute',
    silence: 'Silence this pattern here for 24 hours',
    why: 'Why this?',
    check: 'Check again',
    history: 'History',
  },
  digest: {
    title: (count) => `Digest: ${many(count, 'new incident', 'new incidents')} at once`,
    says: (minutes) =>
      `This is a digest. Incidents that open while many do are listed here instead of one message each; ` +
      `it is edited as they come and closes after ${number(minutes)} minutes without a new one.`,
    moreLines: (count) => `and ${number(count)} more; \`/mesh incidents open\` lists them all`,
  },
  summary: {
    title: 'The last 24 hours',
    opened: (count) => many(count, 'incident opened', 'incidents opened'),
    closed: (count) => many(count, 'incident closed', 'incidents closed'),
    still: (count) => many(count, 'incident still open', 'incidents still open'),
    lasted: (duration) => `lasted ${duration}`,
    fallback: ({ opened, closed, still }) => `The last 24 hours: ${opened}, ${closed}, ${still}`,
    heldBack: (count, reasons) =>
      `Held back so far: ${many(count, 'routine line', 'routine lines')} (${reasons})`,
    nothing: 'Nothing opened, nothing closed.',
  },
  replies: {
    done: (what) => `Done: ${what}.`,
    already: (state) => `Nothing to do: it is ${state} already.`,
    gone: 'That incident is not in the store any more.',
    failed: 'That did not work: the store does not answer. Please try again in a moment.',
    help:
      '*/mesh incidents* [open|all] [pattern or network] lists incidents\n' +
      '*/mesh explain* LINE says what a log line means and what to do\n' +
      '*/mesh silence* PATTERN [name=value …] for 2h because REASON keeps new incidents quiet\n' +
      '*/mesh silence list* shows what is silenced, */mesh silence end* ID ends it\n' +
      '*/mesh help* shows this',
    noIncidents: 'No such incident.',
    incidentsTitle: (count, what) => `${many(count, 'incident', 'incidents')} (${what})`,
    moreIncidents: (count) => `and ${number(count)} more`,
    wrongUse: (usage) => `That is not how it goes. ${usage}`,
    silenced: (what, until, reason) => `${what} is silenced until ${until}: ${reason}`,
    silences: (count) => many(count, 'silence', 'silences'),
    noSilence: 'Nothing is silenced.',
    checking: 'The checks run again now; the message is edited if they find anything else.',
    noChecks: 'Nothing was checked here before: no check is known for it, or none runs.',
    silenceEnded: (id) => `The silence ${id} has ended.`,
    everything: 'everything',
    why: {
      title: 'Why this message?',
      recognised: (pattern) => `The line was recognised as ${pattern}.`,
      named: (id, title) => `${id} (${title})`,
      sameIncident: (scope) => `Lines count as the same incident where these agree: ${scope}.`,
      spoke: (reason) => `It was spoken of because: ${reason}.`,
      sure: 'the line alone proves the fault',
      weak: 'such lines repeated or lasted',
      gone: (proof) => `It counts as gone when ${proof}.`,
      references: 'References',
    },
    explain: {
      finding: (headline) => `This is a known failure: ${headline}`,
      unrecognised: (shape) => `An error that no pattern knows; its shape is: ${shape}`,
      routine: (reason) => `Routine, nothing to do (${reason}).`,
      ignored: (reason) => `Not a fault (${reason}).`,
      unreadable: {
        'push-body': "It can't be read: it is no Pub/Sub push message.",
        'not-base64': "It can't be read: its data are no base64.",
        'not-utf8': "It can't be read: its bytes are no UTF-8.",
        'not-json': "It can't be read: it is no JSON.",
        'not-a-log-entry': "It can't be read: it is no LogEntry.",
        'no-payload': "It can't be read: it has no payload.",
        'too-large': "It can't be read: it is longer than a LogEntry can be.",
        'internal-error': "It can't be read: a fault of mesh-triage itself.",
      },
    },
  },
};
