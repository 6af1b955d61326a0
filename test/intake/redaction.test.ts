// Secrets planted in every shape they are logged in: none may leave intake, and ordinary lines stay as they are.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { redact, redactSuspected } from '#shared/intake/redaction.ts';

const base64Line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDExampleOnly00';
const pem = (label: string, lineBreak: string): string =>
  `-----BEGIN ${label}-----${lineBreak}${base64Line}${lineBreak}${base64Line}${lineBreak}c2hvcnQ=${lineBreak}-----END ${label}-----`;

test.for<[what: string, text: string, clean: string]>([
  ['a bearer token', 'sent Bearer abc.DEF-123 to it', 'sent Bearer [redacted: bearer token] to it'],
  [
    'an Authorization header',
    'Authorization: Bearer abc.DEF-123, next',
    'Authorization: [redacted: authorization], next',
  ],
  ['a basic Authorization', 'authorization: Basic dXNlcjpwYXNz', 'authorization: [redacted: authorization]'],
  [
    'a dumped header',
    `'authorization', 'Bearer abc.DEF-123'\n':path', '/'`,
    `'authorization', '[redacted: authorization]'\n':path', '/'`,
  ],
  ['a JSON header', '{"authorization":"Bearer abc.DEF"}', '{"authorization":"[redacted: authorization]"}'],
  ['cookies', 'cookie: a=b; session=hunter2\nhost: x', 'cookie: [redacted: cookie]\nhost: x'],
  ['dumped cookies', `'set-cookie', 'sid=hunter2; Path=/'`, `'set-cookie', '[redacted: cookie]'`],
  ['a JWT', 'jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln expired', 'jwt [redacted: jwt] expired'],
  ['a JWT that was cut', 'got eyJhbGciOiJSUzI1NiJ9', 'got [redacted: jwt]'],
  ['a Google API key', `?key=AIza${'Sy0-'.repeat(8)}abc&x=1`, '?key=[redacted: google api key]&x=1'],
  ['an OAuth token', 'using ya29.a0Af_byC-123 now', 'using [redacted: oauth token] now'],
  ['a Slack token', `xoxb-1234567890-abcdef`, '[redacted: slack token]'],
  ['a Slack app token', `x xapp-1-A0123-456-abcdef`, 'x [redacted: slack token]'],
  ['an AWS key', `id AKIAIOSFODNN7EXAMPLE`, 'id [redacted: aws key]'],
  ['a temporary AWS key', `id ASIAIOSFODNN7EXAMPLE.`, 'id [redacted: aws key].'],
  ['a private key', `before ${pem('PRIVATE KEY', '\n')} after`, 'before [redacted: private key] after'],
  ['a key in one line', `"${pem('RSA PRIVATE KEY', '\\n')}"`, '"[redacted: private key]"'],
  ['a key escaped twice', `"${pem('RSA PRIVATE KEY', '\\\\n')}"`, '"[redacted: private key]"'],
  ['a certificate', pem('CERTIFICATE', '\r\n'), '[redacted: certificate]'],
  [
    'a chain',
    `${pem('CERTIFICATE', '\n')}\n${pem('CERTIFICATE', '\n')}`,
    '[redacted: certificate]\n[redacted: certificate]',
  ],
  [
    'a key without its end',
    `-----BEGIN PRIVATE KEY-----\n${base64Line}\n${base64Line.slice(9)}`,
    '[redacted: private key]',
  ],
  [
    'a key without its beginning',
    `${base64Line}\nc2hvcnQ=\n-----END PRIVATE KEY-----`,
    '[redacted: private key]',
  ],
  ['a line of a key', base64Line, '[redacted: base64]'],
  [
    'an inline string',
    'private_key { inline_string: "abc\\"def" } x: 1',
    'private_key { inline_string: "[redacted: inline value]" } x: 1',
  ],
  [
    'inline bytes in JSON',
    '{"private_key":{"inline_bytes":"YWJj"},"a":1}',
    '{"private_key":{"inline_bytes":"[redacted: inline value]"},"a":1}',
  ],
  [
    'JSON in a string',
    String.raw`{\"inlineString\":\"abc\",\"a\":1}`,
    String.raw`{\"inlineString\":\"[redacted: inline value]\",\"a\":1}`,
  ],
  [
    'a YAML block',
    'key:\n  inline_string: |\n    abc\n    def\n  filename: x',
    'key:\n  inline_string: |\n[redacted: inline value]\n  filename: x',
  ],
  ['an inline string that was cut', 'inline_string: "abc', 'inline_string: "[redacted: inline value]'],
  [
    'a password in a URL',
    'GET https://joe:hunter2@example.com/x',
    'GET https://[redacted: url credentials]@example.com/x',
  ],
  [
    'a password with an @',
    'redis://joe:hunt@er2@192.0.2.1:6379',
    'redis://[redacted: url credentials]@192.0.2.1:6379',
  ],
  ['password=', 'user=joe password=hunter2 host=x', 'user=joe password=[redacted: password] host=x'],
  ['passwd:', 'passwd: hunter2', 'passwd: [redacted: password]'],
  ['a quoted password', `{"password": "hunter 2"}`, `{"password": "[redacted: password]"}`],
  [
    'a quoted password that ends in a backslash',
    String.raw`{"password":"a\\","b":"c"}`,
    '{"password":"[redacted: password]","b":"c"}',
  ],
  ['a prefixed name', 'client_secret=abc&next=1', 'client_secret=[redacted: secret value]&next=1'],
  ['a query', 'GET /x?access_token=abc&y=1', 'GET /x?access_token=[redacted: secret value]&y=1'],
  ['an API key', 'x-api-key: 0123456789abcdef', 'x-api-key: [redacted: secret value]'],
  ['an environment', 'AWS_SECRET_ACCESS_KEY=abc', 'AWS_SECRET_ACCESS_KEY=[redacted: secret value]'],
  ['a flag', 'run --bearer-token abc --port 1', 'run --bearer-token [redacted: secret value] --port 1'],
  ['an e-mail address', 'by joe.doe+x@mail.example.com.', 'by [redacted: e-mail address].'],
])('%s goes', ([, text, clean]) => {
  expect(redact(text)).toBe(clean);
});

test.for([
  'StreamAggregatedResources gRPC config stream to xds-grpc closed: 7, authorization failed: no identities matched',
  'gRPC config: initial fetch timed out for type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
  'TLS error: Secret is not supplied by SDS',
  'oauth2: cannot fetch token: 400 Bad Request',
  'token manager failed to generate access token: federated token response does not have access token',
  'missing bearer token in request',
  'max_tokens: 5 token_uri: x tokens=3',
  'API key not valid. Please pass a valid API key.',
  `Permission 'x' denied for proxy@demo-project.iam.gserviceaccount.com`,
  'running under 123456-compute@developer.gserviceaccount.com',
  'go: google.golang.org/grpc@v1.65.0/clientconn.go:12',
  'https://example.com/@user/x 192.0.2.1:443',
  'dc78069b10cc94fa07bb974b7101dd1b42e2e7bf/1.24.9/Clean/RELEASE/BoringSSL',
  'FLAG: --proxyLogLevel="warning"',
  '-----',
  '',
])('%j stays as it is', (text) => {
  expect(redact(text)).toBe(text);
});

/** A secret that cannot be a part of any marker or of the text around it. */
const alphabet = fc.constantFrom(...'bcdfghjkmnpqrstvwxyzBCDFGHJKMNPQRSTVWXYZ23456789'.split(''));
const secrets = fc.array(alphabet, { minLength: 24, maxLength: 60 }).map((letters) => letters.join(''));
const places: readonly ((secret: string) => string)[] = [
  (s) => `Bearer ${s}`,
  (s) => `BEARER ${s}`,
  (s) => `Authorization: ${s}`,
  (s) => `'Authorization', 'Basic ${s}'`,
  (s) => `"authorization": "Digest a=\\"${s}\\""`,
  (s) => `Cookie: x=${s}; y=1`,
  (s) => `eyJ${s}.${s}.${s}`,
  (s) => `AIza${s}`,
  (s) => `ya29.${s}`,
  (s) => `xoxp-${s}`,
  (s) => `xoxa-${s}`,
  (s) => `xoxb-${s}`,
  (s) => `xoxe.xoxp-${s}`,
  (s) => `xapp-1-${s}`,
  (s) => `ASIA${s.toUpperCase()}`,
  (s) => `passwd: ${s}`,
  (s) => `access_key=${s}`,
  (s) => `privateKey: ${s}`,
  (s) => `{"inlineBytes":"${s}"}`,
  (s) => `GOCSPX-${s}`,
  (s) => `1//0${s}`,
  (s) => `AKIA${s.toUpperCase()}`,
  (s) => `-----BEGIN EC PRIVATE KEY-----\n${s}\n-----END EC PRIVATE KEY-----`,
  (s) => `-----BEGIN PRIVATE KEY-----\\n${s}\\n`,
  (s) => `private_key: "${s}"`,
  (s) => `"private_key": {"inline_string": "${s}"}`,
  (s) => `inline_bytes: ${s}`,
  (s) => `inlineString: '${s}'`,
  (s) => `inline_string: >-\n    ${s}\n    ${s}\n`,
  (s) => `https://${s}@example.com`,
  (s) => `postgres://joe:${s}@db.example.com:5432/x`,
  (s) => `PASSWORD=${s}`,
  (s) => `passphrase: ${s}`,
  (s) => `pwd=${s}`,
  (s) => `"client_secret":"${s}"`,
  (s) => `\\"token\\": \\"${s}\\"`,
  (s) => `api-key: ${s}`,
  (s) => `apikey=${s}`,
  (s) => `X-Goog-Signature=${s}`,
  (s) => `'x-goog-api-key', '${s}'`,
  (s) => `--token ${s}`,
  (s) => `${s.slice(0, 20)}@example.com`,
];
const EVERYTHING = -1;
const around = fc.stringMatching(/^[ a-z.:,()0-9\n]{0,40}$/);

test('a planted secret never survives, wherever it stands', () => {
  fc.assert(
    fc.property(
      secrets,
      fc.constantFrom(...places),
      fc.tuple(around, around),
      (secret, place, [before, after]) => {
        const clean = redact(`${before} ${place(secret)} ${after}`);
        expect(clean).toContain('[redacted: ');
        expect(clean).not.toContain(secret.slice(0, 16));
        expect(clean).not.toContain(secret.toUpperCase().slice(0, 16));
      },
    ),
    { numRuns: 2_000 },
  );
});

const pieces = fc.array(
  fc.oneof(
    around,
    fc.string(),
    fc.tuple(fc.constantFrom(...places), secrets).map(([place, secret]) => place(secret)),
    fc.constantFrom(
      '[redacted: password]',
      'token=',
      'Bearer ',
      '"',
      '\\"',
      '@',
      '-----BEGIN ',
      '-----END ',
      'inline_string: |\n',
      '://',
      "'",
    ),
  ),
  { maxLength: 8 },
);

test('redacting twice is redacting once', () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const once = redact(parts.join(''));
      expect(redact(once)).toBe(once);
    }),
    { numRuns: 2_000 },
  );
});

test('the cheap look ahead misses nothing that the slow passes would take out', () => {
  fc.assert(
    fc.property(pieces, fc.constantFrom('', 'x', ' '), (parts, shift) => {
      const text = shift + parts.join('');
      expect(redact(text)).toBe(redactSuspected(text, EVERYTHING));
    }),
    { numRuns: 2_000 },
  );
  for (const place of places) {
    for (const shift of ['', 'x', ' ', '/', 'xy']) {
      const text = shift + place('bcdfghjkmnpqrstvwxyzbcdf2345');
      expect(redact(text)).toBe(redactSuspected(text, EVERYTHING));
    }
  }
});

// Each would take minutes if any pass went over the text more than a bounded number of times.
test.for<[what: string, piece: string]>([
  ['letters', 'a'],
  ['@', '@'],
  ['addresses without an end', 'a@'],
  ['addresses', 'a@b.'],
  ['URLs', 'a://b:'],
  ['user parts', '://a:b@'],
  ['long user parts', `://${'a'.repeat(1000)}`],
  ['tokens', 'token='],
  ['quoted tokens', 'token="'],
  ['escaped quotes', 'token=\\"'],
  ['backslashes behind a name', `token${'\\'.repeat(50)}`],
  ['key blocks', '-----BEGIN A-----'],
  ['ends of key blocks', '-----END '],
  ['dashes', '-a'],
  ['base64', 'eyJ'],
  ['dotted base64', 'eyJaaaaaaaaa.'],
  ['YAML blocks', 'inline_string: |\n'],
  ['headers', 'authorization: '],
  ['cookies', 'cookie'],
  ['bearers', 'bearer '],
  ['blanks', ' '],
  ['tabs and letters', `${'\t'.repeat(40)}a`],
  ['keys', 'AIza'],
])('a mebibyte of %s takes linear time', ([, piece]) => {
  const text = piece.repeat(Math.ceil(1_048_576 / piece.length));
  expect(redact(text).length).toBeLessThan(text.length * 30);
});
