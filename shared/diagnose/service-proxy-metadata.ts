// What the VM's metadata key `gce-service-proxy` tells the agent, held against what the incident says.
// A manual deployment has no such key: that is said, not called a fault.
import { fault, ok, unreadable, type Asking, type Check, type Reading, type Subject } from './check.ts';
import { askRules, rulesInWords, RULES_PERMISSION } from './forwarding-rules.ts';
import { askInstance, firstVm, hasVm, INSTANCE_PERMISSION, type ServiceProxy } from './instance.ts';
import { isName } from './requests.ts';

const EXPECTED = 'metadata gce-service-proxy that fits the mesh';

function* readNetwork(subject: Subject, spec: ServiceProxy, vmNetwork: string): Asking<Reading> {
  const asked = subject.fields['projectNumber'] ?? '';
  if (asked !== '' && spec.projectNumber !== '' && /^\d+$/.test(asked) && spec.projectNumber !== asked)
    return fault(
      `project number ${asked}, which the proxies send`,
      `the metadata says project number ${spec.projectNumber}: it was changed after the VM was made`,
    );
  if (spec.mesh !== '') return ok(EXPECTED, `the metadata names mesh ${spec.mesh}`);
  const network = spec.network === '' ? vmNetwork : spec.network;
  const expected = 'a network that a forwarding rule names';
  const rules = yield* askRules(subject.meshProject);
  if (rules.kind !== 'read')
    return unreadable(expected, `the metadata names ${network}; the rules: ${rules.why}`);
  if (rules.value.some((rule) => rule.network === network))
    return ok(expected, `the metadata names ${network}, and so does a rule`);
  return fault(expected, `the metadata names ${network}; ${rulesInWords(rules.value)}`);
}

function readFile(subject: Subject, spec: ServiceProxy): Reading {
  const path = subject.fields['path'] ?? '';
  const expected = 'an access log that the user Envoy runs as may write';
  if (path === '' || spec.accessLog === '')
    return ok(EXPECTED, 'the metadata sets no access log: the path comes from another configuration');
  if (spec.accessLog === path) return fault(expected, `the metadata sends the access log to ${path}`);
  return ok(expected, `the metadata sends the access log to ${spec.accessLog}, no longer to ${path}`);
}

function describe(spec: ServiceProxy): string {
  const parts = [
    spec.network === '' ? '' : `network ${spec.network}`,
    spec.mesh === '' ? '' : `mesh ${spec.mesh}`,
    spec.servingPorts.length === 0 ? '' : `serving ports ${spec.servingPorts.slice(0, 8).join(', ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'it sets nothing but defaults' : parts.join(', ');
}

export const serviceProxyMetadata: Check = {
  id: 'service-proxy-metadata',
  asks: 'metadata `gce-service-proxy` of an affected VM: network, mesh, project number, access log',
  permissions: [INSTANCE_PERMISSION, RULES_PERMISSION],
  applies: hasVm,
  run: function* (subject) {
    const vm = firstVm(subject);
    if (vm === undefined) return unreadable(EXPECTED, 'no VM is known');
    const got = yield* askInstance(vm);
    if (got.kind !== 'read') return unreadable(EXPECTED, got.why);
    const { serviceProxy: spec, network } = got.value;
    if (spec === undefined)
      return unreadable(
        EXPECTED,
        `${got.value.name} has no such metadata: its Envoy was deployed by hand, read its bootstrap file`,
      );
    if (spec === 'unreadable') return fault(EXPECTED, `the metadata of ${got.value.name} is no JSON`);
    if (subject.pattern === 'config-not-found' && isName(subject.meshProject))
      return yield* readNetwork(subject, spec, network);
    if (subject.pattern === 'listener-rejected') return readFile(subject, spec);
    return ok(EXPECTED, describe(spec));
  },
};
