// Answers one person at the response URL that Slack handed out. Asks no other host, whatever a request says.
import type { Respond } from '../ports.ts';

/** The person waits for it, and so does Slack: an answer that takes longer is given up. */
const RESPOND_TIMEOUT_MS = 1_000;

const SLACK_HOOKS = 'https://hooks.slack.com/';

/** `origin` is where response URLs lead; only a test names another. Never throws: false if it did not work. */
export function createRespond(origin: string = SLACK_HOOKS): Respond {
  return async (url, reply) => {
    if (!url.startsWith(origin)) return false;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(reply),
        redirect: 'error',
        signal: AbortSignal.timeout(RESPOND_TIMEOUT_MS),
      });
      return answer.ok;
    } catch {
      return false;
    }
  };
}
