// The daily summary, asked for by Cloud Scheduler through topic `incident-changes`: one message a day in the default channel.
// The day is written down before the message is posted: a summary may be lost where Slack's answer is, never doubled.
import { dayOf, summaryMessage } from '#shared/notify/summary.ts';
import type { Language } from '#shared/notify/texts/texts.ts';
import { CATALOGUE_BOOK, type PatternBook } from './pattern-book.ts';
import type { Boards, Clock, Log, Notices } from './ports.ts';
import type { Pace } from './slack-pace.ts';
import type { Slack, SlackAnswer } from './slack-port.ts';

/** What the attribute `incident` of the scheduler's message says. */
export const SUMMARY_NUDGE = 'daily-summary';

/** Incidents that a summary is made from. */
const SUMMARY_INCIDENTS_MAX = 500;

export interface SummaryNeeds {
  readonly notices: Pick<Notices, 'incidents' | 'ledgers'>;
  readonly boards: Boards;
  readonly slack: Slack;
  readonly pace: Pace;
  readonly channel: string;
  readonly language: Language;
  /** The catalogue alone if absent. */
  readonly patterns?: PatternBook;
  readonly clock: Clock;
  readonly log: Log;
}

/** Claims the day and posts; undefined where today's summary was posted or is being posted. */
async function claimAndPost(
  needs: SummaryNeeds,
  day: string,
  content: Parameters<Slack['post']>[1],
): Promise<SlackAnswer | undefined> {
  const { channel } = needs;
  let mine = false;
  await needs.boards.change(channel, (board) => {
    mine = board.summaryDay !== day;
    return mine ? { ...board, summaryDay: day } : board;
  });
  if (!mine) return undefined;
  const answer = await needs.slack.post({ channel, thread: '', broadcast: false }, content);
  if (answer.kind === 'later') await needs.pace.asked({ channel, call: 'post' }, answer.afterMs);
  return answer;
}

/** Posts today's summary unless it was posted. Throws where it was certainly not posted, so that it is asked for again. */
export async function tellSummary(needs: SummaryNeeds): Promise<void> {
  const nowMs = needs.clock.nowMs();
  const day = dayOf(nowMs);
  const { channel, language } = needs;
  const [incidents, ledgers] = await Promise.all([
    needs.notices.incidents('all', SUMMARY_INCIDENTS_MAX),
    needs.notices.ledgers(),
  ]);
  const patterns = needs.patterns ?? CATALOGUE_BOOK;
  await patterns.refresh();
  const patternOf = patterns.find;
  const content = summaryMessage({ incidents, ledgers, patternOf, nowMs, language });
  const lane = { channel, call: 'post' } as const;
  const answer = await needs.pace.when(lane, () => claimAndPost(needs, day, content));
  if (answer === undefined || answer.kind === 'sent') return;
  if (answer.kind === 'pause') throw new Error('the daily summary waits, for Slack asked to');
  needs.log.write('WARNING', 'the daily summary was not posted', { channel, why: answer.why });
  if (answer.kind === 'unsure') return;
  await needs.boards.change(channel, (board) =>
    board.summaryDay === day ? { ...board, summaryDay: '' } : board,
  );
  throw new Error(`the daily summary was not posted: ${answer.why}`);
}
