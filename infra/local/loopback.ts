// Preloaded into every function's process of the one-machine run: functions-framework listens on every interface,
// and on a laptop that is nobody else's business. A port without a host becomes a port on 127.0.0.1.
import { Server } from 'node:net';

const listen: unknown = Reflect.get(Server.prototype, 'listen');
if (typeof listen !== 'function') throw new Error('net.Server has no listen');

Server.prototype.listen = function listenOnLoopback(this: Server, ...args: unknown[]): Server {
  const [port, second, ...rest] = args;
  const plainPort = typeof port === 'number' || (typeof port === 'string' && /^\d+$/.test(port));
  const changed =
    plainPort && typeof second !== 'string' ? [Number(port), '127.0.0.1', second, ...rest] : args;
  Reflect.apply(listen, this, changed);
  return this;
};
