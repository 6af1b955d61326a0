// Envoy died: a signal with its backtrace, an assertion, a panic, the out-of-memory killer, or the agent that saw it exit.
// One crash writes dozens of lines; they share a scope, so that the dump is one incident.
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'kind' | 'signal' | 'condition' | 'version' | 'exit';

/** Whose libraries' last words are Envoy's; on the serial port any program may say the same. */
const WRITERS = ['envoy', 'agent', 'service-proxy-agent', 'unknown'] as const;

/** How it ended. */
export type CrashKind = 'crash' | 'bug' | 'exit' | 'out of memory';

/** At these levels Envoy quotes what peers sent. */
function unlessDebug(kind: CrashKind) {
  return (record: LogRecord, found: Found<Name>): Found<Name> | undefined =>
    record.level === 'trace' || record.level === 'debug' ? undefined : { ...found, kind };
}

function readExit(_record: LogRecord, found: Found<Name>): Found<Name> {
  const exit = found.exit ?? '';
  const died =
    /segmentation|segfault|general protection|\btrap |abort|SEGV|ABRT|dump|bus error|illegal|\b13[49]\b|=-(?:6|11)\b/i;
  const kind: CrashKind = died.test(exit)
    ? 'crash'
    : /kill|oom|\b137\b|=-9\b/i.test(exit)
      ? 'out of memory'
      : 'exit';
  return { ...found, kind };
}

export const envoyCrash = definePattern<Name>()({
  id: 'envoy-crash',
  title: 'Envoy has crashed',
  severity: 'critical',
  fields: ['kind', 'signal', 'condition', 'version', 'exit'],
  signs: [
    {
      kind: 'text',
      name: 'signal',
      contains: ['suspect faulting address'],
      // Threads that crash together write into each other's lines: the words may stand anywhere.
      regexp: /\bCaught (?<signal>[A-Z][\w /():-]{2,40}), suspect faulting address/,
      read: unlessDebug('crash'),
    },
    {
      kind: 'text',
      name: 'backtrace',
      contains: [
        ...(['acktrace ', 'Address mapping: ', ' [0x', ': 0x', 'thr<'] as const),
        ...'0123456789abcdef'.split('').map((digit) => ` 0x${digit}`),
      ],
      regexp:
        /^(?:Backtrace (?:\(use |thr<|obj<)|thr<\d{1,9}> obj<|(?:end|start(?:ing)?) backtrace thread|stacktrace for |Address mapping: [0-9a-f]|(?:thr<\d{1,9}> )?#\d{1,3}:? (?:.{0,2000} )?\[?0x[0-9a-f]{1,16}\]?)/,
      sources: WRITERS,
      read: unlessDebug('crash'),
    },
    {
      kind: 'text',
      name: 'version-in-dump',
      contains: ['nvoy version: '],
      regexp: /^Envoy version: [0-9a-f]{7,64}\/(?<version>\d{1,4}\.\d{1,4}\.\d{1,4})/,
      read: (record, found) =>
        record.level === 'critical' || record.component === 'backtrace'
          ? { ...found, kind: 'crash' satisfies CrashKind }
          : undefined,
    },
    {
      kind: 'text',
      name: 'assert',
      contains: ['assert failure: ', 'ssertion ', 'Check failed: ', 'CHECK failed: '],
      // Envoy's own words may stand anywhere, those of its libraries only at the beginning or behind a prefix.
      regexp:
        /(?:\bassert failure: |(?:^|\] |\d: )(?:assertion failed: |C(?:heck|HECK) failed: )|^.{0,200}: Assertion [`'])(?<condition>.{1,120})/,
      sources: WRITERS,
      read: unlessDebug('crash'),
    },
    {
      kind: 'text',
      name: 'panic',
      contains: ['panic: '],
      // Go's own panics are an agent's, not Envoy's.
      regexp:
        /^panic: (?!exit status|runtime error|interface conversion|assignment to entry|send on closed|close of |sync: |http: |flag |.{0,2000}goroutine \d)(?<condition>.{1,120})/,
      sources: ['envoy', 'unknown', 'service-proxy-agent'],
      read: unlessDebug('crash'),
    },
    {
      kind: 'text',
      name: 'bug',
      contains: ['bug failure: '],
      // Envoy reports the bug and lives on in a release build.
      regexp: /(?:^|\W)envoy[ _]bug failure: (?<condition>.{1,120})/i,
      weight: 'weak',
      read: unlessDebug('bug'),
    },
    {
      kind: 'text',
      name: 'terminate',
      contains: [
        'terminate called',
        'terminating',
        'double free',
        '(): invalid',
        '(): corrupted',
        'stack smashing',
        'corrupted ',
        'ATAL ',
        'FatalErrorHandler',
        'pure virtual',
        'Segmentation fault',
        'Aborted',
        'Bus error',
        'Illegal instruction',
        ' Killed',
        'Fatal error in',
      ],
      regexp:
        /^(?:std::terminate called!|terminate called (?:after|without|recursively)|libc\+\+abi: terminating|(?:free|malloc|realloc|munmap_chunk)\(\): (?:invalid|corrupted|double free)|double free or corruption|corrupted (?:size vs|double-linked)|\*{3} stack smashing|(?:Our )?FatalErrorHandler |pure virtual method called|(?:Segmentation fault|Aborted|Bus error|Illegal instruction)(?: \(core dumped\))?$|(?:\S{1,200}: line \d{1,6}: )?\d{1,10} (?:Segmentation fault|Aborted|Bus error|Illegal instruction|Killed).{0,40} \S{0,100}envoy\b|\[libprotobuf FATAL |# Fatal error in )/i,
      sources: WRITERS,
      read: unlessDebug('crash'),
    },
    {
      kind: 'text',
      name: 'exit',
      contains: ['poch ', 'nvoy', 'PID=', 'abnormal exit', 'budget exhausted'],
      regexp:
        /^(?:(?:Error: )?Epoch \d{1,6} (?:exited|terminated) with (?:an )?error: ?(?!<nil>)(?<exit>.{0,200})|(?:the )?envoy(?: proxy| process)?(?: \(?pid[ :=]?\d{1,10}\)?)? (?:has |was |is )?(?:exited|terminated|crashed|died|killed)\b(?!.{0,60}(?:<nil>|normally|gracefully|successfully|(?:status|code)[ :=]{0,2}0\b)).{0,200}|PID=\d{1,10} exited with code=(?!0\b)|Due to abnormal exit, force killing|Permanent error: budget exhausted)/i,
      read: (record, found) => readExit(record, { exit: found.exit ?? record.text.slice(0, 200) }),
    },
    {
      kind: 'text',
      name: 'host',
      contains: ['envoy', 'wrk:worker_'],
      regexp:
        /^(?:\w{1,20}: ){0,2}(?:(?:envoy[\w.-]{0,30}|wrk:worker_\d{1,3})\[\d{1,10}\]:? (?:segfault at|general protection|trap )|Process \d{1,10} \((?:envoy[\w.-]{0,30}|wrk:worker_\d{1,3})\) of user .{0,40}dumped core|[\w@-]{0,40}envoy[\w@-]{0,40}\.service: (?:Main process exited, code=(?:killed, status=(?!15\/)|dumped, |exited, status=(?!0\/))|Failed with result '|Start request repeated too quickly|A process of this unit has been killed by the OOM))/,
      read: (record) => readExit(record, { exit: record.text.slice(0, 200) }),
    },
    {
      kind: 'text',
      name: 'out-of-memory',
      contains: [
        'Kill process',
        'Killed process',
        'oom-kill:',
        'oom_reaper',
        'OOMKilled',
        'OOM-Killed',
        'OOM Killed',
        'out of memory killed',
      ],
      regexp:
        /^Envoy may have been out of memory killed|\bKill(?:ed)? process \d{1,10}(?:, UID \d{1,10},)? \((?:envoy[\w.-]{0,30}|wrk:worker_\d{1,3})\)|^(?:\w{1,20}: )?oom-kill:.{0,2000}?\btask=(?:envoy|wrk:worker_)|^(?:\w{1,20}: )?oom_reaper: reaped process \d{1,10} \((?:envoy|wrk:worker_)|^(?=.{0,500}\b(?:envoy|istio-proxy)\b).{0,500}\bOOM[ -]?Killed/i,
      read: unlessDebug('out of memory'),
    },
    {
      // These do not say which process it was, or that any died.
      kind: 'text',
      name: 'maybe-out-of-memory',
      contains: ['killed as a result of limit of', 'invoked oom-killer'],
      regexp:
        /^Task in \S{1,1000} killed as a result of limit of |^(?:envoy|wrk:worker_\d{1,3}) invoked oom-killer/,
      weight: 'weak',
      read: unlessDebug('out of memory'),
    },
    {
      kind: 'text',
      name: 'agent-ends',
      contains: ['o more active epochs'],
      regexp: /^No more active epochs, terminating/i,
      weight: 'weak',
      read: () => ({ kind: 'exit' satisfies CrashKind }),
    },
  ],
  scope: (found, record) => ({ project: record.proxy.project, kind: found.kind ?? '' }),
  headline: ({ fields, scope }) =>
    `Envoy has died (${or(scope['kind'], 'reason unknown')})${fields.signal === undefined ? '' : `: ${fields.signal}`}`,
  cause: ({ fields }) => {
    if (fields.kind === 'out of memory')
      return 'The kernel killed Envoy because its memory limit was reached.';
    if (fields.kind === 'exit')
      return 'Envoy ended with an error, most often while starting; its own last lines say why.';
    return 'Envoy ran into a fault of its own or of an extension and was ended by it.';
  },
  checks: ['envoy-versions', 'guest-attributes', 'instance-group'],
  remedy: ({ fields, scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'last-lines',
        say: 'See whether Envoy runs again, and read its last lines before the end; the first one of a dump names the fault.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'pgrep -a envoy; sudo tail -n 100 /var/log/envoy/envoy.err.log'}`,
      },
      fields.kind === 'out of memory'
        ? {
            id: 'memory',
            say: 'Raise the memory limit of the proxy, or send it less configuration; then set max_heap_size_bytes of the overload manager below the limit.',
          }
        : {
            id: 'upgrade',
            say: 'Run a supported Envoy (1.24.9 or later): many crashes are mended by an upgrade. Report a crash that stays, with the whole dump.',
          },
      {
        id: 'changes',
        say: 'Look at what changed just before: a new version, filter, plug-in or certificate.',
        run: sh`gcloud logging read ${'logName:"service-proxy-agent" AND jsonPayload.message:"Envoy version"'} --project=${project} --freshness=1d`,
      },
    ];
  },
  explains: [],
  yieldsTo: ['interception-failed', 'port-conflict', 'resource-exhaustion'],
  gone: { quietAfterMs: HOUR_MS, proof: 'Envoy has run for an hour without a new crash' },
  references: [
    'envoy: source/server/backtrace.h',
    'envoy: source/common/common/assert.h',
    'istio: pkg/envoy/agent.go',
  ],
});
