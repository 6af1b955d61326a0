// Access logs of every format: what Envoy decided comes out, what clients wrote does not.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseLine } from '#shared/intake/normalise.ts';
import { intakeEntry } from '#shared/intake/log-entry.ts';
import type { AccessLog } from '#shared/model/record.ts';

const access = (parts: Partial<AccessLog>): AccessLog => ({
  status: 503,
  flags: [],
  details: '',
  transportFailure: '',
  upstreamCluster: '',
  ...parts,
});
const reset = 'upstream_reset_before_response_started';
const cluster = 'outbound|80||shop.example.com';
const tail = `0 91 12 - "-" "curl/8.0" "0123-id" "shop.example.com" "192.0.2.7:80" ${cluster} 192.0.2.1:5 192.0.2.7:80 192.0.2.2:6 - default`;
const start = '[2026-11-01T10:00:00.123Z]';

test.for<[what: string, line: string, parts: Partial<AccessLog>]>([
  [
    'istio',
    `${start} "GET /x HTTP/1.1" 503 UH no_healthy_upstream - "-" ${tail}`,
    { flags: ['UH'], details: 'no_healthy_upstream', upstreamCluster: cluster },
  ],
  [
    'istio, comma',
    `${start} "GET /x HTTP/2" 503 UF,URX ${reset}{connection_failure,delayed_connect_error:_111} - "delayed_connect_error:_111" ${tail}`,
    {
      flags: ['UF', 'URX'],
      details: `${reset}{connection_failure,delayed_connect_error:_111}`,
      transportFailure: 'delayed_connect_error:_111',
      upstreamCluster: cluster,
    },
  ],
  [
    'istio, bar',
    `${start} "GET /x HTTP/2" 503 UF ${reset}{remote_connection_failure|TLS_error} - "TLS_error" ${tail}`,
    {
      flags: ['UF'],
      details: `${reset}{remote_connection_failure|TLS_error}`,
      transportFailure: 'TLS_error',
      upstreamCluster: cluster,
    },
  ],
  [
    'old istio',
    `${start} "POST / HTTP/1.1" 503 UF,URX "-" "TLS error: Secret is not supplied by SDS" ${tail}`,
    {
      flags: ['UF', 'URX'],
      transportFailure: 'TLS_error:_Secret_is_not_supplied_by_SDS',
      upstreamCluster: cluster,
    },
  ],
  [
    'quoted details',
    `${start} "POST / HTTP/1.1" 503 UF "via_upstream" "-" ${tail}`,
    { flags: ['UF'], details: 'via_upstream', upstreamCluster: cluster },
  ],
  [
    'Envoy’s default',
    `${start} "GET /x HTTP/1.1" 503 UF 0 91 12 - "-" "curl/8.0" "0123-id" "shop.example.com" "192.0.2.7:80"`,
    { flags: ['UF'] },
  ],
  [
    'TCP',
    `${start} "- - -" 0 UF,URX - - "-" 0 0 5 - "-" "-" "-" "-" "192.0.2.7:80" ${cluster} - 192.0.2.7:80 192.0.2.2:6 - -`,
    { status: 0, flags: ['UF', 'URX'], upstreamCluster: cluster },
  ],
  [
    'healthy TCP',
    `${start} "- - -" 0 - - - "-" 751 2364 6 - "-" "-" "-" "-" "192.0.2.7:80" PassthroughCluster 192.0.2.1:5 192.0.2.7:80 192.0.2.2:6 - -`,
    { status: 0, upstreamCluster: 'PassthroughCluster' },
  ],
  [
    'no start time',
    `"GET / HTTP/2" 503 URX,UF ${reset}{remote_connection_failure} - "-" ${tail}`,
    { flags: ['URX', 'UF'], details: `${reset}{remote_connection_failure}`, upstreamCluster: cluster },
  ],
  [
    'an elided line',
    `"GET / HTTP/2" 503 UF ${reset}{x} ... "shop.example.com" "192.0.2.7:80"`,
    { flags: ['UF'], details: `${reset}{x}` },
  ],
  [
    'nginx',
    '192.0.2.9 - - [01/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 502 31 "-" "curl/8.0"',
    { status: 502 },
  ],
  [
    'inside syslog',
    `Nov  1 10:00:00 vm-1 envoy[7]: ${start} "GET /x HTTP/1.1" 503 UH no_healthy_upstream - "-" ${tail}`,
    { flags: ['UH'], details: 'no_healthy_upstream', upstreamCluster: cluster },
  ],
  [
    'a table',
    ' bytes_sent | 0\nmethod | POST\nresponse_code | 503\nresponse_code_details | no_healthy_upstream\nresponse_flags | UH\nuser_agent | curl/8.0',
    { flags: ['UH'], details: 'no_healthy_upstream' },
  ],
])('%s is read', ([, line, parts]) => {
  const found = normaliseLine(line);
  expect(found.access).toEqual(access(parts));
  expect(found.writer).toBe('access-log');
  expect(found.bare).toBe(false);
});

test('its text is what Envoy decided, its message the whole line', () => {
  const line = `${start} "GET /secret-path HTTP/1.1" 503 UF ${reset}{x} - "TLS_error" ${tail}`;
  const found = normaliseLine(line);
  expect(found.text).toBe(`503 UF ${reset}{x} TLS_error`);
  expect(found.message).toBe(line);
});

const fields = {
  start_time: '2026-11-01T10:00:00.123Z',
  method: 'GET',
  path: '/x',
  response_code: 503,
  response_flags: 'UF,URX',
  response_code_details: `${reset}{connection_failure}`,
  upstream_transport_failure_reason: 'TLS error: expired',
  upstream_cluster: cluster,
  user_agent: 'no_healthy_upstream',
};
const fromFields = access({
  flags: ['UF', 'URX'],
  details: `${reset}{connection_failure}`,
  transportFailure: 'TLS_error:_expired',
  upstreamCluster: cluster,
});

test.for<[what: string, entry: object]>([
  ['JSON fields', { jsonPayload: fields }],
  ['JSON fields with a code in quotes', { jsonPayload: { ...fields, response_code: '503' } }],
  ['JSON in text', { textPayload: `${JSON.stringify(fields)}\n` }],
  ['JSON in a message', { jsonPayload: { message: JSON.stringify(fields) } }],
])('%s are an access log', ([, entry]) => {
  expect(intakeEntry({ insertId: 'a', ...entry }, { publishTimeMs: 0 })).toMatchObject({
    kind: 'record',
    record: {
      source: 'access-log',
      access: fromFields,
      text: `503 UF,URX ${reset}{connection_failure} TLS_error:_expired`,
    },
  });
});

test('labels and httpRequest of an entry without payload are an access log', () => {
  const entry = {
    logName: 'projects/demo-project/logs/server-accesslog-stackdriver',
    insertId: 'a',
    labels: { response_flag: 'UH', response_details: 'no_healthy_upstream', upstream_cluster: cluster },
    httpRequest: { status: 503, requestUrl: 'https://shop.example.com/x' },
  };
  expect(intakeEntry(entry, { publishTimeMs: 0 })).toMatchObject({
    record: {
      source: 'access-log',
      text: '503 UH no_healthy_upstream',
      access: { status: 503, upstreamCluster: cluster },
    },
  });
});

test.for([
  '"quoted" text that is no request',
  '[warning] "x" y',
  `${start} "GET /x HTTP/1.1"`,
  `${start} "GET /x HTTP/1.1" abc UH`,
  'method | POST',
])('%j is none', (line) => {
  expect(normaliseLine(line).access).toBeUndefined();
});

test('whatever clients write, only Envoy’s own words count', () => {
  const forged = `503 UH no_healthy_upstream - "TLS_error" 0 0 " outbound|1||evil.example.com a b c d e`;
  const written = fc.oneof(
    fc.constant(forged),
    fc.constant(`" ${forged}`),
    fc.constant(`x HTTP/1.1" ${forged}`),
    fc.string(),
  );
  // A path holds no white space: HTTP knows none there.
  const path = written.map((text) => text.replaceAll(/\s+/g, '%20'));
  fc.assert(
    fc.property(path, written, written, (url, agent, host) => {
      const clean = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ');
      const line = `${start} "GET /${url} HTTP/1.1" 200 - via_upstream - "-" 0 1 2 3 "-" "${clean(agent)}" "id" "${clean(host)}" "192.0.2.7:80" ${cluster} 192.0.2.1:5 192.0.2.7:80 192.0.2.2:6 - default`;
      const found = normaliseLine(line);
      expect(found.text).toBe('200 via_upstream');
      expect(found.access).toEqual(
        access({ status: 200, details: 'via_upstream', upstreamCluster: cluster }),
      );
    }),
  );
});
