// The shape of unknown lines: one cause, one shape; another cause, another shape; the same today and tomorrow.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SHAPE_CHARS_MAX, SHAPE_VERSION, shapeOf } from '#shared/classify/shape.ts';

/** What stands for a variable in the templates below, by its letter. */
const VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  n: fc.integer({ min: 0, max: 9_999_999 }).map(String),
  d: fc.integer({ min: 0, max: 99_999 }).map((n) => String(n / 100)),
  ip: fc.ipV4(),
  six: fc.ipV6().filter((address) => address.split(':').length > 4 && !address.includes('.')),
  port: fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 65_535 })).map(([ip, port]) => `${ip}:${port}`),
  uuid: fc.uuid(),
  host: fc.constantFrom(
    'cart.example.com',
    'a1.b2.example.net',
    '192-0-2-1.pool.example.org',
    'db-0.db.shop.example.com',
  ),
  path: fc.constantFrom('/etc/envoy/envoy.yaml', '/var/log/a-b/c.log', '/x/y_z/1.json', '/tmp/7'),
  quoted: fc.constantFrom("'cart'", "'outbound|80||cart.example.com'", "'a b c'", "''"),
  pod: fc.constantFrom('cart-6d5f8b7c9d-x2x4z', 'web-frontend-7c9d6d5f8b-0abcd', 'db-5f8b7c9d6d-zz9z9'),
  block: fc.integer({ min: 1, max: 2 ** 31 }).map((n) => `blk_${n % 2 === 0 ? '-' : ''}${n}`),
  hex: fc.integer({ min: 4096, max: 2 ** 31 }).map((n) => `0x${n.toString(16)}`),
  user: fc.constantFrom('user=root', 'user=', 'user=demo.example', 'user=u42'),
  time: fc
    .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    .map((at) => at.toISOString()),
  cluster: fc.constantFrom(
    'outbound|80||cart.example.com',
    'inbound|8080||',
    'outbound|443|v1|a.example.com',
  ),
  took: fc.constantFrom('3ms', '15.25s', '120s', '5m', '7'),
  url: fc.constantFrom(
    'https://example.com/a?b=c',
    'http://192.0.2.1:8080/',
    'grpc://cart.example.com:50051',
  ),
};

/** Lines as servers of all kinds write them; `{x}` is a variable. No two may become one shape. */
const TEMPLATES: readonly string[] = [
  'Accepted password for demo from {ip} port {n} ssh2',
  'Failed password for demo from {ip} port {n} ssh2',
  'authentication failure; logname= uid={n} euid={n} tty=ssh ruser= rhost={host} {user}',
  'connection from {ip} ({host}) at {time}',
  'session opened for service by (uid={n})',
  'Receiving block {block} src: /{port} dest: /{port}',
  'Received block {block} of size {n} from /{ip}',
  'PacketResponder {n} for block {block} terminating',
  'writeBlock {block} received exception java.io.IOException: broken',
  'writeBlock {block} received exception java.net.SocketTimeoutException: late',
  'Expiring session {hex}, timeout of {took} exceeded',
  'Cannot open channel to {n} at election address /{port}',
  'Connection broken for id {n}, my id = {n}, error =',
  '[instance: {uuid}] memory limit: {d} MB, free: {d} MB',
  '[instance: {uuid}] disk limit: {d} MB, free: {d} MB',
  'image {uuid} at ({path}): checking',
  'Directory index forbidden by rule: {path}',
  'File does not exist: {path}',
  'workerEnv in error state {n}',
  'child {n} in scoreboard slot {n} is lost',
  'Setting {n}/{n} option on socket failed: Protocol not available',
  'Setting {n}/{n} option on socket failed: Operation not permitted',
  'final pre-worker listener init for listener {quoted} failed: cannot set post-listen socket option on socket: {port}',
  'script log: {path}:{n}: attempt to index a nil value',
  'Jwks fetching of {url} failed after {took}',
  'no route from {six} to {six}',
  'pod {pod} is gone from cluster {cluster}',
  'pod {pod} is stuck in cluster {cluster}',
  'rate limited {host} after {n} requests in {took}',
  'dial {port} took {took}, giving up',
  'reset reason: connection failure on {cluster}',
  'reset reason: protocol error on {cluster}',
];

function lineOf(template: string): fc.Arbitrary<string> {
  const parts = template.split(/\{(\w+)\}/);
  const values = parts.map((part, index) =>
    index % 2 === 0 ? fc.constant(part) : (VALUES[part] ?? fc.constant(part)),
  );
  return fc.tuple(...values).map((texts) => texts.join(''));
}

test.for(TEMPLATES)('one shape whatever the variables hold: «%s»', (template) => {
  const shapes = new Set(fc.sample(lineOf(template), { numRuns: 300, seed: 7 }).map(shapeOf));
  expect([...shapes]).toHaveLength(1);
});

test('lines of different templates never share a shape', () => {
  const shapes = TEMPLATES.flatMap((template) =>
    fc.sample(lineOf(template), { numRuns: 1, seed: 7 }).map(shapeOf),
  );
  expect(new Set(shapes).size).toBe(TEMPLATES.length);
});

const FROZEN: readonly (readonly [line: string, shape: string])[] = [
  [
    'upstream connect error or disconnect/reset before headers. reset reason: connection failure',
    'upstream connect error or disconnect/reset before headers. reset reason: connection failure',
  ],
  [
    "listener 'http' failed: no filter for 192.0.2.1:80, 192.0.2.2:80 and 192.0.2.3:80",
    'listener <name> failed: no filter for <address>',
  ],
  ['400 DPE http1.codec_error', '<n> DPE http1.codec_error'],
  ['x509 over TLSv1_2 with sha256 on ipv6', 'x509 over TLSv1_2 with sha256 on ipv6'],
  [
    'envoy.config.cluster.v3.Cluster needs version 1.24.9 of cart.example.com:443',
    'envoy.config.cluster.v3.Cluster needs version <version> of <host>',
  ],
  ["don't panic: can't read 'a'", "don't panic: can't read <name>"],
];

test.for(FROZEN)('version 1 makes of «%s» always the same', ([line, shape]) => {
  expect(SHAPE_VERSION).toBe('1');
  expect(shapeOf(line)).toBe(shape);
});

test('any text has a shape that is short, in one line and free of long numbers', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      const shape = shapeOf(text);
      expect(shape.length).toBeLessThanOrEqual(SHAPE_CHARS_MAX);
      expect(shape).not.toMatch(/[\r\n\t]/);
      expect(shape).not.toMatch(/(?:^| )\d{3,}(?: |$)/);
      expect(shapeOf(text)).toBe(shape);
    }),
    { numRuns: 2000 },
  );
});

test('a shape takes its time from the beginning of a line, not from its length', () => {
  for (const unit of [' ', 'a.', '/a', 'a-', '1.', '::', "='", 'a=b ', '[', '<n>']) {
    const line = unit.repeat(65_536 / unit.length);
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 5 && best >= 2; attempt += 1) {
      const started = performance.now();
      shapeOf(line);
      best = Math.min(best, performance.now() - started);
    }
    expect(best, `«${unit}»`).toBeLessThan(2);
  }
});
