// One message in every prefix that Envoy, its agents and their hosts put in front of it.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { intakeLine } from '#shared/intake/line-entry.ts';
import { normaliseLine } from '#shared/intake/normalise.ts';
import type { LogLevel } from '#shared/model/record.ts';

const MESSAGE = 'StreamAggregatedResources gRPC config stream closed: 14, no healthy upstream';
const T = '\t';

interface Form {
  readonly name: string;
  /** Builds a line; `level` is Envoy's word for it. */
  readonly line: (message: string, level: string) => string;
  readonly tellsLevel: boolean;
  readonly component: string;
  readonly source: string;
}

const envoy = (
  name: string,
  line: Form['line'],
  facts: { tellsLevel?: boolean; component?: string; source?: string } = {},
): Form => ({ name, line, tellsLevel: true, component: 'config', source: 'envoy', ...facts });

const GLOG: Readonly<Record<string, string>> = { info: 'I', warning: 'W', error: 'E', critical: 'F' };
const GUEST: Readonly<Record<string, string>> = {
  info: 'Info',
  warning: 'Warning',
  error: 'Error',
  critical: 'Critical',
};
const path = 'source/common/config/grpc_stream.h:101';

const forms: readonly Form[] = [
  envoy('today’s', (m, l) => `[2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`),
  envoy(
    'external path',
    (m, l) => `[2026-11-01 10:00:00.123][15][${l}][config] [external/envoy/${path}] ${m}`,
  ),
  envoy('dotted path', (m, l) => `[2026-11-01 10:00:00.123][15][${l}][config] [./${path}] ${m}`),
  envoy(
    'generated path',
    (m, l) =>
      `[2026-11-01 10:00:00.123][15][${l}][config] [bazel-out/k8/bin/_virtual_includes/grpc_stream.h:86] ${m}`,
  ),
  envoy('padded thread', (m, l) => `[2019-11-01 10:00:00.123][000015][${l}][config] [${path}] ${m}`),
  envoy('without an opening bracket', (m, l) => `[2018-11-01 10:00:00.123][15][${l}][config] ${path}] ${m}`),
  envoy('without a file', (m, l) => `[2026-11-01 10:00:00.123][15][${l}][config] ${m}`),
  envoy('time with T and zone', (m, l) => `[2026-11-01T10:00:00.123+02:00][15][${l}][config] [${path}] ${m}`),
  envoy(
    'blanks and a named thread',
    (m, l) => `[2026-11-01T10:00:00.123] [${l}] [thread=11] [config] [${path}] ${m}`,
  ),
  envoy('no time', (m, l) => `[${l}][config] [${path}] ${m}`),
  envoy('no time, old file', (m, l) => `[${l}][config] ${path}] ${m}`),
  envoy('Markdown', (m, l) => `[${l}][config] **${path}**] ${m}`),
  envoy('lost bracket', (m, l) => `${l}][config] ${path}] ${m}`),
  envoy(
    'lost bracket before the time',
    (m, l) => `2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`,
  ),
  envoy('level alone', (m, l) => `[${l}] ${m}`, { component: '' }),
  envoy('file alone', (m) => `[${path}] ${m}`, { tellsLevel: false, component: '' }),
  envoy('epoch', (m, l) => `[Envoy (Epoch 0)] [2019-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`),
  envoy('istio', (m, l) => `2026-11-01T10:00:00.123456Z${T}${l}${T}envoy config${T}${m}`),
  envoy(
    'istio with file and thread',
    (m, l) =>
      `2026-11-01T10:00:00.123456Z${T}${l}${T}envoy config external/envoy/${path}${T}${m}${T}thread=15`,
  ),
  envoy(
    'istio with the file in brackets',
    (m, l) =>
      `2026-11-01T10:00:00.123456Z${T}${l}${T}envoy config${T}[external/envoy/source/common/x.cc:79] ${m}`,
  ),
  envoy('istio in blanks', (m, l) => `2026-11-01T10:00:00.123456Z     ${l} envoy config    ${m}`),
  envoy(
    'istio in blanks with file and thread',
    (m, l) => `2026-11-01T10:00:00.123456Z     ${l} envoy config ${path}    ${m}  thread=7`,
  ),
  envoy('istio in single blanks', (m, l) => `2026-11-01T10:00:00.123456Z ${l} envoy config ${m} thread=7`),
  envoy('istio without time', (m, l) => `${l} envoy config    ${m}`),
  envoy('istio without time, tabs', (m, l) => `${l}${T}envoy config${T}${m}`),
  envoy('istio without time and level', (m) => `envoy config    ${m}`, { tellsLevel: false }),
  envoy('columns and file', (m, l) => `${l}${T}config${T}[${path}] ${m}`),
  envoy('ESPv2', (m, l) => `${GLOG[l]}1101 10:00:00.123 20 envoy] [20][config][${path}] ${m}`),
  envoy('consul-dataplane', (m, l) => `[${l}] envoy.config(20) ${m}`),
  envoy(
    'consul-dataplane with time',
    (m, l) => `2026-11-01T10:00:00.123Z [${l.toUpperCase()}] envoy.config(20) ${m}`,
  ),
  envoy(
    'syslog',
    (m, l) => `Nov  1 10:00:00 vm-1 envoy[4138]: [2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`,
  ),
  envoy(
    'syslog of a wrapper',
    (m, l) =>
      `Nov 11 10:00:00 vm-1 hot-restarter.py[44]: [2018-11-11 10:00:00.123][15][${l}][config] ${path}] ${m}`,
  ),
  envoy(
    'syslog with ISO time',
    (m, l) =>
      `2026-11-01T10:00:00.123456+00:00 vm-1 envoy[4138]: [2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`,
  ),
  envoy(
    'container runtime',
    (m, l) =>
      `2026-11-01T10:00:00.123456789Z stderr F [2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`,
  ),
  envoy('serial line', (m, l) => `[2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}\r\n`),
  envoy(
    'connection tags',
    (m, l) => `[2026-11-01 10:00:00.123][15][${l}][config] [${path}] [C9][S7034] ${m}`,
  ),
  envoy(
    'new connection tags',
    (m, l) =>
      `2026-11-01T10:00:00.123456Z${T}${l}${T}envoy config ${path}${T}[Tags: "ConnectionId":"543","StreamId":"9"] ${m}${T}thread=2`,
  ),
  envoy('agent with scope', (m, l) => `2026-11-01T10:00:00.123456Z${T}${l}${T}xdsproxy${T}${m}`, {
    component: 'xdsproxy',
    source: 'agent',
  }),
  envoy('agent with scope in blanks', (m, l) => `2026-11-01T10:00:00.123456Z     ${l}    xdsproxy    ${m}`, {
    component: 'xdsproxy',
    source: 'agent',
  }),
  envoy('agent with scope in single blanks', (m, l) => `2026-11-01T10:00:00.123456Z ${l} xdsproxy ${m}`, {
    component: 'xdsproxy',
    source: 'agent',
  }),
  envoy('agent without scope', (m, l) => `2026-11-01T10:00:00.123456Z${T}${l}${T}${m}`, {
    component: '',
    source: 'agent',
  }),
  envoy(
    'hclog',
    (m, l) => `2026-11-01T10:00:00.123Z [${l.toUpperCase()}]  consul-dataplane.lifecycle: ${m}`,
    { component: 'consul-dataplane.lifecycle', source: 'agent' },
  ),
  envoy('grpc-go', (m, l) => `2026/11/01 10:00:00 ${l.toUpperCase()}: [core] ${m}`, {
    component: 'core',
    source: 'agent',
  }),
  envoy('Go', (m) => `2026/11/01 10:00:00 ${m}`, { tellsLevel: false, component: '', source: 'agent' }),
  envoy('guest agent', (m, l) => `2026-11-01T10:00:00.1239Z service-proxy-agent ${GUEST[l]}: ${m}`, {
    component: 'service-proxy-agent',
    source: 'service-proxy-agent',
  }),
  envoy(
    'guest agent with file',
    (m, l) => `2026-11-01T10:00:00.1239Z OSConfigAgent ${GUEST[l]} main.go:88: ${m}\r\n`,
    { component: 'OSConfigAgent', source: 'agent' },
  ),
  envoy('guest agent without time', (m, l) => `OSConfigAgent ${GUEST[l]}: ${m}`, {
    component: 'OSConfigAgent',
    source: 'agent',
  }),
  envoy(
    'guest agent in syslog',
    (m, l) =>
      `Nov 15 05:15:46 vm-1 OSConfigAgent[777]: 2026-11-15T05:15:46.3911Z OSConfigAgent ${GUEST[l]}: ${m}`,
    { component: 'OSConfigAgent', source: 'agent' },
  ),
  envoy(
    'guest agent with a level in capitals',
    (m, l) => `Nov 15 05:15:46 vm-1 google_guest_agent[777]: ${l.toUpperCase()} metadata.go:68 ${m}`,
    { component: 'google_guest_agent', source: 'agent' },
  ),
  envoy('hclog without time', (m, l) => `[${l.toUpperCase()}] consul-dataplane.metrics: ${m}`, {
    component: 'consul-dataplane.metrics',
    source: 'agent',
  }),
  envoy('fluentd', (m, l) => `2026-11-01 10:00:00 +0000 [${l}]: ${m}`, { component: '', source: 'agent' }),
  envoy('fluentd without time', (m, l) => `[${l}]: ${m}`, { component: '', source: 'agent' }),
  envoy('a program through the kernel', (m) => `[   12.000123] systemd[1]: ${m}`, {
    tellsLevel: false,
    component: 'systemd',
    source: 'serial-port',
  }),
  envoy('start-up script behind a time', (m) => `[2026-11-01T10:00:00.123Z] startup-script: ${m}`, {
    tellsLevel: false,
    component: 'startup-script',
    source: 'serial-port',
  }),
  envoy(
    'start-up script of the old runner',
    (m) => `Nov 15 05:15:46 vm-1 startup-script: INFO startup-script-url: ${m}`,
    { tellsLevel: false, component: 'startup-script', source: 'serial-port' },
  ),
  envoy(
    'docker compose',
    (m, l) => `shop-envoy-1  | [2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`,
  ),
  envoy(
    'docker compose with times',
    (m, l) =>
      `envoy-1 | 2026-11-01T10:00:00.123456789Z [2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`,
  ),
  envoy(
    'the name of a container',
    (m, l) => `istio-proxy:  [2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`,
  ),
  envoy(
    'name space, pod and container',
    (m, l) => `shop/cart-x2x4z[istio-proxy]: [2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`,
  ),
  envoy('the place in the source alone', (m) => `${path}] ${m}`, { tellsLevel: false, component: '' }),
  envoy(
    'pod and container',
    (m, l) => `[pod/cart-x2x4z/istio-proxy] 2026-11-01T10:00:00.123456Z${T}${l}${T}envoy config${T}${m}`,
  ),
  envoy('a quotation', (m, l) => `> [2026-11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`),
  envoy('a time without its head', (m, l) => `11-01 10:00:00.123][15][${l}][config] [${path}] ${m}`),
  envoy('ESPv2 without glog', (m) => `[20][config]${m}`, { tellsLevel: false }),
  envoy('syslog of an agent', (m) => `Nov 15 05:15:46 vm-1 google_metadata_script_runner[9]: ${m}`, {
    tellsLevel: false,
    component: 'google_metadata_script_runner',
    source: 'agent',
  }),
  envoy('kernel', (m) => `[113782.638786] ${m}`, {
    tellsLevel: false,
    component: 'kernel',
    source: 'serial-port',
  }),
  envoy('kernel in syslog', (m) => `Jan  5 02:12:02 vm-1 kernel: [ 1782.638786] ${m}`, {
    tellsLevel: false,
    component: 'kernel',
    source: 'serial-port',
  }),
  envoy('start-up script', (m) => `startup-script: ${m}\r\n`, {
    tellsLevel: false,
    component: 'startup-script',
    source: 'serial-port',
  }),
  envoy(
    'start-up script in syslog',
    (m) => `Nov 15 05:15:46 vm-1 google_metadata_script_runner[9]: startup-script: ${m}`,
    { tellsLevel: false, component: 'startup-script', source: 'serial-port' },
  ),
];

test.for(forms)('the prefix $name comes off and tells level, logger and writer', (form) => {
  const line = normaliseLine(form.line(MESSAGE, 'warning'));
  expect(line).toMatchObject({
    text: MESSAGE,
    level: form.tellsLevel ? 'warning' : 'unknown',
    component: form.component,
    writer: form.source,
    bare: false,
  });
});

test('a message without prefix is bare', () => {
  expect(normaliseLine(MESSAGE)).toMatchObject({
    text: MESSAGE,
    level: 'unknown',
    bare: true,
    writer: 'unknown',
  });
});

const word = fc.stringMatching(/^[A-Za-z0-9/.'"(){}|:,_-]{1,12}$/);
/** Messages of a few words: a first word that could not itself be a prefix, then anything that Envoy could write. */
const messages = fc
  .tuple(
    fc.constantFrom('gRPC', 'listener', 'Unable', 'StreamSecrets', 'lds:', 'Caught'),
    fc.array(word, { minLength: 1, maxLength: 12 }),
  )
  .map(([first, rest]) => [first, ...rest].join(' '))
  .filter((text) => normaliseLine(text).text === text && !/(?:thread=\d+|\[)$/.test(text));
const levels = fc.constantFrom<LogLevel>('info', 'warning', 'error', 'critical');

test('whatever the message, every prefix leaves the same text and level', () => {
  fc.assert(
    fc.property(messages, levels, (message, level) => {
      for (const form of forms) {
        const line = normaliseLine(form.line(message, level));
        expect([form.name, line.text]).toEqual([form.name, message]);
        expect([form.name, line.level]).toEqual([form.name, form.tellsLevel ? level : 'unknown']);
      }
    }),
  );
});

test('breaking, indenting or tabbing a message between its words changes nothing', () => {
  const space = fc.constantFrom(' ', '\n', '\r\n', '\t', '  ', '\n    ', '\u00a0', ' \u2003');
  fc.assert(
    fc.property(messages, levels, fc.infiniteStream(space), (message, level, spaces) => {
      const broken = message.replaceAll(' ', () => spaces.next().value ?? ' ');
      const line = normaliseLine(`[2026-11-01 10:00:00.123][15][${level}][config] [${path}] ${broken}\n`);
      expect([line.text, line.level]).toEqual([message, level]);
    }),
  );
});

test.for<[line: string, text: string, level: LogLevel]>([
  [
    "error initializing configuration '/etc/envoy.yaml': x",
    "error initializing configuration '/etc/envoy.yaml': x",
    'unknown',
  ],
  ['ERROR: startup-script exit status 100', 'ERROR: startup-script exit status 100', 'error'],
  ['startup-script exit status 1', 'startup-script exit status 1', 'unknown'],
  ['envoy proxy is gone', 'envoy proxy is gone', 'unknown'],
  [
    'envoy  version: 0123abcd/1.28.1/Clean/RELEASE/BoringSSL',
    'envoy version: 0123abcd/1.28.1/Clean/RELEASE/BoringSSL',
    'unknown',
  ],
  ['[1] 4711 killed', '[1] 4711 killed', 'unknown'],
  ['[warning] lds: remove listener x', 'lds: remove listener x', 'warning'],
  ['start_time | 2026-11-01T10:00:00Z', 'start_time | 2026-11-01T10:00:00Z', 'unknown'],
  ['[   12.000123] envoy[7]: segfault at 0 ip 0', 'envoy[7]: segfault at 0 ip 0', 'unknown'],
  ['[192.0.2.7:80] refused', '[192.0.2.7:80] refused', 'unknown'],
  [
    '[2026-11-01 10:00:00.123][15][critical][backtrace] [a/b.h:98] #21: [0x55e2]',
    '#21: [0x55e2]',
    'critical',
  ],
  ['2026-11-01T10:00:00Z\tinfo\tFLAG: --level="warning"', 'FLAG: --level="warning"', 'info'],
  ['[2026-11-01 10:00:00.123][15][off][config] x', '[off][config] x', 'unknown'],
])('%j keeps what belongs to its message', ([raw, text, level]) => {
  expect(normaliseLine(raw)).toMatchObject({ text, level });
});

test('the message keeps its line breaks and its connection tags for people', () => {
  const line = normaliseLine(
    `[2026-11-01 10:00:00.123][15][debug][http] [a/b.cc:1] [C9][S70] headers:\n':path', '/'`,
  );
  expect(line.message).toBe(`[C9][S70] headers:\n':path', '/'`);
  expect(line.text).toBe(`headers: ':path', '/'`);
});

test('a line of nothing but a prefix has an empty message', () => {
  for (const line of [
    '',
    ' ',
    '\n',
    '[2026-11-01 10:00:00.123][15][warning][config] ',
    '2026-11-01T10:00:00Z\tinfo\t',
  ])
    expect(normaliseLine(line).text).toBe('');
});

test('no line makes it throw', () => {
  const nearly = fc.stringMatching(
    /^(?:\[?[0-9]{1,6}[-.:\]]?|\]|\[|\t| |envoy |warning|thread=|startup-script: |Nov  1 |W0619|\n|")*$/,
    {
      size: 'medium',
    },
  );
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' })), (line) => {
      expect(typeof normaliseLine(line).text).toBe('string');
    }),
  );
});

// Each would take minutes if any form were tried in more than linear time.
test.for<[what: string, head: string, piece: string]>([
  ['brackets', '', '['],
  ['closing brackets', '[2026-11-01 10:00:00.123]', ']'],
  ['groups', '', '[a]'],
  ['numbers', '', '[1]'],
  ['dates', '', '2026-11-01 '],
  ['blanks behind a level', 'warning', ' '],
  ['host names', 'Nov  1 10:00:00 ', 'a'],
  ['start-up scripts', '', 'startup-script: '],
  ['quotes', '[2026-11-01T10:00:00Z] ', '"'],
  ['requests', '[2026-11-01T10:00:00Z] "GET ', ' -" 1'],
  ['reasons', '[2026-11-01T10:00:00Z] "GET / HTTP/1.1" 503 UH ', '"a" '],
  ['addresses', '192.0.2.1 - - [', '1 '],
  ['table rows', 'response_flags |\na|', ' '],
  ['table names', 'response_flags |\n', 'a '],
  ['tables', '', 'response_flags | UH\n'],
  ['attributes', '', 'gce-service-proxy '],
  ['tags', '[warning] ', '[C1]'],
  ['new tags', '[warning] ', '[Tags: '],
  ['braces', '', '{"a":'],
])('half a mebibyte of %s takes linear time', ([, head, piece]) => {
  const line = `${head}${piece.repeat(524_288 / piece.length)}x`;
  expect(intakeLine(line, { publishTimeMs: 0, identity: '' }).kind).toBe('record');
});
