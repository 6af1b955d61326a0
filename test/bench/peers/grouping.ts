// Lines of made-up faults whose true group is known, and how well a grouping finds those groups.
// The measure is grouping accuracy (Zhu et al., «Tools and Benchmarks for Automated Log Parsing», 2019): the share of
// lines whose group holds exactly the lines of their true group.
import { seeded } from '../../../infra/local/seeded.ts';

const pick = <Item>(random: () => number, from: readonly [Item, ...Item[]]): Item =>
  from[Math.floor(random() * from.length)] ?? from[0];

const digits = (random: () => number, count: number): string =>
  Array.from({ length: count }, () => String(Math.floor(random() * 10))).join('');

const hex = (random: () => number, count: number): string =>
  Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join('');

/** What stands in the templates' braces. */
const VARIABLES: Readonly<Record<string, (random: () => number) => string>> = {
  n: (random) => digits(random, 1 + Math.floor(random() * 5)),
  ip: (random) =>
    `10.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}`,
  hex: (random) => `0x${hex(random, 12)}`,
  uuid: (random) => [8, 4, 4, 4, 12].map((count) => hex(random, count)).join('-'),
  host: (random) =>
    `${pick(random, ['cart', 'checkout', 'search', 'users'])}-${digits(random, 2)}.svc.example.internal`,
  path: (random) => `/var/lib/${pick(random, ['envoy', 'agent', 'mesh'])}/${hex(random, 8)}.sock`,
  name: (random) => `"${pick(random, ['blue', 'green', 'red', 'canary'])}-${digits(random, 3)}"`,
  ms: (random) => `${digits(random, 3)}ms`,
  vm: (random) => `web-${pick(random, ['a', 'b'])}-${hex(random, 4)}`,
};

/** Errors that no pattern knows, in the manner of Envoy, agents and what runs beside them. */
const TEMPLATES = [
  'filter chain for listener {name} dropped {n} connections',
  'hot restart: parent {n} did not answer within {ms}',
  'stats sink to {ip}:{n} lost {n} packets',
  'access log flush to {path} failed after {ms}',
  'worker {n} missed its watchdog deadline by {ms}',
  'wasm vm {uuid} returned an unexpected status {n}',
  'lua script in {name} ran longer than {ms}',
  'rate limit service {host}:{n} answered with {n} descriptors instead of {n}',
  'ext_proc stream {uuid} ended before the body of request {n}',
  'tap sink {path} has no room for {n} bytes',
  'runtime layer {name} refused key of length {n}',
  'memory allocator released {n} bytes at {hex}',
  'quic connection {hex} moved from {ip} to {ip}',
  'zone aware routing disabled for {name}: {n} of {n} hosts local',
  'subset {name} has no hosts in {host}',
  'overload action {name} active for {ms}',
  'secret {name} rotated {n} times in {ms}',
  'agent on {vm} restarted helper {n} with code {n}',
  'agent on {vm} skipped a report of {n} bytes',
  'metadata cache for {host} is {n} s old',
  'cannot parse line {n} of {path}',
  'journal at {path} truncated to {n} bytes',
  'clock of {vm} differs by {ms} from {host}',
  'disk queue {path} holds {n} items of {n} kB',
  'plugin {name} asked for unknown symbol at {hex}',
  'probe of {ip}:{n} took {ms}',
  'scheduler moved {vm} away from host {n}',
  'checksum of {path} is {hex}, expected {hex}',
  'session {uuid} belongs to nobody',
  'pool {name} handed out connection {n} twice',
] as const;

interface Grouped {
  readonly text: string;
  /** Index of its template. */
  readonly group: number;
}

/** `count` lines; the same seed gives the same. */
export function groupedLines(count: number, seed = 1): readonly Grouped[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => {
    const group = Math.floor(random() * TEMPLATES.length);
    const template = TEMPLATES[group] ?? TEMPLATES[0];
    const text = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => VARIABLES[name]?.(random) ?? '');
    return { text, group };
  });
}

/** Share of the lines whose found group is exactly their true one. */
export function groupingAccuracy(
  truth: readonly (string | number)[],
  found: readonly (string | number)[],
): number {
  const pairs = new Map<string, number>();
  const sizes = new Map<string, number>();
  const add = (map: Map<string, number>, key: string): void => {
    map.set(key, (map.get(key) ?? 0) + 1);
  };
  for (const [index, group] of truth.entries()) {
    add(pairs, `${group}|${found[index] ?? ''}`);
    add(sizes, `true ${group}`);
    add(sizes, `found ${found[index] ?? ''}`);
  }
  let right = 0;
  for (const [index, group] of truth.entries()) {
    const one = found[index] ?? '';
    const both = pairs.get(`${group}|${one}`);
    if (both === sizes.get(`true ${group}`) && both === sizes.get(`found ${one}`)) right += 1;
  }
  return right / truth.length;
}
