// LogEntries of every origin, and what is none: identity, time, message, level, source, proxy, limits.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ENTRY_CHARS_MAX,
  intakeEntry,
  intakeJson,
  intakeMessage,
  type Decoded,
} from '#shared/intake/log-entry.ts';
import { MESSAGE_CHARS_MAX } from '#shared/intake/message-text.ts';
import { readPush } from '#shared/intake/push.ts';
import { hash64 } from '#shared/model/hash.ts';
import type { LogRecord } from '#shared/model/record.ts';

const PUBLISHED = Date.UTC(2026, 10, 1, 12, 0, 0);
const at = { publishTimeMs: PUBLISHED };

const vm = {
  insertId: '9zy0btf94961a',
  logName: 'projects/demo-project/logs/service-proxy-agent',
  resource: {
    type: 'gce_instance',
    labels: { project_id: 'demo-project', zone: 'us-central1-a', instance_id: '1234567890123456789' },
  },
  timestamp: '2026-11-01T10:00:30.399200504Z',
  receiveTimestamp: '2026-11-01T10:00:31.407023427Z',
  severity: 'INFO',
  jsonPayload: {
    message: 'Envoy Version: 0123abcd/1.24.9/Clean/RELEASE/BoringSSL',
    localTimestamp: '2026-11-01T10:00:30.3991Z',
  },
};
const gke = {
  ...vm,
  logName: 'projects/demo-project/logs/stdout',
  resource: {
    type: 'k8s_container',
    labels: {
      project_id: 'demo-project',
      location: 'us-central1',
      cluster_name: 'c1',
      namespace_name: 'shop',
      pod_name: 'cart-5d9c7b8f6-x7k2p',
      container_name: 'istio-proxy',
    },
  },
  jsonPayload: undefined,
  textPayload:
    '2026-11-01T10:00:30.353537Z\twarning\tenvoy config\tStreamSecrets gRPC config stream closed: 14, x\tthread=7\n',
};

function recordOf(entry: unknown): LogRecord {
  const intake = intakeEntry(entry, at);
  if (intake.kind === 'unreadable') throw new Error(`unreadable: ${intake.reason} ${intake.detail}`);
  return intake.record;
}

test('an entry of the agent becomes a record with everything that it says', () => {
  const id = hash64(
    'projects/demo-project/logs/service-proxy-agent\n2026-11-01T10:00:30.399200504Z\n9zy0btf94961a',
  );
  const timeMs = Date.UTC(2026, 10, 1, 10, 0, 30, 399);
  expect(intakeJson(JSON.stringify(vm), at)).toEqual({
    kind: 'record',
    record: {
      idHigh: id.high,
      idLow: id.low,
      timeMs,
      minute: Math.floor(timeMs / 60_000),
      source: 'service-proxy-agent',
      level: 'info',
      component: '',
      message: 'Envoy Version: 0123abcd/1.24.9/Clean/RELEASE/BoringSSL',
      text: 'Envoy Version: 0123abcd/1.24.9/Clean/RELEASE/BoringSSL',
      bare: false,
      logName: 'projects/demo-project/logs/service-proxy-agent',
      proxy: {
        project: 'demo-project',
        location: 'us-central1-a',
        name: '1234567890123456789',
        displayName: '1234567890123456789',
        group: '',
      },
      attributes: {},
    },
  });
});

test('a sidecar’s entry takes level and logger from its text', () => {
  expect(recordOf(gke)).toMatchObject({
    source: 'envoy',
    level: 'warning',
    component: 'config',
    text: 'StreamSecrets gRPC config stream closed: 14, x',
    proxy: {
      project: 'demo-project',
      location: 'us-central1',
      name: 'c1/shop/cart-5d9c7b8f6-x7k2p',
      displayName: 'cart-5d9c7b8f6-x7k2p',
      group: 'cart',
    },
  });
});

test.for<[what: string, payload: object, facts: Partial<LogRecord>]>([
  [
    'parsed by the Ops Agent',
    {
      jsonPayload: {
        time: '2026-11-01 10:00:30.123',
        tid: '15',
        level: 'warning',
        component: 'config',
        src: 'a.cc:1',
        msg: 'gRPC config stream closed: 14, x',
      },
    },
    {
      text: 'gRPC config stream closed: 14, x',
      level: 'warning',
      component: 'config',
      source: 'envoy',
      bare: false,
    },
  ],
  [
    'parsed, its level moved to severity',
    { severity: 'ERROR', jsonPayload: { tid: '15', component: 'main', msg: 'x y' } },
    { text: 'x y', level: 'error', component: 'main', source: 'envoy', bare: false },
  ],
  [
    'not parsed',
    { jsonPayload: { message: '[2026-11-01 10:00:30.123][15][error][main] [a.cc:1] x' } },
    { text: 'x', level: 'error', component: 'main', source: 'envoy' },
  ],
  [
    'Envoy’s JSON',
    {
      jsonPayload: {
        timestamp: 't',
        thread: '20',
        level: 'warning',
        name: 'config',
        source: 'a.cc:1',
        message: 'x',
      },
    },
    { text: 'x', level: 'warning', component: 'config', source: 'envoy', bare: false },
  ],
  [
    'Envoy’s JSON as text',
    {
      jsonPayload: undefined,
      textPayload:
        '{"timestamp":"t","thread":"20","level":"warning","name":"config","source":"a.cc:1","message":"x"}\n',
    },
    { text: 'x', level: 'warning', component: 'config', source: 'envoy' },
  ],
  [
    'JSON of istio’s agent',
    { jsonPayload: { level: 'warn', time: 't', scope: 'xdsproxy', msg: 'x' } },
    { text: 'x', level: 'warning', component: 'xdsproxy' },
  ],
  [
    'JSON of istio’s Envoy',
    { jsonPayload: { level: 'critical', time: 't', scope: 'envoy main', msg: 'x' } },
    { text: 'x', level: 'critical', component: 'main', source: 'envoy' },
  ],
  ['MESSAGE of journald', { jsonPayload: { MESSAGE: 'x' } }, { text: 'x', bare: true }],
  ['log of a container runtime', { jsonPayload: { log: 'x\n', msg: '' } }, { text: 'x' }],
  ['an empty message', { jsonPayload: { message: '' } }, { text: '' }],
  ['an empty text', { jsonPayload: undefined, textPayload: '' }, { text: '' }],
  [
    'fields without a message',
    { jsonPayload: { a: 1, message: { b: 2 } } },
    { text: '{"a":1,"message":{"b":2}}', bare: false },
  ],
  [
    'a proto',
    { jsonPayload: undefined, protoPayload: { status: { code: 7, message: 'no' } } },
    { text: '{"status":{"code":7,"message":"no"}}' },
  ],
  [
    'an error in JSON',
    { jsonPayload: undefined, textPayload: '{"error":{"code":403}}' },
    { text: '{"error":{"code":403}}' },
  ],
  [
    'part of a split entry',
    { split: { uid: 'u', index: 1, totalSplits: 3 }, jsonPayload: { message: 'part' } },
    { text: 'part' },
  ],
  [
    'the serial port',
    {
      logName: 'projects/p/logs/serialconsole.googleapis.com%2Fserial_port_1_output',
      severity: undefined,
      jsonPayload: undefined,
      textPayload: 'modprobe: not found\r\n',
    },
    { text: 'modprobe: not found', source: 'serial-port', level: 'unknown', bare: true },
  ],
  ['a start-up script', { logName: 'projects/p/logs/GCEMetadataScripts' }, { source: 'agent' }],
  [
    'Envoy’s own log file',
    { logName: 'projects/p/logs/envoy_err', jsonPayload: { message: 'x' } },
    { source: 'envoy', bare: true },
  ],
  [
    'an unknown log',
    { logName: 'projects/p/logs/syslog', jsonPayload: { message: 'x' } },
    { source: 'unknown' },
  ],
  [
    'GKE’s stdout',
    { logName: 'projects/p/logs/stdout', severity: 'INFO', jsonPayload: { message: 'x' } },
    { level: 'unknown' },
  ],
  [
    'GKE’s stderr',
    { logName: 'projects/p/logs/stderr', severity: 'ERROR', jsonPayload: { message: 'x' } },
    { level: 'unknown' },
  ],
  [
    'GKE’s stderr with a severity of its own',
    { logName: 'projects/p/logs/stderr', severity: 'WARNING', jsonPayload: { message: 'x' } },
    { level: 'warning' },
  ],
])('%s is read', ([, payload, facts]) => {
  expect(recordOf({ ...vm, ...payload })).toMatchObject(facts);
});

test.for<[severity: unknown, level: string]>([
  ['DEFAULT', 'unknown'],
  ['DEBUG', 'debug'],
  ['INFO', 'info'],
  ['NOTICE', 'info'],
  ['WARNING', 'warning'],
  ['ERROR', 'error'],
  ['CRITICAL', 'critical'],
  ['ALERT', 'critical'],
  ['EMERGENCY', 'critical'],
  ['error', 'error'],
  [0, 'unknown'],
  [100, 'debug'],
  [200, 'info'],
  [300, 'info'],
  [400, 'warning'],
  [500, 'error'],
  [600, 'critical'],
  [undefined, 'unknown'],
  [{}, 'unknown'],
])('severity %j is level %s where the text has none', ([severity, level]) => {
  expect(recordOf({ ...vm, severity }).level).toBe(level);
});

test('the id comes from logName, timestamp and insertId as they stand there, and from nothing else', () => {
  const { idHigh, idLow } = recordOf(vm);
  const same = {
    ...vm,
    receiveTimestamp: '2026-11-02T00:00:00Z',
    severity: 'ERROR',
    jsonPayload: { message: 'y' },
  };
  expect(recordOf(same)).toMatchObject({ idHigh, idLow });
  for (const part of [
    { logName: 'projects/p/logs/x' },
    { timestamp: '2026-11-01T10:00:30.399200505Z' },
    { insertId: 'b' },
  ]) {
    expect(recordOf({ ...vm, ...part }).idLow).not.toBe(idLow);
  }
});

test.for([
  ['2026-11-01T10:00:30.44Z', '2026-11-01T10:00:30.440Z'],
  ['2026-11-01T10:00:30.44Z', '2026-11-01T10:00:30.440000000Z'],
  ['2026-11-01T10:00:30Z', '2026-11-01T10:00:30.000Z'],
  ['2026-11-01T10:00:30.10020304Z', '2026-11-01T10:00:30.100203040Z'],
] as const)('%s and %s are one time: the entry has one id', ([short, long]) => {
  const { idHigh, idLow } = recordOf({ ...vm, timestamp: short });
  expect(recordOf({ ...vm, timestamp: long })).toMatchObject({ idHigh, idLow });
});

test.for([
  ['2026-11-01T10:00:30Z', '2026-11-01T10:00:03Z'],
  ['2026-11-01T10:00:30Z', '2026-11-01T10:00:3Z'],
  ['2026-11-01T10:00:30.4Z', '2026-11-01T10:00:30.04Z'],
  ['2026-11-01T10:00:30.404Z', '2026-11-01T10:00:30.44Z'],
] as const)('%s and %s are two', ([one, other]) => {
  const { idLow } = recordOf({ ...vm, timestamp: one });
  expect(recordOf({ ...vm, timestamp: other }).idLow).not.toBe(idLow);
});

// It would take half an hour if each zero were tried with each other.
test('a timestamp of a mebibyte of zeros takes linear time', () => {
  const timestamp = `.${'0'.repeat(1_048_576)}Q`;
  expect(intakeEntry({ ...vm, timestamp }, at)).toMatchObject({ kind: 'record' });
});

test.for([{ insertId: undefined }, { insertId: '' }, { insertId: 5 }])(
  'with %j the whole text is the identity',
  (part) => {
    const text = JSON.stringify({ ...vm, ...part });
    const { high, low } = hash64(text);
    expect(intakeJson(text, at)).toMatchObject({ record: { idHigh: high, idLow: low } });
  },
);

const day = 86_400_000;
const iso = (timeMs: number): string => new Date(timeMs).toISOString();
const RECEIVED = Date.UTC(2026, 10, 1, 10, 0, 31);
test.for<
  [
    what: string,
    times: { timestamp?: unknown; receiveTimestamp?: unknown },
    timeMs: number,
    hasMinute: boolean,
  ]
>([
  ['its own', { timestamp: iso(RECEIVED - 5), receiveTimestamp: iso(RECEIVED) }, RECEIVED - 5, true],
  [
    'long ago',
    { timestamp: '2001-01-01T00:00:00Z', receiveTimestamp: iso(RECEIVED) },
    Date.UTC(2001, 0, 1),
    true,
  ],
  ['before 2001', { timestamp: '2000-12-31T23:59:59.999Z', receiveTimestamp: iso(RECEIVED) }, RECEIVED, true],
  ['a day ahead', { timestamp: iso(RECEIVED + day), receiveTimestamp: iso(RECEIVED) }, RECEIVED + day, true],
  [
    'more than a day ahead',
    { timestamp: iso(RECEIVED + day + 1), receiveTimestamp: iso(RECEIVED) },
    RECEIVED,
    true,
  ],
  [
    'ahead by its zone',
    { timestamp: '2026-11-01T23:00:00-23:00', receiveTimestamp: iso(RECEIVED) },
    RECEIVED,
    true,
  ],
  ['ahead, nothing received', { timestamp: '2099-12-31T23:59:59.999Z' }, Date.UTC(2100, 0, 1) - 1, true],
  ['too far ahead', { timestamp: '2100-01-01T00:00:00Z' }, PUBLISHED, false],
  [
    'too far ahead and received so',
    { timestamp: '2100-01-01T00:00:00Z', receiveTimestamp: '2100-01-01T00:00:01Z' },
    PUBLISHED,
    false,
  ],
  ['none', { receiveTimestamp: iso(RECEIVED) }, RECEIVED, true],
  ['no text', { timestamp: RECEIVED, receiveTimestamp: iso(RECEIVED) }, RECEIVED, true],
  ['no times', {}, PUBLISHED, false],
  ['nonsense', { timestamp: 'now', receiveTimestamp: 'later' }, PUBLISHED, false],
])('of an entry whose time is %s the plausible time counts', ([, times, timeMs, hasMinute]) => {
  const entry = { ...vm, timestamp: undefined, receiveTimestamp: undefined, ...times };
  expect(recordOf(entry)).toMatchObject({ timeMs, minute: hasMinute ? Math.floor(timeMs / 60_000) : 0 });
});

test('a republished entry falls into the same minute', () => {
  const timestamps = fc.oneof(
    fc.constant(undefined),
    fc.string(),
    fc.date({ noInvalidDate: true }).map(String),
    fc.constant(vm.timestamp),
  );
  fc.assert(
    fc.property(timestamps, timestamps, fc.nat(), (timestamp, receiveTimestamp, publishTimeMs) => {
      const entry = { ...vm, timestamp, receiveTimestamp };
      const again = intakeEntry(entry, { publishTimeMs });
      expect(again).toMatchObject({ record: { minute: recordOf(entry).minute } });
    }),
  );
});

test.for<[what: string, resource: unknown, labels: unknown, proxy: object]>([
  [
    'a VM with a name',
    vm.resource,
    { instance_name: 'web-mig-x7k2' },
    { name: '1234567890123456789', displayName: 'web-mig-x7k2', group: 'web-mig' },
  ],
  [
    'a VM of the Ops Agent',
    vm.resource,
    { 'compute.googleapis.com/resource_name': 'web-mig-0a1z' },
    { displayName: 'web-mig-0a1z', group: 'web-mig' },
  ],
  ['a VM with no group', vm.resource, { instance_name: 'database' }, { displayName: 'database', group: '' }],
  ['a VM with a capital at its end', vm.resource, { instance_name: 'web-ABCD' }, { group: '' }],
  [
    'a VM that tells its group',
    vm.resource,
    { instance_name: 'x', 'created-by': 'projects/1/zones/z/instanceGroupManagers/web-group' },
    { group: 'web-group' },
  ],
  [
    'a VM without id',
    { type: 'gce_instance', labels: { zone: 'z' } },
    { instance_name: 'web' },
    { project: 'demo-project', location: 'z', name: 'web', displayName: 'web' },
  ],
  [
    'a pod of a daemon set',
    { ...gke.resource, labels: { ...gke.resource.labels, pod_name: 'gateway-x7k2p' } },
    {},
    { group: 'gateway' },
  ],
  [
    'a pod of a stateful set',
    { ...gke.resource, labels: { ...gke.resource.labels, pod_name: 'db-12' } },
    {},
    { group: 'db' },
  ],
  [
    'a pod alone',
    { ...gke.resource, labels: { ...gke.resource.labels, pod_name: 'toolbox' } },
    {},
    { group: 'toolbox' },
  ],
  [
    'a pod that tells its controller',
    gke.resource,
    {
      'logging.gke.io/top_level_controller_name': 'shop-cart',
      'compute.googleapis.com/resource_name': 'gke-node',
    },
    { displayName: 'cart-5d9c7b8f6-x7k2p', group: 'shop-cart' },
  ],
  [
    'another resource',
    { type: 'generic_node', labels: { project_id: 'p', location: 'l', node_id: 'n' } },
    {},
    { project: 'p', location: 'l', name: 'n', displayName: 'n', group: '' },
  ],
  [
    'no resource',
    undefined,
    undefined,
    { project: 'demo-project', location: '', name: '', displayName: '', group: '' },
  ],
  ['a resource of a wrong type', [], 'x', { name: '', displayName: '' }],
])('%s is named', ([, resource, labels, proxy]) => {
  expect(recordOf({ ...vm, resource, labels }).proxy).toMatchObject(proxy);
});

test.for<[what: string, text: string, reason: string]>([
  ['no JSON', 'hello', 'not-json'],
  ['nothing', '', 'not-json'],
  ['a list', '[]', 'not-a-log-entry'],
  ['null', 'null', 'not-a-log-entry'],
  ['an empty object', '{}', 'not-a-log-entry'],
  ['another object', '{"message":"x"}', 'not-a-log-entry'],
  ['an entry without payload', '{"insertId":"a","logName":"x"}', 'no-payload'],
  ['a payload of a wrong type', '{"insertId":"a","textPayload":5}', 'no-payload'],
  ['lists for payloads', '{"jsonPayload":[1],"protoPayload":[]}', 'no-payload'],
])('%s is unreadable with its reason, and its id is its content’s', ([, text, reason]) => {
  const { high, low } = hash64(text);
  expect(intakeJson(text, at)).toMatchObject({ kind: 'unreadable', reason, idHigh: high, idLow: low });
});

test('why something is unreadable is told without its secrets', () => {
  const intake = intakeJson('password=hunter2', at);
  expect(intake).toMatchObject({ reason: 'not-json' });
  expect(JSON.stringify(intake)).not.toContain('hunter2');
});

test('an entry may be as long as the limit and no longer', () => {
  const sized = (chars: number): string => {
    const empty = JSON.stringify({ ...vm, pad: '' });
    return JSON.stringify({ ...vm, pad: 'x'.repeat(chars - empty.length) });
  };
  expect(intakeJson(sized(ENTRY_CHARS_MAX - 1), at).kind).toBe('record');
  expect(intakeJson(sized(ENTRY_CHARS_MAX), at).kind).toBe('record');
  expect(intakeJson(sized(ENTRY_CHARS_MAX + 1), at)).toMatchObject({
    kind: 'unreadable',
    reason: 'too-large',
  });
  const line = { ...vm, jsonPayload: undefined, textPayload: 'x'.repeat(10_000_000) };
  expect(intakeEntry(line, at)).toMatchObject({ kind: 'unreadable', reason: 'too-large' });
});

test.for([
  [MESSAGE_CHARS_MAX - 1, 0],
  [MESSAGE_CHARS_MAX, 0],
  [MESSAGE_CHARS_MAX + 1, 1],
  [MESSAGE_CHARS_MAX + 5, 5],
] as const)('a message of %i characters is cut by %i and says so', ([chars, cut]) => {
  const { message, text } = recordOf({ ...vm, jsonPayload: { message: '.'.repeat(chars) } });
  expect(text).toBe('.'.repeat(chars - cut));
  expect(message).toBe(cut === 0 ? text : `${text} [cut here: ${cut} more characters]`);
});

test('a message is not cut inside a character', () => {
  const { text } = recordOf({
    ...vm,
    jsonPayload: { message: `${'x'.repeat(MESSAGE_CHARS_MAX - 1)}\u{1F600}` },
  });
  expect(text).toBe('x'.repeat(MESSAGE_CHARS_MAX - 1));
});

test('a secret across the cut leaves nothing behind', () => {
  const message = `${'x '.repeat(MESSAGE_CHARS_MAX / 2 - 10)}token=hunter2hunter2hunter2hunter2`;
  expect(recordOf({ ...vm, jsonPayload: { message } }).message).not.toContain('hunter2');
});

test('secrets are gone from every field of a record', () => {
  const entry = {
    ...vm,
    jsonPayload: { message: 'x Bearer abc.DEF-123', attributes: { 'agent-last-failure': 'token=hunter2' } },
  };
  expect(JSON.stringify(recordOf(entry))).not.toMatch(/abc\.DEF-123|hunter2/);
});

test.for<[what: string, payload: object, attributes: object]>([
  [
    'fields',
    { jsonPayload: { 'agent-heartbeat': '2026-11-01T10:00:00Z', 'proxy-version': 'a/1.24.9/b' } },
    { 'agent-heartbeat': '2026-11-01T10:00:00Z', 'proxy-version': 'a/1.24.9/b' },
  ],
  ['misspelt fields', { jsonPayload: { 'bookstrap-last-failure': 'x' } }, { 'bootstrap-last-failure': 'x' }],
  [
    'numbered fields',
    { jsonPayload: { 'bootstrap-last-failure1': 'x', 'bootstrap-status': 'FAILED' } },
    { 'bootstrap-last-failure': 'x', 'bootstrap-status': 'FAILED' },
  ],
  ['a number', { jsonPayload: { 'agent-heartbeat': 1793536215 } }, { 'agent-heartbeat': '1793536215' }],
  [
    'nested fields',
    { jsonPayload: { message: 'state', attributes: { 'agent-last-failure': 'x', other: 'y' } } },
    { 'agent-last-failure': 'x' },
  ],
  [
    'the Compute API’s answer',
    {
      jsonPayload: {
        queryPath: 'gce-service-proxy/',
        queryValue: {
          items: [
            { namespace: 'gce-service-proxy', key: 'bootstrap-status', value: 'FINISHED' },
            { namespace: 'other', key: 'proxy-version', value: 'x' },
            5,
          ],
        },
      },
    },
    { 'bootstrap-status': 'FINISHED' },
  ],
  [
    'a table',
    {
      jsonPayload: undefined,
      textPayload:
        'NAMESPACE          KEY               VALUE\ngce-service-proxy  agent-heartbeat   2026-11-01T10:00:00Z\ngce-service-proxy  bootstrap-status  IN PROGRESS\n',
    },
    { 'agent-heartbeat': '2026-11-01T10:00:00Z', 'bootstrap-status': 'IN PROGRESS' },
  ],
  [
    'a table in one line',
    {
      jsonPayload: {
        message:
          'NAMESPACE KEY VALUE gce-service-proxy proxy-version a/1.15.1-dev/b gce-service-proxy agent-last-failure Cannot reach it',
      },
    },
    { 'proxy-version': 'a/1.15.1-dev/b', 'agent-last-failure': 'Cannot reach it' },
  ],
])('guest attributes are found in %s', ([, payload, attributes]) => {
  const record = recordOf({ ...vm, ...payload });
  expect(record.source).toBe('guest-attributes');
  expect(record.attributes).toEqual(attributes);
});

test('a line that only mentions the namespace has no guest attributes', () => {
  const message = 'label gce-service-proxy=on, gce-service-proxy unknown-key x';
  expect(recordOf({ ...vm, jsonPayload: { message } })).toMatchObject({
    source: 'service-proxy-agent',
    attributes: {},
  });
});

const push = readPush({ message: { data: 'e30=', publishTime: iso(PUBLISHED) } });
const intakeDecoded = (decoded: Decoded): unknown =>
  push.kind === 'push' ? intakeMessage(push, () => decoded) : push;

test.for<[decoded: Decoded, outcome: object]>([
  [
    { kind: 'text', text: JSON.stringify({ ...vm, timestamp: undefined, receiveTimestamp: undefined }) },
    { kind: 'record', record: { timeMs: PUBLISHED } },
  ],
  [{ kind: 'text', text: '{' }, { reason: 'not-json' }],
  [{ kind: 'not-base64' }, { reason: 'not-base64', idLow: hash64('e30=').low }],
  [{ kind: 'not-utf8' }, { reason: 'not-utf8', idLow: hash64('e30=').low }],
])('a push that decodes to %j comes to its outcome', ([decoded, outcome]) => {
  expect(intakeDecoded(decoded)).toMatchObject(outcome);
});

test('data too long for any entry is not even decoded', () => {
  const long = readPush({ message: { data: 'A'.repeat(4 * ENTRY_CHARS_MAX + 4) } });
  const decode = (): Decoded => {
    throw new Error('decoded');
  };
  expect(long.kind === 'push' ? intakeMessage(long, decode) : long).toMatchObject({ reason: 'too-large' });
});

const odd = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
  fc.constantFrom(
    '',
    '\0',
    '\uD800',
    'x'.repeat(100_000),
    '\t'.repeat(1000),
    '[',
    '{"a":',
    '2026-11-01T10:00:00Z',
  ),
);
const keys = [
  'insertId',
  'logName',
  'resource',
  'timestamp',
  'receiveTimestamp',
  'severity',
  'labels',
  'jsonPayload',
  'textPayload',
  'protoPayload',
  'httpRequest',
  'metadata',
];
const payloadKeys = [
  'message',
  'msg',
  'log',
  'MESSAGE',
  'level',
  'scope',
  'name',
  'tid',
  'attributes',
  'queryValue',
  'items',
  'response_flags',
  'response_code',
  'agent-heartbeat',
];
const mutated = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...keys), odd),
    fc.dictionary(fc.constantFrom(...payloadKeys), odd),
    fc.boolean(),
  )
  .map(([fields, payload, whole]) => ({ ...vm, ...fields, ...(whole ? { jsonPayload: payload } : {}) }));

test('no value makes it throw, and every outcome is complete', () => {
  fc.assert(
    fc.property(fc.oneof(odd, mutated), (value) => {
      const intake = intakeEntry(value, at);
      const { idHigh, idLow, timeMs } = intake.kind === 'record' ? intake.record : { ...intake, timeMs: 0 };
      expect(idHigh >>> 0).toBe(idHigh);
      expect(idLow >>> 0).toBe(idLow);
      expect(Number.isSafeInteger(timeMs)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
      expect(['record', 'unreadable']).toContain(intakeJson(text, at).kind);
    }),
  );
  const deep = `{"insertId":"a","jsonPayload":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
  expect(intakeJson(deep, at)).toMatchObject({ kind: 'record' });
});
