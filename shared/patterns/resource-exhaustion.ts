// A limit of the machine or of Envoy is reached: open files, memory, connection tracking, overload actions, breakers.
// It wins over the crash that it causes: the same line names both.
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'resource' | 'action';

/** What ran out. */
export type Resource =
  | 'circuit breaker'
  | 'connection tracking'
  | 'disk'
  | 'memory'
  | 'open files'
  | 'overload manager'
  | 'threads';

/** At these levels Envoy quotes what peers sent. */
function unlessDebug(resource: Resource) {
  return (record: LogRecord, found: Found<Name>): Found<Name> | undefined =>
    record.level === 'trace' || record.level === 'debug' ? undefined : { ...found, resource };
}

/** What to do first, by resource. */
const ADVICE: Readonly<Record<string, string>> = {
  'open files':
    'Raise the limit of open files of the Envoy process (LimitNOFILE in its unit, ulimits of the container) and look for leaking connections.',
  'connection tracking':
    'Raise net.netfilter.nf_conntrack_max, shorten its timeouts, or exempt the traffic from tracking.',
  'circuit breaker':
    'Compare maxConnections, maxPendingRequests and maxRequests of the backend service with the load it gets.',
};
const MORE = 'Give the proxy more memory or processors, or take load or configuration from it.';

export const resourceExhaustion = definePattern<Name>()({
  id: 'resource-exhaustion',
  title: 'A proxy has run out of a resource',
  severity: 'error',
  fields: ['resource', 'action'],
  signs: [
    {
      kind: 'text',
      name: 'open-files',
      contains: ['oo many open files', 'EMFILE', 'ENFILE'],
      // Wherever it stands (assert, panic, accept, dial), but in a rejected listener it is the reason of the rejection.
      regexp:
        /^(?!(?:gRPC|delta) config for |Error adding\/updating ).{0,4000}?(?:too many open files|\bE[MN]FILE\b)/i,
      read: unlessDebug('open files'),
    },
    {
      kind: 'text',
      name: 'overload-action',
      contains: ['Overload action'],
      regexp: /^Overload action (?<action>[\w.-]{1,100}) became (?:active|saturated)\b/i,
      read: (_record, found) => ({ ...found, resource: 'overload manager' satisfies Resource }),
    },
    {
      kind: 'text',
      name: 'allocation',
      contains: [
        'MmapAligned',
        'mprotect()',
        'bad_alloc',
        'llocate memory',
        'ut of memory',
        'allocation fail',
        'page allocation failure',
      ],
      // The kernel's own «Out of memory: Killed process» and the agent's guess are a crash, not this.
      regexp:
        /(?:MmapAligned\(\) failed|mprotect\(\) region failed|FATAL ERROR: Out of memory|tcmalloc: allocation failed|\bstd::bad_alloc\b|\bcannot allocate memory\b|unable to allocate memory|failed to allocate memory|^(?:fatal error: )?(?:runtime: )?out of memory(?!.{0,10}kill)(?:$|[ .:,(])(?!kill)|\bfatal process out of memory|\benvoy: page allocation failure)/i,
      read: unlessDebug('memory'),
    },
    {
      kind: 'text',
      name: 'large-allocation',
      contains: ['large alloc'],
      regexp: /^tcmalloc: large alloc \d{1,20} bytes/,
      weight: 'weak',
      read: (_record, found) => ({ ...found, resource: 'memory' satisfies Resource }),
    },
    {
      kind: 'text',
      name: 'connection-tracking',
      contains: ['conntrack: ', 'conntrack table full'],
      regexp: /\b(?:nf|ip)_conntrack(?:: |: .{0,40})table full|conntrack table full/,
      read: (_record, found) => ({ ...found, resource: 'connection tracking' satisfies Resource }),
    },
    {
      kind: 'text',
      name: 'threads',
      contains: ['esource temporarily unavailable', 'failed to create new OS thread'],
      regexp:
        /\b(?:pthread_create|clone|fork|thread constructor).{0,60}Resource temporarily unavailable|failed to create new OS thread/,
      read: unlessDebug('threads'),
    },
    {
      kind: 'text',
      name: 'disk',
      contains: ['No space left on device'],
      regexp:
        /^(?!(?:gRPC|delta) config for |Error adding\/updating |error )(?:.{0,300}\W)?No space left on device/,
      sources: ['envoy'],
      read: unlessDebug('disk'),
    },
    {
      kind: 'access',
      name: 'shed-load',
      matches: (access) => access.flags.includes('OM') || access.details === 'overload',
      read: () => ({ resource: 'overload manager' satisfies Resource }),
    },
    {
      kind: 'access',
      name: 'breaker',
      matches: (access) => access.flags.includes('UO') && (access.status === 0 || access.status >= 500),
      weight: 'weak',
      read: () => ({ resource: 'circuit breaker' satisfies Resource }),
    },
  ],
  scope: (found, record) => ({ project: record.proxy.project, resource: found.resource ?? '' }),
  headline: ({ scope }) => `Proxies have run out of a resource: ${or(scope['resource'], 'unknown')}`,
  cause: ({ fields }) =>
    fields.action === undefined
      ? `The limit of ${or(fields.resource, 'a resource')} is reached, so Envoy refuses or drops connections, or dies.`
      : `Envoy's overload manager has reached the threshold of ${fields.action} and sheds load.`,
  checks: ['envoy-config', 'instance-group'],
  remedy: ({ fields, scope, proxies }) => [
    { id: 'relieve', say: ADVICE[fields.resource ?? ''] ?? MORE },
    {
      id: 'limits',
      say: 'Read limits and use on an affected VM.',
      run: sh`gcloud compute ssh ${or(proxies[0]?.displayName, 'INSTANCE_NAME')} --zone=${or(proxies[0]?.location, 'ZONE')} --project=${or(scope['project'], 'PROJECT_ID')} --command=${'for pid in $(pgrep -x envoy); do sudo cat /proc/$pid/limits; sudo ls /proc/$pid/fd | wc -l; done; free -m'}`,
    },
    {
      id: 'stats',
      say: 'Read what Envoy counts itself (on the machine).',
      run: sh`curl -s ${'localhost:15000/stats?filter=overload|memory|cx_active|overflow'}`,
    },
  ],
  explains: ['envoy-crash'],
  yieldsTo: ['listener-rejected'],
  gone: { quietAfterMs: HOUR_MS / 2, proof: 'no new line comes and the use is below the limit' },
  references: [
    'envoy: source/server/overload_manager_impl.cc',
    'https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/overload_manager/overload_manager',
  ],
});
