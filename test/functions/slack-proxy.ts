// A proxy before Slack that breaks what it is told to break: before or after the call took effect. On 127.0.0.1 only.
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';

/** `after`: Slack did it, and we never hear so. */
export type Fault =
  | 'none'
  | '429 with Retry-After'
  | '429 without Retry-After'
  | '500 before'
  | '500 after'
  | 'reset before'
  | 'reset after'
  | 'silent after'
  /** Slack's own «no». */
  | `says ${string}`;

/** Which fault the n-th call of a method suffers; `body` is what was asked, as it came. */
export type Plan = (method: string, n: number, body: string) => Fault;

export interface SlackProxy {
  readonly apiUrl: string;
  /** Calls so far, by method. */
  readonly calls: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<Fault, number>;
  plan: Plan;
  /** Called when Slack did something and we are never told. */
  onSilence: () => void;
  readonly close: () => Promise<void>;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

interface Forwarded {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

async function forward(url: URL, incoming: IncomingMessage, body: Buffer): Promise<Forwarded> {
  const { authorization = '', 'content-type': type = '' } = incoming.headers;
  const headers = { authorization, 'content-type': type, 'content-length': body.length };
  const outgoing = request(url, { method: incoming.method ?? 'POST', headers });
  outgoing.end(body);
  const [answer]: IncomingMessage[] = await once(outgoing, 'response');
  if (answer === undefined) throw new Error('no answer');
  const contentType = answer.headers['content-type'] ?? 'application/json';
  return { status: answer.statusCode ?? 0, type: contentType, body: await bodyOf(answer) };
}

const limited = JSON.stringify({ ok: false, error: 'ratelimited' });

/** Starts it before the Slack at `apiUrl` (`http://127.0.0.1:PORT/api/`). */
export async function startSlackProxy(apiUrl: string, plan: Plan): Promise<SlackProxy> {
  const calls = new Map<string, number>();
  const faults = new Map<Fault, number>();
  const state = { plan, onSilence: (): void => undefined };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const method = (incoming.url ?? '').replace(/^\/api\//, '').replace(/\?.*$/, '');
    const n = (calls.get(method) ?? 0) + 1;
    calls.set(method, n);
    const body = await bodyOf(incoming);
    const fault = state.plan(method, n, body.toString());
    faults.set(fault, (faults.get(fault) ?? 0) + 1);
    if (fault === 'reset before') return void incoming.socket.resetAndDestroy();
    if (fault === '500 before') return void outgoing.writeHead(500).end('oops');
    if (fault === '429 with Retry-After')
      return void outgoing
        .writeHead(429, { 'retry-after': '3', 'content-type': 'application/json' })
        .end(limited);
    if (fault === '429 without Retry-After')
      return void outgoing.writeHead(429, { 'content-type': 'application/json' }).end(limited);
    if (fault.startsWith('says '))
      return void outgoing
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ok: false, error: fault.slice('says '.length) }));
    const answer = await forward(new URL(incoming.url ?? '/', apiUrl), incoming, body);
    if (fault === 'reset after') return void incoming.socket.resetAndDestroy();
    if (fault === '500 after') return void outgoing.writeHead(500).end('oops');
    if (fault === 'silent after') return state.onSilence();
    outgoing.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  };

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    apiUrl: `http://127.0.0.1:${address.port}/api/`,
    calls,
    faults,
    get plan() {
      return state.plan;
    },
    set plan(next) {
      state.plan = next;
    },
    get onSilence() {
      return state.onSilence;
    },
    set onSilence(next) {
      state.onSilence = next;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
