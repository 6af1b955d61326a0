// An address is taken: Envoy's admin port or a listener, an agent's status port, the base id of hot restart.
// A listener that is refused in answer to the control plane stays with listener-rejected, whatever its reason.
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'listener' | 'address' | 'port' | 'baseId' | 'errno';

/** errno of «address already in use» on Linux; another one is no conflict. */
const IN_USE = '98';
const PORT = /:(\d{1,5})$/;
const ADDRESS =
  /(?<=^|[\s'"(=])(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]{2,39}\]|:{2}|localhost|\*)?:\d{2,5}\b/g;
const NAMED_PORT = /(?:\bport[ :=]{1,3}|', )(\d{2,5})\b/i;
const TEXT_CHARS_MAX = 1000;

function readPort(record: LogRecord, found: Found<Name>): Found<Name> | undefined {
  if (record.level === 'trace' || record.level === 'debug') return undefined;
  const { address = '' } = found;
  return { ...found, port: PORT.exec(address)?.[1] ?? (address.startsWith('/') ? address : '') };
}

/** The last address of the text: what stands before it is a file, a time or a function. */
function readAnyPort(record: LogRecord, found: Found<Name>): Found<Name> | undefined {
  const text = record.text.slice(0, TEXT_CHARS_MAX);
  const address = text.match(ADDRESS)?.at(-1);
  if (address !== undefined) return readPort(record, { ...found, address });
  const port = NAMED_PORT.exec(text)?.[1];
  return readPort(record, { ...found, ...(port === undefined ? {} : { address: `:${port}` }) });
}

function what(found: Found<Name>): string {
  if (found.baseId !== undefined) return `the hot restart id ${found.baseId}`;
  return or(found.address, or(found.port, 'its address'));
}

export const portConflict = definePattern<Name>()({
  id: 'port-conflict',
  title: 'A port that the proxy needs is taken',
  severity: 'error',
  fields: ['listener', 'address', 'port', 'baseId', 'errno'],
  signs: [
    {
      kind: 'text',
      name: 'envoy-bind',
      contains: ['cannot bind', 'cannot listen'],
      // Anything in front but a rejection: `listener 'x' failed to bind …`, `error initializing configuration …`, `exiting`.
      regexp:
        /^(?!(?:gRPC|delta) config for |Error adding\/updating listener)(?:(?:[a-z ]{0,60})listener '(?<listener>[^']{1,200})')?.{0,400}?cannot (?:bind '(?<address>[^']{1,120})': Address already in use|listen\(\).{0,80}(?:Address already in use|errno=98\b))/i,
      read: readPort,
    },
    {
      // Bound but not listening: another process did so first. Envoy does not say which errno it was.
      kind: 'text',
      name: 'listen',
      weight: 'weak',
      contains: ['failed to listen on address'],
      regexp: /^listener '(?<listener>[^']{1,200})' failed to listen on address '(?<address>[^']{1,120})'/,
      read: readPort,
    },
    {
      kind: 'text',
      name: 'hot-restart',
      contains: ['unable to bind domain socket', 'shared memory region'],
      regexp:
        /(?:unable to bind domain socket with (?:base_id=(?<baseId>\d{1,10}), ?)?id=\d{1,10}(?:, ?errno=(?<errno>\d{1,4}))?|(?:cannot|unable to) open shared memory region \/envoy_shared_memory_(?<address>\d{1,10}))/,
      read: (_record, found) =>
        found.errno === undefined || found.errno === IN_USE
          ? { baseId: found.baseId ?? found.address ?? '0', errno: found.errno ?? '' }
          : undefined,
    },
    {
      kind: 'text',
      name: 'go-listen',
      contains: [': bind: address already in use'],
      regexp:
        /\blisten (?:tcp|udp|unix|unixgram)[46]? (?<address>[^\s"]{0,120}): bind: address already in use/,
      read: readPort,
    },
    {
      kind: 'text',
      name: 'other-bind',
      contains: ['ddress already in use', 'EADDRINUSE', 'port is already allocated'],
      regexp:
        /^(?!(?:gRPC|delta) config for |Error adding\/updating listener).{0,2000}?(?:address already in use|EADDRINUSE|port is already allocated)/i,
      read: readAnyPort,
    },
  ],
  scope: (found, record) => ({
    project: record.proxy.project,
    port: found.baseId === undefined ? or(found.port, found.address ?? '') : `base-id ${found.baseId}`,
  }),
  headline: ({ scope }) => `Address already in use: ${or(scope['port'], 'unnamed port')}`,
  cause: ({ fields }) =>
    `Another process on the same machine or in the same pod already holds ${what(fields)}.`,
  checks: ['service-proxy-metadata', 'envoy-config'],
  remedy: ({ fields, scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'holder',
        say: 'See who holds the port; a second Envoy is the usual one.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'sudo ss -lntup; pgrep -a envoy'}`,
      },
      fields.baseId === undefined
        ? {
            id: 'stop',
            say: 'Stop that process, or move it off the ports of the proxy (15000, 15001, 15006, 15020, 15021, 15090 and the listeners).',
          }
        : {
            id: 'base-id',
            say: 'Start each Envoy with a --base-id of its own, with --use-dynamic-base-id, or with --disable-hot-restart.',
          },
      {
        id: 'host-network',
        say: 'Pods with hostNetwork share the ports of their node: give each its own, or take hostNetwork away.',
      },
    ];
  },
  explains: ['envoy-crash'],
  yieldsTo: ['listener-rejected'],
  gone: { quietAfterMs: HOUR_MS / 2, proof: 'the proxy listens on that address' },
  references: [
    'envoy: source/common/listener_manager/listener_manager_impl.cc',
    'envoy: source/server/hot_restarting_base.cc',
    'https://www.envoyproxy.io/docs/envoy/latest/operations/cli',
  ],
});
