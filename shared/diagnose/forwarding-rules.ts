// Does a forwarding rule of the mesh name the network that the proxies send? The guide's first question when the control
// plane knows no configuration. Reads the rules of the mesh's project; compares networks by name, as Envoy sends names.
import {
  ask,
  fault,
  listNames,
  ok,
  unreadable,
  type Asking,
  type Check,
  type Got,
  type Subject,
} from './check.ts';
import { lastSegment, objectsOf, textOf, type JsonObject } from './json.ts';
import { isName, listForwardingRules } from './requests.ts';
import { say, type Said } from './say.ts';

export const RULES_PERMISSION = 'compute.globalForwardingRules.list';

interface Rule {
  readonly name: string;
  readonly network: string;
}

function readRules(body: JsonObject): readonly Rule[] | undefined {
  return objectsOf(body['items'])
    ?.filter((rule) => textOf(rule['loadBalancingScheme']) === 'INTERNAL_SELF_MANAGED')
    .map((rule) => ({ name: textOf(rule['name']), network: lastSegment(textOf(rule['network'])) }));
}

/** The rules that proxies can be served from. */
export function* askRules(project: string): Asking<Got<readonly Rule[]>> {
  return yield* ask(listForwardingRules(project), RULES_PERMISSION, readRules);
}

/** «the only INTERNAL_SELF_MANAGED rule names default» */
export function rulesInWords(rules: readonly Rule[]): Said {
  if (rules.length === 0) return say('rules-none', {});
  const networks = listNames(rules.map(({ network }) => network));
  return rules.length === 1
    ? say('rules-one', { networks })
    : say('rules-many', { count: rules.length, networks });
}

const asksForMesh = ({ fields }: Subject): boolean => fields['kind'] === 'mesh' || fields['kind'] === 'scope';

export const forwardingRules: Check = {
  id: 'forwarding-rules',
  asks: 'global forwarding rules with scheme INTERNAL_SELF_MANAGED, and their networks',
  permissions: [RULES_PERMISSION],
  // A mesh or a gateway scope is served by a resource of that name; no forwarding rule would help.
  applies: (subject) => isName(subject.meshProject) && !asksForMesh(subject),
  run: function* (subject) {
    const network = subject.fields['kind'] === 'network' ? (subject.fields['name'] ?? '') : '';
    const expected = network === '' ? say('rule-expected-any', {}) : say('rule-expected', { network });
    const got = yield* askRules(subject.meshProject);
    if (got.kind !== 'read') return unreadable(expected, got.why);
    const rules = got.value;
    if (network === '') {
      if (rules.length === 0) return fault(expected, rulesInWords(rules));
      return ok(expected, rulesInWords(rules));
    }
    const naming = rules.filter((rule) => rule.network === network);
    if (naming.length > 0)
      return ok(expected, say('rule-names', { rules: listNames(naming.map(({ name }) => name)), network }));
    if (got.partial.length > 0) return unreadable(expected, say('rule-incomplete', { network }));
    return fault(expected, say('rule-missing', { network, rules: rulesInWords(rules) }));
  },
};
