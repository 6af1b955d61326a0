// Does a firewall rule keep the VM from tcp:443, where the control plane is? Only VPC rules are read: hierarchical and
// network firewall policies are not, and the verdict says so by naming the rules.
import { ask, fault, ok, unreadable, type Check } from './check.ts';
import { askInstance, firstVm, hasVm, INSTANCE_PERMISSION, type Instance } from './instance.ts';
import { lastSegment, numberOf, objectsOf, textOf, textsOf, type JsonObject } from './json.ts';
import { isName, listFirewalls } from './requests.ts';
import { inRow, say } from './say.ts';

const PERMISSION = 'compute.firewalls.list';
const PORT = 443;
const DEFAULT_PRIORITY = 1_000;
/** Everything, and the ranges of private.googleapis.com and restricted.googleapis.com. */
const GOOGLE_RANGES =
  /^(?:0\.0\.0\.0\/0|::\/0|199\.36\.15[23]\.\d{1,3}\/\d{1,2}|199\.36\.0\.0\/\d{1,2}|2600:2d00:.{1,40})$/;

interface Rule {
  readonly name: string;
  readonly network: string;
  readonly priority: number;
  readonly denies: boolean;
  readonly ranges: readonly string[];
  readonly targetTags: readonly string[];
  readonly targetAccounts: readonly string[];
  readonly covers443: boolean;
}

function coversPort(protocols: readonly JsonObject[]): boolean {
  return protocols.some((one) => {
    const protocol = textOf(one['IPProtocol']).toLowerCase();
    if (protocol === 'all') return true;
    if (protocol !== 'tcp' && protocol !== '6') return false;
    const ports = textsOf(one['ports']);
    if (ports.length === 0) return true;
    return ports.some((port) => {
      const [from, to] = port.split('-').map(Number);
      return from !== undefined && from <= PORT && PORT <= (to ?? from);
    });
  });
}

function readRule(rule: JsonObject): Rule | undefined {
  const denied = objectsOf(rule['denied']);
  const allowed = objectsOf(rule['allowed']);
  if (denied === undefined || allowed === undefined) return undefined;
  const ranges = textsOf(rule['destinationRanges']);
  return {
    name: textOf(rule['name']),
    network: lastSegment(textOf(rule['network'])),
    priority: numberOf(rule['priority']) ?? DEFAULT_PRIORITY,
    denies: denied.length > 0,
    ranges: ranges.length === 0 ? ['0.0.0.0/0'] : ranges,
    targetTags: textsOf(rule['targetTags']),
    targetAccounts: textsOf(rule['targetServiceAccounts']),
    covers443: coversPort(denied.length > 0 ? denied : allowed),
  };
}

function readRules(body: JsonObject): readonly Rule[] | undefined {
  const items = objectsOf(body['items'])?.filter(
    (rule) => textOf(rule['direction']) === 'EGRESS' && rule['disabled'] !== true,
  );
  const rules = items?.map(readRule);
  return rules?.every((rule) => rule !== undefined) ? rules : undefined;
}

function concerns(rule: Rule, vm: Instance): boolean {
  if (rule.network !== vm.network || !rule.covers443) return false;
  if (!rule.ranges.some((range) => GOOGLE_RANGES.test(range))) return false;
  if (rule.targetTags.length > 0) return rule.targetTags.some((tag) => vm.tags.includes(tag));
  return rule.targetAccounts.length === 0 || rule.targetAccounts.includes(vm.account);
}

/** The lowest number wins; at the same number a denial does. */
function strongest(rules: readonly Rule[]): Rule | undefined {
  return rules.toSorted((a, b) => a.priority - b.priority || Number(b.denies) - Number(a.denies))[0];
}

export const egressFirewall: Check = {
  id: 'egress-firewall',
  asks: 'egress rules of the VM’s network that concern tcp:443',
  permissions: [PERMISSION, INSTANCE_PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const expected = say('firewall-expected', {});
    const vm = firstVm(subject);
    if (vm === undefined) return unreadable(expected, say('no-vm', {}));
    const instance = yield* askInstance(vm);
    if (instance.kind !== 'read') return unreadable(expected, instance.why);
    // A shared VPC keeps its rules in the host project.
    const host = isName(instance.value.networkProject) ? instance.value.networkProject : vm.project;
    const got = yield* ask(listFirewalls(host), PERMISSION, readRules);
    if (got.kind !== 'read') return unreadable(expected, got.why);
    const rule = strongest(got.value.filter((one) => concerns(one, instance.value)));
    if (rule === undefined) return ok(expected, say('firewall-none', { network: instance.value.network }));
    const where = { rule: rule.name, priority: rule.priority };
    return rule.denies
      ? fault(expected, say('firewall-denies', { ...where, ranges: inRow(rule.ranges.slice(0, 3)) }))
      : ok(expected, say('firewall-allows', where));
  },
};
