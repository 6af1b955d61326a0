// TLS fails on application traffic: a secret that never came, a certificate that is expired or not trusted, a peer that
// speaks no TLS. TLS on the way to the control plane is control-plane-unreachable.
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'reason' | 'cluster' | 'peer';

const MISSING =
  /[Ss]ecret[ _]is[ _]not[ _]supplied|initial fetch timed out|key is empty|fetch key and|not found/;
const EXPIRED = /expired|not yet valid/i;
const NAME = /\bSAN\b|subject alt|is valid for|hostname|doesn't match|neither subject/i;
const PLAIN = /WRONG_VERSION_NUMBER|HTTP_REQUEST|first record does not look like/i;
const NO_CLIENT = /PEER_DID_NOT_RETURN|certificate required|CERTIFICATE_REQUIRED/i;
const UNREADABLE = /Failed to load|INVALID_|KEY_VALUES_MISMATCH|no certificate|PEM/;
const TRUST =
  /VERIFY|unknown.{0,2}(?:authority|ca\b|issuer)|self.signed|bad.?certificate|not trusted|local issuer|CERTIFICATE|UnknownIssuer/i;

/** A few causes for dozens of texts: what a person would have to change. */
export type TlsReason =
  | 'expired'
  | 'handshake'
  | 'name'
  | 'no-client-certificate'
  | 'not-trusted'
  | 'plain-text-peer'
  | 'secret-missing'
  | 'unreadable';

function causeOf(text: string): TlsReason {
  if (MISSING.test(text)) return 'secret-missing';
  if (EXPIRED.test(text)) return 'expired';
  if (PLAIN.test(text)) return 'plain-text-peer';
  if (NO_CLIENT.test(text)) return 'no-client-certificate';
  if (NAME.test(text)) return 'name';
  if (UNREADABLE.test(text)) return 'unreadable';
  return TRUST.test(text) ? 'not-trusted' : 'handshake';
}

function read(record: LogRecord, found: Found<Name>): Found<Name> {
  const { access } = record;
  const text = access === undefined ? record.text : `${access.transportFailure} ${access.details}`;
  return { ...found, reason: causeOf(text), cluster: access?.upstreamCluster ?? found.cluster ?? '' };
}

const CAUSES: Readonly<Record<string, string>> = {
  'secret-missing':
    'Envoy asked its secret service for a certificate and never got it, so it refuses the connections that need it.',
  expired: 'A certificate is past its time or not yet valid, or a clock is wrong.',
  'plain-text-peer':
    'One side speaks TLS and the other plain text: the mTLS modes of the two sides do not agree.',
  'no-client-certificate': 'The server wants a client certificate, and the client shows none.',
  name: 'The certificate is for another name than the one that is expected.',
  unreadable: 'A certificate or key is not one that Envoy can use.',
  'not-trusted': 'The certificate is signed by an authority that the other side does not trust.',
};

const TLS_TEXT =
  /TLS[_ ]error:[|_ ]{0,2}(?:Secret[_ ]is|268\d{6}:SSL|.{0,400}SSL[_ ]routines|\w*CERTIFICATE)/;

export const tlsCertificate = definePattern<Name>()({
  id: 'tls-certificate',
  title: 'TLS fails between proxies',
  severity: 'error',
  fields: ['reason', 'cluster', 'peer'],
  signs: [
    {
      kind: 'access',
      name: 'access-log',
      matches: ({ transportFailure, details }) => TLS_TEXT.test(transportFailure) || TLS_TEXT.test(details),
      read,
    },
    {
      kind: 'text',
      name: 'secret-fetch',
      contains: ['initial fetch timed out'],
      regexp:
        /^(?:gRPC|REST|delta) config: initial fetch timed out for (?:type\.googleapis\.com\/)?[\w.]{0,100}\bSecret\b/,
      read,
    },
    {
      // The body that Envoy answers with: applications log it.
      kind: 'text',
      name: 'local-reply',
      contains: ['transport failure reason: TLS'],
      regexp:
        /^(?!(?:\w{1,60} )?gRPC config stream )(?:.{0,300}\W)?transport failure reason: TLS[_ ]error:[| ]{0,2}(?:Secret is|268\d{6}:SSL|.{0,400}SSL routines|\w*CERTIFICATE)/,
      read,
    },
    {
      // Envoy's connections at debug: strangers who knock at a port are among them.
      kind: 'text',
      name: 'connection',
      weight: 'weak',
      contains: ['TLS error:', 'TLS_error:'],
      regexp:
        /^(?:remote address: ?(?<peer>[^ ,]{1,60}),)?(?:[Uu]pstream connect error with )?TLS[_ ]error:[| ]{0,2}(?:Secret is not|268\d{6}:SSL|.{0,400}SSL routines)/,
      read,
    },
    {
      kind: 'text',
      name: 'context',
      contains: [
        'TLS context',
        'Failed to load ',
        'Failed to parse PEM',
        'Secret is not supplied by SDS',
        'ertificate',
        'cert chain',
      ],
      regexp:
        /^(?:Invalid TLS context|Failed to load (?:incomplete )?(?:certificate|private key|trusted CA|CRL|pkcs12|trust chain|X\.?509)|Failed to parse PEM|Secret is not supplied by SDS|(?:The )?(?:[\w-]{1,40} )?[Cc]ertificate (?:\S{1,200} )?(?:has |is |will be |already )?expired|Failed to (?:verify|validate) (?:certificate|cert chain))/,
      read,
    },
    {
      // Istio's agents and control plane about the secrets that a gateway names; old ones complain of secrets that are none.
      kind: 'text',
      name: 'gateway-secret',
      weight: 'weak',
      contains: [' cert', 'kubernetes://', 'kubernetes-gateway://'],
      sources: ['agent', 'service-proxy-agent', 'unknown'],
      regexp:
        /^.{0,200}?(?:failed (?:to )?load (?:server|CA|root) cert\S{0,20}|server cert or private key is empty|failed to (?:fetch|get|extract|find) (?:(?:the )?(?:server|CA|root) cert\w{0,10}|key and certificate)|(?:secret|credential)\S{0,10} ['"]?kubernetes(?:-gateway)?:\/\/\S{1,200} (?:not found|is invalid))/i,
      read,
    },
    {
      // Go, Python, curl, Rust and Java name the certificate itself; dials of grpc-go are the control plane's.
      kind: 'text',
      name: 'client',
      contains: [
        'x509: ',
        'remote error: tls: ',
        'tls handshake error: ',
        'SSL certificate problem',
        'CERTIFICATE_VERIFY_FAILED',
        'PKIX path',
        'CertificateExpired',
        'UnknownIssuer',
        'invalid peer certificate',
        'server certificate verification failed',
      ],
      regexp:
        /^(?!(?:\w{1,60} )?gRPC config stream )(?!.{0,1000}(?:transport: (?:authentication handshake|Error while dialing)|XDS client|rpc error: code = Unavailable|transport failure reason))(?:.{0,1000}\W)?(?:x509: \w|remote error: tls: (?:bad|unknown|expired|certificate|revoked|unsupported)|tls handshake error: \w|SSL certificate problem|CERTIFICATE_VERIFY_FAILED|PKIX path|CertificateExpired|UnknownIssuer|invalid peer certificate|server certificate verification failed)/,
      sources: ['agent', 'service-proxy-agent', 'serial-port', 'unknown', 'envoy'],
      read,
    },
  ],
  scope: (found, record) => ({
    project: record.proxy.project,
    reason: found.reason ?? '',
    cluster: found.cluster ?? '',
  }),
  headline: ({ scope }) =>
    `TLS fails (${or(scope['reason'], 'handshake').replaceAll('-', ' ')})${scope['cluster'] === undefined ? '' : ` on the way to ${scope['cluster']}`}`,
  cause: ({ scope }) =>
    CAUSES[scope['reason'] ?? ''] ??
    'The two sides of a TLS connection do not agree on certificates or on how to speak TLS.',
  checks: ['envoy-config', 'backend-health'],
  remedy: ({ proxies, scope }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'certificates',
        say: 'See which certificates Envoy holds, for which names and until when.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'curl -s localhost:15000/certs'}`,
      },
      {
        id: 'secret',
        say: 'If a secret is missing, see whether it is still warming, and what the agent beside Envoy says about it.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'curl -s localhost:15000/config_dump?resource=dynamic_warming_secrets'}`,
      },
      {
        id: 'policies',
        say: 'Compare the TLS policies of both sides: a client that speaks TLS needs a server that does, with the same authority.',
        run: sh`gcloud network-security client-tls-policies list --location=global --project=${project}`,
      },
      { id: 'renew', say: 'Renew what has expired; a clock that is off shows as «not yet valid».' },
    ];
  },
  explains: [],
  yieldsTo: ['bootstrap-failed', 'control-plane-unreachable', 'unauthenticated'],
  gone: { quietAfterMs: HOUR_MS / 2, proof: 'no new failed handshake while traffic goes on' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'https://cloud.google.com/service-mesh/docs/service-routing/security-overview',
    'envoy: source/common/tls/ssl_socket.cc',
    'envoy: source/common/tls/context_impl.cc',
  ],
});
