// Stands between Pub/Sub and the reconcilers: loses nudges, hands some to two reconcilers at once, the rest to any.
// In: their addresses and a source of chance. Out: an address to push to. Never loses an answer that it has waited for.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

export interface LossyProxy {
  readonly endpoint: string;
  readonly lost: () => number;
  readonly doubled: () => number;
  readonly close: () => Promise<void>;
}

/** Shares of all nudges. */
export interface LossyShares {
  readonly lost: number;
  readonly doubled: number;
}

async function forward(endpoint: string, body: string): Promise<number> {
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(endpoint, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    // Killed while it worked: for Pub/Sub that is a connection that broke.
    return 502;
  }
}

export async function startLossyProxy(
  endpoints: readonly string[],
  random: () => number,
  shares: LossyShares,
): Promise<LossyProxy> {
  let lost = 0;
  let doubled = 0;
  const handle = async (body: string): Promise<number> => {
    const dice = random();
    const first = endpoints[Math.floor(random() * endpoints.length)] ?? '';
    if (dice < shares.lost) {
      lost += 1;
      return 204;
    }
    if (dice >= shares.lost + shares.doubled) return forward(first, body);
    doubled += 1;
    const statuses = await Promise.all(endpoints.map((endpoint) => forward(endpoint, body)));
    return Math.max(...statuses);
  };
  const server = createServer((request, response) => {
    void text(request)
      .then(handle)
      .then((status) => response.writeHead(status).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}/`,
    lost: () => lost,
    doubled: () => doubled,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
