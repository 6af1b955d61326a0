// The sink's filter against the patterns' samples: what the patterns know must come through, noise and our own lines
// must not. A sample that the filter leaves out stands in the golden list, under the reason for it.
import { beforeAll, expect, test } from 'vitest';
import { createClassifier } from '#shared/classify/classify.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import { CATALOGUE } from '#shared/patterns/catalogue.ts';
import { entryOf, type Match, type PatternSamples } from '../patterns/sample.ts';
import { formsOf, type Form } from './shipped-entries.ts';
import { sinkFilter, sinkOf, type Sink } from './sink.ts';
import { readTerraform, type Terraform } from './terraform.ts';

/** Logging takes a filter of this length; `extra_log_filter` may take up to 8,000 of it. */
const FILTER_CHARS_MAX = 20_000;
const EXTRA_CHARS_MAX = 8_000;

let terraform: Terraform;
let sink: Sink;
beforeAll(async () => {
  terraform = await readTerraform();
  sink = sinkOf(terraform);
});

async function samplesOf(id: string): Promise<PatternSamples> {
  const loaded: { samples: PatternSamples } = await import(`../patterns/${id}.samples.ts`);
  return loaded.samples;
}

const all = await Promise.all(CATALOGUE.map(async ({ id }) => ({ id, samples: await samplesOf(id) })));

const classifier = createClassifier(CATALOGUE);

/** The pattern that recognises an entry by itself, and by which sign; undefined if none does. */
function recognised(
  entry: Form['entries'][number],
): { readonly pattern: string; readonly sign: string } | undefined {
  const intake = intakeEntry(entry, { publishTimeMs: 0 });
  const verdict = intake.kind === 'record' ? classifier.classify(intake.record) : undefined;
  return verdict?.kind === 'finding' ? { pattern: verdict.pattern, sign: verdict.sign } : undefined;
}

/** Whether an entry comes through that the pattern recognises by itself: a source may split what is one to people. */
const comesThrough = ({ entries }: Form, pattern: string): boolean =>
  entries.some((entry) => sink(entry) && recognised(entry)?.pattern === pattern);

/** Why a line that a pattern knows is not worth its price; undefined = no reason: the filter is wrong, or the pattern. */
function reasonToLeaveOut({ route, line, why }: Match): string | undefined {
  if (route === 'ops-agent' && line.includes('\n') && /hard-wrapped|the guide/.test(why))
    return 'pages: wrapped by hand as the guide prints it; no source writes it so';
  if (route === 'serial' && /service-proxy-agent (?:Debug|Info|Warning|Error|Critical)/.test(line))
    return 'serial port: the agent’s own log has it too';
  if (route === 'serial' && !/envoy|service-proxy-agent|Service Proxy Agent/i.test(line))
    return 'serial port: start-up scripts and the kernel, who name neither Envoy nor its agent';
  if (route === 'gke' && /^\[[^\]]*\] "/.test(line)) return 'GKE: access logs, a line for every request';
  if (route === 'ops-agent' && /^\[[^\]]+\]\[\d+\]\[(?:info|debug)\]/.test(line))
    return 'VM: lines that Envoy writes as information, or only with --log-level debug';
  if (route === 'gke' && /^\S+\t(?:info|debug)\t/.test(line))
    return 'GKE: lines that call themselves information';
  return undefined;
}

test('every line that a pattern knows comes through the sink, but for those whose reason is listed', async () => {
  const leftOut = new Map<string, string[]>();
  const unexplained: string[] = [];
  for (const { id, samples } of all) {
    for (const match of samples.matches) {
      const forms = formsOf(match);
      if (forms.length === 0 || forms.some((form) => comesThrough(form, id))) continue;
      const text = `${id}: ${JSON.stringify(match.line).slice(1, -1).slice(0, 120)}`;
      const reason = reasonToLeaveOut(match);
      if (reason === undefined) unexplained.push(text);
      else leftOut.set(reason, [...(leftOut.get(reason) ?? []), text]);
    }
  }
  expect(unexplained).toEqual([]);
  const page = [...leftOut].map(([reason, lines]) => `# ${reason}\n${lines.join('\n')}\n`);
  await expect(page.toSorted().join('\n')).toMatchFileSnapshot('../golden/sink-leaves-out.txt');
});

test('every pattern can be reached through the sink', () => {
  const unreached = all.filter(({ id, samples }) => {
    const forms = samples.matches.flatMap((match) => formsOf(match));
    return forms.length > 0 && !forms.some((form) => comesThrough(form, id));
  });
  expect(unreached.map(({ id }) => id)).toEqual([]);
});

test('what the Ops Agent takes apart is recognised by the same sign as what it ships as it is', () => {
  const lines = all.flatMap(({ samples }) => samples.matches).filter(({ route }) => route === 'ops-agent');
  const single = lines.filter(({ line }) => !line.includes('\n'));
  const shipped = single.map((match) => formsOf(match)[0]?.entries.map(recognised));
  expect(shipped).toEqual(single.map((match) => [recognised(entryOf(match))]));
});

const vm = { type: 'gce_instance', labels: { project_id: 'p', zone: 'z', instance_id: '1' } };
const container = (name: string) => ({
  type: 'k8s_container',
  labels: { project_id: 'p', container_name: name },
});
const service = { type: 'cloud_run_revision', labels: { service_name: 'mesh-triage-classify' } };
const QUOTED = 'gRPC config stream closed: 5, Traffic Director configuration was not found for network "a"';

test.for([
  [
    'the version that Envoy announces',
    vm,
    'envoy_err',
    'INFO',
    { jsonPayload: { msg: 'Envoy version: 1.29.7' } },
  ],
  [
    'the same, not taken apart',
    vm,
    'envoy_err',
    'INFO',
    { jsonPayload: { message: '[x] envoy version: 1.29.7' } },
  ],
  [
    'the version that the agent announces',
    vm,
    'service-proxy-agent',
    'INFO',
    { textPayload: 'Envoy Version: 1.29.7' },
  ],
  ['a line without a severity', vm, 'envoy_err', undefined, { jsonPayload: { message: QUOTED } }],
  ['what prepares a pod', container('istio-init'), 'stderr', 'ERROR', { textPayload: 'exit status 1' }],
  ['what checks a pod', container('istio-validation'), 'stderr', 'ERROR', { textPayload: 'exit status 1' }],
  ['a proxy of one’s own in a pod', container('envoy'), 'stderr', 'ERROR', { textPayload: QUOTED }],
  [
    'a sidecar’s warning on the stream that GKE calls information',
    container('istio-proxy'),
    'stdout',
    'INFO',
    { textPayload: `2026-11-01T10:00:00.000000Z\twarning\tenvoy config\t${QUOTED}` },
  ],
] as const)('%s comes through', ([, resource, log, severity, payload]) => {
  const entry = { logName: `projects/p/logs/${log}`, insertId: '1', resource, ...payload };
  expect(sink(severity === undefined ? entry : { ...entry, severity })).toBe(true);
});

test.for([
  [
    'Envoy’s information',
    vm,
    'envoy_err',
    'INFO',
    { jsonPayload: { msg: 'cm init: all clusters initialized' } },
  ],
  ['information of the agent', vm, 'service-proxy-agent', 'INFO', { jsonPayload: { message: 'heartbeat' } }],
  ['another log of the VM', vm, 'syslog', 'ERROR', { jsonPayload: { message: QUOTED } }],
  ['a log of almost that name', vm, 'my-service-proxy-agent', 'ERROR', { jsonPayload: { message: QUOTED } }],
  ['the application’s own container', container('shop'), 'stderr', 'ERROR', { textPayload: QUOTED }],
  [
    'a sidecar’s information that GKE calls an error',
    container('istio-proxy'),
    'stderr',
    'ERROR',
    { textPayload: '2026-11-01T10:00:00.000000Z\tinfo\tcache\treturned workload certificate from cache' },
  ],
  [
    'a sidecar’s access log',
    container('istio-proxy'),
    'stdout',
    'INFO',
    { textPayload: '[2026-11-01T10:00:00.000Z] "GET / HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 91' },
  ],
  ['what a function of ours says', service, 'run.googleapis.com%2Fstderr', 'ERROR', { textPayload: QUOTED }],
  [
    'what Cloud Run says of a function',
    service,
    'run.googleapis.com%2Frequests',
    'ERROR',
    { httpRequest: { status: 503 } },
  ],
  ['what a build says', { type: 'build', labels: {} }, 'cloudbuild', 'ERROR', { textPayload: QUOTED }],
] as const)('%s does not come through', ([, resource, log, severity, payload]) => {
  const entry = { logName: `projects/p/logs/${log}`, insertId: '1', resource, severity, ...payload };
  expect(sink(entry)).toBe(false);
});

test('whatever an operator adds to the filter, what our functions and builds write never comes back', () => {
  const everything = sinkOf(terraform, 'severity>=DEFAULT');
  const entry = { logName: 'projects/p/logs/service-proxy-agent', severity: 'ERROR', textPayload: QUOTED };
  expect(everything({ ...entry, resource: container('shop') })).toBe(true);
  for (const resource of [service, { type: 'build', labels: {} }, { type: 'cloud_function', labels: {} }])
    expect(everything({ ...entry, resource })).toBe(false);
});

test('the filter leaves an operator’s own one enough room', () => {
  expect(sinkFilter.length + EXTRA_CHARS_MAX + 10).toBeLessThan(FILTER_CHARS_MAX);
});
