// So many requests in flight at one address for so long, over kept-alive connections. In: bodies. Out: answers a second.
import { Agent, request } from 'node:http';

export interface Load {
  readonly port: number;
  readonly inFlight: number;
  readonly forMs: number;
  /** Body of the n-th request. */
  readonly body: (n: number) => string;
}

export interface Answered {
  readonly perSecond: number;
  /** Answers that were not 204. */
  readonly others: number;
  readonly answers: number;
}

/** One request; resolves to its status. */
function post(agent: Agent, port: number, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', headers }, (response) => {
    response.resume();
    response.on('end', () => {
      resolve(response.statusCode ?? 0);
    });
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

/** Keeps `inFlight` requests going until the time is up, then waits for the last ones. */
export async function load({ port, inFlight, forMs, body }: Load): Promise<Answered> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const started = performance.now();
  let n = 0;
  let others = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - started < forMs) {
      n += 1;
      if ((await post(agent, port, body(n))) !== 204) others += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return { perSecond: n / seconds, others, answers: n };
}
