// Some thousand lines for the tests and the bench: every sample of the catalogue as it is, and mutated.
// The same lines at every run: a sample's mutations follow from its own text, so that a new sample changes no other's.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { hash64 } from '#shared/model/hash.ts';
import { seeded } from '../../infra/local/seeded.ts';
import type { PatternSamples, Route } from '../patterns/sample.ts';
import { FAULTS, ROUTINE } from './routine.samples.ts';

export interface CorpusLine {
  readonly line: string;
  readonly route: Route;
}

/** A sample and what became of it. */
export interface CorpusGroup {
  /** Where the sample is from: a pattern's id, or what makes it routine. */
  readonly name: string;
  readonly lines: readonly [CorpusLine, ...CorpusLine[]];
}

type Random = () => number;

function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

/** What stands before a message: every writer's form, Envoy's of several ages. */
const PREFIXES = [
  '[2026-11-01 10:00:00.123][4170][warning][config] [source/common/config/grpc_stream.h:101] ',
  '[2021-01-06 01:15:27.495][1424213][error][upstream] [source/common/upstream/x.cc:107] ',
  '[2026-11-01 10:00:00.123][1][info][main] [external/envoy/source/server/server.cc:1] [C7][S12] ',
  '[2026-11-01 10:00:00.123][17][debug][http] [source/a.cc:7] [Tags: "ConnectionId":"543"] ',
  '[2026-11-01 10:00:00.123][17][critical][lua] ',
  '[2026-11-01T10:00:00.123Z][17][warn] ',
  '[warning][config] ',
  '[2026-11-01 10:00:00.123] ',
  '2026-11-01T10:00:00.123456Z\twarning\tenvoy config source/common/x.cc:9\t',
  '2026-11-01T10:00:00.123456Z\twarn\txdsproxy\t',
  '2026-11-01T10:00:00.123456Z\tinfo\t',
  '2026-11-01T10:00:00.123456Z error envoy upstream ',
  'Nov  1 10:00:00 web-1 envoy[12]: ',
  'Nov  1 10:00:00 web-1 google_metadata_script_runner[962]: startup-script: ',
  '[  12.345678] envoy[12]: ',
  '2026/11/01 10:00:00 WARNING: [core] ',
  'W1101 10:00:00.123456 20 envoy] [20][config][source/x.cc:1] ',
  'ERROR: ',
  'istio-proxy  | ',
  '> ',
  'a service said: ',
  '"',
] as const;

const INSERTIONS = [
  '\u0000',
  '\n',
  '\t\t',
  '  ',
  '\u00a0',
  '\u{1F600}',
  '\ud800',
  'ü',
  ' user@example.com ',
  ' https://me:pass@example.com/ ',
  ' password=hunter22 ',
  ' token: abcdefgh12345678abcdefgh ',
  ' Authorization: Bearer abcdefgh1234 ',
  ' eyJhbGciOiJIUzI1NiJ9.e30.abc ',
  '-----BEGIN PRIVATE KEY-----',
  ' 10.0.0.1:443 ',
  '] ',
  '[',
  ': ',
  '"',
] as const;

function cutAt(random: Random, line: string): number {
  return Math.floor(random() * (line.length + 1));
}

type Mutation = (random: Random, line: string, other: string) => string;

const MUTATIONS: readonly Mutation[] = [
  (random, line) => line.slice(0, cutAt(random, line)),
  (random, line) => line.slice(cutAt(random, line)),
  (random, line) => pick(random, PREFIXES) + line,
  // The message behind its prefix, wherever that ends, behind another's prefix.
  (random, line) => pick(random, PREFIXES) + line.slice(line.search(/\] (?!\[)|\t(?!.*\t)|$/) + 2),
  (random, line, other) => line + pick(random, [' ', '\n', '; ', '']) + other,
  (random, line, other) => other.slice(0, cutAt(random, other)) + line,
  (random, line) => {
    const at = cutAt(random, line);
    return line.slice(0, at) + pick(random, INSERTIONS) + line.slice(at);
  },
  (random, line) => {
    const at = cutAt(random, line);
    const from = Math.floor(random() * 0x2100);
    return line.slice(0, at) + String.fromCodePoint(from, from + 7) + line.slice(at + 1);
  },
  (_random, line) => line.replaceAll(' ', '  '),
  (random, line) => (random() < 0.5 ? line.toUpperCase() : line.toLowerCase()),
  (random, line) => line.replaceAll(/\d/g, () => String(Math.floor(random() * 10))),
];

const ROUTES: readonly [Route, ...Route[]] = ['ops-agent', 'gke', 'agent', 'serial'];

function mutated(line: string, route: Route, all: readonly [string, ...string[]]): CorpusLine[] {
  const random = seeded(hash64(line).low);
  return MUTATIONS.map((mutate) => ({
    line: mutate(random, line, pick(random, all)),
    route: random() < 0.5 ? route : pick(random, ROUTES),
  }));
}

async function samplesOf(file: string): Promise<readonly CorpusLine[]> {
  const loaded: { samples: PatternSamples } = await import(file);
  return [...loaded.samples.matches, ...loaded.samples.nearMisses];
}

/** Fixed lines to join others with: drawn from the samples they would change with every new one. */
const OTHERS = [
  'gRPC config for type.googleapis.com/envoy.config.cluster.v3.Cluster rejected: Error adding/updating cluster(s) cart: no such',
  '[2026-11-01 10:00:00.000][1][warning][config] [a.cc:1] StreamAggregatedResources gRPC config stream closed: 13, ',
  'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: no such host"',
  'cds: add 4 cluster(s), remove 0 cluster(s)',
  'Permission denied',
  'Using deprecated option will be removed from Envoy soon.',
  '+ apt-get install -y envoy',
  '{"level":"error","msg":"no"}',
] as const;

function groupOf(name: string, own: CorpusLine): CorpusGroup {
  // Attributes come as JSON, which half a line is none of.
  const changed = own.route === 'attributes' ? [] : mutated(own.line, own.route, OTHERS);
  return { name, lines: [own, ...changed] };
}

/** Every sample of the catalogue and of what is routine, each with its mutations. */
export async function corpus(): Promise<readonly CorpusGroup[]> {
  const folder = join(import.meta.dirname, '../patterns');
  const files = globSync('*.samples.ts', { cwd: folder }).sort();
  const samples = await Promise.all(
    files.map(async (file) =>
      (await samplesOf(join(folder, file))).map(({ line, route }) =>
        groupOf(file.replace('.samples.ts', ''), { line, route }),
      ),
    ),
  );
  const routine = ROUTINE.map(([reason, line, route = 'ops-agent']) =>
    groupOf(`routine ${reason}`, { line, route }),
  );
  const faults = FAULTS.map(([line, , route = 'ops-agent']) => groupOf('fault', { line, route }));
  return [...samples.flat(), ...routine, ...faults];
}
