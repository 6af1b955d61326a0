// Traffic interception could not be set up: iptables, nft, modprobe or the program that drives them failed.
// The guide's case: a VM made in the Cloud Console lacks the IPv6 modules until it is restarted.
import type { LogRecord } from '#shared/model/record.ts';
import { definePattern, HOUR_MS, type Found } from './pattern.ts';
import { or, sh } from './shell.ts';

type Name = 'tool' | 'table' | 'module' | 'reason';

/** Why it failed, the first that fits; a handful of values, so that one cause is one incident. */
const REASONS = [
  ['tool missing', /command not found|executable file not found|(?:ip6?tables|nft)[\w-]{0,20}: not found/i],
  ['not permitted', /permission denied|operation not permitted|must be root|lock file/i],
  ['lock held', /xtables[ .]lock/i],
  [
    'kernel module missing',
    /insmod|modprobe|does not exist|unable to initialize table|kernel needs to be upgraded|couldn't load|TABLE_ADD|(?:find|insert) module|not supported|moddep|ip6?tables who/i,
  ],
] as const satisfies readonly (readonly [string, RegExp])[];

export type InterceptionReason = (typeof REASONS)[number][0] | 'IPv6 module missing' | 'rules refused';

function readReason(record: LogRecord, found: Found<Name>): Found<Name> {
  const missing = REASONS.find(([, regexp]) => regexp.test(record.text))?.[0] ?? 'rules refused';
  const ofIpv6 = /^ip6|^nf_.{0,20}ipv6/.test(found.tool ?? found.module ?? '');
  const reason: InterceptionReason =
    missing === 'kernel module missing' && ofIpv6 ? 'IPv6 module missing' : missing;
  return { ...found, reason };
}

/** Lines that a program says of itself; at a debugging level they only quote others. */
function unlessQuiet(record: LogRecord, found: Found<Name>): Found<Name> | undefined {
  return /^(?:trace|debug|info)$/.test(record.level) ? undefined : readReason(record, found);
}

const MODULE = '(?:ip6?_?tables?|x_tables|br_netfilter|(?:ip6?t|ip6?table|xt|nf|nft|nfnetlink)_)';

export const interceptionFailed = definePattern<Name>()({
  id: 'interception-failed',
  title: 'Traffic interception could not be set up',
  severity: 'critical',
  fields: ['tool', 'table', 'module', 'reason'],
  signs: [
    {
      kind: 'text',
      name: 'table',
      contains: ["can't initialize", 'unable to initialize table', 'TABLE_ADD failed'],
      // Printed by the tool and quoted by whoever ran it: may stand anywhere.
      regexp:
        /\b(?<tool>ip6?tables)(?:-[a-z]{2,8}){0,2}(?: v[\d.]{1,12})?(?: \([a-z_]{1,12}\))?: (?:can't initialize \w{1,12} table|unable to initialize table|TABLE_ADD failed \([^)]{1,60}\): table) ?[`'"]?(?<table>\w{1,20})/,
      read: readReason,
    },
    {
      kind: 'text',
      name: 'rules',
      contains: ['tables', 'line ', 'failed (', 'initialize nft'],
      regexp:
        /(?:\b(?<tool>ip6?tables)(?:-[a-z]{2,8}){0,2}(?: v[\d.]{1,12})?(?: \([a-z_]{1,12}\))?: |^|problem: )(?:line \d{1,6}: )?(?:(?:(?:RULE|CHAIN|TABLE)_[A-Z_]{3,20}|COMMIT) failed \(|COMMIT expected at line|(?:ip6?tables[\w-]{0,20}: )?line \d{1,6} failed|Could not fetch rule set generation id|Couldn't load (?:match|target) [`'](?!ISTIO|SERVICE_PROXY)|unknown option "|Failed to initialize nft|Memory allocation problem|Resource temporarily unavailable|Index of |Bad argument |chain [`'][^']{1,40}' in table [`'][^']{1,20}' is incompatible|Fatal: can't open lock file|can't open lock file|Another app is currently holding the xtables lock(?!;)|[Ii]nvalid argument|host\/network )/,
      read: (record, found) =>
        /tables|\w failed \(|nft/.test(record.text) ? readReason(record, found) : undefined,
    },
    {
      // What cleaning up prints too when there is nothing to clean up yet.
      kind: 'text',
      name: 'nothing-there',
      contains: ['tables'],
      regexp:
        /\bcan(?:'t|not) lock [`'"]?\/run\/xtables\.lock|\b(?<tool>ip6?tables)(?:-[a-z]{2,8}){0,2}(?: v[\d.]{1,12})?(?: \([a-z_]{1,12}\))?: (?:No chain\/target\/match by that name|Bad rule \(does|(?:CHAIN_USER_ADD failed.{0,40}|Chain )already exists|Couldn't load target [`'](?:ISTIO|SERVICE_PROXY)|Another app is currently holding the xtables lock;)|^Another app is currently holding the xtables lock;/,
      weight: 'weak',
      read: readReason,
    },
    {
      kind: 'text',
      name: 'advice',
      contains: ['kernel needs to be upgraded', 'rror occurred at line: ', 'Try `'],
      regexp:
        /^(?:Perhaps (?<tool>ip6?tables) or your kernel needs to be upgraded|Error occurred at line: \d|Try `ip6?tables[\w-]{0,20} -h')/,
      read: readReason,
    },
    {
      kind: 'text',
      name: 'module',
      contains: ['modprobe', 'insmod', 'module ', 'kernel module?'],
      regexp: new RegExp(
        String.raw`(?:^|\W)(?:(?:modprobe|insmod): (?:ERROR: |FATAL: )?(?:could not insert (?:module )?|Module |module )|Failed to (?:find|insert|load) module )['"]?(?:\/\S{0,200}\/)?(?<module>${MODULE}[\w-]{0,30})|(?:^|\W)modprobe: (?:ERROR: |FATAL: )?(?:\S{1,60} )?(?:\w{1,40}\(\) )?(?:could not (?:open moddep file|search module|open lib directory)|can't change directory to)|\bExtension \w{1,30} (?:revision \d{1,3} )?(?:is )?not supported, missing kernel module\?`,
        'i',
      ),
      read: readReason,
    },
    {
      kind: 'text',
      name: 'command',
      contains: [
        ...(['tables', ' nft', 'nft: ', ': not found', ': command not found'] as const),
        ...(['exit status ', 'executable file not found', 'no such file', ': code '] as const),
      ],
      regexp:
        /(?:^|\W)(?:(?:failed to execute|failed to run|command failed|error running|running|exec):? .{0,20}\b(?<tool>ip6?tables|nft)\b.{0,300}(?:exit status [1-9]|executable file not found|no such file|: code [1-9])|(?:ip6?tables|nft)[\w-]{0,20}: (?:command )?not found)/i,
      read: readReason,
    },
    {
      kind: 'text',
      name: 'driver',
      contains: ['xtables ', 'panic: exit status', 'istio-iptables', 'workload is not ready'],
      regexp:
        /\bxtables (?:other|parameter|version|resource) problem\b|^panic: exit status [1-9]|^panic: .{0,200}istio-iptables|^(?:iptables )?validation failed; workload is not ready/i,
      read: readReason,
    },
    {
      kind: 'text',
      name: 'nft',
      contains: ['Could not process rule', 'cache initialization failed'],
      regexp: /Error: (?:Could not process rule|cache initialization failed): (?!File exists)[A-Z]/,
      read: (record, found) => readReason(record, { ...found, tool: 'nft' }),
    },
    {
      kind: 'text',
      name: 'said',
      contains: ['tables', 'netfilter', 'nterception', 'ransparent proxy'],
      regexp:
        /^(?!\+ )(?:.{0,80}\b(?:fail(?:ed|ure)|unable|could not|couldn't|cannot|can't|error)\b.{0,60}\b(?:iptables|ip6tables|nftables|netfilter|traffic interception|transparent proxy)\b|.{0,40}\b(?:iptables|ip6tables|nftables|netfilter|traffic interception)\b.{0,80}\b(?:failed|failure|could not be)\b)/i,
      sources: ['service-proxy-agent', 'agent', 'serial-port', 'guest-attributes', 'unknown'],
      read: unlessQuiet,
    },
  ],
  scope: (found, record) => ({ project: record.proxy.project, reason: found.reason ?? '' }),
  headline: ({ scope }) =>
    `Traffic interception could not be set up: ${or(scope['reason'], 'no reason given')}`,
  cause: ({ fields }) =>
    `${or(fields.tool, 'The packet filter')} refused its rules${fields.table === undefined ? '' : ` for table ${fields.table}`} (${or(fields.reason, 'no reason given')}), so traffic bypasses Envoy on these machines.`,
  checks: ['guest-attributes', 'service-proxy-metadata', 'instance-group'],
  remedy: ({ fields, scope, proxies }) => {
    const instance = or(proxies[0]?.displayName, 'INSTANCE_NAME');
    const zone = or(proxies[0]?.location, 'ZONE');
    const project = or(scope['project'], 'PROJECT_ID');
    return [
      {
        id: 'restart',
        say: 'A VM made in the Cloud Console gets its IPv6 modules with its first restart only: restart it, then repeat the set-up.',
        run: sh`gcloud compute instances reset ${instance} --zone=${zone} --project=${project}`,
      },
      {
        id: 'rules',
        say: 'Look whether the rules are there: SERVICE_PROXY_REDIRECT or ISTIO_REDIRECT with one entry per service.',
        run: sh`gcloud compute ssh ${instance} --zone=${zone} --project=${project} --command=${'sudo iptables -t nat -S; sudo ip6tables -t nat -S; lsmod'}`,
      },
      {
        id: 'module',
        say: `If ${or(fields.module, 'a netfilter module')} is still missing, load it at every start on the VMs or GKE nodes (ip6table_nat, iptable_nat, xt_REDIRECT, xt_owner).`,
      },
      { id: 'gke', say: 'On GKE, the init container also needs the capabilities NET_ADMIN and NET_RAW.' },
    ];
  },
  explains: [],
  yieldsTo: [],
  gone: { quietAfterMs: HOUR_MS, proof: 'the redirect rules are there and bootstrap-status is FINISHED' },
  references: [
    'https://cloud.google.com/service-mesh/docs/troubleshooting',
    'istio: tools/istio-iptables/pkg/dependencies/implementation.go',
  ],
});
