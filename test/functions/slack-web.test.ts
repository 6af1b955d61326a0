// Looking for a lost message in Slack: what was said since must not hide what was said then.
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createSlackWeb } from '../../functions/adapters/slack-web.ts';

const CLAIMED_MS = Date.UTC(2026, 10, 1, 10, 0, 0);
const PAGE = 200;

interface Message {
  readonly ts: string;
  readonly metadata?: object;
}

/** A channel as conversations.history shows it: the latest first, within `oldest` and `latest`, page by page. */
async function channelOf(messages: readonly Message[]): Promise<string> {
  const newestFirst = messages.toSorted((a, b) => Number(b.ts) - Number(a.ts));
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const asked = new URLSearchParams(Buffer.concat(chunks).toString());
      const latest = Number(asked.get('latest') ?? Number.POSITIVE_INFINITY);
      const oldest = Number(asked.get('oldest') ?? 0);
      const within = newestFirst.filter(({ ts }) => Number(ts) > oldest && Number(ts) < latest);
      const from = Number(asked.get('cursor') ?? 0);
      const next_cursor = from + PAGE < within.length ? String(from + PAGE) : '';
      const body = {
        ok: true,
        messages: within.slice(from, from + PAGE),
        response_metadata: { next_cursor },
      };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await listening;
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/api/`;
}

const at = (afterMs: number): string => ((CLAIMED_MS + afterMs) / 1_000).toFixed(6);
/** More than a search reads. */
const LATER: readonly Message[] = Array.from({ length: 2_500 }, (_, n) => ({ ts: at(120_000 + n * 1_000) }));
const OURS: Message = {
  ts: at(3_000),
  metadata: {
    event_type: 'mesh_triage_note',
    event_payload: { incident: 'dns-failure-0123456789abcdef', episode: 1, note: '' },
  },
};

test.for([
  ['was posted', [OURS], { kind: 'found', ts: OURS.ts }],
  ['was never posted', [], { kind: 'none' }],
] as const)('a message that %s is told apart however much was said since', async ([, ours, answer]) => {
  const slack = createSlackWeb({ token: 'xoxb-0', apiUrl: await channelOf([...LATER, ...ours]) });
  const wanted = { incident: 'dns-failure-0123456789abcdef', episode: 1, note: '', sinceMs: CLAIMED_MS };
  expect(await slack.find({ channel: 'C000000ALL', thread: '' }, wanted)).toEqual(answer);
});
